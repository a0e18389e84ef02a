"""A card never lies: copies are redrawn, older ones give way, a platform that is down loses nothing."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.delivery import Delivery
from tests.drivers.slack import SlackDriver
from tests.fakes.slack import Fault
from tests.stories.acts import cycle_opened, plan_active, plan_drafted, plan_submitted
from tests.stories.conftest import FORMS
from tests.world import World


async def test_an_older_copy_gives_way_to_the_newer_one(world: World) -> None:
    await plan_active(world)
    ana = world["ana"]
    await ana.says("perf goals")
    await ana.says("perf goals")
    live = [message for message in ana.messages if "Propose a change" in message.buttons]
    assert len(live) == 1
    assert ana.messages[-1] == live[0]
    ana.sees("This goes on in a newer message below.")


async def test_home_follows_what_is_done_elsewhere(console: World) -> None:
    await plan_submitted(console)
    await console["eva"].clicks("Approve")
    await console["helen"].clicks("Pass")
    ana = console["ana"]
    await ana.says("perf")
    ana.sees("Hello Ana Silva", "Confirm your plan")
    await ana.clicks("Confirm")
    ana.sees("Hello Ana Silva", "Nothing waits for you")


@pytest.mark.parametrize("world", FORMS, indirect=True)
async def test_who_decided_and_may_not_read_on_sees_what_they_did_and_no_more(world: World) -> None:
    await plan_active(world)
    eva = world["eva"]
    closed = eva.card("Eva Lindqvist already approved this")
    assert closed.buttons == ()
    assert "%" not in closed.text
    await world["ana"].says("perf checkin")
    first = next(option for option in world["ana"].form.options["Indicator"])
    await world["ana"].fills({"Indicator": first, "Value reached so far": "10"})
    assert "reported progress" not in eva.text


async def test_a_platform_that_is_down_for_hours_loses_nothing(slack: tuple[World, SlackDriver]) -> None:
    world, driver = slack
    eva = world["eva"]
    await cycle_opened(world)
    await plan_drafted(world)
    driver.fake.fail("chat.postMessage", *[Fault(503)] * 14)
    await world["dana"].clicks("Submit")
    for _ in range(40):
        world.clock.forward(timedelta(minutes=6))
        await world.settle()
    assert not [call for call in await world.run(lambda db: db.exec(select(Delivery)).all()) if call.state == "dead"]
    eva.sees("Ana Silva", "With the approver")
