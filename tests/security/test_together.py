"""People at the same card: whoever is late hears in their own language what happened, and sees the card as it is."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.text import texts
from bot.vault import Vault
from models import audit
from models.approval import Approval
from models.base import changes
from models.plan import Plan
from tests.drivers import Outcome, Seen
from tests.security import company
from tests.security.stage import count, filled, plan_of, play
from tests.world import Human, World

LOCALES = {"web": "ja", "slack": "zh_Hans"}
PASSED = "{who} already passed this on {when}."
APPROVED = "{who} already approved this on {when}."
NOT_FOUND = "I can't find that, or it is not for you."


@pytest.fixture(params=sorted(LOCALES))
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Ana's plan waits for HR, Bo's for Eva; everybody reads another language than the sentences are written in."""
    name = str(request.param)

    def fill(db: Session, vault: Vault, now: datetime) -> None:
        filled(("ana", "compliance"), ("bo", "submitted"))(db, vault, now)
        for handle in company.PEOPLE:
            company.by_handle(db, handle).locale = LOCALES[name]

    async with play(tmp_path, name, fill=fill) as worlds:
        yield worlds[name]


def _says(human: Human, message: str, who: str) -> bool:
    """Whether the last answer is the translated sentence about `who`."""
    said = texts(LOCALES[human.world.driver.name])(message, who=who, when="\x00")
    start, _, end = said.partition("\x00")
    assert said != message.replace("{who}", who).replace("{when}", "\x00"), "the sentence is not translated"
    told = human.last.toast + "".join(human.last.errors.values())
    return told.startswith(start) and told.endswith(end) and any(char.isdigit() for char in told)


def _label(human: Human, english: str) -> str:
    return texts(LOCALES[human.world.driver.name])(english)


async def _opens(human: Human, plan: str) -> Seen:
    await human.says(f"perf goals @{plan}")
    return human.messages[-1]


async def _state(world: World, handle: str) -> str:
    return (await plan_of(world, handle)).state


async def test_two_press_at_once(world: World) -> None:
    people = [world["helen"], world["henry"]]
    cards = [await _opens(human, "ana") for human in people]
    press = _label(people[0], "Pass")
    both = (world.driver.press(human.user, card, press) for human, card in zip(people, cards, strict=True))
    outcomes = await asyncio.gather(*both)
    await world.settle()
    for human, outcome in zip(people, outcomes, strict=True):
        human.last = outcome
    first, late = sorted(people, key=lambda human: not _passed(human.last))
    assert _passed(first.last)
    assert _says(late, PASSED, first.handle.title())
    for human, card in zip(people, cards, strict=True):
        assert press not in _now(human, card).buttons, "the card shows that it is over"
    assert await _state(world, "ana") == "awaiting_confirmation"


def _passed(outcome: Outcome) -> bool:
    return any(outcome.toast.startswith(texts(locale)("Passed.")) for locale in LOCALES.values())


def _now(human: Human, card: Seen) -> Seen:
    return next(message for message in human.messages if message.id == card.id)


async def test_a_button_is_pressed_twice(world: World) -> None:
    eva = world["eva"]
    card = await _opens(eva, "bo")
    press = _label(eva, "Approve")
    await asyncio.gather(*(world.driver.press(eva.user, card, press) for _ in range(2)))
    await world.settle()
    assert await _state(world, "bo") == "compliance"
    await eva.clicks(press, card)
    assert _says(eva, APPROVED, "Eva")
    assert press not in _now(eva, card).buttons
    assert await count(world, Approval) == 2, "one for Ana's plan, one for Bo's"


async def test_an_outdated_card(world: World) -> None:
    """Henry looks at the card for a while; meanwhile Helen returned the plan and Dana submitted it anew."""
    henry = world["henry"]
    old = await _opens(henry, "ana")
    await world.run(lambda db: _onward(db, world))
    await henry.clicks(_label(henry, "Pass"), old)
    assert _says(henry, "{who} submitted this plan on {when}.", "Dana")
    assert _label(henry, "With the approver") in _now(henry, old).text
    assert await _state(world, "ana") == "submitted"


def _onward(db: Session, world: World) -> None:
    plan = db.exec(select(Plan).where(Plan.person_id == world["ana"].id)).one()
    for who, verb in (("helen", "return"), ("dana", "submit")):
        by = company.actor(db, who)
        company.act(db, plan, by, verb, world.clock())
        audit.append(db, changes(db), by.id, "test", world.clock())
        changes(db).clear()


async def test_a_form_after_the_state_moved(world: World) -> None:
    """Henry writes his reason while Helen passes the plan: nothing of it counts, and he learns why."""
    helen, henry = world["helen"], world["henry"]
    card = await _opens(henry, "ana")
    await henry.clicks(_label(henry, "Return…"), card)
    await _opens(helen, "ana")
    await helen.clicks(_label(helen, "Pass"))
    await henry.fills({_label(henry, "What should change?"): "More ambition"})
    assert _says(henry, PASSED, "Helen")
    assert (await plan_of(world, "ana")).reason == ""
    assert await _state(world, "ana") == "awaiting_confirmation"
    assert _label(henry, "Pass") not in _now(henry, card).buttons


async def test_a_forwarded_card(world: World) -> None:
    bo, eva = world["bo"], world["eva"]
    card = await _opens(eva, "bo")
    await bo.clicks(_label(bo, "Approve"), card)
    assert bo.last.toast == _label(bo, NOT_FOUND) != NOT_FOUND
    assert await _state(world, "bo") == "submitted"
    assert _label(eva, "Approve") in _now(eva, card).buttons
