"""A cycle from the wizard to its last date: drafted, rehearsed, published, moved by the clock, given more time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.events import Tick
from models.cycle import Cycle, deadline, stages_of
from models.delivery import Delivery
from models.extension import Extension
from models.person import Person
from models.plan import Plan
from models.scorecard import SELF, Scorecard
from models.todo import Todo
from tests.stories.acts import cycle_drafted
from tests.stories.scoring import in_stage
from tests.world import World

FIRST = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # midnight of the 25th in Shanghai


def _cycle(db: Session) -> Cycle:
    return db.exec(select(Cycle).order_by(col(Cycle.id).desc()).limit(1)).one()


def _told(db: Session, view: str) -> list[tuple[str, datetime | None]]:
    wanted = select(Person.handle, Delivery.not_before).join(Delivery, col(Delivery.person_id) == col(Person.id))
    return sorted(db.exec(wanted.where(Delivery.view == view)).all())


async def _strike(world: World, at: datetime) -> None:
    """The clock of the bot at an instant, twice: as two replicas would."""
    world.clock.now = at
    for seconds in (0, 1):
        await world.bot.dispatch.tick(Tick("stages", at + timedelta(seconds=seconds)))
    await world.settle()


async def test_from_the_wizard_to_the_clock(stage: World) -> None:
    helen, ana = stage["helen"], stage["ana"]
    await cycle_drafted(stage)
    await helen.clicks("Who takes part…")
    await helen.fills({"Groups": ["Only those named below"], "People": "nobody here"})
    helen.refuses("People", "nobody here")
    await helen.fills({"Groups": ["Only those named below"], "People": "@ana； @dana"})
    helen.sees("2 named people (2 people)")
    await helen.clicks("Scale…")
    await helen.fills({"Levels": "The levels written below", "Your own levels": "Good 100 80; Fair 60 x"})
    helen.refuses("Your own levels", "Fair 60 x")
    await helen.fills({"Levels": "The levels written below", "Your own levels": "Good, 100, 80；Fair 60 0"})
    helen.sees("Good 100 from 80 · Fair 60 from 0")
    await helen.clicks("Dates of the stages…")
    await helen.fills({"Setting of plans opens on": "2026-11-25"})
    await helen.clicks("Rehearse")
    helen.sees("Rehearsal · Q4 2026", "Wed 25 Nov", "“The cycle begins”: 3 people")
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Publish")
    assert await stage.run(lambda db: (_cycle(db).state, db.exec(select(Plan)).all())) == ("announced", [])
    await _strike(stage, FIRST)
    assert await stage.run(lambda db: (_cycle(db).state, len(db.exec(select(Plan)).all()))) == ("setting", 2)
    told = await stage.run(lambda db: _told(db, "cycle.opened"))
    assert [who for who, _when in told] == ["ana", "dana", "eva"], "who writes a plan is told as well, each once"
    assert {when for who, when in told if who != "eva"} == {datetime(2026, 11, 25, 1, 0, tzinfo=UTC)}, "not at night"
    stage.clock.now = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    await stage.bot.outbox.idle()
    await stage.settle()
    ana.sees("Q4 2026 begins")


async def test_more_time_is_told_once_and_todos_follow(world: World) -> None:
    await in_stage(world, "self_scoring", "ana", "kenji")
    helen = world["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Give more time…")
    await helen.fills({"New last day": "2026-11-24", "Why": "Snow"})
    helen.refuses("New last day", "must be later")
    await helen.fills({"New last day": "2026-12-20", "Why": "Snow"})
    until = datetime(2026, 12, 20, 15, 59, 59, tzinfo=UTC)
    known = await world.run(lambda db: {todo.due_at for todo in db.exec(select(Todo))})
    assert known == {until}
    world["ana"].sees("More time · Q4 2026", "Self scores: until", "Snow")
    assert [who for who, _when in await world.run(lambda db: _told(db, "extension.card"))] == ["ana", "kenji"]
    sealed = await world.run(lambda db: db.exec(select(Extension)).one().reason)
    assert sealed is not None
    assert b"Snow" not in sealed
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    helen.sees("gave more time: Self scores until", "Snow")


async def test_after_a_long_absence_every_stage_is_gone_through_in_order(console: World) -> None:
    """The bot was away from the work on the plans until after results were due."""
    await in_stage(console, "tracking", "ana", "kenji", terms={"late": True})
    await console.run(_dated)
    await _strike(console, console.clock.now + timedelta(days=60))
    cycle = await console.run(_cycle)
    assert cycle.state == "scoring", "nobody could score, so nothing is closed over them"
    helen = console["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    helen.sees("This stage does not end by itself", "Nobody has handed in scores yet")
    await helen.says("perf")
    helen.sees("Look at a cycle that does not go on by itself")
    own = await console.run(lambda db: [one.handle for one in _owners(db)])
    assert own == ["ana", "kenji"]
    await helen.clicks("Next stage: In review", on=helen.card("does not end by itself"))
    assert await console.run(_open_kinds) == ["scorecard.submit"] * 4, "late ones are still taken"
    await _strike(console, console.clock.now + timedelta(minutes=5))
    assert "cycle.publish" in await console.run(_open_kinds)


async def test_a_late_score_says_so_and_counts(console: World) -> None:
    await in_stage(console, "review", "ana", "kenji", levels={"kenji": "B"}, terms={"late": True})
    console.clock.forward(timedelta(days=40))
    dana = console["dana"]
    await dana.says("perf score @ana")
    await dana.clicks("Rate…")
    await dana.fills({"Work with other teams": "A"})
    await dana.clicks("Hand in")
    dana.sees("Handed in late by Dana Petrova")
    await dana.says("perf result @ana")
    await dana.clicks("How was this computed?")
    await dana.clicks(next(one for one in dana.choices_of("Where does this number come from?") if "Work" in one))
    dana.sees("handed in late")


async def test_late_scores_can_be_allowed_again(console: World) -> None:
    """A half-filled card that was closed with the scoring comes back with what was in it."""
    await in_stage(console, "review", "ana", "kenji", levels={"kenji": "B"})
    assert await console.run(_open_kinds) == []
    helen = console["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Take late scores")
    assert sorted(await console.run(_open_kinds)) == ["scorecard.submit"] * 3
    console["dana"].sees("Scores of Ana Silva")
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Take no late scores")
    assert await console.run(_open_kinds) == []


async def test_late_scores_of_several_people_are_one_message(console: World) -> None:
    await in_stage(console, "review", "ana", "bo", "kenji", levels={"kenji": "B"})
    helen = console["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Q4 2026")
    await helen.clicks("Take late scores")
    console["dana"].sees("2 people wait for your scores", "Ana Silva", "Score my team")
    told = await console.run(lambda db: [who for who, _when in _told(db, "scorecard.card")])
    assert "dana" not in told


@pytest.mark.parametrize("begin", ["Like Q4 2026, dates moved on", "From nothing", "Month, by the usual pattern"])
async def test_where_a_draft_begins(console: World, begin: str) -> None:
    await in_stage(console, "setting", "ana")
    helen = console["helen"]
    await helen.says("perf cycle")
    await helen.clicks("Open a cycle…")
    await helen.fills({"Begin with": begin})
    if begin == "From nothing":
        helen.sees("2027 Q1", "Still missing", "The day by which plans are agreed is missing", "Who takes part is not")
        assert "Publish" not in helen.messages[-1].buttons
        return
    name = "2027 Q1" if begin.startswith("Like") else "2026-12"
    helen.sees(name, "Nothing is missing")
    dates = await console.run(lambda db: [one.name for one in stages_of(db, _cycle(db).id)])
    assert ("self_scoring" in dates) is begin.startswith("Like")


async def test_two_cycles_at_once(console: World) -> None:
    """A word names the cycle that is meant; flags of both can be looked at."""
    await in_stage(console, "review", "ana", levels={"ana": "A"})
    await console.run(lambda db: _named(db, "2026-10"))
    await in_stage(console, "self_scoring", "ana")
    ana, helen = console["ana"], console["helen"]
    await ana.says("perf goals 2026-10")
    ana.sees("2026-10")
    await ana.says("perf score q4 2026")
    ana.sees("My scores · Q4 2026")
    await helen.says("perf flags 2026-10")
    helen.sees("Flags · 2026-10")
    await helen.says("perf flags 2031")
    helen.sees("I don't know a cycle called “2031”")


def _named(db: Session, name: str) -> None:
    cycle = _cycle(db)
    cycle.name = name
    db.add(cycle)


def _dated(db: Session) -> None:
    """As the wizard would have it: the work on the plans ends on a day."""
    cycle = _cycle(db)
    closes = deadline(db, cycle.id, "setting")
    assert closes is not None
    stage = next(one for one in stages_of(db, cycle.id) if one.name == "self_scoring")
    from models.cycle import Stage

    db.add(Stage(cycle_id=cycle.id, name="tracking", opens_at=closes, closes_at=closes + timedelta(days=1)))
    stage.opens_at = closes + timedelta(days=1)
    db.add(stage)


def _owners(db: Session) -> list[Person]:
    wanted = select(Person).join(Scorecard, col(Scorecard.person_id) == col(Person.id)).where(Scorecard.kind == SELF)
    return list(db.exec(wanted.order_by(col(Person.handle))))


def _open_kinds(db: Session) -> list[str]:
    return list(db.exec(select(Todo.kind).where(col(Todo.done_at).is_(None))))
