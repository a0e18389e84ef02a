"""A reminder by hand to everybody of a list of names: looked at first, then sent once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col

from models.access import Actor, can, check
from models.base import Refused, Versioned, put, record
from models.byhand import Sent, by_hand
from models.headway import Wanted, led, open_todos
from models.vantage import Vantage, vantage


class Chase(Versioned, table=True):
    """Who is meant: those in a `state` of a stage in a place (models.vantage). `words` are the author's own, sealed.

    Once it is sent, `reached`, `later` and `spared` say how many people it was for, now and in their hours, and how
    many were reminded that day already.
    """

    noun: ClassVar[str] = "chase"
    cycle_id: int = Field(foreign_key="cycle.id")
    author_id: int = Field(foreign_key="person.id")
    place: str
    stage: str
    state: str
    words: bytes | None = None
    made_at: datetime
    sent_at: datetime | None = None
    reached: int = 0
    later: int = 0
    spared: int = 0

    def word(self, db: Session, actor: Actor, at: int, words: bytes | None) -> None:
        """Sets the author's own words, sealed."""
        check(db, actor, "chase.send", self)
        self._expect_open()
        self.advance(db, at, words=words)

    def send(self, db: Session, actor: Actor, at: int, now: datetime, remark_id: int | None) -> Sent:
        """Reminds everybody who is still meant, with the words kept as a remark; refuses if that is nobody, or if
        it was sent."""
        check(db, actor, "chase.send", self)
        self._expect_open()
        targets = targets_of(db, self, actor, now)
        if not targets.todos:
            raise Refused("Nobody is left here whom you can remind.")
        sent = by_hand(db, targets.todos, actor.id, now, remark_id)
        self.advance(db, at, sent_at=now, reached=sent.now, later=sent.later, spared=sent.none)
        record(db, "chase.sent", self, cycle=self.cycle_id, stage=self.stage, state=self.state, people=targets.people)
        return sent

    def _expect_open(self) -> None:
        if self.sent_at is not None:
            raise Refused("This is sent already.")


@dataclass(frozen=True, slots=True)
class Targets:
    """The todos to be reminded of, of how many people, and how many more people only others may remind."""

    todos: Sequence[int]
    people: int
    outside: int


def begin(db: Session, actor: Actor, seen: Vantage, wanted: Wanted) -> Chase:
    """A reminder to be looked at."""
    chase = Chase(
        cycle_id=wanted.cycle_id,
        author_id=actor.id,
        place=seen.word,
        stage=wanted.stage,
        state=wanted.state,
        made_at=wanted.now,
    )
    put(db, chase)
    return chase


def targets_of(db: Session, chase: Chase, actor: Actor, now: datetime) -> Targets:
    """Whom it would reach now. HR reminds everybody, others those of their own place; nobody reminds themselves."""
    seen = vantage(db, actor, chase.place)
    wanted = Wanted(chase.cycle_id, chase.stage, seen.place, chase.state, now, actor.id)
    desks = {todo: desk for todo, desk in open_todos(db, wanted).items() if desk != actor.id}
    everybody = frozenset(desks.values())
    known = everybody if can(db, actor, "company.chase") else led(db, seen.place, everybody)
    return Targets([todo for todo, desk in desks.items() if desk in known], len(known), len(everybody - known))


def forget(db: Session, before: datetime) -> None:
    """What was looked at and never sent."""
    unsent = sa.and_(col(Chase.sent_at).is_(None), col(Chase.made_at) < before)
    db.connection().execute(sa.delete(Chase).where(unsent))
