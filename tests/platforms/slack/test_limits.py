"""How often Slack is asked: one refusal stops a method for all, bursts wait for their turn, and nothing is lost."""

import asyncio
import heapq
import importlib.util
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.capability import Answer, Later
from bot.db import Database
from bot.events import Changed, Who
from bot.platforms.slack import Slack
from bot.platforms.slack.api import Api
from bot.platforms.slack.manifest import EVENTS, SCOPES
from bot.platforms.slack.profiles import Accounts, Changes
from bot.platforms.slack.tiers import MINUTE, SHARED, TIERS, WAITED, Turns
from bot.platforms.slack.wire import Wire
from bot.tasks import Tasks
from models.delivery import SENT
from tests.bot.test_outbox import crowd, sending, states, until
from tests.fakes import slack_scopes
from tests.fakes.slack import SECRET, TOKEN, FakeSlack, Fault
from tests.fakes.slack_payloads import happened
from tests.fakes.slack_store import TEAM
from tests.platforms.slack.stage import ANA, Application, Stage

PEOPLE = 1000
CALL = re.compile(r'["}]((?:apps|auth|bots|chat|conversations|files|oauth|team|users|views)(?:\.\w+)+)"')
SOURCES = Path(str(importlib.util.find_spec("bot.platforms.slack").origin)).parent  # type: ignore[union-attr]


class Time:
    """Seconds that pass at once for all who sleep, in the order in which they wake."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._asleep: list[tuple[float, int, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Nobody waits for it."""
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._asleep, (self.now + seconds, len(self._asleep), waking))
        if len(self._asleep) == 1:
            asyncio.get_running_loop().call_soon(self._pass)
        await waking

    def _pass(self) -> None:
        """Until the next one wakes; whoever wakes has time to look before the next."""
        self.now, _, waking = heapq.heappop(self._asleep)
        waking.set_result(None)
        loop = asyncio.get_running_loop()
        if self._asleep:
            loop.call_soon(lambda: loop.call_soon(lambda: loop.call_soon(self._pass)))


@asynccontextmanager
async def called(time: Time) -> AsyncIterator[tuple[FakeSlack, Api]]:
    """The API with a time of its own."""
    fake = FakeSlack(time)
    await fake.start()
    wire = Wire(fake.api_url)
    wire.open()
    try:
        yield fake, Api(TOKEN, wire, Turns(time, time.sleep))
    finally:
        await wire.close()
        await fake.stop()


async def test_one_refusal_stops_a_method_for_all_and_no_other_one() -> None:
    time = Time()
    async with called(time) as (fake, api):
        fake.store.add_user("U0001", name="Ana", email="ana@acme.test")
        fake.fail("files.info", Fault(429, retry_after=30))
        for _ in range(3):
            with pytest.raises(Later) as later:
                await api.read("files.info", file="F1")
            assert (later.value.seconds, later.value.everywhere) == (30, False)
        assert len(fake.called("files.info")) == 1, "the other two never left"
        await api.write("chat.postMessage", channel="U0001", text="x")
        fake.fail("chat.postMessage", Fault(error="ratelimited"))
        for _ in range(2):
            with pytest.raises(Later) as later:
                await api.write("chat.postMessage", channel="U0001", text="x")
            assert later.value.everywhere
        time.now += 30
        await api.write("chat.postMessage", channel="U0001", text="x")
        assert len(fake.called("chat.postMessage")) == 3


async def test_what_nobody_would_ask_again_waits_itself() -> None:
    time = Time()
    async with called(time) as (fake, api):
        fake.store.add_user("U0001", name="Ana", email="ana@acme.test")
        fake.fail("users.info", Fault(429, retry_after=40), Fault(429, retry_after=5))
        assert (await api.read("users.info", user="U0001"))["user"]["id"] == "U0001"
        assert (time.now, len(fake.called("users.info"))) == (1045, 3)
        fake.fail("chat.postEphemeral", Fault(429, retry_after=61))
        with pytest.raises(Later, match="wait 61 s"):
            await api.write("chat.postEphemeral", channel="D0001", user="U0001", text="x")
        fake.fail("hook", Fault(429))
        await api.respond(f"{fake.base}/hooks/{fake.store.answer_url('U0001', 'D0001')}", {"text": "x"})
        assert len(fake.called("hook")) == 2


async def test_a_thousand_first_visits_at_once_go_at_the_pace_of_the_tier_and_none_is_lost() -> None:
    time, at = Time(), list[float]()
    turns = Turns(time, time.sleep)

    async def visits() -> None:
        await turns("users.info")
        at.append(time.now - 1000)

    await asyncio.gather(*(visits() for _ in range(1000)))
    assert (len(at), at) == (1000, sorted(at))
    assert [at.count(minute * MINUTE) for minute in range(10)] == [TIERS["users.info"]] * 10
    turns.close("users.info", WAITED["users.info"] + 1)
    with pytest.raises(Later):
        await turns("users.info")


async def test_an_account_that_is_being_asked_for_is_asked_for_once(http: Stage) -> None:
    """The repeats of an event whose person still waits cost nothing; who does not exist is nobody, once."""
    found = await asyncio.gather(*(http.platform.profile(who) for who in (ANA, ANA, replace(ANA, user="U404"), ANA)))
    assert [one and one.name for one in found] == ["Ana Lima", "Ana Lima", None, "Ana Lima"]
    assert [given["user"] for given in http.driver.fake.called("users.info")] == ["U0001", "U404"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_reminders_to_accounts_that_never_wrote_are_one_call_each(database: Database, tmp_path: Path) -> None:
    crowd(database, PEOPLE)
    fake = FakeSlack()
    await fake.start()
    for number in range(PEOPLE):
        fake.store.add_user(f"p{number}", name="Ana", email=f"p{number}@acme.test")
    slack = Slack(SECRET, TOKEN, api_url=fake.api_url)
    await slack.start(Application())
    fake.fail("chat.postMessage", Fault(429, retry_after=1))
    async with sending(database, tmp_path, slack):  # type: ignore[arg-type]
        await until(lambda: states(database).get(SENT) == PEOPLE)
    await slack.stop()
    await fake.stop()
    calls = Counter(method for method, _given in fake.calls)
    assert calls.keys() == {"auth.test", "chat.postMessage", "bots.info"}
    reached = Counter(given["channel"] for method, given in fake.calls if method == "chat.postMessage")
    assert len(reached) == PEOPLE
    assert calls["chat.postMessage"] == PEOPLE + 1
    assert len(fake.store.posts) == PEOPLE


async def test_the_flood_of_status_changes_costs_nothing(http: Stage) -> None:
    """What is new is told once; a bot is nobody; an account that is closed no more has not left."""
    store, ask = http.driver.fake.store, http.driver.deliver
    for number in range(20):
        user = store.users["U0001"] | {"profile": {"status_text": f"in meeting {number}"}}
        assert (await ask("events_api", happened({"type": "user_change", "user": user})))[0] == 200
    await ask("events_api", happened({"type": "user_change", "user": user | {"tz": "Asia/Tokyo"}}))
    await ask("events_api", happened({"type": "user_change", "user": user | {"id": "U7", "is_bot": True}}))
    await ask("events_api", happened({"type": "user_change", "user": user | {"deleted": True}}))
    assert [(one.who, one.locale, one.zone, one.left) for one in http.app.changes] == [
        (ANA, "en-US", "Europe/Berlin", False),
        (ANA, "en-US", "Asia/Tokyo", False),
    ]
    assert len(http.driver.fake.called("users.info")) == 1, "whether it is closed, and nothing else"
    silent = {name: value for name, value in store.users["U0002"].items() if name != "locale"}
    await ask("events_api", happened({"type": "user_change", "user": silent}))
    assert (http.app.changes[-1].locale, len(http.driver.fake.called("users.info"))) == ("en-US", 2)


async def test_a_change_that_could_not_be_kept_is_asked_for_again(http: Stage) -> None:
    changes = Changes(Accounts(Api(TOKEN, Wire(http.driver.fake.api_url)), Tasks("slack")))
    event = Changed("Ev1", Who("slack", TEAM, "U0001"), locale="ja-JP", zone="Asia/Tokyo")
    kept = [True, False]

    async def to(_: object) -> Answer:
        return Answer(unkept=kept.pop(0))

    assert [await changes.told(event, to) for _ in range(3)] == [503, 200, 200]
    assert kept == []


def test_tiers_and_scopes_cover_the_methods_that_are_called_and_no_other() -> None:
    """The manifest asks for what these methods and events need, and for nothing else."""
    texts = [path.read_text() for path in SOURCES.glob("*.py") if path.stem != "tiers"]
    used = {name for said in texts for name in CALL.findall(said)}
    assert used == TIERS.keys()
    assert {*WAITED, *SHARED} <= TIERS.keys()
    needed = {slack_scopes.NEEDED[method] for method in used & slack_scopes.NEEDED.keys()} | {slack_scopes.ADDRESS}
    needed |= {scope for event in EVENTS if (scope := slack_scopes.EVENTS[event])} | set(slack_scopes.OTHER.values())
    assert sorted(needed) == SCOPES
