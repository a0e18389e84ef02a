"""Evidence: a file, a link or words that support an item of somebody's plan, given by them, looked at by who scores."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from models.access import NOT_FOUND, Actor, check
from models.base import Refused, Row, Versioned, execute, put, record
from models.checkin import Measurement
from models.cycle import reviewed
from models.deposit import Deposit
from models.item import Item
from models.plan import Plan

N_ = str
FILE, LINK, WORDS = "file", "link", "words"
WANTED, GIVEN, ACCEPTED, RETURNED, FAILED = "wanted", "given", "accepted", "returned", "failed"
STORED = (GIVEN, ACCEPTED, RETURNED)
FULL = "full"
SOURCE = "evidence"  # of a measurement: the number of accepted pieces
MOST, MOST_BYTES = 50, 200 * 1024 * 1024  # of one person in one cycle
NO_PLAN = N_("Your plan is not in force yet, so there is nothing that evidence could support.")
OVER = N_("The scores of this plan are handed in, so its evidence stays as it is.")
TOO_MANY = N_("You have {most} pieces of evidence in this cycle, and more is not kept. Remove one first.")
TOO_MUCH = N_("Your files of this cycle take all the room there is ({most} MB). Remove one first.")


Seal = Callable[[Row, str, str], bytes]  # a text as it is stored in a column of a row


class Evidence(Versioned, table=True):
    """One piece. `title` (a file's name), `body` (the link, or what was said) and `reason` (why it was sent back) are
    sealed by bot.vault; `deposit_id` is the content of a file once it is stored, `media` and `size` say what it is.

    `fault` is why a file could not be kept (models.rules.files, models.wish); `offer_id` the offer it came by, if any.
    """

    __table_args__ = (sa.Index("ix_evidence_plan", "plan_id", "lineage"),)
    noun: ClassVar[str] = "evidence"
    cycle_id: int = Field(foreign_key="cycle.id")
    plan_id: int = Field(foreign_key="plan.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    lineage: int
    kind: str
    state: str = GIVEN
    fault: str = ""
    title: bytes | None = None
    body: bytes | None = None
    reason: bytes | None = None
    deposit_id: int | None = Field(default=None, foreign_key="deposit.id", index=True)
    media: str = ""
    size: int = 0
    offer_id: int | None = Field(default=None, index=True)
    at: datetime
    decided_at: datetime | None = None
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")

    def write(self, db: Session, seal: Seal, title: str, body: str) -> None:
        """Sets its texts."""
        self.title, self.body = seal(self, "title", title), seal(self, "body", body) if body else None
        db.add(self)
        db.flush()

    def keep(self, db: Session, deposit: Deposit, title: bytes) -> None:
        """Its file is stored."""
        self.advance(db, state=GIVEN, deposit_id=deposit.id, media=deposit.media, size=deposit.size, title=title)
        record(db, "evidence.given", self, lineage=self.lineage, digest=deposit.digest)

    def fail(self, db: Session, fault: str) -> None:
        """Its file cannot be kept."""
        self.advance(db, state=FAILED, fault=fault, size=0)
        record(db, "evidence.failed", self, lineage=self.lineage, fault=fault)

    def accept(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Who scores finds that it proves something; a counted item counts it."""
        self._expect_decidable(db, actor, "evidence.accept")
        self.advance(db, at, state=ACCEPTED, decided_at=now, decided_by_id=actor.id, reason=None)
        record(db, "evidence.accepted", self, lineage=self.lineage)
        count(db, self, actor, now)

    def send_back(self, db: Session, actor: Actor, at: int, now: datetime, reason: bytes) -> None:
        """Who scores wants something else, and says what."""
        self._expect_decidable(db, actor, "evidence.return")
        counted = self.state == ACCEPTED
        self.advance(db, at, state=RETURNED, decided_at=now, decided_by_id=actor.id, reason=reason)
        record(db, "evidence.returned", self, lineage=self.lineage)
        if counted:
            count(db, self, actor, now)

    def remove(self, db: Session, actor: Actor, at: int, now: datetime) -> None:
        """Its owner takes it away, until its scores are handed in; the bytes go with the last piece that has them."""
        check(db, actor, "evidence.remove", self)
        expect_open(db, db.get_one(Plan, self.plan_id))
        self.expect_version(at)
        counted = self.state == ACCEPTED
        wish = SQLModel.metadata.tables["wish"]
        db.connection().execute(sa.delete(wish).where(wish.c.evidence_id == self.id))
        record(db, "evidence.removed", self, lineage=self.lineage)
        db.delete(self)
        db.flush()
        if counted:
            count(db, self, actor, now)

    def _expect_decidable(self, db: Session, actor: Actor, right: str) -> None:
        check(db, actor, right, self)
        expect_open(db, db.get_one(Plan, self.plan_id))
        if self.state not in STORED:
            raise Refused(NOT_FOUND)


def give(
    db: Session, plan: Plan, actor: Actor, now: datetime, lineage: int, kind: str, *, size: int = 0, offer_id: int = 0
) -> Evidence:
    """A new piece for an item of one's own plan in force; the caller seals its texts. A file is wanted at first."""
    check(db, actor, "plan.attach", plan)
    expect_open(db, plan, lineage)
    if all(item.lineage != lineage for item in plan.agreed_items(db)):
        raise Refused(NOT_FOUND)
    _expect_room(db, plan, size)
    state = WANTED if kind == FILE else GIVEN
    made = Evidence(
        cycle_id=plan.cycle_id,
        plan_id=plan.id,
        person_id=plan.person_id,
        lineage=lineage,
        kind=kind,
        state=state,
        size=size,
        offer_id=offer_id or None,
        at=now,
    )
    put(db, made)
    if kind != FILE:
        record(db, "evidence.given", made, lineage=lineage)
    return made


def expect_open(db: Session, plan: Plan, lineage: int | None = None) -> None:
    """Refuses where nothing can be given, looked at or taken away any more; a running dispute about the item (or the
    whole result) takes new evidence again."""
    if not plan.effective:
        raise Refused(NO_PLAN)
    if not open_for(db, plan, lineage):
        raise Refused(OVER)


def open_for(db: Session, plan: Plan, lineage: int | None = None) -> bool:
    """The same as an answer."""
    if not plan.effective:
        return False
    return not _scored(db, plan) or (lineage is not None and bool(_disputed(db, plan) & {0, lineage}))


def takers(db: Session, plan: Plan) -> Sequence[Item]:
    """The items that take evidence: all until the scores are handed in, then what a running dispute is about."""
    items = plan.agreed_items(db)
    if not items or not _scored(db, plan):
        return items
    about = _disputed(db, plan)
    return [item for item in items if about & {0, item.lineage}]


def pieces_of(db: Session, plan_id: int, lineage: int | None = None) -> Sequence[Evidence]:
    """Everything given for a plan, or one item of it, oldest first."""
    wanted = select(Evidence).where(Evidence.plan_id == plan_id)
    if lineage is not None:
        wanted = wanted.where(Evidence.lineage == lineage)
    return db.exec(wanted.order_by(col(Evidence.id))).all()


def by_offer(db: Session, offer_id: int) -> Sequence[Evidence]:
    """What came of an offer."""
    return db.exec(select(Evidence).where(Evidence.offer_id == offer_id).order_by(col(Evidence.id))).all()


def overfull(db: Session, piece: Evidence, size: int) -> bool:
    """Whether a file as it came is more than there is room for: what was said of its size may have been wrong."""
    others = sa.select(sa.func.coalesce(sa.func.sum(col(Evidence.size)), 0)).where(
        col(Evidence.person_id) == piece.person_id,
        col(Evidence.cycle_id) == piece.cycle_id,
        col(Evidence.id) != piece.id,
    )
    return int(db.connection().execute(others).scalar_one()) + size > MOST_BYTES


def stored_of(db: Session, plan_id: int) -> dict[int, list[Evidence]]:
    """What can be looked at of a plan, by item."""
    found: dict[int, list[Evidence]] = {}
    for piece in pieces_of(db, plan_id):
        if piece.state in STORED:
            found.setdefault(piece.lineage, []).append(piece)
    return found


def number_of(db: Session, plan_id: int) -> int:
    """How many pieces of a plan can be looked at."""
    return int(execute(db, _NUMBER, plan=plan_id).scalar() or 0)


def count(db: Session, piece: Evidence, actor: Actor, now: datetime) -> None:
    """The number of accepted pieces becomes the value of an item that counts them, with where it came from."""
    plan = db.get_one(Plan, piece.plan_id)
    item = next((one for one in plan.agreed_items(db) if one.lineage == piece.lineage), None)
    if item is None or item.rule != "count":
        return
    accepted = [one.id for one in pieces_of(db, plan.id, piece.lineage) if one.state == ACCEPTED]
    db.add(_counted(plan, item, accepted, actor, now))
    db.flush()
    record(db, "plan.counted", plan, lineage=piece.lineage, value=len(accepted))


def counts_evidence(db: Session, plan_id: int, lineage: int) -> bool:
    """Whether the value of an item comes from its evidence already."""
    wanted = select(Measurement.source).where(Measurement.plan_id == plan_id, Measurement.lineage == lineage)
    newest = wanted.order_by(col(Measurement.at).desc(), col(Measurement.id).desc()).limit(1)
    return db.exec(newest).first() == SOURCE


def _counted(plan: Plan, item: Item, accepted: Sequence[int], actor: Actor, now: datetime) -> Measurement:
    return Measurement(
        plan_id=plan.id,
        lineage=item.lineage,
        indicator_id=item.indicator_id,
        value=Decimal(len(accepted)),
        source=SOURCE,
        reference=", ".join(f"evidence {number}" for number in accepted),
        at=now,
        by_id=actor.id,
    )


def _expect_room(db: Session, plan: Plan, size: int) -> None:
    mine = sa.and_(col(Evidence.person_id) == plan.person_id, col(Evidence.cycle_id) == plan.cycle_id)
    wanted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(col(Evidence.size)), 0))
    row = db.connection().execute(wanted.select_from(Evidence).where(mine)).one()
    if row[0] >= MOST:
        raise Refused(TOO_MANY, most=MOST)
    if row[1] + size > MOST_BYTES:
        raise Refused(TOO_MUCH, most=MOST_BYTES // 2**20)


def _scored(db: Session, plan: Plan) -> bool:
    """Whether the manager's scores are handed in, or their time is over."""
    card = SQLModel.metadata.tables["scorecard"]
    given = sa.select(card.c.id).where(card.c.plan_id == plan.id, card.c.kind == "manager", card.c.state != "open")
    return reviewed(db, plan.cycle_id) or db.connection().execute(given.limit(1)).first() is not None


def _disputed(db: Session, plan: Plan) -> frozenset[int]:
    """What running disputes of the result are about: items by lineage, 0 for the whole."""
    result, case = (SQLModel.metadata.tables[name] for name in ("result", "dispute"))
    running = sa.select(case.c.lineage).join(result, result.c.id == case.c.result_id)
    rows = db.connection().execute(running.where(result.c.plan_id == plan.id, case.c.state.in_(("manager", "hr"))))
    return frozenset(rows.scalars())


_NUMBER = (
    sa.select(sa.func.count())
    .select_from(Evidence)
    .where(col(Evidence.plan_id) == sa.bindparam("plan"), col(Evidence.state).in_(STORED))
)
