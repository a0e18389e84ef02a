"""T37, T38: what waits for somebody follows the organisation; what is handed in or decided stays."""

from collections.abc import Callable

from sqlmodel import Session, select

from bot.importing import check_people, known_people
from bot.importing.applying import apply_people
from bot.importing.table import table_of
from models.access import Actor, relations
from models.handover import hand_over
from models.peer import Peer, propose
from models.person import Person
from models.plan import Plan
from models.rights import Relation
from models.scorecard import SELF, Scorecard, card_of
from models.todo import Todo
from tests.stories.acts import cycle_opened, plan_drafted, plan_submitted
from tests.stories.scoring import TEAMWORK, in_stage, manager_card
from tests.world import World

Change = Callable[[Person], None]


async def changed(world: World, handle: str, change: Change) -> None:
    """Somebody's row changes, as an import would change it."""
    now = world.clock()

    def work(db: Session) -> None:
        person = db.get_one(Person, world[handle].id)
        change(person)
        db.add(person)
        db.flush()
        hand_over(db, [person.id], now)

    await world.run(work)


async def leaves(world: World, handle: str) -> None:
    """Somebody leaves."""
    now = world.clock()
    await changed(world, handle, lambda person: setattr(person, "left_at", now))


async def under(world: World, handle: str, manager: str) -> None:
    """Somebody gets another manager."""
    await changed(world, handle, lambda person: setattr(person, "manager_id", world[manager].id))


def _open_todos(db: Session, kind: str) -> list[int]:
    return list(db.exec(select(Todo.assignee_id).where(Todo.kind == kind, Todo.done_at == None)).all())  # noqa: E711


async def test_T38_an_open_card_goes_to_the_new_manager(console: World) -> None:
    """Dana rated, but did not hand in: Oliver finds what she gave, and she reads nothing any more."""
    cycle = await in_stage(console, "scoring", "ana")
    dana, oliver = console["dana"], console["oliver"]
    await dana.says("perf score @ana")
    await dana.clicks("Rate…")
    await dana.fills({TEAMWORK: "B"})
    card = dana.messages[-1]
    await under(console, "ana", "oliver")
    held = await console.run(lambda db: manager_card(db, cycle, console["ana"].id))
    assert held.waits_for_id == oliver.id
    await dana.clicks("Hand in", on=card)
    assert (await console.run(lambda db: manager_card(db, cycle, console["ana"].id))).state == "open"
    to_dana = await console.run(lambda db: relations(db, Actor(dana.id), manager_card(db, cycle, held.person_id)))
    assert not to_dana & {Relation.MANAGER, Relation.WAITED}
    await oliver.says("perf score @ana")
    oliver.sees("B, 85 points")
    await oliver.clicks("Hand in")
    held = await console.run(lambda db: manager_card(db, cycle, console["ana"].id))
    assert (held.state, held.rater_id) == ("submitted", oliver.id)


async def test_T38_an_import_hands_over(console: World) -> None:
    """The file says that Ana reports to Oliver."""
    cycle = await in_stage(console, "scoring", "ana")
    now, vault = console.clock(), console.bot.easel.vault

    def imported(db: Session) -> None:
        ana, oliver = (db.get_one(Person, console[handle].id) for handle in ("ana", "oliver"))
        row = [ana.number, ana.name, known_people(db, vault, now).people[ana.number].department, oliver.number]
        table = table_of([["Employee No", "Name", "Department", "Manager No"], row], b"")
        apply_people(db, vault, check_people(table, known_people(db, vault, now)), "helen", now)

    await console.run(imported)
    held = await console.run(lambda db: manager_card(db, cycle, console["ana"].id))
    assert held.waits_for_id == console["oliver"].id


async def test_T38_what_is_handed_in_stays_with_who_handed_it_in(console: World) -> None:
    cycle = await in_stage(console, "review", "ana", levels={"ana": "A"})
    await under(console, "ana", "oliver")
    held = await console.run(lambda db: manager_card(db, cycle, console["ana"].id))
    assert (held.state, held.rater_id, held.waits_for_id) == ("submitted", console["dana"].id, None)


async def test_T38_a_leavers_cards_go_one_level_up(console: World) -> None:
    cycle = await in_stage(console, "scoring", "ana", "dana")
    await leaves(console, "dana")
    held = await console.run(lambda db: manager_card(db, cycle, console["ana"].id))
    eva = console["eva"]
    assert held.waits_for_id == eva.id
    todos = await console.run(lambda db: _open_todos(db, "scorecard.submit"))
    assert console["dana"].id not in todos
    assert eva.id in todos
    await eva.says("perf score @ana")
    eva.sees("Scores of Ana Silva", "Rate…")
    plan_id = await console.run(lambda db: db.exec(select(Plan.id).where(Plan.person_id == console["dana"].id)).one())
    own = await console.run(lambda db: card_of(db, plan_id, SELF))
    assert own is not None
    assert own.state == "locked"


async def test_T38_the_managers_of_a_leavers_people_follow_the_next_one_up(console: World) -> None:
    """Dana has left; then Eva does: Ana's card goes on to who is above her."""
    cycle = await in_stage(console, "scoring", "ana")
    await leaves(console, "dana")
    await leaves(console, "eva")
    held = await console.run(lambda db: manager_card(db, cycle, console["ana"].id))
    assert held.waits_for_id == console["boss"].id


async def test_T37_a_pending_approval_goes_to_the_next_one_up(console: World) -> None:
    await plan_submitted(console)
    await leaves(console, "eva")
    plan = await console.run(lambda db: db.exec(select(Plan).where(Plan.person_id == console["ana"].id)).one())
    assert (plan.state, plan.waits_for_id) == ("submitted", console["boss"].id)
    assert await console.run(lambda db: _open_todos(db, "plan.approve")) == [console["boss"].id]
    await console["boss"].says("perf goals @ana")
    await console["boss"].clicks("批准")
    plan = await console.run(lambda db: db.exec(select(Plan).where(Plan.person_id == console["ana"].id)).one())
    assert plan.state == "compliance"


async def test_T37_a_compliance_review_goes_to_another_reviewer(console: World) -> None:
    await plan_submitted(console)
    await console["eva"].clicks("Approve")
    await leaves(console, "helen")
    plan = await console.run(lambda db: db.exec(select(Plan).where(Plan.person_id == console["ana"].id)).one())
    assert plan.state == "compliance"
    assert plan.waits_for_id not in (None, console["helen"].id)


async def test_T37_a_draft_is_written_by_the_next_one_up(console: World) -> None:
    await cycle_opened(console)
    await plan_drafted(console)
    await leaves(console, "dana")
    todos = await console.run(
        lambda db: db.exec(
            select(Todo.assignee_id).where(
                Todo.kind == "plan.submit",
                Todo.about_id == console["ana"].id,
                Todo.done_at == None,  # noqa: E711
            )
        ).all()
    )
    assert list(todos) == [console["eva"].id]


async def test_who_is_asked_to_confirm_a_colleague_follows_too(console: World) -> None:
    await in_stage(console, "self_scoring", "ana")
    now, ana = console.clock(), console["ana"].id

    def name(db: Session) -> None:
        plan = db.exec(select(Plan).where(Plan.person_id == ana)).one()
        for handle in ("oliver", "boss"):
            propose(db, plan, Actor(ana), db.get_one(Person, console[handle].id), now)

    await console.run(name)
    await leaves(console, "oliver")
    await under(console, "ana", "eva")
    peers = await console.run(lambda db: db.exec(select(Peer).order_by(Peer.id)).all())  # type: ignore[arg-type]
    assert [(one.state, one.waits_for_id) for one in peers] == [("passed", None), ("proposed", console["eva"].id)]


async def test_nothing_moves_where_nothing_has_to(console: World) -> None:
    """Versions stay, so that nobody's open card becomes outdated."""
    await in_stage(console, "scoring", "ana", "dana")

    def versions(db: Session) -> list[int]:
        return [card.version for card in db.exec(select(Scorecard).order_by(Scorecard.id)).all()]  # type: ignore[arg-type]

    before = await console.run(versions)
    await under(console, "ana", "dana")
    assert await console.run(versions) == before
