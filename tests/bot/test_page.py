"""An account's own page: one copy that is turned, follows what happens, and is drawn by whoever leases it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.capability import PAGE, Capabilities, Gone, Later, Message, Profile, Rates, Ref
from bot.charts import Charts
from bot.db import Database
from bot.dispatch import Dispatch
from bot.drawing import Easel
from bot.events import Click, Command, Opened, Where, Who
from bot.outbox import Outbox
from bot.router import Router
from bot.vault import Vault
from handlers import ROUTERS
from models import budget, page, upkeep
from models.base import changes, put, record
from models.cycle import Cycle
from models.delivery import LOOKED_AT, PAGED, Delivery, enqueue, mark_copies, newest
from models.departure import leave
from models.identity import NEVER, Identity
from models.person import Person
from models.plan import Plan
from tests.bot.test_outbox import Receiver
from tests.conftest import Clock
from tests.models.rows import AT, account, person

ANA, TAB = Who("slack", "", "ana"), Where(inline=True)


class Tab(Receiver):
    """A platform whose accounts have a page: `pages` are what was drawn there, in this order."""

    can = Capabilities(page=True)

    def __init__(self, fails: Callable[[int], Exception | None] | None = None) -> None:
        super().__init__(Rates())
        self.wrong, self.pages = fails, list[tuple[str, str]]()
        self.profiled = Profile("Ana", "ana@acme.test", vouched=True, locale="ja-JP")

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Notes the title of the page, unless it fails."""
        assert ref == Ref("", PAGE)
        await asyncio.sleep(0)
        self.pages.append((to.user, message.card.title))
        no = self.wrong(len(self.pages)) if self.wrong else None
        if no is not None:
            raise no

    async def profile(self, who: Who) -> Profile | None:
        """The same of everybody."""
        return self.profiled


class Replica:
    """One process of the bot."""

    def __init__(self, database: Database, clock: Clock, folder: Path, tab: Tab) -> None:
        easel = Easel(Router.merged(ROUTERS), Vault([bytes(range(32))]))
        platforms: dict[str, Any] = {"slack": tab}
        self.tab, self.outbox = tab, Outbox(database, easel, platforms, Charts(folder), clock)
        self.dispatch = Dispatch(database, easel.router, easel, self.outbox, platforms, clock)


@pytest.fixture
async def replica(database: Database, clock: Clock, tmp_path: Path) -> AsyncIterator[Replica]:
    """One process; Ana, whose manager is Eva, has a draft of a plan, and Bo has no account yet."""
    database.now(lambda db: _company(db, clock))
    made = Replica(database, clock, tmp_path, Tab())
    yield made
    await made.outbox.stop()


def _company(db: Session, clock: Clock) -> None:
    eva, ana, bo = person(db, "Eva"), person(db, "Ana"), person(db, "Bo", "ana@acme.test")
    ana.manager_id = eva.id
    for one in (eva, ana):
        account(db, one).seen_at = clock.now
    days: dict[str, Any] = {"starts_on": AT.date(), "ends_on": AT.date() + timedelta(days=90)}
    cycle = Cycle(kind="quarter", name="Q1", chain=["manager"], languages=["en"], owner_id=bo.id, **days)
    cycle.state = "setting"
    put(db, cycle)
    put(db, Plan(cycle_id=cycle.id, person_id=ana.id, changed_at=AT))


async def opened(replica: Replica, key: str, user: str = "ana") -> None:
    """Somebody looks at their page."""
    await replica.dispatch(Opened(key, Who("slack", "", user), TAB, "home"))
    await replica.outbox.idle()


def row(database: Database, user: str = "ana") -> Delivery:
    """Somebody's page."""
    mine = select(Delivery).join(Identity, col(Identity.id) == col(Delivery.identity_id)).where(Identity.user == user)
    return database.now(lambda db: db.exec(mine.where(Delivery.state == PAGED)).one())


def moved(database: Database) -> None:
    """Ana's plan is handed in or taken back, as a handler would do it."""

    def work(db: Session) -> None:
        mine = db.exec(select(Plan)).one()
        mine.advance(db, state="submitted" if mine.state == "draft" else "draft")
        record(db, "plan.submitted", mine)
        mark_copies(db, changes(db))

    database.now(work)


async def test_it_is_turned_and_stays_one_copy(replica: Replica, database: Database, clock: Clock) -> None:
    await opened(replica, "1")
    await replica.dispatch(Click("2", ANA, TAB, "help.show"))
    await replica.outbox.idle()
    assert replica.tab.pages == [("ana", "Hello Ana"), ("ana", "Help")]
    assert (row(database).view, row(database).not_after) == ("help.card", clock.now + LOOKED_AT)
    assert database.now(lambda db: newest(db, "slack", "", "ana", 9)) == [], "it is no message"
    assert replica.tab.came == []


async def test_it_follows_what_happens_to_the_person_and_to_their_people(
    replica: Replica, database: Database, clock: Clock
) -> None:
    for user in ("ana", "eva", "ana"):
        await opened(replica, f"{user}{len(replica.tab.pages)}", user)
    moved(database)
    await replica.outbox.idle()
    assert replica.tab.pages[3:] == [("ana", "Hello Ana"), ("eva", "Hello Eva")]
    await replica.dispatch(Click("2", ANA, TAB, "help.show"))
    await replica.outbox.idle()
    database.now(page.outdate)
    assert [database.now(lambda db: page.step(db, clock.now, 1)) for _ in range(3)] == [1, 1, 0]
    assert not database.now(lambda db: page.waits(db, clock.now))
    await replica.outbox.idle()
    assert replica.tab.pages[5:] == [("ana", "Help")], "nothing looks different on the other"


async def test_nobody_looks_for_a_month_and_it_is_left_alone(
    replica: Replica, database: Database, clock: Clock
) -> None:
    await opened(replica, "1")
    clock.now += LOOKED_AT
    moved(database)
    await replica.outbox.idle()
    assert (len(replica.tab.pages), row(database).due) == (1, True)
    assert database.now(lambda db: upkeep.expire(db, clock.now)) == 1
    assert (row(database).due, row(database).state) == (False, PAGED)
    await opened(replica, "2")
    assert len(replica.tab.pages) == 2


async def test_a_broadcast_and_another_copy_leave_it_as_it_is(replica: Replica, database: Database) -> None:
    await opened(replica, "1")
    mine = row(database)
    same = ("person_id", "identity_id", "view", "subject_noun", "subject_id", "facts")
    database.now(lambda db: enqueue(db, [{name: getattr(mine, name) for name in same}], AT))
    await replica.dispatch(Command("2", ANA, Where("Dana"), ""))
    await replica.outbox.idle()
    assert (row(database).view, len(replica.tab.came)) == ("home.card", 2)
    assert len(replica.tab.pages) == 1


async def test_a_press_that_is_refused_draws_it_anew(replica: Replica, database: Database) -> None:
    await opened(replica, "1")
    answer = await replica.dispatch(Click("2", ANA, TAB, "todo.choose", value="99"))
    await replica.outbox.idle()
    assert (bool(answer.toast), len(replica.tab.pages)) == (True, 2)


async def test_two_replicas_draw_what_is_newest_last(
    replica: Replica, database: Database, clock: Clock, tmp_path: Path
) -> None:
    """Both turn the page at the same moment, for the first time, and nothing older covers what is newest."""
    other = Replica(database, clock, tmp_path, replica.tab)
    presses = [Click(str(at), ANA, TAB, "help.show" if at % 2 else "home.show") for at in range(8)]
    await asyncio.gather(*((other if at % 3 else replica).dispatch(one) for at, one in enumerate(presses)))
    for one in (replica, other, replica):
        await one.outbox.idle()
    shown = {"home.card": "Hello Ana", "help.card": "Help"}[row(database).view]
    assert replica.tab.pages[-1] == ("ana", shown)
    assert (row(database).due, row(database).lease) == (False, "")
    await other.outbox.stop()


async def test_a_platform_that_limits_pages_goes_on_with_messages(
    replica: Replica, database: Database, clock: Clock
) -> None:
    replica.tab.wrong = lambda number: Later(30, everywhere=True) if number == 1 else None
    await opened(replica, "1")
    await replica.dispatch(Command("2", ANA, Where("Dana"), ""))
    await opened(replica, "3", "eva")
    assert ([user for user, _title in replica.tab.pages], len(replica.tab.came)) == (["ana"], 1)
    paused = sa.select(col(budget.Budget.method)).where(col(budget.Budget.paused) > 0)
    assert database.now(lambda db: db.connection().execute(paused).scalars().all()) == [budget.PAGE]
    clock.now += timedelta(seconds=31)
    await replica.outbox.idle()
    assert sorted(user for user, _title in replica.tab.pages[1:]) == ["ana", "eva"]


async def test_what_cannot_be_drawn_is_not_tried_for_ever(replica: Replica, database: Database, clock: Clock) -> None:
    replica.tab.wrong = lambda number: Gone("no access: not_enabled") if number == 1 else None
    await opened(replica, "1")
    assert (row(database).state, row(database).error, row(database).due) == (PAGED, "no access: not_enabled", False)
    moved(database)
    await replica.outbox.idle()
    assert len(replica.tab.pages) == 1
    await opened(replica, "2")
    assert (len(replica.tab.pages), row(database).error) == (2, "")


async def test_who_leaves_sees_nothing_there_any_more(replica: Replica, database: Database, clock: Clock) -> None:
    await opened(replica, "1")
    database.now(lambda db: leave(db, db.exec(select(Person).where(Person.name == "Ana")).one(), clock.now))
    await replica.outbox.idle()
    assert replica.tab.pages[1:] == [("ana", "Pandian")]
    answer = await replica.dispatch(Opened("2", ANA, TAB, "home"))
    assert answer.card is not None
    assert "not active" in answer.card.card.summary


async def test_the_first_contact_is_made_once_however_many_look_at_once(
    replica: Replica, database: Database, clock: Clock
) -> None:
    bo = Who("slack", "", "bo")
    await asyncio.gather(*(replica.dispatch(Opened(str(at), bo, TAB, "home")) for at in range(3)))
    await replica.outbox.idle()
    assert [(user, message.locale) for _at, user, message in replica.tab.came] == [("bo", "ja")]
    assert replica.tab.pages[-1][0] == "bo"


async def test_who_was_linked_before_is_greeted_at_the_first_look_and_not_in_a_conversation(
    replica: Replica, database: Database
) -> None:
    database.now(lambda db: db.connection().execute(sa.update(Identity).values(seen_at=NEVER)))
    await asyncio.gather(*(replica.dispatch(Opened(str(at), ANA, TAB, "home")) for at in range(3)))
    await replica.dispatch(Command("9", Who("slack", "", "eva"), Where("Deva"), ""))
    await opened(replica, "10", "eva")
    assert [(user, message.card.title) for _at, user, message in replica.tab.came] == [
        ("ana", "Welcome"),
        ("eva", "Hello Eva"),
    ]


async def test_a_conversation_that_has_begun_says_nothing_when_it_is_looked_at(replica: Replica) -> None:
    for number in range(3):
        await replica.dispatch(Opened(str(number), ANA, Where("Dana"), "conversation"))
        await replica.outbox.idle()
    assert [message.card.title for _at, _user, message in replica.tab.came] == ["Hello Ana"]
    replica.tab.profiled = Profile("Nobody")
    for number in range(3):
        await replica.dispatch(Opened(f"x{number}", Who("slack", "", "nobody"), Where("Dnobody"), "conversation"))
    assert [user for _at, user, _message in replica.tab.came] == ["ana", "nobody"]
