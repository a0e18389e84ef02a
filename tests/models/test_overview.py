"""The overview of published results: figures of groups only, and nobody is given away (T61)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from bot.db import Database
from models.cycle import Cycle
from models.department import Department
from models.overview import Group, complete, newest_complete, open_departments, overview
from models.plan import Plan
from models.result import Result
from models.rules.totals import SCALE, rating
from models.terms import terms_of
from tests.models import counted

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LEAST = 5


def _company(db: Session, sizes: Mapping[str, int], totals: Sequence[int] = (70, 96, 88, 104, 59, 91)) -> Cycle:
    """Departments by path ("C", "C/S", "C/S/x") with so many people each, all with a published result."""
    cycle = counted.year(db, 2025, "published", counted.person(db, "boss", None))
    known: dict[str, Department] = {}
    for place in sorted(sizes):
        one = counted.department(db, known, place)
        for number in range(sizes[place]):
            _result(db, cycle, one, f"{place}{number}", Decimal(totals[number % len(totals)]))
    db.flush()
    return cycle


def _result(db: Session, cycle: Cycle, place: Department, name: str, total: Decimal) -> None:
    person = counted.person(db, name, place)
    plan = Plan(cycle_id=cycle.id, person_id=person.id, effective=1, changed_at=NOW)
    db.add(plan)
    db.flush()
    result = Result(cycle_id=cycle.id, plan_id=plan.id, person_id=person.id, department_id=place.id)
    result.total, result.rating, result.published_at, result.state = total, rating(total, SCALE), NOW, "published"
    db.add(result)


def _shown(groups: Sequence[Group]) -> dict[str, int]:
    return {group.department.code: group.people for group in groups}


def test_departments_are_shown_with_their_figures(database: Database) -> None:
    def look(db: Session) -> None:
        cycle = _company(db, {"C": 0, "C/R": 8, "C/S": 12})
        found = overview(db, cycle, None, terms_of(cycle))
        assert (found.people, found.hidden) == (20, 0)
        assert _shown(found.groups) == {"C/R": 8, "C/S": 12}
        assert sum(one.people for one in found.bins) == 20
        assert found.shares is not None
        assert sum(found.shares) == 1

    database.now(look)


def test_a_small_department_hides_another_so_that_nothing_is_left_over(database: Database) -> None:
    """Three in audit: their figures would be the company's minus all others', so the smallest of those goes, too."""

    def look(db: Session) -> None:
        cycle = _company(db, {"C": 0, "C/A": 3, "C/R": 6, "C/S": 12})
        found = overview(db, cycle, None, terms_of(cycle))
        assert _shown(found.groups) == {"C/S": 12}
        assert found.hidden == 9
        codes = {one: db.get_one(Department, one).code for one in open_departments(db, cycle)}
        assert set(codes.values()) == {"C", "C/S"}

    database.now(look)


def test_nothing_is_said_about_four_people(database: Database) -> None:
    def look(db: Session) -> None:
        cycle = _company(db, {"C": 4})
        found = overview(db, cycle, None, terms_of(cycle))
        assert (found.totals, found.shares, found.bins, found.groups, found.ranking) == (None, None, (), (), ())

    database.now(look)


def test_a_cycle_is_shown_only_as_a_whole(database: Database) -> None:
    """One unpublished result: with it added tomorrow, two pictures would differ by one person."""

    def look(db: Session) -> None:
        cycle = _company(db, {"C": 9})
        assert newest_complete(db) == cycle
        plan = Plan(cycle_id=cycle.id, person_id=cycle.owner_id, effective=1, changed_at=NOW)
        db.add(plan)
        db.flush()
        db.add(Result(cycle_id=cycle.id, plan_id=plan.id, person_id=cycle.owner_id))
        db.flush()
        assert not complete(db, cycle)
        assert newest_complete(db) is None

    database.now(look)


PLACES = ("C", "C/A", "C/A/x", "C/A/y", "C/B", "C/B/z", "C/D")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.tuples(*[st.integers(0, 9)] * len(PLACES)))
def test_T61_no_figure_and_no_difference_of_figures_is_about_fewer_than_five(
    database: Database, counts: tuple[int, ...]
) -> None:
    """Of everything a reader without further rights can open, down to every level."""

    def look(db: Session) -> None:
        undo = db.begin_nested()
        cycle = _company(db, dict(zip(PLACES, counts, strict=True)))
        terms, public = terms_of(cycle), open_departments(db, cycle)
        for place in [None, *(db.get_one(Department, one) for one in sorted(public))]:
            found = overview(db, cycle, place, terms)
            assert found.totals is None or found.people >= LEAST
            parts = [group.people for group in found.groups]
            assert all(part >= LEAST for part in parts)
            if found.totals is not None:
                assert found.people - sum(parts) == 0 or found.people - sum(parts) >= LEAST
        undo.rollback()

    database.now(look)
