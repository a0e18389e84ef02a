"""Bulletins: what HR writes once for many readers, and how it goes out, version by version."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.announcement import CONFIRM, VIEW, Announcement
from models.audience import Audience
from models.base import Change, Refused, Versioned, execute, json_field, put, record
from models.cycle import Cycle
from models.delivery import mark_copies
from models.drafting import missing
from models.fanout import begin
from models.wording import Wording, with_words

DRAFT, SCHEDULED, SENT, ENDED, DISCARDED = "draft", "scheduled", "sent", "ended", "discarded"
STATES = (DRAFT, SCHEDULED, SENT, ENDED, DISCARDED)
OPEN = (DRAFT, SCHEDULED, SENT)
RESTS = timedelta(seconds=5)


class Bulletin(Versioned, table=True):
    """What is being written, for whom, and what went out of it: `live_id` is the newest announcement, `edition` its
    number (0: none yet).

    `texts`, `rulebook_ids`, `confirm` and `due_at` are as HR has them now; readers see what an announcement froze.
    `touched_at` is when the figures on its cards were last said to be outdated.
    """

    noun: ClassVar[str] = "bulletin"
    state: str = Field(default=DRAFT, index=True)
    texts: dict[str, dict[str, str]] = json_field(default_factory=dict)
    audience: dict[str, Any] = json_field(default_factory=dict)
    rulebook_ids: list[int] = json_field(default_factory=list)
    confirm: bool = True
    due_at: datetime | None = None
    send_at: datetime | None = None
    cycle_id: int | None = Field(default=None, foreign_key="cycle.id", index=True)
    owner_id: int = Field(foreign_key="person.id")
    live_id: int | None = None
    edition: int = 0
    created_at: datetime
    changed_at: datetime
    touched_at: datetime | None = None

    def readers(self) -> Audience:
        """For whom it is."""
        return Audience.read(self.audience)

    def expect_open(self) -> None:
        """Refuses what ended or was discarded."""
        if self.state not in OPEN:
            raise Refused("This announcement is over. Write a new one: perf announce.")

    def expect_unsent(self) -> None:
        """Refuses what readers have, or had."""
        if self.state not in (DRAFT, SCHEDULED):
            raise Refused("This was sent already, or is over.")

    def write(self, db: Session, at: int, now: datetime, locale: str, words: Wording | None) -> None:
        """The words in one language, or none: then its readers get the nearest language there is."""
        self.expect_open()
        texts = with_words(self.texts, locale, words)
        if not texts:
            raise Refused("One language needs a text.", field="heading")
        self.advance(db, at, texts=texts, changed_at=now)
        record(db, "bulletin.written", self, language=locale)

    def address(self, db: Session, at: int, now: datetime, audience: Audience) -> None:
        """For whom it is, until it goes."""
        self.expect_unsent()
        if audience.count(db) == 0:
            raise Refused("Nobody fits. Choose at least one person, department or role.", field="everybody")
        self.advance(db, at, audience=audience.kept(), changed_at=now)
        record(db, "bulletin.addressed", self)

    def ask(
        self,
        db: Session,
        at: int,
        now: datetime,
        *,
        confirm: bool,
        due_at: datetime | None,
        rulebooks: Sequence[int],
    ) -> None:
        """Whether readers confirm, by when, and which rule documents it leads to."""
        self.expect_open()
        if confirm and due_at is not None and due_at <= (self.send_at or now):
            raise Refused("People need time to read it: choose a later day.", field="due")
        due = due_at if confirm else None
        self.advance(db, at, confirm=confirm, due_at=due, rulebook_ids=list(rulebooks), changed_at=now)
        record(db, "bulletin.asked", self, confirm=confirm)

    def schedule(self, db: Session, at: int, now: datetime, send_at: datetime) -> None:
        """Goes at that instant unless it is called back."""
        self.expect_unsent()
        if send_at <= now:
            raise Refused("This time is over. Choose a later one.", field="day")
        self._expect_sendable(db, send_at)
        self.advance(db, at, state=SCHEDULED, send_at=send_at, changed_at=now)
        record(db, "bulletin.scheduled", self, at=send_at)

    def call_back(self, db: Session, at: int, now: datetime) -> None:
        """Back to a draft, before it goes."""
        if self.state != SCHEDULED:
            raise Refused("This is not scheduled any more.")
        self.advance(db, at, state=DRAFT, send_at=None, changed_at=now)
        record(db, "bulletin.called_back", self)

    def discard(self, db: Session, at: int, now: datetime) -> None:
        """Given up before it was ever sent."""
        self.expect_unsent()
        self.advance(db, at, state=DISCARDED, send_at=None, changed_at=now)
        record(db, "bulletin.discarded", self)

    def send(self, db: Session, by_id: int, at: int, now: datetime) -> Announcement:
        """The next edition goes to everybody it is for; one that went before gives way, and everybody is asked anew."""
        self.expect_open()
        if self.state == SENT and not self.differs(db):
            raise Refused("Nothing has changed since it was sent. Change the text first.")
        self._expect_sendable(db, now)
        before = db.get_one(Announcement, self.live_id) if self.live_id else None
        made = self._edition(db, by_id, now)
        self.advance(db, at, state=SENT, send_at=None, live_id=made.id, edition=made.edition, changed_at=now)
        if before is not None:
            before.replace(db, now)
        self._announce_cycle(db, now)
        kind = CONFIRM if made.confirm else ""
        begin(db, VIEW, made, self.readers(), now, kind=kind, due_at=made.due_at)
        record(db, "bulletin.sent", self, edition=made.edition)
        return made

    def correct(self, db: Session, at: int, now: datetime) -> Announcement:
        """The changed text stands on the cards that were sent, and nobody is asked again."""
        live = self.live(db)
        if not self.differs(db):
            raise Refused("Nothing has changed since it was sent. Change the text first.")
        self.advance(db, at, changed_at=now, confirm=live.confirm, due_at=live.due_at)
        live.texts, live.rulebook_ids, live.corrected_at = dict(self.texts), list(self.rulebook_ids), now
        db.add(live)
        record(db, "announcement.corrected", live, edition=live.edition)
        return live

    def drop_change(self, db: Session, at: int, now: datetime) -> None:
        """Back to what was sent."""
        live = self.live(db)
        same = {"texts": live.texts, "rulebook_ids": live.rulebook_ids, "confirm": live.confirm, "due_at": live.due_at}
        self.advance(db, at, changed_at=now, **same)
        record(db, "bulletin.change_dropped", self)

    def end(self, db: Session, at: int, now: datetime) -> None:
        """Nobody is asked any more."""
        live = self.live(db)
        self.advance(db, at, state=ENDED, changed_at=now)
        live.end(db, now)
        record(db, "bulletin.ended", self)

    def live(self, db: Session) -> Announcement:
        """What readers have now; refused if nothing was sent, or nobody is asked any more."""
        if self.state != SENT or self.live_id is None:
            raise Refused("This announcement is not with its readers now.")
        return db.get_one(Announcement, self.live_id)

    def differs(self, db: Session) -> bool:
        """Whether HR has changed something since it was sent."""
        if self.live_id is None:
            return False
        live = db.get_one(Announcement, self.live_id)
        now = (self.texts, self.rulebook_ids, self.confirm, self.due_at)
        return now != (live.texts, live.rulebook_ids, live.confirm, live.due_at)

    def _edition(self, db: Session, by_id: int, now: datetime) -> Announcement:
        made = Announcement(
            bulletin_id=self.id,
            edition=self.edition + 1,
            texts=dict(self.texts),
            rulebook_ids=list(self.rulebook_ids),
            confirm=self.confirm,
            due_at=self.due_at,
            cycle_id=self.cycle_id,
            by_id=by_id,
            sent_at=now,
            before_id=self.live_id,
        )
        put(db, made)
        return made

    def _announce_cycle(self, db: Session, now: datetime) -> None:
        """The kick-off of a cycle that nobody knew of yet."""
        cycle = db.get_one(Cycle, self.cycle_id) if self.cycle_id else None
        if cycle is not None and cycle.state == "draft":
            cycle.announce(db, now)

    def _expect_sendable(self, db: Session, at: datetime) -> None:
        cycle = db.get_one(Cycle, self.cycle_id) if self.cycle_id else None
        if cycle is not None and cycle.state == "cancelled":
            raise Refused("The cycle that this announces was discarded.")
        if cycle is not None and cycle.state == "draft" and missing(db, cycle, at, at.date()):
            raise Refused("The cycle is not complete yet. Its card says what is missing: perf cycle.")
        if self.due_at is not None and self.due_at <= at:
            raise Refused("It would go after the day by which people confirm. Choose a later day for confirming.")
        if self.readers().count(db) == 0:
            raise Refused("Nobody would get this. Choose first who gets it.")


def begin_bulletin(db: Session, owner_id: int, now: datetime, texts: Mapping[str, Wording], **values: Any) -> Bulletin:
    """Stores a new draft for everybody, with the words per language; `values` are further columns."""
    kept = {locale: words.kept() for locale, words in texts.items()}
    known = {"audience": Audience(everybody=True).kept(), **values}
    made = Bulletin(owner_id=owner_id, created_at=now, changed_at=now, texts=kept, **known)
    put(db, made)
    record(db, "bulletin.begun", made)
    return made


def kickoff_of(db: Session, cycle_id: int) -> Bulletin | None:
    """The announcement of a cycle, unless it was discarded."""
    wanted = select(Bulletin).where(Bulletin.cycle_id == cycle_id, Bulletin.state != DISCARDED)
    return db.exec(wanted.order_by(col(Bulletin.id).desc()).limit(1)).first()


def bulletins(db: Session, most: int) -> Sequence[Bulletin]:
    """The newest that were not discarded: drafts and scheduled ones first."""
    first = sa.case((col(Bulletin.state).in_((DRAFT, SCHEDULED)), 0), else_=1)
    wanted = select(Bulletin).where(Bulletin.state != DISCARDED)
    return db.exec(wanted.order_by(first, col(Bulletin.changed_at).desc(), col(Bulletin.id).desc()).limit(most)).all()


def asking(db: Session, most: int) -> Sequence[Bulletin]:
    """Those whose readers are asked to confirm now, the newest first."""
    wanted = select(Bulletin).join(Announcement, col(Announcement.id) == col(Bulletin.live_id))
    asked = wanted.where(Bulletin.state == SENT, col(Announcement.confirm).is_(True))
    return db.exec(asked.order_by(col(Announcement.sent_at).desc()).limit(most)).all()


def due(db: Session, now: datetime) -> Sequence[Bulletin]:
    """The scheduled ones whose time has come."""
    wanted = select(Bulletin).where(Bulletin.state == SCHEDULED, col(Bulletin.send_at) <= now)
    return db.exec(wanted.order_by(col(Bulletin.send_at), col(Bulletin.id))).all()


def touch(db: Session, bulletin_id: int, now: datetime) -> bool:
    """Says that the figures on its cards are outdated, at most every few seconds however many confirm at once."""
    values = {"bulletin": bulletin_id, "touched_at": now, "before": now - RESTS}
    if execute(db, _TOUCH, **values).first() is None:
        return False
    mark_copies(db, [Change("bulletin.touched", Bulletin.noun, bulletin_id, {})])
    return True


def touch_young(db: Session, now: datetime, age: timedelta) -> None:
    """The same for all that were sent lately: what is delivered meanwhile tells nobody."""
    wanted = select(Bulletin.id).join(Announcement, col(Announcement.id) == col(Bulletin.live_id))
    young = wanted.where(Bulletin.state == SENT, col(Announcement.sent_at) > now - age)
    mark_copies(db, [Change("bulletin.touched", Bulletin.noun, one, {}) for one in db.exec(young)])


_TOUCH = (
    sa.update(Bulletin)
    .where(
        col(Bulletin.id) == sa.bindparam("bulletin"),
        sa.or_(col(Bulletin.touched_at).is_(None), col(Bulletin.touched_at) < sa.bindparam("before")),
    )
    .returning(col(Bulletin.id))
)
