"""Results: computed from the scores, calibrated, published to their owner alone, acknowledged."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, col, select

from models.access import NOT_FOUND, Actor, check
from models.base import Refused, Row, Stale, Versioned, batches, exact, record
from models.cycle import Cycle, deadline
from models.rules.totals import ADJUST, Level, adjusted, rating
from models.terms import Terms
from models.todo import owe_all, settle

# So long somebody has to read a result that came out after its date.
READING = timedelta(days=7)
COMPUTED, CALIBRATED, PUBLISHED = "computed", "calibrated", "published"
ACKNOWLEDGED, DISPUTED, FINAL = "acknowledged", "disputed", "final"
UNPUBLISHED = (COMPUTED, CALIBRATED)
# Where the final figure comes from; the card says so.
FROM_SCORES, FROM_MANAGER, FROM_CALIBRATION, FROM_DISPUTE = "computed", "adjusted", "calibrated", "disputed"


class Result(Versioned, table=True):
    """One person's outcome of a cycle. `total` and `rating` are what counts, `computed` what the scores gave.

    `revision` grows when a dispute changes it; the lines of each are kept. Notes are sealed by bot.vault.
    `department_id` is where the person worked when it was computed. `author_id` is who scored: nobody rules on what
    they did themselves.
    """

    __table_args__ = (sa.Index("ix_result_cycle", "cycle_id", "state"),)
    noun: ClassVar[str] = "result"
    cycle_id: int = Field(foreign_key="cycle.id")
    plan_id: int = Field(foreign_key="plan.id", unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    state: str = COMPUTED
    revision: int = 1
    computed: Decimal | None = exact(2, default=None, nullable=True)
    adjustment: Decimal = exact(2, default=Decimal(0))
    calibrated: Decimal | None = exact(2, default=None, nullable=True)
    total: Decimal | None = exact(2, default=None, nullable=True)
    rating: str = ""
    vetoed: bool = False
    origin: str = FROM_SCORES
    author_id: int | None = Field(default=None, foreign_key="person.id")
    department_id: int | None = Field(default=None, foreign_key="department.id")
    adjusted_by_id: int | None = Field(default=None, foreign_key="person.id")
    calibrated_by_id: int | None = Field(default=None, foreign_key="person.id")
    adjustment_note: bytes | None = None
    calibration_note: bytes | None = None
    published_at: datetime | None = None
    acknowledged_at: datetime | None = None

    @property
    def published(self) -> bool:
        """Whether its owner may see it."""
        return self.published_at is not None

    @property
    def withheld(self) -> bool:
        """Whether its owner may not know of it yet (models.access asks)."""
        return self.published_at is None

    def settled_total(self, levels: Sequence[Level]) -> tuple[Decimal | None, str]:
        """What counts, and where it comes from: calibration over the manager's adjustment over the computed total.

        A tripped veto holds what the manager adds; calibration may lift it, with its reason in sight.
        """
        if self.calibrated is not None:
            return self.calibrated, FROM_CALIBRATION
        if self.computed is None or not self.adjustment:
            return self.computed, FROM_SCORES
        return adjusted(self.computed, self.adjustment, levels, vetoed=self.vetoed), FROM_MANAGER

    def adjust(self, db: Session, actor: Actor, at: int, by: Decimal, note: bytes, terms: Terms) -> None:
        """The manager moves the total by up to ±5 points, with a comment."""
        check(db, actor, "result.adjust", self)
        self._expect_open()
        if self.calibrated is not None:
            raise Refused("This total was set in calibration. Ask those who calibrate to change it.")
        if abs(by) > ADJUST:
            raise Refused("At most {most} points up or down; more is for calibration.", field="by", most=ADJUST)
        self.recount(db, at, terms, adjustment=by, adjusted_by_id=actor.id, adjustment_note=note)
        record(db, "result.adjusted", self, by=by)

    def calibrate(self, db: Session, actor: Actor, at: int, to: Decimal, note: bytes, terms: Terms) -> None:
        """HR sets the total in calibration, with a reason its owner will read."""
        check(db, actor, "result.calibrate", self)
        self._expect_open()
        changes = {"calibrated": to, "calibrated_by_id": actor.id, "calibration_note": note, "state": CALIBRATED}
        self.recount(db, at, terms, **changes)
        record(db, "result.calibrated", self, total=to)

    def acknowledge(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Its owner has seen it; they may still dispute it."""
        check(db, actor, "result.acknowledge", self)
        if self.state != PUBLISHED:
            raise Refused("This is done already. Nothing is left to do.")
        settle(db, self, actor.id, now)
        self.advance(db, at, state=ACKNOWLEDGED, acknowledged_at=now)
        record(db, "result.acknowledged", self)

    def _expect_open(self) -> None:
        if self.state not in UNPUBLISHED or self.computed is None:
            raise Refused("This result cannot be changed any more in this way.")

    def recount(self, db: Session, at: int, terms: Terms, **changes: object) -> None:
        """Writes the changes and what follows from them: total, origin, rating."""
        for name, value in changes.items():
            set_committed_value(self, name, value)
        settled, origin = self.settled_total(terms.levels)
        level = "" if settled is None else rating(settled, terms.levels)
        self.advance(db, at, **changes, total=settled, origin=origin, rating=level)


class Line(Row, table=True):
    """One item of one revision of a result, with every number its points come from: a frozen copy.

    `outcome` is what became of the measured value; the raters' points are None where they gave none.
    """

    __tablename__ = "result_line"
    __table_args__ = (sa.Index("ix_result_line", "result_id", "revision", "position"),)
    noun: ClassVar[str] = "line"
    result_id: int = Field(foreign_key="result.id")
    revision: int
    position: int
    lineage: int
    item_id: int = Field(foreign_key="plan_item.id")
    name: str
    part: str
    rule: str
    outcome: str
    excluded: bool = False
    weight: Decimal | None = exact(2, default=None, nullable=True)
    counted: Decimal | None = exact(2, default=None, nullable=True)
    points: Decimal | None = exact(2, default=None, nullable=True)
    contribution: Decimal | None = exact(2, default=None, nullable=True)
    value: Decimal | None = exact(default=None, nullable=True)
    measurement_id: int | None = Field(default=None, foreign_key="measurement.id")
    manager: Decimal | None = exact(2, default=None, nullable=True)
    own: Decimal | None = exact(2, default=None, nullable=True)
    peer: Decimal | None = exact(2, default=None, nullable=True)

    def person_of(self, db: Session) -> int | None:
        """Whose result it is."""
        return db.get_one(Result, self.result_id).person_id


def _acknowledged_by(db: Session, cycle_id: int, now: datetime) -> datetime | None:
    """As long as disputes are taken, else until results are due; a week where that is over already."""
    known = deadline(db, cycle_id, "disputing") or deadline(db, cycle_id, "published")
    return known if known is None or known > now else now + READING


def release(db: Session, results: Sequence[Result], now: datetime) -> None:
    """The owners of these results of one cycle may see them from now on, and owe an acknowledgement. Flags are the
    caller's question. Raises Stale if one of them changed meanwhile."""
    if any(one.total is None for one in results):
        raise Refused("Something is not scored yet.")
    for some in batches(results):
        _release(db, some, now)
    if results:
        due = _acknowledged_by(db, results[0].cycle_id, now)
        owe_all(db, "result.acknowledge", [(one, one.person_id) for one in results], now, due)
    for one in results:
        record(db, "result.published", one, revision=one.revision)


def _release(db: Session, results: Sequence[Result], now: datetime) -> None:
    """One statement for a batch of them, guarded like `advance`."""
    changes = {"state": PUBLISHED, "published_at": now}
    mine = sa.update(Result).where(col(Result.id).in_([one.id for one in results]), col(Result.published_at).is_(None))
    written = mine.values(**changes, version=col(Result.version) + 1).returning(col(Result.id), col(Result.version))
    db.flush()
    versions = {row[0]: row[1] for row in db.connection().execute(written)}
    for one in results:
        if versions.get(one.id) != one.version + 1:
            raise Stale(one.noun, one.id)
        for name, value in (*changes.items(), ("version", one.version + 1)):
            set_committed_value(one, name, value)


def lines_of(db: Session, result: Result) -> Sequence[Line]:
    """The lines of the newest revision, in the plan's order."""
    wanted = select(Line).where(Line.result_id == result.id, Line.revision == result.revision)
    return db.exec(wanted.order_by(col(Line.position))).all()


def result_of(db: Session, cycle_id: int, person_id: int) -> Result | None:
    """One person's result of a cycle, published or not."""
    return db.exec(select(Result).where(Result.cycle_id == cycle_id, Result.person_id == person_id)).first()


def newest_published(db: Session, person_id: int) -> Result | None:
    """The newest result its owner may see."""
    return db.exec(
        select(Result)
        .join(Cycle, col(Cycle.id) == col(Result.cycle_id))
        .where(Result.person_id == person_id, col(Result.published_at).is_not(None))
        .order_by(col(Cycle.ends_on).desc(), col(Result.id).desc())
        .limit(1)
    ).first()


def previous_totals(db: Session, cycle: Cycle, person_ids: Sequence[int]) -> dict[int, Result]:
    """Each person's published result of the newest earlier cycle of the same kind, by person."""
    earlier = select(Result).join(Cycle, col(Cycle.id) == col(Result.cycle_id))
    earlier = earlier.where(
        col(Result.published_at).is_not(None), Cycle.kind == cycle.kind, Cycle.ends_on < cycle.ends_on
    ).order_by(col(Cycle.ends_on), col(Result.id))
    found: dict[int, Result] = {}
    for some in batches(person_ids):
        found.update({one.person_id: one for one in db.exec(earlier.where(col(Result.person_id).in_(some)))})
    return found


def readable(db: Session, actor: Actor, result: Result) -> None:
    """Refuses who may not read a result: its owner before publication, too, whatever else they are."""
    if actor.id == result.person_id:
        check(db, actor, "result.see", result)
        if not result.published:
            raise Refused(NOT_FOUND)
        return
    check(db, actor, "result.read", result)
