"""Everybody tries every step of cases and requests, also outdated ones: whoever is awaited has the only todo."""

import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from bot.db import Database
from bot.vault import Vault
from models.access import Actor
from models.base import Refused, Stale, changes
from models.case import CLOSED, OPEN, Case, open_case
from models.department import Department
from models.handover import hand_over
from models.person import Person
from models.request import ANSWERED, ASKED, Request, request_of
from models.todo import Todo
from tests.prepared import sqlite_at
from tests.security import company
from tests.security.stage import SHM
from tests.world import KEY, START

RUNS = 200 if os.environ.get("SOAK") else 8
WHO = st.sampled_from(["ana", "ana", "helen", "helen", "henry", "hugo", "hugo", "bo", "dana", "olga"])
BEHIND = st.sampled_from([0, 0, 0, 1])
CASE = ("reply", "answer", "hand", "take", "close", "satisfied", "rate")
REQUEST = ("give", "hand", "accept", "return", "decline", "withdraw")
WHY = b"sealed"


class Asking(RuleBasedStateMachine):
    """One case and one request of Ana's at a time."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now = START

        def begin(db: Session) -> tuple[int, int]:
            for person in db.exec(select(Person).where(Person.handle != "leo")):
                person.left_at = None
            ana = company.actor(db, "ana")
            sales = db.exec(select(Department).where(Department.code == "S")).one()
            case, _message = open_case(db, ana, self.now, None)
            return case.id, request_of(db, ana, sales, self.now, self.now + timedelta(days=5), None).id

        self.case_id, self.request_id = self.database.now(begin)

    @rule(who=WHO, to=WHO, verb=st.sampled_from(CASE), behind=BEHIND)
    def somebody_acts_on_the_case(self, who: str, to: str, verb: str, behind: int) -> None:
        """Any step by anybody."""
        self._try(who, lambda db, actor: self._case(db, actor, verb, to, behind))

    @rule(who=WHO, to=WHO, verb=st.sampled_from(REQUEST), behind=BEHIND)
    def somebody_acts_on_the_request(self, who: str, to: str, verb: str, behind: int) -> None:
        """Any step by anybody."""
        self._try(who, lambda db, actor: self._request(db, actor, verb, to, behind))

    @rule(who=st.sampled_from(["helen", "hugo", "bo"]), hours=st.sampled_from([1, 30]))
    def somebody_leaves(self, who: str, hours: int) -> None:
        """What waits for them waits for somebody else."""
        self.now += timedelta(hours=hours)

        def leave(db: Session) -> None:
            person = company.by_handle(db, who)
            person.left_at = self.now
            db.flush()
            hand_over(db, [person.id], self.now)

        self.database.now(leave)

    @invariant()
    def whoever_is_awaited_has_the_only_todo(self) -> None:
        """Between any two transactions."""
        self.database.now(self._check)

    def _case(self, db: Session, actor: Actor, verb: str, to: str, behind: int) -> None:
        case = db.get_one(Case, self.case_id)
        at = case.version - behind
        match verb:
            case "reply" | "answer":
                getattr(case, verb)(db, actor, self.now)
            case "hand":
                case.hand_to(db, actor, at, self.now, company.by_handle(db, to))
            case "close":
                case.close(db, actor, at, self.now, said=True)
            case "rate":
                case.rate(db, actor, at)
            case _:
                getattr(case, verb)(db, actor, at, self.now)
        asks = verb in ("reply", "satisfied", "rate")
        assert (actor.id == case.person_id) == asks, f"{verb} by the wrong side"

    def _request(self, db: Session, actor: Actor, verb: str, to: str, behind: int) -> None:
        request = db.get_one(Request, self.request_id)
        at = request.version - behind
        match verb:
            case "hand":
                request.hand_to(db, actor, at, self.now, company.by_handle(db, to))
            case "return":
                request.return_(db, actor, at, self.now, self.now + timedelta(days=1), WHY)
            case "decline":
                request.decline(db, actor, at, self.now, WHY)
            case _:
                getattr(request, verb)(db, actor, at, self.now)
        asks = verb in ("accept", "return", "withdraw")
        assert (actor.id == request.person_id) == asks, f"{verb} by the wrong side"

    def _try(self, who: str, work: Callable[[Session, Actor], None]) -> None:
        self.now += timedelta(minutes=1)

        def whole(db: Session) -> None:
            if company.by_handle(db, who).left_at is not None:
                raise Refused("gone")
            work(db, company.actor(db, who))
            db.flush()
            changes(db).clear()

        try:
            self.database.now(whole)
        except (Refused, Stale):
            return

    def _check(self, db: Session) -> None:
        case, request = db.get_one(Case, self.case_id), db.get_one(Request, self.request_id)
        assert case.waits_for_id != case.person_id
        assert case.state == CLOSED or db.get_one(Person, case.waits_for_id).left_at is None
        assert self._owed(db, case) == ([("case.answer", case.waits_for_id)] if case.state == OPEN else [])
        kind = {ASKED: "request.answer", ANSWERED: "request.accept"}.get(request.state)
        assert self._owed(db, request) == ([(kind, request.waits_for_id)] if kind else [])
        assert (request.waits_for_id is not None) == (kind is not None)
        assert (request.waits_for_id == request.person_id) == (request.state == ANSWERED)

    def _owed(self, db: Session, subject: Case | Request) -> list[tuple[str, int]]:
        about = (Todo.subject_noun == subject.noun, Todo.subject_id == subject.id, col(Todo.done_at).is_(None))
        return list(db.exec(select(Todo.kind, Todo.assignee_id).where(*about)).all())


def test_T32_no_order_of_steps_breaks_a_case_or_a_request() -> None:
    with tempfile.TemporaryDirectory(dir=SHM if SHM.exists() else None) as folder:
        Asking.database = sqlite_at(Path(folder))
        Asking.database.now(lambda db: company.fill_bare(db, Vault([KEY]), START))
        calm = [HealthCheck.too_slow, HealthCheck.data_too_large]
        how = settings(max_examples=RUNS, stateful_step_count=25, deadline=None, suppress_health_check=calm)
        try:
            run_state_machine_as_test(Asking, settings=how)
        finally:
            Asking.database.close()
