"""Peers: who may say how it is to work with somebody, and what they said, kept apart from who said it."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from models.access import Actor, check
from models.base import Refused, Row, Versioned, batches, exact, record
from models.cycle import Cycle, deadline
from models.person import Person
from models.plan import Plan
from models.rules.totals import Level
from models.scorecard import MANAGER, rater_of
from models.terms import ASKING
from models.todo import concerned, owe, settle, settle_all

PROPOSED, ASKED, ANSWERED, DECLINED, PASSED = "proposed", "asked", "answered", "declined", "passed"
MOST = 8
BITS = 62


class Peer(Versioned, table=True):
    """Somebody asked about a colleague: proposed by the colleague, confirmed by the manager, then asked.

    The manager declines, the peer passes: who was asked and did not answer looks to others like who did (`asked`).
    """

    __table_args__ = (sa.UniqueConstraint("plan_id", "rater_id"),)
    noun: ClassVar[str] = "peer"
    cycle_id: int = Field(foreign_key="cycle.id")
    plan_id: int = Field(foreign_key="plan.id")
    person_id: int = Field(foreign_key="person.id")
    rater_id: int = Field(foreign_key="person.id", index=True)
    state: str = PROPOSED
    waits_for_id: int | None = Field(default=None, foreign_key="person.id")

    @property
    def asked(self) -> bool:
        """Whether they were asked; what became of it is nobody's business."""
        return self.state in (ASKED, ANSWERED, PASSED)

    def confirm(self, db: Session, actor: Actor, now: datetime) -> None:
        """The manager agrees; the peer is asked."""
        check(db, actor, "peer.confirm", self)
        self._expect(PROPOSED)
        settle(db, self, actor.id, now)
        self.advance(db, state=ASKED, waits_for_id=self.rater_id)
        concerned(db).add(self.person_id)
        owe(db, "peer.answer", self, self.rater_id, now, deadline(db, self.cycle_id, "scoring"))
        record(db, "peer.confirmed", self)

    def decline(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """The manager does not agree, or the peer would rather not answer."""
        check(db, actor, "peer.decline", self)
        if self.state not in (PROPOSED, ASKED):
            raise Refused("This was answered already.")
        settle(db, self, actor.id, now)
        concerned(db).update({self.person_id} if self.state == PROPOSED else ())
        self.advance(db, at, state=DECLINED if self.state == PROPOSED else PASSED, waits_for_id=None)
        record(db, f"peer.{self.state}", self)

    def answer(self, db: Session, actor: Actor, at: int, now: datetime, given: Mapping[int, Level]) -> None:
        """Takes the answers, by lineage, all at once. They are not kept beside who gave them, and cannot be changed:
        nobody could tell any more which ones to change."""
        check(db, actor, "peer.answer", self)
        self._expect(ASKED)
        settle(db, self, actor.id, now)
        self.advance(db, at, state=ANSWERED, waits_for_id=None)
        _mix_in(db, self.plan_id, [(lineage, level.points) for lineage, level in given.items()])
        record(db, "peer.answered", self)

    def _expect(self, state: str) -> None:
        if self.state != state:
            raise Refused("This was answered already.")


class Answer(Row, table=True):
    """One answer to one question: no author, no time, and a number by chance, so that neither the order of the rows
    nor a common number says which answers belong together (design: anonymous means anonymous)."""

    __tablename__ = "peer_answer"
    __table_args__ = (sa.Index("ix_peer_answer_plan", "plan_id"), {"sqlite_with_rowid": False})
    noun: ClassVar[str] = "answer"
    id: int = Field(sa_type=sa.BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    plan_id: int = Field(foreign_key="plan.id")
    lineage: int
    points: Decimal = exact(2)


def _mix_in(db: Session, plan_id: int, fresh: Sequence[tuple[int, Decimal]]) -> None:
    """Stores a plan's answers anew in a random order, old and new: PostgreSQL keeps rows in the order in which they
    came. The plan's row is the lock, so that two who answer at once do not lose or double anything."""
    db.exec(select(Plan.id).where(Plan.id == plan_id).with_for_update()).one()
    mine = col(Answer.plan_id) == plan_id
    known = db.connection().execute(sa.select(col(Answer.lineage), col(Answer.points)).where(mine)).all()
    rows = [*((lineage, points) for lineage, points in known), *fresh]
    db.connection().execute(sa.delete(Answer).where(mine))
    secrets.SystemRandom().shuffle(rows)
    db.connection().execute(
        sa.insert(Answer),
        [
            {"id": secrets.randbits(BITS), "plan_id": plan_id, "lineage": lineage, "points": points}
            for lineage, points in rows
        ],
    )


def propose(db: Session, plan: Plan, actor: Actor, rater: Person, now: datetime) -> Peer:
    """The plan's owner names a colleague; their manager is asked. Nobody scores themselves or twice."""
    check(db, actor, "plan.peers", plan)
    if not plan.effective or db.get_one(Cycle, plan.cycle_id).state not in ASKING:
        raise Refused("Colleagues are named while a plan is in force, before its scores are reviewed.")
    if rater.id == plan.person_id:
        raise Refused("Nobody scores themselves. Name a colleague.", field="person")
    manager_id = rater_of(db, plan.person_id, MANAGER)
    if rater.id == manager_id:
        raise Refused("Your manager scores you anyway. Name a colleague.", field="person")
    known = peers_of(db, plan.id)
    if any(one.rater_id == rater.id for one in known):
        raise Refused("{name} is on the list already.", field="person", name=rater.name)
    if len(known) >= MOST:
        raise Refused("{most} colleagues are enough.", field="person", most=MOST)
    asks = manager_id or rater.id
    peer = Peer(cycle_id=plan.cycle_id, plan_id=plan.id, person_id=plan.person_id, rater_id=rater.id, waits_for_id=asks)
    db.add(peer)
    db.flush()
    owe(db, "peer.confirm", peer, asks, now, deadline(db, plan.cycle_id, "self_scoring"))
    record(db, "peer.proposed", peer)
    return peer


def peers_of(db: Session, plan_id: int) -> Sequence[Peer]:
    """Who was named for a plan, in the order in which they were named."""
    return db.exec(select(Peer).where(Peer.plan_id == plan_id).order_by(col(Peer.id))).all()


def answers_for(db: Session, plan_ids: Sequence[int]) -> dict[tuple[int, int], list[Decimal]]:
    """The answers by (plan, lineage), in no order that means anything."""
    found: dict[tuple[int, int], list[Decimal]] = {}
    given = sa.select(col(Answer.plan_id), col(Answer.lineage), col(Answer.points))
    mine = given.where(col(Answer.plan_id).in_(plan_ids)).order_by(col(Answer.points))
    for plan_id, lineage, points in db.connection().execute(mine):
        found.setdefault((plan_id, lineage), []).append(points)
    return found


def end_asking(db: Session, cycle: Cycle, now: datetime, by_id: int, most: int | None = None) -> int:
    """Scoring is over: nobody is asked any more. With `most` only so many; how many it was."""
    done = 0
    for state, ended in ((PROPOSED, DECLINED), (ASKED, PASSED)):
        left = select(Peer.id).where(Peer.cycle_id == cycle.id, Peer.state == state).order_by(col(Peer.id))
        changes = {"state": ended, "waits_for_id": None, "version": col(Peer.version) + 1}
        for some in batches(found := db.exec(left.limit(most)).all()):
            settle_all(db, Peer, some, by_id, now)
            db.exec(sa.update(Peer).where(col(Peer.id).in_(some), col(Peer.state) == state).values(**changes))
        done += len(found)
    return done
