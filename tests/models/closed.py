"""A company at the end of scoring, everything that comes of it, and the two ways there: at once and in steps."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from bench import scored
from bot.db import Database
from models import closing
from models.cycle import RECKONING, Cycle
from models.flag import Flag
from models.peer import ASKED, PROPOSED, Peer, end_asking
from models.person import Role
from models.plan import Plan
from models.releasing import recompute
from models.scorecard import lock
from models.todo import owe
from tests.prepared import sqlite_at
from tests.security.stage import SHM

NOW = scored.AT + timedelta(days=9, hours=1)
FEW, SOME = 60, closing.AT_ONCE + 11
# What is the same, whoever comes first: everything but the numbers of rows.
SAME = {
    "result": "person_id state computed total rating vetoed origin author_id department_id version cycle_id revision",
    "flag": "rule about key other person_id department_id figures state waits_for_id raised_at version resolved_at",
    "scorecard": "person_id kind state rater_id waits_for_id submitted_at version",
    "todo": "kind subject_noun assignee_id about_id cycle_id created_at due_at done_at done_by_id",
    "peer": "plan_id rater_id state waits_for_id version",
    "result_line": "revision position lineage item_id points counted contribution outcome excluded manager own peer",
}


@contextmanager
def company(people: int, seed: int = 0) -> Iterator[Database]:
    """A company at the end of scoring; a flag from before stands, another does not any more; colleagues are asked."""
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        database = sqlite_at(Path(folder))
        try:
            with database.writer.begin() as connection:
                scored.fill(connection, people, seed or people)
            database.now(more)
            yield database
        finally:
            database.close()


def more(db: Session) -> None:
    plans = db.exec(select(Plan).where(Plan.cycle_id == scored.NOW).order_by(col(Plan.id)).limit(9)).all()
    for number, plan in enumerate(plans[:8]):
        state = (PROPOSED, ASKED)[number % 2]
        peer = Peer(cycle_id=scored.NOW, plan_id=plan.id, person_id=plan.person_id, rater_id=2, waits_for_id=2)
        peer.state = state
        db.add(peer)
        db.flush()
        owe(db, "peer.answer", peer, 2, scored.AT)
    old = Flag(cycle_id=scored.NOW, rule="jump", about="person", key=plans[2].person_id, raised_at=scored.AT)
    old.person_id, old.waits_for_id, old.figures = old.key, 1, {"before": "0.00"}
    gone = Flag(cycle_id=scored.NOW, rule="alliance_department", about="department", key=1, raised_at=scored.AT)
    gone.waits_for_id, gone.figures = 1, {"people": "3"}
    db.add_all([old, gone])
    db.add(Role(person_id=2, name="executive"))
    db.flush()


def state(db: Session) -> dict[str, str]:
    """Every row that matters, as one digest a table."""
    found = {}
    for table, names in SAME.items():
        columns = [SQLModel.metadata.tables[table].c[name] for name in names.split()]
        rows = sorted(map(repr, db.connection().execute(sa.select(*columns))))
        found[table] = f"{len(rows)} {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()}"
    return found


def at_once(db: Session, by: int) -> None:
    """What one transaction makes of it, as it is made of few."""
    cycle = the_cycle(db)
    cycle.advance(db, state="review")
    if not cycle.terms.get("late"):
        lock(db, cycle.id, NOW, by)
    end_asking(db, cycle, NOW, by)
    recompute(db, cycle, NOW)


def the_cycle(db: Session) -> Cycle:
    return db.get_one(Cycle, scored.NOW)


def begin(db: Session, by: int = 0) -> None:
    cycle = the_cycle(db)
    cycle.advance(db, state=RECKONING, terms=closing.begun(cycle, by, NOW))


def steps(database: Database, most: int, between: Callable[[int], None] = lambda _number: None) -> int:
    """All of them; how many."""
    for number in range(2000):
        if not database.now(lambda db: closing.waits(db, NOW)):
            return number
        assert database.now(lambda db: closing.step(db, NOW, most)) > 0
        between(number)
    raise AssertionError("it does not end")
