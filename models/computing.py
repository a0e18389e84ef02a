"""Writes results from what was reckoned: the total, and a frozen copy of every number it comes from."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import batches
from models.person import Person
from models.reckoning import Reckoned, Reckoning
from models.result import UNPUBLISHED, Line, Result
from models.rules.totals import Weighed, rating
from models.terms import Terms


def compute(db: Session, reckoned: Sequence[Reckoning], raters: dict[int, int], terms: Terms) -> list[Result]:
    """Writes the results of plans, by plan the same ones again if they are not published yet; `raters` by plan."""
    made: list[Result] = []
    for some in batches(reckoned):
        made += _batch(db, some, raters, terms)
    return made


def _batch(db: Session, reckoned: Sequence[Reckoning], raters: dict[int, int], terms: Terms) -> list[Result]:
    ids, people = [one.plan.id for one in reckoned], [one.plan.person_id for one in reckoned]
    known = {one.plan_id: one for one in db.exec(select(Result).where(col(Result.plan_id).in_(ids)))}
    places = dict(db.exec(select(Person.id, Person.department_id).where(col(Person.id).in_(people))).all())
    made, new = [], []
    for one in reckoned:
        changes = {"author_id": raters.get(one.plan.id), "department_id": places.get(one.plan.person_id)}
        result = known.get(one.plan.id)
        if result is None:
            new.append(_new(one, terms, changes))
        elif result.state in UNPUBLISHED:
            result.recount(db, result.version, terms, computed=one.total.value, vetoed=one.total.vetoed, **changes)
            made.append(result)
    db.flush()
    if new:
        db.connection().execute(sa.insert(Result), new)
        plans = [row["plan_id"] for row in new]
        made += db.exec(select(Result).where(col(Result.plan_id).in_(plans)).order_by(col(Result.id))).all()
    by_plan = {one.plan.id: one for one in reckoned}
    db.connection().execute(sa.delete(Line).where(col(Line.result_id).in_([one.id for one in made])))
    rows = [row for result in made for row in _lines(result, by_plan[result.plan_id])]
    if rows:
        db.connection().execute(sa.insert(Line), rows)
    return made


def _new(one: Reckoning, terms: Terms, changes: Mapping[str, int | None]) -> dict[str, object]:
    """A result as a row: a new object takes as long as everything else about it."""
    plan, computed = one.plan, one.total.value
    whose = {"cycle_id": plan.cycle_id, "plan_id": plan.id, "person_id": plan.person_id}
    level = "" if computed is None else rating(computed, terms.levels)
    return {
        **_BLANK,
        **whose,
        **changes,
        "computed": computed,
        "total": computed,
        "rating": level,
        "vetoed": one.total.vetoed,
    }


def _lines(result: Result, reckoning: Reckoning) -> list[dict[str, object]]:
    """The frozen copy of what a revision was reckoned from, as rows: thousands of objects would cost seconds."""
    weighed = {one.key: one for one in reckoning.total.weighed}
    lines = enumerate(reckoning.lines, 1)
    return [_line(result, position, line, weighed.get(line.item.lineage)) for position, line in lines]


def _line(result: Result, position: int, line: Reckoned, weighed: Weighed | None) -> dict[str, object]:
    item = line.item
    return {
        "result_id": result.id,
        "revision": result.revision,
        "position": position,
        "lineage": item.lineage,
        "item_id": item.id,
        "name": item.name,
        "part": item.part,
        "rule": item.rule,
        "outcome": line.scored.outcome.value,
        "excluded": line.excluded,
        "weight": item.weight,
        "counted": weighed.weight if weighed is not None else None,
        "points": line.points,
        "contribution": weighed.contribution if weighed is not None else None,
        "value": line.measurement.value if line.measurement is not None else None,
        "measurement_id": line.measurement.id if line.measurement is not None else None,
        "manager": line.manager.points if line.manager is not None else None,
        "own": line.own.points if line.own is not None else None,
        "peer": line.peer_points,
    }


_BLANK = Result(cycle_id=0, plan_id=0, person_id=0).model_dump(exclude={"id"})
