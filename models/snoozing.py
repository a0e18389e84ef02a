"""Putting reminders off: twice at most, and never beyond the moment at which others hear of it (docs/rules.md)."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.base import Refused, record
from models.nudge import Nudge
from models.ripening import kept_terms
from models.rules.nudging import may_snooze, policy, snoozed
from models.rules.workdays import Calendar
from models.todo import Todo, concerned

CHOICES = ("day", "morning")


@dataclass(frozen=True, slots=True)
class Snoozed:
    """Until when, how many todos were put off, and how many cannot be any more."""

    until: datetime
    done: int
    kept: int


def snoozable(db: Session, person_id: int, here: Calendar, now: datetime) -> list[Todo]:
    """What somebody may put off now, of what they owe by a day and were reminded of."""
    until = snoozed("day", here, now)
    terms = kept_terms(db)
    return [
        one
        for one in _reminded(db, person_id, now)
        if may_snooze(policy(terms.get(one.cycle_id or 0, {}), one.kind), one.due_at, one.snoozes, until)
    ]


def snooze(db: Session, nudge: Nudge, choice: str, here: Calendar, now: datetime) -> Snoozed:
    """Puts off everything that can be; refuses if nothing can."""
    until = snoozed(choice if choice in CHOICES else "day", here, now)
    terms, kept = kept_terms(db), _reminded(db, nudge.person_id, now)
    fit = [
        one
        for one in kept
        if may_snooze(policy(terms.get(one.cycle_id or 0, {}), one.kind), one.due_at, one.snoozes, until)
    ]
    if not fit:
        raise Refused("This cannot be put off any more. Please finish it, or ask HR for more time: perf ask.")
    for one in fit:
        one.snoozed_until, one.snoozes = until, one.snoozes + 1
        db.add(one)
    concerned(db).add(nudge.person_id)
    record(db, "nudge.snoozed", nudge, until=until, todos=len(fit))
    return Snoozed(until, len(fit), len(kept) - len(fit))


def _reminded(db: Session, person_id: int, now: datetime) -> list[Todo]:
    """Their open todos that a reminder was about, and that are not put off now."""
    told = sa.or_(col(Todo.nudged_at).is_not(None), col(Todo.urged_at).is_not(None))
    awake = sa.or_(col(Todo.snoozed_until).is_(None), col(Todo.snoozed_until) <= now)
    mine = sa.and_(col(Todo.assignee_id) == person_id, col(Todo.done_at).is_(None), told, awake)
    return list(db.exec(select(Todo).where(mine).order_by(col(Todo.id))).all())
