"""A cycle's published results by department, for charts: who may be shown so that nobody is given away (T61)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.cycle import Cycle
from models.department import Department
from models.item import Item
from models.result import UNPUBLISHED, Line, Result
from models.rules.statistics import (
    Bin,
    Ranked,
    Summary,
    Tails,
    distribution,
    ranking,
    shares,
    shown_groups,
    summary,
    tails,
)
from models.terms import Terms

STEP = 5
HIDDEN = 0  # the group of everybody whose department is not shown on its own
EDGES = tuple(Decimal(points) for points in range(50, 125, STEP))


@dataclass(frozen=True, slots=True)
class Group:
    """One department (or the department itself, without those below it) in figures; `shares` by rating, best first."""

    department: Department
    people: int
    totals: Summary
    shares: tuple[Decimal, ...] | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A place and its parts. `hidden` counts the people of parts that are too small to be shown, never which.

    Everything is None or empty for fewer than five people.
    """

    people: int
    totals: Summary | None
    shares: tuple[Decimal, ...] | None
    bins: tuple[Bin, ...]
    tails: Tails | None
    groups: tuple[Group, ...]
    hidden: int
    ranking: tuple[Ranked, ...]


def overview(db: Session, cycle: Cycle, place: Department | None, terms: Terms) -> Overview:
    """The published results of a place and everything below it (None: the company)."""
    departments = {one.id: one for one in db.exec(select(Department))}
    results = [one for one in _results(db, cycle) if _inside(departments, one.department_id, place)]
    names = [level.name for level in terms.levels]
    totals = [one.total for one in results if one.total is not None]
    whole = summary(totals)
    if whole is None:
        return Overview(len(results), None, None, (), None, (), len(results), ())
    groups = _groups(departments, results, place, names)
    return Overview(
        people=len(results),
        totals=whole,
        shares=shares((one.rating for one in results), names),
        bins=distribution(totals, EDGES),
        tails=tails(totals),
        groups=groups,
        hidden=len(results) - sum(group.people for group in groups),
        ranking=ranking(_completions(db, results)),
    )


def open_departments(db: Session, cycle: Cycle) -> frozenset[int]:
    """The departments that may be shown to somebody who may not read their people one by one: each is shown in the
    overview of every department above it, so that it is no remainder of anything."""
    departments = {one.id: one for one in db.exec(select(Department))}
    results, found = _results(db, cycle), set[int]()
    below: list[Department | None] = [None]
    while below:
        place = below.pop()
        inside = [one for one in results if _inside(departments, one.department_id, place)]
        counts = {key: len(some) for key, some in _partition(departments, inside, place).items()}
        own = place.id if place is not None else HIDDEN
        shown = shown_groups(counts) - {own}
        found |= shown
        below += [departments[key] for key in shown]
    return frozenset(found)


def complete(db: Session, cycle: Cycle) -> bool:
    """Whether every result of the cycle is published: figures of a part would tell who was added to it next."""
    some = select(Result.id).where(Result.cycle_id == cycle.id)
    waiting = db.exec(some.where(col(Result.state).in_(UNPUBLISHED)).limit(1)).first()
    return waiting is None and db.exec(some.limit(1)).first() is not None


def newest_complete(db: Session) -> Cycle | None:
    """The newest cycle all of whose results are published."""
    cycles = db.exec(
        select(Cycle)
        .where(col(Cycle.state).in_(("published", "disputing", "closed")))
        .order_by(col(Cycle.ends_on).desc(), col(Cycle.id).desc())
    )
    return next((cycle for cycle in cycles if complete(db, cycle)), None)


def _results(db: Session, cycle: Cycle) -> Sequence[Result]:
    return db.exec(
        select(Result)
        .where(Result.cycle_id == cycle.id, col(Result.published_at).is_not(None), col(Result.total).is_not(None))
        .order_by(col(Result.id))
    ).all()


def _inside(departments: dict[int, Department], number: int | None, place: Department | None) -> bool:
    if place is None:
        return True
    here = departments.get(number or 0)
    return here is not None and here.path.startswith(place.path)


def _partition(
    departments: dict[int, Department], results: Sequence[Result], place: Department | None
) -> dict[int, list[Result]]:
    """Results by the department one level below the place; its own people, and those without one, by the place."""
    depth = len(_ids(place.path)) if place is not None else 0
    found: dict[int, list[Result]] = {}
    for one in results:
        here = departments.get(one.department_id or 0)
        ids = _ids(here.path) if here is not None else []
        key = ids[depth] if len(ids) > depth else (place.id if place is not None else HIDDEN)
        found.setdefault(key, []).append(one)
    return found


def _groups(
    departments: dict[int, Department], results: Sequence[Result], place: Department | None, names: Sequence[str]
) -> tuple[Group, ...]:
    """The parts that may be shown, by mean, the highest first; a company with one root begins below it."""
    parts = _partition(departments, results, place)
    if place is None and len(parts) == 1 and HIDDEN not in parts:
        place = departments[next(iter(parts))]
        parts = _partition(departments, results, place)
    shown = shown_groups({key: len(found) for key, found in parts.items()}) - {HIDDEN}
    groups = []
    for key in shown:
        totals = summary([one.total for one in parts[key] if one.total is not None])
        if totals is not None:
            spread = shares((one.rating for one in parts[key]), names)
            groups.append(Group(departments[key], len(parts[key]), totals, spread))
    return tuple(sorted(groups, key=lambda group: (-group.totals.mean, group.department.id)))


def _completions(db: Session, results: Sequence[Result]) -> list[tuple[int, Decimal | None]]:
    """(library indicator, points / 100) of every measured line."""
    revisions = {one.id: one.revision for one in results}
    columns = (col(Line.result_id), col(Line.revision), col(Item.indicator_id), col(Line.points))
    rows = db.connection().execute(
        sa.select(*columns)
        .join(Item, col(Item.id) == col(Line.item_id))
        .join(Result, col(Result.id) == col(Line.result_id))
        .where(
            col(Result.cycle_id) == results[0].cycle_id,
            col(Line.outcome) == "scored",
        )
    )
    return [
        (indicator, None if points is None else points / 100)
        for result_id, revision, indicator, points in rows
        if indicator is not None and revisions.get(result_id) == revision
    ]


def _ids(path: str) -> list[int]:
    return [int(part) for part in path.split("/") if part]
