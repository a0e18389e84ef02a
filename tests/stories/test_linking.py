"""Accounts nobody linked yet: by a vouched address, by a one-time code, and what waited for them."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from bot.degrade import lines_of
from bot.events import Tick, Who
from bot.sample.small import fill_small
from tests.drivers.slack import SlackDriver
from tests.drivers.web import WebDriver
from tests.prepared import nobody, sqlite_at
from tests.stories.acts import cycle_opened
from tests.world import World, playing


@pytest.fixture(params=["console", "slack"])
async def unlinked(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    driver = WebDriver() if request.param == "console" else SlackDriver()
    database = sqlite_at(tmp_path, fill_small)
    async with playing(driver, database, fill=nobody, linked=False) as world:
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
    ana, bo = unlinked["ana"], unlinked["bo"]
    for person in (ana, bo):
        unlinked.driver.add_user(person.user, name="Somebody", email="somebody@elsewhere.example", vouched=False)
    await ana.says("perf goals")
    ana.sees("I don't know this account yet")
    code = await _code(unlinked)
    await bo.says("perf link WRONGCODE2")
    bo.sees("This code is not valid")
    await ana.says(f"link {code}")
    ana.sees("Hello Ana Silva, your account is linked now")
    await bo.says(f"link {code}")
    bo.sees("This code is not valid")
    await ana.says("perf")
    ana.sees("Hello Ana Silva", "Nothing waits for you")


async def test_T56_a_code_is_stored_nowhere_in_clear_and_gone_from_the_conversation_once_used(unlinked: World) -> None:
    helen, ana = unlinked["helen"], unlinked["ana"]
    unlinked.driver.add_user(ana.user, name="Somebody", email="", vouched=False)
    code = await _code(unlinked)
    assert code not in await unlinked.run(_everything)
    assert code in await _history(unlinked, "helen"), "valid and unused: the one who made it may read it again"
    await ana.says(f"link {code}")
    assert code not in helen.text
    helen.sees("Code for Ana Silva", "It was used on 23 Nov 2026")
    assert code not in await _history(unlinked, "helen")
    assert code not in await unlinked.run(_everything)


async def test_a_code_nobody_used_leaves_the_conversation_after_a_day(unlinked: World) -> None:
    helen = unlinked["helen"]
    code = await _code(unlinked)
    unlinked.clock.forward(timedelta(hours=24))
    assert code not in await _history(unlinked, "helen"), "drawn anew it is not opened any more"
    await unlinked.bot.dispatch.tick(Tick("link.expire", unlinked.clock.now))
    await unlinked.settle()
    assert code not in helen.text
    helen.sees("Code for Ana Silva", "Nobody used it by 24 Nov 2026")


async def _code(world: World) -> str:
    """The code that Helen of HR is shown for Ana."""
    helen = world["helen"]
    await helen.says("perf link @ana")
    found = re.search(r"link ([A-Z0-9]{10})", helen.text)
    assert found is not None, helen.text
    return found.group(1)


async def _history(world: World, handle: str) -> str:
    """What a page that is opened now shows of the conversation."""
    who = Who(world.driver.name, world.driver.tenant, world[handle].user)
    found = [message.card for _ref, message in await world.bot.outbox.history(who, 50)]
    return "\n".join(line for card in found for block in card.body for line in [card.title, *lines_of(block)])


def _everything(db: Session) -> str:
    """Every stored value of every table, as text."""
    rows = [row for table in SQLModel.metadata.sorted_tables for row in db.connection().execute(sa.select(table))]
    return "\n".join(str(tuple(row)) for row in rows)
