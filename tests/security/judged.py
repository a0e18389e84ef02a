"""Ana's plan on its way through scoring, publication and dispute: what the table of rights is tried on."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from bot.vault import Vault
from models.base import Row, Versioned
from models.calibration import Vote, vote
from models.checkin import Measurement
from models.cycle import Cycle
from models.dispute import Dispute, file
from models.flag import Flag, raise_flags
from models.peer import Peer, propose
from models.plan import Plan
from models.releasing import publish
from models.result import Result, lines_of
from models.rules.sheets import Found
from models.scorecard import MANAGER, SELF, Scorecard, card_of
from models.stages import advance
from tests.security import company

# In the order in which a cycle goes through them; "disputed" waits for the manager, "ruling" for HR.
STATES = ("self_scoring", "scoring", "review", "published", "disputed", "ruling")
STAGES = ("tracking", "self_scoring", "scoring", "review")


def bring(db: Session, state: str, now: datetime, vault: Vault) -> Plan:
    """Ana's plan in force with all its values, in a cycle brought to a stage; a case of hers in the last two."""
    plan = company.bring(db, "active", now)
    helen, cycle = company.actor(db, "helen"), db.exec(select(Cycle)).one()
    for item in plan.agreed_items(db):
        db.add(Measurement(plan_id=plan.id, lineage=item.lineage, value=item.target or Decimal(0), at=now))
    db.flush()
    stage = state if state in STAGES else "review"
    for following in STAGES[: STAGES.index(stage) + 1]:
        if following == "scoring":
            propose(db, plan, company.actor(db, "ana"), company.by_handle(db, "bo"), now)
            asked = propose(db, plan, company.actor(db, "ana"), company.by_handle(db, "willa"), now)
            asked.confirm(db, company.actor(db, "dana"), now)
        if following == "review":
            _hand_in(db, plan, now)
        advance(db, cycle, helen, cycle.version, now)
    if stage == "review":
        _looked_at(db, cycle, plan, now, vault if state != "review" else None)
    if state in ("disputed", "ruling"):
        _dispute(db, plan, now, vault, answered=state == "ruling")
    db.flush()
    return plan


def ids(db: Session, plan: Plan) -> dict[str, Row]:
    """The rows about Ana's scores that exist in this state, by the word that samples use."""
    found: dict[str, Row | None] = {
        "scorecard": card_of(db, plan.id, MANAGER),
        "own": card_of(db, plan.id, SELF),
        "peer": db.exec(select(Peer).order_by(col(Peer.id))).first(),
        "asked": db.exec(select(Peer).order_by(col(Peer.id).desc())).first(),
        "result": db.exec(select(Result).where(Result.plan_id == plan.id)).first(),
        "flag": db.exec(select(Flag)).first(),
        "vote": db.exec(select(Vote)).first(),
        "dispute": db.exec(select(Dispute)).first(),
    }
    result = found["result"]
    found["line"] = lines_of(db, result)[0] if isinstance(result, Result) else None
    return {name: row for name, row in found.items() if row is not None}


def versions(rows: Mapping[str, Row]) -> dict[str, int]:
    """The version of each row that has one."""
    return {name: row.version for name, row in rows.items() if isinstance(row, Versioned)}


def _hand_in(db: Session, plan: Plan, now: datetime) -> None:
    for kind, who in ((SELF, "ana"), (MANAGER, "dana")):
        card = card_of(db, plan.id, kind)
        assert isinstance(card, Scorecard)
        card.submit(db, company.actor(db, who), card.version, now, [])


def _looked_at(db: Session, cycle: Cycle, plan: Plan, now: datetime, vault: Vault | None) -> None:
    """A flag about Ana and an opinion on her result; decided and published with a vault for the reason."""
    helen = company.actor(db, "helen")
    found = [Found("jump", "person", plan.person_id, 0, {"before": 70, "after": 100, "change": 30, "limit": 25})]
    (flag,) = raise_flags(db, cycle, found, frozenset(), now)
    result = db.exec(select(Result).where(Result.plan_id == plan.id)).one()
    vote(db, result, company.actor(db, "hugo"), now, agrees=True)
    if vault is not None:
        flag.confirm(db, helen, flag.version, now, vault.seal(("flag", "reason", flag.id), "It was so"))
        publish(db, cycle, now, [plan.person_id])


def _dispute(db: Session, plan: Plan, now: datetime, vault: Vault, *, answered: bool) -> None:
    result = db.exec(select(Result).where(Result.plan_id == plan.id)).one()
    case = file(db, result, company.actor(db, "ana"), result.version, now, lines_of(db, result)[0].lineage)
    case.reason = vault.seal(("dispute", "reason", case.id), "I do not agree")
    if answered:
        said = vault.seal(("dispute", "answer", case.id), "I do")
        case.take_answer(db, company.actor(db, "dana"), case.version, now, said)
