"""How everything about evidence is tried for the table of rights: on a piece of Ana's, and on files she has offered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from bot import storage
from bot.vault import Vault
from models.base import Row, put
from models.evidence import FILE, GIVEN, Evidence
from models.identity import Identity
from models.plan import Plan
from models.wish import Offer
from tests.models.sampled import Sample
from tests.world import START

STATES = ("active", "scoring", "ruling")
PIECE, OFFER, PLAN = (Sample(STATES, on) for on in ("evidence", "offer", "plan"))
BUTTONS: Mapping[str, Sample] = {
    "plan.evidence": PLAN,
    "plan.attach": PLAN,
    "plan.evidence_page": Sample(STATES, "plan", "0"),
    "evidence.pick": Sample(STATES, value="evidence"),
    "evidence.open": PIECE,
    "evidence.accept": PIECE,
    "evidence.return": PIECE,
    "evidence.remove": PIECE,
    "offer.keep": Sample(STATES, "offer", "1.1"),
    "offer.drop": OFFER,
}
FORMS: Mapping[str, Sample] = {
    "plan.attach": Sample(STATES, "plan", answers={"item": "1", "said": "w"}),
    "evidence.return": Sample(STATES, "evidence", answers={"reason": "r"}),
    "offer.keep": Sample(STATES, "offer", answers={"item": "1.1", "said": "w"}),
}
VIEWS: Mapping[str, Sample] = {
    "evidence.list": Sample(STATES, "plan", answers={"page": "0"}),
    "evidence.card": PIECE,
    "evidence.file": Sample(STATES, answers={"evidence": "evidence", "until": "2099-01-01T00:00:00+00:00"}),
    "offer.card": OFFER,
}


def given(db: Session, plan: Plan, state: str, vault: Vault, now: datetime = START) -> dict[str, Row]:
    """A stored file and an offer of Ana's, in the states where they are tried."""
    if state not in STATES:
        return {}
    stored = storage.store(db, vault, b"a,b", "text/csv", now)
    item = plan.agreed_items(db)[0]
    about: dict[str, Any] = {
        "cycle_id": plan.cycle_id,
        "plan_id": plan.id,
        "person_id": plan.person_id,
        "lineage": item.lineage,
    }
    piece = Evidence(**about, kind=FILE, state=GIVEN, deposit_id=stored.id, media="text/csv", size=3, at=now)
    account = db.exec(select(Identity).where(Identity.person_id == plan.person_id)).first()
    assert account is not None
    offer = Offer(person_id=plan.person_id, identity_id=account.id, at=now)
    put(db, piece)
    put(db, offer)
    piece.title = vault.seal(("evidence", "title", piece.id), "a.csv")
    offer.what = vault.seal(("offer", "what", offer.id), '[[], "words", ""]')
    db.add_all([piece, offer])
    db.flush()
    return {"evidence": piece, "offer": offer}
