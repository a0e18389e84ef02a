"""Who reads and judges evidence beside the line: who scores the plan or stands in, who has to do with a dispute."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, select

from bot.vault import Vault
from models.absence import Absence
from models.access import can
from models.dispute import Dispute
from models.evidence import Evidence
from models.identity import Identity
from models.person import Person
from models.scorecard import MANAGER, card_of
from tests.models.evidence_samples import given
from tests.prepared import sqlite_at
from tests.security import company, judged
from tests.world import KEY, START

VAULT = Vault([KEY])
RIGHTS = ("evidence.read", "evidence.accept", "plan.evidence")


def test_T18_who_scores_or_stands_in_judges_and_who_only_decides_reads(tmp_path: Path) -> None:
    database = sqlite_at(tmp_path)
    database.now(lambda db: company.fill(db, VAULT, START))
    database.now(_linked)
    database.now(_scored_by_another)
    database.now(_disputed)
    database.close()


def _linked(db: Session) -> None:
    ana = company.by_handle(db, "ana")
    db.add(Identity(platform="web", tenant="console", user=ana.number, person_id=ana.id, seen_at=START))


def _scored_by_another(db: Session) -> None:
    undo = db.begin_nested()
    plan = judged.bring(db, "scoring", START, VAULT)
    given(db, plan, "scoring", VAULT)
    card = card_of(db, plan.id, MANAGER)
    assert card is not None
    assert _may(db, "willa") == _may(db, "bo") == (False, False, False), "colleagues who are asked do not"
    card.advance(db, waits_for_id=company.by_handle(db, "willa").id)
    assert _may(db, "willa") == (True, True, True)
    _away(db, "willa", "bo")
    assert _may(db, "bo") == (True, True, True)
    _away(db, "willa", "ana")
    assert _may(db, "ana") == (True, False, True), "nobody accepts their own"
    card.advance(db, waits_for_id=None, rater_id=company.by_handle(db, "olga").id)
    assert (_may(db, "olga"), _may(db, "willa")) == ((True, True, True), (False, False, False))
    undo.rollback()
    db.expire_all()


def _disputed(db: Session) -> None:
    plan = judged.bring(db, "disputed", START, VAULT)
    given(db, plan, "ruling", VAULT)
    case = db.exec(select(Dispute)).one()
    for column in ("waits_for_id", "joined_id", "author_id"):
        setattr(case, column, company.by_handle(db, "willa").id)
        db.flush()
        assert _may(db, "willa") == (True, False, True), column
        setattr(case, column, None)
        db.flush()
    assert _may(db, "willa") == (False, False, False)


def _may(db: Session, handle: str) -> tuple[bool, ...]:
    piece = db.exec(select(Evidence)).one()
    actor = company.actor(db, handle)
    return tuple(can(db, actor, right, piece) for right in RIGHTS)


def _away(db: Session, handle: str, delegate: str) -> None:
    """Somebody is away now, and another stands in."""
    for old in db.exec(select(Absence)):
        db.delete(old)
    who, other = (db.exec(select(Person).where(Person.handle == name)).one() for name in (handle, delegate))
    day, month = START.date(), timedelta(days=30)
    about = {"person_id": who.id, "delegate_id": other.id, "made_by_id": who.id}
    times = {"from_on": day, "to_on": day + month, "starts_at": START, "ends_at": START + month}
    db.add(Absence(**about, **times, active=True))  # type: ignore[arg-type]
    db.flush()
