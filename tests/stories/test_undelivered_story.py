"""HR sees what did not arrive and why, sends it again, and is told once a day."""

from datetime import timedelta

import aiohttp
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.events import Tick
from models.delivery import DEAD, QUEUED, SENT, SKIPPED, Delivery, enqueue
from models.identity import Identity
from models.person import Person
from models.todo import Todo
from models.undelivered import KIND
from tests.drivers.slack import SlackDriver
from tests.world import World

TITLE = "What could not be delivered"


def lose(db: Session, world: World, handle: str, error: str) -> None:
    """A message to somebody failed for good."""
    person = db.exec(select(Person).where(Person.handle == handle)).one()
    account = db.exec(select(Identity).where(Identity.person_id == person.id)).one()
    about = {"view": "profile.card", "subject_noun": "", "subject_id": 0, "facts": {}}
    known = {"person_id": person.id, "identity_id": account.id, "platform": account.platform}
    (number,) = enqueue(db, [known | about], world.clock())
    ended = {"state": DEAD, "due": False, "error": error}
    db.connection().execute(sa.update(Delivery).where(col(Delivery.id) == number).values(**ended))


async def picks(world: World, heading: str, said: str) -> None:
    """Helen chooses under a heading; where there is only a menu, its first line below that says so."""
    helen = world["helen"]
    lines = helen.messages[-1].text.splitlines()
    below = lines[lines.index(heading) + 1 :] if heading in lines else []
    numbered = (line.partition(". ")[::2] for line in below)
    number = next((one for one, label in numbered if one.isdecimal() and label.startswith(said)), "")
    if number:
        await helen.says(number)
    else:
        await helen.clicks(next(one for one in helen.messages[-1].buttons if one.startswith(said)))


async def watched(world: World) -> None:
    """The clock looks for what did not arrive."""
    await world.bot.dispatch.tick(Tick("undelivered", world.clock()))
    await world.settle()


async def test_hr_sees_why_and_sends_it_again(stage: World) -> None:
    helen, ana, bo = stage["helen"], stage["ana"], stage["bo"]
    for handle, error in (("ana", "account closed: x"), ("bo", "account closed: x"), ("bo", "OSError")):
        await stage.run(lambda db, who=handle, why=error: lose(db, stage, who, why))  # type: ignore[misc]
    assert not ana.messages
    await watched(stage)
    helen.sees(TITLE, "3 messages did not arrive", "The account is closed", "perf link @name", "could not be reached")
    assert "Ana" not in helen.text, "whom it concerns is only shown when asked for"
    await picks(stage, "See who", "The account is closed")
    helen.sees("Ana Silva", "a message", "Bo Wenbo")
    await picks(stage, "Send again", "All 2 messages")
    ana.sees("Ana Silva")
    assert len(bo.messages) == 1
    await helen.says("perf undelivered")
    helen.sees(TITLE, "1 message did not arrive")
    await picks(stage, "See who", "The platform could not be reached for days")
    await picks(stage, "Send again", "1 message")
    assert len(bo.messages) == 2
    await helen.says("perf undelivered")
    helen.sees(TITLE, "Nothing is lost")
    open_now = select(Todo).where(Todo.kind == KIND, col(Todo.done_at).is_(None))
    assert await stage.run(lambda db: db.exec(open_now).all()) == []


async def test_hr_is_told_once_a_day(console: World) -> None:
    helen = console["helen"]
    await watched(console)
    assert not helen.messages
    for handle in ("ana", "bo"):
        await console.run(lambda db, who=handle: lose(db, console, who, "KeyError"))  # type: ignore[misc]
        await watched(console)
    assert len(helen.messages) == 1
    await helen.says("perf")
    helen.sees("Look at what could not be delivered")
    console.clock.forward(timedelta(days=1))
    await watched(console)
    assert sum(TITLE in one.text for one in helen.messages) == 1, "the todo is still open"


async def test_nobody_else_learns_of_it(console: World) -> None:
    await console.run(lambda db: lose(db, console, "bo", "KeyError"))
    for handle in ("ana", "dana", "eva"):
        await console[handle].says("perf undelivered")
        assert "did not arrive" not in console[handle].text
        assert "Bo Wenbo" not in console[handle].text


async def test_what_slack_refuses_is_said_in_our_words(slack: tuple[World, SlackDriver]) -> None:
    world, driver = slack
    helen, ana = world["helen"], world["ana"]
    driver.fake.store.messages_tab = False
    await world.run(lambda db: lose(db, world, "ana", ""))
    again = sa.update(Delivery).values(state=QUEUED, due=True)
    await world.run(lambda db: db.connection().execute(again))
    await world.settle()
    found = await world.run(lambda db: db.exec(select(Delivery)).one())
    assert (found.state, found.error) == (DEAD, "no access: messages_tab_disabled")
    async with aiohttp.ClientSession() as session, session.get(f"{driver.base}/metrics") as response:
        assert 'pandian_undelivered{platform="slack"} 1.0' in await response.text()
    driver.fake.store.messages_tab = True
    await helen.says("perf undelivered")
    helen.sees("The platform does not let me write there", "Slack")
    await picks(world, "See who", "The platform does not let me write there")
    await picks(world, "Send again", "1 message")
    ana.sees("Ana Silva")
    states = await world.run(lambda db: db.exec(select(Delivery.state).order_by(col(Delivery.id))).all())
    assert states[0] == SENT
    assert SKIPPED not in states
