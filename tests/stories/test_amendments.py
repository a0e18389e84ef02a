"""Changes of a confirmed plan: a difference both sides accept (G7)."""

import hashlib

from sqlmodel import Session, select

from models.approval import Frozen
from models.item import items_of, text_of
from models.plan import Plan
from tests.stories.acts import plan_active, plan_submitted
from tests.world import World


def _plan(db: Session, world: World) -> Plan:
    return db.exec(select(Plan).where(Plan.person_id == world["ana"].id)).one()


async def _amended(world: World) -> str:
    """Dana proposes a higher target for the first indicator; its name."""
    await plan_active(world)
    dana = world["dana"]
    await dana.says("perf goals @ana")
    await dana.clicks("Propose a change")
    await dana.says("perf goals @ana")
    name = await world.run(lambda db: _plan(db, world).items(db)[0].name)
    await dana.clicks(name)
    target = await world.run(lambda db: _plan(db, world).items(db)[0].target)
    assert target is not None
    await dana.fills({"Target": str(target + 1)})
    assert not dana.last.errors, dana.last.errors
    await dana.clicks("Send the change…")
    await dana.fills({"Why is the change needed?": "The market grew"})
    return name


async def test_amendment_is_shown_as_a_difference_and_accepted(world: World) -> None:
    name = await _amended(world)
    ana, dana = world["ana"], world["dana"]
    ana.sees("Changed against the plan in force", name, "Target", "→", "The market grew")
    before = await world.run(lambda db: _plan(db, world).effective)
    await ana.clicks("Accept")
    plan = await world.run(lambda db: _plan(db, world))
    assert plan.state == "active"
    assert plan.effective > before
    frozen = await world.run(lambda db: db.exec(select(Frozen).order_by(Frozen.id)).all())  # type: ignore[arg-type]
    assert [one.revision for one in frozen] == [before, plan.effective]
    text = await world.run(lambda db: text_of(items_of(db, plan.id, plan.effective)))
    assert hashlib.sha256(text.encode()).hexdigest() == plan.digest == frozen[-1].digest
    dana.sees("Ana Silva", "In force")


async def test_amendment_is_declined_and_the_plan_in_force_stays(world: World) -> None:
    await _amended(world)
    ana, dana = world["ana"], world["dana"]
    before = await world.run(lambda db: (_plan(db, world).effective, _plan(db, world).digest))
    await ana.clicks("Decline…")
    await ana.fills({"Why not?": "I did not agree to that"})
    after = await world.run(lambda db: (_plan(db, world).effective, _plan(db, world).digest))
    assert before == after
    dana.sees("Ana Silva declined the amendment", "I did not agree to that")


async def test_working_copy_does_not_change_what_counts(world: World) -> None:
    await plan_active(world)
    dana, ana = world["dana"], world["ana"]
    await dana.says("perf goals @ana")
    await dana.clicks("Propose a change")
    name = await world.run(lambda db: _plan(db, world).items(db)[0].name)
    await dana.says("perf goals @ana")
    await dana.clicks("Discard the change")
    plan = await world.run(lambda db: _plan(db, world))
    assert (plan.state, plan.revision) == ("active", plan.effective)
    await ana.says("perf goals")
    ana.sees("In force", name)


async def test_objection_goes_back_to_the_author_with_the_reason(world: World) -> None:
    await plan_submitted(world)
    await world["eva"].clicks("Approve")
    await world["helen"].clicks("Pass")
    ana, dana = world["ana"], world["dana"]
    await ana.clicks("Object…")
    await ana.fills({"What do you not agree with?": "The visits are not mine"})
    dana.sees("Ana Silva objected", "The visits are not mine")
    assert (await world.run(lambda db: _plan(db, world))).state == "draft"
