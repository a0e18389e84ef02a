"""Reminders that HR sends by hand: merged like all others, in the hours of who gets them, one a day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from models.absence import away
from models.base import Row, batches, put
from models.deployment import company_zone
from models.nudge import DAILY, Nudge, Remark, deliver
from models.person import Person, active
from models.ripening import STILL_OPEN
from models.rules.workdays import CLOSES, calendar
from models.todo import Todo, handed, reader


@dataclass(frozen=True, slots=True)
class Sent:
    """How many people are reminded now, `later` when they work again, and how many are not, because they had their
    reminder of that day already or nobody is there for them."""

    now: int = 0
    later: int = 0
    none: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One person, the todos they are to be reminded of, and when."""

    person_id: int
    day: date
    at: datetime
    until: datetime


def remarked(db: Session, words: str, now: datetime, seal: Callable[[Row, str, str], bytes]) -> int | None:
    """The sender's own words kept for `by_hand`, as `seal(row, column, words)` seals them; None if there are none."""
    if not words:
        return None
    remark = Remark(made_at=now)
    put(db, remark)
    remark.words = seal(remark, "words", words)
    put(db, remark)
    return remark.id


def by_hand(db: Session, todo_ids: Sequence[int], by_id: int, now: datetime, remark_id: int | None = None) -> Sent:
    """Reminds whoever owes these todos, or stands in for them, of what is still open; with the sender's own words if
    there is a remark."""
    sent, fresh, owed = _seen(db, todo_ids, now)
    _made(db, fresh, {one.person_id: owed[one.person_id] for one in fresh}, by_id, now, remark_id)
    return sent


def foresee(db: Session, todo_ids: Sequence[int], now: datetime) -> Sent:
    """What `by_hand` would do at this moment, without doing it."""
    return _seen(db, todo_ids, now)[0]


def _seen(db: Session, todo_ids: Sequence[int], now: datetime) -> tuple[Sent, list[_Wanted], dict[int, list[int]]]:
    """How many people are reminded when, who they are, and of what by person."""
    db.flush()
    home = company_zone(db)
    owed: dict[int, list[int]] = {}
    places: dict[int, tuple[str, str]] = {}
    for todo, person, zone, country in _readers(db, todo_ids):
        owed.setdefault(person, []).append(todo)
        places[person] = (zone or home, country)
    wanted = [_when(person, *places[person], now) for person in sorted(owed)]
    fresh = _new(db, wanted)
    at_once = len([one for one in fresh if one.at <= now])
    nobody = _nobody(db, todo_ids, {todo for todos in owed.values() for todo in todos})
    return Sent(at_once, len(fresh) - at_once, len(wanted) - len(fresh) + nobody), fresh, owed


def _readers(db: Session, todo_ids: Sequence[int]) -> Iterable[tuple[int, int, str, str]]:
    """Todo, who is to be reminded of it, and where they are."""
    found: list[tuple[int, int, str, str]] = []
    person = (col(Person.id), col(Person.zone), col(Person.country))
    for some in batches(sorted(set(todo_ids))):
        here = sa.and_(col(Todo.id).in_(some), active(), ~away(col(Person.id)))
        own = sa.select(col(Todo.id), *person).join(Person, col(Person.id) == col(Todo.assignee_id))
        other = handed(col(Todo.id), *person, is_open=STILL_OPEN).join(Person, col(Person.id) == reader())
        for statement in (own.where(col(Todo.done_at).is_(None), here), other.where(here)):
            found += [(todo, who, zone, country) for todo, who, zone, country in db.connection().execute(statement)]
    return found


def _when(person: int, zone: str, country: str, now: datetime) -> _Wanted:
    here = calendar(zone, country)
    at = here.moment(now)
    day = here.local(at).date()
    return _Wanted(person, day, at, here.at(day, CLOSES))


def _new(db: Session, wanted: Sequence[_Wanted]) -> list[_Wanted]:
    """Those who have no reminder of that day yet."""
    had: set[tuple[int, date]] = set()
    for some in batches(wanted):
        mine = sa.select(col(Nudge.person_id), col(Nudge.day)).where(
            col(Nudge.person_id).in_([one.person_id for one in some]), col(Nudge.kind) == DAILY
        )
        days = sorted({one.day for one in some})
        had |= {(person, day) for person, day in db.connection().execute(mine.where(col(Nudge.day).in_(days)))}
    return [one for one in wanted if (one.person_id, one.day) not in had]


def _made(
    db: Session,
    fresh: Sequence[_Wanted],
    owed: Mapping[int, Sequence[int]],
    by_id: int,
    now: datetime,
    remark_id: int | None,
) -> None:
    """The reminders of one moment at a time: each moment is sent in one go."""
    moments: dict[datetime, list[_Wanted]] = {}
    for one in fresh:
        moments.setdefault(one.at, []).append(one)
    for at, some in sorted(moments.items()):
        rows = [
            {
                "person_id": one.person_id,
                "day": one.day,
                "made_at": at,
                "until": one.until,
                "by_id": by_id,
                "remark_id": remark_id,
            }
            for one in some
        ]
        db.connection().execute(sa.insert(Nudge), rows)
        todos = [todo for one in some for todo in owed[one.person_id]]
        for part in batches(todos):
            told = sa.update(Todo).where(col(Todo.id).in_(part)).values(nudged_at=at, nudges=col(Todo.nudges) + 1)
            db.connection().execute(told)
        deliver(db, at)


def _nobody(db: Session, todo_ids: Sequence[int], reached: set[int]) -> int:
    """Whose todos are open, and nobody can be reminded of them now: how many people."""
    rest = sorted(set(todo_ids) - reached)
    people: set[int] = set()
    for some in batches(rest):
        mine = sa.select(col(Todo.assignee_id)).where(col(Todo.id).in_(some), col(Todo.done_at).is_(None))
        people |= set(db.connection().execute(mine).scalars())
    return len(people)
