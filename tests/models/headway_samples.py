"""How everything about the progress of a cycle is tried for the table of rights: on Ana's department, number 2."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from models.chase import begin
from models.cycle import Cycle
from models.headway import LATE, Wanted
from models.vantage import COMPANY, vantage
from tests.models.sampled import Sample
from tests.security import company

ON = {"place": "2", "stage": "setting"}
NAMES = {**ON, "state": "waiting", "page": "0"}
HERE, CHASE = Sample(), Sample(on="chase")
BUTTONS: Mapping[str, Sample] = {
    "person.own": Sample(("active",)),
    "team.headway": HERE,
    "cycle.progress": Sample(on="cycle", value="2 setting"),
    "cycle.again": Sample(on="cycle"),
    "cycle.running": HERE,
    "cycle.names": Sample(on="cycle", value="2 setting waiting 0"),
    "cycle.chase": Sample(on="cycle", value="2 setting waiting"),
    "chase.names": CHASE,
    "chase.word": CHASE,
    "chase.send": CHASE,
}
FORMS: Mapping[str, Sample] = {"chase.word": Sample(on="chase", answers={"words": "w"})}
VIEWS: Mapping[str, Sample] = {
    "cycle.progress": Sample(on="cycle", answers=ON),
    "cycle.names": Sample(on="cycle", answers=NAMES),
    "cycle.running": Sample(on="person"),
    "chase.card": CHASE,
}


def chased(db: Session, now: datetime) -> int:
    """A reminder of Helen's to everybody who is late with their plans, not sent yet."""
    helen = company.actor(db, "helen")
    cycle, seen = db.exec(select(Cycle)).one(), vantage(db, helen, COMPANY)
    return begin(db, helen, seen, Wanted(cycle.id, "setting", seen.place, LATE, now, helen.id)).id
