"""Positions: what somebody is employed as; a position may have a template of indicators."""

from typing import ClassVar

from sqlmodel import Field

from models.base import Row, json_field, said


class Position(Row, table=True):
    """`template` is the code of the indicator template for it, "" for none."""

    noun: ClassVar[str] = "position"
    code: str = Field(unique=True)
    names: dict[str, str] = json_field()
    template: str = ""

    def name(self, locale: str) -> str:
        """Its name in a locale."""
        return said(self.names, locale)
