"""The App Home tab on Slack: a dashboard that follows what happens elsewhere; and the first words to a new account."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sample.small import fill_small
from tests.drivers import Seen
from tests.drivers.slack import SlackDriver
from tests.fakes.slack import Fault
from tests.prepared import nobody, sqlite_at
from tests.stories.acts import cycle_opened, plan_submitted
from tests.world import World, playing

Stage = tuple[World, SlackDriver]


@pytest.fixture(params=["slack", "slack-socket"])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """Slack by both transports."""
    driver, database = SlackDriver(socket=request.param == "slack-socket"), sqlite_at(tmp_path, fill_small)
    async with playing(driver, database, fill=nobody) as world:
        yield world, driver
    database.close()


@pytest.fixture
async def strangers(tmp_path: Path) -> AsyncIterator[Stage]:
    """Slack with a company of which nobody wrote yet."""
    driver, database = SlackDriver(), sqlite_at(tmp_path, fill_small)
    async with playing(driver, database, fill=nobody, linked=False) as world:
        yield world, driver
    database.close()


async def opens(stage: Stage, handle: str) -> Seen:
    """Somebody opens the Home tab; how it looks then."""
    world, driver = stage
    await driver.open_home(world[handle].user)
    await world.settle()
    return home(stage, handle)


def home(stage: Stage, handle: str) -> Seen:
    """How somebody's Home tab looks now."""
    world, driver = stage
    user = world[handle].user
    return next(one for one in driver.messages(user) if one.id == f"home:{user}")


async def test_the_home_page_follows_what_is_done_elsewhere(stage: Stage) -> None:
    world, driver = stage
    await plan_submitted(world)
    before = await opens(stage, "ana")
    assert "Nothing waits for you" in before.text
    assert "With the approver" in before.text
    team = (await opens(stage, "dana")).text
    assert "My team's plans: " in team
    assert team.index("for you") < team.index("My plan") < team.index("With the approver: 1") < team.index("Updated")

    await world["eva"].clicks("Approve")
    await world["helen"].clicks("Pass")
    waits = home(stage, "ana")
    assert "Confirm your plan" in waits.text, "nobody opened it"
    assert "Waiting for confirmation: 1" in home(stage, "dana").text
    assert "<!date^" in waits.text

    published = len(driver.fake.called("views.publish"))
    await world["ana"].clicks("Confirm your plan", on=waits)
    shown = home(stage, "ana")
    assert ("Confirm" in shown.buttons, "Home" in shown.buttons) == (True, True)
    await world["ana"].clicks("Confirm", on=shown)
    assert "In force" in home(stage, "ana").text
    assert len(driver.fake.called("views.publish")) == published + 3, "hers twice, and once the one of her manager"
    await world["ana"].clicks("Home", on=home(stage, "ana"))
    assert "Nothing waits for you" in home(stage, "ana").text
    await world["ana"].clicks("My progress", on=home(stage, "ana"))
    assert home(stage, "ana").pictures == 1
    assert not driver.fake.refused


async def test_a_form_filled_from_the_page_leaves_it_as_it_stands_then(slack: Stage) -> None:
    world, _driver = slack
    await plan_submitted(world)
    eva = world["eva"]
    await opens(slack, "eva")
    await eva.clicks("Approve Ana Silva's plan", on=home(slack, "eva"))
    await eva.clicks("Return…", on=home(slack, "eva"))
    await eva.fills({"What should change?": "The first weight is too small"})
    assert "Return…" not in home(slack, "eva").buttons
    await eva.clicks("Home", on=home(slack, "eva"))
    assert "Approve Ana Silva's plan" not in home(slack, "eva").text


async def test_the_first_words_come_once_and_in_the_conversation(strangers: Stage) -> None:
    world, _driver = strangers
    await cycle_opened(world)
    ana = world["ana"]
    assert "Hello Ana Silva" in (await opens(strangers, "ana")).text
    await opens(strangers, "ana")
    welcome = ana.card("I am Pandian")
    assert welcome.buttons == ("What waits for me", "Help")
    assert sum("I am Pandian" in one.text for one in ana.messages) == 1
    await ana.clicks("What waits for me", on=welcome)
    assert [one.id for one in ana.messages if "Nothing waits for you" in one.text] != [f"home:{ana.user}"]
    bo = world["bo"]
    await bo.says("/perf help")
    assert sum("我是 Pandian" in one.text for one in bo.messages) == 1, "in the language of his Slack"
    assert not any("I am Pandian" in one.text for one in world["helen"].messages), "who writes first needs no greeting"


async def test_while_pages_are_limited_other_cards_go_on(slack: Stage) -> None:
    world, driver = slack
    await plan_submitted(world)
    await opens(slack, "ana")
    driver.fake.fail("views.publish", Fault(429, retry_after=600))
    await world["eva"].clicks("Approve")
    assert "With the approver" in home(slack, "ana").text
    world["helen"].sees("Ana Silva", "Pass")
    await world["helen"].clicks("Pass")
    world["ana"].sees("Waiting for confirmation")
    assert len(driver.fake.called("views.publish")) == 2
