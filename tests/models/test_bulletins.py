"""Announcements: who gets which version, who has confirmed it, and what a change does to those who have it."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.db import Database
from models import announcement
from models.announcement import (
    CONFIRM,
    Announcement,
    Confirmed,
    addressed,
    confirmed,
    confirmed_by_place,
    reading,
    waiting_todos,
)
from models.announcement import readers as names
from models.audience import Audience
from models.base import Refused, Stale, changes
from models.bulletin import Bulletin, asking, begin_bulletin, bulletins, due, touch
from models.cycle import Cycle, Stage
from models.delivery import QUEUED, SENT, SKIPPED, Delivery
from models.department import Department
from models.fanout import Fanout, step
from models.person import Person
from models.todo import Todo
from models.wave import run
from models.wording import Wording, worded
from tests.models.rows import AT, account, person

WORDS = {"en": Wording("Cycle", "It begins on Monday. Ask HR."), "zh_Hans": Wording("周期", "周一开始。")}
LATER_BY = timedelta(days=3)
LATER = AT + LATER_BY
HOUR = timedelta(hours=1)


def company(db: Session) -> dict[str, Person]:
    """Helen writes; Ana and Bo are in sales, Cara in risk; Leo left."""
    places = [Department(code=name, names={"en": name}, path="") for name in ("sales", "risk")]
    db.add_all(places)
    db.flush()
    for place in places:
        place.path = f"/{place.id}/"
    people = {name: person(db, name) for name in ("Helen", "Ana", "Bo", "Cara", "Leo")}
    for name, number in (("Ana", 0), ("Bo", 0), ("Cara", 1)):
        people[name].department_id = places[number].id
        account(db, people[name])
    people["Leo"].left_at = AT
    db.flush()
    return people


def sent(db: Session, now: datetime = AT, **values: object) -> tuple[Bulletin, Announcement, dict[str, Person]]:
    """A bulletin that everybody has."""
    people = company(db)
    made = begin_bulletin(db, people["Helen"].id, now, WORDS, **values)
    live = made.send(db, made.owner_id, 1, now)
    fan_out(db, now)
    return made, live, people


def fan_out(db: Session, now: datetime) -> None:
    """What the outbox does."""
    while step(db, now) or announcement.step(db, now, most=2):
        pass


def delivered(db: Session) -> None:
    """Everything that waits is sent."""
    queued = sa.and_(col(Delivery.state) == QUEUED, col(Delivery.identity_id).is_not(None))
    db.connection().execute(sa.update(Delivery).where(queued).values(state=SENT, due=False, message="m"))
    db.expire_all()


def states(db: Session, one: Announcement) -> list[str]:
    return sorted(db.exec(select(Delivery.state).where(Delivery.subject_id == one.id, Delivery.view != "moved")))


def test_everybody_gets_it_and_owes_a_confirmation(database: Database) -> None:
    def work(db: Session) -> None:
        made, live, people = sent(db, due_at=LATER)
        assert (made.state, made.edition, made.live_id) == ("sent", 1, live.id)
        assert confirmed(db, live.id) == Confirmed(4, 0)
        assert db.exec(select(Todo.due_at).where(Todo.kind == CONFIRM)).all() == [LATER] * 4
        live.take_confirmation(db, people["Ana"].id, AT + HOUR)
        assert confirmed(db, live.id) == Confirmed(4, 1)
        mine = reading(db, live.id, people["Ana"].id)
        assert mine is not None
        assert mine.read_at == AT + HOUR
        with pytest.raises(Refused, match="already"):
            live.take_confirmation(db, people["Ana"].id, AT + 2 * HOUR)
        with pytest.raises(Refused, match="can't find"):
            live.take_confirmation(db, people["Leo"].id, AT)
        assert addressed(db, live.id, people["Bo"].id)
        assert not addressed(db, live.id, people["Leo"].id)
        assert len(waiting_todos(db, live.id)) == 3

    database.now(work)


def test_a_confirmation_outdates_only_its_own_card(database: Database) -> None:
    def work(db: Session) -> None:
        _made, live, people = sent(db)
        delivered(db)
        changes(db).clear()
        live.take_confirmation(db, people["Ana"].id, AT)
        dirty = db.exec(select(Delivery.person_id).where(col(Delivery.dirty).is_(True))).all()
        assert dirty == [people["Ana"].id]
        assert [(one.action, one.noun) for one in changes(db)] == [("announcement.confirmed", "todo")]

    database.now(work)


def test_names_and_departments_agree_with_the_count(database: Database) -> None:
    def work(db: Session) -> None:
        _made, live, people = sent(db)
        live.take_confirmation(db, people["Bo"].id, AT)
        assert [one.name for one in names(db, live.id, "en", read=True)] == ["Bo"]
        assert [one.name for one in names(db, live.id, "en", read=False)] == ["Ana", "Cara", "Helen"]
        assert [one.name for one in names(db, live.id, "en", read=False, start=1, most=1)] == ["Cara"]
        found = {place.code: count for place, count in confirmed_by_place(db, live.id)}
        assert found == {"sales": Confirmed(2, 1), "risk": Confirmed(1, 0)}
        people["Cara"].left_at = AT
        db.flush()
        assert confirmed(db, live.id) == Confirmed(3, 1)
        among = col(Person.department_id) == people["Ana"].department_id
        assert confirmed(db, live.id, among) == Confirmed(2, 1)

    database.now(work)


def test_a_new_version_replaces_the_old_one_and_asks_everybody_again(database: Database) -> None:
    def work(db: Session) -> None:
        made, old, people = sent(db)
        old.take_confirmation(db, people["Ana"].id, AT)
        delivered(db)
        made.write(db, made.version, AT, "en", Wording("Cycle", "It begins on Tuesday. Ask HR."))
        assert made.differs(db)
        new = made.send(db, made.owner_id, made.version, AT + HOUR)
        fan_out(db, AT + HOUR)
        assert (new.edition, new.before_id, old.replaced_at) == (2, old.id, AT + HOUR)
        assert confirmed(db, new.id) == Confirmed(4, 0)
        assert waiting_todos(db, old.id) == []
        with pytest.raises(Refused, match="newer"):
            old.take_confirmation(db, people["Bo"].id, AT)
        assert confirmed(db, old.id).read == 1, "who confirmed the old one stays known"

    database.now(work)


def test_what_was_not_sent_of_an_old_version_never_is(database: Database) -> None:
    def work(db: Session) -> None:
        made, old, _people = sent(db)
        made.write(db, made.version, AT, "en", Wording("Cycle", "Otherwise."))
        made.send(db, made.owner_id, made.version, AT)
        assert set(states(db, old)) == {SKIPPED}

    database.now(work)


def test_a_fan_out_that_is_not_done_stops_with_its_version(database: Database) -> None:
    def work(db: Session) -> None:
        people = company(db)
        made = begin_bulletin(db, people["Helen"].id, AT, WORDS)
        old = made.send(db, made.owner_id, 1, AT)
        made.write(db, made.version, AT, "en", Wording("Cycle", "Otherwise."))
        made.send(db, made.owner_id, made.version, AT)
        fan_out(db, AT)
        assert states(db, old) == []
        assert [one.queued for one in db.exec(select(Fanout).order_by(col(Fanout.id)))] == [0, 4]

    database.now(work)


def test_a_small_correction_asks_nobody_again(database: Database) -> None:
    def work(db: Session) -> None:
        made, live, people = sent(db)
        live.take_confirmation(db, people["Ana"].id, AT)
        with pytest.raises(Refused, match="Nothing has changed"):
            made.correct(db, made.version, AT)
        made.write(db, made.version, AT, "en", Wording("Cycle", "It begins on Monday! Ask HR."))
        made.correct(db, made.version, LATER)
        assert (live.edition, live.corrected_at, made.differs(db)) == (1, LATER, False)
        assert worded(live.texts, "en").text == "It begins on Monday! Ask HR."
        assert confirmed(db, live.id) == Confirmed(4, 1)
        assert "announcement.corrected" in [one.action for one in changes(db)]

    database.now(work)


def test_a_change_can_be_dropped_and_asking_ended(database: Database) -> None:
    def work(db: Session) -> None:
        made, live, people = sent(db)
        made.write(db, made.version, AT, "ja", Wording("周期", "月曜"))
        made.drop_change(db, made.version, AT)
        assert (made.texts, made.differs(db)) == (live.texts, False)
        made.end(db, made.version, AT)
        assert waiting_todos(db, live.id) == []
        with pytest.raises(Refused, match="does not ask"):
            live.take_confirmation(db, people["Bo"].id, AT)
        still = select(Todo.id).where(col(Todo.done_at).is_(None))
        assert (len(db.exec(still).all()), run(db, live.due_at or AT)) == (4, 0), "nobody is reminded meanwhile"
        assert [announcement.step(db, AT, most=3) for _ in range(3)] == [3, 1, 0]
        assert db.exec(still).all() == []
        assert confirmed(db, live.id) == Confirmed(4, 0), "who was asked and did not confirm is still known"
        with pytest.raises(Refused, match="does not ask"):
            live.take_confirmation(db, people["Ana"].id, AT)
        with pytest.raises(Refused, match="over"):
            made.write(db, made.version, AT, "en", Wording("x", "y"))

    database.now(work)


def test_scheduled_called_back_and_due(database: Database) -> None:
    def work(db: Session) -> None:
        made = begin_bulletin(db, company(db)["Helen"].id, AT, WORDS)
        with pytest.raises(Refused, match="over"):
            made.schedule(db, 1, AT, AT)
        made.schedule(db, 1, AT, LATER)
        assert due(db, LATER - HOUR) == []
        assert due(db, LATER) == [made]
        with pytest.raises(Stale):
            made.call_back(db, 1, AT)
        made.call_back(db, 2, AT)
        assert (made.state, made.send_at, due(db, LATER)) == ("draft", None, [])
        made.discard(db, 3, AT)
        assert bulletins(db, 5) == []
        with pytest.raises(Refused):
            made.send(db, made.owner_id, made.version, AT)

    database.now(work)


def test_nothing_goes_to_nobody_or_too_late(database: Database) -> None:
    def work(db: Session) -> None:
        people = company(db)
        made = begin_bulletin(db, people["Helen"].id, AT, WORDS, due_at=AT + HOUR)
        with pytest.raises(Refused, match="later day"):
            made.schedule(db, 1, AT, LATER)
        with pytest.raises(Refused, match="Nobody fits"):
            made.address(db, 1, AT, Audience(people=(people["Leo"].id,)))
        made.address(db, 1, AT, Audience(people=(people["Bo"].id, people["Leo"].id)))
        people["Bo"].left_at = AT
        db.flush()
        with pytest.raises(Refused, match="Nobody would get this"):
            made.send(db, made.owner_id, made.version, AT)

    database.now(work)


def test_a_kick_off_announces_its_cycle_and_never_a_discarded_one(database: Database) -> None:
    def work(db: Session) -> None:
        people = company(db)
        common = {"kind": "year", "starts_on": AT.date(), "ends_on": AT.date(), "owner_id": people["Helen"].id}
        cycles = [Cycle(name=name, chain=["manager"], languages=["en"], **common) for name in ("one", "two")]  # type: ignore[arg-type]
        db.add_all(cycles)
        db.flush()
        made = begin_bulletin(db, people["Helen"].id, AT, WORDS, cycle_id=cycles[0].id)
        with pytest.raises(Refused, match="not complete"):
            made.send(db, made.owner_id, 1, AT)
        cycles[0].audience = Audience(everybody=True).kept()
        for number, name in enumerate(("setting", "scoring", "published"), 1):
            db.add(Stage(cycle_id=cycles[0].id, name=name, closes_at=AT + number * LATER_BY))
        made.send(db, made.owner_id, 1, AT)
        fan_out(db, AT)
        assert (cycles[0].state, cycles[0].published_at) == ("announced", AT)
        assert set(db.exec(select(Todo.cycle_id).where(Todo.kind == CONFIRM))) == {cycles[0].id}
        other = begin_bulletin(db, people["Helen"].id, AT, WORDS, cycle_id=cycles[1].id)
        cycles[1].cancel(db, cycles[1].version)
        with pytest.raises(Refused, match="discarded"):
            other.send(db, other.owner_id, 1, AT)

    database.now(work)


def test_figures_are_outdated_at_most_every_few_seconds(database: Database) -> None:
    def work(db: Session) -> None:
        made, _live, _people = sent(db)
        seconds = [AT + timedelta(seconds=n) for n in (0, 1, 4, 6, 7, 12)]
        assert [touch(db, made.id, at) for at in seconds] == [True, False, False, True, False, True]
        assert [one.id for one in asking(db, 5)] == [made.id]

    database.now(work)
