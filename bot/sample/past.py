"""Past cycles: confirmed plans and measured values, written in bulk."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from bot.sample.organisation import Organisation
from bot.sample.planned import Planned, Rows, insert
from bot.sample.rounds import Round
from bot.sample.trail import Trail
from bot.sample.values import actual
from models.approval import Approval, Frozen
from models.base import Change, canonical
from models.checkin import Measurement
from models.cycle import Cycle, open_cycle
from models.item import Item
from models.person import Person
from models.plan import ACTIVE, Plan


@dataclass(slots=True)
class Written:
    """A cycle whose plans are in force: the rows of its items and the last value of each, by plan and by lineage."""

    cycle: Cycle
    round: Round
    owners: dict[int, Person]
    items: dict[int, Rows]
    values: dict[int, Decimal]


@dataclass(slots=True)
class History:
    """Writes past cycles. `skills` says how well each person performs (1 = as planned), by person id."""

    db: Session
    organisation: Organisation
    planned: Planned
    skills: Mapping[int, float]
    rng: Random
    trail: Trail

    def play(self, round_: Round, people: Sequence[Person]) -> Written:
        """A cycle of those of these people who worked here when it began, up to its last values."""
        cycle = self._open(round_)
        there = [p for p in people if p.hired_on is not None and p.hired_on < round_.starts_on]
        plan_ids = self._plans(cycle, there, round_.confirmed)
        items = self._items(there, plan_ids, round_.quarters)
        self._freeze(there, plan_ids, items, round_.confirmed)
        values = self._measure(there, plan_ids, items, round_)
        return Written(cycle, round_, dict(zip(plan_ids, there, strict=True)), _by_plan(items), values)

    def _open(self, round_: Round) -> Cycle:
        """The cycle, opened and published through the model at the beginning of its period, now being followed."""
        helen = self.organisation.people["helen"]
        cycle = Cycle(
            kind=round_.kind,
            name=round_.name,
            starts_on=round_.starts_on,
            ends_on=round_.ends_on,
            chain=["manager", "head"],
            languages=["en", "zh_Hans", "zh_Hant", "ja"],
            owner_id=helen.id,
            terms=dict(round_.terms),
        )
        open_cycle(self.db, cycle, round_.closes)
        cycle.publish(self.db, cycle.version, round_.opened)
        self.trail.write(helen.id, round_.opened)
        return cycle

    def _items(self, people: Sequence[Person], plan_ids: Sequence[int], quarters: Decimal) -> Rows:
        """The confirmed items of all plans, stored, each the first of its lineage."""
        items: Rows = []
        for person, plan_id in zip(people, plan_ids, strict=True):
            factor = Decimal(str(self.rng.choice((0.8, 0.9, 1, 1, 1.1))))
            items += self.planned.rows(person, plan_id, quarters, factor)
        for item, item_id in zip(items, insert(self.db, Item, items), strict=True):
            item["lineage"] = item_id
        table: sa.Table = Item.__table__  # type: ignore[attr-defined]
        self.db.connection().execute(sa.update(table).where(table.c.lineage == 0).values(lineage=table.c.id))
        return items

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
            self.trail.note(fact, person.id, at)
        table: sa.Table = Plan.__table__  # type: ignore[attr-defined]
        changed = sa.update(table).where(table.c.id == sa.bindparam("key")).values(digest=sa.bindparam("digest"))
        self.db.connection().execute(changed, digests)
        insert(self.db, Frozen, frozen)
        insert(self.db, Approval, decided)

    def _above(self, person: Person) -> int | None:
        """Who approved what the line manager wrote: the manager above, if there is one."""
        manager = next((one for one in self.organisation.people.values() if one.id == person.manager_id), None)
        return manager.manager_id if manager else None

    def _measure(
        self, people: Sequence[Person], plan_ids: Sequence[int], items: Rows, round_: Round
    ) -> dict[int, Decimal]:
        """A value per reading and item, from the system that is its source of truth: the last ones, by lineage."""
        by_plan, rows = _by_plan(items), []
        known = self.planned.indicators()
        for person, plan_id in zip(people, plan_ids, strict=True):
            growth = self.rng.uniform(-0.04, 0.04)
            for item in by_plan[plan_id]:
                indicator = known[item["indicator_id"]]
                if indicator.target is None:  # rated by people
                    continue
                for number, (at, share) in enumerate(round_.readings, 1):
                    performance = self.skills[person.id] + growth * share
                    rows.append(
                        {
                            "plan_id": plan_id,
                            "lineage": item["lineage"],
                            "indicator_id": indicator.id,
                            "value": actual(indicator, item["target"], performance, share, self.rng),
                            "source": indicator.sources["en"],
                            "reference": f"{round_.starts_on.year}-{_part(round_, number)} · {person.number}",
                            "at": at,
                        }
                    )
        insert(self.db, Measurement, rows)
        return {row["lineage"]: row["value"] for row in rows}


def _part(round_: Round, number: int) -> str:
    """What a reading covers, as the source system files it: a quarter of a year, or a month."""
    return f"Q{number}" if round_.kind == "year" else f"{min(round_.starts_on.month + number - 1, 12):02}"


def _by_plan(items: Rows) -> dict[int, Rows]:
    found: dict[int, Rows] = {}
    for item in items:
        found.setdefault(item["plan_id"], []).append(item)
    return found


def _without(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != name}
