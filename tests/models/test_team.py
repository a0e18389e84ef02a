"""Where a manager's people stand, counted by the database."""

from typing import Any

import pytest
from sqlmodel import Session

from bot.db import Database
from models.base import put
from models.cycle import Cycle
from models.person import Person
from models.plan import Plan
from models.scorecard import MANAGER, SELF, SUBMITTED, Scorecard
from models.team import _COUNTED, Counted, counted
from tests.models.rows import AT, person

STATES = ("draft", "active", "active", "submitted")


def _team(db: Session) -> tuple[int, int, int]:
    """A manager and two cycles: four reports, of whom the last has left, and somebody else's report."""
    chief = person(db, "Chief")
    days: dict[str, Any] = {"starts_on": AT.date(), "ends_on": AT.date()}
    cycles = [Cycle(kind="year", name=name, chain=[], languages=[], owner_id=chief.id, **days) for name in "AB"]
    for cycle in cycles:
        put(db, cycle)
    people = [person(db, f"P{number}") for number in range(5)]
    for one, state in zip(people, (*STATES, "active"), strict=True):
        one.manager_id = None if one is people[4] else chief.id
        plan = Plan(cycle_id=cycles[0].id, person_id=one.id, state=state, changed_at=AT)
        put(db, plan)
        about: dict[str, Any] = {"cycle_id": cycles[0].id, "plan_id": plan.id, "person_id": one.id}
        put(db, Scorecard(**about, kind=MANAGER, state=SUBMITTED if one is people[1] else "open"))
        put(db, Scorecard(**about, kind=SELF, state=SUBMITTED))
    people[3].left_at = AT
    return chief.id, cycles[0].id, cycles[1].id


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_own_people_of_one_cycle_count_who_work_here(database: Database) -> None:
    chief, cycle, other = database.now(_team)
    assert database.now(lambda db: counted(db, chief, cycle)) == Counted({"draft": 1, "active": 2}, 1, 3)
    assert database.now(lambda db: counted(db, chief, other)) == Counted({})
    assert database.now(lambda db: counted(db, db.get_one(Person, chief + 1).id, cycle)) == Counted({})


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_it_begins_with_the_people_of_the_manager(database: Database) -> None:
    def plan(db: Session) -> list[str]:
        asked = (
            _COUNTED.params(manager=1, cycle=1)
            .compile(dialect=db.connection().dialect, compile_kwargs={"literal_binds": True})
            .string
        )
        return [row[3] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]

    found = [how for how in database.now(plan) if how.startswith(("SEARCH", "SCAN"))]
    assert [how.split(" USING INDEX ")[1] for how in found if "USING INDEX" in how] == [
        "ix_person_manager_id (manager_id=?)",
        "ix_plan_person_id (person_id=?)",
        "ix_person_manager_id (manager_id=?)",
        "ix_scorecard_person_id (person_id=?)",
    ]
    assert len(found) == 4
