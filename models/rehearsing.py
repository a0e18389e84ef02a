"""The dry run of a cycle: who owes what in each stage, counted by zone and country."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.cycle import Cycle, Stage, stages_of
from models.partaking import taking_part
from models.person import Person
from models.rules.rehearsal import Crowd, Errand, Sending, rehearse


def rehearsed(db: Session, cycle: Cycle, home: str, now: datetime, today: date) -> list[Sending]:
    """What the cycle would send from now on, if everybody who takes part today did to the end; `home` is the company's
    zone."""
    stages = {one.name: one for one in stages_of(db, cycle.id)}
    mine, theirs = _members(db, cycle, home, today), _managers(db, cycle, home, today)
    everybody = [*mine, *_outside(db, cycle, home, today)]
    setters = theirs if cycle.setter == "manager" else mine
    errands = [
        *_errand(stages, "setting", "cycle.opened", everybody, now, reminded=False),
        *_errand(stages, "setting", "plan.submit", setters, now, told=False),
        *_errand(stages, "self_scoring", "scorecard.submit", mine, now),
        *_errand(stages, "scoring", "scorecard.submit", theirs, now),
    ]
    if "published" in stages:
        out, until = stages["published"].closes_at, stages.get("disputing")
        errands.append(
            Errand("published", "result.acknowledge", max(out, now), until.closes_at if until else None, mine)
        )
    return [one for one in rehearse(errands, cycle.terms.get("nudges", {})) if one.day >= today]


def _errand(
    stages: dict[str, Stage],
    name: str,
    kind: str,
    crowds: Sequence[Crowd],
    now: datetime,
    *,
    told: bool = True,
    reminded: bool = True,
) -> list[Errand]:
    """What a stage asks, if the cycle has it."""
    found = stages.get(name)
    if found is None:
        return []
    opens = now if found.opens_at is None else max(found.opens_at, now)
    return [Errand(name, kind, opens, found.closes_at if reminded else None, crowds, told)]


def _members(db: Session, cycle: Cycle, home: str, today: date) -> list[Crowd]:
    rows = sa.select(col(Person.zone), col(Person.country), sa.func.count()).where(taking_part(db, cycle, today))
    return _crowds(db, rows.group_by(col(Person.zone), col(Person.country)), home)


def _managers(db: Session, cycle: Cycle, home: str, today: date) -> list[Crowd]:
    """The line managers of who takes part."""
    who = aliased(Person)
    theirs = sa.select(col(Person.manager_id)).where(taking_part(db, cycle, today), col(Person.manager_id).is_not(None))
    rows = sa.select(col(who.zone), col(who.country), sa.func.count())
    rows = rows.where(col(who.id).in_(theirs), col(who.left_at).is_(None))
    return _crowds(db, rows.group_by(col(who.zone), col(who.country)), home)


def _outside(db: Session, cycle: Cycle, home: str, today: date) -> list[Crowd]:
    """Managers who write plans and take no part themselves."""
    if cycle.setter != "manager":
        return []
    who = aliased(Person)
    theirs = sa.select(col(Person.manager_id)).where(taking_part(db, cycle, today), col(Person.manager_id).is_not(None))
    mine = sa.select(col(Person.id)).where(taking_part(db, cycle, today))
    rows = sa.select(col(who.zone), col(who.country), sa.func.count())
    rows = rows.where(col(who.id).in_(theirs), col(who.id).not_in(mine), col(who.left_at).is_(None))
    return _crowds(db, rows.group_by(col(who.zone), col(who.country)), home)


def _crowds(db: Session, rows: Any, home: str) -> list[Crowd]:
    found = db.connection().execute(rows).all()
    return [Crowd(zone or home, country or "", count) for zone, country, count in found]
