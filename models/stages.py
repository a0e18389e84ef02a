"""Moves a cycle on from stage to stage, by hand or by the clock (states: models.cycle)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import page
from models.access import Actor
from models.base import Refused, Row, changes, record
from models.beginning import SUBMIT, make_plans, open_cards
from models.closing import begun, closing, many, try_again
from models.cycle import RECKONING, Cycle, stages_of
from models.dispute import RUNNING as UNDECIDED
from models.dispute import Dispute
from models.partaking import taking_part
from models.peer import end_asking
from models.person import EXECUTIVE, HR, in_roles
from models.plan import Plan
from models.releasing import PUBLISH, recompute, unpublished
from models.result import FINAL, Result
from models.scorecard import MANAGER, SELF, SUBMITTED, Scorecard, lock, raters
from models.todo import Todo, concerned, owe, settle

ORDER = (
    "announced",
    "setting",
    "tracking",
    "self_scoring",
    "scoring",
    "review",
    "published",
    "disputing",
    "closed",
)
NEXT = dict(pairwise(ORDER))
# The states that are gone through only by a cycle that has a stage of this name.
OPTIONAL = ("disputing",)
# The states that the clock ends; a review ends when HR publishes.
CLOCKED = ("announced", "setting", "tracking", "self_scoring", "scoring", "published", "disputing")
STUCK = "cycle.advance"
# HR is asked to publish so long before results are due.
AHEAD = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that a stage sends: a view of a subject, to one person; with `own` (a kind of todo) of what their own
    todo of this kind in this cycle is about."""

    person_id: int
    view: str
    subject: Row
    own: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """What the step into a state did: how many scorecards it opened and plans it made, and who is told what."""

    cycle: Cycle
    state: str
    cards: int = 0
    plans: int = 0
    notices: Sequence[Notice] = ()


def following(db: Session, cycle: Cycle) -> str | None:
    """The state after this one; None at the end and for a draft."""
    if cycle.state not in ORDER[:-1]:
        return None
    names = {stage.name for stage in stages_of(db, cycle.id)}
    left_out = {name for name in OPTIONAL if name not in names}
    left_out |= {"self_scoring"} if "scoring" in names and "self_scoring" not in names else set()
    rest = ORDER[ORDER.index(cycle.state) + 1 :]
    return next(name for name in rest if name not in left_out)


def launch(db: Session, cycle: Cycle, at: int, now: datetime, today: date) -> Moved:
    """Publishes a draft: its plans are made at once, or when the setting of plans opens."""
    cycle.expect_version(at)
    cycle.publish(db, at, now)
    opens_at = next((one.opens_at for one in stages_of(db, cycle.id) if one.name == "setting"), None)
    if opens_at is not None and opens_at > now:
        cycle.advance(db, state="announced")
        return Moved(cycle, "announced")
    return _set(db, cycle, now, today)


def advance(db: Session, cycle: Cycle, actor: Actor, at: int, now: datetime) -> int:
    """The next stage by hand; how many scorecards it opened. Publishing is a step of its own (models.releasing)."""
    return move(db, cycle, actor, at, now, now.date()).cards


def move(db: Session, cycle: Cycle, actor: Actor, at: int, now: datetime, today: date) -> Moved:
    """The step into the next stage, by a person or the clock (actor 0): all of it, or Refused and nothing. A review of
    very many opens when models.closing is done with it."""
    state = following(db, cycle)
    if state is None or state == "published":
        raise Refused("This cycle does not go on from here by hand.")
    if state == "closed":
        _close(db, cycle, actor, now)
    terms = cycle.terms
    if state == "review" and many(db, cycle.id):
        state, terms = RECKONING, begun(cycle, actor.id, now)
    cycle.advance(db, at, state=state, terms=terms)
    settle(db, cycle, actor.id, now, STUCK, PUBLISH)
    record(db, "cycle.advanced", cycle, state=state)
    page.outdate(db)
    match state:
        case "setting":
            return _set(db, cycle, now, today)
        case "self_scoring":
            cards, people = open_cards(db, cycle, SELF, now), raters(db, cycle.id, SELF)
            return Moved(cycle, state, cards, notices=[Notice(one, "scorecard.card", cycle, SUBMIT) for one in people])
        case "scoring":
            cards, people = open_cards(db, cycle, MANAGER, now), raters(db, cycle.id, MANAGER)
            return Moved(cycle, state, cards, notices=[Notice(one, "cycle.scoring", cycle) for one in people])
        case "review":
            _review(db, cycle, actor, now)
    return Moved(cycle, state)


# By the clock


def run(db: Session, now: datetime, today: date | None = None) -> list[Moved]:
    """Moves every cycle as far as its dates say, through several stages if the bot was away; what cannot go on becomes
    a todo of its owner. Twice, or by two replicas at once, it does the same as once."""
    wanted = select(Cycle).where(col(Cycle.state).in_((*CLOCKED, RECKONING, "review"))).order_by(col(Cycle.id))
    cycles = db.exec(wanted.with_for_update(skip_locked=True)).all()
    return [moved for cycle in cycles for moved in _carry_on(db, cycle, now, today or now.date())]


def ends_at(db: Session, cycle: Cycle) -> datetime | None:
    """When the clock ends the present state; None where no date says so."""
    dates = {stage.name: stage for stage in stages_of(db, cycle.id)}
    match cycle.state:
        case "announced":
            return dates["setting"].opens_at if "setting" in dates else None
        case "published":
            return dates["disputing"].opens_at if "disputing" in dates else None
        case state if state in CLOCKED and state in dates:
            return dates[state].closes_at
        case _:
            return None


def obstacle(db: Session, cycle: Cycle, now: datetime) -> Refused | None:
    """Why a cycle whose time has come stays where it is; None if nothing is in the way or its time has not come."""
    if (known := closing(cycle)) is not None:
        return Refused(known.held) if known.held else None
    due = ends_at(db, cycle)
    if due is None:
        waits = cycle.state in ("setting", "tracking", "self_scoring", "scoring")
        undated = waits and _over(db, cycle, now)
        return Refused("No date is set for the end of this stage. Go on by hand when it is over.") if undated else None
    if due > now:
        return None
    match following(db, cycle):
        case "self_scoring" | "scoring" if not _any_plan(db, cycle):
            return Refused("No plan is in force yet, so there is nothing to score. Give more time, or go on by hand.")
        case "review" if not _any_score(db, cycle):
            return Refused("Nobody has handed in scores yet. Give more time, or go on by hand.")
        case "closed":
            return _open_ends(db, cycle)
    return None


def _carry_on(db: Session, cycle: Cycle, now: datetime, today: date) -> list[Moved]:
    found: list[Moved] = []
    for _ in ORDER:
        due = ends_at(db, cycle)
        if due is None or due > now or obstacle(db, cycle, now) is not None:
            break
        moved = _tried(db, cycle, now, today)
        if moved is None:
            break
        found.append(moved)
    _remind(db, cycle, now)
    try_again(db, cycle)
    return found


def _tried(db: Session, cycle: Cycle, now: datetime, today: date) -> Moved | None:
    """A step that a rule refuses leaves nothing behind; the other cycles go on."""
    known, people = len(changes(db)), set(concerned(db))
    try:
        with db.begin_nested():
            return move(db, cycle, Actor(0), cycle.version, now, today)
    except Refused:
        del changes(db)[known:]
        concerned(db).intersection_update(people)
        db.refresh(cycle)
        _owe_owner(db, STUCK, cycle, now, ends_at(db, cycle))
        return None


def _remind(db: Session, cycle: Cycle, now: datetime) -> None:
    """What the clock does not do itself is its owner's to do: publishing, and what is stuck."""
    if cycle.state == "review":
        due = next((one.closes_at for one in stages_of(db, cycle.id) if one.name == "published"), None)
        if due is not None and now >= due - AHEAD:
            _owe_owner(db, PUBLISH, cycle, now, due)
    elif obstacle(db, cycle, now) is not None:
        _owe_owner(db, STUCK, cycle, now, ends_at(db, cycle))


def _owe_owner(db: Session, kind: str, cycle: Cycle, now: datetime, due: datetime | None) -> None:
    """Once: to who runs the cycle, else to somebody else in HR."""
    waits = select(Todo.id).where(
        Todo.kind == kind, Todo.subject_noun == Cycle.noun, Todo.subject_id == cycle.id, col(Todo.done_at).is_(None)
    )
    fit = in_roles(db, HR, EXECUTIVE)
    if fit and db.exec(waits.limit(1)).first() is None:
        owe(db, kind, cycle, cycle.owner_id if cycle.owner_id in fit else fit[0], now, due)


def _over(db: Session, cycle: Cycle, now: datetime) -> bool:
    """Whether a later stage should be over already, although this one has no date."""
    rest = ORDER[ORDER.index(cycle.state) + 1 :]
    return any(one.name in rest and one.closes_at <= now for one in stages_of(db, cycle.id))


# Parts of the steps


def _set(db: Session, cycle: Cycle, now: datetime, today: date) -> Moved:
    """Everybody who takes part gets a plan; they and who sets plans for others are told."""
    made = make_plans(db, cycle, taking_part(db, cycle, today), now)
    mine = db.exec(select(Plan.person_id).where(Plan.cycle_id == cycle.id).order_by(col(Plan.person_id))).all()
    setting = select(Todo.assignee_id).where(Todo.cycle_id == cycle.id, Todo.kind == "plan.submit").distinct()
    told = dict.fromkeys([*mine, *sorted(db.exec(setting).all())])
    return Moved(cycle, "setting", plans=made, notices=[Notice(one, "cycle.opened", cycle) for one in told])


def _review(db: Session, cycle: Cycle, actor: Actor, now: datetime) -> None:
    if not cycle.terms.get("late"):
        lock(db, cycle.id, now, actor.id)
    end_asking(db, cycle, now, actor.id)
    recompute(db, cycle, now)


def _any_plan(db: Session, cycle: Cycle) -> bool:
    wanted = select(Plan.id).where(Plan.cycle_id == cycle.id, Plan.effective > 0).limit(1)
    return db.exec(wanted).first() is not None


def _any_score(db: Session, cycle: Cycle) -> bool:
    wanted = select(Scorecard.id).where(Scorecard.cycle_id == cycle.id, Scorecard.kind == MANAGER)
    return db.exec(wanted.where(Scorecard.state == SUBMITTED).limit(1)).first() is not None


def _open_ends(db: Session, cycle: Cycle) -> Refused | None:
    """What has to be done before every result can be final."""
    waiting = select(Dispute.id).where(Dispute.cycle_id == cycle.id, col(Dispute.state).in_(UNDECIDED)).limit(1)
    if db.exec(waiting).first() is not None:
        return Refused("A dispute is still open. Rule on it first: perf dispute.")
    if unpublished(db, cycle):
        return Refused("Some results are not published yet. Publish them first: perf publish.")
    return None


def _close(db: Session, cycle: Cycle, actor: Actor, now: datetime) -> None:
    """Every result is final, and nobody owes anything in this cycle any more."""
    refusal = _open_ends(db, cycle)
    if refusal is not None:
        raise refusal
    lock(db, cycle.id, now, actor.id)
    left = sa.update(Todo).where(col(Todo.cycle_id) == cycle.id, col(Todo.done_at).is_(None))
    ended = db.connection().execute(left.values(done_at=now, done_by_id=actor.id).returning(col(Todo.assignee_id)))
    concerned(db).update(ended.scalars())
    rest = sa.update(Result).where(col(Result.cycle_id) == cycle.id, col(Result.state) != FINAL)
    db.exec(rest.values(state=FINAL, version=col(Result.version) + 1))
