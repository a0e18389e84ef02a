"""Disputes: an objection to a result, answered by the manager and ruled on by HR within 24 hours."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.access import Actor, check
from models.base import Refused, Versioned, exact, json_field, put, record
from models.chain import reviewer
from models.cycle import Cycle
from models.person import Person, superior
from models.result import ACKNOWLEDGED, DISPUTED, FROM_DISPUTE, PUBLISHED, Line, Result, lines_of
from models.rules.totals import Part, rating, total
from models.terms import Terms
from models.todo import owe, settle

ANSWER_WITHIN, RULE_WITHIN = timedelta(hours=12), timedelta(hours=24)
MANAGER, HR = "manager", "hr"
UPHELD, ADJUSTED, WITHDRAWN = "upheld", "adjusted", "withdrawn"
RUNNING = (MANAGER, HR)
# Shares of the time after which whoever is awaited is reminded; from JOINS on the next level up sees the case.
MARKS = (Decimal("0.5"), Decimal("0.8"), Decimal("0.95"))
JOINS = Decimal("0.8")


class Dispute(Versioned, table=True):
    """One objection: to one item (`lineage`) or the whole result (0). The snapshot is what it was about, for good.

    `reason`, `answer` and `ruling` are sealed by bot.vault; `evidence` is a link or a reference the person gave, sealed
    too. `author_id` is who scored: they answer, and never rule. `joined_id` is who was drawn in when time ran out.
    """

    __table_args__ = (sa.Index("ix_dispute_open", "state", "due_at"),)
    noun: ClassVar[str] = "dispute"
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    result_id: int = Field(foreign_key="result.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    lineage: int = 0
    state: str = MANAGER
    author_id: int | None = Field(default=None, foreign_key="person.id")
    waits_for_id: int | None = Field(default=None, foreign_key="person.id")
    joined_id: int | None = Field(default=None, foreign_key="person.id")
    reason: bytes | None = None
    evidence: bytes | None = None
    answer: bytes | None = None
    ruling: bytes | None = None
    snapshot: dict[str, Any] = json_field(default_factory=dict)
    recheck: dict[str, Any] = json_field(default_factory=dict)
    filed_at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    answered_by_id: int | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = None
    ruled_by_id: int | None = Field(default=None, foreign_key="person.id")
    marks: int = 0
    total_after: Decimal | None = exact(2, default=None, nullable=True)

    @property
    def running(self) -> bool:
        """Whether an answer is still owed."""
        return self.state in RUNNING

    def elapsed(self, now: datetime) -> Decimal:
        """The share of the 24 hours that has passed; more than 1 when the promise is broken."""
        return Decimal((now - self.filed_at) / (self.due_at - self.filed_at)).quantize(Decimal("0.0001"))

    def take_answer(self, db: Session, actor: Actor, at: int, now: datetime, answer: bytes) -> None:
        """The manager says how they see it; HR rules next."""
        check(db, actor, "dispute.answer", self)
        if self.state != MANAGER:
            raise Refused("The answer was given already.")
        self._to_hr(db, at, now, actor.id, answer=answer, answered_at=now, answered_by_id=actor.id)
        record(db, "dispute.answered", self)

    def pass_on(self, db: Session, now: datetime) -> None:
        """The manager's time is over without an answer: HR rules without it."""
        if self.state == MANAGER:
            self._to_hr(db, self.version, now, 0)
            record(db, "dispute.passed_on", self)

    def uphold(self, db: Session, actor: Actor, at: int, now: datetime, ruling: bytes) -> None:
        """HR finds the result right; it stays as it is."""
        self._expect_hr(db, actor)
        self._end(db, actor, "dispute.rule", at, now, UPHELD, ruling=ruling, ruled_by_id=actor.id)

    def adjust(
        self, db: Session, actor: Actor, at: int, now: datetime, ruling: bytes, points: Decimal, terms: Terms
    ) -> Result:
        """HR finds it wrong: the item (or the total) gets the points, and the result a new revision."""
        self._expect_hr(db, actor)
        result = db.get_one(Result, self.result_id)
        total = _revise(db, result, self.lineage, points, terms)
        self._end(db, actor, "dispute.rule", at, now, ADJUSTED, ruling=ruling, ruled_by_id=actor.id, total_after=total)
        return result

    def withdraw(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Its owner takes it back."""
        self._end(db, actor, "dispute.withdraw", at, now, WITHDRAWN)

    def join(self, db: Session, now: datetime) -> int | None:
        """Draws the next level up in, once: the manager of who is awaited, never the owner or who scored."""
        if self.joined_id is not None or self.waits_for_id is None:
            return None
        awaited = db.get_one(Person, self.waits_for_id)
        other = superior(db, awaited, frozenset({self.person_id, self.waits_for_id}))
        if other is None:
            return None
        self.advance(db, joined_id=other.id)
        record(db, "dispute.escalated", self)
        return other.id

    def _expect_hr(self, db: Session, actor: Actor) -> None:
        check(db, actor, "dispute.rule", self)
        if self.state == MANAGER:
            raise Refused("The manager has not answered yet. HR rules once they did, or when their time is over.")

    def _to_hr(self, db: Session, at: int, now: datetime, by_id: int, **changes: object) -> None:
        cycle = db.get_one(Cycle, self.cycle_id)
        without = frozenset({self.person_id, self.author_id or self.person_id})
        hr = reviewer(db, cycle.owner_id, without)
        settle(db, self, by_id, now)
        self.advance(db, at, state=HR, waits_for_id=hr, **changes)
        owe(db, "dispute.rule", self, hr, now, self.due_at)

    def _end(
        self, db: Session, actor: Actor, right: str, at: int, now: datetime, state: str, **changes: object
    ) -> None:
        check(db, actor, right, self)
        if not self.running:
            raise Refused("This case is closed already.")
        settle(db, self, actor.id, now)
        self.advance(db, at, state=state, ended_at=now, waits_for_id=None, **changes)
        result = db.get_one(Result, self.result_id)
        if not [one for one in disputes_of(db, result.id) if one.running]:
            result.advance(db, state=ACKNOWLEDGED, acknowledged_at=result.acknowledged_at or now)
        record(db, f"dispute.{state}", self)


def file(db: Session, result: Result, actor: Actor, at: int, now: datetime, lineage: int) -> Dispute:
    """Opens a case: the snapshot is taken, the manager has 12 hours to answer and HR 24 to rule (docs/rules.md).

    Who scored is asked first; where nobody did, or they left, HR is. The caller seals the texts into the row.
    """
    check(db, actor, "result.dispute", result)
    if result.state not in (PUBLISHED, ACKNOWLEDGED, DISPUTED):
        raise Refused("There is nothing to object to: this result is not published, or the cycle is closed.")
    if any(one.running and one.lineage in (lineage, 0) for one in disputes_of(db, result.id)):
        raise Refused("A case about this is open already.")
    result.advance(db, at, state=DISPUTED)
    settle(db, result, actor.id, now, "result.acknowledge")
    due = now + RULE_WITHIN
    case = Dispute(
        cycle_id=result.cycle_id,
        result_id=result.id,
        person_id=result.person_id,
        lineage=lineage,
        author_id=result.author_id,
        snapshot=_snapshot(lines_of(db, result), result),
        filed_at=now,
        due_at=due,
    )
    put(db, case)
    _hand_to_first(db, case, now)
    record(db, "dispute.filed", case, lineage=lineage)
    return case


def disputes_of(db: Session, result_id: int) -> Sequence[Dispute]:
    """The cases about a result, oldest first."""
    return db.exec(select(Dispute).where(Dispute.result_id == result_id).order_by(col(Dispute.id))).all()


def running(db: Session) -> Sequence[Dispute]:
    """Every case that waits for an answer, the most urgent first."""
    wanted = select(Dispute).where(col(Dispute.state).in_(RUNNING))
    return db.exec(wanted.order_by(col(Dispute.due_at), col(Dispute.id))).all()


def cases_for(db: Session, cycle_id: int) -> Sequence[Dispute]:
    """Every case of a cycle, running ones first."""
    rank = sa.case((col(Dispute.state).in_(RUNNING), 0), else_=1)
    return db.exec(select(Dispute).where(Dispute.cycle_id == cycle_id).order_by(rank, col(Dispute.due_at))).all()


def _hand_to_first(db: Session, case: Dispute, now: datetime) -> None:
    scorer = db.get(Person, case.author_id) if case.author_id else None
    if scorer is None or scorer.left_at is not None or scorer.id == case.person_id:
        case.pass_on(db, now)
        return
    case.advance(db, waits_for_id=scorer.id)
    owe(db, "dispute.answer", case, scorer.id, now, case.filed_at + ANSWER_WITHIN)


def _snapshot(lines: Sequence[Line], result: Result) -> dict[str, Any]:
    rows = [_texts(line.model_dump(exclude={"id", "result_id"})) for line in lines]
    return {"total": str(result.total), "rating": result.rating, "revision": result.revision, "lines": rows}


def _texts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}


def _revise(db: Session, result: Result, lineage: int, points: Decimal, terms: Terms) -> Decimal:
    """The next revision of a result with other points for one item, or (lineage 0) another total."""
    old = lines_of(db, result)
    parts = [
        Part(
            key=line.lineage,
            part=line.part,
            weight=line.weight,
            points=points if line.lineage == lineage else line.points,
            excluded=line.excluded and line.lineage != lineage,
        )
        for line in old
    ]
    reckoned = total(parts, terms.levels)
    value = points if lineage == 0 else _moved(result, reckoned.value)
    weighed = {one.key: one for one in reckoned.weighed}
    revision = result.revision + 1
    for line in old:
        share = weighed.get(line.lineage)
        own = {"points": points, "excluded": False} if line.lineage == lineage else {}
        counted = {"counted": share.weight, "contribution": share.contribution} if share else {}
        kept = line.model_dump(exclude={"id", "revision"})
        db.add(Line(**{**kept, **own, **counted, "revision": revision}))
    computed = reckoned.value if lineage else result.computed
    changes = {"revision": revision, "computed": computed, "total": value, "origin": FROM_DISPUTE}
    result.advance(db, **changes, rating=rating(value, terms.levels))
    return value


def _moved(result: Result, computed: Decimal | None) -> Decimal:
    """The new total of a result: what the manager or calibration added to the old one stays added."""
    if computed is None or result.total is None or result.computed is None:
        raise Refused("Something is not scored yet.")
    return max(computed + (result.total - result.computed), Decimal(0))
