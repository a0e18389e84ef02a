"""Looks at scores with the rules of models.rules.anomalies and keeps the flags in step with what they find."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import batches
from models.cycle import Cycle
from models.flag import DEPARTMENT, PAIR, PERSON, RATER, Flag, raise_flags
from models.person import Person
from models.plan import Plan
from models.reckoning import Reckoned, Reckoning, plans_in_force, reckon
from models.result import FROM_DISPUTE, FROM_SCORES, Result, previous_totals
from models.result import Line as Counted
from models.rules.anomalies import detected
from models.rules.sheets import Found, Line, Reading, Sheet, read
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
    raters = _raters(db, cycle)
    if reckoned is None:
        reckoned = reckon(db, [plan for plan in plans if plan.id in raters], terms_now(cycle))
    found, looked = judge(db, cycle, [*look(db, cycle, reckoned, raters).values()])
    if whole is not None:
        found = [one for one in found if one.on != DEPARTMENT or one.key in whole]
        looked = frozenset((on, key) for on, key in looked if on != DEPARTMENT or key in whole)
    return raise_flags(db, cycle, found, looked, now)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules need of one person's scores, and of those of the cycle before."""

    now: Reading
    before: Reading | None


def look(db: Session, cycle: Cycle, reckoned: Mapping[int, Reckoning], raters: Mapping[int, int]) -> dict[int, Seen]:
    """The complete scores among these, by plan; `raters` who handed in the manager's card. A part of a cycle at a time
    is as good as all of it."""
    terms = terms_now(cycle)
    people = [one.plan.person_id for one in reckoned.values()]
    places = _places(db, people)
    earlier = previous_totals(db, cycle, people)
    then = {one.person: _read(one) for one in sheets_before(db, earlier, places)}
    found = {}
    for plan_id, one in reckoned.items():
        if plan_id in raters and (value := one.total.value) is not None:
            person = one.plan.person_id
            sheet = sheet_of(one, value, raters[plan_id], places.get(person), earlier.get(person), terms)
            found[plan_id] = Seen(_read(sheet), then.get(person))
    return found


def judge(db: Session, cycle: Cycle, seen: Sequence[Seen]) -> tuple[list[Found], frozenset[tuple[str, int]]]:
    """What the rules find, and the subjects that were looked at; they compare groups, so all of a group belong here."""
    now = _ruled(db, cycle, [one.now for one in seen])
    before = [one.before for one in seen if one.before is not None]
    limits = terms_now(cycle)
    found = detected(now, before, limits.limits, limits.levels[0].name)
    sheets = [one.sheet for one in now]
    looked = {(PERSON, sheet.person) for sheet in sheets} | {(PAIR, sheet.person) for sheet in sheets}
    looked |= {(RATER, sheet.rater) for sheet in sheets} | {(DEPARTMENT, sheet.department) for sheet in sheets}
    return found, frozenset(looked)


def _read(sheet: Sheet) -> Reading:
    """Without its lines: the rules look at what was read, and those of a company are many."""
    reading = read([sheet])[0]
    return replace(reading, sheet=replace(sheet, lines=()))


def _places(db: Session, people: Sequence[int]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for some in batches(people):
        found.update(db.exec(select(Person.id, Person.department_id).where(col(Person.id).in_(some))).all())
    return found


def _ruled(db: Session, cycle: Cycle, readings: Sequence[Reading]) -> list[Reading]:
    """The same, but what people decided counts as it was decided: a total that was adjusted or calibrated, and all
    that a dispute has changed."""
    changed = select(Result).where(Result.cycle_id == cycle.id, Result.origin != FROM_SCORES)
    decided = {one.person_id: one for one in db.exec(changed)}
    disputed = {person: one for person, one in decided.items() if one.origin == FROM_DISPUTE}
    now = {one.person: one for one in sheets_before(db, disputed, _places(db, list(disputed)))}
    return [_decided(one, now.get(one.sheet.person), decided.get(one.sheet.person)) for one in readings]


def _decided(reading: Reading, now: Sheet | None, result: Result | None) -> Reading:
    if now is not None:
        return _read(replace(now, previous=reading.sheet.previous))
    if result is None or result.total is None:
        return reading
    return replace(reading, sheet=replace(reading.sheet, total=result.total, rating=result.rating))


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


def _lines(db: Session, result_ids: Sequence[int]) -> Iterator[Any]:
    for some in batches(result_ids):
        yield from db.connection().execute(_LINES.where(col(Counted.result_id).in_(some)))


_LINES = sa.select(
    *(col(Counted.result_id), col(Counted.revision), col(Counted.excluded)),
    *(col(Counted.weight), col(Counted.points), col(Counted.manager), col(Counted.own)),
)
