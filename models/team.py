"""A manager's people in a cycle: their plans, how far they are, and whether something blocks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import execute
from models.checkin import latest_checkins, measured
from models.person import Person, active, reports_of
from models.plan import Plan
from models.rules.progress import weighted
from models.scorecard import MANAGER, SUBMITTED, Scorecard


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


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a manager's people have a plan in each state, and how many of their people's cards the managers have
    handed in, of how many there are."""

    plans: Mapping[str, int]
    scored: int = 0
    to_score: int = 0


def counted(db: Session, manager_id: int, cycle_id: int) -> Counted:
    """Where the people who report to a manager stand in a cycle, in one question."""
    rows = execute(db, _COUNTED, manager=manager_id, cycle=cycle_id)
    found: dict[str, dict[str, int]] = {PLAN: {}, CARD: {}}
    for kind, state, number in rows:
        found[kind][state] = number
    cards = found[CARD]
    return Counted(found[PLAN], cards.get(SUBMITTED, 0), sum(cards.values()))


def _plans(db: Session, cycle_id: int, person_ids: Sequence[int]) -> dict[int, Plan]:
    """Plans by person."""
    rows = db.exec(select(Plan).where(Plan.cycle_id == cycle_id, col(Plan.person_id).in_(person_ids)))
    return {plan.person_id: plan for plan in rows}


def _by_state(kind: str, model: type[Plan | Scorecard], *more: sa.ColumnElement[bool]) -> sa.Select[str, str, int]:
    theirs = (col(Person.manager_id) == sa.bindparam("manager"), active())
    states = sa.select(sa.literal_column(f"'{kind}'", sa.String).label("kind"), col(model.state), sa.func.count())
    mine = states.select_from(Person).join(model, col(model.person_id) == col(Person.id))
    # An expression, or SQLite begins with everybody's plans in the cycle: of one manager there are few people.
    here = col(model.cycle_id) + 0 == sa.bindparam("cycle")
    return mine.where(*theirs, here, *more).group_by(col(model.state))


PLAN, CARD = "plan", "card"
_COUNTED = sa.union_all(_by_state(PLAN, Plan), _by_state(CARD, Scorecard, col(Scorecard.kind) == MANAGER))
