"""How often a platform may be called: budgets in the database, shared by every replica and spent before a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, Session, col

from models.base import Row, execute
from models.delivery import PAGED, QUEUED, SENT
from models.direct import dialect_name

SEND, REDRAW, PAGE = "send", "redraw", "page"
# The method that messages in a state need next.
METHODS: Mapping[str, str] = {SEND: QUEUED, REDRAW: SENT, PAGE: PAGED}
METHOD_OF: Mapping[str, str] = {state: method for method, state in METHODS.items()}
SECOND = 1_000_000
BEGAN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `calls` in any `seconds`, of which `burst` at once; spread evenly that is (calls - burst) / seconds."""

    calls: int
    seconds: float
    burst: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.burst < self.calls or self.seconds <= 0:
            raise ValueError("a window allows at least one call at once, and more than that in its time")

    @property
    def step(self) -> int:
        """Microseconds between two calls that are spread evenly."""
        return -int(-self.seconds * SECOND // (self.calls - self.burst))

    @property
    def room(self) -> int:
        """By how many microseconds calls may be ahead of that."""
        return self.step * (self.burst - 1)


class Budget(Row, table=True):
    """What is left of one window of one method of a platform; `span` is its milliseconds.

    `taken` is the instant, in microseconds since 1970, at which everything that was spent would have been spread evenly
    (the theoretical arrival time of the generic cell rate algorithm): a call may be made from `taken - room` on, and
    moves it by `step`. The row with span 0 limits nothing: it says until when the whole method is `paused`, and when
    that was `asked`.
    """

    __table_args__ = (sa.UniqueConstraint("platform", "method", "span"),)
    noun: ClassVar[str] = "budget"
    platform: str
    method: str
    span: int = Field(default=0, sa_type=sa.BigInteger)
    step: int = Field(default=0, sa_type=sa.BigInteger)
    room: int = Field(default=0, sa_type=sa.BigInteger)
    taken: int = Field(default=0, sa_type=sa.BigInteger)
    paused: int = Field(default=0, sa_type=sa.BigInteger)
    asked: int = Field(default=0, sa_type=sa.BigInteger)


@dataclass(slots=True)
class Meter:
    """The windows of one method as they stand: (span, step, room, taken) each."""

    windows: list[tuple[int, int, int, int]] = field(default_factory=list)

    def next(self, now: int, *, bulk: bool) -> int:
        """From when on one more call fits in every window. A broadcast leaves half of what may go at once to others."""
        return max([now, *(taken - (room // 2 if bulk else room) for _span, _step, room, taken in self.windows)])

    def spend(self, at: int) -> None:
        """One call at an instant that `next` gave."""
        self.windows = [(span, step, room, max(taken, at) + step) for span, step, room, taken in self.windows]


def instant(now: datetime) -> int:
    """Microseconds since 1970."""
    return (now - BEGAN) // timedelta(microseconds=1)


def declare(db: Session, platform: str, windows: Mapping[str, Sequence[Window]]) -> None:
    """What a platform takes from now on; what was spent stays spent."""
    rows: dict[tuple[str, int], tuple[int, int]] = {(method, 0): (0, 0) for method in METHODS}
    for method, limits in windows.items():
        rows |= {(method, round(one.seconds * 1000)): (one.step, one.room) for one in limits}
    for row in execute(db, _ALL, platform=platform):
        if (row.method, row.span) not in rows:
            db.connection().execute(sa.delete(Budget).where(col(Budget.id) == row.id))
    for (method, span), (step, room) in sorted(rows.items()):
        _declare(db, platform, method, span, step, room)


def _declare(db: Session, platform: str, method: str, span: int = 0, step: int = 0, room: int = 0) -> None:
    values = {"platform": platform, "method": method, "span": span, "step": step, "room": room}
    execute(db, _declared(dialect_name(db)), taken=0, paused=0, asked=0, **values)


def meters(db: Session, platform: str, *, lock: bool = False) -> dict[str, Meter]:
    """The windows of every method that has any. Locked, they stand still until the transaction ends."""
    found: dict[str, Meter] = {}
    for row in execute(db, _LOCKED if lock else _ALL, platform=platform):
        if row.span:
            found.setdefault(row.method, Meter()).windows.append((row.span, row.step, row.room, row.taken))
    return found


def keep(db: Session, platform: str, spent: Mapping[str, Meter]) -> None:
    """Stores what was spent of locked meters."""
    for method, meter in spent.items():
        for span, _step, _room, taken in meter.windows:
            execute(db, _KEEP, taken=taken, known=platform, by=method, long=span)


def spend(db: Session, platform: str, wanted: Mapping[str, int], limited: Mapping[str, int], now: int) -> set[str]:
    """Spends a few calls at once, in one statement; the methods for which all of them fit in every window now.

    `limited` says how many windows each method has. What fits only in some of its windows is given back.
    """
    counts = {method: wanted.get(method, 0) for method in METHODS}
    if not any(counts[method] and limited.get(method) for method in METHODS):
        return set(wanted)
    rows = execute(db, _SPEND, known=platform, now=now, **counts).all()
    spent: dict[str, int] = {method: sum(row.method == method for row in rows) for method in METHODS}
    fits = {method for method in wanted if spent[method] == limited.get(method, 0)}
    for row in rows:
        if row.method not in fits:
            execute(db, _REFUND, number=row.id, back=row.step * counts[row.method])
    return fits


def pause(db: Session, platform: str, methods: Sequence[str], now: int, until: int) -> None:
    """The platform asked to wait: every replica does, with all calls of these methods."""
    asked = {"known": platform, "methods": list(methods), "until": until}
    if len(execute(db, _PAUSE, asked=now, **asked).all()) < len(methods):
        for method in METHODS:
            _declare(db, platform, method)
        execute(db, _PAUSE, asked=now, **asked)


def redate(db: Session, now: int, most: int = 10 * SECOND) -> None:
    """After the clock was set back: what lies further ahead than it can is brought back to where it belongs."""
    ahead = sa.and_(col(Budget.span) > 0, col(Budget.taken) > now + col(Budget.room) + col(Budget.step) + most)
    db.connection().execute(sa.update(Budget).where(ahead).values(taken=now))
    asked = col(Budget.asked) > now + most
    again = {"paused": col(Budget.paused) - col(Budget.asked) + now, "asked": now}
    db.connection().execute(sa.update(Budget).where(asked).values(**again))


_ALL = sa.select(*Budget.__table__.columns).where(  # type: ignore[attr-defined]
    col(Budget.platform) == sa.bindparam("platform")
)
_LOCKED = _ALL.order_by(col(Budget.id)).with_for_update()
_KEEP = sa.update(Budget).where(
    col(Budget.platform) == sa.bindparam("known"),
    col(Budget.method) == sa.bindparam("by"),
    col(Budget.span) == sa.bindparam("long"),
)
_NOW = sa.bindparam("now", type_=sa.BigInteger)
_BASE = sa.case((col(Budget.taken) > _NOW, col(Budget.taken)), else_=_NOW)
_COUNT = sa.case(
    *((col(Budget.method) == method, sa.bindparam(method, type_=sa.BigInteger)) for method in METHODS), else_=0
)
_SPEND = (
    sa.update(Budget)
    .where(
        col(Budget.platform) == sa.bindparam("known"),
        col(Budget.span) > 0,
        _COUNT > 0,
        _BASE + (_COUNT - 1) * col(Budget.step) - col(Budget.room) <= _NOW,
    )
    .values(taken=_BASE + _COUNT * col(Budget.step))
    .returning(col(Budget.id), col(Budget.method), col(Budget.step))
)
_REFUND = (
    sa.update(Budget)
    .where(col(Budget.id) == sa.bindparam("number"))
    .values(taken=col(Budget.taken) - sa.bindparam("back", type_=sa.BigInteger))
)
_UNTIL = sa.bindparam("until", type_=sa.BigInteger)
_PAUSE = (
    sa.update(Budget)
    .where(
        col(Budget.platform) == sa.bindparam("known"),
        col(Budget.method).in_(sa.bindparam("methods", expanding=True)),
        col(Budget.span) == 0,
    )
    .values(paused=sa.case((col(Budget.paused) > _UNTIL, col(Budget.paused)), else_=_UNTIL))
    .returning(col(Budget.id))
)


@lru_cache(maxsize=2)
def _declared(dialect: str) -> sa.Executable:
    insert = sqlite_insert if dialect == "sqlite" else postgres_insert
    made = insert(Budget)
    return made.on_conflict_do_update(
        index_elements=["platform", "method", "span"], set_={"step": made.excluded.step, "room": made.excluded.room}
    )
