"""Published results in the company of all relations, by the models' own transitions: where tests of disputes begin."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlmodel import Session

from models.access import Actor
from models.checkin import Measurement
from models.cycle import Cycle
from models.dispute import Dispute, file
from models.item import Item, items_of
from models.plan import Plan, plan_of
from models.releasing import publish, recompute
from models.result import Line, Result, lines_of, release, result_of
from models.scorecard import MANAGER, card_of
from models.terms import terms_of
from tests.security import company
from tests.stories.scoring import _build
from tests.world import START, World

# From this way on nothing that counts is changed.
HARMLESS = 5


def published(db: Session, levels: Mapping[str, str], now: datetime = START) -> Cycle:
    """A cycle in which the named people's results (level of the rated item by handle) are published."""
    people = {handle: company.by_handle(db, handle) for handle in company.PEOPLE}
    given = {"handles": tuple(levels), "levels": levels, "own": {}, "terms": {}, "values": {}}
    number = _build(db, cast(World, people), now, "review", **given)  # type: ignore[arg-type]
    cycle = db.get_one(Cycle, number)
    release(db, [result(db, cycle, handle) for handle in levels], now)
    cycle.advance(db, state="published")
    return cycle


def result(db: Session, cycle: Cycle, handle: str) -> Result:
    """Their published result."""
    found = result_of(db, cycle.id, company.by_handle(db, handle).id)
    assert found is not None
    return found


def line(db: Session, of: Result, position: int) -> Line:
    """One line of the newest revision: 1 contracts (95 of 100), 2 error rate (3 %), 3 the rated one."""
    return lines_of(db, of)[position - 1]


def filed(db: Session, cycle: Cycle, handle: str, position: int, now: datetime = START) -> Dispute:
    """A case of theirs about an item (0: the whole result)."""
    about = result(db, cycle, handle)
    lineage = line(db, about, position).lineage if position else 0
    return file(db, about, company.actor(db, handle), about.version, now, lineage)


def correct(db: Session, cycle: Cycle, handle: str, value: str, now: datetime, **values: object) -> Measurement:
    """Another value of the first item, on record from `now` on."""
    person = company.by_handle(db, handle)
    plan = plan_of(db, cycle.id, person.id)
    assert plan is not None
    item: Item = items_of(db, plan.id, plan.effective)[0]
    kept: dict[str, object] = {"value": Decimal(value), "at": now, "by_id": person.id, **values}
    made = Measurement(plan_id=plan.id, lineage=item.lineage, **kept)  # type: ignore[arg-type]
    db.add(made)
    db.flush()
    return made


def other_way(db: Session, cycle: Cycle, owner: str, actor: Actor, how: int, now: datetime) -> None:
    """Tries to change what a published result rests on in another way than by a dispute; from HARMLESS on it may."""
    of = result(db, cycle, owner)
    card = card_of(db, of.plan_id, MANAGER)
    assert card is not None
    match how:
        case 0:
            card.reopen(db, actor, now, b"why", actor.id)
        case 1:
            rated = items_of(db, of.plan_id, 1)[2]
            card.rate(db, actor, card.version, now, rated, terms_of(cycle).levels[0])
        case 2:
            of.adjust(db, actor, of.version, Decimal(3), b"sealed", terms_of(cycle))
        case 3:
            of.calibrate(db, actor, of.version, Decimal(110), b"sealed", terms_of(cycle))
        case 4:
            publish(db, cycle, now, [of.person_id])
        case 5:
            correct(db, cycle, owner, "120", now)
            recompute(db, cycle, now, [db.get_one(Plan, of.plan_id)])
        case _:
            of.acknowledge(db, actor, of.version, now)
