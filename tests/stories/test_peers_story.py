"""Colleagues: named, confirmed, asked once; nothing leads from an answer to who gave it."""

from sqlmodel import Session, select

from models.cycle import Cycle
from models.peer import Answer, Peer
from models.person import Person
from models.plan import Plan
from models.reckoning import reckon
from models.result import Result, lines_of
from models.terms import terms_of
from tests.stories.scoring import TEAMWORK, in_stage
from tests.stories.test_scores_story import moved_on
from tests.world import World

QUESTION = "asks you how it is to work together"


async def called(world: World, handle: str) -> str:
    """What somebody is called, as people pick them from a list."""
    return await world.run(lambda db: db.get_one(Person, world[handle].id).name)


async def named(world: World, *names: str) -> None:
    """Ana names colleagues, and Dana confirms them."""
    ana, dana = world["ana"], world["dana"]
    await ana.says("perf score")
    await ana.clicks("Colleagues…")
    for handle in names:
        await ana.clicks("Name a colleague…")
        await ana.fills({"Colleague": await called(world, handle)})
        await dana.clicks("Ask this colleague")


async def answered(world: World, handle: str, level: str) -> None:
    """A colleague answers."""
    peer = world[handle]
    await peer.clicks("Answer…")
    await peer.fills({TEAMWORK: level})
    assert not peer.last.errors, peer.last.errors


def _plan(db: Session, world: World) -> Plan:
    return db.exec(select(Plan).where(Plan.person_id == world["ana"].id)).one()


async def test_a_colleague_is_named_confirmed_and_answers(stage: World) -> None:
    world = stage
    await in_stage(world, "self_scoring", "ana")
    await named(world, "eva")
    world["eva"].sees(QUESTION, TEAMWORK)
    await answered(world, "eva", "B")
    world["eva"].sees("Your answers are stored without your name")
    said = await world.run(lambda db: db.exec(select(Answer)).one())
    assert str(said.points) == "85.00"
    await world["ana"].says("perf score")
    await world["ana"].clicks("Colleagues…")
    world["ana"].sees("Colleagues", "Eva", "· asked")


async def test_nothing_in_an_answer_leads_to_who_gave_it(console: World) -> None:
    """Its columns are the question and the points; its number is by chance, and the order says nothing."""
    await in_stage(console, "self_scoring", "ana")
    await named(console, "eva", "oliver", "boss")
    for handle, level in (("eva", "S"), ("oliver", "B")):
        await answered(console, handle, level)
    assert set(Answer.model_fields) == {"id", "plan_id", "lineage", "points"}
    before = await console.run(lambda db: set(db.exec(select(Answer.id)).all()))
    await answered(console, "boss", "D")
    rows = await console.run(lambda db: db.exec(select(Answer).order_by(Answer.id)).all())  # type: ignore[arg-type]
    assert len({row.id for row in rows}) == 3
    assert min(row.id for row in rows) > 10**9
    assert not before & {row.id for row in rows}, "every answer mixes all of them anew"
    ids = await console.run(lambda db: set(db.exec(select(Peer.id)).all()) | set(db.exec(select(Peer.rater_id)).all()))
    assert not ids & {row.id for row in rows}


async def test_the_mean_is_in_the_result_alone_and_from_three_on(console: World) -> None:
    """With two answers it is nowhere; with three it counts once nobody is asked any more."""
    terms = {"raters": {"manager": "50", "self": "0", "peer": "50"}}
    cycle = await in_stage(console, "self_scoring", "ana", terms=terms)
    await named(console, "eva", "oliver", "boss")
    ana, dana = console["ana"], console["dana"]
    for handle in ("eva", "oliver"):
        await answered(console, handle, "D")

    def mean(db: Session) -> object:
        plan = _plan(db, console)
        return reckon(db, [plan], terms_of(db.get_one(Cycle, cycle)))[plan.id].lines[2].peer_points

    assert await console.run(mean) is None
    await moved_on(console)
    await answered(console, "boss", "D")
    assert str(await console.run(mean)) == "50.00"
    await dana.says("perf score @ana")
    await dana.clicks("Rate…")
    await dana.fills({TEAMWORK: "A"})
    dana.sees("As it stands: 98.00 points, A.")
    assert "50" not in dana.messages[-1].text
    await dana.clicks("Hand in")
    await moved_on(console)
    result = await console.run(lambda db: db.exec(select(Result)).one())
    lines = await console.run(lambda db: lines_of(db, result))
    assert (str(lines[2].peer), str(lines[2].points), str(result.total)) == ("50.00", "75.00", "90.50")
    assert "50" not in ana.text.replace("2026", "")


async def test_the_person_cannot_see_who_answered(console: World) -> None:
    """Answered, passed and still asked look the same to her, before the end and after it."""
    await in_stage(console, "self_scoring", "ana")
    await named(console, "eva", "oliver", "boss")
    ana = console["ana"]
    await answered(console, "eva", "A")
    await console["oliver"].clicks("I'd rather not")
    for _ in range(2):
        await ana.says("perf score")
        await ana.clicks("Colleagues…") if "Colleagues…" in ana.messages[-1].buttons else None
        card = ana.card("Colleagues", "Eva")
        assert card.text.count("· asked") == 3
        assert "not asked" not in card.text
        await moved_on(console)
    assert ana.card("Colleagues", "Eva").text.count("· asked") == 3
    assert "answered" not in ana.text.casefold().replace("i answered you privately", "")


async def test_nobody_scores_themselves_or_is_named_twice(world: World) -> None:
    await in_stage(world, "self_scoring", "ana")
    await named(world, "eva")
    ana = world["ana"]
    for handle, words in (("ana", "Nobody scores themselves"), ("dana", "Your manager"), ("eva", "on the list")):
        await ana.clicks("Name a colleague…")
        await ana.fills({"Colleague": await called(world, handle)})
        ana.refuses("Colleague", words)
    assert len(await world.run(lambda db: db.exec(select(Peer)).all())) == 1


async def test_the_manager_declines(console: World) -> None:
    await in_stage(console, "self_scoring", "ana")
    ana, dana = console["ana"], console["dana"]
    await ana.says("perf score")
    await ana.clicks("Colleagues…")
    await ana.clicks("Name a colleague…")
    await ana.fills({"Colleague": await called(console, "eva")})
    await dana.clicks("Do not ask")
    assert QUESTION not in console["eva"].text
    peer = await console.run(lambda db: db.exec(select(Peer)).one())
    assert (peer.state, peer.asked) == ("declined", False)
