"""T32: everybody tries every action at every version on real plans; what must never happen is checked after each."""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from bot.db import Database
from bot.vault import Vault
from models import audit
from models.access import Actor, can
from models.approval import Approval, Frozen
from models.audit import Audit
from models.base import Refused, Stale, canonical, changes
from models.item import Item, items_of, text_of
from models.person import Person
from models.plan import FLOW, Plan, plan_of
from models.todo import Todo, waiting
from tests.prepared import sqlite_at
from tests.security import company
from tests.security.stage import SHM
from tests.world import KEY, START

# Written down a second time on purpose: the flow as the domain describes it, by audit entry.
EDGES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "plan.edited": (frozenset({"draft", "amending"}), frozenset({"draft", "amending"})),
    "plan.submitted": (frozenset({"draft"}), frozenset({"submitted", "compliance"})),
    "plan.approved": (frozenset({"submitted"}), frozenset({"submitted", "compliance"})),
    "plan.returned": (frozenset({"submitted", "compliance"}), frozenset({"draft"})),
    "plan.passed": (frozenset({"compliance"}), frozenset({"awaiting_confirmation"})),
    "plan.confirmed": (frozenset({"awaiting_confirmation"}), frozenset({"active"})),
    "plan.objected": (frozenset({"awaiting_confirmation"}), frozenset({"draft"})),
    "plan.amended": (frozenset({"active"}), frozenset({"amending"})),
    "plan.proposed": (frozenset({"amending"}), frozenset({"proposed"})),
    "plan.amendment_cancelled": (frozenset({"amending"}), frozenset({"active"})),
    "plan.accepted": (frozenset({"proposed"}), frozenset({"active"})),
    "plan.declined": (frozenset({"proposed"}), frozenset({"active"})),
}
OWED = {
    "draft": "plan.submit",
    "submitted": "plan.approve",
    "compliance": "plan.pass",
    "awaiting_confirmation": "plan.confirm",
    "proposed": "plan.accept",
}
DECIDES = ("approved", "passed", "returned")
VERBS = sorted({verb for verbs in FLOW.values() for verb in verbs} - {"checkin"})
CHAINS = st.lists(st.sampled_from(["manager", "second", "head", "executive"]), min_size=1, max_size=3)
RUNS = 300 if os.environ.get("SOAK") else 12
BEHIND = st.sampled_from([0, 0, 0, 1, 2, -1])
ONWARD = ("submit", "approve", "pass", "confirm", "amend", "propose", "accept")
OWNERS = ("ana", "dana", "helen", "henry", "hugo", "olga", "boss")


class Flow(RuleBasedStateMachine):
    """One plan of one owner in a company of eleven; `database` has the people and no cycle."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.plan_id = 0
        self.submitted: dict[int, str] = {}
        self.frozen: dict[int, tuple[str, str]] = {}

    @initialize(
        owner=st.sampled_from(OWNERS),
        chain=CHAINS,
        setter=st.sampled_from(["manager", "employee"]),
        ahead=st.integers(0, 8),
    )
    def open(self, owner: str, chain: list[str], setter: str, ahead: int) -> None:
        """HR publishes a cycle; the owner's plan has three good indicators and is some steps ahead."""

        def work(db: Session) -> int:
            cycle = company.publish(db, self.now, chain=chain, setter=setter)
            plan = plan_of(db, cycle.id, company.by_handle(db, owner).id)
            assert plan is not None
            company.ready(db, plan)
            db.flush()
            changes(db).clear()
            return plan.id

        self.plan_id = self.database.now(work)
        for _step in range(ahead):
            on = [(who, verb) for who, verb in self.database.now(self._offered) if verb in ONWARD]
            assert self._try(*on[0], 0), "there is always a way on"
            self.the_plan_and_its_traces_agree()

    @rule(who=st.sampled_from(sorted(company.PEOPLE)), verb=st.sampled_from(VERBS), behind=BEHIND)
    def anybody_tries(self, who: str, verb: str, behind: int) -> None:
        """Somebody tries something on a card that is `behind` versions old (or forged to be from the future)."""
        self._try(who, verb, behind)

    @precondition(lambda self: self.plan_id)
    @rule(data=st.data())
    def somebody_does_what_is_open(self, data: st.DataObject) -> None:
        """Progress: one of the actions that the plan offers to somebody is taken."""
        offered = self.database.now(self._offered)
        if offered:
            who, verb = data.draw(st.sampled_from(offered))
            assert self._try(who, verb, 0), f"{verb} was offered to {who} and refused"

    @invariant()
    def the_plan_and_its_traces_agree(self) -> None:
        """All that has to hold between any two transactions."""
        if self.plan_id:
            self.database.now(self._check)

    def _try(self, who: str, verb: str, behind: int) -> bool:
        before = self.database.now(self._snapshot)
        try:
            self.database.now(lambda db: self._act(db, who, verb, behind))
        except (Refused, Stale):
            assert self.database.now(self._snapshot) == before, "a refused action leaves no trace"
            return False
        assert not behind, "an outdated card changed something"
        return True

    def _act(self, db: Session, who: str, verb: str, behind: int) -> None:
        self.now += timedelta(minutes=1)
        plan, actor = db.get_one(Plan, self.plan_id), company.actor(db, who)
        may, state = can(db, actor, f"plan.{verb}", plan), plan.state
        company.act(db, plan, actor, verb, self.now, plan.version - behind)
        if verb == "edit":
            self._reword(db, plan)
        db.flush()
        assert may, "an action without the right went through"
        assert verb in FLOW[state], "an action that is not open in this state went through"
        self._separate(plan, actor, verb, state)
        audit.append(db, changes(db), actor.id, "test", self.now)

    def _separate(self, plan: Plan, actor: Actor, verb: str, state: str) -> None:
        """Nobody decides on their own case, nor on what they wrote themselves."""
        if state in ("submitted", "compliance") and verb in ("approve", "pass", "return"):
            assert actor.id not in (plan.person_id, plan.author_id)
        if verb == "accept":
            assert actor.id != plan.author_id

    def _reword(self, db: Session, plan: Plan) -> None:
        first = plan.items(db)[0]
        first.target = (first.target or Decimal(0)) + 1
        db.add(first)

    def _offered(self, db: Session) -> list[tuple[str, str]]:
        plan = db.get_one(Plan, self.plan_id)
        people = db.exec(select(Person).where(col(Person.left_at).is_(None)).order_by(col(Person.id))).all()
        return [
            (person.handle, verb)
            for person in people
            for verb in plan.allowed(db, company.actor(db, person.handle))
            if verb != "checkin"
        ]

    def _snapshot(self, db: Session) -> tuple[object, ...]:
        plan = db.get_one(Plan, self.plan_id)
        items = db.exec(select(Item).where(Item.plan_id == plan.id).order_by(col(Item.id))).all()
        todos = db.exec(select(Todo).where(Todo.subject_id == plan.id).order_by(col(Todo.id))).all()
        notes = db.exec(select(Approval.id).where(Approval.plan_id == plan.id)).all()
        trail = db.exec(select(Audit.id).where(Audit.subject_id == plan.id, Audit.subject_noun == "plan")).all()
        return canonical([row.model_dump() for row in (plan, *items, *todos)]), tuple(notes), tuple(trail)

    # Invariants

    def _check(self, db: Session) -> None:
        plan = db.get_one(Plan, self.plan_id)
        trail = db.exec(select(Audit).where(Audit.subject_noun == "plan", Audit.subject_id == plan.id)).all()
        self._replays(plan, sorted(trail, key=lambda entry: entry.id))
        self._one_decision(db, plan)
        self._unchanged(db, plan)
        self._sealed(db, plan)
        self._kept_apart(db, plan)

    def _replays(self, plan: Plan, trail: Sequence[Audit]) -> None:
        """The audit trail alone, read by the rules above, leads to states that contain the present one."""
        possible = frozenset({"draft"})
        for entry in trail:
            before, after = EDGES[entry.action]
            assert possible & before, f"{entry.action} after {sorted(possible)}"
            possible = possible & before if entry.action == "plan.edited" else after
        assert plan.state in possible
        assert plan.version == 1 + len(trail), "one entry for every change"

    def _one_decision(self, db: Session, plan: Plan) -> None:
        """At most one open todo; it is the one that the state calls for, and its assignee is who is waited for."""
        owed = db.exec(select(Todo).where(Todo.subject_id == plan.id, col(Todo.done_at).is_(None))).all()
        assert [todo.kind for todo in owed] == [kind for kind in [OWED.get(plan.state)] if kind]
        waits = plan.waits_for_id
        assert (waits is not None) is (plan.state not in ("draft", "active", "amending"))
        for todo in owed:
            assert waits in (None, todo.assignee_id)
            person = db.get_one(Person, todo.assignee_id)
            assert person.left_at is None, "somebody who left cannot be waited for"
            assert todo.kind.partition(".")[2] in plan.allowed(db, company.actor(db, person.handle))
            assert todo.id in [one.id for one in waiting(db, person.id)]

    def _unchanged(self, db: Session, plan: Plan) -> None:
        """A revision that was submitted, proposed or confirmed says the same for ever."""
        for revision, text in self.submitted.items():
            assert text_of(items_of(db, plan.id, revision)) == text, f"revision {revision} was changed"
        if plan.state not in ("draft", "amending"):
            self.submitted.setdefault(plan.revision, text_of(plan.items(db)))

    def _sealed(self, db: Session, plan: Plan) -> None:
        """The digest is that of the text, the text is that of the revision in force, and neither changes."""
        for entry in db.exec(select(Frozen).where(Frozen.plan_id == plan.id)):
            assert entry.digest == hashlib.sha256(entry.text.encode()).hexdigest()
            assert entry.text == text_of(items_of(db, plan.id, entry.revision))
            assert self.frozen.setdefault(entry.revision, (entry.text, entry.digest)) == (entry.text, entry.digest)
        if plan.effective:
            assert plan.digest == self.frozen[plan.effective][1]
        assert bool(plan.effective) is (plan.state in ("active", "amending", "proposed"))

    def _kept_apart(self, db: Session, plan: Plan) -> None:
        """Nobody approved a revision twice, and nobody decided on their own plan."""
        made = db.exec(select(Approval).where(Approval.plan_id == plan.id)).all()
        assert all(note.by_id != plan.person_id for note in made if note.decision in DECIDES)
        approved = [(note.revision, note.by_id) for note in made if note.decision == "approved"]
        assert len(approved) == len(set(approved))


def test_T32_no_order_of_actions_breaks_the_flow_of_a_plan() -> None:
    with tempfile.TemporaryDirectory(dir=SHM if SHM.exists() else None) as folder:
        Flow.database = sqlite_at(Path(folder))
        Flow.database.now(lambda db: company.fill_bare(db, Vault([KEY]), START))
        calm = [HealthCheck.too_slow, HealthCheck.data_too_large]
        how = settings(max_examples=RUNS, stateful_step_count=25, deadline=None, suppress_health_check=calm)
        try:
            run_state_machine_as_test(Flow, settings=how)
        finally:
            Flow.database.close()
