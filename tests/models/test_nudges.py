"""Reminders in the database: made once, made again if they could not be sent, held back, by hand, heard of above."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.db import Database
from models.base import Refused, Row, put
from models.byhand import Sent, by_hand, remarked
from models.cycle import Cycle
from models.delivery import SKIPPED, Delivery
from models.escalation import Escalation, heard
from models.gathering import Ripe
from models.nudge import Nudge, Remark, forget
from models.nudgeterms import read_before, set_nudges
from models.person import EXECUTIVE, HR, Person, Role
from models.rules.nudging import STANDARD
from models.rules.workdays import calendar
from models.snoozing import snooze
from models.todo import Todo
from models.wave import begin, run, step

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHIEF, LEAD, STAFF, ANA = 1, 2, 3, 4


def company(db: Session) -> Cycle:
    """A chief (executive), somebody in HR, a manager and Ana, who reports to the manager; and a cycle of HR's."""
    for number, (name, manager) in enumerate((("chief", None), ("lead", 1), ("staff", 1), ("ana", 2)), 1):
        put(db, Person(number=f"{number}", name=name.title(), handle=name, manager_id=manager))
    db.add_all([Role(person_id=CHIEF, name=EXECUTIVE), Role(person_id=STAFF, name=HR)])
    day = MONDAY.date()
    cycle = Cycle(kind="year", name="Y", starts_on=day, ends_on=day, chain=[], languages=[], owner_id=STAFF)
    cycle.state = "setting"
    put(db, cycle)
    return cycle


def owes(db: Session, who: int, due: datetime, kind: str = "plan.submit") -> Todo:
    """Somebody owes something, for a month already."""
    created = MONDAY - 30 * DAY
    todo = Todo(
        kind=kind, subject_noun="plan", subject_id=1, assignee_id=who, cycle_id=1, created_at=created, due_at=due
    )
    put(db, todo)
    return todo


def told(db: Session, now: datetime) -> list[int]:
    """Who is reminded at a moment."""
    run(db, now)
    db.expire_all()
    made = select(Nudge.person_id).where(Nudge.made_at == now).order_by(col(Nudge.person_id))
    return list(db.exec(made).all())


def playing(database: Database, work: Callable[[Session, Cycle], None]) -> None:
    """In one transaction."""
    database.now(lambda db: work(db, company(db)))


def test_once_a_day_and_urgent_beside_it(database: Database) -> None:
    def work(db: Session, _cycle: Cycle) -> None:
        owes(db, ANA, MONDAY + 5 * HOUR)
        assert told(db, MONDAY - HOUR) == [ANA]
        assert told(db, MONDAY - HOUR / 2) == []
        assert told(db, MONDAY + HOUR) == [ANA], "four hours are left"
        assert told(db, MONDAY + 2 * HOUR) == []
        kinds = [one.kind.split(" ")[0] for one in db.exec(select(Nudge).order_by(col(Nudge.id)))]
        assert kinds == ["daily", "urgent"]

    playing(database, work)


def test_what_could_not_be_sent_comes_again(database: Database) -> None:
    def work(db: Session, _cycle: Cycle) -> None:
        todo = owes(db, ANA, MONDAY + 1.2 * DAY)
        assert told(db, MONDAY) == [ANA]
        db.connection().execute(sa.update(Delivery).values(state=SKIPPED, due=False))
        late = MONDAY + 12 * HOUR
        assert told(db, late) == []
        assert todo.nudged_at is None
        assert told(db, MONDAY + DAY) == [ANA]

    playing(database, work)


def test_each_level_hears_once_and_of_a_new_deadline_again(database: Database) -> None:
    def work(db: Session, _cycle: Cycle) -> None:
        todo = owes(db, ANA, MONDAY - 1.1 * DAY)
        assert told(db, MONDAY) == [LEAD, ANA]
        told_lead = db.exec(select(Nudge.id).where(Nudge.person_id == LEAD)).one()
        assert [(one.name, one.kind) for one in heard(db, told_lead, "en")] == [("Ana", "plan.submit")]
        assert told(db, MONDAY + DAY) == [ANA]
        assert told(db, MONDAY + 2 * DAY) == [STAFF, ANA]
        todo.due_at = MONDAY + 3 * DAY
        db.add(todo)
        db.flush()
        told(db, MONDAY + 3 * DAY - HOUR)
        assert LEAD in told(db, MONDAY + 4 * DAY + HOUR)
        assert len(db.exec(select(Escalation)).all()) == 3

    playing(database, work)


def test_what_hr_owes_is_heard_of_by_an_executive(database: Database) -> None:
    def work(db: Session, _cycle: Cycle) -> None:
        owes(db, STAFF, MONDAY - 4 * DAY)
        owes(db, CHIEF, MONDAY - 4 * DAY)
        told(db, MONDAY)
        assert sorted((one.level, one.person_id) for one in db.exec(select(Escalation))) == [
            (1, CHIEF), (1, STAFF), (2, CHIEF), (2, STAFF),
        ]  # fmt: skip

    playing(database, work)


def test_nobody_hears_of_disputes_or_of_who_was_asked(database: Database) -> None:
    def work(db: Session, _cycle: Cycle) -> None:
        owes(db, ANA, MONDAY - 4 * DAY, "dispute.answer")
        owes(db, ANA, MONDAY - 4 * DAY, "peer.answer")
        assert told(db, MONDAY) == [ANA]
        assert not db.exec(select(Escalation)).all()

    playing(database, work)


def test_held_back_until_a_day(database: Database) -> None:
    def work(db: Session, cycle: Cycle) -> None:
        owes(db, ANA, MONDAY + DAY)
        hold = date(2026, 11, 24)
        set_nudges(db, cycle, cycle.version, "", STANDARD, "7, 1", {"hours": 0}, hold, {"en": "Please"})
        assert told(db, MONDAY) == []
        assert told(db, MONDAY + DAY) == [ANA]
        assert cycle.terms["nudges"]["words"] == {"en": "Please"}

    playing(database, work)


def test_days_that_hr_writes() -> None:
    assert read_before("7, 3、1，0") == [7, 3, 1, 0]
    assert read_before("") == []
    for wrong in ("soon", "1, 2, 3, 4, 5, 6", "61", "-1"):
        with pytest.raises(Refused, match="such as 7, 3, 1, 0"):
            read_before(wrong)


def sealed(_row: Row, _column: str, words: str) -> bytes:
    """Not to be read as it is."""
    return words[::-1].encode()


def test_by_hand_in_hours_and_once_a_day(database: Database) -> None:
    def work(db: Session, _cycle: Cycle) -> None:
        db.get_one(Person, LEAD).zone = "America/New_York"
        todos = [owes(db, who, MONDAY + 9 * DAY).id for who in (ANA, LEAD, STAFF)]
        assert by_hand(db, todos, STAFF, MONDAY, remarked(db, "Now", MONDAY, sealed)) == Sent(2, 1, 0)
        assert by_hand(db, todos, STAFF, MONDAY + HOUR) == Sent(0, 0, 3)
        later = db.exec(select(Delivery).where(Delivery.person_id == LEAD)).one()
        assert later.not_before == datetime(2026, 11, 23, 14, tzinfo=UTC)
        assert later.not_after == datetime(2026, 11, 24, 0, tzinfo=UTC)
        assert told(db, MONDAY + 2 * HOUR) == []
        assert [one.words for one in db.exec(select(Remark))] == [b"woN"]
        forget(db, MONDAY + 200 * DAY)
        assert not db.exec(select(Remark)).all()

    playing(database, work)


def test_twice_put_off_and_never_beyond_the_deadline_of_others(database: Database) -> None:
    def work(db: Session, _cycle: Cycle) -> None:
        todo = owes(db, ANA, MONDAY + 1.2 * DAY)
        here = calendar("UTC")
        told(db, MONDAY)
        nudge = db.exec(select(Nudge)).one()
        assert snooze(db, nudge, "morning", here, MONDAY).until == MONDAY + DAY
        assert told(db, MONDAY + DAY - HOUR) == []
        assert told(db, MONDAY + DAY) == [ANA]
        assert snooze(db, nudge, "day", here, MONDAY + DAY).done == 1
        now = MONDAY + 2 * DAY
        assert todo.snoozes == 2
        with pytest.raises(Refused, match="any more"):
            snooze(db, nudge, "day", here, now + HOUR)
        forget(db, now + 200 * DAY)
        assert not db.exec(select(Nudge)).all()

    playing(database, work)


def test_a_wave_stopped_anywhere_goes_on_and_reaches_everybody_once(database: Database) -> None:
    """Two rows at a time, each step committed, as replicas take turns; a tick that comes between begins nothing."""

    def filled(db: Session) -> None:
        company(db)
        for who in (CHIEF, LEAD, STAFF, ANA, ANA):
            owes(db, who, MONDAY - 4 * DAY)

    database.now(filled)
    assert database.now(lambda db: begin(db, MONDAY)) is not None
    assert database.now(lambda db: begin(db, MONDAY + HOUR / 6)) is None
    steps = 0
    while database.now(lambda db: step(db, MONDAY, most=2)):
        steps += 1
        assert steps < 50
    assert steps > 8

    def reached(db: Session) -> None:
        everybody = [CHIEF, LEAD, STAFF, ANA]
        assert sorted(db.exec(select(Nudge.person_id)).all()) == everybody
        assert sorted(one.person_id for one in db.exec(select(Delivery))) == everybody
        assert {(one.nudges, one.escalated) for one in db.exec(select(Todo))} == {(1, 2)}
        assert len(db.exec(select(Escalation)).all()) == 10
        assert not db.exec(select(Ripe)).all()
        assert run(db, MONDAY + HOUR / 6) == 0

    database.now(reached)
