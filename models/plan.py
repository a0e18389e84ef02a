"""Plans: one person's indicators in a cycle, from draft through approval to confirmation and amendment."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, col

from models.access import Actor, can, check
from models.approval import Frozen, approvers, decide
from models.base import Refused, Versioned, execute, record
from models.chain import approver, reviewer
from models.cycle import NEAREST, RUNNING, Cycle, course_of, deadline, reviewed
from models.item import Item, agreed, copy_items, differences, drop_items, items_of, text_of
from models.loaded import columns, entity
from models.person import Person, superior
from models.rules.plans import Finding, check_item, check_weights
from models.todo import owe, owe_all, settle

DRAFT, SUBMITTED, COMPLIANCE, CONFIRMING = "draft", "submitted", "compliance", "awaiting_confirmation"
ACTIVE, AMENDING, PROPOSED = "active", "amending", "proposed"

# state → action → state after it; "submitted" stays until the last approver of the chain has approved.
FLOW: dict[str, dict[str, str]] = {
    DRAFT: {"edit": DRAFT, "submit": SUBMITTED},
    SUBMITTED: {"approve": SUBMITTED, "return": DRAFT},
    COMPLIANCE: {"pass": CONFIRMING, "return": DRAFT},
    CONFIRMING: {"confirm": ACTIVE, "object": DRAFT},
    ACTIVE: {"amend": AMENDING, "checkin": ACTIVE},
    AMENDING: {"edit": AMENDING, "propose": PROPOSED, "cancel": ACTIVE, "checkin": AMENDING},
    PROPOSED: {"accept": ACTIVE, "decline": ACTIVE, "checkin": PROPOSED},
}
LATE = ("amend", "propose", "accept", "checkin")  # not once results are made
RETURNED = "returned"  # a fault: HR's compliance review gave it back
WRONG_STATE = "This plan has moved on; this step is not open any more."


class Plan(Versioned, table=True):
    """`revision` is the newest set of items, `effective` the confirmed one (0: none yet).

    `waits_for_id` is who has to decide now; `author_id` who submitted or proposed the newest revision; `faults` names
    the failed checks of what was submitted, and RETURNED, until it is mended or passed (models.compliance).
    """

    __table_args__ = (sa.UniqueConstraint("cycle_id", "person_id"), sa.Index("ix_plan_state", "cycle_id", "state"))
    noun: ClassVar[str] = "plan"
    cycle_id: int = Field(foreign_key="cycle.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    state: str = DRAFT
    step: int = 0
    revision: int = 1
    effective: int = 0
    author_id: int | None = Field(default=None, foreign_key="person.id")
    waits_for_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = Field(default="", sa_type=sa.Text)
    digest: str = ""
    faults: str = Field(default="", sa_column_kwargs={"server_default": ""})
    changed_at: datetime

    # What may happen now

    def allowed(self, db: Session, actor: Actor) -> list[str]:
        """The actions this actor may take on the plan as it stands: cards draw their buttons from it."""
        over = LATE if self.effective and reviewed(db, self.cycle_id) else ()
        return [verb for verb in FLOW.get(self.state, {}) if verb not in over and can(db, actor, f"plan.{verb}", self)]

    def expect(self, db: Session, actor: Actor, verb: str) -> str:
        """The state after the action; refuses where the right or the state does not allow it."""
        check(db, actor, f"plan.{verb}", self)
        if verb not in FLOW.get(self.state, {}):
            raise Refused(WRONG_STATE)
        if verb in LATE and reviewed(db, self.cycle_id):
            raise Refused("Scoring is over: plan and values stay as they are. What is wrong is for a dispute.")
        return FLOW[self.state][verb]

    def items(self, db: Session) -> Sequence[Item]:
        """The newest revision."""
        return items_of(db, self.id, self.revision)

    def agreed_items(self, db: Session) -> Sequence[Item]:
        """The confirmed revision; empty before the first confirmation."""
        return items_of(db, self.id, self.effective) if self.effective else []

    def findings(self, db: Session) -> list[tuple[Item | None, Finding]]:
        """Every failed machine check of the newest revision; None for those of the plan as a whole."""
        items = self.items(db)
        consent = agreed(db, items)
        facts = [(item, item.facts(owner_agreed=consent[item.id])) for item in items]
        found: list[tuple[Item | None, Finding]] = [(item, one) for item, fact in facts for one in check_item(fact)]
        return found + [(None, one) for one in check_weights([i.weight for i in items], [i.part for i in items])]

    # Draft to active

    def edit(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Guards a change of the working revision; the caller changes items in the same transaction."""
        self.expect(db, actor, "edit")
        self.advance(db, at, changed_at=now)
        record(db, "plan.edited", self, revision=self.revision)

    def submit(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Hands the draft to the first approver of the cycle's chain."""
        self.expect(db, actor, "submit")
        found = [finding for _item, finding in self.findings(db)]
        if failed := [finding for finding in found if finding.check == "weights"]:
            raise _refusal(failed[0])
        set_committed_value(self, "author_id", actor.id)
        self.hand_on(db, at, now, start=0, faults=" ".join(dict.fromkeys(one.check for one in found)))
        record(db, "plan.submitted", self, revision=self.revision)

    def approve(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """The approver of this step agrees: on to the next one, or to HR's compliance review."""
        self.expect(db, actor, "approve")
        self._note(db, actor, "approved", now)
        self.hand_on(db, at, now, start=self.step + 1, by_id=actor.id)
        record(db, "plan.approved", self, revision=self.revision, step=self.step)

    def pass_(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """HR finds the plan compliant; its owner is asked to confirm."""
        state = self.expect(db, actor, "pass")
        self._note(db, actor, "passed", now)
        self._move(db, at, now, actor.id, state=state, waits_for_id=self.person_id, faults="")
        owe(db, "plan.confirm", self, self.person_id, now, deadline(db, self.cycle_id, "setting"))
        record(db, "plan.passed", self, revision=self.revision)

    def return_(self, db: Session, actor: Actor, at: int, now: datetime, reason: str) -> None:
        """Back to a new draft with the reason kept; the returned revision stays as it was."""
        self._back(db, actor, at, now, "return", "returned", reason)

    def object_(self, db: Session, actor: Actor, at: int, now: datetime, reason: str) -> None:
        """The owner does not agree: back to a new draft with the reason kept."""
        self._back(db, actor, at, now, "object", "objected", reason)

    def confirm(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """The owner agrees; the text is frozen with its hash and goes into the performance file."""
        state = self.expect(db, actor, "confirm")
        self._note(db, actor, "confirmed", now)
        self._freeze(db, actor, at, now, state)
        record(db, "plan.confirmed", self, revision=self.revision, digest=self.digest)

    # Amendments

    def amend(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Opens a working copy of the confirmed plan, which stays in force meanwhile."""
        state = self.expect(db, actor, "amend")
        newest = self.revision
        copy_items(db, self.id, self.effective, newest + 1)
        self._move(db, at, now, actor.id, state=state, revision=newest + 1, author_id=actor.id, waits_for_id=None)
        record(db, "plan.amended", self, revision=self.revision)

    def propose(self, db: Session, actor: Actor, at: int, now: datetime, reason: str) -> None:
        """Shows the changes to the other side: the manager if the owner wrote them, else the owner."""
        state = self.expect(db, actor, "propose")
        before = {item.lineage: item for item in self.agreed_items(db)}
        for item, finding in self.findings(db):
            if item is None or differences([one for one in (before.get(item.lineage),) if one], [item]):
                raise _refusal(finding)
        other = self.other_side(db, actor.id)
        self._move(db, at, now, actor.id, state=state, author_id=actor.id, waits_for_id=other, reason=reason)
        owe(db, "plan.accept", self, other, now)
        record(db, "plan.proposed", self, revision=self.revision)

    def cancel(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Gives the working copy up."""
        state = self.expect(db, actor, "cancel")
        drop_items(db, self.id, self.revision)
        self._move(db, at, now, actor.id, state=state, revision=self.revision - 1, waits_for_id=None)
        record(db, "plan.amendment_cancelled", self)

    def accept(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """The other side agrees: the amended text is frozen and in force from now on."""
        state = self.expect(db, actor, "accept")
        self._note(db, actor, "accepted", now)
        self._freeze(db, actor, at, now, state)
        record(db, "plan.accepted", self, revision=self.revision, digest=self.digest)

    def decline(self, db: Session, actor: Actor, at: int, now: datetime, reason: str) -> None:
        """The other side does not agree: the plan stays as it was; the proposal is kept for the record."""
        state = self.expect(db, actor, "decline")
        self._note(db, actor, "declined", now, reason)
        self._move(db, at, now, actor.id, state=state, waits_for_id=None, reason=reason)
        record(db, "plan.declined", self, revision=self.revision)

    # Parts of the above

    @property
    def _parties(self) -> frozenset[int]:
        """Who never decides on it: whose plan it is, and who wrote it."""
        return frozenset({self.person_id, self.author_id or self.person_id})

    def _move(self, db: Session, at: int, now: datetime, by_id: int, **changes: object) -> None:
        settle(db, self, by_id, now)
        self.advance(db, at, changed_at=now, **changes)

    def _note(self, db: Session, actor: Actor, decision: str, now: datetime, reason: str = "") -> None:
        step = self.step if self.state == SUBMITTED else -1
        about = {"plan_id": self.id, "revision": self.revision, "step": step}
        decide(db, decision=decision, by_id=actor.id, reason=reason, at=now, **about)

    def _back(self, db: Session, actor: Actor, at: int, now: datetime, verb: str, decision: str, reason: str) -> None:
        state = self.expect(db, actor, verb)
        self._note(db, actor, decision, now, reason)
        copy_items(db, self.id, self.revision, self.revision + 1)
        changes = {"state": state, "revision": self.revision + 1, "step": 0, "waits_for_id": None, "reason": reason}
        faults = f"{self.faults} {RETURNED}".strip() if self.state == COMPLIANCE else ""
        self._move(db, at, now, actor.id, faults=faults, **changes)
        owe(db, "plan.submit", self, self.author_id or self.person_id, now, deadline(db, self.cycle_id, "setting"))
        record(db, f"plan.{decision}", self, revision=self.revision - 1)

    def hand_on(
        self, db: Session, at: int, now: datetime, *, start: int, by_id: int | None = None, **changes: object
    ) -> None:
        """To the next approver who has not approved this revision, else to HR."""
        course = course_of(db, self.cycle_id)
        by = by_id if by_id is not None else self.author_id or 0
        step, decider = self.next_approver(db, start, course.chain)
        changes |= {"author_id": self.author_id, "step": step}
        if decider is not None:
            self._move(db, at, now, by, state=SUBMITTED, waits_for_id=decider, **changes)
            owe(db, "plan.approve", self, decider, now, course.agreed_by)
            return
        checker = reviewer(db, course.owner_id, self._parties)
        self._move(db, at, now, by, state=COMPLIANCE, waits_for_id=checker, **changes)
        owe(db, "plan.pass", self, checker, now, course.agreed_by)

    def next_approver(self, db: Session, start: int, chain: Sequence[str]) -> tuple[int, int | None]:
        """Nobody approves a plan of their own or one they wrote: the step goes one level up (docs/rules.md)."""
        if start >= len(chain):
            return len(chain), None
        person = db.get_one(Person, self.person_id)
        done = approvers(db, self.id, self.revision)
        for step in range(start, len(chain)):
            found = approver(db, chain[step], person, self._parties)
            if found is not None and found.id not in done:
                return step, found.id
        return len(chain), None

    def other_side(self, db: Session, by_id: int) -> int:
        """Who answers a change that somebody proposed."""
        if by_id != self.person_id:
            return self.person_id
        manager = superior(db, db.get_one(Person, self.person_id), frozenset({self.person_id}))
        owner_id = course_of(db, self.cycle_id).owner_id
        return manager.id if manager is not None else reviewer(db, owner_id, self._parties)

    def _freeze(self, db: Session, actor: Actor, at: int, now: datetime, state: str) -> None:
        text = text_of(self.items(db))
        digest = hashlib.sha256(text.encode()).hexdigest()
        db.add(Frozen(plan_id=self.id, revision=self.revision, text=text, digest=digest, by_id=actor.id, at=now))
        changes = {"state": state, "effective": self.revision, "digest": digest, "waits_for_id": None, "reason": ""}
        self._move(db, at, now, actor.id, **changes)


def _refusal(finding: Finding) -> Refused:
    refusal = Refused(finding.message)
    refusal.facts = finding.facts
    return refusal


def plan_of(db: Session, cycle_id: int, person_id: int) -> Plan | None:
    """One person's plan in a cycle."""
    row = execute(db, _PLAN_OF, cycle=cycle_id, person=person_id).first()
    return entity(db, Plan, row) if row is not None else None


def plan_meant(db: Session, person_id: int, today: date) -> Plan | None:
    """The plan a command means: one that is still to be agreed, the earliest first; else the one of the cycle now."""
    row = execute(db, _MEANT, person=person_id, today=today).first()
    return entity(db, Plan, row) if row is not None else None


def begin_plans(db: Session, cycle: Cycle, people: Sequence[Person], now: datetime) -> dict[int, list[Plan]]:
    """An empty draft for everybody in a cycle that opens, with a todo for who sets it: plans by setter."""
    due = deadline(db, cycle.id, "setting")
    owed: dict[int, list[Plan]] = {}
    plans = [Plan(cycle_id=cycle.id, person_id=person.id, changed_at=now) for person in people]
    db.add_all(plans)
    db.flush()
    for person, plan in zip(people, plans, strict=True):
        setter = superior(db, person, frozenset({person.id})) if cycle.setter == "manager" else None
        setter_id = setter.id if setter else person.id
        owed.setdefault(setter_id, []).append(plan)
    owe_all(db, "plan.submit", [(plan, setter) for setter, some in owed.items() for plan in some], now, due)
    return owed


_PLAN_OF = sa.select(*columns(Plan)).where(
    col(Plan.cycle_id) == sa.bindparam("cycle"), col(Plan.person_id) == sa.bindparam("person")
)

_OPEN = col(Plan.effective) == 0
_MEANT = (
    sa.select(*columns(Plan))
    .join(Cycle, col(Cycle.id) == col(Plan.cycle_id))
    .where(col(Plan.person_id) == sa.bindparam("person"), col(Cycle.state).in_(RUNNING))
    .order_by(sa.case((_OPEN, 0), else_=1), sa.case((_OPEN, col(Cycle.starts_on))), *NEAREST)
    .limit(1)
)
