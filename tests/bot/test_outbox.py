"""The outbox at work, by the real clock: limits kept and used, failures, doubts, broadcasts behind answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.capability import Capabilities, Gone, Inbound, Later, Message, Profile, Rate, Rates, Ref
from bot.charts import Charts
from bot.db import Database
from bot.drawing import Easel
from bot.events import Who
from bot.outbox import Outbox
from bot.router import Router
from bot.timing import SharedClock
from bot.vault import Vault
from handlers import ROUTERS
from models.audience import Audience
from models.delivery import ANSWER, DEAD, SENT, Delivery, enqueue
from models.department import Department
from models.fanout import begin
from models.identity import Identity
from models.person import Person
from tests.models.rows import account, person


class Receiver:
    """A platform in memory that notes when what came, and fails as it is told."""

    name = "slack"
    can = Capabilities()

    def __init__(self, rates: Rates, fails: Callable[[int], Exception | None] | None = None, pace: float = 0.0) -> None:
        self.rates, self._fails, self._pace = rates, fails, pace
        self.came: list[tuple[float, str, Message]] = []

    def routes(self) -> Sequence[object]:
        """None."""
        return ()

    async def start(self, inbound: Inbound) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    def ready(self) -> bool:
        """Always."""
        return True

    async def deliver(self, to: Who, message: Message, channel: str = "") -> Ref:
        """Notes it."""
        self.came.append((time.monotonic(), to.user, message))
        number = len(self.came)
        await asyncio.sleep(self._pace)
        no = self._fails(number) if self._fails else None
        if no is not None:
            raise no
        return Ref(f"D{to.user}", str(number))

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Never asked here."""
        raise AssertionError

    async def profile(self, who: Who) -> Profile | None:
        """Nobody is asked for."""
        return None

    def users(self) -> list[str]:
        """Who got something, in this order."""
        return [user for _at, user, _message in self.came]


def instant() -> datetime:
    """The real time."""
    return datetime.now(UTC)


@asynccontextmanager
async def sending(database: Database, folder: Path, *platforms: Receiver) -> AsyncIterator[list[Outbox]]:
    """One replica for each of these."""
    easel = Easel(Router.merged(ROUTERS), Vault([bytes(range(32))]))
    boxes = [Outbox(database, easel, {one.name: one}, Charts(folder), instant) for one in platforms]  # type: ignore[dict-item]
    for box in boxes:
        box.start()
    try:
        yield boxes
    finally:
        await asyncio.gather(*(box.stop() for box in boxes))


def crowd(database: Database, count: int) -> None:
    """So many people with an account, and one broadcast to all of them."""

    def work(db: Session) -> None:
        for number in range(count):
            account(db, person(db, f"P{number}"))
        place = Department(code="1", names={"en": "Sales"})
        db.add(place)
        db.flush()
        begin(db, "line", place, Audience(everybody=True), instant(), facts={"text": "Hello"})

    database.now(work)


async def until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    """Returns when it is done; fails if it takes too long."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def states(database: Database) -> dict[str, int]:
    """How many messages are in which state."""
    counted = sa.select(col(Delivery.state), sa.func.count()).group_by(col(Delivery.state))
    rows = database.now(lambda db: db.connection().execute(counted).all())
    return {row[0]: row[1] for row in rows}


async def test_a_broadcast_keeps_the_limit_and_an_answer_does_not_wait(database: Database, tmp_path: Path) -> None:
    """Two replicas, one limit; in the middle somebody waits for an answer."""
    crowd(database, 120)
    rates = Rates(send=(Rate(40, 0.5, 4),), gap=0.01)
    one, two = Receiver(rates), Receiver(rates)
    async with sending(database, tmp_path, one, two):
        await until(lambda: len(one.came) + len(two.came) >= 30)
        asked = time.monotonic()

        def answer(db: Session) -> None:
            last = db.exec(select(Identity).order_by(col(Identity.id).desc())).first()
            assert last is not None
            about = {"view": "line", "subject_noun": "", "subject_id": 0, "facts": {"text": "Yes"}}
            enqueue(db, [{**about, "person_id": last.person_id, "identity_id": last.id, "priority": ANSWER}], instant())

        database.now(answer)
        await until(lambda: len(one.came) + len(two.came) == 121)
    came = sorted([*one.came, *two.came], key=lambda each: each[0])
    texts = [(at, message.card.summary) for at, _user, message in came]
    kinds = {(message.card.summary, message.patient, message.still) for _at, _user, message in came}
    assert kinds == {("Hello", True, False), ("Yes", False, True)}
    (answered,) = [at for at, said in texts if said == "Yes"]
    assert answered - asked < 2.0
    assert answered < came[-20][0], "long before the broadcast is over"
    assert len({message.key for _at, _user, message in came}) == 121, "nothing twice, nothing lost"
    times = [at for at, *_rest in came]
    late = 0.1  # two replicas may be held up differently
    assert all(times[at + 48] - times[at] > 0.5 - late for at in range(len(times) - 48))
    assert times[-1] - times[0] < 121 / 72 * 1.4 + 0.5


async def test_what_a_platform_asks_for_holds_for_every_replica(database: Database, tmp_path: Path) -> None:
    crowd(database, 30)
    one = Receiver(Rates(), lambda number: Later(1, everywhere=True) if number == 1 else None)
    two = Receiver(Rates())
    async with sending(database, tmp_path, one):
        await until(lambda: len(one.came) >= 1)
        await asyncio.sleep(0.2)
        before = len(one.came)
        async with sending(database, tmp_path, two):
            await asyncio.sleep(0.4)
            assert (len(one.came), len(two.came)) == (before, 0)
            await until(lambda: states(database) == {SENT: 30})


async def test_a_platform_that_is_down_is_left_alone_and_nothing_is_lost(database: Database, tmp_path: Path) -> None:
    crowd(database, 250)
    down = True
    box = Receiver(Rates(), lambda _number: OSError("down") if down else None)
    async with sending(database, tmp_path, box):
        await until(lambda: len(box.came) >= 8)
        await asyncio.sleep(0.5)
        assert len(box.came) < 250, "most messages were not even tried"
        down = False
        await until(lambda: states(database) == {SENT: 250})
    again = {message.key: message.doubtful for _at, _user, message in box.came}
    assert any(again.values()), "what broke off may have got through"


async def test_what_can_never_be_sent_is_kept_with_its_reason(database: Database, tmp_path: Path) -> None:
    crowd(database, 3)
    box = Receiver(Rates(), lambda number: Gone("account closed") if number == 2 else None)
    async with sending(database, tmp_path, box):
        await until(lambda: states(database) == {SENT: 2, DEAD: 1})
    (row,) = database.now(lambda db: db.exec(select(Delivery).where(Delivery.state == DEAD)).all())
    assert (row.error, row.due) == ("account closed", False)


async def test_what_a_dead_process_was_sending_is_looked_for(database: Database, tmp_path: Path) -> None:
    crowd(database, 2)
    slow, heir = Receiver(Rates(), pace=30), Receiver(Rates())
    easel = Easel(Router.merged(ROUTERS), Vault([bytes(range(32))]))
    dying = Outbox(database, easel, {"slack": slow}, Charts(tmp_path), instant)  # type: ignore[dict-item]
    await dying.spread()
    assert await dying.work() == 2
    await until(lambda: len(slow.came) == 2)
    for task in list(dying._tasks):
        task.cancel()
    lapsed = lambda: instant() + timedelta(minutes=2)  # noqa: E731
    box = Outbox(database, easel, {"slack": heir}, Charts(tmp_path), lapsed)  # type: ignore[dict-item]
    await box.idle()
    assert [message.doubtful for _at, _user, message in heir.came] == [True, True]
    rows = database.now(lambda db: db.exec(select(Delivery)).all())
    assert {(row.state, row.error != "") for row in rows} == {(SENT, True)}


async def test_equal_readers_share_one_drawing(database: Database, tmp_path: Path) -> None:
    crowd(database, 5)
    database.now(lambda db: setattr(db.get_one(Person, 1), "locale", "ja"))
    box = Receiver(Rates())
    async with sending(database, tmp_path, box) as (outbox,):
        outbox._painter.easel.router.alike["line"] = lambda _db, _subject, people: {one: one > 2 for one in people}
        await until(lambda: states(database) == {SENT: 5})
    cards = {id(message.card) for _at, _user, message in box.came}
    assert len(cards) == 3, "one reads Japanese, one sees something else, three the same"
    assert {message.locale for _at, _user, message in box.came} == {"en", "ja"}


async def test_who_chose_no_language_gets_all_where_a_message_holds_several(database: Database, tmp_path: Path) -> None:
    def work(db: Session) -> None:
        for name, locale in (("Ana", ""), ("Kei", "ja")):
            one = person(db, name)
            one.locale = locale
            mine, now = account(db, one), instant()
            told = Delivery(person_id=one.id, view="home.card", subject_id=one.id, created_at=now, not_before=now)
            told.identity_id, told.platform = mine.id, "slack"
            db.add(told)

    database.now(work)
    box = Receiver(Rates())
    box.can = Capabilities(languages=True)
    async with sending(database, tmp_path, box):
        await until(lambda: states(database) == {SENT: 2})
    told = {user: message for _at, user, message in box.came}
    assert (told["kei"].locale, told["kei"].others) == ("ja", {}), "chosen is chosen"
    assert (told["ana"].locale, set(told["ana"].others)) == ("en", {"zh_Hans", "zh_Hant", "ja"})
    assert told["ana"].others["ja"].actions[-1] == told["kei"].card.actions[-1] != told["ana"].card.actions[-1]


@pytest.mark.postgres
async def test_replicas_go_by_the_database_servers_clock(migrated_database: str) -> None:
    database = Database(migrated_database)
    clock = SharedClock(database)
    before = database.now(lambda db: db.connection().execute(sa.text("SELECT clock_timestamp()")).scalar_one())
    clock.ask()
    assert timedelta(0) <= clock() - before < timedelta(seconds=5)
    clock.start()
    await asyncio.sleep(0.05)
    await clock.stop()
    database.close()
