"""One company on Slack, Feishu and DingTalk at once: work goes from one to the next, and no copy of a card lies."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from bot.db import Database
from models.approval import Approval
from models.plan import Plan
from tests.drivers import Driver, Outcome, Seen
from tests.drivers.dingtalk import DingTalkDriver
from tests.drivers.feishu import FeishuDriver
from tests.drivers.slack import SlackDriver
from tests.prepared import nobody
from tests.security.stage import sharing
from tests.stories.acts import cycle_opened, plan_drafted
from tests.world import Human, World

Worlds = Mapping[str, World]
HOMES = {"helen": "slack", "eva": "feishu", "dana": "dingtalk", "ana": "dingtalk"}


@pytest.fixture
async def worlds(small_file: Path, tmp_path: Path) -> AsyncIterator[Worlds]:
    """Everybody has an account on each; HR lives on Slack, the approver on Feishu, Dana and Ana on DingTalk."""
    shutil.copyfile(small_file, tmp_path / "pandian.db")
    database = Database(f"sqlite:///{tmp_path / 'pandian.db'}")
    drivers: dict[str, Driver] = {"slack": SlackDriver(), "feishu": FeishuDriver(), "dingtalk": DingTalkDriver()}
    try:
        async with sharing(drivers, database, nobody) as made:
            made["slack"].bot.scheduler.stop()
            made["slack"].clock.forward(timedelta(minutes=10))
            for handle, platform in HOMES.items():
                await made[platform][handle].says("perf help")
            yield made
    finally:
        database.close()


def _on(worlds: Worlds, handle: str) -> Human:
    """Somebody where they live."""
    return worlds[HOMES[handle]][handle]


async def _submitted(worlds: Worlds) -> None:
    await cycle_opened(worlds["slack"])
    await plan_drafted(worlds["dingtalk"])
    await _on(worlds, "dana").clicks("Submit")


async def _state(worlds: Worlds) -> str:
    ana = worlds["slack"]["ana"].id
    statement = select(Plan).where(Plan.person_id == ana)
    return (await worlds["slack"].run(lambda db: db.exec(statement).one())).state


async def test_a_plan_goes_from_dingtalk_over_feishu_to_slack_and_back(worlds: Worlds) -> None:
    helen, eva, dana, ana = (_on(worlds, handle) for handle in HOMES)
    await _submitted(worlds)
    eva.sees("Ana Silva", "With the approver")
    assert all("Ana Silva" not in worlds[other]["eva"].text for other in ("slack", "dingtalk")), (
        "told once, where she is"
    )
    await eva.clicks("Approve")
    helen.sees("Ana Silva", "Checks passed: 8 of 8", "Pass")
    await helen.clicks("Pass")
    ana.sees("Waiting for confirmation")
    await ana.clicks("Confirm")
    assert await _state(worlds) == "active"
    await dana.says("perf team")
    dana.sees("My team", "Ana Silva", "In force")


async def test_what_is_done_on_one_platform_is_over_on_the_others(worlds: Worlds) -> None:
    await _submitted(worlds)
    copies = await _copies(worlds, "eva")
    assert all("Approve" in seen.buttons for seen in copies.values())
    await _on(worlds, "eva").clicks("Approve", copies["feishu"])
    for platform, seen in copies.items():
        now = _now(worlds[platform]["eva"], seen)
        assert "Approve" not in now.buttons, platform
        assert "With the approver" not in now.text, platform
    assert await _state(worlds) == "compliance"


async def test_one_approver_presses_on_two_platforms_at_once(worlds: Worlds) -> None:
    await _submitted(worlds)
    copies = await _copies(worlds, "eva")
    pair = [worlds[platform]["eva"] for platform in ("slack", "dingtalk")]
    presses = [one.world.driver.press(one.user, copies[one.world.driver.name], "Approve") for one in pair]
    outcomes: list[Outcome] = await asyncio.gather(*presses)
    for one, outcome in zip(pair, outcomes, strict=True):
        await one.world.settle()
        one.last = outcome
    said = sorted("already approved" in one.text for one in pair)
    assert said[-1], "who comes second hears it"
    assert await _state(worlds) == "compliance"
    assert await worlds["slack"].run(lambda db: db.exec(select(func.count(col(Approval.id)))).one()) == 1
    for one in pair:
        assert "Approve" not in _now(one, copies[one.world.driver.name]).buttons


async def _copies(worlds: Worlds, handle: str) -> dict[str, Seen]:
    """The same plan, opened on each platform."""
    for world in worlds.values():
        await world[handle].says("perf goals @ana")
    return {platform: world[handle].card("Ana Silva", "With the approver") for platform, world in worlds.items()}


def _now(human: Human, seen: Seen) -> Seen:
    return next(message for message in human.messages if message.id == seen.id)
