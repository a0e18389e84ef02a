"""Accounts nobody linked yet: by a vouched address, by a one-time code, and what waited for them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sample.small import fill_small
from tests.drivers.slack import SlackDriver
from tests.drivers.web import WebDriver
from tests.stories.acts import cycle_opened
from tests.world import World, playing, sqlite_at


@pytest.fixture(params=["console", "slack"])
async def unlinked(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    driver = WebDriver() if request.param == "console" else SlackDriver()
    database = sqlite_at(tmp_path)
    async with playing(driver, database, fill=fill_small, linked=False) as world:
        yield world
    database.close()


async def test_a_vouched_address_links_at_the_first_word(unlinked: World) -> None:
    ana = unlinked["ana"]
    await ana.says("perf")
    ana.sees("Hello Ana Silva")


async def test_what_waited_is_delivered_once_the_account_is_linked(unlinked: World) -> None:
    await cycle_opened(unlinked)
    ana = unlinked["ana"]
    assert not ana.messages
    await ana.says("perf help")
    ana.sees("Q4 2026 begins")


async def test_without_a_vouched_address_a_code_from_hr_links_once(unlinked: World) -> None:
    helen, ana, bo = (unlinked[name] for name in ("helen", "ana", "bo"))
    for person in (ana, bo):
        unlinked.driver.add_user(person.user, name="Somebody", email="somebody@elsewhere.example", vouched=False)
    await ana.says("perf goals")
    ana.sees("I don't know this account yet")
    await helen.says("perf link @ana")
    found = re.search(r"link ([A-Z0-9]{10})", helen.text)
    assert found is not None
    await bo.says("perf link WRONGCODE2")
    bo.sees("This code is not valid")
    await ana.says(f"link {found.group(1)}")
    ana.sees("Hello Ana Silva, your account is linked now")
    await bo.says(f"link {found.group(1)}")
    bo.sees("This code is not valid")
    await ana.says("perf")
    ana.sees("Hello Ana Silva", "Nothing waits for you")
