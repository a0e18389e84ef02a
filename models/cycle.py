"""Cycles: one appraisal round with its stages, and who owes a plan in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models import page
from models.base import Refused, Row, Versioned, execute, json_field, record

KINDS = ("year", "quarter", "month", "probation")
STATES = [
    "draft",
    "announced",
    "setting",
    "tracking",
    "self_scoring",
    "scoring",
    "reckoning",
    "review",
    "published",
    "disputing",
    "closed",
    "cancelled",
]
STEPS = ("manager", "second", "head", "executive")
SETTERS = ("manager", "employee")
# Scoring is over and the results of very many are being made (models.closing).
RECKONING = "reckoning"
REVIEWED = (RECKONING, "review", "published", "disputing", "closed")
RUNNING = ("setting", "tracking", "self_scoring", "scoring", RECKONING, "review", "published", "disputing")
FAR = timedelta(days=5 * 366)


class Cycle(Versioned, table=True):
    """`chain` names who approves plans, in order (1 to 3 of STEPS); `setter` who writes the first draft.

    `terms` is what HR set about scoring; models.terms reads it. `audience` is who takes part, as models.audience keeps
    it; an empty one means everybody.
    """

    noun: ClassVar[str] = "cycle"
    kind: str
    name: str
    starts_on: date
    ends_on: date
    state: str = "draft"
    chain: list[str] = json_field()
    languages: list[str] = json_field()
    setter: str = "manager"
    owner_id: int = Field(foreign_key="person.id")
    terms: dict[str, Any] = json_field(default_factory=dict, sa_column_kwargs={"server_default": "{}"})
    audience: dict[str, Any] = json_field(default_factory=dict, sa_column_kwargs={"server_default": "{}"})
    published_at: datetime | None = None

    @property
    def days(self) -> int:
        """The length of the period."""
        return (self.ends_on - self.starts_on).days + 1

    def publish(self, db: Session, at: int, now: datetime) -> None:
        """Opens goal setting and makes a plan for everybody who works here now."""
        if self.state != "draft":
            raise Refused("This cycle is already open.")
        self.advance(db, at, state="setting", published_at=now)
        record(db, "cycle.published", self, name=self.name)
        page.outdate(db)

    def announce(self, db: Session, now: datetime) -> None:
        """Everybody may know of it, and its dates hold; plans are made when their setting opens."""
        if self.state != "draft":
            raise Refused("This cycle is already open.")
        self.advance(db, state="announced", published_at=now)
        record(db, "cycle.announced", self, name=self.name)

    def cancel(self, db: Session, at: int) -> None:
        """Gives up a draft."""
        if self.state != "draft":
            raise Refused("Only a cycle that is not open yet can be discarded.")
        self.advance(db, at, state="cancelled")
        record(db, "cycle.cancelled", self, name=self.name)


class Stage(Row, table=True):
    """A stage of a cycle: it closes at the end of a day in the company's zone, kept as an instant."""

    __table_args__ = (sa.UniqueConstraint("cycle_id", "name"),)
    noun: ClassVar[str] = "stage"
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    name: str
    opens_at: datetime | None = None
    closes_at: datetime


def open_cycle(db: Session, cycle: Cycle, closes: Mapping[str, datetime]) -> Cycle:
    """Stores a new draft with the closing instants of its stages, in order; each must be after the one before."""
    previous: datetime | None = None
    for name, closes_at in closes.items():
        if previous is not None and closes_at <= previous:
            raise Refused("Each stage must end after the one before it.", field=name)
        previous = closes_at
    if cycle.ends_on < cycle.starts_on:
        raise Refused("The period must end after it starts.", field="ends_on")
    db.add(cycle)
    db.flush()
    opens: datetime | None = None
    for name, closes_at in closes.items():
        db.add(Stage(cycle_id=cycle.id, name=name, opens_at=opens, closes_at=closes_at))
        opens = closes_at
    record(db, "cycle.opened", cycle, name=cycle.name)
    return cycle


def expect_near(day: date, today: date, field: str) -> None:
    """Refuses a day that can only be a slip of the year."""
    if abs(day - today) > FAR:
        raise Refused("This day is more than five years away.", field=field)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """When a stage that closes on a day closes: its last second in the company's zone, in UTC."""
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def stages_of(db: Session, cycle_id: int) -> Sequence[Stage]:
    """The stages in the order in which they close."""
    return db.exec(select(Stage).where(Stage.cycle_id == cycle_id).order_by(col(Stage.closes_at))).all()


def deadline(db: Session, cycle_id: int, stage: str) -> datetime | None:
    """When a stage closes."""
    closes_at: datetime | None = execute(db, _DEADLINE, cycle=cycle_id, stage=stage).scalar()
    return closes_at


def reviewed(db: Session, cycle_id: int) -> bool:
    """Whether results are made from plans and values as they stand: neither is changed any more."""
    return execute(db, _STATE, cycle=cycle_id).scalar() in REVIEWED


@dataclass(frozen=True, slots=True)
class Course:
    """How plans of a cycle are decided: by whom, who runs the cycle, and by when plans are agreed."""

    chain: list[str]
    owner_id: int
    agreed_by: datetime | None


def course_of(db: Session, cycle_id: int) -> Course:
    """The course of a cycle that exists."""
    return Course(*execute(db, _COURSE, cycle=cycle_id).one())


def current(db: Session, today: date) -> Cycle | None:
    """The cycle that a command means when it names none, of those under way."""
    return db.exec(_CURRENT, params={"today": today}).first()


def under_way(db: Session, today: date) -> list[tuple[str, str]]:
    """Name and stage of every running cycle, the nearest first."""
    return [(row.name, row.state) for row in execute(db, _UNDER_WAY, today=today)]


def announced(db: Session, most: int) -> Sequence[Cycle]:
    """The newest cycles that were published: what a question or a request can be about."""
    known = select(Cycle).where(col(Cycle.published_at).is_not(None))
    return db.exec(known.order_by(col(Cycle.starts_on).desc(), col(Cycle.id).desc()).limit(most)).all()


_DEADLINE = sa.select(col(Stage.closes_at)).where(
    col(Stage.cycle_id) == sa.bindparam("cycle"), col(Stage.name) == sa.bindparam("stage")
)
_STATE = sa.select(col(Cycle.state)).where(col(Cycle.id) == sa.bindparam("cycle"))
_COURSE = (
    sa.select(col(Cycle.chain), col(Cycle.owner_id), col(Stage.closes_at))
    .outerjoin(Stage, sa.and_(col(Stage.cycle_id) == col(Cycle.id), col(Stage.name) == "setting"))
    .where(col(Cycle.id) == sa.bindparam("cycle"))
)
_TODAY = sa.bindparam("today", type_=sa.Date)
# The newest cycle whose period includes `today`, else the newest before it, else the next to begin.
NEAREST = (
    sa.case(
        (sa.and_(col(Cycle.starts_on) <= _TODAY, col(Cycle.ends_on) >= _TODAY), 0),
        (col(Cycle.starts_on) <= _TODAY, 1),
        else_=2,
    ),
    sa.case((col(Cycle.starts_on) > _TODAY, col(Cycle.starts_on))),
    col(Cycle.starts_on).desc(),
    col(Cycle.id).desc(),
)
_CURRENT = select(Cycle).where(col(Cycle.state).in_(RUNNING)).order_by(*NEAREST).limit(1)
_UNDER_WAY = sa.select(col(Cycle.name), col(Cycle.state)).where(col(Cycle.state).in_(RUNNING)).order_by(*NEAREST)
