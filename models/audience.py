"""Who a message or a cycle is for: everybody, departments with all below them, roles, a list, or all of these."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.department import Department
from models.direct import dialect_name
from models.person import ROLES, Person, Role, active

MANAGER, HEAD = "manager", "head"


@dataclass(frozen=True, slots=True)
class Audience:
    """The union of its parts, of which only those who work here count.

    departments   ids, each with its whole subtree
    roles         "hr", "executive", "auditor", "manager" (has reports), "head" (of a department)
    people        ids; there may be tens of thousands
    """

    everybody: bool = False
    departments: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    people: tuple[int, ...] = ()

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """What `kept` stored; what it does not know is left out."""
        known = {one.name for one in fields(cls)}
        read: dict[str, Any] = {}
        for name in known & set(kept):
            read[name] = tuple(kept[name]) if isinstance(kept[name], list) else kept[name]
        return cls(**read)

    def kept(self) -> dict[str, Any]:
        """As JSON, without the empty parts."""
        return {name: list(part) if isinstance(part, tuple) else part for name, part in asdict(self).items() if part}

    def clause(self, db: Session) -> sa.ColumnElement[bool]:
        """A condition on Person; nobody if every part is empty."""
        if self.everybody:
            return active()
        parts = [_holds(name) for name in self.roles]
        if self.departments:
            parts.append(col(Person.department_id).in_(_below(self.departments)))
        if self.people:
            parts.append(col(Person.id).in_(_listed(db, self.people)))
        return sa.and_(active(), sa.or_(sa.false(), *parts))

    def count(self, db: Session) -> int:
        """How many people that is now."""
        counted = sa.select(sa.func.count(col(Person.id))).where(self.clause(db))
        found: int = db.connection().execute(counted).scalar_one()
        return found


def _holds(name: str) -> sa.ColumnElement[bool]:
    """Whether a person has a role; raises ValueError for a name that is none."""
    if name == MANAGER:
        report = aliased(Person)
        return sa.exists().where(col(report.manager_id) == col(Person.id), col(report.left_at).is_(None))
    if name == HEAD:
        return sa.exists().where(col(Department.head_id) == col(Person.id))
    if name not in ROLES:
        raise ValueError(f"{name!r} is no role")
    return sa.exists().where(col(Role.person_id) == col(Person.id), col(Role.name) == name)


def _below(departments: tuple[int, ...]) -> sa.Select[Any]:
    """The ids of departments and of all below them."""
    top = aliased(Department)
    below = sa.select(col(Department.id)).join(top, col(Department.path).startswith(col(top.path)))
    return below.where(col(top.id).in_(departments))


def _listed(db: Session, people: tuple[int, ...]) -> Any:
    """The ids as one value: a statement of SQLite takes 32,766 values, a list may be longer."""
    value = json.dumps(people)
    if dialect_name(db) == "sqlite":
        return sa.select(sa.column("value")).select_from(sa.func.json_each(value).table_valued("value"))
    parts = sa.func.json_array_elements_text(sa.cast(sa.literal(value, sa.Text), sa.JSON)).table_valued("value")
    return sa.select(sa.cast(parts.c.value, sa.Integer))
