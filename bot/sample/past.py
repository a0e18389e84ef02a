"""Finished years: closed cycles with confirmed plans and measured values, written in bulk."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bot.sample.organisation import Organisation
from bot.sample.planned import Planned, Rows, insert
from bot.sample.times import ZONE, at_work
from bot.sample.values import actual
from models.approval import Approval, Frozen
from models.audit import append
from models.base import Change, canonical, changes, record
from models.checkin import Measurement
from models.cycle import Cycle, end_of_day, open_cycle
from models.item import Item
from models.person import Person
from models.plan import ACTIVE, Plan

PLATFORM = "sample"
CONFIRMED = timedelta(days=40)


@dataclass(slots=True)
class History:
    """Writes finished years. `skills` says how well each person performs (1 = as planned), by person id."""

    db: Session
    organisation: Organisation
    planned: Planned
    skills: Mapping[int, float]
    rng: Random

    def year(self, year: int) -> Cycle:
        """One closed yearly cycle of everybody who worked here when it began."""
        began = date(year, 1, 1)
        cycle, opened = self._open(year)
        people = [p for p in self.organisation.people.values() if p.hired_on is not None and p.hired_on < began]
        plan_ids = self._plans(cycle, people, opened + CONFIRMED)
        items = self._items(people, plan_ids)
        self._freeze(people, plan_ids, items, opened + CONFIRMED)
        self._measure(people, plan_ids, items, year)
        cycle.advance(self.db, state="closed")
        record(self.db, "cycle.closed", cycle, name=cycle.name)
        self._write(cycle.owner_id, end_of_day(date(year + 1, 1, 28), ZONE))
        return cycle

    def _open(self, year: int) -> tuple[Cycle, datetime]:
        """The cycle, opened and published through the model at the beginning of its year."""
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
        opened = at_work(datetime(year, 2, 2, 2, tzinfo=UTC), self.rng)
        days = {"setting": (year, 3, 20), "self_scoring": (year + 1, 1, 10), "scoring": (year + 1, 1, 18)}
        closes = {name: end_of_day(date(*day), ZONE) for name, day in days.items()}
        open_cycle(self.db, cycle, {**closes, "published": end_of_day(date(year + 1, 1, 25), ZONE)})
        cycle.publish(self.db, cycle.version, opened)
        self._write(helen.id, opened)
        return cycle, opened

    def _items(self, people: Sequence[Person], plan_ids: Sequence[int]) -> Rows:
        """The confirmed items of all plans, stored, each the first of its lineage."""
        items: Rows = []
        for person, plan_id in zip(people, plan_ids, strict=True):
            factor = Decimal(str(self.rng.choice((0.8, 0.9, 1, 1, 1.1))))
            items += self.planned.rows(person, plan_id, 4, factor)
        for item, item_id in zip(items, insert(self.db, Item, items), strict=True):
            item["lineage"] = item_id
        table: sa.Table = Item.__table__  # type: ignore[attr-defined]
        self.db.connection().execute(sa.update(table).where(table.c.lineage == 0).values(lineage=table.c.id))
        return items

    def _write(self, actor_id: int, at: datetime) -> None:
        made = changes(self.db)
        append(self.db, made, actor_id, PLATFORM, at)
        made.clear()

    def _plans(self, cycle: Cycle, people: Sequence[Person], at: datetime) -> list[int]:
        rows: Rows = [
            {
                "cycle_id": cycle.id,
                "person_id": person.id,
                "state": ACTIVE,
                "step": 2,
                "effective": 1,
                "author_id": person.manager_id or person.id,
                "changed_at": at,
                "version": 6,
            }
            for person in people
        ]
        return insert(self.db, Plan, rows)

    def _freeze(self, people: Sequence[Person], plan_ids: Sequence[int], items: Rows, at: datetime) -> None:
        """The confirmed texts with their hashes, who agreed to them, and the audit entry of the confirmation."""
        by_plan = _by_plan(items)
        reviewer = self.organisation.people["helen"].id
        frozen, digests, decided = [], [], []
        for person, plan_id in zip(people, plan_ids, strict=True):
            text = canonical([_without(item, "revision") for item in by_plan[plan_id]])
            digest = hashlib.sha256(text.encode()).hexdigest()
            same = {"plan_id": plan_id, "revision": 1}
            frozen.append({**same, "text": text, "digest": digest, "by_id": person.id, "at": at})
            digests.append({"key": plan_id, "digest": digest})
            steps = [
                ("approved", self._above(person), 0, 6),
                ("passed", reviewer, -1, 3),
                ("confirmed", person.id, -1, 0),
            ]
            decided += [
                {**same, "step": step, "decision": decision, "by_id": by_id, "at": at - timedelta(days=days)}
                for decision, by_id, step, days in steps
                if by_id
            ]
            fact = Change("plan.confirmed", Plan.noun, plan_id, {"revision": 1, "digest": digest})
            append(self.db, [fact], person.id, PLATFORM, at)
        table: sa.Table = Plan.__table__  # type: ignore[attr-defined]
        changed = sa.update(table).where(table.c.id == sa.bindparam("key")).values(digest=sa.bindparam("digest"))
        self.db.connection().execute(changed, digests)
        insert(self.db, Frozen, frozen)
        insert(self.db, Approval, decided)

    def _above(self, person: Person) -> int | None:
        """Who approved what the line manager wrote: the manager above, if there is one."""
        manager = next((one for one in self.organisation.people.values() if one.id == person.manager_id), None)
        return manager.manager_id if manager else None

    def _measure(self, people: Sequence[Person], plan_ids: Sequence[int], items: Rows, year: int) -> None:
        """A value per quarter and item, from the system that is its source of truth."""
        by_plan, rows = _by_plan(items), []
        known = self.planned.indicators()
        for person, plan_id in zip(people, plan_ids, strict=True):
            growth = self.rng.uniform(-0.04, 0.04)
            for item in by_plan[plan_id]:
                indicator = known[item["indicator_id"]]
                if indicator.target is None:  # rated by people
                    continue
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
        insert(self.db, Measurement, rows)


def _by_plan(items: Rows) -> dict[int, Rows]:
    found: dict[int, Rows] = {}
    for item in items:
        found.setdefault(item["plan_id"], []).append(item)
    return found


def _without(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != name}
