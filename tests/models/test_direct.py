"""Statements run past SQLAlchemy's execution say what SQLAlchemy says, on both engines."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, MultipleResultsFound, NoResultFound
from sqlmodel import Session, SQLModel, col, select

from bot.db import Database
from models.audit import Audit
from models.base import execute
from models.cycle import Cycle
from models.delivery import Delivery, Inbox
from models.direct import LONG, SHORT, run
from models.goal import Goal
from tests.models.rows import AT, person

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
zones = st.integers(-12, 12).map(lambda hours: timezone(timedelta(hours=hours)))
first, last = (datetime(year, 1, 2, tzinfo=UTC).replace(tzinfo=None) for year in (1970, 9998))
instants = st.datetimes(first, last, timezones=zones)
plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
facts = st.dictionaries(texts, plain | st.lists(plain, max_size=3), max_size=3)
PER_TEST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MESSAGE = {"view": "v", "created_at": AT, "not_before": AT, "facts": {}}
_MESSAGE = sa.insert(Delivery).returning(*Delivery.__table__.c)  # type: ignore[attr-defined]
_MESSAGES = sa.select(Delivery.__table__).order_by(col(Delivery.id))  # type: ignore[attr-defined]
_AMONG = sa.select(col(Goal.code)).where(col(Goal.year).in_(sa.bindparam("years", expanding=True))).order_by(Goal.code)
_YEAR = sa.update(Goal).where(col(Goal.code).in_(sa.bindparam("codes", expanding=True)))


def table(model: type[SQLModel]) -> sa.Table:
    """The table of a model."""
    found: sa.Table = model.__table__  # type: ignore[attr-defined]
    return found


def both(db: Session, statement: sa.Executable, values: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """What a statement returns: here, and through SQLAlchemy."""
    return [tuple(row) for row in run(db, statement, values)], [
        tuple(row) for row in db.connection().execute(statement, dict(values))
    ]


def goals(db: Session, *years: int) -> None:
    """One goal for each of the years."""
    rows = [Goal(code=f"G{n:02}", year=year, names={}, measures={}) for n, year in enumerate(years)]
    db.add_all(rows)
    db.flush()


@PER_TEST
@given(facts, instants, st.none() | instants, texts, st.booleans(), st.integers(-(2**31), 2**31 - 1))
def test_every_type_goes_in_and_comes_out_the_same(
    database: Database, said: dict[str, Any], at: datetime, sent: datetime | None, error: str, due: bool, many: int
) -> None:
    def work(db: Session) -> None:
        owner = person(db, "Ana").id
        values = {
            **MESSAGE,
            "person_id": owner,
            "facts": said,
            "not_before": at,
            "sent_at": sent,
            "error": error,
            "due": due,
            "attempts": many,
        }
        here, there = both(db, _MESSAGE, values)
        assert [row[1:] for row in here] == [row[1:] for row in there]
        first, second = both(db, _MESSAGES, {})
        assert first == second
        assert [type(value) for value in first[0]] == [type(value) for value in second[0]]
        stored = run(db, _MESSAGES, {}).all()[0]
        assert (stored.facts, stored.not_before, stored.sent_at, stored.error) == (said, at, sent, error)
        db.rollback()

    with Session(database.writer) as db:
        work(db)


@PER_TEST
@given(st.none() | st.decimals(-(10**13), 10**13, places=4), st.dates(), st.binary(min_size=1, max_size=40), texts)
def test_numbers_dates_and_bytes_too(
    database: Database, target: Decimal | None, day: date, leaf: bytes, body: str
) -> None:
    with Session(database.writer) as db:
        owner = person(db, "Ana").id
        about = {"kind": "year", "name": body, "ends_on": day, "chain": [body], "languages": []}
        about |= {"terms": {}, "audience": {}}
        run(db, sa.insert(Goal), {"code": "G", "year": 2026, "names": {"en": body}, "measures": {}, "target": target})
        run(db, sa.insert(Cycle), {"starts_on": day, "owner_id": owner, **about})
        entry = {"at": AT, "action": "a.b", "subject_noun": "a", "subject_id": 1, "body": body, "leaf": leaf}
        run(db, sa.insert(Audit), entry)
        for model in (Goal, Cycle, Audit):
            first, second = both(db, sa.select(table(model)), {})
            assert first == second
            assert [type(value) for value in first[0]] == [type(value) for value in second[0]]
        kept = run(db, sa.select(col(Audit.leaf)), {}).one()
        assert (bytes(kept.leaf), run(db, sa.select(col(Goal.target)), {}).scalar()) == (leaf, target)


@PER_TEST
@given(st.lists(st.integers(2020, 2060), max_size=2 * SHORT), st.lists(st.integers(2020, 2060), max_size=2 * SHORT))
def test_lists_of_every_length(database: Database, stored: list[int], wanted: list[int]) -> None:
    with Session(database.writer) as db:
        goals(db, *stored)
        here, there = both(db, _AMONG, {"years": wanted})
        assert here == there
        codes = [f"G{n:02}" for n, year in enumerate(stored) if year in wanted]
        assert run(db, _YEAR, {"codes": codes, "year": 1999}).rowcount == len(codes)
        assert len(run(db, _AMONG, {"years": [1999]}).all()) == len(codes)


@pytest.mark.parametrize("many", [SHORT, SHORT + 1, 64, 65, LONG, LONG + 1])
def test_long_lists_name_each_row_once(database: Database, many: int) -> None:
    with Session(database.writer) as db:
        goals(db, 2019, 2020)
        years = list(range(2020, 2020 + many))
        assert len(both(db, _AMONG, {"years": years})[0]) == 1
        assert run(db, _YEAR, {"codes": [f"G{n:02}" for n in range(many)], "year": 1999}).rowcount == 2


def test_rows_answer_like_results(database: Database) -> None:
    def work(db: Session) -> None:
        goals(db, 2026, 2027)
        statement: sa.Executable = sa.select(col(Goal.code), col(Goal.year).label("when")).order_by(col(Goal.code))
        found = execute(db, statement)
        assert (found.first().when, found.scalar(), list(found.scalars())) == (2026, "G00", ["G00", "G01"])
        assert [code for code, _year in found] == ["G00", "G01"]
        with pytest.raises(MultipleResultsFound):
            found.one()
        nothing = execute(db, _AMONG, years=[1])
        assert (nothing.first(), nothing.scalar(), list(nothing), list(nothing.all())) == (None, None, [], [])
        with pytest.raises(NoResultFound):
            nothing.one()

    database.now(work)


def test_what_is_pending_is_written_first_and_all_of_it_is_one_transaction(database: Database) -> None:
    def fails(db: Session) -> None:
        db.add(Goal(code="G", year=2026, names={}, measures={}))
        assert execute(db, _AMONG, years=[2026]).scalar() == "G"
        execute(db, sa.insert(Inbox), platform="slack", key="k", at=AT)
        raise LookupError

    with pytest.raises(LookupError):
        database.now(fails)
    assert database.now(lambda db: (len(db.exec(select(Goal)).all()), len(db.exec(select(Inbox)).all()))) == (0, 0)


def test_a_session_that_goes_on_after_a_commit_is_followed(database: Database) -> None:
    with Session(database.writer) as db:
        execute(db, sa.insert(Inbox), platform="slack", key="one", at=AT)
        db.commit()
        execute(db, sa.insert(Inbox), platform="slack", key="two", at=AT)
        db.rollback()
        assert list(execute(db, sa.select(col(Inbox.key))).scalars()) == ["one"]


def test_what_a_table_says_for_missing_columns_is_stored(database: Database) -> None:
    def work(db: Session) -> str:
        execute(db, sa.insert(Inbox), platform="slack", key="k", at=AT)
        return str(execute(db, sa.select(col(Inbox.tenant))).scalar())

    assert database.now(work) == ""
    with pytest.raises(TypeError, match="needs a value"):
        database.now(lambda db: execute(db, sa.insert(Delivery), person_id=1, view="v", created_at=AT, not_before=AT))


def test_errors_are_sqlalchemys_and_say_no_values(database: Database) -> None:
    def twice(db: Session) -> None:
        for _ in range(2):
            execute(db, sa.insert(Inbox), platform="slack", tenant="secret", key="k", at=AT)

    with pytest.raises(IntegrityError) as caught:
        database.now(twice)
    assert (caught.value.params, "secret" in str(caught.value).partition("[SQL")[2]) == (None, False)
    assert database.now(lambda db: len(db.exec(select(Inbox)).all())) == 0


def test_an_instant_without_a_zone_is_refused_here_too(database: Database) -> None:
    naive = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="timezone"):
        database.now(lambda db: execute(db, sa.insert(Inbox), platform="slack", key="k", at=naive))
