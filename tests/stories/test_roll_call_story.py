"""People are reached before they wrote a first word, if the workspace vouches for their address."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from models.audit import Audit
from models.delivery import enqueue
from models.identity import NEVER, Identity
from tests.drivers.slack import SlackDriver
from tests.fakes.slack import Fault
from tests.prepared import nobody
from tests.stories.conftest import DRIVERS, _database
from tests.world import World, playing

MESSAGE: dict[str, object] = {"identity_id": None, "view": "profile.card", "subject_noun": "", "subject_id": 0}


@pytest.fixture(params=["slack", "feishu", "dingtalk"])
async def unlinked(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A company in which nobody has used the bot."""
    database = _database(request.param, request, tmp_path)
    try:
        async with playing(DRIVERS[request.param](), database, fill=nobody, linked=False) as world:
            yield world
    finally:
        database.close()


@pytest.mark.parametrize("unlinked", ["feishu", "dingtalk"], indirect=True)
async def test_a_company_is_known_once_somebody_wrote(unlinked: World) -> None:
    world = unlinked
    await world.run(lambda db: enqueue(db, [MESSAGE | {"person_id": world["ana"].id, "facts": {}}], world.clock()))
    assert await world.bot.rollcall.work() == 0
    await world["helen"].says("perf")
    world.clock.now = world.clock.now.replace(hour=5)
    assert await world.bot.rollcall.work() == len(world.people) - 1
    await world.settle()
    world["ana"].sees("Ana Silva")


@pytest.mark.parametrize("unlinked", ["slack"], indirect=True)
async def test_a_first_message_reaches_who_never_wrote(unlinked: World) -> None:
    world, driver = unlinked, unlinked.driver
    assert isinstance(driver, SlackDriver)
    users, clock = driver.fake.store.users, world.clock
    await world["helen"].says("perf")  # she has an account by her first word
    users[world["bo"].user]["is_email_confirmed"] = False
    users[world["dana"].user]["is_restricted"] = True
    driver.add_user("USECOND", name="Eva", email=users[world["eva"].user]["profile"]["email"])
    everybody = [person.id for person in world.people.values() if person.handle != "helen"]

    def told(db: Session) -> None:
        enqueue(db, [MESSAGE | {"person_id": one, "facts": {}} for one in everybody], clock())

    await world.run(told)
    driver.fake.fail("users.list", Fault(500))
    assert await world.bot.rollcall.work() == 0, "Slack does not answer: it is asked again"
    world.clock.now = world.clock.now.replace(hour=5)
    found = await world.bot.rollcall.work()
    await world.settle()
    assert [len(world[one].messages) for one in ("ana", "bo", "dana", "eva")] == [1, 0, 0, 0]
    held = await world.run(lambda db: db.exec(select(Identity)).all())
    assert (found, sum(one.seen_at == NEVER for one in held)) == (len(everybody) - 3, len(everybody) - 3)
    assert driver.fake.called("conversations.open") == []
    linked = await world.run(lambda db: db.exec(select(Audit).where(Audit.action == "identity.linked")).all())
    assert len(linked) == found + 1
    asked = len(driver.fake.called("users.list"))
    assert await world.bot.rollcall.work() == 0
    assert len(driver.fake.called("users.list")) == asked, "the same people are missing: nobody is asked again so soon"
    await world["ana"].says("perf")
    world["ana"].sees("Hello Ana")
    assert len(await world.run(lambda db: db.exec(select(Identity)).all())) == found + 1
