"""The clock, HR and everybody who hands in, in any order: stages only go forward, and nothing handed in is lost."""

import os
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, func, select

from bot.db import Database
from bot.vault import Vault
from models.access import Actor
from models.base import Refused, Stale, canonical, changes
from models.cycle import Cycle, end_of_day, stages_of
from models.dispute import file
from models.dispute import running as open_disputes
from models.drafting import begun
from models.extension import extend, extendable
from models.flag import unsettled
from models.item import items_of
from models.lateness import take_late
from models.plan import Plan
from models.releasing import publish, releasable
from models.result import Result
from models.rules.patterns import STAGES
from models.scorecard import OPEN, SUBMITTED, Score, Scorecard
from models.stages import ORDER, ends_at, launch, move, obstacle, run
from models.stagework import stage_of
from models.terms import terms_of
from models.todo import Todo
from tests.prepared import sqlite_at
from tests.security import company
from tests.stories.scoring import Values, _plan
from tests.world import KEY, START

RUNS = 150 if os.environ.get("SOAK") else 10
ZONE = ZoneInfo("Asia/Shanghai")
TEAM = ("ana", "bo", "dana", "eva")
VALUES = cast(Values, ())


class Stages(RuleBasedStateMachine):
    """A quarter of twelve people, of whom four have a plan sooner or later."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now, self.cycle_id, self.state = START, 0, "draft"
        self.handed: dict[int, str] = {}
        self.kept = 0

    @initialize(
        later=st.booleans(),
        kind=st.sampled_from(["quarter", "month"]),
        late=st.booleans(),
        agreed=st.integers(0, len(TEAM)),
        steps=st.integers(0, 6),
    )
    def begin(self, later: bool, kind: str, late: bool, agreed: int, steps: int) -> None:
        """HR publishes a cycle by its pattern; without a first day its plans are made at once."""

        def work(db: Session) -> int:
            cycle = begun(db, kind, company.by_handle(db, "helen").id, ZONE, self.today)
            for stage in stages_of(db, cycle.id):
                if stage.name == "setting" and not later:
                    stage.opens_at = None
            cycle.terms = {**cycle.terms, "late": late}
            db.flush()
            launch(db, cycle, cycle.version, self.now, self.today)
            assert cycle.state == ("announced" if later else "setting")
            changes(db).clear()
            return cycle.id

        self.cycle_id = self.database.now(work)
        for step in range(steps):
            self._try(self._moved)
            for who in TEAM[:agreed] if step < 2 else ():
                self._agreed(who)
            for number in range(agreed if step > 2 else 0):
                self._scored(number, whole=True, level="A")

    @property
    def today(self) -> date:
        """The company's day."""
        return self.now.astimezone(ZONE).date()

    # What happens

    @rule(days=st.sampled_from([0, 1, 3, 8, 21, 60, 200]))
    def time_passes_and_the_clock_strikes(self, days: int) -> None:
        """Two replicas, one after the other: the second finds nothing to do."""
        self.now += timedelta(days=days, minutes=1)
        self.database.now(lambda db: run(db, self.now, self.today))
        before = self.database.now(self._counts)
        assert self.database.now(lambda db: run(db, self.now, self.today)) == []
        assert self.database.now(self._counts) == before, "the second replica does nothing"
        self.database.now(self._where)

    @rule(number=st.integers(0, 6), days=st.integers(-3, 20), along=st.booleans())
    def more_time(self, number: int, days: int, along: bool) -> None:
        """HR extends; whoever owes something by a moved date owes it by the new one."""

        def work(db: Session) -> None:
            cycle = self._cycle(db)
            rows = extendable(db, cycle)
            if not rows:
                raise Refused("over")
            stage = rows[number % len(rows)]
            until = end_of_day(max(stage.closes_at, self.now).astimezone(ZONE).date() + timedelta(days=days), ZONE)
            by = company.by_handle(db, "helen").id
            before = stage.closes_at
            extend(db, cycle, cycle.version, stage.name, until, self.now, by_id=by, zone=ZONE, along=along)
            assert until > max(before, self.now)
            late = select(Todo.id).where(Todo.cycle_id == cycle.id, Todo.due_at == before, col(Todo.done_at).is_(None))
            same = [one for one in stages_of(db, cycle.id) if one.closes_at == before]
            assert same or db.exec(late).first() is None, "a todo stayed behind"

        self._try(work)

    @rule()
    def by_hand(self) -> None:
        """HR advances."""
        self._try(self._moved)

    @rule(who=st.sampled_from(TEAM))
    def a_plan_is_agreed(self, who: str) -> None:
        """In the setting of plans or later."""
        self._agreed(who)

    def _agreed(self, who: str) -> None:
        def work(db: Session) -> None:
            cycle = self._cycle(db)
            person = company.by_handle(db, who)
            plan = db.exec(select(Plan).where(Plan.cycle_id == cycle.id, Plan.person_id == person.id)).first()
            if plan is None or plan.effective or cycle.state not in ("setting", "tracking"):
                raise Refused("not now")
            db.delete(plan)
            db.flush()
            _plan(db, cycle, person.id, self.now, VALUES)

        self._try(work)

    @rule(number=st.integers(0, 9), whole=st.booleans(), level=st.sampled_from(["S", "A", "C"]))
    def somebody_scores(self, number: int, whole: bool, level: str) -> None:
        """A form half filled, or a card handed in."""
        self._scored(number, whole, level)

    def _scored(self, number: int, whole: bool, level: str) -> None:
        def work(db: Session) -> None:
            wanted = select(Scorecard).where(Scorecard.cycle_id == self.cycle_id, Scorecard.state == OPEN)
            cards = db.exec(wanted.order_by(col(Scorecard.id))).all()
            if not cards:
                raise Refused("nothing")
            card = cards[number % len(cards)]
            rater, given = Actor(card.waits_for_id or 0), terms_of(self._cycle(db)).level(level)
            assert given is not None
            plan = db.get_one(Plan, card.plan_id)
            for item in items_of(db, plan.id, plan.effective):
                card.rate(db, rater, card.version, self.now, item, given)
            if whole:
                card.submit(db, rater, card.version, self.now, [])
                due = next((one.closes_at for one in stages_of(db, self.cycle_id) if one.name == _stage(card)), None)
                assert card.late == (due is not None and self.now > due)

        self._try(work)

    @rule(allowed=st.booleans())
    def late_scores(self, allowed: bool) -> None:
        """HR changes its mind."""
        self._try(
            lambda db: take_late(db, self._cycle(db), self._cycle(db).version, self.now, Actor(0), allowed=allowed)
        )

    @rule()
    def results_are_published(self) -> None:
        """Whatever is ready; the flags are decided."""

        def work(db: Session) -> None:
            cycle = self._cycle(db)
            for flag in unsettled(db, cycle.id):
                flag.advance(db, state="dismissed")
            if cycle.state == "review":
                releasable(db, cycle)
            publish(db, cycle, self.now)

        self._try(work)

    @rule(number=st.integers(0, 3), ends=st.booleans())
    def a_dispute(self, number: int, ends: bool) -> None:
        """One is filed, or the open ones end."""

        def work(db: Session) -> None:
            found = db.exec(select(Result).where(Result.cycle_id == self.cycle_id).order_by(col(Result.id))).all()
            if ends or not found:
                for case in open_disputes(db):
                    case.withdraw(db, Actor(case.person_id), case.version, self.now)
                return
            one = found[number % len(found)]
            file(db, one, Actor(one.person_id), one.version, self.now, 0)

        self._try(work)

    # What always holds

    @invariant()
    def forward_only(self) -> None:
        """And the rest of it."""
        if self.cycle_id:
            self.database.now(self._check)

    def _check(self, db: Session) -> None:
        cycle = self._cycle(db)
        assert self.state == "draft" or ORDER.index(cycle.state) >= ORDER.index(self.state), "stages only go forward"
        self.state = cycle.state
        self._nothing_lost(db)
        dates = stages_of(db, cycle.id)
        assert [one.name for one in dates] == [name for name in STAGES if name in {one.name for one in dates}]
        assert all(late.opens_at == early.closes_at for early, late in pairwise(dates))
        for todo in db.exec(select(Todo).where(Todo.cycle_id == cycle.id, col(Todo.done_at).is_(None))):
            assert cycle.state != "closed", f"{todo.kind} is owed in a closed cycle"
            stage = stage_of(todo)
            if stage in ORDER[: ORDER.index(cycle.state)] and stage != "review":
                assert todo.due_at is not None, f"{todo.kind} of a stage that is over would never be overdue"

    def _nothing_lost(self, db: Session) -> None:
        handed = select(Scorecard).where(Scorecard.cycle_id == self.cycle_id, Scorecard.state == SUBMITTED)
        now = {}
        for card in db.exec(handed).all():
            rows = db.exec(select(Score).where(Score.scorecard_id == card.id).order_by(col(Score.id))).all()
            now[card.id] = canonical([one.model_dump(exclude={"comment"}) for one in rows])
        for card_id, text in self.handed.items():
            assert now.get(card_id) == text, "what was handed in is lost"
        self.handed = now
        mine = select(func.count()).select_from(Score).join(Scorecard, col(Scorecard.id) == col(Score.scorecard_id))
        kept = db.exec(mine.where(Scorecard.cycle_id == self.cycle_id)).one()
        assert kept >= self.kept, "a half-filled form is lost"
        self.kept = kept

    def _where(self, db: Session) -> None:
        """After the clock: the cycle's time has not come, or its owner has been asked."""
        cycle = self._cycle(db)
        due, held = ends_at(db, cycle), obstacle(db, cycle, self.now)
        assert due is None or due > self.now or held is not None
        owed = select(Todo).where(
            Todo.subject_noun == "cycle", Todo.subject_id == cycle.id, col(Todo.done_at).is_(None)
        )
        kinds = [one.kind for one in db.exec(owed)]
        if held is not None:
            assert kinds == ["cycle.advance"]
        out = next((one.closes_at for one in stages_of(db, cycle.id) if one.name == "published"), None)
        if cycle.state == "review" and out is not None and self.now >= out:
            assert kinds == ["cycle.publish"]

    # Parts

    def _counts(self, db: Session) -> list[int]:
        return [db.exec(select(func.count()).select_from(model)).one() for model in (Plan, Scorecard, Todo, Result)]

    def _cycle(self, db: Session) -> Cycle:
        return db.get_one(Cycle, self.cycle_id)

    def _moved(self, db: Session) -> None:
        cycle = self._cycle(db)
        move(db, cycle, Actor(company.by_handle(db, "helen").id), cycle.version, self.now, self.today)

    def _try(self, work: Callable[[Session], object]) -> None:
        self.now += timedelta(minutes=1)

        def whole(db: Session) -> None:
            work(db)
            changes(db).clear()

        try:
            self.database.now(whole)
        except (Refused, Stale):
            return


def _stage(card: Scorecard) -> str:
    return "self_scoring" if card.kind == "self" else "scoring"


def test_stages_only_go_forward_and_nothing_is_lost() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Stages.database = sqlite_at(Path(folder))
        Stages.database.now(lambda db: company.fill_bare(db, Vault([KEY]), START))
        calm = [HealthCheck.too_slow, HealthCheck.data_too_large]
        how = settings(max_examples=RUNS, stateful_step_count=25, deadline=None, suppress_health_check=calm)
        try:
            run_state_machine_as_test(Stages, settings=how)
        finally:
            Stages.database.close()
