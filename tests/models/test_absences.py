"""Somebody stands in: with which rights, never on their own case, and only as long as it lasts (threat T20)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from bot.db import Database
from bot.vault import Vault
from models.absence import Absence, coming, declare, switch
from models.access import can
from models.base import Refused
from models.nudge import Nudge
from models.plan import Plan
from models.todo import Todo, may_open, owed_by
from models.wave import run
from tests.security import company
from tests.world import KEY, START

DAY = timedelta(days=1)
Work = Callable[[Session], None]


def submitted(db: Session) -> Plan:
    """Ana's plan, which Eva has to approve."""
    company.fill(db, Vault([KEY]), START)
    return company.bring(db, "submitted", START)


def away(db: Session, who: str, delegate: str, days: int = 7) -> Absence:
    """Somebody is away from today on."""
    person = company.by_handle(db, who)
    today = START.date()
    return declare(db, person, today, today + days * DAY, company.by_handle(db, delegate), person.id, START, "UTC")


def playing(database: Database, work: Work) -> None:
    database.now(work)


def test_T20_who_stands_in_decides_but_never_on_their_own_case(database: Database) -> None:
    def work(db: Session) -> None:
        plan = submitted(db)
        todo = db.exec(select(Todo).where(Todo.kind == "plan.approve", col(Todo.done_at).is_(None))).one()
        ana, bo, boss = (company.actor(db, handle) for handle in ("ana", "bo", "boss"))
        assert not can(db, bo, "plan.approve", plan)
        absence = away(db, "eva", "bo")
        assert can(db, bo, "plan.approve", plan)
        assert may_open(db, todo, bo.id)
        assert [one.absent for one in owed_by(db, bo.id, "en") if one.id == todo.id] == ["Eva"]
        absence.end(db, absence.version, START)
        assert not can(db, bo, "plan.approve", plan)
        away(db, "eva", "ana")
        assert not can(db, ana, "plan.approve", plan)
        assert can(db, boss, "plan.approve", plan), "it goes one level up"
        assert [one.id for one in owed_by(db, boss.id, "en") if one.absent] == [todo.id]
        assert not may_open(db, todo, ana.id)

    playing(database, work)


def test_T20_what_is_about_the_absent_one_is_nobody_elses(database: Database) -> None:
    def work(db: Session) -> None:
        company.fill(db, Vault([KEY]), START)
        plan = company.bring(db, "awaiting_confirmation", START)
        away(db, "ana", "bo")
        bo = company.actor(db, "bo")
        assert not can(db, bo, "plan.confirm", plan)
        assert not [one for one in owed_by(db, bo.id, "en") if one.absent]

    playing(database, work)


@pytest.mark.parametrize(
    ("who", "delegate", "words"),
    [("eva", "eva", "somebody else"), ("helen", "bo", "HR"), ("eva", "leo", "somebody else"), ("eva", "hugo", "away")],
)
def test_who_cannot_stand_in(database: Database, who: str, delegate: str, words: str) -> None:
    def work(db: Session) -> None:
        company.fill(db, Vault([KEY]), START)
        away(db, "hugo", "bo")
        with pytest.raises(Refused, match=words):
            away(db, who, delegate)

    playing(database, work)


def test_days_that_cannot_be(database: Database) -> None:
    def work(db: Session) -> None:
        company.fill(db, Vault([KEY]), START)
        away(db, "eva", "bo")
        eva, today = company.by_handle(db, "eva"), START.date()
        for begins, ends in ((-2, -1), (1, 0), (20, 400), (0, 0)):
            with pytest.raises(Refused):
                declare(db, eva, today + begins * DAY, today + ends * DAY, None, eva.id, START, "UTC")

    playing(database, work)


def test_it_begins_and_ends_by_the_clock(database: Database) -> None:
    def work(db: Session) -> None:
        company.fill(db, Vault([KEY]), START)
        eva, day = company.by_handle(db, "eva"), START.date() + DAY
        absence = declare(db, eva, day, day, company.by_handle(db, "bo"), eva.id, START, "UTC")
        assert switch(db, START) == []
        assert switch(db, START + DAY) == [absence]
        assert db.exec(select(Absence.active)).all() == [True]
        assert switch(db, START + DAY) == []
        switch(db, START + 3 * DAY)
        assert not absence.active
        assert not coming(db, eva.id, START + 3 * DAY)
        with pytest.raises(Refused):
            absence.end(db, absence.version, START + 3 * DAY)

    playing(database, work)


def test_who_is_away_is_not_reminded_but_who_stands_in_is(database: Database) -> None:
    def work(db: Session) -> None:
        submitted(db)
        eva, bo = company.by_handle(db, "eva"), company.by_handle(db, "bo")
        for todo in db.exec(select(Todo).where(col(Todo.done_at).is_(None))).all():
            todo.due_at = START + 3.5 * DAY if todo.assignee_id == eva.id else None
            todo.created_at = START - DAY
        away(db, "eva", "bo")
        now = START.replace(hour=10)
        assert run(db, now) == 1
        assert run(db, now) == 0
        assert db.exec(select(Nudge.person_id)).all() == [bo.id]

    playing(database, work)
