"""Objects made from rows are the session's own, as if the ORM had loaded them."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.attributes import instance_state
from sqlmodel import Session, col, select

from bot.db import Database
from models.base import execute, models_by_noun
from models.identity import Identity
from models.loaded import columns, entity, one, split
from models.person import Person
from tests.models.rows import account, person

_ALL = sa.select(*columns(Person)).order_by(col(Person.id))
_JOINED = (
    sa.select(*columns(Person), *columns(Identity), sa.literal("rest"))
    .select_from(Person)
    .outerjoin(Identity, col(Identity.person_id) == col(Person.id))
    .order_by(col(Person.id))
)


@pytest.fixture
def people(database: Database) -> list[int]:
    """Ana with an account, Bo without."""

    def work(db: Session) -> list[int]:
        ana, bo = person(db, "Ana", "ana@example.com"), person(db, "Bo")
        account(db, ana)
        return [ana.id, bo.id]

    return database.now(work)


def test_they_are_what_the_orm_loads(database: Database, people: list[int]) -> None:
    def here(db: Session) -> list[Person]:
        return [entity(db, Person, row) for row in execute(db, _ALL)]

    ours = database.now(here)
    theirs = database.now(lambda db: list(db.exec(select(Person).order_by(col(Person.id))).all()))
    assert [one.model_dump() for one in ours] == [one.model_dump() for one in theirs]
    for mine, its in zip(ours, theirs, strict=True):
        left, right = instance_state(mine), instance_state(its)
        assert (left.key, left.modified, left.persistent, left.detached) == (
            right.key,
            right.modified,
            right.persistent,
            right.detached,
        )


def test_they_are_the_sessions_and_their_changes_are_stored(database: Database, people: list[int]) -> None:
    def work(db: Session) -> None:
        ana = entity(db, Person, execute(db, _ALL).all()[0])
        assert db.get(Person, ana.id) is ana
        assert db.exec(select(Person).where(Person.id == ana.id)).one() is ana
        assert not db.dirty
        ana.other_name = "安娜"
        assert db.dirty

    database.now(work)
    assert database.now(lambda db: db.get_one(Person, people[0]).other_name) == "安娜"


def test_an_object_the_session_has_stays_as_it_is_unless_it_is_wanted_anew(
    database: Database, people: list[int]
) -> None:
    def work(db: Session) -> None:
        ana = db.get_one(Person, people[0])
        db.connection().execute(sa.update(Person).where(col(Person.id) == ana.id).values(locale="ja"))
        row = execute(db, _ALL).all()[0]
        assert entity(db, Person, row) is ana
        assert ana.locale == ""
        assert entity(db, Person, row, anew=True).locale == ana.locale == "ja"
        db.expire(ana)
        assert entity(db, Person, row).name == "Ana"

    database.now(work)


def test_one_by_its_id(database: Database, people: list[int]) -> None:
    def work(db: Session) -> None:
        ana = one(db, Person, people[0])
        assert ana is not None
        assert one(db, Person, people[0]) is ana is db.get(Person, people[0])
        assert one(db, Person, 10**9) is None
        db.expire(ana)
        assert one(db, Person, people[0]) is ana
        assert ana.name == "Ana"

    database.now(work)


def test_what_an_outer_join_did_not_find_is_none(database: Database, people: list[int]) -> None:
    def work(db: Session) -> None:
        first, second = [split(db, row, Person, Identity) for row in execute(db, _JOINED)]
        assert (first[0].name, first[1].user, first[2]) == ("Ana", "ana", "rest")
        assert (second[0].name, second[1], second[2]) == ("Bo", None, "rest")

    database.now(work)


def test_every_table_starts_with_its_id() -> None:
    assert all(columns(model)[0].name == "id" for model in models_by_noun().values())
