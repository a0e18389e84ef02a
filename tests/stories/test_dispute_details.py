"""Disputes in detail: what forms refuse, whom cards reach, what the clock leaves alone, and the figures."""

from datetime import timedelta
from decimal import Decimal

from sqlmodel import col, select

from models.delivery import SENT, Delivery
from models.dispute import Dispute
from models.flag import Flag
from models.person import Person
from models.result import Result
from tests.stories.scoring import TEAMWORK
from tests.stories.test_dispute_story import FORM, MINE, POINTS, case_of, filed, published, ticks
from tests.world import World

HOUR = timedelta(hours=1)
RATED = {"What is wrong?": f"{TEAMWORK} · 100.00", "Why is it wrong?": "I trained the new people"}
WHOLE = {"What is wrong?": "The whole result", "Why is it wrong?": "It was a hard year"}


async def answered(world: World) -> None:
    """Dana says how she sees it."""
    await world["dana"].clicks("Answer…")
    await world["dana"].fills({"How do you see it?": "As I scored it"})


async def test_a_rated_item_gets_another_level(console: World) -> None:
    await published(console, "ana")
    ana, helen = console["ana"], console["helen"]
    await ana.says("perf dispute")
    await ana.clicks(MINE)
    await ana.fills(RATED)
    console["dana"].sees("manager: A, 100.00 points, by Dana Petrova on 23 Nov 2026")
    await answered(console)
    await helen.clicks("Adjust…")
    assert helen.form.options["The right level"][0] == "S · 110 points"
    await helen.fills({"The right level": "A · 100 points", "Why?": "It stays"})
    helen.refuses("The right level", "These are the points it has.")
    await helen.fills({"The right level": "S · 110 points", "Why?": "She trained three"})
    ana.sees("98.00 → 101.00, rated A", "100.00 → 110.00")


async def test_the_whole_result_gets_another_total(console: World) -> None:
    await published(console, "ana")
    ana, helen = console["ana"], console["helen"]
    await ana.says("perf dispute")
    await ana.clicks(MINE)
    await ana.fills(WHOLE)
    console["dana"].sees("the whole result", "As it was counted", "Error rate of applications")
    await answered(console)
    await helen.clicks("Adjust…")
    label = "The right total, from 0 to 120; now it is 98.00"
    await helen.fills({label: "121", "Why?": "Too much"})
    helen.refuses(label, "Give a number from 0 to 120.")
    await helen.fills({label: "105", "Why?": "She is right"})
    ana.sees("98.00 → 105.00, rated S")


async def test_points_beyond_the_cap_are_refused_at_their_field(console: World) -> None:
    await published(console, "ana")
    await filed(console)
    await answered(console)
    helen = console["helen"]
    await helen.clicks("Adjust…")
    for wrong, said in (("120.5", "Give a number from 0 to 120."), ("95", "These are the points it has.")):
        await helen.fills({POINTS: wrong, "Why?": "Because"})
        helen.refuses(POINTS, said)
    assert (await console.run(case_of)).state == "hr"


async def test_withdrawing_closes_the_case_for_everybody(console: World) -> None:
    await published(console, "ana")
    await filed(console)
    ana, dana = console["ana"], console["dana"]
    await ana.clicks("Withdraw")
    ana.sees("My dispute", "Withdrawn", "withdrawn by Ana Silva")
    dana.sees("Dispute of Ana Silva", "Withdrawn")
    await dana.says("perf")
    assert "Answer Ana Silva's dispute" not in dana.messages[-1].text
    await ana.says("perf dispute")
    assert MINE in ana.messages[-1].buttons, "what was withdrawn can be filed again"


async def test_a_clock_that_moves_outdates_neither_button_nor_form(console: World) -> None:
    """The form was opened before the reminder and before the next level joined."""
    await published(console, "ana")
    await filed(console)
    await answered(console)
    helen, boss = console["helen"], console["boss"]
    await helen.clicks("Uphold…")
    await ticks(console, 20 * HOUR)
    boss.sees("Dispute of Ana Silva")
    await helen.fills({"Why is the result right?": "It was counted"})
    assert not helen.last.errors
    assert (await console.run(case_of)).state == "upheld"


async def test_every_copy_is_drawn_again_and_every_reminder_comes_once(console: World) -> None:
    await published(console, "ana")
    await filed(console)
    ana = console["ana"]
    ana.sees("The answer of Dana Petrova is due in 12 h (by 22:00).")
    await ticks(console, HOUR)
    ana.sees("The answer of Dana Petrova is due in 11 h (by 22:00).")
    for _ in range(3):
        await ticks(console, 3 * HOUR)
    reminders = select(Delivery).where(Delivery.subject_noun == "dispute", Delivery.state == SENT)
    sent = await console.run(lambda db: db.exec(reminders.order_by(col(Delivery.id))).all())
    assert [one.facts for one in sent if one.facts] == [{"mark": "0.5"}, {"mark": "0.8"}]


async def test_after_a_pause_over_two_marks_only_the_newest_comes(console: World) -> None:
    await published(console, "ana")
    await filed(console)
    await answered(console)
    await ticks(console, 23 * HOUR)
    helen = console["helen"]
    helen.sees("Reminder: 95% of the time is over.")
    assert "80% of the time" not in helen.text
    assert (await console.run(case_of)).joined_id == console["boss"].id


async def test_who_has_left_is_not_waited_for(console: World) -> None:
    await published(console, "ana")
    await filed(console)
    left = console.clock.now
    await console.run(lambda db: setattr(db.get_one(Person, console["dana"].id), "left_at", left))
    await ticks(console, HOUR)
    console["helen"].sees("Dispute of Ana Silva", "Your ruling is due in 23 h", "passed on to HR without an answer")


async def test_hr_people_are_ruled_on_by_others(console: World) -> None:
    """Helen's own case goes to Henry; Henry's, whom she scored, to an executive."""
    await published(console, "helen", "henry")
    helen, henry, boss = console["helen"], console["henry"], console["boss"]
    for who in (helen, henry):
        await who.says("perf dispute")
        await who.clicks(MINE)
        await who.fills(FORM)
    for scorer in (boss, helen):
        await scorer.clicks("Answer…")
        await scorer.fills({"How do you see it?": "As I scored it"})
    henry.sees("Dispute of", "Your ruling is due in")
    boss.sees("Dispute of", "Your ruling is due in")
    mine = helen.card("My dispute")
    assert "Uphold…" not in mine.buttons
    assert "Withdraw" in mine.buttons


async def test_what_was_corrected_since_is_in_the_comparison(console: World) -> None:
    from models.checkin import Measurement

    await published(console, "ana")
    dana = console["dana"].id

    def correct(db):  # type: ignore[no-untyped-def]
        old = db.exec(select(Measurement).order_by(col(Measurement.id))).first()
        new = {**old.model_dump(exclude={"id"}), "value": Decimal(97), "by_id": dana, "at": console.clock.now}
        db.add(Measurement(**new))

    await console.run(correct)
    await filed(console)
    console["dana"].sees("The result counted 95 items; now 97 items is on record", "by Dana Petrova")


async def test_the_figures_are_for_hr_and_auditors(console: World) -> None:
    await published(console, "ana")
    await filed(console)
    await answered(console)
    helen = console["helen"]
    await helen.clicks("Uphold…")
    await helen.fills({"Why is the result right?": "It was counted"})
    await helen.says("perf dispute")
    await helen.clicks("Answer times")
    helen.sees("Answer times · Q4 2026", "Within 24 h", "100%", "Upheld: the result stays: 1")
    for other in ("ana", "bo", "dana"):
        await console[other].says("perf dispute")
        assert "Answer times" not in console[other].messages[-1].buttons
    assert "Ana Silva" not in console["bo"].messages[-1].text


async def test_flags_around_the_person_follow_the_ruling(console: World) -> None:
    """The ruling makes the total jump; what was found before it was none."""
    await published(console, "ana")
    await filed(console)
    await answered(console)
    helen = console["helen"]
    before = await console.run(lambda db: len(db.exec(select(Flag)).all()))
    await helen.clicks("Adjust…")
    await helen.fills({POINTS: "0", "Why?": "Nothing of it is there"})
    result = await console.run(lambda db: db.exec(select(Result)).one())
    assert result.total == 60
    found = await console.run(lambda db: db.exec(select(Flag)).all())
    assert len(found) > before
    assert "contradiction" in found[-1].rule
    case = await console.run(lambda db: db.exec(select(Dispute)).one())
    assert case.total_after == result.total
