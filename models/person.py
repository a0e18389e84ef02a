"""People, their roles, and how they are found by what somebody typed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Row
from models.department import Department

HR, EXECUTIVE, AUDITOR = "hr", "executive", "auditor"
ROLES = (HR, EXECUTIVE, AUDITOR)


class Person(Row, table=True):
    """An employee. `number` is the company's, `handle` what is typed after @; `salary` is sealed by bot.vault."""

    noun: ClassVar[str] = "person"
    number: str = Field(unique=True)
    name: str
    other_name: str = ""
    handle: str = Field(index=True)
    email: str | None = Field(default=None, unique=True)
    department_id: int | None = Field(default=None, foreign_key="department.id", index=True)
    position_id: int | None = Field(default=None, foreign_key="position.id")
    manager_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    locale: str = ""
    zone: str = ""
    hired_on: date | None = None
    left_at: datetime | None = None
    salary: bytes | None = None

    def person_of(self, db: Session) -> int | None:
        """Themselves."""
        return self.id


class Role(Row, table=True):
    """A person is HR, executive or auditor; managers and heads follow from the organisation itself."""

    __table_args__ = (sa.UniqueConstraint("person_id", "name"),)
    noun: ClassVar[str] = "role"
    person_id: int = Field(foreign_key="person.id")
    name: str


def active() -> sa.ColumnElement[bool]:
    """Who works here now."""
    return col(Person.left_at).is_(None)


def with_role(db: Session, name: str) -> Sequence[Person]:
    """Everybody active in a role, in a fixed order."""
    statement = select(Person).join(Role, col(Role.person_id) == col(Person.id))
    return db.exec(statement.where(Role.name == name, active()).order_by(col(Person.id))).all()


def roles_of(db: Session, person_id: int) -> frozenset[str]:
    """The roles of a person."""
    return frozenset(db.exec(select(Role.name).where(Role.person_id == person_id)).all())


def reports_of(db: Session, person_id: int) -> Sequence[Person]:
    """Who has this line manager, by name."""
    return db.exec(select(Person).where(Person.manager_id == person_id, active()).order_by(Person.name)).all()


def find(db: Session, typed: str) -> Sequence[Person]:
    """Active people that `typed` can mean: number, handle or address exactly, else names that start so."""
    word = typed.strip().removeprefix("@").strip()
    if not word:
        return []
    lower = word.casefold()
    exactly = db.exec(
        select(Person)
        .where(
            active(),
            sa.or_(
                col(Person.number) == word, sa.func.lower(Person.handle) == lower, sa.func.lower(Person.email) == lower
            ),
        )
        .order_by(col(Person.id))
    ).all()
    if exactly:
        return exactly
    pattern = lower.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    named = sa.or_(
        sa.func.lower(Person.name).like(pattern, escape="\\"),
        sa.func.lower(Person.other_name).like(pattern, escape="\\"),
    )
    return db.exec(select(Person).where(active(), named).order_by(Person.name, col(Person.id)).limit(9)).all()


def superior(db: Session, person: Person, without: frozenset[int]) -> Person | None:
    """The nearest active manager upward who is not in `without`; None at the top or in a loop (threat T42)."""
    seen = {person.id}
    manager_id = person.manager_id
    while manager_id is not None and manager_id not in seen:
        seen.add(manager_id)
        manager = db.get(Person, manager_id)
        if manager is None:
            return None
        if manager.left_at is None and manager.id not in without:
            return manager
        manager_id = manager.manager_id
    return None


def head_of(db: Session, person: Person, without: frozenset[int]) -> Person | None:
    """The nearest department head upward who is active and not in `without`."""
    seen: set[int] = set()
    department_id = person.department_id
    while department_id is not None and department_id not in seen:
        seen.add(department_id)
        department = db.get(Department, department_id)
        if department is None:
            return None
        head = db.get(Person, department.head_id) if department.head_id else None
        if head is not None and head.left_at is None and head.id not in without:
            return head
        department_id = department.parent_id
    return None
