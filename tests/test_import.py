"""Importing people: a dry run, then everything or nothing, approved by a second person."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, select

from bot.db import Database
from bot.importing import check_people, known_people, read_table, run_import
from bot.text import Texts
from bot.vault import Vault
from models.audit import Audit
from models.base import Refused
from models.department import Department
from models.person import HR, Person, Role
from models.position import Position
from tests.importing.tables import HEADER, NOTHING, NOW, SECRET, csv_file, found, person, report_of, xlsx_file

VAULT = Vault([b"import test key of thirty-two by"])
SHARED = Path(os.environ.get("PANDIAN_SHARED", Path(__file__).parent.parent.parent / "shared"))
REAL = SHARED / "data" / "adventureworks" / "people.csv"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/import.db")
    SQLModel.metadata.create_all(database.writer)
    yield database
    database.close()


def run(db: Database, path: Path, *, apply: bool = True, by: str = "The owner", **more: Any) -> tuple[int, str]:
    lines: list[str] = []
    options = {"dry_run": not apply, "apply": apply, "approved_by": by, "db": db, "vault": VAULT, "now": NOW}
    status = run_import("people", path, out=lines.append, t=Texts("en"), **{**options, **more})
    return status, "\n".join(lines)


def people(db: Database) -> dict[str, Person]:
    return db.now(lambda s: {one.number: one for one in s.exec(select(Person).order_by(col(Person.id)))})


@pytest.mark.skipif(not REAL.exists(), reason="the shared data set is not beside this checkout (PANDIAN_SHARED)")
def test_a_real_organisation(db: Database) -> None:
    status, said = run(db, REAL, apply=False)
    assert status == 0
    assert "290 people in 16 departments" in said
    assert people(db) == {}
    assert run(db, REAL, currency="USD")[0] == 0
    stored = people(db)
    assert len(stored) == 290
    assert stored["2"].manager_id == stored["1"].id
    assert stored["1"].manager_id is None
    assert stored["1"].salary is not None
    assert VAULT.open(("person", "salary", stored["1"].id), stored["1"].salary) == "21753.33 USD"
    assert len({one.handle for one in stored.values()}) == 290
    assert all(one.handle.isascii() for one in stored.values())
    heads = db.now(lambda s: {one.code: one.head_id for one in s.exec(select(Department))})
    assert len(heads) == 16
    assert heads["sales"] == stored["273"].id
    assert heads["production"] is None
    again = db.now(lambda s: check_people(read_table(REAL), known_people(s, VAULT, NOW, "USD")))
    assert (again.new, again.changed, again.unchanged, again.leaving) == ((), {}, 290, ())
    people_before = [one.model_dump() for one in stored.values()]
    hr = db.now(lambda s: _appoint(s, "234", HR))
    assert run(db, REAL, currency="USD", by=hr)[0] == 0
    assert [one.model_dump() for one in people(db).values()] == people_before


def _appoint(session: Session, number: str, role: str) -> str:
    found = session.exec(select(Person).where(Person.number == number)).one()
    session.add(Role(person_id=found.id, name=role))
    return found.number


def test_a_workbook_says_the_same_as_a_csv(db: Database, tmp_path: Path) -> None:
    rows = [HEADER, person(40, "", Name="=1+1", Salary=1234.5), person("007", 40, **{"Hire Date": date(2021, 2, 3)})]
    table = read_table(xlsx_file(tmp_path / "people.xlsx", [[], *rows]))
    report = check_people(table, NOTHING)
    assert [(entry.number, entry.manager, entry.name) for entry in report.entries] == [
        ("40", "", "=1+1"),
        ("007", "40", "Name 007"),
    ]
    assert report.entries[0].pay == "1234.50 CNY"
    assert report.entries[1].hired_on == date(2021, 2, 3)
    assert found(report) == [(3, "name", "warning")]
    assert run(db, xlsx_file(tmp_path / "people.xlsx", rows))[0] == 0
    assert people(db)["40"].name == "=1+1"
    _status, again = run(db, csv_file(tmp_path / "people.csv", rows), apply=False)
    assert "New: 0. Changed: 0. Unchanged: 2." in again


def test_a_report_never_shows_pay(db: Database, tmp_path: Path) -> None:
    rows = [
        HEADER,
        person("1", Salary=SECRET),
        person("2", "1", Salary=f"={SECRET}"),
        person("3", "1", Salary=f"-{SECRET}"),
    ]
    status, said = run(db, csv_file(tmp_path / "people.csv", rows))
    assert status == 1
    assert SECRET not in said
    report = report_of(*rows[1:])
    assert SECRET not in repr(report)
    assert report.entries[0].pay == f"{SECRET} CNY"


ORGANISATION = [
    HEADER,
    person("1", "", Department="Head office", **{"E-mail": "boss@harbourlight.example", "Salary": "30000"}),
    person("2", "1", Department="Human Resources", **{"E-mail": "helen@harbourlight.example"}),
    person("3", "1", **{"E-mail": "dana@harbourlight.example"}),
    person("4", "3", **{"E-mail": "dana@sales.harbourlight.example"}),
]


@pytest.fixture
def stored(db: Database, tmp_path: Path) -> Database:
    assert run(db, csv_file(tmp_path / "first.csv", ORGANISATION))[0] == 0
    db.now(lambda s: _appoint(s, "2", HR))
    return db


def test_people_departments_positions_and_managers(stored: Database) -> None:
    found = people(stored)
    assert [one.handle for one in found.values()] == ["boss", "helen", "dana", "dana2"]
    assert found["4"].manager_id == found["3"].id
    departments = stored.now(lambda s: {one.code: one for one in s.exec(select(Department))})
    assert departments["sales"].path == f"/{departments['sales'].id}/"
    assert departments["sales"].head_id == found["3"].id
    assert [one.names for one in stored.now(lambda s: s.exec(select(Position)).all())] == [{"en": "Clerk"}]
    assert b"30000" not in (found["1"].salary or b"")


def test_changes_leavers_and_returners(stored: Database, tmp_path: Path) -> None:
    rows = [HEADER, person("4", "2", Name="New Name", Department="销售二部", Active="no"), person("3", "1", Active="")]
    status, said = run(stored, csv_file(tmp_path / "second.csv", rows), by="helen@harbourlight.example")
    assert (status, "New: 0. Changed: 1. Unchanged: 1. Leaving: 1." in said) == (0, True)
    found = people(stored)
    assert (found["4"].name, found["4"].manager_id, found["4"].left_at) == ("New Name", found["2"].id, NOW)
    assert found["4"].email == "dana@sales.harbourlight.example"
    assert found["4"].handle == "dana2"
    rows[1] = person("4", "2", Name="New Name", Department="销售二部", Active="在职")
    run(stored, csv_file(tmp_path / "third.csv", rows), by="helen")
    assert people(stored)["4"].left_at is None
    entries = stored.now(
        lambda s: [(one.action, one.subject_id) for one in s.exec(select(Audit).order_by(col(Audit.id)))]
    )
    assert ("person.left", found["4"].id) in entries
    assert [action for action, _subject in entries].count("people.imported") == 3


def test_audit_names_fields_and_the_approver_but_no_values(stored: Database) -> None:
    bodies = stored.now(lambda s: [one.body for one in s.exec(select(Audit))])
    assert any("The owner" in body for body in bodies)
    assert not any("30000" in body or "boss@" in body or "Name 1" in body for body in bodies)


def test_errors_store_nothing(stored: Database, tmp_path: Path) -> None:
    before = [one.model_dump() for one in people(stored).values()]
    rows = [HEADER, person("5", "1"), person("6", "99")]
    assert run(stored, csv_file(tmp_path / "bad.csv", rows), by="2")[0] == 1
    assert [one.model_dump() for one in people(stored).values()] == before


@pytest.mark.parametrize("by", ["", "nobody", "dana", "boss"])
def test_only_hr_or_an_executive_approves(stored: Database, tmp_path: Path, by: str) -> None:
    with pytest.raises(Refused):
        run(stored, csv_file(tmp_path / "more.csv", [HEADER, person("5", "1")]), by=by)
    assert "5" not in people(stored)


def test_who_runs_an_import_does_not_approve_it(stored: Database, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "more.csv", [HEADER, person("5", "1")])
    with pytest.raises(Refused):
        run(stored, path, by="helen", imported_by="Helen")
    assert run(stored, path, by="helen", imported_by="root")[0] == 0


def test_an_empty_database_needs_a_name_too(db: Database, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "people.csv", ORGANISATION)
    with pytest.raises(Refused):
        run(db, path, by="  ")
    assert people(db) == {}


def test_other_kinds_are_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        run_import(
            "plans",
            tmp_path / "x.csv",
            dry_run=True,
            apply=False,
            approved_by="",
            db=db,
            vault=VAULT,
            now=NOW,
            out=print,
            t=Texts("en"),
        )


def test_pay_of_another_currency_is_a_change(stored: Database, tmp_path: Path) -> None:
    _status, said = run(stored, csv_file(tmp_path / "a.csv", ORGANISATION), apply=False, currency="USD")
    assert "Changed: 1. Unchanged: 3." in said
