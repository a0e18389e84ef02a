"""An announcement as people live it: written once, read by each in their language, confirmed, chased, changed."""

from datetime import datetime, timedelta

from bot.events import Tick
from tests.world import Human, World

FIRST = {"Title": "New rules", "Text": "The bonus is paid in March. Ask HR."}
CONFIRM = "I have read this"


async def begun(world: World) -> Human:
    """Helen of HR writes a draft."""
    helen = world["helen"]
    await helen.says("perf announce")
    await helen.clicks("New announcement…")
    await helen.fills(FIRST)
    assert not helen.last.errors, helen.last.errors
    helen.sees("New rules", "Draft", "Everybody who works here (14)")
    return helen


async def arrives(world: World) -> None:
    """Time passes until a broadcast is out and its cards are drawn anew: a platform takes so many calls a second."""
    for _ in range(12):
        world.clock.forward(timedelta(seconds=3))
        await world.settle()


async def strikes(world: World, by: timedelta = timedelta(minutes=1)) -> datetime:
    """Time passes, and the clock strikes once."""
    world.clock.forward(by)
    await world.bot.dispatch.tick(Tick("bulletins", world.clock.now.replace(microsecond=0)))
    await arrives(world)
    return world.clock.now


async def looks(helen: Human) -> None:
    """Opens the newest announcement from the list: a platform that redraws nothing shows it only so."""
    await helen.says("perf announce")
    await helen.clicks(next(one for one in helen.choices_of("Open an announcement") if "New rules" in one))


async def test_everybody_reads_it_in_their_language_confirms_and_is_asked_again(stage: World) -> None:
    world = stage
    ana, bo, kenji = world["ana"], world["bo"], world["kenji"]
    helen = await begun(world)
    await helen.clicks("日本語…")
    await helen.fills({"Title": "新しい規則", "Text": "賞与は三月に支払います。"})
    await looks(helen)
    await helen.clicks("日本語")
    helen.sees("新しい規則", "賞与は三月に支払います。", "Preview: so it looks for readers of 日本語.")
    await looks(helen)
    await helen.clicks("Send now")
    await arrives(world)
    ana.sees("New rules", "The bonus is paid in March.", "Version 1 of")
    kenji.sees("新しい規則", "賞与は三月に支払います。")
    bo.sees("New rules", "The bonus is paid in March.")
    await ana.clicks(CONFIRM)
    ana.sees("Thank you. It is noted that you have read this.")
    await strikes(world)
    await looks(helen)
    helen.sees("Confirmed", "1 of 14", "Delivered")
    await helen.clicks("English…")
    await helen.fills({"Text": "The bonus is paid in April. Ask HR."})
    await looks(helen)
    helen.sees("The text was changed, and readers do not have it yet.")
    await helen.clicks("Send version 2")
    await arrives(world)
    ana.sees("What changed since version 1", "Before: The bonus is paid in March.", "Now: The bonus is paid in April.")
    kenji.sees("新しい規則", "賞与は三月に支払います。")
    await ana.clicks(CONFIRM)
    await strikes(world)
    await looks(helen)
    helen.sees("Version 2 of", "Confirmed", "1 of 14")


async def test_scheduled_called_back_sent_by_the_clock_and_chased(stage: World) -> None:
    world = stage
    helen, ana = await begun(world), world["ana"]
    await helen.clicks("Confirmation and rules…")
    await helen.fills({"Confirm by": "2026-11-27"})
    await helen.says("perf announce")
    await helen.clicks("New rules")
    helen.sees("asked for, by 27 Nov 2026, 23:59")
    await helen.clicks("Send later…")
    await helen.fills({"Day": "2026-11-24", "Time": "09:30"})
    await looks(helen)
    helen.sees("Goes on 24 Nov 2026, 09:30 (Asia/Shanghai)")
    await helen.clicks("Call back")
    await looks(helen)
    await helen.clicks("Send later…")
    await helen.fills({"Day": "2026-11-24", "Time": "10:30"})
    await strikes(world, timedelta(hours=24))
    assert not [one for one in ana.messages if "New rules" in one.text]
    await strikes(world, timedelta(hours=1))
    ana.sees("New rules", "Please confirm by 27 Nov 2026, 23:59 that you have read this.")
    await ana.says("perf")
    ana.sees("Read an announcement and confirm it")
    await ana.clicks("Read an announcement and confirm it")
    await ana.clicks(CONFIRM)
    await strikes(world)
    await looks(helen)
    await helen.clicks("Who has not")
    helen.sees("Who has not · New rules", "13", "Dana Petrova")
    await looks(helen)
    await helen.clicks("Remind those who have not…")
    helen.sees("13 people have not confirmed yet.", "Read an announcement and confirm it · by 27 Nov 2026, 23:59")
    await helen.clicks("With a sentence of my own…")
    await helen.fills({"A sentence of your own": "Thank you for reading it today"})
    assert not helen.last.errors, helen.last.errors
    await arrives(world)
    world["dana"].sees("Read an announcement and confirm it", "Thank you for reading it today")
