"""What every table shares: numbers stay exact, and of two changes to the same version one wins."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError
from sqlmodel import Session, select

from bot.db import Database
from models.base import Exact, Stale, canonical, said
from models.cycle import Cycle
from models.goal import Goal
from models.identity import Identity
from tests.models.rows import AT, person

amounts = st.decimals(min_value=-(10**13), max_value=10**13, places=4)


@pytest.fixture
def cycle(database: Database) -> int:
    """A draft of a cycle."""

    def work(db: Session) -> int:
        made = Cycle(
            kind="year",
            name="2026",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            chain=[],
            languages=[],
            owner_id=person(db, "Hana").id,
        )
        db.add(made)
        db.flush()
        return made.id

    return database.now(work)


def test_numbers_come_back_exactly(database: Database) -> None:
    edges = [
        Decimal(text) for text in ("0", "0.0001", "-0.0001", "922337203685477.5807", "-922337203685477.5808", "0.1")
    ]

    def work(db: Session) -> list[Decimal | None]:
        goals = [Goal(code=f"G{n}", year=2026, names={}, measures={}, target=edge) for n, edge in enumerate(edges)]
        db.add_all(goals)
        db.flush()
        db.expire_all()
        return [goal.target for goal in db.exec(select(Goal).order_by(Goal.code))]

    assert database.now(work) == edges


def test_sums_in_the_database_are_exact(database: Database) -> None:
    def work(db: Session) -> Decimal:
        db.add_all(Goal(code=f"G{n}", year=2026, names={}, measures={}, target=Decimal("0.1")) for n in range(10))
        db.flush()
        column = Goal.__table__.c.target  # type: ignore[attr-defined]
        return Decimal(db.connection().execute(sa.select(sa.type_coerce(sa.func.sum(column), Exact(4)))).scalar_one())

    assert database.now(work) == 1


@settings(max_examples=300, deadline=None)
@given(amounts)
def test_an_exact_number_round_trips(value: Decimal) -> None:
    dialect = sa.create_engine("sqlite://").dialect
    stored = Exact(4).process_bind_param(value, dialect)
    assert isinstance(stored, int)
    assert Exact(4).process_result_value(stored, dialect) == value


@settings(max_examples=300, deadline=None)
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=8))
def test_what_is_finer_is_rounded_half_away_from_zero(value: Decimal) -> None:
    dialect = sa.create_engine("sqlite://").dialect
    stored = Exact(4).process_result_value(Exact(4).process_bind_param(value, dialect), dialect)
    assert stored is not None
    assert abs(stored - value) <= Decimal("0.00005")
    if abs(stored - value) == Decimal("0.00005"):
        assert abs(stored) > abs(value)


@pytest.mark.parametrize("nothing", ["NaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_refused(database: Database, nothing: str) -> None:
    goal = Goal(code="G", year=2026, names={}, measures={}, target=Decimal(nothing))
    with pytest.raises(StatementError):
        database.now(lambda db: db.add(goal))


def test_instants_come_back_as_they_were(database: Database) -> None:
    elsewhere = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))

    def work(db: Session) -> datetime:
        owner = person(db, "Ana")
        db.add(Identity(platform="slack", user="U1", person_id=owner.id, seen_at=elsewhere))
        db.flush()
        db.expire_all()
        return db.exec(select(Identity.seen_at)).one()

    back = database.now(work)
    assert back == elsewhere
    assert back.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    def work(db: Session) -> None:
        naive = AT.replace(tzinfo=None)
        db.add(Identity(platform="slack", user="U1", person_id=person(db, "Ana").id, seen_at=naive))

    with pytest.raises(StatementError):
        database.now(work)


def test_a_change_on_the_version_that_was_seen_counts_it_up(database: Database, cycle: int) -> None:
    def work(db: Session) -> Cycle:
        return db.get_one(Cycle, cycle).advance(db, 1, name="New")

    assert (database.now(work).version, database.now(lambda db: db.get_one(Cycle, cycle).name)) == (2, "New")


def test_a_change_on_an_older_version_is_stale_and_changes_nothing(database: Database, cycle: int) -> None:
    database.now(lambda db: db.get_one(Cycle, cycle).advance(db, name="First"))
    with pytest.raises(Stale) as caught:
        database.now(lambda db: db.get_one(Cycle, cycle).advance(db, 1, name="Second"))
    assert (caught.value.noun, caught.value.subject) == ("cycle", cycle)
    assert database.now(lambda db: db.get_one(Cycle, cycle).name) == "First"


def test_of_many_who_saw_the_same_version_one_wins(database: Database, cycle: int) -> None:
    together = threading.Barrier(6)

    def attempt(number: int) -> str:
        def work(db: Session) -> str:
            db.get_one(Cycle, cycle).advance(db, 1, name=f"by {number}")
            return f"by {number}"

        together.wait(20)
        try:
            return database.now(work)
        except Stale:
            return ""

    with ThreadPoolExecutor(6) as threads:
        winners = [winner for winner in threads.map(attempt, range(6)) if winner]
    assert winners == [database.now(lambda db: db.get_one(Cycle, cycle).name)]


def test_the_same_facts_make_the_same_text() -> None:
    one = {"b": Decimal("1.50"), "a": datetime(2026, 3, 2, tzinfo=UTC), "名": "值"}
    other = dict(reversed([("b", Decimal("1.5")), ("a", datetime(2026, 3, 2, tzinfo=UTC)), ("名", "值")]))
    assert canonical(one) == canonical(other) == '{"a":"2026-03-02T00:00:00+00:00","b":"1.5","名":"值"}'


@pytest.mark.parametrize(
    ("names", "locale", "shown"),
    [
        ({"en": "Sales", "ja": "営業"}, "ja", "営業"),
        ({"en": "Sales", "zh_Hant": "銷售"}, "zh_Hans", "銷售"),
        ({"en": "Sales"}, "ja", "Sales"),
        ({"ja": "営業"}, "en", "営業"),
        ({"en": "Sales", "ja": ""}, "ja", "Sales"),
        ({}, "en", ""),
    ],
)
def test_a_name_is_said_in_the_nearest_language(names: dict[str, str], locale: str, shown: str) -> None:
    assert said(names, locale) == shown
