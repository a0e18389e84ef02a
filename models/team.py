"""A manager's people in a cycle: their plans, how far they are, and whether something blocks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from models.checkin import latest_checkins, measured
from models.person import Person, reports_of
from models.plan import Plan
from models.rules.progress import weighted


@dataclass(frozen=True, slots=True)
class Member:
    """One report: `done` is the weighted completion, None while nothing is measured."""

    person: Person
    plan: Plan
    done: Decimal | None
    blocked: bool


def team_of(db: Session, manager_id: int, cycle_id: int) -> Sequence[Member]:
    """Everybody who reports to the manager and has a plan in the cycle, by name."""
    people = reports_of(db, manager_id)
    plans = _plans(db, cycle_id, [person.id for person in people])
    figures = measured(db, list(plans.values()))
    notes = latest_checkins(db, [plan.id for plan in plans.values()])
    blocked = {plan_id for (plan_id, _lineage), note in notes.items() if note.blocker}
    members = []
    for person in people:
        plan = plans.get(person.id)
        if plan is not None:
            done = weighted([entry for _item, entry in figures[plan.id]])
            members.append(Member(person, plan, done, plan.id in blocked))
    return members


def _plans(db: Session, cycle_id: int, person_ids: Sequence[int]) -> dict[int, Plan]:
    """Plans by person."""
    rows = db.exec(select(Plan).where(Plan.cycle_id == cycle_id, col(Plan.person_id).in_(person_ids)))
    return {plan.person_id: plan for plan in rows}
