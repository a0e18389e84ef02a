"""Departments: a tree, kept as parent and as a path of ids."""

from typing import ClassVar

from sqlmodel import Field

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


def above(path: str) -> list[int]:
    """The ids of a path, the department itself last."""
    return [int(part) for part in path.split("/") if part]
