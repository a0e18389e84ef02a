"""Puts items, values, scores and answers together into each person's total: one load, then plain arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import batches
from models.checkin import Measurement
from models.cycle import Cycle
from models.item import Item
from models.loaded import columns, entity
from models.peer import answers_for
from models.plan import Plan
from models.rules.scoring import Outcome, Scored, score
from models.rules.totals import Part, Total, combine, peer_mean, total
from models.scorecard import LOCKED, MANAGER, OPEN, SELF, Score, Scorecard
from models.terms import Terms

RATED = "rated"


class Given(NamedTuple):
    """What a rater gives one item: a level with its points, or its exclusion."""

    level: str
    points: Decimal | None
    excluded: bool


class Value(NamedTuple):
    """The newest value of an item, and the measurement it comes from."""

    id: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Reckoned:
    """One item with everything its points come from; `given` are the raters' points, `points` what counts."""

    item: Item
    measurement: Value | None
    scored: Scored
    manager: Given | None
    own: Given | None
    peers: int
    peer_points: Decimal | None
    points: Decimal | None
    excluded: bool

    @property
    def rated(self) -> bool:
        """Whether people give its points, and not a measurement."""
        return self.item.rule == RATED or (self.scored.points is None and self.points is not None)

    @property
    def wanting(self) -> bool:
        """Whether the manager still has to rate or exclude it."""
        return self.points is None and not self.excluded


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A plan's items and what they add up to; `total.value` is None while something is missing."""

    plan: Plan
    lines: tuple[Reckoned, ...]
    total: Total


def reckon(db: Session, plans: Sequence[Plan], terms: Terms) -> dict[int, Reckoning]:
    """The reckoning of every plan in force, by plan; a few questions for each batch of plans."""
    found: dict[int, Reckoning] = {}
    for some in batches(plans):
        found.update(_batch(db, [plan for plan in some if plan.effective], terms))
    return found


def _batch(db: Session, plans: Sequence[Plan], terms: Terms) -> dict[int, Reckoning]:
    ids = [plan.id for plan in plans]
    items = _items(db, plans)
    values, answers = _values(db, ids), answers_for(db, ids)
    manager, own = _scores(db, ids, MANAGER), _scores(db, ids, SELF)
    found = {}
    for plan in plans:
        lines = []
        for item in items.get(plan.id, []):
            key = (plan.id, item.lineage)
            lines.append(_line(item, values.get(key), manager.get(key), own.get(key), answers.get(key, []), terms))
        parts = [_part(line) for line in lines]
        found[plan.id] = Reckoning(plan, tuple(lines), total(parts, terms.levels))
    return found


def _items(db: Session, plans: Sequence[Plan]) -> dict[int, list[Item]]:
    """The confirmed items by plan."""
    revisions = {plan.id: plan.effective for plan in plans}
    wanted = sa.select(*columns(Item)).where(col(Item.plan_id).in_(revisions))
    found: dict[int, list[Item]] = {}
    db.flush()
    for row in db.connection().execute(wanted.order_by(col(Item.position), col(Item.id))):
        if row.revision == revisions[row.plan_id]:
            found.setdefault(row.plan_id, []).append(entity(db, Item, row))
    return found


def _values(db: Session, plan_ids: Sequence[int]) -> dict[tuple[int, int], Value]:
    """The newest value of each (plan, lineage); rows, because they are thousands."""
    of = (col(Measurement.plan_id), col(Measurement.lineage), col(Measurement.id), col(Measurement.value))
    wanted = sa.select(*of).where(col(Measurement.plan_id).in_(plan_ids))
    rows = db.connection().execute(wanted.order_by(col(Measurement.at), col(Measurement.id)))
    return {(plan, lineage): Value(number, value) for plan, lineage, number, value in rows}


def _scores(db: Session, plan_ids: Sequence[int], kind: str) -> Mapping[tuple[int, int], Given]:
    """What the raters of a kind gave; a card that was never handed in counts only for who fills it in."""
    given = (col(Score.level), col(Score.points), col(Score.excluded))
    wanted = sa.select(col(Scorecard.plan_id), col(Score.lineage), *given)
    wanted = wanted.join(Score, col(Score.scorecard_id) == col(Scorecard.id))
    states = (LOCKED,) if kind == MANAGER else (LOCKED, OPEN)
    counts = sa.and_(col(Scorecard.kind) == kind, col(Scorecard.state).not_in(states))
    rows = db.connection().execute(wanted.where(col(Scorecard.plan_id).in_(plan_ids), counts))
    return {(plan, lineage): Given(level, points, excluded) for plan, lineage, level, points, excluded in rows}


def _line(
    item: Item,
    measurement: Value | None,
    manager: Given | None,
    own: Given | None,
    answers: Sequence[Decimal],
    terms: Terms,
) -> Reckoned:
    scored = _measured(item, measurement)
    excluded = manager is not None and manager.excluded
    peers = peer_mean(answers)
    points = scored.points
    if points is None and not excluded:
        given = {
            "manager": manager.points if manager is not None else None,
            "self": own.points if own is not None else None,
            "peer": peers,
        }
        waits = manager is None and bool(terms.raters["manager"])
        points = None if waits else combine(given, terms.raters).points
        if points is None and manager is not None:  # nobody who counts has scored it: the manager's score stands in
            points = manager.points
    return Reckoned(item, measurement, scored, manager, own, len(answers), peers, points, excluded)


def _measured(item: Item, measurement: Value | None) -> Scored:
    if item.rule == RATED:
        return Scored(Outcome.UNMEASURED, None, None)
    return score(item.standard(), measurement.value if measurement is not None else None)


def _part(line: Reckoned) -> Part:
    return Part(
        key=line.item.lineage,
        part=line.item.part,
        weight=line.item.weight,
        points=line.points,
        excluded=line.excluded,
    )


def plans_in_force(db: Session, cycle: Cycle) -> Sequence[Plan]:
    """The plans of a cycle that were confirmed, by person."""
    statement = select(Plan).where(Plan.cycle_id == cycle.id, Plan.effective > 0)
    return db.exec(statement.order_by(col(Plan.person_id))).all()
