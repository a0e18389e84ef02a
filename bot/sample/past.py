"""Finished years: closed cycles with confirmed plans and measured values, written in bulk."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bot.sample.organisation import Organisation
from bot.sample.times import at_work, end_of_day
from bot.sample.values import actual, aim
from models.approval import Approval, Frozen
from models.audit import append
from models.base import Change, canonical, changes, record
from models.checkin import Measurement
from models.cycle import Cycle, open_cycle
from models.indicator import Indicator, TemplateItem
from models.item import Item, from_library
from models.person import Person
from models.plan import ACTIVE, Plan

PLATFORM = "sample"
CONFIRMED = timedelta(days=40)
Templates = Mapping[str, Sequence[tuple[TemplateItem, Indicator]]]
Rows = list[dict[str, Any]]


@dataclass(slots=True)
class History:
    """Writes finished years. `skills` says how well each person performs (1 = as planned), by person id."""

    db: Session
    organisation: Organisation
    templates: Templates
    skills: Mapping[int, float]
    rng: Random
    constants: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)

    def year(self, year: int) -> Cycle:
        """One closed yearly cycle of everybody who worked here when it began."""
        began = date(year, 1, 1)
        cycle = self._cycle(year)
        people = [p for p in self.organisation.people.values() if p.hired_on is not None and p.hired_on < began]
        plan_ids = self._plans(cycle, people)
        items: Rows = []
        for person, plan_id in zip(people, plan_ids, strict=True):
            items += self._items(plan_id, person)
        item_ids = _insert(self.db, Item, items)
        for item, item_id in zip(items, item_ids, strict=True):
            item["lineage"] = item_id
        table: sa.Table = Item.__table__  # type: ignore[attr-defined]
        self.db.connection().execute(sa.update(table).where(table.c.lineage == 0).values(lineage=table.c.id))
        self._freeze(people, plan_ids, items, cycle)
        self._measure(people, plan_ids, items, year)
        return cycle

    def _cycle(self, year: int) -> Cycle:
        """Opened, published and closed through the model, each at its time."""
        helen = self.organisation.people["helen"]
        cycle = Cycle(
            kind="year",
            name=f"{year}",
            starts_on=date(year, 1, 1),
            ends_on=date(year, 12, 31),
            chain=["manager", "head"],
            languages=["en", "zh_Hans", "zh_Hant", "ja"],
            owner_id=helen.id,
        )
        opened = at_work(datetime(year, 1, 4, 2, tzinfo=UTC), self.rng)
        days = {"setting": (year, 2, 15), "self_scoring": (year + 1, 1, 12), "scoring": (year + 1, 1, 20)}
        closes = {name: end_of_day(date(*day)) for name, day in days.items()}
        open_cycle(self.db, cycle, {**closes, "published": end_of_day(date(year + 1, 1, 28))})
        self._write(helen.id, opened)
        cycle.publish(self.db, cycle.version, opened)
        self._write(helen.id, opened)
        cycle.advance(self.db, state="closed")
        record(self.db, "cycle.closed", cycle, name=cycle.name)
        self._write(helen.id, closes["scoring"] + timedelta(days=10))
        return cycle

    def _write(self, actor_id: int, at: datetime) -> None:
        made = changes(self.db)
        append(self.db, made, actor_id, PLATFORM, at)
        made.clear()

    def _plans(self, cycle: Cycle, people: Sequence[Person]) -> list[int]:
        at = (cycle.published_at or datetime.now(UTC)) + CONFIRMED
        rows: Rows = [
            {
                "cycle_id": cycle.id,
                "person_id": person.id,
                "state": ACTIVE,
                "step": 2,
                "effective": 1,
                "author_id": person.manager_id or person.id,
                "changed_at": at_work(at + timedelta(hours=self.rng.randint(-200, 30)), self.rng),
                "version": 6,
            }
            for person in people
        ]
        return _insert(self.db, Plan, rows)

    def _items(self, plan_id: int, person: Person) -> Rows:
        rows: Rows = []
        for position, (entry, indicator) in enumerate(self.templates[self.organisation.template(person)], 1):
            wanted = aim(indicator, 4, Decimal(str(self.rng.choice((0.8, 0.9, 1, 1, 1.1)))))
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
        """What is the same in every plan with this indicator in this language."""
        key = (indicator.id, locale)
        if key not in self.constants:
            item = from_library(self.db, indicator, locale)
            item.revision = 1
            self.constants[key] = item.model_dump(exclude={"id"})
        return self.constants[key]

    def _freeze(self, people: Sequence[Person], plan_ids: Sequence[int], items: Rows, cycle: Cycle) -> None:
        """The confirmed texts with their hashes, who agreed to them, and the audit entry of the confirmation."""
        by_plan = _by_plan(items)
        helen, at = self.organisation.people["helen"].id, (cycle.published_at or datetime.now(UTC)) + CONFIRMED
        frozen, digests, decided = [], [], []
        for person, plan_id in zip(people, plan_ids, strict=True):
            text = canonical([_without(item, "revision") for item in by_plan[plan_id]])
            digest = hashlib.sha256(text.encode()).hexdigest()
            same = {"plan_id": plan_id, "revision": 1}
            frozen.append({**same, "text": text, "digest": digest, "by_id": person.id, "at": at})
            digests.append({"key": plan_id, "digest": digest})
            steps = (("passed", helen, 3), ("confirmed", person.id, 0))
            decided += [
                {**same, "step": -1, "decision": decision, "by_id": by_id, "at": at - timedelta(days=days)}
                for decision, by_id, days in steps
            ]
            fact = Change("plan.confirmed", Plan.noun, plan_id, {"revision": 1, "digest": digest})
            append(self.db, [fact], person.id, PLATFORM, at)
        table: sa.Table = Plan.__table__  # type: ignore[attr-defined]
        changed = sa.update(table).where(table.c.id == sa.bindparam("key")).values(digest=sa.bindparam("digest"))
        self.db.connection().execute(changed, digests)
        _insert(self.db, Frozen, frozen)
        _insert(self.db, Approval, decided)

    def _measure(self, people: Sequence[Person], plan_ids: Sequence[int], items: Rows, year: int) -> None:
        """A value per quarter and item, from the system that is its source of truth."""
        by_plan, rows = _by_plan(items), []
        known = {indicator.id: indicator for entries in self.templates.values() for _entry, indicator in entries}
        for person, plan_id in zip(people, plan_ids, strict=True):
            growth = self.rng.uniform(-0.04, 0.04)
            for item in by_plan[plan_id]:
                indicator = known[item["indicator_id"]]
                source = indicator.sources["en"]
                for number in range(1, 5):
                    performance = self.skills[person.id] + growth * number / 4
                    at = datetime(year + number // 4, number * 3 % 12 + 1, 5, 1, tzinfo=UTC)
                    rows.append(
                        {
                            "plan_id": plan_id,
                            "lineage": item["lineage"],
                            "indicator_id": indicator.id,
                            "value": actual(indicator, item["target"], performance, number / 4, self.rng),
                            "source": source,
                            "reference": f"{year}-Q{number} · {person.number}",
                            "at": at,
                        }
                    )
        _insert(self.db, Measurement, rows)


def _by_plan(items: Rows) -> dict[int, Rows]:
    found: dict[int, Rows] = {}
    for item in items:
        found.setdefault(item["plan_id"], []).append(item)
    return found


def _without(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != name}


def _insert(db: Session, model: type[Any], rows: Rows) -> list[int]:
    """Inserts rows with the defaults of the model; their ids in the same order."""
    table: sa.Table = model.__table__
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if name != "id" and not field.is_required()
    }
    statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(db.connection().execute(statement, [{**defaults, **row} for row in rows]).scalars())
