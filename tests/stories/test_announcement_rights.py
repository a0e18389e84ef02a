"""Who gets an announcement and who may see what of it; kick-offs, small corrections, rule documents."""

from datetime import UTC, date, datetime

from sqlmodel import Session, select

from models.audience import Audience
from models.audit import Audit
from models.bulletin import Bulletin
from models.cycle import Cycle, open_cycle
from models.person import Person
from tests.stories.test_announcement_story import CONFIRM, arrives, begun, strikes
from tests.world import World

LIST = {"Who": "Only those chosen below"}


async def test_a_list_names_who_is_unknown_and_nobody_learns_who_else_got_it(world: World) -> None:
    helen, ana, bo, kenji = await begun(world), world["ana"], world["bo"], world["kenji"]
    await helen.clicks("Who gets it…")
    await helen.fills({**LIST, "People": "@ana, HL9999, Nobody Known"})
    helen.refuses("People", "HL9999", "Nobody Known")
    await helen.fills({**LIST, "People": "@ana @bo、HL0004"})
    assert not helen.last.errors, helen.last.errors
    helen.sees("3 people by name (3)")
    await helen.clicks("Send now")
    await arrives(world)
    seen = ana.card("New rules")
    bo.sees("New rules")
    assert not [one for one in kenji.messages if "New rules" in one.text]
    assert "Bo" not in seen.text
    assert "3" not in seen.text.replace("23 Nov", "")
    await kenji.clicks(CONFIRM, on=seen)
    kenji.sees("見つからないか、閲覧する権限がありません。")
    await ana.says("perf announce")
    ana.sees("I can't find that, or it is not for you.")


async def test_nobody_fits_and_departments_with_all_below_them(console: World) -> None:
    helen = await begun(console)
    await helen.clicks("Who gets it…")
    await helen.fills({**LIST})
    helen.refuses("Who", "Nobody fits")
    await helen.fills({**LIST, "Departments": ["Sales"], "Roles": ["HR"]})
    helen.sees("Sales and HR (7)")


async def test_a_head_sees_their_people_and_hr_everybody(console: World) -> None:
    world = console
    helen, dana, ana = await begun(world), world["dana"], world["ana"]
    await helen.clicks("Send now")
    await arrives(world)
    await ana.clicks(CONFIRM)
    await dana.says("perf announce")
    dana.sees("Announcements", "New rules", "have confirmed")
    await dana.clicks("New rules")
    shown = dana.card("Who has not")
    assert "Bo" in shown.text or "王" in shown.text
    assert "Helen" not in shown.text
    assert not {"Remind those who have not…", "Back to the announcement"} & set(shown.buttons)
    audrey = world["audrey"]
    await audrey.says("perf announce")
    await audrey.clicks("New rules")
    assert not {"English…", "Send now", "Stop asking"} & set(audrey.messages[-1].buttons)
    audrey.sees("1 of 14")


async def test_a_small_correction_stands_on_the_card_and_asks_nobody(console: World) -> None:
    world = console
    helen, ana, bo = await begun(world), world["ana"], world["bo"]
    await helen.clicks("Send now")
    await arrives(world)
    await ana.clicks(CONFIRM)
    sent = len(ana.messages), len(bo.messages)
    await helen.clicks("English…")
    await helen.fills({"Text": "The bonus is paid in March.\n\nAsk HR!"})
    await helen.clicks("Small correction: do not ask again")
    await arrives(world)
    assert (len(ana.messages), len(bo.messages)) == sent
    ana.sees("Ask HR!", "small correction on", "You confirmed on")
    await bo.clicks(bo.card("New rules").buttons[0])
    await helen.clicks("English…")
    await helen.fills({"Text": "Otherwise."})
    await helen.clicks("Drop the change")
    helen.sees("Dropped. Readers have the text as it was.")
    await helen.clicks("Stop asking")
    await arrives(world)
    helen.sees("Nobody is asked any more", "2 of 14")
    assert not world["kenji"].card("New rules").buttons


async def test_an_old_version_gives_way_and_a_late_press_on_it_changes_nothing(console: World) -> None:
    world = console
    helen, ana = await begun(world), world["ana"]
    await helen.clicks("Send now")
    await arrives(world)
    old = ana.card("New rules")
    await helen.clicks("English…")
    await helen.fills({"Title": "Newer rules"})
    await helen.clicks("Send version 2")
    await arrives(world)
    ana.sees("There is a newer version of this announcement.")
    await ana.clicks(CONFIRM, on=old)
    assert "confirmed" not in ana.last.toast.lower() or "newer" in ana.last.toast
    await ana.clicks("Read the newest version")
    ana.sees("Before: New rules", "Now: Newer rules")
    entries = await world.run(lambda db: db.exec(select(Audit.action)).all())
    assert {"bulletin.begun", "bulletin.sent", "announcement.replaced"} <= set(entries)
    assert "announcement.confirmed" not in entries


async def test_the_kick_off_of_a_cycle_is_an_announcement(console: World) -> None:
    world = console
    helen, kenji, ana = world["helen"], world["kenji"], world["ana"]
    number = await world.run(drafted)
    await helen.says("perf help rules")
    helen.sees("No rules yet.")
    await helen.clicks("Add a rule document…")
    await helen.fills({"Title": "Bonus rules", "Link": "http://plain.example"})
    helen.refuses("Link", "https://")
    await helen.fills({"Title": "Bonus rules", "Link": "https://intranet.example/bonus"})
    await ana.says("perf help rules")
    ana.sees("No rules yet.")
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Announce…")
    helen.sees("Q4 2026 begins", "Draft", "English, 简体中文, and 日本語", "Cycle: Q4 2026", "Bonus rules")
    await helen.clicks("Send now")
    await arrives(world)
    card = kenji.card("2026年10月1日", "2026年11月30日")
    assert await world.run(lambda db: db.get_one(Cycle, number).state) == "announced"
    await ana.clicks("Bonus rules")
    ana.sees("This document lies elsewhere.", "Rules of Q4 2026")
    await ana.says("perf help rules bonus intranet")
    ana.sees("Looked for: bonus intranet", "Bonus rules")
    await ana.says("perf help rules salary")
    ana.sees("Nothing found.")
    await kenji.clicks(card.buttons[0])
    await strikes(world)
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Announce…")
    helen.sees("1 of 14", "Cycle: Q4 2026")
    assert await world.run(lambda db: len(db.exec(select(Bulletin)).all())) == 1


def drafted(db: Session) -> int:
    """A cycle that nobody knows of yet."""
    helen = db.exec(select(Person).where(Person.handle == "helen")).one()
    cycle = Cycle(
        kind="quarter",
        name="Q4 2026",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 31),
        chain=["manager"],
        languages=["en", "zh_Hans", "ja"],
        owner_id=helen.id,
    )
    cycle.audience = Audience(everybody=True).kept()
    days = (("setting", 11, 30), ("scoring", 12, 30), ("published", 12, 31))
    open_cycle(db, cycle, {name: datetime(2026, month, day, 15, 59, 59, tzinfo=UTC) for name, month, day in days})
    return cycle.id


async def test_documents_are_kept_by_hr_and_found_in_every_language(console: World) -> None:
    world = console
    helen, kenji = world["helen"], world["kenji"]
    await world.run(lambda db: db.get_one(Cycle, drafted(db)).publish(db, 1, world.clock.now))
    await helen.says("perf help rules")
    await helen.clicks("Add a rule document…")
    await helen.fills({"Title": "Scoring"})
    helen.refuses("Text", "give the link")
    await helen.fills({"Title": "Scoring", "Text": "S is 110 points.\n\nA is 100."})
    helen.sees("Scoring", "S is 110 points.", "Rules of Q4 2026")
    await helen.clicks("日本語…")
    await helen.fills({"Title": "採点", "Text": "S は 110 点です。"})
    await kenji.says("perf help rules 110")
    await kenji.clicks("採点")
    kenji.sees("採点", "S は 110 点です。")
    assert not {"Remove", "English…"} & set(kenji.messages[-1].buttons)
    await helen.clicks("Remove")
    await kenji.says("perf help rules 110")
    assert "採点" not in kenji.messages[-1].text
