"""Stores a checked table of employees: everything or nothing, approved by a second person."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from bot.importing.checks import resolved
from bot.importing.columns import folded
from bot.importing.people import Entry, Known, Report
from bot.text import N_
from bot.vault import Vault
from models.audit import append
from models.base import Change, Refused, changes, record
from models.department import Department
from models.departure import head
from models.handover import hand_over, pass_posts_on
from models.person import EXECUTIVE, HR, Person, roles_of
from models.position import Position

PLATFORM = "import"
ERRORS_LEFT = N_("The file has errors. Nothing was stored.")
NO_APPROVER = N_("Say who approved this import: the number, handle or address of somebody in HR or of an executive.")
NOT_APPROVER = N_("Only somebody who works in HR, or an executive, can approve an import.")
SAME_PERSON = N_("An import is approved by a second person, not by who runs it.")


@dataclass(frozen=True, slots=True)
class Applied:
    """How many people were created, changed, and marked as having left; departments that still need a head."""

    created: int
    changed: int
    left: int
    headless: tuple[str, ...] = ()


def known_people(db: Session, vault: Vault, now: datetime, currency: str = "CNY") -> Known:
    """What the database has, in the words of the checks."""
    people = db.exec(select(Person)).all()
    departments = db.exec(select(Department)).all()
    positions = db.exec(select(Position)).all()
    numbers = {person.id: person.number for person in people}
    codes = {row.id: row.code for row in departments}
    jobs = {row.id: row.code for row in positions}
    held = {
        person.number: Entry(
            number=person.number,
            name=person.name,
            email=person.email,
            position=jobs.get(person.position_id or 0),
            department=codes.get(person.department_id or 0, ""),
            manager=numbers.get(person.manager_id or 0, ""),
            hired_on=person.hired_on,
            pay=vault.open(("person", "salary", person.id), person.salary) if person.salary else None,
            active=person.left_at is None,
            locale=person.locale,
            zone=person.zone,
            country=person.country,
        )
        for person in people
    }
    return Known(held, _by_name(departments), _by_name(positions), now.date(), currency)


def _by_name(rows: Sequence[Department] | Sequence[Position]) -> dict[str, str]:
    """Codes by every name and by the code itself."""
    found = {folded(name): row.code for row in rows for name in row.names.values()}
    return found | {folded(row.code): row.code for row in rows}


def approver(db: Session, approved_by: str, imported_by: str = "") -> Person | None:
    """Who approved: an active HR person or executive; on an empty database any name will do, and None is returned."""
    named = approved_by.strip()
    if not named:
        raise Refused(NO_APPROVER)
    if imported_by and folded(named) == folded(imported_by):
        raise Refused(SAME_PERSON)
    people = db.exec(select(Person)).all()
    if not people:
        return None
    wanted = named.removeprefix("@").casefold()
    for person in people:
        if wanted in (person.number.casefold(), person.handle.casefold(), (person.email or "").casefold()):
            if person.left_at is None and roles_of(db, person.id) & {HR, EXECUTIVE}:
                return person
            break
    raise Refused(NOT_APPROVER)


def apply_people(
    db: Session, vault: Vault, report: Report, approved_by: str, now: datetime, imported_by: str = ""
) -> Applied:
    """Creates and updates everybody in this transaction, with the audit entries; refuses a report with errors."""
    if report.errors:
        raise Refused(ERRORS_LEFT)
    by = approver(db, approved_by, imported_by)
    storing = _Storing(db, vault, now)
    applied = storing.run(report)
    facts = {
        "approved_by": by.number if by else approved_by.strip(),
        "imported_by": imported_by,
        "file": report.digest,
        "created": applied.created,
        "changed": applied.changed,
        "left": applied.left,
    }
    changes(db).append(Change("people.imported", "import", 0, facts))
    append(db, changes(db), by.id if by else None, PLATFORM, now)
    changes(db).clear()
    return applied


@dataclass(slots=True)
class _Storing:
    db: Session
    vault: Vault
    now: datetime
    people: dict[str, Person] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    handles: set[str] = field(default_factory=set)

    def run(self, report: Report) -> Applied:
        """Departments and positions first, then people, then what links them."""
        known = known_people(self.db, self.vault, self.now)
        self.people = {person.number: person for person in self.db.exec(select(Person))}
        self.handles = {person.handle for person in self.people.values()}
        self.departments = {row.code: row for row in self.db.exec(select(Department))}
        self.positions = {row.code: row for row in self.db.exec(select(Position))}
        known = self._places(report.entries, known)
        entries = [resolved(entry, known) for entry in report.entries]
        self._create([entry for entry in entries if entry.number in report.new])
        for entry in entries:
            self._update(entry, (*report.changed.get(entry.number, ()),), created=entry.number in report.new)
        placed = {number for number, fields in report.changed.items() if {"manager", "department"} & set(fields)}
        headless, former = self._appoint({self.people[number].id for number in placed})
        self.db.flush()
        self._note(report)
        moved = {number for number, fields in report.changed.items() if {"manager", "active"} & set(fields)}
        hand_over(self.db, {self.people[number].id for number in (*moved, *report.leaving)}, self.now)
        pass_posts_on(self.db, former, self.now)
        return Applied(len(report.new), len(report.changed), len(report.leaving), headless)

    def _places(self, entries: Iterable[Entry], known: Known) -> Known:
        """Stores departments and positions that are named for the first time."""
        departments, positions = dict(known.departments), dict(known.positions)
        for entry in entries:
            if folded(entry.department) not in departments:
                departments[folded(entry.department)] = self._department(entry.department)
            if entry.position and folded(entry.position) not in positions:
                positions[folded(entry.position)] = self._position(entry.position)
        return Known(known.people, departments, positions, known.today, known.currency)

    def _department(self, name: str) -> str:
        code = _code(name, self.departments)
        row = Department(code=code, names={_language(name): name})
        self.db.add(row)
        self.db.flush()
        row.path = f"/{row.id}/"
        self.departments[code] = row
        record(self.db, "department.created", row, name=name)
        return code

    def _position(self, name: str) -> str:
        code = _code(name, self.positions)
        self.positions[code] = Position(code=code, names={_language(name): name})
        self.db.add(self.positions[code])
        self.db.flush()
        return code

    def _create(self, entries: Sequence[Entry]) -> None:
        made = {
            entry.number: Person(number=entry.number, name=entry.name, handle=self._handle(entry)) for entry in entries
        }
        self.db.add_all(made.values())
        self.db.flush()
        self.people |= made

    def _handle(self, entry: Entry) -> str:
        """The local part of the address, or the number; a taken one gets the next free figure."""
        local = (entry.email or "").partition("@")[0] or entry.number
        plain = re.sub(r"[^a-z0-9._-]", "", _ascii(local)) or f"p{entry.line}"
        handle, number = plain, 2
        while handle in self.handles:
            handle, number = f"{plain}{number}", number + 1
        self.handles.add(handle)
        return handle

    def _update(self, entry: Entry, fields: Sequence[str], *, created: bool) -> None:
        person = self.people[entry.number]
        for name, value in self._values(entry, person).items():
            if created or name in fields:
                for column, stored in value.items():
                    setattr(person, column, stored)

    def _values(self, entry: Entry, person: Person) -> dict[str, dict[str, Any]]:
        """Column values by field, for the fields of which the file says something."""
        values: dict[str, dict[str, Any]] = {
            "name": {"name": entry.name},
            "department": {"department_id": self.departments[entry.department].id},
            "position": {"position_id": self.positions[entry.position].id if entry.position else None},
            "manager": {"manager_id": self.people[entry.manager].id if entry.manager else None},
            "active": {"left_at": None if entry.active else person.left_at or self.now},
            **{name: {name: getattr(entry, name)} for name in ("email", "hired_on", "locale", "zone", "country")},
        }
        if entry.pay is not None:
            values["pay"] = {"salary": self.vault.seal(("person", "salary", person.id), entry.pay)}
        return {name: value for name, value in values.items() if getattr(entry, name) is not None}

    def _appoint(self, placed: set[int]) -> tuple[tuple[str, ...], set[int]]:
        """Heads for departments that have none, or whose head has left or was `placed` elsewhere while its people
        clearly report to somebody else; the names of those for which it is not clear, and who lost a post."""
        headless, former = [], set()
        people = list(self.people.values())
        heads = {one.id: one for one in people}
        for department in self.departments.values():
            known = heads.get(department.head_id or 0)
            if known is not None and known.left_at is None and known.id not in placed:
                continue
            found = head(department.id, people)
            if known is not None and found not in (None, known.id):
                former.add(known.id)
            if found is None and known is None:
                headless.append(department.name("en"))
            department.head_id = found or department.head_id
        return tuple(sorted(headless)), former

    def _note(self, report: Report) -> None:
        """What was done to whom; names of fields, never values."""
        for number in report.new:
            record(self.db, "person.created", self.people[number])
        for number, fields in report.changed.items():
            record(self.db, "person.changed", self.people[number], fields=sorted(fields))
        for number in report.leaving:
            record(self.db, "person.left", self.people[number])


def _code(name: str, taken: Mapping[str, object]) -> str:
    """A code from the Latin letters of a name, or a number; unique."""
    base = re.sub(r"[^a-z0-9]+", "-", _ascii(name)).strip("-") or f"n{len(taken) + 1}"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code


def _ascii(text: str) -> str:
    """The Latin letters without accents, in lower case."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()


def _language(name: str) -> str:
    """The language a name is written in, as far as its script tells."""
    if any("\u3040" <= char <= "\u30ff" for char in name):
        return "ja"
    if not any("\u4e00" <= char <= "\u9fff" for char in name):
        return "en"
    try:
        name.encode("gb2312")
    except UnicodeEncodeError:
        return "zh_Hant"
    return "zh_Hans"
