"""The cards of a stage, made for everybody at once: who rates whom, and how hundreds are told."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from bot.context import Context
from bot.db import Database
from bot.router import Router
from bot.text import texts
from bot.vault import Vault
from handlers.stages import MANY, _tell
from models.access import Actor
from models.base import put
from models.beginning import open_cards
from models.cycle import Cycle, Stage
from models.delivery import MOVED, SENT, Delivery
from models.fanout import Fanout, step
from models.person import Person
from models.plan import Plan
from models.scorecard import MANAGER, SELF, SUBMITTED, Scorecard, rater_of
from models.stages import move
from models.todo import Todo, concerned
from tests.models.rows import AT, account, person
from tests.world import KEY

PEOPLE = MANY + 60
LEFT = (3, 7, 9)
DUE = AT + timedelta(days=3)


@pytest.fixture
def cycle(database: Database) -> Cycle:
    """A cycle of hundreds: 1 leads, 2 to 9 lead ten and more each; 3, 7 and 9 have left, 3 under 2, 9 under themselves,
    7 under 8 who is under 7; 10 is their own manager, the last plan is not in force."""
    return database.now(_company)


def _company(db: Session) -> Cycle:
    for number in range(1, PEOPLE + 1):
        made = person(db, f"P{number}")
        made.manager_id = None if number == 1 else 1 if number < 10 else 2 + number % 8
        made.left_at = AT if number in LEFT else None
        made.zone = "America/New_York" if number % 50 == 0 else "Asia/Shanghai"
        account(db, made) if number != 20 else None
    db.flush()
    for number, manager in ((3, 2), (9, 9), (7, 8), (8, 7), (10, 10)):
        db.get_one(Person, number).manager_id = manager
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    cycle = Cycle(kind="quarter", name="Q1", owner_id=1, chain=[], languages=["en"], starts_on=first, ends_on=last)
    cycle.state = "tracking"
    put(db, cycle)
    for stage in ("self_scoring", "scoring"):
        put(db, Stage(cycle_id=cycle.id, name=stage, closes_at=DUE))
    for number in range(1, PEOPLE + 1):
        put(db, Plan(cycle_id=cycle.id, person_id=number, changed_at=AT, effective=int(number < PEOPLE)))
    return cycle


def cards(db: Session, kind: str) -> Sequence[Scorecard]:
    return db.exec(select(Scorecard).where(Scorecard.kind == kind).order_by(col(Scorecard.person_id))).all()


@pytest.mark.parametrize("kind", [SELF, MANAGER])
def test_everybody_is_rated_by_who_is_to_and_it_is_owed_once(database: Database, cycle: Cycle, kind: str) -> None:
    def work(db: Session) -> None:
        expected = {number: rater_of(db, number, kind) for number in range(1, PEOPLE)}
        known = {number: rater for number, rater in expected.items() if rater is not None}
        concerned(db).clear()
        assert open_cards(db, cycle, kind, AT) == len(known)
        assert concerned(db) == set(known.values())
        made = cards(db, kind)
        assert {one.person_id: one.waits_for_id for one in made} == known
        assert {(one.state, one.version, one.late, one.rater_id) for one in made} == {("open", 1, False, None)}
        owed = db.exec(select(Todo).where(Todo.kind == "scorecard.submit")).all()
        assert {(one.subject_id, one.about_id, one.assignee_id) for one in owed} == {
            (one.id, one.person_id, one.waits_for_id) for one in made
        }
        assert len(owed) == len(made)
        assert {(one.subject_noun, one.cycle_id, one.due_at) for one in owed} == {("scorecard", cycle.id, DUE)}
        assert open_cards(db, cycle, kind, AT) == 0, "once more makes nothing"
        if kind == MANAGER:
            assert (expected[1], expected[7], expected[10]) == (None, 8, None)

    database.now(work)


def _moved(db: Session, cycle_id: int) -> None:
    cycle = db.get_one(Cycle, cycle_id)
    vault = Vault([KEY])
    ctx = Context(db, Actor(0), texts("en"), AT, vault, Router(), ZoneInfo("Asia/Shanghai"))
    _tell(ctx, move(db, cycle, Actor(0), cycle.version, AT, AT.date()), quietly=True)
    own = {one.person_id: one.id for one in cards(db, SELF)}
    told = {one.person_id: (one.noun, one.subject) for one in ctx.told}
    assert told == {number: ("scorecard", own[number]) for number in range(50, PEOPLE, 50)}, "few, so one by one"
    assert all(one.after is not None and one.after > AT for one in ctx.told)


def test_hundreds_get_their_own_card_by_a_fan_out(database: Database, cycle: Cycle) -> None:
    """In the hours of each zone; who handed in meanwhile is not asked, and an older copy gives way."""
    database.now(lambda db: _moved(db, cycle.id))

    def before(db: Session) -> None:
        assert [(one.view, one.own, one.subject_id) for one in db.exec(select(Fanout))] == [
            ("scorecard.card", "scorecard.submit", cycle.id)
        ]
        mine = {one.person_id: one for one in cards(db, SELF)}
        todo = db.exec(select(Todo).where(Todo.assignee_id == 12)).one()
        todo.done_at, mine[12].state = AT, SUBMITTED
        for number in (13, 14):
            made = Delivery(person_id=number, view="scorecard.card", state=SENT, not_before=AT, created_at=AT)
            made.subject_noun, made.subject_id = "scorecard", mine[13].id
            put(db, made)

    database.now(before)
    while database.now(lambda db: step(db, AT + timedelta(days=1), 70)):
        pass

    def after(db: Session) -> None:
        mine = {one.person_id: one.id for one in cards(db, SELF)}
        rows = db.exec(select(Delivery).where(Delivery.state == "queued").order_by(col(Delivery.person_id))).all()
        asked = [n for n in range(1, PEOPLE) if n not in (*LEFT, 12) and n % 50]
        assert [(one.person_id, one.subject_noun, one.subject_id) for one in rows] == [
            (number, "scorecard", mine[number]) for number in asked
        ]
        assert [one.person_id for one in rows if one.identity_id is None] == [20]
        old = db.exec(select(Delivery).where(Delivery.state == SENT).order_by(col(Delivery.id))).all()
        assert [one.view for one in old] == [MOVED, "scorecard.card"], "only the reader's own"

    database.now(after)
