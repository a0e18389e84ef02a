"""T36: everybody tries everything on published results; lines, scores and totals change by a ruling only."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from bot.db import Database
from bot.vault import Vault
from models import audit
from models.access import Actor
from models.audit import Audit
from models.base import Refused, Stale, canonical, changes
from models.cycle import Cycle
from models.dispute import ADJUSTED, RUNNING, Dispute, cases_for, file, running
from models.person import Person
from models.result import DISPUTED, Line, Result, lines_of
from models.rules.clock import JOINS
from models.scorecard import Score, Scorecard
from models.terms import terms_of
from models.todo import Todo
from tests.models.disputed import HARMLESS, other_way, published, result
from tests.prepared import sqlite_at
from tests.security import company
from tests.security.stage import SHM
from tests.world import KEY, START

RUNS = 200 if os.environ.get("SOAK") else 12
OWNERS = {"ana": "A", "helen": "B", "henry": "A"}
LOCKED = ("revision", "computed", "adjustment", "calibrated", "total", "rating", "vetoed", "origin")
SEALED = b"sealed"
# Those who have a part in it more often; "" is the owner themselves.
WHO = st.sampled_from(["ana", "dana", "helen", "helen", "henry", "henry", "boss", "olga", "hugo", "bo", "audrey"])
OWNER = st.sampled_from(sorted(OWNERS))
BEHIND = st.sampled_from([0, 0, 0, 0, 1, -1])
POINTS = st.sampled_from(["0", "60", "95", "100", "120", "120.01", "-1"])
HOWS = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6])
ACTS = ("answer", "uphold", "adjust", "withdraw")


class Objections(RuleBasedStateMachine):
    """Three published results: an employee's, and those of two people in HR of whom one scored the other."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now, self.cycle_id = START, 0
        self.lines: dict[int, str] = {}
        self.results: dict[int, str] = {}
        self.scores = ""
        self.closed: dict[int, str] = {}

    @initialize(begun=st.integers(0, 6))
    def begin(self, begun: int) -> None:
        """HR publishes; the owners have filed, and some cases are answered."""

        def work(db: Session) -> int:
            for person in db.exec(select(Person).where(Person.handle != "leo")):
                person.left_at = None
            cycle = published(db, OWNERS, self.now)
            changes(db).clear()
            return cycle.id

        self.cycle_id = self.database.now(work)
        for step in range(begun):
            self._try_file("", sorted(OWNERS)[step % 3], step // 3 + 1, 0)
        if begun % 2:
            for number, who in enumerate(("dana", "boss", "helen")):
                self._try(who, partial(self._act, number=number, verb="answer", points=Decimal(0), behind=0), 0)

    @rule(who=st.one_of(st.just(""), WHO), owner=OWNER, position=st.integers(0, 3), behind=BEHIND)
    def somebody_files(self, who: str, owner: str, position: int, behind: int) -> None:
        """Only the owner can."""
        self._try_file(who, owner, position, behind)

    @rule(who=WHO, number=st.integers(0, 4), verb=st.sampled_from(ACTS), points=POINTS, behind=BEHIND)
    def somebody_acts_on_a_case(self, who: str, number: int, verb: str, points: str, behind: int) -> None:
        """Anybody tries any step of any case."""
        self._try(who, lambda db, actor: self._act(db, actor, number, verb, Decimal(points), behind), behind)

    @rule(number=st.integers(0, 4), scorer=st.booleans(), verb=st.sampled_from(["uphold", "adjust"]))
    def those_concerned_try_to_rule(self, number: int, scorer: bool, verb: str) -> None:
        """T20: the owner and who scored never rule, whatever roles they have."""

        def who(db: Session) -> str:
            cases = cases_for(db, self.cycle_id)
            case = cases[number % len(cases)] if cases else None
            person = None if case is None else case.author_id if scorer else case.person_id
            return db.get_one(Person, person).handle if person else ""

        tries = self.database.now(who)
        if tries:
            assert not self._try(tries, lambda db, actor: self._act(db, actor, number, verb, Decimal(99), 0), 0)

    @rule(data=st.data())
    def somebody_does_what_is_due(self, data: st.DataObject) -> None:
        """Progress: whoever is awaited acts, and nothing keeps them from it."""

        def who(db: Session) -> tuple[str, int, str] | None:
            found = self._running(db)
            if not found:
                return None
            awaited = db.get_one(Person, found[0].waits_for_id or 0)
            number = [one.id for one in cases_for(db, self.cycle_id)].index(found[0].id)
            return awaited.handle, number, found[0].state

        due = self.database.now(who)
        if due is not None:
            verb = "answer" if due[2] == "manager" else data.draw(st.sampled_from(["uphold", "adjust"]))
            points = Decimal(data.draw(st.sampled_from(["61", "99", "101"])))
            done = self._try(due[0], lambda db, actor: self._act(db, actor, due[1], verb, points, 0), 0)
            assert done or verb == "adjust", f"{due[0]} was awaited and refused"

    @rule(hours=st.sampled_from([1, 6, 12, 20]))
    def the_clock_strikes(self, hours: int) -> None:
        """What the tick does, and again in the same minute by another replica."""
        self.now += timedelta(hours=hours)
        for _replica in range(2):
            self._try("", self._tick, 0)

    @rule(who=st.sampled_from(["dana", "henry", "hugo"]))
    def somebody_leaves(self, who: str) -> None:
        """Their people and cases are other people's from then on."""
        self.database.now(lambda db: setattr(company.by_handle(db, who), "left_at", self.now))
        self._try("", self._tick, 0)

    @rule(who=st.sampled_from(["helen", "helen", "henry", "dana", "ana"]), owner=OWNER, how=HOWS)
    def somebody_tries_another_way(self, who: str, owner: str, how: int) -> None:
        """Every other way to change what a published result rests on; a newer measurement is none."""

        def work(db: Session, actor: Actor) -> None:
            other_way(db, self._cycle(db), owner, actor, how, self.now)
            assert how >= HARMLESS, "there is another way than a dispute"

        self._try(who, work, 0)

    @invariant()
    def all_that_is_published_is_locked(self) -> None:
        """All that has to hold between any two transactions."""
        if self.cycle_id:
            self.database.now(self._check)

    # Acts

    def _cycle(self, db: Session) -> Cycle:
        return db.get_one(Cycle, self.cycle_id)

    def _running(self, db: Session) -> list[Dispute]:
        return [one for one in running(db) if one.cycle_id == self.cycle_id]

    def _try_file(self, who: str, owner: str, position: int, behind: int) -> None:
        def work(db: Session, actor: Actor) -> None:
            of = result(db, self._cycle(db), owner)
            lineage = lines_of(db, of)[position - 1].lineage if position else 0
            case = file(db, of, actor, of.version - behind, self.now, lineage)
            case.reason = SEALED
            assert actor.id == of.person_id

        self._try(who or owner, work, behind)

    def _try(self, who: str, work: Callable[[Session, Actor], None], behind: int) -> bool:
        self.now += timedelta(minutes=1)

        def whole(db: Session) -> None:
            actor = company.actor(db, who) if who else Actor(0)
            if who and company.by_handle(db, who).left_at is not None:
                raise Refused("gone")
            work(db, actor)
            db.flush()
            audit.append(db, changes(db), actor.id or None, "test", self.now)

        try:
            self.database.now(whole)
        except (Refused, Stale):
            return False
        assert not behind, "an outdated card changed something"
        return True

    def _act(self, db: Session, actor: Actor, number: int, verb: str, points: Decimal, behind: int) -> None:
        cases = cases_for(db, self.cycle_id)
        if not cases:
            raise Refused("there is no case")
        case = cases[number % len(cases)]
        at = case.version - behind
        if verb == "answer":
            case.take_answer(db, actor, at, self.now, SEALED)
            return
        if verb == "withdraw":
            case.withdraw(db, actor, at, self.now)
            assert actor.id == case.person_id
            return
        if verb == "uphold":
            case.uphold(db, actor, at, self.now, SEALED)
        else:
            case.adjust(db, actor, at, self.now, SEALED, points, terms_of(self._cycle(db)))
            self.results.pop(case.result_id, None)
        assert actor.id not in (case.person_id, case.author_id), "nobody rules on their own case or their own scores"

    def _tick(self, db: Session, _clock: Actor) -> None:
        for case in self._running(db):
            version = case.version
            handed = case.replace(db, self.now)
            if case.state == "manager" and self.now >= case.awaited_by:
                case.pass_on(db, self.now)
                handed = True
            case.remind(db, self.now)
            assert case.remind(db, self.now) is None
            if case.elapsed(self.now) >= JOINS:
                case.join(db, self.now)
            assert handed or case.version == version, "the clock alone makes no button stale"

    # Invariants

    def _check(self, db: Session) -> None:
        self._locked(db)
        for case in cases_for(db, self.cycle_id):
            self._one_step(db, case)
            text = canonical(case.model_dump(exclude={"marks"}))
            if not case.running:
                assert self.closed.setdefault(case.id, text) == text, "a closed case stays as it was ruled"

    def _locked(self, db: Session) -> None:
        mine = {of.id: of for of in db.exec(select(Result).where(Result.cycle_id == self.cycle_id))}
        for line in db.exec(select(Line).where(col(Line.result_id).in_(mine))):
            text = canonical(line.model_dump())
            assert self.lines.setdefault(line.id, text) == text, "a line of any revision never changes"
        given = select(Score).join(Scorecard, col(Scorecard.id) == col(Score.scorecard_id)).order_by(col(Score.id))
        rows = db.exec(given.where(Scorecard.cycle_id == self.cycle_id)).all()
        scores = canonical([one.model_dump() for one in rows])
        self.scores = self.scores or scores
        assert scores == self.scores, "scores stay as they were handed in"
        for of in mine.values():
            text = canonical({name: getattr(of, name) for name in LOCKED})
            assert self.results.setdefault(of.id, text) == text, "a total changes by a ruling only"
            self._counted(db, of)

    def _counted(self, db: Session, of: Result) -> None:
        """One revision for each ruling that adjusted, with its lines; disputed as long as a case runs."""
        cases = db.exec(select(Dispute).where(Dispute.result_id == of.id)).all()
        assert of.revision == 1 + len([one for one in cases if one.state == ADJUSTED])
        assert len(lines_of(db, of)) == 3
        assert (of.state == DISPUTED) is any(one.running for one in cases)
        assert of.rating
        assert of.total is not None
        assert of.total >= 0

    def _one_step(self, db: Session, case: Dispute) -> None:
        """One open todo for whoever is awaited, who is here and may act; none once it is closed."""
        owed = self._owed(db, case)
        assert [one.assignee_id for one in owed] == ([case.waits_for_id] if case.running else [])
        if case.waits_for_id is not None:
            assert db.get_one(Person, case.waits_for_id).left_at is None
            assert case.waits_for_id != case.person_id
        assert (case.waits_for_id is not None) is (case.state in RUNNING)
        assert case.ruled_by_id is None or case.ruled_by_id not in (case.person_id, case.author_id)
        trail = db.exec(select(Audit.action).where(Audit.subject_noun == "dispute", Audit.subject_id == case.id)).all()
        assert trail.count("dispute.escalated") == (case.joined_id is not None), "the next level joins once"

    def _owed(self, db: Session, case: Dispute) -> Sequence[Todo]:
        mine: Mapping[str, object] = {"subject_noun": "dispute", "subject_id": case.id}
        return db.exec(select(Todo).filter_by(**mine).where(col(Todo.done_at).is_(None))).all()


def test_T36_what_is_published_changes_by_a_ruling_only() -> None:
    with tempfile.TemporaryDirectory(dir=SHM if SHM.exists() else None) as folder:
        Objections.database = sqlite_at(Path(folder))
        Objections.database.now(lambda db: company.fill_bare(db, Vault([KEY]), START))
        calm = [HealthCheck.too_slow, HealthCheck.data_too_large]
        how = settings(max_examples=RUNS, stateful_step_count=25, deadline=None, suppress_health_check=calm)
        try:
            run_state_machine_as_test(Objections, settings=how)
        finally:
            Objections.database.close()
