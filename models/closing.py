"""The end of scoring of very many, in steps of some hundred, each a transaction of its own: no press waits for it all.

Meanwhile the cycle is in the state `reckoning`, and `terms["closing"]` says how far it is. Whichever replica has time
does the next step; after a crash the next one goes on. What comes of it is what one transaction would have made.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import audit, page
from models.base import Change, Refused, changes, execute, record
from models.computing import compute
from models.cycle import RECKONING, Cycle
from models.delivery import mark_copies
from models.examination import Seen, judge, look
from models.flag import end_rest, raise_each
from models.peer import end_asking
from models.plan import Plan
from models.reckoning import reckon
from models.rules.sheets import Found
from models.scorecard import MANAGER, SUBMITTED, Scorecard, lock
from models.terms import terms_of
from models.todo import concerned

# So many plans are reckoned at once, with the press that ends scoring.
AT_ONCE = 300
STEP = 200
KEPT = "closing"
CARDS, PEERS, RESULTS, LOOK, FLAGS, REST = PHASES = ("cards", "peers", "results", "look", "flags", "rest")
Stamp = tuple[int, int]  # who handed in, and the sum of the versions of all cards of the plan


@dataclass
class Closing:
    """How far a cycle is. `at` is when scoring ended and `by` who ended it (0: the clock); `cursor` is where the last
    step of the `phase` ended, `judged` says of which scores; `held` is the sentence of a rule that is in the way, and
    it `waits` until the clock comes by again."""

    at: str
    by: int
    turn: str
    phase: str = CARDS
    cursor: int = 0
    judged: int = 0
    held: str = ""
    waits: bool = False

    @property
    def instant(self) -> datetime:
        """When scoring ended."""
        return datetime.fromisoformat(self.at)


@dataclass
class Memory:
    """What this process has read of a cycle, by plan, with what it was read from, and what the rules found in that:
    whatever is missing or outdated is read again."""

    turn: str = ""
    seen: dict[int, tuple[Stamp, Seen | None]] = field(default_factory=dict)
    judged: int = 0
    found: Sequence[Found] = ()
    looked: frozenset[tuple[str, int]] = frozenset()

    def forget(self, turn: str) -> None:
        """Begins anew for another cycle."""
        self.__init__(turn)  # type: ignore[misc]


def many(db: Session, cycle_id: int) -> bool:
    """Whether more plans are in force than one transaction should reckon."""
    ahead = sa.select(col(Plan.id)).where(col(Plan.cycle_id) == cycle_id, col(Plan.effective) > 0).limit(AT_ONCE + 1)
    return db.connection().execute(sa.select(sa.func.count()).select_from(ahead.subquery())).scalar_one() > AT_ONCE


def begun(cycle: Cycle, by_id: int, now: datetime) -> dict[str, Any]:
    """The terms of a cycle whose scoring ends now."""
    phase = PEERS if cycle.terms.get("late") else CARDS
    return {**cycle.terms, KEPT: vars(Closing(now.isoformat(), by_id, uuid.uuid4().hex, phase))}


def closing(cycle: Cycle) -> Closing | None:
    """How far it is; None unless it is under way."""
    return Closing(**cycle.terms[KEPT]) if cycle.state == RECKONING and KEPT in cycle.terms else None


def try_again(db: Session, cycle: Cycle) -> None:
    """Goes on with what a rule was in the way of: that may have changed."""
    known = closing(cycle)
    if known is not None and known.waits:
        known.waits = False
        _keep(db, cycle, known)


def waits(db: Session, now: datetime) -> bool:
    """Whether a cycle is under way."""
    found = [terms.get(KEPT, {}) for (terms,) in execute(db, _TERMS, state=RECKONING)]
    if not found:
        _MEMORY.forget("")
    return any(not one.get("waits") for one in found)


def step(db: Session, now: datetime, most: int = STEP) -> int:
    """Does the next part of a cycle, unless another replica is at it; about how many people that was, at least 1."""
    found = select(Cycle).where(Cycle.state == RECKONING).order_by(col(Cycle.id)).with_for_update(skip_locked=True)
    ready = ((cycle, known) for cycle in db.exec(found) if (known := closing(cycle)) is not None and not known.waits)
    cycle, known = next(ready, (None, None))
    if cycle is None or known is None:
        return 0
    done = _tried(db, cycle, known, most)
    made = changes(db)
    audit.append(db, made, known.by or None, "clock", now)
    turned = [Change("cycle.reckoned", Cycle.noun, cycle.id, {})] if not done else []
    mark_copies(db, [*made, *turned], concerned(db))
    made.clear()
    concerned(db).clear()
    db.flush()
    return max(done, 1)


def _tried(db: Session, cycle: Cycle, known: Closing, most: int) -> int:
    """What a rule refuses leaves nothing behind but its sentence."""
    try:
        with db.begin_nested():
            done = _DO[known.phase](db, cycle, known, most)
            known.held = ""
            if not done:
                _turn(db, cycle, known)
            else:
                _keep(db, cycle, known)
            return done
    except Refused as no:
        changes(db).clear()
        concerned(db).clear()
        db.refresh(cycle)
        known.held, known.waits = no.message, True
        _keep(db, cycle, known)
        return 1


def _turn(db: Session, cycle: Cycle, known: Closing) -> None:
    """To the next phase; after the last one the review is open."""
    if known.phase == REST:
        terms = {name: value for name, value in cycle.terms.items() if name != KEPT}
        cycle.advance(db, state="review", terms=terms)
        record(db, "cycle.advanced", cycle, state="review")
        page.outdate(db)
        return
    known.phase, known.cursor = PHASES[PHASES.index(known.phase) + 1], 0
    _keep(db, cycle, known)


def _keep(db: Session, cycle: Cycle, known: Closing) -> None:
    """Without a new version: nobody's card is outdated by how far it is."""
    cycle.terms = {**cycle.terms, KEPT: vars(known)}
    db.add(cycle)
    db.flush()


# The phases; each says how much it did, 0 when nothing is left


def _cards(db: Session, cycle: Cycle, known: Closing, most: int) -> int:
    return lock(db, cycle.id, known.instant, known.by, most)


def _peers(db: Session, cycle: Cycle, known: Closing, most: int) -> int:
    return end_asking(db, cycle, known.instant, known.by, most)


def _results(db: Session, cycle: Cycle, known: Closing, most: int) -> int:
    """The results of the next people."""
    handed = sa.and_(col(Scorecard.plan_id) == col(Plan.id), col(Scorecard.kind) == MANAGER)
    handed = sa.and_(handed, col(Scorecard.submitted_at).is_not(None), col(Scorecard.rater_id).is_not(None))
    wanted = select(Plan, Scorecard.rater_id).join(Scorecard, handed)
    wanted = wanted.where(Plan.cycle_id == cycle.id, Plan.effective > 0, Plan.person_id > known.cursor)
    rows = db.exec(wanted.order_by(col(Plan.person_id)).limit(most)).all()
    if not rows:
        return 0
    plans = [plan for plan, _rater in rows]
    reckoned = reckon(db, plans, terms_of(cycle))
    compute(db, list(reckoned.values()), {plan.id: rater or 0 for plan, rater in rows}, terms_of(cycle))
    _learn(db, cycle, known, plans, _stamps(db, cycle.id, [plan.id for plan in plans]), reckoned)
    known.cursor = plans[-1].person_id
    return len(plans)


def _look(db: Session, cycle: Cycle, known: Closing, most: int) -> int:
    """Reads what this process has not read, then asks the rules; nothing is written."""
    _remember(known)
    mark = _mark(db, cycle.id)
    if _MEMORY.judged == mark:
        return 0
    stamps = _stamps(db, cycle.id)
    missing = [plan for plan, stamp in stamps.items() if _MEMORY.seen.get(plan, (None,))[0] != stamp][:most]
    if missing:
        plans = db.exec(select(Plan).where(col(Plan.id).in_(missing))).all()
        _learn(db, cycle, known, plans, stamps)
        return len(missing)
    seen = [one for plan, (_stamp, one) in _MEMORY.seen.items() if plan in stamps and one is not None]
    _MEMORY.found, _MEMORY.looked = judge(db, cycle, seen)
    _MEMORY.judged = mark
    return 1


def _flags(db: Session, cycle: Cycle, known: Closing, most: int) -> int:
    """The flags of the next findings; from the first if a score came in meanwhile, and they are others."""
    if _look(db, cycle, known, most):
        return 1
    if _MEMORY.judged != known.judged:
        known.judged, known.cursor = _MEMORY.judged, 0
    some = _MEMORY.found[known.cursor : known.cursor + most // 4 + 1]
    raise_each(db, cycle, some, known.instant)
    known.cursor += len(some)
    return len(some)


def _rest(db: Session, cycle: Cycle, known: Closing, most: int) -> int:
    """What was raised while scores were given and is not found any more."""
    if _look(db, cycle, known, most):
        return 1
    if _MEMORY.judged != known.judged:
        known.phase = FLAGS
        return 1
    end_rest(db, cycle, _MEMORY.found, _MEMORY.looked, known.instant)
    return 0


# What is read once


def _remember(known: Closing) -> None:
    if _MEMORY.turn != known.turn:
        _MEMORY.forget(known.turn)


def _learn(
    db: Session,
    cycle: Cycle,
    known: Closing,
    plans: Sequence[Plan],
    stamps: Mapping[int, Stamp],
    reckoned: Mapping[int, Any] | None = None,
) -> None:
    _remember(known)
    raters = {plan: rater for plan, (rater, _versions) in stamps.items()}
    if reckoned is None:
        reckoned = reckon(db, plans, terms_of(cycle))
    seen = look(db, cycle, {plan: one for plan, one in reckoned.items() if plan in raters}, raters)
    _MEMORY.seen.update({plan.id: (stamps[plan.id], seen.get(plan.id)) for plan in plans if plan.id in stamps})


def _mark(db: Session, cycle_id: int) -> int:
    """A number that grows with whatever happens to a card of the cycle."""
    versions = sa.select(sa.func.coalesce(sa.func.sum(col(Scorecard.version)), 0))
    return int(db.connection().execute(versions.where(col(Scorecard.cycle_id) == cycle_id)).scalar_one())


def _stamps(db: Session, cycle_id: int, plans: Sequence[int] = ()) -> dict[int, Stamp]:
    """Of the plans whose manager's card is handed in (of these, if any are named)."""
    handed = sa.and_(col(Scorecard.kind) == MANAGER, col(Scorecard.state) == SUBMITTED)
    rater = sa.func.max(sa.case((handed, sa.func.coalesce(col(Scorecard.rater_id), 0))))
    wanted = sa.select(col(Scorecard.plan_id), rater, sa.func.sum(col(Scorecard.version)))
    mine = col(Scorecard.plan_id).in_(plans) if plans else col(Scorecard.cycle_id) == cycle_id
    rows = db.connection().execute(wanted.where(mine).group_by(col(Scorecard.plan_id)).order_by(col(Scorecard.plan_id)))
    return {plan: (rater, int(versions)) for plan, rater, versions in rows if rater is not None}


_MEMORY = Memory()
_TERMS = sa.select(col(Cycle.terms)).where(col(Cycle.state) == sa.bindparam("state"))
_DO: Mapping[str, Callable[[Session, Cycle, Closing, int], int]] = {
    CARDS: _cards,
    PEERS: _peers,
    RESULTS: _results,
    LOOK: _look,
    FLAGS: _flags,
    REST: _rest,
}
