"""People, their roles, and how they are found by what somebody typed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Row, execute
from models.department import Department

HR, EXECUTIVE, AUDITOR = "hr", "executive", "auditor"
ROLES = (HR, EXECUTIVE, AUDITOR)


class Person(Row, table=True):
    """An employee. `number` is the company's, `handle` what is typed after @; `salary` is sealed by bot.vault.

    `country` ("CN", or with a part "DE-BY") names whose holidays they have; "" is the country of their zone.
    """

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
    country: str = Field(default="", sa_column_kwargs={"server_default": ""})
    hired_on: date | None = None
    left_at: datetime | None = None
    salary: bytes | None = None

    def person_of(self, db: Session) -> int | None:
        """Themselves."""
        return self.id

    def called(self, locale: str) -> str:
        """The name as a reader of this language can read it."""
        return called(self.name, self.other_name, locale)


class Role(Row, table=True):
    """A person is HR, executive or auditor; managers and heads follow from the organisation itself."""

    __table_args__ = (sa.UniqueConstraint("person_id", "name"),)
    noun: ClassVar[str] = "role"
    person_id: int = Field(foreign_key="person.id")
    name: str


def called(name: str, other_name: str, locale: str) -> str:
    """The other name for readers of a Latin script if the first is in Chinese or Japanese, else the first."""
    foreign = not locale.startswith(("zh", "ja")) and any("\u2e80" <= char <= "\u9fff" for char in name)
    return other_name if foreign and other_name else name


def active() -> sa.ColumnElement[bool]:
    """Who works here now."""
    return col(Person.left_at).is_(None)


def with_role(db: Session, name: str) -> Sequence[Person]:
    """Everybody active in a role, in a fixed order."""
    statement = select(Person).join(Role, col(Role.person_id) == col(Person.id))
    return db.exec(statement.where(Role.name == name, active()).order_by(col(Person.id))).all()


def in_roles(db: Session, *names: str) -> list[int]:
    """The ids of everybody active in one of the roles, in the order of the roles and then of the people."""
    rows = execute(db, _IN_ROLES, names=names)
    ranked = sorted((names.index(role), person_id) for person_id, role in rows)
    return list(dict.fromkeys(person_id for _rank, person_id in ranked))


def roles_of(db: Session, person_id: int) -> frozenset[str]:
    """The roles of a person."""
    return frozenset(execute(db, _ROLES, person=person_id).scalars())


def name_of(db: Session, person_id: int | None, locale: str) -> str:
    """What a person is called; "" for nobody."""
    row = execute(db, _NAME, person=person_id).first() if person_id else None
    return called(row.name, row.other_name, locale) if row is not None else ""


def manages(db: Session, person_id: int) -> bool:
    """Whether somebody has this line manager."""
    return execute(db, _REPORT, person=person_id).first() is not None


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


_ROLES = sa.select(col(Role.name)).where(col(Role.person_id) == sa.bindparam("person"))
_NAME = sa.select(col(Person.name), col(Person.other_name)).where(col(Person.id) == sa.bindparam("person"))
_REPORT = sa.select(col(Person.id)).where(col(Person.manager_id) == sa.bindparam("person")).limit(1)
_IN_ROLES = (
    sa.select(col(Person.id), col(Role.name))
    .join(Role, col(Role.person_id) == col(Person.id))
    .where(col(Role.name).in_(sa.bindparam("names", expanding=True)), active())
)
