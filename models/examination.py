"""Looks at scores with the rules of models.rules.anomalies and keeps the flags in step with what they find."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from models.base import batches
from models.cycle import Cycle
from models.flag import DEPARTMENT, PERSON, RATER, Flag, raise_flags
from models.person import Person
from models.plan import Plan
from models.reckoning import Reckoned, Reckoning, plans_in_force, reckon
from models.result import FROM_DISPUTE, FROM_SCORES, Result, previous_totals
from models.result import Line as Counted
from models.rules.anomalies import anomalies
from models.rules.sheets import Line, Sheet
from models.rules.totals import rating
from models.scorecard import MANAGER, SUBMITTED, Scorecard
from models.terms import Terms, terms_now


def examine(db: Session, cycle: Cycle, now: datetime, reckoned: Mapping[int, Reckoning] | None = None) -> list[Flag]:
    """Everybody whose manager's scores are handed in, before results are published: the newly raised flags.

    `reckoned` by plan is what was reckoned just now for all of them, if it was: it takes longer than all rules.
    """
    if reckoned is None:
        return _examine(db, cycle, plans_in_force(db, cycle), now)
    return _examine(db, cycle, [one.plan for one in reckoned.values()], now, reckoned=reckoned)


def examine_around(db: Session, cycle: Cycle, card: Scorecard, now: datetime) -> list[Flag]:
    """The department of one person and everybody their rater has scored, as soon as scores are handed in."""
    department = db.get_one(Person, card.person_id).department_id
    scored = select(Scorecard.plan_id).where(Scorecard.cycle_id == cycle.id, Scorecard.rater_id == card.rater_id)
    near = select(Plan).join(Person, col(Person.id) == col(Plan.person_id))
    near = near.where(Plan.cycle_id == cycle.id, Plan.effective > 0)
    plans = db.exec(near.where((col(Person.department_id) == department) | col(Plan.id).in_(scored))).all()
    return _examine(db, cycle, plans, now, whole=frozenset({department or 0}))


def _examine(
    db: Session,
    cycle: Cycle,
    plans: Sequence[Plan],
    now: datetime,
    whole: frozenset[int] | None = None,
    reckoned: Mapping[int, Reckoning] | None = None,
) -> list[Flag]:
    """`whole` are the departments of which every plan is here; None: of all. Rules about groups need all of a group."""
    terms = terms_now(cycle)
    raters = _raters(db, cycle)
    here = select(Person.id, Person.department_id).join(Plan, col(Plan.person_id) == col(Person.id))
    places = dict(db.exec(here.where(Plan.cycle_id == cycle.id)).all())
    earlier = previous_totals(db, cycle, _people(plans))
    if reckoned is None:
        reckoned = reckon(db, [plan for plan in plans if plan.id in raters], terms)
    sheets = [
        sheet_of(one, value, raters[plan_id], places.get(one.plan.person_id), earlier.get(one.plan.person_id), terms)
        for plan_id, one in reckoned.items()
        if plan_id in raters and (value := one.total.value) is not None
    ]
    sheets = _ruled(db, cycle, sheets, places)
    found = anomalies(sheets, sheets_before(db, earlier, places), terms.limits, terms.levels[0].name)
    if whole is not None:
        found = [one for one in found if one.on != DEPARTMENT or one.key in whole]
    looked = {(PERSON, sheet.person) for sheet in sheets} | {("pair", sheet.person) for sheet in sheets}
    looked |= {(RATER, sheet.rater) for sheet in sheets}
    looked |= {(DEPARTMENT, sheet.department) for sheet in sheets if whole is None or sheet.department in whole}
    return raise_flags(db, cycle, found, frozenset(looked), now)


def _ruled(db: Session, cycle: Cycle, sheets: Sequence[Sheet], places: Mapping[int, int | None]) -> list[Sheet]:
    """The same, but what people decided counts as it was decided: a total that was adjusted or calibrated, and all
    that a dispute has changed."""
    changed = select(Result).where(Result.cycle_id == cycle.id, Result.origin != FROM_SCORES)
    decided = {one.person_id: one for one in db.exec(changed)}
    disputed = {person: one for person, one in decided.items() if one.origin == FROM_DISPUTE}
    now = {one.person: one for one in sheets_before(db, disputed, places)}
    return [
        replace(now[one.person], previous=one.previous) if one.person in now else _moved(one, decided.get(one.person))
        for one in sheets
    ]


def _moved(sheet: Sheet, result: Result | None) -> Sheet:
    if result is None or result.total is None:
        return sheet
    return replace(sheet, total=result.total, rating=result.rating)


def _people(plans: Iterable[Plan]) -> list[int]:
    return [plan.person_id for plan in plans]


def _raters(db: Session, cycle: Cycle) -> dict[int, int]:
    """Who handed in the manager's card, by plan."""
    cards = select(Scorecard.plan_id, Scorecard.rater_id).where(
        Scorecard.cycle_id == cycle.id, Scorecard.kind == MANAGER, Scorecard.state == SUBMITTED
    )
    return {plan_id: rater_id or 0 for plan_id, rater_id in db.exec(cards).all()}


def sheet_of(
    one: Reckoning, value: Decimal, rater: int, department: int | None, before: Result | None, terms: Terms
) -> Sheet:
    """One person's complete scores as the rules look at them."""
    return Sheet(
        person=one.plan.person_id,
        department=department or 0,
        rater=rater,
        total=value,
        rating=rating(value, terms.levels),
        lines=tuple(_line(line) for line in one.lines if not line.excluded),
        previous=before.total if before is not None else None,
    )


def _line(line: Reckoned) -> Line:
    """As the rules compare it: the manager's points of a rated item, the computed ones of a measured one."""
    own = line.own.points if line.own is not None else None
    points = line.manager.points if line.rated and line.manager is not None else line.points
    return Line(line.item.weight, points, line.rated, own)


def sheets_before(db: Session, earlier: Mapping[int, Result], places: Mapping[int, int | None]) -> list[Sheet]:
    """Last time's sheets, as far as the rules over two cycles need them."""
    results = {one.id: one for one in earlier.values()}
    lines: dict[int, list[Line]] = {}
    for row in _lines(db, list(results)):
        if row.revision == results[row.result_id].revision and not row.excluded:
            rated = row.manager is not None
            ruled = results[row.result_id].origin == FROM_DISPUTE
            points = row.manager if rated and not ruled else row.points
            lines.setdefault(row.result_id, []).append(Line(row.weight, points, rated, row.own))
    return [
        Sheet(one.person_id, places.get(one.person_id) or 0, one.author_id or 0, one.total, one.rating, tuple(rows))
        for one in results.values()
        if one.total is not None and (rows := lines.get(one.id, []))
    ]


def _lines(db: Session, result_ids: Sequence[int]) -> Iterator[Counted]:
    for some in batches(result_ids):
        yield from db.exec(select(Counted).where(col(Counted.result_id).in_(some)))
