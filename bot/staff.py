"""What a platform's own directory says of accounts: name, language and zone follow it, and who left hands their work
over (threat T37).

It takes rights away at once, and gives none: who reports to whom, and who works where, goes by the import, which two
people see.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlmodel import Session, select

from bot.capability import Answer
from bot.db import Database, insert_once, patiently
from bot.drawing import LINE, Easel
from bot.events import Changed
from bot.ops import frames
from bot.outbox import Drawn, Outbox
from bot.strangers import zone_of
from bot.text import N_, negotiate
from models import audit, delivery
from models.audit import Audit
from models.base import changes, record
from models.delivery import Inbox, mark_copies
from models.departure import leave
from models.identity import Identity, Known, accounts, addresses, known
from models.person import HR, Person, with_role
from models.todo import concerned

LEFT = N_(
    "{name} ({number}) has left: the account was closed in the chat's own directory. What waited for them waits for "
    "who is in charge now. If that is wrong, an import brings them back."
)
CHOSEN = "person.language_chosen"
log = structlog.get_logger()


class Staff:
    """Takes changes of accounts; never raises."""

    def __init__(self, db: Database, easel: Easel, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._db, self._easel, self._outbox, self._clock = db, easel, outbox, clock

    async def __call__(self, event: Changed) -> Answer:
        """Keeps what it says, once; `unkept` if that could not be stored."""
        try:
            if not (event.left or event.name) and not await self._db.read(lambda db: self._news(db, event)):
                return Answer()
            taken = await patiently(lambda: self._db.run(lambda db: self._noted(db, event)))
        except Exception as fault:
            log.error("change of an account not kept", platform=event.who.platform, fault=frames(fault))
            return Answer(unkept=True)
        self._outbox.send(taken)
        return Answer()

    def _noted(self, db: Session, event: Changed) -> Sequence[Drawn]:
        now, who = self._clock(), event.who
        if not insert_once(db, Inbox, platform=who.platform, tenant=who.tenant, key=event.key, at=now):
            return ()
        found = known(db, who.platform, who.tenant, who.user)
        if found is None or found.person.left_at is not None:
            return ()
        person = db.get_one(Person, found.person.id)
        if event.left:
            self._closed(db, found, person, now)
        elif event.name and event.before == person.name and event.name != person.name:
            person.name = event.name  # it stood as the directory had it, so it goes on to
            db.add(person)
            record(db, "person.changed", person, fields=["name"])
        self._followed(db, db.get_one(Identity, found.account.id), person, event)
        return self._kept(db, who.platform, now)

    def _news(self, db: Session, event: Changed) -> bool:
        """Whether language or zone are said of somebody we know, and are others than were said last."""
        found = known(db, event.who.platform, event.who.tenant, event.who.user)
        if found is None:
            return False
        zone = zone_of(event.zone)
        return bool(zone and zone != found.account.zone) or bool(event.locale and event.locale != found.account.locale)

    def _followed(self, db: Session, account: Identity, person: Person, event: Changed) -> None:
        """What a person did not choose here goes on to be as the platform says: the zone if it is the one that was said
        before, and the language too unless they chose it."""
        zone, fields = zone_of(event.zone), list[str]()
        if zone and zone != account.zone:
            if person.zone in ("", account.zone):
                person.zone, fields = zone, [*fields, "zone"]
            account.zone = zone
        if event.locale and event.locale != account.locale:
            before, now = (negotiate(one) if one else "" for one in (account.locale, event.locale))
            if person.locale in ("", before) and person.locale != now and not _chose(db, person):
                person.locale, fields = now, [*fields, "locale"]
            account.locale = event.locale
        if fields:
            record(db, "person.changed", person, fields=fields)

    def _closed(self, db: Session, found: Known, person: Person, now: datetime) -> None:
        """Somebody left, if they last used the account that was closed. Who has gone on to another platform stays."""
        if accounts(db, [person.id]).get(person.id) != found.account.id:
            log.info("account closed that is not in use any more", platform=found.account.platform)
            return
        leave(db, person, now)
        hr = [one for one in with_role(db, HR) if one.id != person.id]
        places = addresses(db, [one.id for one in hr])
        rows = [self._told(one, person, *places.get(one.id, (None, ""))) for one in hr]
        delivery.enqueue(db, rows, now)

    def _told(self, reader: Person, left: Person, identity_id: int | None, platform: str) -> dict[str, object]:
        """The line for somebody in HR, in their language."""
        t = self._easel.texts_for(reader)
        said = t(LEFT, name=left.called(t.locale), number=left.number)
        where = {"person_id": reader.id, "identity_id": identity_id, "platform": platform}
        return {**where, "view": LINE, "subject_noun": "", "subject_id": 0, "facts": {"text": said}}

    def _kept(self, db: Session, platform: str, now: datetime) -> Sequence[Drawn]:
        """Audit entries and redraws of what was changed; what can be sent because of it."""
        db.flush()
        made = changes(db)
        audit.append(db, made, None, platform, now)
        mark_copies(db, made, concerned(db))
        return self._outbox.take(db)


def _chose(db: Session, person: Person) -> bool:
    """Whether somebody ever chose their language here, by `perf lang`."""
    about = (Audit.subject_noun == person.noun, Audit.subject_id == person.id, Audit.action == CHOSEN)
    return db.exec(select(Audit.id).where(*about).limit(1)).first() is not None
