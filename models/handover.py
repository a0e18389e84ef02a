"""Whoever has to act follows the organisation: what waited for somebody who left, or for a manager who is not the
manager any more, waits for the one in charge now (rule: docs/rules.md, threats T37 and T38)."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from models import page
from models.base import record
from models.caseload import running_of
from models.cycle import course_of, deadline
from models.peer import ASKED, PASSED, PROPOSED, Peer
from models.person import Person
from models.plan import COMPLIANCE, DRAFT, SUBMITTED, Plan
from models.plan import PROPOSED as CHANGING
from models.request import requests_of
from models.scorecard import LOCKED, MANAGER, OPEN, OPENS, SELF, Scorecard, rater_of
from models.todo import Todo, owe, settle


def hand_over(db: Session, people: Collection[int], now: datetime) -> None:
    """After these people left, came back, or got another manager. What is decided or handed in stays as it is."""
    moved = frozenset(people)
    if not moved:
        return
    below = _below(db, moved)
    gone = _gone(db, moved)
    page.close(db, gone)
    for card in db.exec(select(Scorecard).where(Scorecard.state == OPEN).order_by(col(Scorecard.id))).all():
        if card.person_id in below or card.waits_for_id in gone:
            _card(db, card, gone, now)
    waiting = select(Plan).where(col(Plan.waits_for_id).is_not(None)).order_by(col(Plan.id))
    for plan in db.exec(waiting).all():
        if plan.person_id in below or plan.waits_for_id in gone:
            _plan(db, plan, now)
    for peer in db.exec(select(Peer).where(col(Peer.waits_for_id).is_not(None)).order_by(col(Peer.id))).all():
        if peer.person_id in below or peer.rater_id in gone:
            _peer(db, peer, gone, now)
    _drafts(db, gone, now)
    _asked(db, gone, now)


def pass_posts_on(db: Session, heads: Collection[int], now: datetime) -> None:
    """After these people lost the post of a head, but stay: what they were asked as a head goes to who leads now."""
    posts = frozenset(heads)
    for request in requests_of(db, posts) if posts else ():
        if request.joined_id in posts:
            request.lead(db, now)


def _below(db: Session, moved: frozenset[int]) -> frozenset[int]:
    """These people, and whoever reports to them: directly, or through managers who left."""
    found, layer = set(moved), set(moved)
    while layer:
        reports = db.exec(select(Person).where(col(Person.manager_id).in_(layer))).all()
        fresh = {one.id for one in reports} - found
        layer = {one.id for one in reports if one.left_at is not None} & fresh
        found |= fresh
    return frozenset(found)


def _gone(db: Session, people: Collection[int]) -> frozenset[int]:
    left = select(Person.id).where(col(Person.id).in_(people), col(Person.left_at).is_not(None))
    return frozenset(db.exec(left).all())


def _card(db: Session, card: Scorecard, gone: frozenset[int], now: datetime) -> None:
    """An open card goes to who is line manager now; nobody scores themselves once they are gone."""
    if card.kind == SELF:
        if card.waits_for_id in gone:
            settle(db, card, 0, now)
            card.advance(db, state=LOCKED, waits_for_id=None)
        return
    rater = rater_of(db, card.person_id, MANAGER)
    _pass_on(db, card, "scorecard.submit", rater, now, deadline(db, card.cycle_id, OPENS[MANAGER]))


def _plan(db: Session, plan: Plan, now: datetime) -> None:
    """The same step of the chain, decided by who stands there now; the other side of a change likewise."""
    course = course_of(db, plan.cycle_id)
    if plan.state in (SUBMITTED, COMPLIANCE):
        start = plan.step if plan.state == SUBMITTED else len(course.chain)
        step, decider = plan.next_approver(db, start, course.chain)
        waited = db.get(Person, plan.waits_for_id or 0)
        here = waited is not None and waited.left_at is None
        if not here or (plan.state == SUBMITTED and (step, decider) != (plan.step, plan.waits_for_id)):
            plan.hand_on(db, plan.version, now, start=start, by_id=0)
            record(db, "plan.handed_over", plan)
    elif plan.state == CHANGING and plan.author_id == plan.person_id:
        _pass_on(db, plan, "plan.accept", plan.other_side(db, plan.person_id), now, None)


def _peer(db: Session, peer: Peer, gone: frozenset[int], now: datetime) -> None:
    """The manager of now confirms; a colleague who left is asked no more."""
    if peer.rater_id in gone and peer.state in (PROPOSED, ASKED):
        settle(db, peer, 0, now)
        peer.advance(db, state=PASSED, waits_for_id=None)
    elif peer.state == PROPOSED:
        asks = rater_of(db, peer.person_id, MANAGER) or peer.rater_id
        _pass_on(db, peer, "peer.confirm", asks, now, deadline(db, peer.cycle_id, OPENS[SELF]))


def _pass_on(
    db: Session, subject: Scorecard | Plan | Peer, kind: str, to: int | None, now: datetime, due: datetime | None
) -> None:
    if subject.waits_for_id == to:
        return
    settle(db, subject, 0, now, kind)
    subject.advance(db, waits_for_id=to)
    if to is not None:
        owe(db, kind, subject, to, now, due)
    record(db, f"{subject.noun}.handed_over", subject)


def _drafts(db: Session, gone: frozenset[int], now: datetime) -> None:
    """A draft that somebody who left had to write is written by the next one up, else by its owner."""
    owed = select(Plan).join(Todo, (col(Todo.subject_id) == col(Plan.id)) & (col(Todo.subject_noun) == Plan.noun))
    owed = owed.where(Plan.state == DRAFT, col(Todo.done_at).is_(None), col(Todo.assignee_id).in_(gone))
    for plan in db.exec(owed.order_by(col(Plan.id))).all():
        settle(db, plan, 0, now, "plan.submit")
        if plan.person_id not in gone:
            setter = rater_of(db, plan.person_id, MANAGER) or plan.person_id
            owe(db, "plan.submit", plan, setter, now, deadline(db, plan.cycle_id, "setting"))


def _asked(db: Session, gone: frozenset[int], now: datetime) -> None:
    """A case goes on to somebody else in HR, a request to who leads the department; both end without who asked."""
    if gone:
        for case in running_of(db, gone):
            case.replace(db, now)
        for request in requests_of(db, gone):
            request.replace(db, now)
