"""How far the scoring of a cycle has come: who handed in, what is computed, published and acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.flag import UNSETTLED, Flag
from models.person import Person, superior
from models.plan import Plan
from models.result import PUBLISHED, Result
from models.scorecard import MANAGER, OPEN, SELF, SUBMITTED, Scorecard


@dataclass(frozen=True, slots=True)
class Turnout:
    """Counts of one cycle. `own` and `manager` are (handed in, all cards); `results` have a total, `wanting` none;
    `published` includes those whose owner acknowledged."""

    plans: int = 0
    in_force: int = 0
    own: tuple[int, int] = (0, 0)
    manager: tuple[int, int] = (0, 0)
    results: int = 0
    wanting: int = 0
    flags: int = 0
    published: int = 0
    acknowledged: int = 0


def turnout(db: Session, cycle_id: int) -> Turnout:
    """The counts of a cycle, in four questions."""
    plans, in_force = db.exec(
        select(sa.func.count(), sa.func.count(sa.case((col(Plan.effective) > 0, 1)))).where(Plan.cycle_id == cycle_id)
    ).one()
    cards = _cards(db, cycle_id)
    results = db.exec(
        select(
            sa.func.count(col(Result.total)),
            sa.func.count(),
            sa.func.count(col(Result.published_at)),
            sa.func.count(col(Result.acknowledged_at)),
        ).where(Result.cycle_id == cycle_id)
    ).one()
    flags = select(sa.func.count()).where(Flag.cycle_id == cycle_id, col(Flag.state).in_(UNSETTLED))
    return Turnout(
        plans,
        in_force,
        own=cards[SELF],
        manager=cards[MANAGER],
        results=results[0],
        wanting=in_force - results[0],
        flags=db.exec(flags).one(),
        published=results[2],
        acknowledged=results[3],
    )


def unscored(db: Session, cycle_id: int) -> Sequence[Person]:
    """Who has a plan in force and no finished result, or whose scores HR gave back, by name."""
    return db.exec(
        select(Person)
        .join(Plan, col(Plan.person_id) == col(Person.id))
        .outerjoin(Result, col(Result.plan_id) == col(Plan.id))
        .outerjoin(Scorecard, (col(Scorecard.plan_id) == col(Plan.id)) & (col(Scorecard.kind) == MANAGER))
        .where(Plan.cycle_id == cycle_id, Plan.effective > 0)
        .where(col(Result.total).is_(None) | (col(Scorecard.state) == OPEN))
        .order_by(col(Person.name), col(Person.id))
    ).all()


def not_handed_in(db: Session, cycle_id: int, kind: str) -> list[tuple[Person, int]]:
    """Who still has to hand in cards of a kind, and how many, by name."""
    counted = (
        select(Scorecard.waits_for_id, sa.func.count().label("n"))
        .where(Scorecard.cycle_id == cycle_id, Scorecard.kind == kind, Scorecard.state == OPEN)
        .group_by(col(Scorecard.waits_for_id))
        .subquery()
    )
    rows = select(Person, counted.c.n).join(counted, counted.c.waits_for_id == col(Person.id))
    return [(person, number) for person, number in db.exec(rows.order_by(col(Person.name), col(Person.id)))]


def not_acknowledged(db: Session, cycle_id: int) -> list[tuple[Person, int]]:
    """Whose result is published and not acknowledged (nor disputed) yet, by name."""
    waiting = select(Person).join(Result, col(Result.person_id) == col(Person.id))
    waiting = waiting.where(Result.cycle_id == cycle_id, Result.state == PUBLISHED)
    return [(person, 1) for person in db.exec(waiting.order_by(col(Person.name), col(Person.id)))]


def raters(db: Session, cycle_id: int) -> frozenset[int]:
    """Who will have to score somebody when scoring opens: the nearest manager of everybody with a plan in force."""
    rows = db.exec(
        select(Person.manager_id)
        .join(Plan, col(Plan.person_id) == col(Person.id))
        .where(Plan.cycle_id == cycle_id, Plan.effective > 0, col(Person.manager_id).is_not(None))
        .distinct()
    ).all()
    managers = db.exec(select(Person).where(col(Person.id).in_([one for one in rows if one])))
    acting = (one if one.left_at is None else superior(db, one, frozenset()) for one in managers)
    return frozenset(one.id for one in acting if one is not None)


def _cards(db: Session, cycle_id: int) -> dict[str, tuple[int, int]]:
    """(handed in, all) by kind."""
    done = sa.func.count(sa.case((col(Scorecard.state) == SUBMITTED, 1)))
    rows = select(Scorecard.kind, done, sa.func.count()).where(Scorecard.cycle_id == cycle_id)
    found = {kind: (handed, every) for kind, handed, every in db.exec(rows.group_by(col(Scorecard.kind)))}
    return {kind: found.get(kind, (0, 0)) for kind in (SELF, MANAGER)}
