"""Between scoring and publication: what is looked at again, and what nobody can work out about themselves."""

from datetime import timedelta
from decimal import Decimal

from sqlmodel import Session, select

from models.access import Actor, can
from models.checkin import Measurement
from models.cycle import Cycle
from models.flag import Flag, raise_flags
from models.person import Person
from models.plan import Plan
from models.result import Result
from models.rules.sheets import Found
from models.scorecard import MANAGER, Scorecard, card_of
from models.stages import advance
from models.todo import Todo
from tests.security.stage import click, who
from tests.stories.scoring import REVENUE, in_stage, manager_card
from tests.world import World


def _cycle(db: Session) -> Cycle:
    return db.exec(select(Cycle)).one()


def _states(db: Session) -> list[str]:
    return sorted(db.exec(select(Result.state)).all())


async def test_T22_a_head_cannot_work_out_their_own_rating_from_the_spread(console: World) -> None:
    """Dana heads sales and is scored by Eva: the columns and the list of names are of the same people."""
    await in_stage(console, "review", "ana", "kenji", "dana", levels={"ana": "A", "kenji": "B", "dana": "S"})
    for handle, others in (("dana", 2), ("helen", 3)):
        await console[handle].says("perf calibrate")
        spread = console[handle].messages[-1]
        assert f"{others} results" in spread.text, handle
        assert ("Dana" in spread.text) == (handle == "helen")


async def test_scores_that_were_given_back_hold_the_result_until_they_are_handed_in(console: World) -> None:
    cycle_id = await in_stage(console, "review", "ana", "kenji", levels={"ana": "A", "kenji": "B"})
    helen, dana = console["helen"], console["dana"]
    card = await console.run(lambda db: manager_card(db, cycle_id, console["ana"].id))
    press = click(who(console, "helen"), "scorecard.show", card.id, card.version)
    await console.bot.dispatch(press)
    await console.settle()
    await helen.clicks("Give back…")
    await helen.fills({"What should be looked at again?": "The March figures are wrong"})
    await helen.says("perf publish")
    helen.sees("Without a finished result: Ana Silva")
    await helen.clicks("Publish 1 result")
    assert await console.run(_states) == ["computed", "published"]
    assert (await console.run(_cycle)).state == "review"
    card = await console.run(lambda db: manager_card(db, cycle_id, console["ana"].id))
    await console.bot.dispatch(click(who(console, "dana"), "scorecard.submit", card.id, card.version))
    await console.settle()
    dana.sees("Handed in")
    await helen.says("perf publish")
    await helen.clicks("Publish 1 result")
    assert await console.run(_states) == ["published", "published"]


async def test_the_rules_look_again_at_the_press_that_publishes(console: World) -> None:
    """A value that came in during the review contradicts the rating: nothing goes out, and HR has the flag."""
    await in_stage(console, "review", "ana", "kenji", levels={"ana": "S", "kenji": "B"})
    helen = console["helen"]
    await helen.says("perf publish")
    await console.run(lambda db: _corrected(db, console))
    await helen.clicks("Publish 2 results")
    helen.sees("The rules found something new: 1 flag is open. Nothing was published.")
    assert await console.run(_states) == ["computed", "computed"]
    flag = await console.run(lambda db: db.exec(select(Flag)).one())
    assert (flag.rule, flag.waits_for_id) == ("contradiction_rated_above", helen.id)
    helen.sees("Ana Silva · Measured low, rated high")


def _corrected(db: Session, world: World) -> None:
    """10 of 100 contracts, and four times the errors allowed."""
    plan = db.exec(select(Plan).where(Plan.person_id == world["ana"].id)).one()
    for item in plan.agreed_items(db):
        if item.rule != "rated":
            value = Decimal(10) if item.name == REVENUE else Decimal(12)
            later = world.clock() + timedelta(hours=1)
            db.add(Measurement(plan_id=plan.id, lineage=item.lineage, value=value, at=later))


async def test_calibrated_totals_are_what_the_rules_compare_with_last_time(console: World) -> None:
    """Nobody jumps by their scores, but calibration lifts Ana by 30 points."""
    await in_stage(console, "review", "ana", "kenji", levels={"ana": "B", "kenji": "B"})
    await console.run(lambda db: _last_year(db, console["ana"].id))
    helen = console["helen"]
    await helen.says("perf calibrate")
    await helen.clicks(next(one for one in helen.choices_of("Open a result") if "Ana Silva" in one))
    await helen.clicks("Change the total…")
    await helen.fills({"New total": "112", "Because …": "She covered for two people"})
    await helen.says("perf publish")
    await helen.clicks("Publish 2 results")
    helen.sees("The rules found something new", "Nothing was published.")
    flag = await console.run(lambda db: db.exec(select(Flag)).one())
    assert (flag.rule, flag.figures["after"]) == ("jump", "112.00")


def _last_year(db: Session, person_id: int) -> None:
    """A published result of 80 in the quarter before."""
    now = db.exec(select(Cycle)).one()
    dates = {"starts_on": now.starts_on - timedelta(days=92), "ends_on": now.starts_on - timedelta(days=1)}
    same = {"kind": now.kind, "chain": now.chain, "languages": now.languages, "owner_id": now.owner_id}
    before = Cycle(name="Q3 2026", state="closed", **same, **dates)  # type: ignore[arg-type]
    db.add(before)
    db.flush()
    plan = Plan(cycle_id=before.id, person_id=person_id, changed_at=now.published_at)  # type: ignore[arg-type]
    db.add(plan)
    db.flush()
    about = {"cycle_id": before.id, "plan_id": plan.id, "person_id": person_id, "state": "final"}
    total = {"total": Decimal(80), "computed": Decimal(80), "rating": "B", "published_at": now.published_at}
    db.add(Result(**about, **total))  # type: ignore[arg-type]


async def test_cards_that_were_not_handed_in_are_closed_for_everybody_at_once(console: World) -> None:
    """The review ends scoring: nobody owes a card any more, every open card is drawn again, pressed ones say no."""
    cycle_id = await in_stage(console, "scoring", "ana", "kenji")
    ana, before = console["ana"], await console.run(lambda db: _open(db, cycle_id))
    assert {card.kind for card in before} == {"self", "manager"}
    await ana.says("perf score")
    assert "Rate…" in ana.messages[-1].buttons

    def review(db: Session) -> None:
        cycle = db.get_one(Cycle, cycle_id)
        held = [card_of(db, one.plan_id, MANAGER) for one in before]
        advance(db, cycle, Actor(console["helen"].id, frozenset({"hr"})), cycle.version, console.clock())
        assert {one.state for one in held if one is not None} == {"locked"}

    await console.run(review)
    assert await console.run(lambda db: _open(db, cycle_id)) == []
    owed = await console.run(lambda db: db.exec(select(Todo).where(Todo.kind == "scorecard.submit")).all())
    assert all(todo.done_at is not None for todo in owed)
    after = await console.run(lambda db: {one.id: one for one in db.exec(select(Scorecard)).all()})
    assert all(after[one.id].version == one.version + 1 for one in before)
    await console.settle()
    assert "Rate…" not in ana.messages[-1].buttons


def _open(db: Session, cycle_id: int) -> list[Scorecard]:
    return list(db.exec(select(Scorecard).where(Scorecard.cycle_id == cycle_id, Scorecard.state == "open")).all())


async def test_T20_who_is_part_of_a_flags_figures_neither_sees_nor_decides_it(console: World) -> None:
    """Helen could subtract her colleagues' scores from the figures of her department, or of who scored her."""
    await in_stage(console, "review", "helen", "ana", levels={"helen": "A", "ana": "B"})

    def raised(db: Session) -> dict[str, tuple[bool, bool]]:
        cycle, helen = db.exec(select(Cycle)).one(), db.get_one(Person, console["helen"].id)
        card, figures = manager_card(db, cycle.id, helen.id), {"people": 5}
        about = {"department": helen.department_id or 0, "rater": card.rater_id or 0, "elsewhere": console["dana"].id}
        found = [
            Found("inflated_gap", "department", about["department"], 0, figures),
            Found("uniform_totals", "rater", about["rater"], 0, figures),
            Found("uniform_totals", "rater", about["elsewhere"], 0, figures),
        ]
        flags = raise_flags(db, cycle, found, frozenset(), console.clock())
        actor = Actor(helen.id, frozenset({"hr"}))
        decided = {name: one.waits_for_id == helen.id for name, one in zip(about, flags, strict=True)}
        return {name: (can(db, actor, "flag.see", one), decided[name]) for name, one in zip(about, flags, strict=True)}

    hidden, open_to_her = (False, False), (True, True)
    expected = {"department": hidden, "rater": hidden, "elsewhere": open_to_her}
    assert await console.run(raised) == expected
    await console["helen"].says("perf flags")
    console["helen"].sees("1 flag is not decided", "Dana Petrova as a rater")
    await console["helen"].says("perf publish")
    console["helen"].sees("A colleague in HR decides what concerns yourself")


async def test_values_and_plans_stay_as_they_are_once_results_are_made(world: World) -> None:
    """A value reported during the review would change the records, and not the result that was made from them."""
    await in_stage(world, "review", "ana", levels={"ana": "A"})
    ana = world["ana"]
    await ana.says("perf checkin")
    ana.sees("Scoring is over")
    await ana.says("perf goals")
    assert "Propose a change" not in ana.messages[-1].buttons


async def test_a_second_readers_list_shows_a_changed_total_at_once(world: World) -> None:
    """Calibration is live: HR changes a total, and the head's open list says so."""
    await in_stage(world, "review", "ana", "kenji", levels={"ana": "A", "kenji": "B"})
    dana, helen = world["dana"], world["helen"]
    await dana.says("perf calibrate")
    dana.sees("Calibration", "Ana Silva", "98")
    await helen.says("perf calibrate")
    await helen.clicks(next(one for one in helen.choices_of("Open a result") if "Ana Silva" in one))
    await helen.clicks("Change the total…")
    await helen.fills({"New total": "106.5", "Because …": "She covered for two people"})
    dana.sees("Calibration", "Ana Silva", "106.5")
