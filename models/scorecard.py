"""Scorecards: what one rater says about one plan; the manager's, the person's own."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from models.access import NOT_FOUND, Actor, check
from models.base import Change, Refused, Row, Versioned, batches, exact, put, record
from models.cycle import RUNNING, Cycle, deadline
from models.delivery import mark_copies
from models.item import Item
from models.person import Person, superior
from models.rules.totals import Level
from models.todo import owe, settle, settle_all

SELF, MANAGER = "self", "manager"
OPEN, SUBMITTED, LOCKED = "open", "submitted", "locked"
# The stage of a cycle that opens each kind of card.
OPENS = {SELF: "self_scoring", MANAGER: "scoring"}


class Scorecard(Versioned, table=True):
    """One rater's scores of one plan. `waits_for_id` is who has to score now, `rater_id` who scored at last.

    `reason` (why HR gave it back) and `comment` are sealed by bot.vault. A card of a plan's owner about themselves
    has kind "self". `late`: handed in for the first time after its stage was over.
    """

    __table_args__ = (
        sa.UniqueConstraint("plan_id", "kind"),
        sa.Index("ix_scorecard_rater", "cycle_id", "waits_for_id"),
    )
    noun: ClassVar[str] = "scorecard"
    cycle_id: int = Field(foreign_key="cycle.id")
    plan_id: int = Field(foreign_key="plan.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: str
    state: str = OPEN
    rater_id: int | None = Field(default=None, foreign_key="person.id")
    waits_for_id: int | None = Field(default=None, foreign_key="person.id")
    reason: bytes | None = None
    comment: bytes | None = None
    submitted_at: datetime | None = None
    late: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})

    def expect_open(self, db: Session, actor: Actor) -> None:
        """Refuses unless the actor has to score it and it still takes scores."""
        check(db, actor, "scorecard.rate", self)
        self._expect_unpublished(db)
        if self.state != OPEN:
            raise Refused("These scores are handed in. HR can open them again.")

    def rate(self, db: Session, actor: Actor, at: int, now: datetime, item: Item, level: Level) -> "Score":
        """Gives an item the points of a level; what was given before is replaced."""
        return self._give(db, actor, at, now, item, level=level.name, points=level.points)

    def exclude(self, db: Session, actor: Actor, at: int, now: datetime, item: Item) -> "Score":
        """Leaves an item out of the result: its weight is spread over the others. Only the manager does so."""
        if self.kind != MANAGER:
            raise Refused(NOT_FOUND)
        return self._give(db, actor, at, now, item, excluded=True)

    def say(self, db: Session, actor: Actor, at: int, comment: bytes | None) -> None:
        """Sets the comment on the whole, sealed; None takes it away."""
        self.expect_open(db, actor)
        self.advance(db, at, comment=comment)
        record(db, "scorecard.commented", self)

    def submit(self, db: Session, actor: Actor, at: int, now: datetime, open_items: Sequence[Item]) -> None:
        """Hands the card in; `open_items` are those that still need a score: none may be left."""
        self.expect_open(db, actor)
        if open_items:
            names = [item.name for item in open_items]
            raise Refused("Not everything is scored yet: {names}.", names=names)
        due = deadline(db, self.cycle_id, OPENS[self.kind]) if self.submitted_at is None else None
        late = self.late or (due is not None and now > due)
        settle(db, self, actor.id, now)
        given = {"state": SUBMITTED, "rater_id": actor.id, "submitted_at": now, "late": late}
        self.advance(db, at, **given, waits_for_id=None, reason=None)
        record(db, "scorecard.submitted", self, kind=self.kind, **({"late": True} if late else {}))

    def reopen(self, db: Session, actor: Actor, now: datetime, reason: bytes, rater_id: int) -> None:
        """HR gives the card back to its rater, who reads the reason."""
        check(db, actor, "scorecard.reopen", self)
        self._expect_unpublished(db)
        if self.state == OPEN:
            return
        self.advance(db, state=OPEN, waits_for_id=rater_id, reason=reason)
        owe(db, "scorecard.submit", self, rater_id, now)
        record(db, "scorecard.reopened", self, kind=self.kind)

    def _expect_unpublished(self, db: Session) -> None:
        """What a published result rests on is locked; it changes by a dispute only (threat T36)."""
        published = db.connection().execute(_published(), {"plan": self.plan_id}).first()
        if published is not None:
            raise Refused("The result is published, so these scores stay as they are. A dispute can change it.")

    def _give(self, db: Session, actor: Actor, at: int, now: datetime, item: Item, **given: object) -> "Score":
        self.expect_open(db, actor)
        if item.plan_id != self.plan_id:
            raise Refused(NOT_FOUND)
        self.advance(db, at)
        score = score_of(db, self.id, item.lineage) or Score(scorecard_id=self.id, lineage=item.lineage, at=now)
        blank: dict[str, object] = {"level": "", "points": None, "excluded": False, "comment": None}
        for name, value in {**blank, **given, "at": now}.items():
            setattr(score, name, value)
        put(db, score)
        record(db, "scorecard.rated", self, lineage=item.lineage)
        return score


class Score(Row, table=True):
    """What a rater gives one item: a level with its points, or its exclusion. `comment` is sealed by bot.vault."""

    __table_args__ = (sa.UniqueConstraint("scorecard_id", "lineage"),)
    noun: ClassVar[str] = "score"
    scorecard_id: int = Field(foreign_key="scorecard.id")
    lineage: int
    level: str = ""
    points: Decimal | None = exact(2, default=None, nullable=True)
    excluded: bool = False
    comment: bytes | None = None
    at: datetime

    def person_of(self, db: Session) -> int | None:
        """Whose plan it is about."""
        return db.get_one(Scorecard, self.scorecard_id).person_id


def score_of(db: Session, scorecard_id: int, lineage: int) -> Score | None:
    """What the card says about an item."""
    return db.exec(select(Score).where(Score.scorecard_id == scorecard_id, Score.lineage == lineage)).first()


def scores_of(db: Session, scorecard_id: int) -> dict[int, Score]:
    """What a card says so far, by lineage."""
    return {one.lineage: one for one in db.exec(select(Score).where(Score.scorecard_id == scorecard_id))}


def card_of(db: Session, plan_id: int, kind: str) -> Scorecard | None:
    """The card of a kind about a plan."""
    return db.exec(select(Scorecard).where(Scorecard.plan_id == plan_id, Scorecard.kind == kind)).first()


def card_meant(db: Session, person_id: int, kind: str, cycle_id: int | None = None) -> Scorecard | None:
    """The card that a command means: of the cycle that is named, else one that still takes scores, else the newest of
    the cycles under way."""
    among = col(Cycle.state).in_(RUNNING) if cycle_id is None else col(Cycle.id) == cycle_id
    return db.exec(
        select(Scorecard)
        .join(Cycle, col(Cycle.id) == col(Scorecard.cycle_id))
        .where(Scorecard.person_id == person_id, Scorecard.kind == kind, among)
        .order_by(sa.case((col(Scorecard.state) == OPEN, 0), else_=1), col(Cycle.ends_on).desc(), col(Scorecard.id))
        .limit(1)
    ).first()


def cycle_to_score(db: Session, rater_id: int) -> Cycle | None:
    """The newest cycle in which a manager's card waits for somebody."""
    return db.exec(
        select(Cycle)
        .join(Scorecard, col(Scorecard.cycle_id) == col(Cycle.id))
        .where(Scorecard.waits_for_id == rater_id, Scorecard.kind == MANAGER)
        .order_by(col(Cycle.ends_on).desc(), col(Cycle.id).desc())
        .limit(1)
    ).first()


def cycle_scored(db: Session, rater_id: int) -> Cycle | None:
    """The newest running cycle in which somebody handed in a manager's card."""
    return db.exec(
        select(Cycle)
        .join(Scorecard, col(Scorecard.cycle_id) == col(Cycle.id))
        .where(Scorecard.rater_id == rater_id, Scorecard.kind == MANAGER, Scorecard.state == SUBMITTED)
        .where(col(Cycle.state).in_(RUNNING))
        .order_by(col(Cycle.ends_on).desc(), col(Cycle.id).desc())
        .limit(1)
    ).first()


def cards_waiting(db: Session, cycle_id: int, rater_id: int) -> Sequence[Scorecard]:
    """The managers' cards that wait for somebody, in the order of their people's names."""
    return db.exec(
        select(Scorecard)
        .join(Person, col(Person.id) == col(Scorecard.person_id))
        .where(Scorecard.cycle_id == cycle_id, Scorecard.waits_for_id == rater_id, Scorecard.kind == MANAGER)
        .order_by(col(Person.name), col(Scorecard.id))
    ).all()


def raters(db: Session, cycle_id: int, kind: str) -> Sequence[int]:
    """Whom cards of a kind wait for, each person once."""
    wanted = select(col(Scorecard.waits_for_id)).where(Scorecard.cycle_id == cycle_id, Scorecard.kind == kind)
    found = db.exec(wanted.where(col(Scorecard.waits_for_id).is_not(None)).distinct()).all()
    return sorted(one for one in found if one is not None)


def own_cards(db: Session, cycle_id: int, people: Sequence[int]) -> dict[int, Scorecard]:
    """The cards about themselves that wait for people, by person."""
    wanted = select(Scorecard).where(Scorecard.cycle_id == cycle_id, Scorecard.kind == SELF)
    return {one.person_id: one for one in db.exec(wanted.where(col(Scorecard.waits_for_id).in_(people)))}


def rater_of(db: Session, person_id: int, kind: str) -> int | None:
    """Who scores: the person themselves, or the nearest manager above who is here; None at the top."""
    if kind == SELF:
        return person_id
    manager = superior(db, db.get_one(Person, person_id), frozenset({person_id}))
    return manager.id if manager is not None else None


def lock(db: Session, cycle_id: int, now: datetime, by_id: int, most: int | None = None) -> int:
    """Ends scoring: what is not handed in by now is not taken any more, and nobody owes it. With `most` only so many
    cards; how many it was."""
    left = select(Scorecard.id).where(Scorecard.cycle_id == cycle_id, Scorecard.state == OPEN)
    cards = db.exec(left.order_by(col(Scorecard.id)).limit(most)).all()
    ended = {"state": LOCKED, "waits_for_id": None, "version": col(Scorecard.version) + 1}
    for some in batches(cards):
        settle_all(db, Scorecard, some, by_id, now)
        db.exec(sa.update(Scorecard).where(col(Scorecard.id).in_(some), col(Scorecard.state) == OPEN).values(**ended))
    mark_copies(db, [Change("scorecard.locked", Scorecard.noun, one, {}) for one in cards])
    return len(cards)


def given_back(db: Session, cycle_id: int) -> frozenset[int]:
    """The plans whose manager's scores are open: from the review on, those that HR gave back."""
    wanted = select(Scorecard.plan_id).where(Scorecard.kind == MANAGER, Scorecard.state == OPEN)
    return frozenset(db.exec(wanted.where(Scorecard.cycle_id == cycle_id)))


@lru_cache(maxsize=1)
def _published() -> sa.Executable:
    """The table by its name: results are made from scorecards, and not the other way round."""
    result = SQLModel.metadata.tables["result"]
    mine = sa.and_(result.c.plan_id == sa.bindparam("plan"), result.c.published_at.is_not(None))
    return sa.select(result.c.id).where(mine)
