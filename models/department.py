"""Departments: a tree, kept as parent and as a path of ids."""

from typing import ClassVar

from sqlmodel import Field, Session, col, select

from models.base import Row, json_field, said


class Department(Row, table=True):
    """`path` is "/1/4/9/": its own id last, so a subtree is a prefix."""

    noun: ClassVar[str] = "department"
    code: str = Field(unique=True)
    names: dict[str, str] = json_field()
    parent_id: int | None = Field(default=None, foreign_key="department.id")
    head_id: int | None = Field(default=None, index=True)
    path: str = Field(default="", index=True)

    def name(self, locale: str) -> str:
        """Its name in a locale."""
        return said(self.names, locale)


def branches(db: Session, locale: str, *, top: bool = True) -> list[tuple[Department, str]]:
    """Every department, a branch together, named with the one above it ("Sales › Sales East China") unless that is at
    the top. Without `top` a single one at the top is left out: it is the whole company."""
    found = db.exec(select(Department).order_by(col(Department.path))).all()
    names = {one.id: one.name(locale) for one in found if one.parent_id is not None}
    roots = [one for one in found if one.parent_id is None]
    shown = [one for one in found if top or len(roots) > 1 or one not in roots]
    return [(one, " › ".join(_line(one, names, locale))) for one in shown]


def _line(one: Department, names: dict[int, str], locale: str) -> list[str]:
    above_it = names.get(one.parent_id or 0)
    return [above_it, one.name(locale)] if above_it else [one.name(locale)]


def above(path: str) -> list[int]:
    """The ids of a path, the department itself last."""
    return [int(part) for part in path.split("/") if part]
