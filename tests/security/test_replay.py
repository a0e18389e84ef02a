"""Replays, order and durability: whatever arrives, however often, has one effect, and 200 means that it is stored."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
from aiohttp.test_utils import unused_port
from sqlmodel import Session, select

from bot.db import Database
from bot.events import Tick
from bot.vault import Vault
from handlers.housekeeping import REMEMBERED
from models.audit import Audit
from models.checkin import Checkin
from models.delivery import Firing, Inbox
from models.identity import Identity
from models.person import Person
from models.plan import Plan
from tests.drivers.slack import SlackDriver
from tests.drivers.web import WebDriver
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack_screen import inputs
from tests.prepared import sqlite_at
from tests.security.stage import Door, count, filled, plan_of, play, sharing
from tests.world import KEY, START, World

READY = filled(("ana", "active"))
TIMES = 50
HELD = 2.4


async def _checkin_bytes(slack: World) -> tuple[bytes, dict[str, str]]:
    """The signed bytes of Ana's filled check-in form."""
    driver = slack.driver
    assert isinstance(driver, SlackDriver)
    await slack["ana"].says("/perf checkin")
    view = driver.fake.store.views["UANA"][-1]
    fields = inputs(view.body["blocks"])
    first = fields["Indicator"]["element"]["options"][0]
    given = {
        "Indicator": {"type": "static_select", "selected_option": first},
        "Note": {"type": "text", "value": "half"},
    }
    state = {fields[label]["block_id"]: {"a": value} for label, value in given.items()}
    body, kind = payloads.encoded(payloads.submission(driver.fake.store, view, state))
    return body, payloads.signed(body, time.time()) | {"Content-Type": kind}


async def test_T11_slack_request_again_has_one_effect(tmp_path: Path) -> None:
    async with play(tmp_path, "slack", fill=READY) as worlds:
        slack = worlds["slack"]
        driver = slack.driver
        assert isinstance(driver, SlackDriver)
        body, headers = await _checkin_bytes(slack)
        for _twice in range(2):
            assert (await driver.post(body, headers))[0] == 200
        assert await count(slack, Checkin) == 1
        answers = await asyncio.gather(*(driver.post(body, headers) for _ in range(TIMES)))
        assert {status for status, _ in answers} == {200}
        assert await count(slack, Checkin) == 1
    again = Database(f"sqlite:///{tmp_path / 'pandian.db'}")  # after a restart
    async with sharing({"slack": SlackDriver()}, again, lambda _db, _vault, _now: None) as worlds:
        restarted = worlds["slack"].driver
        assert isinstance(restarted, SlackDriver)
        assert (await restarted.post(body, headers))[0] == 200
        assert await count(worlds["slack"], Checkin) == 1
    again.close()


async def test_T11_fifty_first_deliveries_at_once_have_one_effect(tmp_path: Path) -> None:
    async with play(tmp_path, "web", fill=READY) as worlds:
        web = worlds["web"]
        door, plan = _door(web), await plan_of(web, "ana")
        lineage = await web.run(lambda db: plan.agreed_items(db)[0].lineage)
        before = await count(web, Audit)
        sent = {
            "user": web["ana"].user,
            "key": uuid4().hex,
            "action": "plan.checkin",
            "subject": plan.id,
            "version": plan.version,
            "answers": {"item": str(lineage), "note": "half"},
        }
        answers = await asyncio.gather(*(door.send("submit", **sent) for _ in range(TIMES)))
        assert {status for status, _ in answers} == {200}
        assert sum(bool(answer["toast"]) for _, answer in answers) == 1, "one of them was the first"
        assert await count(web, Checkin) == 1
        assert await count(web, Audit) == before + 1


async def test_T12_repeats_of_a_slow_event_have_one_effect(tmp_path: Path) -> None:
    """The database is held while Slack repeats its event; a press is acknowledged long before Slack gives up (3 s)."""
    async with play(tmp_path, "slack", fill=READY) as worlds:
        slack = worlds["slack"]
        driver, ana = slack.driver, slack["ana"]
        assert isinstance(driver, SlackDriver)
        await ana.says("perf")
        event = payloads.typed(driver.fake.store, ana.user, "perf library")
        body, kind = payloads.encoded(event)
        before = await count(slack, Inbox)
        held = asyncio.create_task(slack.bot.db.run(lambda _db: time.sleep(HELD)))
        await asyncio.sleep(0.05)
        posts = [asyncio.create_task(driver.post(body, _retry(body, kind, number))) for number in range(4)]
        began = time.monotonic()
        await driver.press(ana.user, ana.card("Hello Ana"), "Help")
        acked = time.monotonic() - began
        assert [status for status, _ in await asyncio.gather(*posts)] == [200] * 4
        await held
        await slack.settle()
        assert await count(slack, Inbox) == before + 2, "the event and the press, once each"
        assert sum("Library" in message.text for message in ana.messages) == 1
        assert acked < 3


def _retry(body: bytes, kind: str, number: int) -> dict[str, str]:
    repeated = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"} if number else {}
    return payloads.signed(body, time.time()) | {"Content-Type": kind} | repeated


async def test_T13_equal_ids_of_two_platforms_are_two_events(tmp_path: Path) -> None:
    async with play(tmp_path, "web", "slack", fill=READY) as worlds:
        web, slack = worlds["web"], worlds["slack"]
        driver = slack.driver
        assert isinstance(driver, SlackDriver)
        event = payloads.typed(driver.fake.store, slack["ana"].user, "perf library")
        key = str(event["event_id"])
        for _twice in range(2):
            await driver.deliver("events_api", event)
            await _door(web).send("say", user=web["bo"].user, text="perf help", mentions={}, key=key)
        await web.settle()
        kept = await web.run(lambda db: [row.platform for row in db.exec(select(Inbox).where(Inbox.key == key))])
        assert sorted(kept) == ["slack", "web"]
        assert "Help" in web["bo"].text
        assert "Library" in slack["ana"].text


async def test_T14_remembered_ids_are_bounded_and_outlive_every_repeat(tmp_path: Path) -> None:
    """One id each four minutes for ten days, tidied as scheduled: never more than the days that are remembered."""
    async with play(tmp_path, "web", fill=READY) as worlds:
        web, longest = worlds["web"], 0
        for hour in range(0, 240, 8):
            at = START + timedelta(hours=hour)
            rows = [Inbox(platform="web", key=f"k{hour}-{n}", at=at + timedelta(minutes=4 * n)) for n in range(120)]
            await web.run(lambda db, rows=rows: db.add_all(rows))  # type: ignore[misc]
            await web.bot.dispatch.tick(Tick("housekeeping", at + timedelta(hours=8)))
            longest = max(longest, await count(web, Inbox))
        assert longest <= (REMEMBERED / timedelta(minutes=4)) + 120
        assert await count(web, Firing) <= REMEMBERED / timedelta(hours=8) + 1
        oldest = await web.run(lambda db: min(row.at for row in db.exec(select(Inbox))))
        assert START + timedelta(hours=240) - oldest > timedelta(hours=8, minutes=5), "longer than any platform repeats"


async def test_T15_a_decision_that_overtakes_its_cause_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """Submitted (at version 1) and returned (at 2) arrive the other way round: the version decides."""
    async with play(tmp_path, "web", fill=filled(("ana", "draft"))) as worlds:
        web = worlds["web"]
        door, plan = _door(web), await plan_of(web, "ana")
        form = {"action": "plan.return", "subject": plan.id, "version": plan.version + 1, "answers": {"reason": "x"}}
        _, early = await door.send("submit", user=web["helen"].user, **form)
        assert list(early["errors"].values()) == ["This has changed since you opened it. Here is how it stands now."]
        await door.press(web["dana"].user, "plan.submit", plan.id, plan.version)
        assert (await plan_of(web, "ana")).state == "submitted"
        _, late = await door.press(web["dana"].user, "plan.add", plan.id, plan.version)
        assert late["toast"].startswith("Dana submitted this plan")
        _, now = await door.send("submit", user=web["helen"].user, **form)
        assert (await plan_of(web, "ana")).state == "draft"
        assert not now["errors"]


@dataclass
class Reporting:
    """Reports on one plan, each with its key as the note; `enough` is set once 25 were acknowledged."""

    plan_id: int
    version: int
    lineage: int
    acked: set[str] = field(default_factory=set)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def many(self, session: aiohttp.ClientSession, base: str) -> None:
        """Reports until the server is gone."""
        for _ in range(200):
            key = uuid4().hex
            try:
                status = await self.one(session, base, key)
            except (aiohttp.ClientError, OSError):
                return
            self.acked |= {key} if status == 200 else set()
            if len(self.acked) >= 25:
                self.enough.set()

    async def one(self, session: aiohttp.ClientSession, base: str, key: str) -> int:
        """Ana reports once; the status, 422 if the form was refused."""
        body = {"user": "105", "key": key, "action": "plan.checkin", "subject": self.plan_id, "version": self.version}
        data = json.dumps({**body, "answers": {"item": str(self.lineage), "note": key}})
        headers = {"Origin": base, "Content-Type": "application/json"}
        async with session.post(f"{base}/console/api/submit", data=data, headers=headers) as response:
            answer = await response.json()
            return 422 if answer.get("errors") else response.status


async def test_T16_every_200_is_in_the_database_after_kill_9(tmp_path: Path) -> None:
    """A real server process is killed while people report; afterwards every acknowledged report is there, once."""
    file, job = tmp_path / "pandian.db", _prepared(tmp_path)
    async with _server(file) as (base, process), aiohttp.ClientSession() as session:
        work = [asyncio.create_task(job.many(session, base)) for _ in range(6)]
        await asyncio.wait_for(job.enough.wait(), 30)
        process.kill()
        await asyncio.gather(*work, return_exceptions=True)
    kept = _reported(file)
    assert job.acked <= set(kept), f"{len(job.acked - set(kept))} of {len(job.acked)} acknowledged reports are lost"
    async with _server(file) as (base, process), aiohttp.ClientSession() as session:
        for key in sorted(kept)[:10]:
            assert await job.one(session, base, key) == 200
        process.kill()
    assert sorted(_reported(file)) == sorted(set(kept)), "a repeat after the restart changed nothing"


def _prepared(folder: Path) -> Reporting:
    database = sqlite_at(folder)

    def work(db: Session) -> Reporting:
        READY(db, Vault([KEY]), START)
        for person in db.exec(select(Person)):
            number, place = person.number, {"platform": "web", "tenant": "console"}
            db.add(Identity(**place, user=number, person_id=person.id, seen_at=START))  # type: ignore[arg-type]
        plan = db.exec(select(Plan).where(Plan.state == "active")).one()
        return Reporting(plan.id, plan.version, plan.agreed_items(db)[0].lineage)

    found = database.now(work)
    database.close()
    return found


@asynccontextmanager
async def _server(file: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    port = unused_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.security.served", str(file), str(port), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        for _try in range(600):
            if process.returncode is not None or await _listens(port):
                break
            await asyncio.sleep(0.1)
        assert process.returncode is None, "the server did not start"
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.wait_for(process.wait(), 10)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _reported(file: Path) -> list[str]:
    database = Database(f"sqlite:///{file}")
    try:
        return database.now(lambda db: [row.note for row in db.exec(select(Checkin))])
    finally:
        database.close()


def _door(world: World) -> Door:
    assert isinstance(world.driver, WebDriver)
    return Door(world.driver)
