"""Asking HR, asking a department, tasks for heads, and the list of everything that waits, as people live it."""

from datetime import timedelta

from sqlmodel import Session, select

from bot.events import Tick
from models.case import Case
from models.opinion import Opinion
from models.person import Person
from models.request import Request
from tests.world import World

QUESTION = {"What would you like to know?": "Does my parental leave count for the quarter?"}
OTHER_HR = "Henry Han"
FIGURES = {"What do you need?": "The error rate of October", "By which day?": "2026-11-27"}


async def asked(world: World) -> None:
    """Ana asks HR."""
    await world["ana"].says("perf ask")
    await world["ana"].fills(QUESTION)


async def test_a_question_is_answered_in_private_and_rated(stage: World) -> None:
    world = stage
    ana, helen, henry, dana = world["ana"], world["helen"], world["henry"], world["dana"]
    await world.run(_in_english)
    await asked(world)
    ana.sees("My question to HR", "Does my parental leave count", "Helen Zhou answers by", "Only you and Helen Zhou")
    helen.sees("A question of Ana Silva", "Does my parental leave count", "Your answer is due by")
    await helen.clicks("Hand to…")
    await helen.fills({"Who goes on?": OTHER_HR})
    henry.sees("A question of Ana Silva", "Does my parental leave count")
    await helen.says("perf ask")
    helen.sees("All of HR: 1 open, 1 without an answer, 0 late.", "No question is open.")
    await henry.clicks("Reply…")
    await henry.fills({"Your message": "Days of leave are left out of it."})
    ana.sees("Answered. Is this what you wanted to know?", "Days of leave are left out of it.")
    await ana.clicks("Reply…")
    await ana.fills({"Your message": "Also for the bonus?"})
    henry.sees("Also for the bonus?", "Your answer is due by")
    await henry.clicks("Close…")
    await henry.fills({"A last word": "Yes, in the same way."})
    ana.sees("Closed on", "Yes, in the same way.", "A reply opens it again until")
    await ana.clicks("5 · very helpful")
    assert "parental" not in dana.text
    found = await world.run(lambda db: (db.exec(select(Case)).one(), db.exec(select(Opinion)).one()))
    assert (found[0].state, found[0].rated, found[1].score, found[1].shown) == ("closed", True, 5, False)


async def test_a_department_is_asked_and_answers(stage: World) -> None:
    world = stage
    ana, oliver = world["ana"], world["oliver"]
    await ana.says("perf request @operations The error rate")
    await ana.fills(FIGURES)
    ana.sees("My request to Operations", "The error rate of October", "Oliver")
    oliver.sees("A request of Ana Silva", "The error rate of October", "Your answer is due by")
    world.clock.forward(timedelta(days=6))
    await world.bot.dispatch.tick(Tick("requests", world.clock.now.replace(microsecond=0)))
    await world.settle()
    await ana.says("perf tasks")
    ana.sees("Waits for others", "My request to Operations: waits for Oliver Grant · overdue since")
    await oliver.says("perf tasks")
    oliver.sees("Overdue", "Answer Ana Silva's request")
    await oliver.clicks("Answer Ana Silva's request")
    oliver.sees("Your answer is overdue since")
    await oliver.clicks("Answer…")
    await oliver.fills({"Your answer": "2.9 percent", "Link": "https://bi.example/errors"})
    ana.sees("Accept it, or return it", "2.9 percent", "https://bi.example/errors")
    await ana.clicks("Return…")
    await ana.fills({"What is missing?": "By team, please", "By which day?": "2026-12-04"})
    oliver.sees("By team, please", "Your answer is due by")
    await oliver.clicks("Answer…")
    await oliver.fills({"Your answer": "East 2.1, north 3.4"})
    await ana.clicks("Accept")
    await ana.says("perf request")
    ana.sees("My requests", "Operations · “The error rate of October” · done")
    request = await world.run(lambda db: db.exec(select(Request)).one())
    assert (request.state, request.returns, request.waits_for_id) == ("accepted", 1, None)


async def test_heads_get_a_task_and_hr_sees_who_is_done(stage: World) -> None:
    world = stage
    helen, dana, oliver = world["helen"], world["dana"], world["oliver"]
    await helen.says("perf request")
    await helen.clicks("Give heads a task…")
    given = {"What is to be done?": "Name two raters", "By which day?": "2026-11-30"}
    await helen.fills({**given, "Whose heads?": ["All departments"]})
    helen.sees("A task for department heads", "Name two raters", "0 of")
    dana.sees("A task from HR", "Name two raters")
    oliver.sees("A task from HR", "Name two raters")
    await dana.clicks("Done…")
    await dana.fills({})
    helen.sees("1 of")
    await dana.says("perf tasks")
    dana.sees("Nothing waits for you.")
    await oliver.says("perf tasks")
    oliver.sees("1 thing waits for you", "Answer Helen Zhou's request")
    rows = await world.run(_states)
    assert sorted(rows) == ["accepted", "asked"]


def _in_english(db: Session) -> None:
    for person in db.exec(select(Person).where(Person.handle == "henry")):
        person.locale = "en"


def _states(db: Session) -> list[str]:
    return list(db.exec(select(Request.state)))
