"""The cycle under way: every step is taken through the real transitions, in the order of time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa
from sqlmodel import Session

from bot.sample.cast import said
from bot.sample.organisation import Organisation
from bot.sample.planned import Planned, insert
from bot.sample.times import ZONE, at_work, quarter
from bot.sample.trail import Trail
from bot.sample.values import actual
from models.access import Actor
from models.checkin import Measurement, report
from models.cycle import Cycle, end_of_day, open_cycle
from models.indicator import Indicator
from models.item import Item, from_library
from models.person import Person
from models.plan import CONFIRMING, SUBMITTED, Plan, begin_plans

OPENED = timedelta(days=30)
PERIOD = timedelta(days=60)
Step = Callable[["Running", Plan, datetime], None]


@dataclass(slots=True)
class Running:
    """Plays a quarterly cycle up to `now`; `skills` says how well each person performs, by person id."""

    db: Session
    organisation: Organisation
    planned: Planned
    skills: dict[int, float]
    stray: list[Indicator]
    now: datetime
    rng: Random
    trail: Trail
    opened: datetime = field(init=False)
    setters: dict[int, int] = field(default_factory=dict)
    cycle: Cycle = field(init=False)
    indicators: dict[int, Indicator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.opened = at_work(self.now - OPENED, self.rng)
        self.indicators = {**self.planned.indicators(), **{indicator.id: indicator for indicator in self.stray}}

    def begin(self) -> dict[int, Plan]:
        """Opens and publishes the cycle with an empty draft for everybody: plans by person."""
        helen = self.organisation.people["helen"]
        starts_on, ends_on = quarter(self.now.date())
        cycle = Cycle(
            kind="quarter",
            name=f"{starts_on.year} Q{(starts_on.month + 2) // 3}",
            starts_on=starts_on,
            ends_on=ends_on,
            chain=["manager", "head"],
            languages=["en", "zh_Hans", "zh_Hant", "ja"],
            owner_id=helen.id,
        )
        open_cycle(self.db, cycle, _deadlines(self.now, ends_on))
        self.write(helen.id, self.opened)
        cycle.publish(self.db, cycle.version, self.opened)
        owed = begin_plans(self.db, cycle, list(self.organisation.people.values()), self.opened)
        self.write(helen.id, self.opened)
        for setter_id, plans in owed.items():
            self.setters.update({plan.id: setter_id for plan in plans})
        self.cycle = cycle
        return {plan.person_id: plan for plans in owed.values() for plan in plans}

    def play(self, agenda: list[tuple[datetime, int, Plan, Step]]) -> None:
        """Takes the steps of all plans in the order of time."""
        with self.db.no_autoflush:  # the transitions flush where they look at what they wrote
            for at, _number, plan, step in sorted(agenda, key=lambda entry: entry[:2]):
                step(self, plan, at)

    def actor(self, person_id: int | None) -> Actor:
        """Somebody acting with their roles."""
        return Actor(person_id or 0, self.organisation.roles.get(person_id or 0, frozenset()))

    def write(self, actor_id: int, at: datetime) -> None:
        """The audit entries of what was just done."""
        self.trail.write(actor_id, at)

    def person(self, plan: Plan) -> Person:
        """Whose plan it is."""
        return self.db.get_one(Person, plan.person_id)

    def word(self, kind: str, locale: str) -> str:
        """Something people write, in a language."""
        chosen: str = self.rng.choice(said("words")[locale][kind])
        return chosen


def _deadlines(now: datetime, ends_on: date) -> dict[str, datetime]:
    """Nothing closes in the week after the company was made: whoever plays it finds it as the tour says."""
    setting = now.date() + timedelta(days=9)
    worked = max(ends_on, setting + timedelta(days=1))
    first = worked + timedelta(days=8)
    days = {"setting": setting, "tracking": worked, "self_scoring": first}
    days |= {"scoring": first + timedelta(days=7), "published": first + timedelta(days=14)}
    return {name: end_of_day(day, ZONE) for name, day in days.items()}


# Steps of a plan


def draft(running: Running, plan: Plan, now: datetime) -> None:
    """The setter takes the template of the position; amounts fit the person."""
    person, setter = running.person(plan), running.actor(running.setters[plan.id])
    plan.edit(running.db, setter, plan.version, now)
    factor = Decimal(str(running.rng.choice((0.8, 0.9, 1, 1, 1.1))))
    rows = running.planned.rows(person, plan.id, Decimal(1), factor)
    insert(running.db, Item, rows)
    table: sa.Table = Item.__table__  # type: ignore[attr-defined]
    new = sa.and_(table.c.plan_id == plan.id, table.c.lineage == 0)
    running.db.connection().execute(sa.update(table).where(new).values(lineage=table.c.id))
    running.write(setter.id, now)


def stray(running: Running, plan: Plan, now: datetime) -> None:
    """Swaps the last indicator for one that serves no goal: what HR has to find."""
    locale, last = running.person(plan).locale, plan.items(running.db)[-1]
    setter, indicator = running.actor(running.setters[plan.id]), running.rng.choice(running.stray)
    plan.edit(running.db, setter, plan.version, now)
    item = from_library(running.db, indicator, locale, last.weight)
    item.plan_id, item.revision, item.position = plan.id, plan.revision, last.position
    running.db.delete(last)
    running.db.add(item)
    running.db.flush()
    item.lineage = item.id
    running.write(setter.id, now)


def submit(running: Running, plan: Plan, now: datetime) -> None:
    """The setter hands it in."""
    plan.submit(running.db, running.actor(running.setters[plan.id]), plan.version, now)
    running.write(running.setters[plan.id], now)


def approve(running: Running, plan: Plan, now: datetime) -> None:
    """Whoever is asked approves; a chain that had only one step is through already."""
    if plan.state == SUBMITTED:
        by = running.actor(plan.waits_for_id)
        plan.approve(running.db, by, plan.version, now)
        running.write(by.id, now)


def pass_(running: Running, plan: Plan, now: datetime) -> None:
    """HR finds it compliant."""
    by = running.actor(plan.waits_for_id)
    plan.pass_(running.db, by, plan.version, now)
    running.write(by.id, now)


def return_(running: Running, plan: Plan, now: datetime) -> None:
    """Whoever is asked returns it with a reason in their language."""
    by = running.actor(plan.waits_for_id)
    reason = running.word("returned", running.db.get_one(Person, by.id).locale)
    plan.return_(running.db, by, plan.version, now, reason)
    running.write(by.id, now)


def object_(running: Running, plan: Plan, now: datetime) -> None:
    """The owner does not agree."""
    if plan.state == CONFIRMING:
        plan.object_(
            running.db,
            running.actor(plan.person_id),
            plan.version,
            now,
            running.word("objected", running.person(plan).locale),
        )
        running.write(plan.person_id, now)


def confirm(running: Running, plan: Plan, now: datetime) -> None:
    """The owner agrees."""
    plan.confirm(running.db, running.actor(plan.person_id), plan.version, now)
    running.write(plan.person_id, now)


def measure(running: Running, plan: Plan, now: datetime) -> None:
    """Values of every item arrive from their sources of truth."""
    person, items = running.person(plan), plan.agreed_items(running.db)
    pairs = [(item, running.indicators[item.indicator_id or 0]) for item in items if item.target is not None]
    same = {"plan_id": plan.id, "reference": f"{now:%Y-%m-%d} · {person.number}", "at": now}
    rows = [
        {
            **same,
            "lineage": item.lineage,
            "indicator_id": indicator.id,
            "value": reached(running, plan, item, indicator, now),
            "source": indicator.sources["en"],
        }
        for item, indicator in pairs
    ]
    insert(running.db, Measurement, rows)


def checkin(running: Running, plan: Plan, now: datetime, *, blocked: bool = False) -> None:
    """The owner reports on one item: a value, a note, perhaps a blocker."""
    person, items = running.person(plan), [one for one in plan.agreed_items(running.db) if one.target is not None]
    item = items[0] if blocked else running.rng.choice(items)
    value = reached(running, plan, item, running.indicators[item.indicator_id or 0], now)
    note = running.word("good" if running.skills[person.id] >= 0.97 else "slow", person.locale)
    blocker = running.word("blockers", person.locale) if blocked else ""
    report(running.db, plan, item.lineage, running.actor(person.id), now, value=value, note=note, blocker=blocker)
    running.write(person.id, now)


def blocked_checkin(running: Running, plan: Plan, now: datetime) -> None:
    """A report with something in the way."""
    checkin(running, plan, now, blocked=True)


def reached(running: Running, plan: Plan, item: Item, indicator: Indicator, now: datetime) -> Decimal:
    """What the owner has reached by now."""
    elapsed = min(1.0, max(0.1, (now - running.opened) / PERIOD))
    skill = running.skills[plan.person_id]
    return actual(indicator, item.target or Decimal(0), skill, elapsed, running.rng)
