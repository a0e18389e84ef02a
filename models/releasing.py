"""From scores to published results: recomputing them, what can be published, publishing it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import page
from models.base import Refused, record
from models.computing import compute
from models.cycle import RECKONING, Cycle
from models.examination import examine, examine_around
from models.flag import Flag, subjects_of, unsettled
from models.person import Person
from models.plan import Plan
from models.reckoning import Reckoning, plans_in_force, reckon
from models.result import UNPUBLISHED, Result, release
from models.scorecard import MANAGER, Scorecard, given_back
from models.terms import terms_of
from models.todo import settle

PUBLISH = "cycle.publish"
# The states of a cycle in which results can be published.
RELEASING = ("review", "published", "disputing")


def recompute(db: Session, cycle: Cycle, now: datetime, plans: Sequence[Plan] | None = None) -> list[Flag]:
    """Results from the scores as they stand, for the plans whose manager's scores are handed in, and their flags."""
    reckoned = _computed(db, cycle, plans)
    return examine(db, cycle, now, reckoned if plans is None else None)


def _computed(db: Session, cycle: Cycle, plans: Sequence[Plan] | None) -> dict[int, Reckoning]:
    """The results alone, and by plan what they come from."""
    raters = dict(
        db.exec(
            select(Scorecard.plan_id, Scorecard.rater_id).where(
                Scorecard.cycle_id == cycle.id, Scorecard.kind == MANAGER, col(Scorecard.submitted_at).is_not(None)
            )
        ).all()
    )
    known = {plan_id: rater for plan_id, rater in raters.items() if rater is not None}
    wanted = plans if plans is not None else plans_in_force(db, cycle)
    reckoned = reckon(db, [plan for plan in wanted if plan.id in known], terms_of(cycle))
    compute(db, list(reckoned.values()), known, terms_of(cycle))
    return reckoned


def look_again(db: Session, cycle: Cycle, cards: Sequence[Scorecard], now: datetime) -> list[Flag]:
    """After managers' cards were handed in: the newly raised flags. From the review on, results follow at once; while
    all are being computed, flags follow with the others'."""
    plans = [db.get_one(Plan, card.plan_id) for card in cards]
    if cycle.state == RECKONING:
        _computed(db, cycle, plans)
        return []
    if cycle.state in RELEASING:
        return recompute(db, cycle, now, plans) if plans else []
    nearby = {(db.get_one(Person, card.person_id).department_id, card.rater_id): card for card in cards}
    return [flag for card in nearby.values() for flag in examine_around(db, cycle, card, now)]


@dataclass(frozen=True, slots=True)
class Releasable:
    """Of some people: the results that can be published now, those that something is missing for, the results that
    open flags keep back, and these flags. What HR gave back to be scored again is wanting until it is handed in."""

    ready: Sequence[Result]
    wanting: Sequence[Result]
    held: Sequence[Result]
    flags: Sequence[Flag]


def releasable(db: Session, cycle: Cycle, people: Collection[int] | None = None) -> Releasable:
    """What can be published of these people's results; of everybody's if nobody is named."""
    wanted = select(Result, Person.department_id).join(Person, col(Person.id) == col(Result.person_id))
    wanted = wanted.where(Result.cycle_id == cycle.id, col(Result.state).in_(UNPUBLISHED))
    known = None if people is None else frozenset(people)
    rows = [
        (one, place)
        for one, place in db.exec(wanted.order_by(col(Result.person_id)))
        if known is None or one.person_id in known
    ]
    flags = unsettled(db, cycle.id)
    about = subjects_of(flags)
    held = {one.id: about.of(one.person_id, place, one.author_id) for one, place in rows}
    returned = given_back(db, cycle.id)
    whole = [one for one, _place in rows if one.total is not None and one.plan_id not in returned]
    complete = {one.id for one in whole}
    blocking = {flag.id for found in held.values() for flag in found}
    return Releasable(
        ready=[one for one in whole if not held[one.id]],
        wanting=[one for one, _place in rows if one.id not in complete],
        held=[one for one in whole if held[one.id]],
        flags=[flag for flag in flags if flag.id in blocking],
    )


def publish(
    db: Session,
    cycle: Cycle,
    now: datetime,
    people: Collection[int] | None = None,
    *,
    at: int | None = None,
    by_id: int = 0,
) -> Sequence[Result]:
    """Publishes the results of these people, or everybody's; refused, naming how many, while a flag about one of them
    is open. The cycle moves on with its last result. `at` is the version of the cycle that was decided on."""
    if at is not None:
        cycle.expect_version(at)
    if cycle.state not in RELEASING:
        raise Refused("Results are published after the review of the scores.")
    found = releasable(db, cycle, people)
    if found.flags:
        raise Refused("{n} flags are still open. Decide them first: perf flags.", n=len(found.flags))
    if not found.ready:
        raise Refused("There is no finished result to publish here.")
    release(db, found.ready, now)
    last = cycle.state == "review" and not unpublished(db, cycle)
    if last:
        settle(db, cycle, by_id, now, PUBLISH)
        page.outdate(db)
    cycle.advance(db, at, state="published" if last else cycle.state)
    record(db, "cycle.released", cycle, results=len(found.ready))
    return found.ready


def unpublished(db: Session, cycle: Cycle) -> bool:
    """Whether a result of the cycle waits to be published."""
    wanted = select(Result.id).where(Result.cycle_id == cycle.id, col(Result.state).in_(UNPUBLISHED)).limit(1)
    return db.exec(wanted).first() is not None
