"""An announcement for Ana and Dana, another one in HR's drawer, and a rule document: what the table of rights tries."""

from datetime import datetime

from sqlmodel import Session, select

from models.audience import Audience
from models.base import Row
from models.bulletin import begin_bulletin
from models.cycle import Cycle
from models.fanout import step
from models.rulebook import add
from models.wording import Wording
from tests.security import company

WORDS = {"en": Wording("New rules", "Bonus is paid in March.")}


def announced(db: Session, now: datetime) -> dict[str, Row]:
    """The rows by the word that samples use: "bulletin" was sent, "drafted" was not."""
    helen = company.by_handle(db, "helen")
    people = tuple(company.by_handle(db, handle).id for handle in ("ana", "dana"))
    sent = begin_bulletin(db, helen.id, now, WORDS, audience=Audience(people=people).kept())
    announcement = sent.send(db, helen.id, sent.version, now)
    while step(db, now):
        pass
    drafted = begin_bulletin(db, helen.id, now, WORDS)
    rulebook = add(db, db.exec(select(Cycle)).one(), helen.id, now, "en", Wording("Rules", "S is 110."), "")
    return {"bulletin": sent, "announcement": announcement, "drafted": drafted, "rulebook": rulebook}
