"""Plan items made from the templates of positions, as rows for bulk inserts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bot.sample.organisation import Organisation
from bot.sample.values import aim
from models.indicator import Indicator, TemplateItem
from models.item import from_library
from models.person import Person

Templates = Mapping[str, Sequence[tuple[TemplateItem, Indicator]]]
Rows = list[dict[str, Any]]


@dataclass(slots=True)
class Planned:
    """What the model takes from the library, remembered per indicator and language."""

    db: Session
    organisation: Organisation
    templates: Templates
    constants: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)

    def indicators(self) -> dict[int, Indicator]:
        """Every indicator of a template, by id."""
        return {indicator.id: indicator for entries in self.templates.values() for _entry, indicator in entries}

    def rows(self, person: Person, plan_id: int, quarters: Decimal, factor: Decimal) -> Rows:
        """The items of a person's first revision for a period of so many quarters; lineage is 0 as yet."""
        rows: Rows = []
        for position, (entry, indicator) in enumerate(self.templates[self.organisation.template(person)], 1):
            wanted = aim(indicator, quarters, factor)
            rows.append(
                {
                    **self._constant(indicator, person.locale),
                    "plan_id": plan_id,
                    "position": position,
                    "target": wanted.target,
                    "floor": wanted.floor,
                    "stretch": wanted.stretch,
                    "weight": entry.weight,
                }
            )
        return rows

    def _constant(self, indicator: Indicator, locale: str) -> dict[str, Any]:
        key = (indicator.id, locale)
        if key not in self.constants:
            item = from_library(self.db, indicator, locale)
            item.revision = 1
            self.constants[key] = item.model_dump(exclude={"id"})
        return self.constants[key]


def insert(db: Session, model: type[Any], rows: Rows) -> list[int]:
    """Inserts rows with the defaults of the model; their ids in the same order."""
    table: sa.Table = model.__table__
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if name != "id" and not field.is_required()
    }
    statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(db.connection().execute(statement, [{**defaults, **row} for row in rows]).scalars())
