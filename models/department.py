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


def choices(db: Session, locale: str, most: int) -> list[tuple[str, str]]:
    """Departments as options of a field, (id, name), a branch together: of a very large company the upper levels."""
    found = branches(db, locale)
    if len(found) > most:
        upper = {one.id for one, _name in sorted(found, key=lambda each: each[0].path.count("/"))[:most]}
        found = [each for each in found if each[0].id in upper]
    return [(str(one.id), name) for one, name in found]


def named(db: Session, typed: str) -> tuple[Department | None, str]:
    """The department that a line begins with, by its name in any language or its code, and the rest of the line; the
    longest name wins."""
    lower = typed.casefold()
    names = [(said.casefold(), one) for one in db.exec(select(Department)) for said in (one.code, *one.names.values())]
    fits = [(said, one) for said, one in names if said and lower.startswith(said) and _ends(lower, said)]
    if not fits:
        return None, typed
    said, one = max(fits, key=lambda each: len(each[0]))
    return one, typed[len(said) :].strip(" ,:，：、")


def _ends(line: str, name: str) -> bool:
    """Whether the name is not only the beginning of a longer word; Chinese and Japanese words need no space."""
    rest = line[len(name) :]
    return not rest or not name[-1].isascii() or not (rest[0].isascii() and rest[0].isalnum())


def _line(one: Department, names: dict[int, str], locale: str) -> list[str]:
    above_it = names.get(one.parent_id or 0)
    return [above_it, one.name(locale)] if above_it else [one.name(locale)]


def above(path: str) -> list[int]:
    """The ids of a path, the department itself last."""
    return [int(part) for part in path.split("/") if part]
