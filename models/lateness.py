"""Scores after their last day: HR says whether they are taken, until results are out."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.access import Actor
from models.base import Refused, record
from models.cycle import RECKONING, Cycle, deadline
from models.result import Result
from models.scorecard import LOCKED, OPENS, Scorecard, lock, rater_of
from models.todo import owe

BEFORE = ("draft", "announced", "setting", "tracking", "self_scoring", "scoring")


def take_late(db: Session, cycle: Cycle, at: int, now: datetime, actor: Actor, *, allowed: bool) -> Sequence[Scorecard]:
    """Switches it. In a review the cards that were closed unfinished are open again (these are returned), with all that
    was filled in; or those that are open are closed."""
    if cycle.state == RECKONING:
        raise Refused("Results are being computed. This can be changed when the review has opened.")
    if cycle.state not in (*BEFORE, "review"):
        raise Refused("Results are out. What is wrong with them is for a dispute.")
    cycle.advance(db, at, terms={**cycle.terms, "late": allowed})
    record(db, "cycle.late_set", cycle, late=allowed)
    if cycle.state != "review":
        return []
    if not allowed:
        lock(db, cycle.id, now, actor.id)
        return []
    return _again(db, cycle, now)


def _again(db: Session, cycle: Cycle, now: datetime) -> list[Scorecard]:
    out = select(Result.plan_id).where(Result.cycle_id == cycle.id, col(Result.published_at).is_not(None))
    unfinished = select(Scorecard).where(
        Scorecard.cycle_id == cycle.id,
        Scorecard.state == LOCKED,
        col(Scorecard.submitted_at).is_(None),
        col(Scorecard.plan_id).not_in(out),
    )
    found = []
    for card in db.exec(unfinished.order_by(col(Scorecard.id))).all():
        rater = rater_of(db, card.person_id, card.kind)
        if rater is None:
            continue
        card.advance(db, state="open", waits_for_id=rater)
        owe(db, "scorecard.submit", card, rater, now, deadline(db, cycle.id, OPENS[card.kind]))
        record(db, "scorecard.opened_again", card)
        found.append(card)
    return found
