"""What the rules would find in scores that are not handed in yet: a look ahead that writes nothing."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.cycle import Cycle
from models.examination import sheet_of, sheets_before
from models.flag import PAIR, PERSON, RATER
from models.person import Person
from models.plan import Plan
from models.reckoning import Reckoning, reckon
from models.result import previous_totals
from models.rules.anomalies import anomalies
from models.rules.sheets import Found
from models.scorecard import MANAGER, SUBMITTED, Scorecard
from models.scoresheet import Scoresheet
from models.terms import terms_now


def foresee(db: Session, cycle: Cycle, rater_id: int, sheets: Sequence[Scoresheet]) -> list[Found]:
    """What is odd about a rater's complete sheets, beside those the same rater has handed in: findings about the
    sheets' people, and about the rater. Departments are looked at when all of theirs are in."""
    terms = terms_now(cycle)
    open_ones = [one.reckoning for one in sheets if one.reckoning is not None and one.total is not None]
    people = {one.plan.person_id for one in open_ones}
    every = [*open_ones, *_handed_in(db, cycle, rater_id, people)]
    everybody = [one.plan.person_id for one in every]
    earlier = previous_totals(db, cycle, everybody)
    places = dict(db.exec(select(Person.id, Person.department_id).where(col(Person.id).in_(everybody))).all())
    seen = [
        sheet_of(one, value, rater_id, places.get(person), earlier.get(person), terms)
        for one, person in zip(every, everybody, strict=True)
        if (value := one.total.value) is not None
    ]
    found = anomalies(seen, sheets_before(db, earlier, places), terms.limits, terms.levels[0].name)
    return [
        one
        for one in found
        if (one.on in (PERSON, PAIR) and one.key in people) or (one.on == RATER and one.key == rater_id)
    ]


def _handed_in(db: Session, cycle: Cycle, rater_id: int, without: set[int]) -> list[Reckoning]:
    wanted = (
        select(Plan)
        .join(Scorecard, col(Scorecard.plan_id) == col(Plan.id))
        .where(
            Scorecard.cycle_id == cycle.id,
            Scorecard.rater_id == rater_id,
            Scorecard.kind == MANAGER,
            Scorecard.state == SUBMITTED,
        )
    )
    plans = [plan for plan in db.exec(wanted).all() if plan.person_id not in without]
    return list(reckon(db, plans, terms_now(cycle)).values())
