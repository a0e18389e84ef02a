"""What keeps plans from being compliant is kept beside them, and goes as soon as it is mended."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from bot.db import Database
from bot.vault import Vault
from models.access import Actor
from models.compliance import look_again
from models.copies import last, outdate, young
from models.delivery import SENT, Delivery
from models.indicator import Indicator
from models.plan import COMPLIANCE, RETURNED, Plan
from tests.security import company
from tests.world import KEY, START


def _brought(db: Session, state: str) -> Plan:
    """Ana's plan in this state; the owners of its data have not agreed."""
    company.fill(db, Vault([KEY]), START)
    for indicator in db.exec(select(Indicator)):
        indicator.owner_agreed = False
    db.flush()
    return company.bring(db, state, START)


def test_faults_are_kept_at_submission_and_go_when_hr_passes(database: Database) -> None:
    def look(db: Session) -> None:
        plan = _brought(db, COMPLIANCE)
        assert plan.faults.split() == list(dict.fromkeys(one.check for _item, one in plan.findings(db)))
        assert "source" in plan.faults.split()
        helen = company.actor(db, "helen")
        plan.pass_(db, helen, plan.version, START)
        assert plan.faults == ""

    database.now(look)


def test_what_hr_gives_back_is_at_fault_until_it_is_handed_in_again(database: Database) -> None:
    def look(db: Session) -> None:
        plan = _brought(db, COMPLIANCE)
        before = plan.faults.split()
        plan.return_(db, company.actor(db, "helen"), plan.version, START, "Not yet")
        assert plan.faults.split() == [*before, RETURNED]
        plan.submit(db, company.actor(db, "dana"), plan.version, START)
        assert plan.faults.split() == before

    database.now(look)


def test_what_a_manager_gives_back_is_nobodys_fault(database: Database) -> None:
    def look(db: Session) -> None:
        plan = _brought(db, "submitted")
        assert plan.faults
        plan.return_(db, Actor(plan.waits_for_id or 0), plan.version, START, "Not yet")
        assert plan.faults == ""

    database.now(look)


def test_a_data_owner_who_agrees_mends_the_plans_that_wait(database: Database) -> None:
    def look(db: Session) -> None:
        plan = _brought(db, COMPLIANCE)
        indicators = db.exec(select(Indicator).order_by(Indicator.code)).all()
        used = {item.indicator_id for item in plan.items(db)}
        for number, indicator in enumerate(one for one in indicators if one.id in used):
            assert "source" in plan.faults.split(), number
            indicator.owner_agreed = True
            look_again(db, indicator.id)
            db.refresh(plan)
        assert "source" not in plan.faults.split()

    database.now(look)


def test_young_live_copies_are_found_and_drawn_again(database: Database) -> None:
    def look(db: Session) -> None:
        company.fill(db, Vault([KEY]), START)
        helen = company.by_handle(db, "helen")
        about: dict[str, Any] = {
            "person_id": helen.id,
            "subject_noun": "cycle",
            "facts": {"place": "0"},
            "not_before": START,
        }
        old, hour = START - timedelta(hours=2), START - timedelta(hours=1)
        for view, subject, at, state in (
            ("v", 1, START, SENT),
            ("v", 2, old, SENT),
            ("v", 3, START, "queued"),
            ("w", 4, START, SENT),
        ):
            db.add(Delivery(**about, view=view, subject_id=subject, created_at=at, state=state, due=False))
        db.flush()
        assert young(db, "cycle", "v", hour) == {1}
        assert outdate(db, "cycle", "v", {1, 2}, hour) == 1
        assert last(db, helen.id, "v", 2) == {"place": "0"}
        assert last(db, helen.id, "v", 9) == {}

    database.now(look)
