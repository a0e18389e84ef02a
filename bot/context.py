"""What a handler is given, and what it can ask for; nothing is sent before dispatch has committed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.events import FromPerson
from bot.forms import Form, Sheet
from bot.router import Router
from bot.text import Texts
from bot.vault import Vault
from models.access import NOT_FOUND, Actor, can, check, reaches
from models.base import Refused, Row
from models.identity import Identity
from models.loaded import one
from models.person import Person, active, find
from models.rights import GENERAL, MATRIX

R = TypeVar("R", bound=Row)
DIGITS = 9


@dataclass(frozen=True, slots=True)
class Told:
    """A message to be sent: a view of a subject for one person; `here` is an answer to the event itself."""

    person_id: int
    view: str
    noun: str
    subject: int
    facts: Mapping[str, Any]
    here: bool
    after: datetime | None = None
    until: datetime | None = None

    @property
    def shown(self) -> tuple[str, int, Mapping[str, Any]]:
        """What is drawn: view, subject and facts."""
        return self.view, self.subject, self.facts


@dataclass(slots=True)
class Context:
    """One event being handled, or one message being drawn for its reader.

    `actor` is who acts (or reads), `t` speaks their language, `now` is the instant of the event,
    `zone` the company's.
    """

    db: Session
    actor: Actor
    t: Texts
    now: datetime
    vault: Vault
    router: Router
    zone: ZoneInfo
    event: FromPerson | None = None
    subject: Row | None = None
    told: list[Told] = field(default_factory=list)
    sheet: Sheet | None = None
    said: str = ""

    @property
    def today(self) -> date:
        """The company's date."""
        return self.now.astimezone(self.zone).date()

    def get(self, model: type[R], subject: int) -> R:
        """The row; refuses with the words for what is missing or forbidden."""
        row = one(self.db, model, subject)
        if row is None:
            raise Refused(NOT_FOUND)
        return row

    def chosen(self, model: type[R], value: str) -> R:
        """The row whose number somebody chose from a list; refuses what no list of ours says, like what is missing."""
        return self.get(model, int(value) if number(value) else 0)

    def mine(self, model: type[R]) -> R:
        """The subject of this event, already loaded and checked by dispatch."""
        if not isinstance(self.subject, model):
            raise Refused(NOT_FOUND)
        return self.subject

    def seal(self, row: Row, column: str, said: str) -> bytes:
        """Free text about people as it is stored: sealed for this column of this row."""
        return self.vault.seal((str(row.__tablename__), column, row.id), said)

    def unseal(self, row: Row, column: str) -> str:
        """The text that `seal` sealed; "" if there is none."""
        envelope: bytes | None = getattr(row, column)
        return self.vault.open((str(row.__tablename__), column, row.id), envelope) if envelope else ""

    def usable(self) -> list[str]:
        """The commands that are of use to this person; those whose right depends on a subject ask again."""
        return [name for name, entry in self.router.commands.items() if reaches(self.db, self.actor, entry.right)]

    def may_try(self, right: str) -> bool:
        """Whether a right is the person's, or may be for some subject."""
        return not MATRIX.get(right, frozenset()) <= GENERAL or self.can(right)

    def can(self, action: str, subject: Row | None = None) -> bool:
        """Whether the actor may do this."""
        return can(self.db, self.actor, action, subject)

    def check(self, action: str, subject: Row | None = None) -> None:
        """Refuses unless the actor may do this."""
        check(self.db, self.actor, action, subject)

    def reply(self, view: str, subject: Row | None = None, **facts: Any) -> None:
        """Answers the event with a view, in private."""
        self._tell(self.actor.id, view, subject, facts, here=True)

    def tell(
        self,
        person_id: int,
        view: str,
        subject: Row | None = None,
        *,
        after: datetime | None = None,
        until: datetime | None = None,
        **facts: Any,
    ) -> None:
        """Sends a view to somebody, not before `after` and not any more after `until`; `facts` are JSON values, drawn
        in the reader's language when it is sent. What is for hundreds of people is a `models.fanout`."""
        self._tell(person_id, view, subject, facts, here=False, after=after, until=until)

    def ask(
        self,
        form: type[Form],
        subject: Row | None = None,
        *,
        values: Mapping[str, object] | None = None,
        options: Mapping[str, Iterable[tuple[str, str]]] | None = None,
        labels: Mapping[str, str] | None = None,
        only: Iterable[str] | None = None,
        needed: Iterable[str] = (),
        title: str = "",
        version: int | None = None,
    ) -> None:
        """Opens a form about a subject, at the version the subject has now (or `version`, of what it belongs to)."""
        sheet = form.sheet(
            self.t,
            subject=subject.id if subject else 0,
            version=getattr(subject, "version", 0) if version is None else version,
            values=values,
            options=options,
            labels=labels,
            only=only,
            needed=needed,
        )
        self.sheet = replace(sheet, title=title) if title else sheet

    def toast(self, said: str) -> None:
        """One line that confirms what happened."""
        self.said = said

    def person(self, typed: str) -> Person:
        """Who is meant by "@ana", a name, a number or a platform mention; refuses with who it could be."""
        word = typed.strip()
        found = self._mentioned(word) or find(self.db, word)
        if len(found) == 1:
            return found[0]
        if not found:
            raise Refused("I don't know anybody called “{name}”. Try the employee number or e-mail address.", name=word)
        names = [f"{person.called(self.t.locale)} ({person.number})" for person in found]
        raise Refused("Several people fit “{name}”: {names}. Please add the number.", name=word, names=names)

    def _mentioned(self, word: str) -> list[Person]:
        """Whose account on this platform the word names, if it is a platform's own mention."""
        if self.event is None or not word.startswith("@"):
            return []
        who = self.event.who
        mentions = getattr(self.event, "mentions", {})
        account = mentions.get(word, word.removeprefix("@"))
        statement = (
            select(Person)
            .join(Identity, col(Identity.person_id) == col(Person.id))
            .where(Identity.platform == who.platform, Identity.tenant == who.tenant, Identity.user == account, active())
        )
        return list(self.db.exec(statement))

    def _tell(
        self,
        person_id: int,
        view: str,
        subject: Row | None,
        facts: Mapping[str, Any],
        *,
        here: bool,
        after: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        noun, number = (subject.noun, subject.id) if subject else ("", 0)
        self.told.append(Told(person_id, view, noun, number, facts, here, after, until))


def whole(value: str) -> int | None:
    """The number of a list of ours; None for anything else."""
    return int(value) if number(value) else None


def number(value: str) -> bool:
    """Whether it is a number as our own lists carry it: plain digits that every database takes (threats T29, T53)."""
    return value.isascii() and value.isdecimal() and len(value) <= DIGITS
