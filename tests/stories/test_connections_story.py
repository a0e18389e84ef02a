"""Several Socket Mode connections: what comes over two of them happens once."""

import asyncio

import pytest
from sqlmodel import col, select

from models.delivery import Inbox
from models.identity import Identity
from models.person import Person
from tests.drivers.slack import SlackDriver
from tests.fakes.slack_payloads import happened, typed
from tests.stories.acts import cycle_opened
from tests.stories.test_nudge_story import at, reminders, strikes
from tests.world import Human, World


async def changes(world: World, who: Human, **said: object) -> None:
    """Slack tells of a change in somebody's profile."""
    driver = world.driver
    assert isinstance(driver, SlackDriver)
    account = driver.fake.store.users[who.user]
    account.update(said)
    status, _ = await driver.deliver("events_api", happened({"type": "user_change", "user": account}))
    assert status == 200
    await world.settle()


async def person(world: World, handle: str) -> Person:
    """Somebody's row."""
    return await world.run(lambda db: db.get_one(Person, world[handle].id))


@pytest.mark.parametrize("world", ["slack-socket"], indirect=True)
async def test_an_event_over_two_connections_happens_once(world: World) -> None:
    assert isinstance(world.driver, SlackDriver)
    fake, ana = world.driver.fake, world["ana"]
    await fake.connected(2, at_once=2)
    held = len(ana.messages)
    payload = typed(fake.store, ana.user, "perf help")
    assert await asyncio.gather(*(fake.envelope("events_api", payload) for _ in range(2))) == [{}, {}]
    await world.settle()
    assert len(ana.messages) == held + 1
    key = payload["event_id"]
    assert len(await world.run(lambda db: db.exec(select(Inbox).where(col(Inbox.key) == key)).all())) == 1


@pytest.mark.parametrize("world", ["slack"], indirect=True)
async def test_language_and_zone_follow_the_profile_unless_they_were_chosen(world: World) -> None:
    """Reminders come at nine where somebody is now, and cards in the language their Slack is in."""
    assert isinstance(world.driver, SlackDriver)
    dana, fake = world["dana"], world.driver.fake
    await cycle_opened(world)
    await changes(world, dana, tz="Asia/Shanghai", locale="en-US")
    asked = len(fake.called("users.info"))
    await changes(world, dana, tz="Europe/Berlin", locale="ja-JP")
    row = await person(world, "dana")
    assert (row.zone, row.locale) == ("Europe/Berlin", "ja")
    assert len(fake.called("users.info")) == asked, "the event says it all"
    await strikes(world, at(27, 9))
    assert await world.run(lambda db: reminders(db, dana.id)) == 0
    await strikes(world, at(27, 16))
    assert await world.run(lambda db: reminders(db, dana.id)) == 1
    assert "催促" in dana.messages[-1].text
    await dana.says("perf lang en")
    await changes(world, dana, tz="Mars/Olympus_Mons", locale="zh-CN")
    row = await person(world, "dana")
    assert (row.zone, row.locale) == ("Europe/Berlin", "en"), "chosen here, and a zone that nobody knows"
    told = await world.run(lambda db: db.exec(select(Identity).where(Identity.person_id == dana.id)).one())
    assert (told.zone, told.locale) == ("Europe/Berlin", "zh-CN")
