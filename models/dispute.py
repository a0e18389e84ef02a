"""Disputes: an objection to a result, answered by the manager and ruled on by HR within 24 hours."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, col, select

from models.access import Actor, check
from models.base import Refused, Versioned, exact, execute, json_field, put, record
from models.chain import reviewer
from models.cycle import Cycle
from models.person import Person, superior
from models.recheck import reread, snapshot
from models.result import ACKNOWLEDGED, DISPUTED, PUBLISHED, Line, Result, lines_of
from models.revision import revise
from models.rules.clock import MARKS, passed, share
from models.terms import Terms
from models.todo import owe, settle

ANSWER_WITHIN, RULE_WITHIN = timedelta(hours=12), timedelta(hours=24)
MANAGER, HR = "manager", "hr"
UPHELD, ADJUSTED, WITHDRAWN = "upheld", "adjusted", "withdrawn"
RUNNING = (MANAGER, HR)


class Dispute(Versioned, table=True):
    """One objection: to one item (`lineage`) or the whole result (0). The snapshot is what it was about, for good.

    `reason`, `answer` and `ruling` are sealed by bot.vault; `evidence` is a link or a reference the person gave, sealed
    too. `author_id` is who scored: they answer, and never rule. `joined_id` is who was drawn in when time ran out.
    `recheck` is what models.recheck found at filing. `marks` counts the reminders of who is awaited now. The clock
    alone (reminders, who joins) changes no version: no button or open form is outdated by it.
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
    total_before: Decimal | None = exact(2, default=None, nullable=True)
    total_after: Decimal | None = exact(2, default=None, nullable=True)
    points_after: Decimal | None = exact(2, default=None, nullable=True)

    @property
    def running(self) -> bool:
        """Whether an answer is still owed."""
        return self.state in RUNNING

    @property
    def awaited_by(self) -> datetime:
        """By when whoever is awaited has to have acted: 12 hours for the answer, 24 from filing for the ruling."""
        return self.filed_at + ANSWER_WITHIN if self.state == MANAGER else self.due_at

    @property
    def line(self) -> Mapping[str, Any]:
        """The item it is about, as it was when it was filed; empty for the whole result."""
        return next((one for one in self.snapshot["lines"] if one["lineage"] == self.lineage), {})

    def name_of(self, lineage: int) -> str:
        """What an item of the result is called."""
        return next((str(one["name"]) for one in self.snapshot["lines"] if one["lineage"] == lineage), "")

    def elapsed(self, now: datetime) -> Decimal:
        """The share of the 24 hours that has passed; more than 1 when the promise is broken."""
        return share(self.filed_at, self.due_at, now)

    def passed(self, now: datetime) -> int:
        """How many of MARKS the clock of whoever is awaited has passed."""
        return passed(self.filed_at, self.awaited_by, now)

    def take_answer(self, db: Session, actor: Actor, at: int, now: datetime, answer: bytes) -> None:
        """The manager says how they see it; HR rules next."""
        self.expect_answer(db, actor)
        self._to_hr(db, at, now, actor.id, answer=answer, answered_at=now, answered_by_id=actor.id)
        record(db, "dispute.answered", self)

    def pass_on(self, db: Session, now: datetime) -> None:
        """The manager's time is over without an answer: HR rules without it."""
        if self.state == MANAGER:
            self._to_hr(db, self.version, now, 0)
            record(db, "dispute.passed_on", self)

    def replace(self, db: Session, now: datetime) -> bool:
        """Hands the case on if whoever is awaited has left; whether it did."""
        awaited = db.get(Person, self.waits_for_id) if self.waits_for_id else None
        if not self.running or awaited is None or awaited.left_at is None:
            return False
        self._to_hr(db, self.version, now, 0)
        record(db, "dispute.passed_on", self)
        return True

    def uphold(self, db: Session, actor: Actor, at: int, now: datetime, ruling: bytes) -> None:
        """HR finds the result right; it stays as it is."""
        self.expect_ruling(db, actor)
        self._end(db, actor, "dispute.rule", at, now, UPHELD, ruling=ruling, ruled_by_id=actor.id)

    def adjust(
        self, db: Session, actor: Actor, at: int, now: datetime, ruling: bytes, points: Decimal, terms: Terms
    ) -> Result:
        """HR finds it wrong: the item (or the total) gets the points, and the result a new revision."""
        self.expect_ruling(db, actor)
        result = db.get_one(Result, self.result_id)
        before = result.total
        after = revise(db, result, self.lineage, points, terms)
        totals = {"total_before": before, "total_after": after, "points_after": points if self.lineage else None}
        self._end(db, actor, "dispute.rule", at, now, ADJUSTED, ruling=ruling, ruled_by_id=actor.id, **totals)
        return result

    def withdraw(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Its owner takes it back."""
        self._end(db, actor, "dispute.withdraw", at, now, WITHDRAWN)

    def remind(self, db: Session, now: datetime) -> Decimal | None:
        """The newest mark that the clock has passed and nobody was reminded of, once, whichever replica asks."""
        passed = self.passed(now)
        if not self.running or passed <= self.marks:
            return None
        first = execute(db, _REMIND, known_id=self.id, known_marks=self.marks, known_state=self.state, marks=passed)
        set_committed_value(self, "marks", passed)
        return MARKS[passed - 1] if first.rowcount else None

    def join(self, db: Session, now: datetime) -> int | None:
        """Draws the next level up in, once: the manager of who is awaited, never the owner or who scored."""
        if self.joined_id is not None or self.waits_for_id is None:
            return None
        awaited = db.get_one(Person, self.waits_for_id)
        without = {self.person_id, self.waits_for_id, self.author_id or self.person_id}
        other = superior(db, awaited, frozenset(without))
        if other is None or not execute(db, _JOIN, known_id=self.id, joined_id=other.id).rowcount:
            return None
        set_committed_value(self, "joined_id", other.id)
        record(db, "dispute.escalated", self)
        return other.id

    def expect_answer(self, db: Session, actor: Actor) -> None:
        """Refuses who is not asked, or not any more."""
        check(db, actor, "dispute.answer", self)
        if self.state != MANAGER:
            raise Refused("The time for an answer is over: HR rules now.")

    def expect_ruling(self, db: Session, actor: Actor) -> None:
        """Refuses who may not rule, or may not yet, or not any more."""
        check(db, actor, "dispute.rule", self)
        self._expect_running()
        if self.state == MANAGER:
            raise Refused("The manager has not answered yet. HR rules once they did, or when their time is over.")

    def _expect_running(self) -> None:
        if not self.running:
            raise Refused("This case is closed already.")

    def _to_hr(self, db: Session, at: int, now: datetime, by_id: int, **changes: object) -> None:
        """To HR; the card they are handed counts as the reminder of what has passed by now."""
        cycle = db.get_one(Cycle, self.cycle_id)
        without = frozenset({self.person_id, self.author_id or self.person_id})
        hr = reviewer(db, cycle.owner_id, without)
        settle(db, self, by_id, now)
        marks = passed(self.filed_at, self.due_at, now)
        self.advance(db, at, state=HR, waits_for_id=hr, marks=marks, **changes)
        owe(db, "dispute.rule", self, hr, now, self.due_at)

    def _end(
        self, db: Session, actor: Actor, right: str, at: int, now: datetime, state: str, **changes: object
    ) -> None:
        check(db, actor, right, self)
        self._expect_running()
        settle(db, self, actor.id, now)
        self.advance(db, at, state=state, ended_at=now, waits_for_id=None, **changes)
        result = db.get_one(Result, self.result_id)
        if not [one for one in disputes_of(db, result.id) if one.running]:
            result.advance(db, state=ACKNOWLEDGED, acknowledged_at=result.acknowledged_at or now)
            record(db, "result.dispute_ended", result)
        record(db, f"dispute.{state}", self)


def file(db: Session, result: Result, actor: Actor, at: int, now: datetime, lineage: int) -> Dispute:
    """Opens a case: the snapshot is taken, the manager has 12 hours to answer and HR 24 to rule (docs/rules.md).

    Who scored is asked first; where nobody did, or they left, HR is. The caller seals the texts into the row.
    """
    check(db, actor, "result.dispute", result)
    expect_disputable(result)
    if any(one.running and one.lineage in (lineage, 0) for one in disputes_of(db, result.id)):
        raise Refused("A case about this is open already.")
    lines = lines_of(db, result)
    about = [line for line in lines if lineage in (line.lineage, 0)]
    if not about:
        raise Refused("This item is not part of the result.")
    result.advance(db, at, state=DISPUTED)
    settle(db, result, actor.id, now, "result.acknowledge")
    case = Dispute(
        cycle_id=result.cycle_id,
        result_id=result.id,
        person_id=result.person_id,
        lineage=lineage,
        author_id=result.author_id,
        snapshot=snapshot(lines, result),
        recheck=reread(db, result.plan_id, about),
        filed_at=now,
        due_at=now + RULE_WITHIN,
    )
    put(db, case)
    record(db, "result.disputed", result)
    record(db, "dispute.filed", case, lineage=lineage)
    _hand_to_first(db, case, now)
    return case


def disputable(result: Result) -> bool:
    """Whether its owner can still object: from publication until the cycle is closed."""
    return result.state in (PUBLISHED, ACKNOWLEDGED, DISPUTED)


def expect_disputable(result: Result) -> None:
    """Refuses where nothing can be objected to."""
    if not disputable(result):
        raise Refused("There is nothing to object to: this result is not published, or the cycle is closed.")


def open_lines(db: Session, result: Result) -> list[Line]:
    """The items about which no case is open; none while one about the whole result is."""
    taken = {one.lineage for one in disputes_of(db, result.id) if one.running}
    return [] if 0 in taken else [line for line in lines_of(db, result) if line.lineage not in taken]


def disputes_of(db: Session, result_id: int) -> Sequence[Dispute]:
    """The cases about a result, oldest first."""
    return db.exec(select(Dispute).where(Dispute.result_id == result_id).order_by(col(Dispute.id))).all()


def disputes_by(db: Session, person_id: int, most: int) -> Sequence[Dispute]:
    """Somebody's own cases, the newest first."""
    wanted = select(Dispute).where(Dispute.person_id == person_id)
    return db.exec(wanted.order_by(col(Dispute.id).desc()).limit(most)).all()


def waiting_for(db: Session, person_id: int) -> Sequence[Dispute]:
    """The cases that somebody has to act on, the most urgent first."""
    wanted = select(Dispute).where(Dispute.waits_for_id == person_id, col(Dispute.state).in_(RUNNING))
    return db.exec(wanted.order_by(col(Dispute.due_at), col(Dispute.id))).all()


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
    owe(db, "dispute.answer", case, scorer.id, now, case.awaited_by)


# The clock's own changes: guarded by what they change and not by the version, which they leave alone.
_REMIND = sa.update(Dispute).where(
    col(Dispute.id) == sa.bindparam("known_id"),
    col(Dispute.marks) == sa.bindparam("known_marks"),
    col(Dispute.state) == sa.bindparam("known_state"),
)
_JOIN = sa.update(Dispute).where(
    col(Dispute.id) == sa.bindparam("known_id"), col(Dispute.joined_id).is_(None), col(Dispute.state).in_(RUNNING)
)
