"""Rows that stand in a database of an earlier shape are kept, and get what the newer shape asks for."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from bot.db import Database
from models import migrations

AT = datetime(2026, 3, 2, tzinfo=UTC)
BY_TYPE: dict[type[sa.types.TypeEngine[Any]], object] = {
    sa.JSON: [],
    sa.DateTime: AT,
    sa.Date: date(2026, 3, 2),
    sa.Boolean: False,
    sa.Integer: 1,
    sa.String: "",
    sa.LargeBinary: b"",
}


@pytest.fixture
def first_shape(empty_url: str):  # type: ignore[no-untyped-def]
    """A database at revision 0001 with a person, a plan and its todo."""
    database = Database(empty_url)
    with database.writer.begin() as connection:
        command.upgrade(migrations.config(connection), "0001")
    tables = sa.MetaData()
    tables.reflect(database.writer)
    with database.writer.begin() as connection:
        _put(connection, tables, "person", id=7, number="7", name="Ana", handle="ana")
        _put(connection, tables, "cycle", id=1, owner_id=7, name="Q1")
        _put(connection, tables, "plan", id=5, cycle_id=1, person_id=7)
        _put(connection, tables, "plan_item", id=9, plan_id=5, name="Revenue")
        _put(connection, tables, "todo", id=3, subject_noun="plan", subject_id=5, assignee_id=7)
        _put(connection, tables, "identity", id=4, person_id=7, platform="slack", tenant="T1", user="U1")
        _put(connection, tables, "delivery", id=6, person_id=7, identity_id=4, view="line", state="queued")
    yield database
    database.close()


def test_a_company_of_the_first_shape_goes_on(first_shape: Database) -> None:
    migrations.upgrade(first_shape.writer)
    with first_shape.writer.connect() as connection:
        assert connection.exec_driver_sql("SELECT about_id FROM todo").scalar() == 7
        assert connection.exec_driver_sql("SELECT part FROM plan_item").scalar() == "weighted"
        assert connection.exec_driver_sql("SELECT count(*) FROM cycle").scalar() == 1
        assert connection.exec_driver_sql("SELECT platform FROM delivery").scalar() == "slack", "or it is never sent"
    assert migrations.revision(first_shape.writer) == migrations.head()


def _put(connection: sa.Connection, tables: sa.MetaData, of: str, /, **values: object) -> None:
    """A row with the given values; what must not be empty gets something of its type."""
    table = tables.tables[of]
    filled = {
        column.name: next(value for kind, value in BY_TYPE.items() if isinstance(column.type, kind))
        for column in table.columns
        if not column.nullable and column.name != "id"
    }
    connection.execute(sa.insert(table), {**filled, **values})
