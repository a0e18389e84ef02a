"""The people, departments and positions of a sample company, stored with sealed pay and their roles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bot.sample.cast import DOMAIN, SHANGHAI, SINGAPORE, TAIPEI, TOKYO, Member, Team, said
from bot.sample.names import Names
from bot.vault import Vault
from models.department import Department
from models.person import HR, Person, Role
from models.position import Position

COMPANY = "Harbour Light Finance"
# Office → currency, about how much of it one yuan is, and its smallest unit in pay.
MONEY = {SHANGHAI: ("CNY", 1, 100), TAIPEI: ("TWD", 5, 1000), TOKYO: ("JPY", 22, 1000), SINGAPORE: ("SGD", 0.35, 50)}
ABROAD = {"overseas-tokyo": TOKYO, "overseas-taipei": TAIPEI, "overseas-singapore": SINGAPORE}
ODD_LANGUAGES = {7: "en", 13: "zh_Hant"}
HR_POSITION = "hr-partner"
# Days: longer ago than the older finished year began.
SETTLED = 1200


@dataclass(slots=True)
class Organisation:
    """What was stored, by handle and code. `members` keeps the order in which people were hired into the file."""

    people: dict[str, Person] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    roles: dict[int, frozenset[str]] = field(default_factory=dict)

    def template(self, person: Person) -> str:
        """The code of the template of a person's position."""
        return next(position.template for position in self.positions.values() if position.id == person.position_id)


def build(db: Session, vault: Vault, members: Sequence[Member], name: str, today: date) -> Organisation:
    """Stores the organisation of these members with the departments and positions they need."""
    made = Organisation()
    _departments(db, made, {member.department for member in members}, name)
    _positions(db, made, {member.position for member in members})
    for number, member in enumerate(members, 1):
        made.people[member.handle] = _person(made, member, number, today)
    db.add_all(made.people.values())
    db.flush()
    _connect(db, vault, made, members)
    return made


def everybody(rng: Random, fixed: Sequence[Member], groups: Iterable[Team], today: date) -> list[Member]:
    """The fixed people and the made-up ones of the teams, managers before their reports."""
    names = Names(rng, {member.handle for member in fixed}, set())
    hire = _Hiring(rng, names, today)
    made = list(fixed)
    for team in groups:
        manager = team.manager
        if team.lead:
            made.append(hire.one(team.department, team.lead, manager, team.settled))
            manager = made[-1].handle
        made += [hire.one(team.department, team.position, manager, team.settled) for _seat in range(team.count)]
    return made


@dataclass(slots=True)
class _Hiring:
    rng: Random
    names: Names
    today: date
    count: int = 0

    def one(self, department: str, position: str, manager: str, settled: bool) -> Member:
        """Somebody with a name, pay and a history; a few prefer another language than their office's."""
        self.count += 1
        zone = ABROAD.get(department, SHANGHAI)
        named = self.names.one(zone)
        pay = next(entry["pay"] for entry in said("company")["positions"] if entry["code"] == position)
        odd = ODD_LANGUAGES.get(self.count % 20, "") if zone == SHANGHAI else ""
        return Member(
            named.handle,
            named.name,
            department,
            position,
            named.other_name,
            manager,
            odd or named.locale,
            zone,
            (HR,) if position == HR_POSITION else (),
            self.today - timedelta(days=max(self._days(), SETTLED if settled else 0)),
            _money(pay * self.rng.uniform(0.85, 1.25), zone),
        )

    def _days(self) -> int:
        """Most have been there for years; about one in ten is new this year."""
        return self.rng.randint(70, 330) if self.rng.random() < 0.1 else self.rng.randint(400, 3600)


def _money(yuan: float, zone: str) -> str:
    currency, rate, step = MONEY[zone]
    amount = round(yuan * rate / step) * step
    return f"{amount} {currency}" if currency in ("JPY", "TWD") else f"{amount}.00 {currency}"


def _departments(db: Session, made: Organisation, wanted: set[str], name: str) -> None:
    entries = [entry for entry in said("company")["departments"] if _needed(entry["code"], wanted)]
    for entry in entries:
        names = entry["names"] if entry["code"] != "company" or name == COMPANY else dict.fromkeys(entry["names"], name)
        made.departments[entry["code"]] = Department(code=entry["code"], names=names)
    db.add_all(made.departments.values())
    db.flush()
    for entry in entries:
        department, parent = made.departments[entry["code"]], made.departments.get(entry.get("parent", ""))
        department.parent_id = parent.id if parent else None
        department.path = f"{parent.path if parent else '/'}{department.id}/"


def _needed(code: str, wanted: set[str]) -> bool:
    return code == "company" or any(name == code or name.startswith(f"{code}-") for name in wanted)


def _positions(db: Session, made: Organisation, wanted: set[str]) -> None:
    for entry in said("company")["positions"]:
        if entry["code"] in wanted:
            position = Position(code=entry["code"], names=entry["names"], template=entry["template"])
            made.positions[entry["code"]] = position
    db.add_all(made.positions.values())
    db.flush()


def _person(made: Organisation, member: Member, number: int, today: date) -> Person:
    return Person(
        number=f"HL{number:04d}",
        name=member.name,
        other_name=member.other_name,
        handle=member.handle,
        email=f"{member.handle}@{DOMAIN}",
        department_id=made.departments[member.department].id,
        position_id=made.positions[member.position].id,
        locale=member.locale,
        zone=member.zone,
        hired_on=min(member.hired, today) if member.hired else None,
    )


def _connect(db: Session, vault: Vault, made: Organisation, members: Sequence[Member]) -> None:
    """What needs everybody's id: managers, heads, roles and sealed pay, written in bulk."""
    rows: list[dict[str, Any]] = []
    for member in members:
        person = made.people[member.handle]
        pay = member.pay or _usual(member)
        values = {
            "manager_id": made.people[member.manager].id if member.manager else None,
            "salary": vault.seal(("person", "salary", person.id), pay),
        }
        rows.append({"key": person.id, **values})
        made.roles[person.id] = frozenset(member.roles)
        db.add_all([Role(person_id=person.id, name=role) for role in member.roles])
    _update(db, Person.__table__, rows)  # type: ignore[attr-defined]
    _appoint(made, members)
    db.flush()
    for person in made.people.values():
        db.refresh(person, ["manager_id", "salary"])


def _update(db: Session, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    changed: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "key"}
    db.connection().execute(sa.update(table).where(table.c.id == sa.bindparam("key")).values(changed), list(rows))


def _usual(member: Member) -> str:
    pay = next(entry["pay"] for entry in said("company")["positions"] if entry["code"] == member.position)
    return _money(pay, member.zone)


def _appoint(made: Organisation, members: Sequence[Member]) -> None:
    """The head of a department is who is there and reports to somebody elsewhere; the company itself has none."""
    home = {member.handle: member.department for member in members}
    for member in members:
        department = made.departments[member.department]
        outside = home.get(member.manager, "") != member.department
        if outside and department.head_id is None and member.department != "company":
            department.head_id = made.people[member.handle].id
