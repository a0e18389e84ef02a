"""Strategic goals: what the company wants in a year, measurable."""

from decimal import Decimal
from typing import ClassVar

from sqlmodel import Field

from models.base import Row, exact, json_field, said


class Goal(Row, table=True):
    """`measures` says how it is measured, by locale; `target` in `unit`."""

    noun: ClassVar[str] = "goal"
    code: str = Field(unique=True)
    year: int
    names: dict[str, str] = json_field()
    measures: dict[str, str] = json_field()
    target: Decimal | None = exact(default=None, nullable=True)
    unit: str = ""
    owner_id: int | None = Field(default=None, foreign_key="person.id")

    def name(self, locale: str) -> str:
        """Its name in a locale."""
        return said(self.names, locale)
