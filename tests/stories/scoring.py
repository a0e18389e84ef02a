"""A cycle brought up to a stage by the models' own transitions: where stories about scores begin."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from models.access import Actor
from models.checkin import Measurement
from models.cycle import Cycle
from models.item import Item, items_of
from models.person import Person, roles_of
from models.plan import ACTIVE, Plan
from models.scorecard import MANAGER, SELF, Scorecard, card_of
from models.stages import advance
from models.terms import terms_of
from tests.world import World

PATH = ("setting", "tracking", "self_scoring", "scoring", "review")
Values = tuple[Decimal, Decimal]
USUAL: Values = (Decimal(95), Decimal(3))
REVENUE, ERRORS, TEAMWORK = "New contracts signed", "Error rate of applications", "Work with other teams"
LEVELS = (
    "S: others copy how it is done. A: helps unasked. B: answers in time. C: has to be asked twice. D: is not there."
)


async def in_stage(
    world: World,
    stage: str,
    *handles: str,
    levels: Mapping[str, str] | None = None,
    own: Mapping[str, str] | None = None,
    terms: Mapping[str, object] | None = None,
    values: Mapping[str, Values] | None = None,
) -> int:
    """A quarterly cycle in `stage` in which the people have a plan in force of three items (two measured: 95 of 100
    contracts, 3 % errors of at most 3 %, or `values` by handle; one rated); the id of the cycle.

    From "scoring" on `own` are the self scores handed in (level by handle), from "review" on `levels` the managers'.
    """
    now = world.clock()
    return await world.run(
        lambda db: _build(db, world, now, stage, handles, levels or {}, own or {}, terms or {}, values or {})
    )


def _build(
    db: Session,
    world: World,
    now: datetime,
    stage: str,
    handles: tuple[str, ...],
    levels: Mapping[str, str],
    own: Mapping[str, str],
    terms: Mapping[str, object],
    values: Mapping[str, Values],
) -> int:
    db.connection().execute(sa.update(Person).values(locale="en"))  # these stories are read in English
    helen = Actor(world["helen"].id, roles_of(db, world["helen"].id))
    cycle = _cycle(db, helen.id, dict(terms), now)
    for handle in handles:
        _plan(db, cycle, world[handle].id, now, values.get(handle, USUAL))
    while cycle.state != stage:
        if cycle.state == "self_scoring":
            _hand_in(db, world, cycle, SELF, own, now)
        if cycle.state == "scoring":
            _hand_in(db, world, cycle, MANAGER, levels, now)
        advance(db, cycle, helen, cycle.version, now)
    return cycle.id


def _cycle(db: Session, owner_id: int, terms: dict[str, object], now: datetime) -> Cycle:
    from models.cycle import open_cycle

    cycle = Cycle(
        kind="quarter",
        name="Q4 2026",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 31),
        chain=["manager"],
        languages=["en"],
        owner_id=owner_id,
        terms=terms,
    )
    days = {"setting": 3, "self_scoring": 10, "scoring": 20, "published": 30}
    open_cycle(db, cycle, {name: now + timedelta(days=count) for name, count in days.items()})
    cycle.publish(db, cycle.version, now)
    return cycle


def _plan(db: Session, cycle: Cycle, person_id: int, now: datetime, values: Values) -> Plan:
    plan = Plan(cycle_id=cycle.id, person_id=person_id, state=ACTIVE, effective=1, changed_at=now)
    db.add(plan)
    db.flush()
    same: dict[str, Any] = {
        "plan_id": plan.id,
        "revision": 1,
        "formula": "counted in the CRM",
        "source": "CRM",
        "goal_id": 1,
    }
    rows = [
        Item(**same, position=1, name=REVENUE, unit="items", target=Decimal(100), weight=Decimal(40)),
        Item(**same, position=2, name=ERRORS, unit="%", direction="lower", target=Decimal(3), weight=Decimal(30)),
        Item(**same, position=3, name=TEAMWORK, kind="qualitative", rule="rated", levels=LEVELS, weight=Decimal(30)),
    ]
    db.add_all(rows)
    db.flush()
    for row, value in zip(rows, values, strict=False):
        row.lineage = row.id
        db.add(Measurement(plan_id=plan.id, lineage=row.id, value=value, at=now, by_id=person_id))
    rows[2].lineage = rows[2].id
    db.flush()
    return plan


def _hand_in(db: Session, world: World, cycle: Cycle, kind: str, levels: Mapping[str, str], now: datetime) -> None:
    """The cards of the named people, with a level for everything that is rated."""
    for handle, name in levels.items():
        plan = db.exec(select(Plan).where(Plan.cycle_id == cycle.id, Plan.person_id == world[handle].id)).one()
        card = card_of(db, plan.id, kind)
        assert card is not None
        assert card.waits_for_id is not None
        rater, level = Actor(card.waits_for_id), terms_of(cycle).level(name)
        assert level is not None
        for item in items_of(db, plan.id, plan.effective):
            if item.rule == "rated":
                card.rate(db, rater, card.version, now, item, level)
        card.submit(db, rater, card.version, now, [])


def manager_card(db: Session, cycle_id: int, person_id: int) -> Scorecard:
    """The manager's card about a person."""
    wanted = select(Scorecard).where(
        Scorecard.cycle_id == cycle_id, Scorecard.person_id == person_id, Scorecard.kind == MANAGER
    )
    return db.exec(wanted).one()


def named(db: Session, person_id: int) -> str:
    """What a person is called."""
    return db.get_one(Person, person_id).name
