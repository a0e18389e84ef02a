"""The indicator library in three levels, with formula, source of truth and a RACI row; and the templates made of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.base import Row, exact, json_field, said
from models.rules.scoring import Standard

LEVELS = ("strategy", "department", "personal")
KINDS = ("quantitative", "qualitative", "count", "milestone", "deduction", "okr")
DIRECTIONS = ("higher", "lower", "range")
RULES = ("ratio", "anchored", "range", "steps", "milestone", "count", "deduction", "okr", "rated")


class Indicator(Row, table=True):
    """A library entry. Texts are by locale; `responsible_id` … `informed_ids` are its RACI row.

    `unit` is a code of `models.rules.units` or free text; target, floor and stretch are the suggested ones. `levels`
    say by locale what each level of a rated one looks like; `steps` are [from, points] as text.
    """

    noun: ClassVar[str] = "indicator"
    code: str = Field(unique=True)
    level: str = "personal"
    names: dict[str, str] = json_field()
    formulas: dict[str, str] = json_field()
    sources: dict[str, str] = json_field()
    kind: str = "quantitative"
    direction: str = "higher"
    rule: str = "ratio"
    unit: str = ""
    target: Decimal | None = exact(default=None, nullable=True)
    floor: Decimal | None = exact(default=None, nullable=True)
    stretch: Decimal | None = exact(default=None, nullable=True)
    steps: list[list[str]] = json_field(default_factory=list, sa_column_kwargs={"server_default": "[]"})
    levels: dict[str, str] = json_field(default_factory=dict, sa_column_kwargs={"server_default": "{}"})
    goal_id: int | None = Field(default=None, foreign_key="goal.id")
    parent_id: int | None = Field(default=None, foreign_key="indicator.id")
    department_id: int | None = Field(default=None, foreign_key="department.id")
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    owner_agreed: bool = False
    responsible_id: int | None = Field(default=None, foreign_key="person.id")
    accountable_id: int | None = Field(default=None, foreign_key="person.id")
    consulted_ids: list[int] = json_field(default_factory=list)
    informed_ids: list[int] = json_field(default_factory=list)
    retired: bool = False

    def name(self, locale: str) -> str:
        """Its name in a locale."""
        return said(self.names, locale)

    def standard(self) -> Standard:
        """How it is scored where nobody says otherwise."""
        return Standard(
            rule=self.rule,
            direction=self.direction,
            unit=self.unit,
            target=self.target,
            floor=self.floor,
            stretch=self.stretch,
            steps=tuple((Decimal(start), Decimal(points)) for start, points in self.steps),
        )


class Template(Row, table=True):
    """A ready set of indicators for an industry or a position."""

    noun: ClassVar[str] = "template"
    code: str = Field(unique=True)
    industry: str
    names: dict[str, str] = json_field()

    def name(self, locale: str) -> str:
        """Its name in a locale."""
        return said(self.names, locale)


class TemplateItem(Row, table=True):
    """One indicator of a template with the weight it suggests, in percent."""

    __table_args__ = (sa.UniqueConstraint("template_id", "indicator_id"),)
    noun: ClassVar[str] = "template_item"
    template_id: int = Field(foreign_key="template.id", index=True)
    indicator_id: int = Field(foreign_key="indicator.id")
    weight: Decimal | None = exact(2, default=None, nullable=True)
    position: int = 0


def library(db: Session) -> Sequence[Indicator]:
    """Everything in use, strategy first, by code."""
    rank = sa.case({level: n for n, level in enumerate(LEVELS)}, value=col(Indicator.level))
    return db.exec(select(Indicator).where(col(Indicator.retired).is_(False)).order_by(rank, Indicator.code)).all()


def goal_of(db: Session, indicator: Indicator) -> int | None:
    """The strategic goal an indicator serves, directly or by its parents; None if it serves none (also in a loop)."""
    seen: set[int] = set()
    current: Indicator | None = indicator
    while current is not None and current.id not in seen:
        if current.goal_id is not None:
            return current.goal_id
        seen.add(current.id)
        current = db.get(Indicator, current.parent_id) if current.parent_id else None
    return None


def template_items(db: Session, code: str) -> Sequence[tuple[TemplateItem, Indicator]]:
    """The entries of a template with their indicators, in order; empty for an unknown code."""
    return db.exec(
        select(TemplateItem, Indicator)
        .join(Template, col(Template.id) == col(TemplateItem.template_id))
        .join(Indicator, col(Indicator.id) == col(TemplateItem.indicator_id))
        .where(Template.code == code, col(Indicator.retired).is_(False))
        .order_by(col(TemplateItem.position))
    ).all()
