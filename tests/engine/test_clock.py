"""The clock jumps: nothing is done twice, nothing waits for a time that comes again, everything is still answered."""

import asyncio
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, func, select

from bot.drawing import LINE
from bot.events import Tick
from models import upkeep
from models.checkin import Checkin
from models.delivery import QUEUED, Delivery, Firing, enqueue
from models.identity import Identity
from tests.security.stage import filled, plan_of, play, submitted, who
from tests.world import World

JUMPS = (timedelta(days=3), timedelta(hours=-1), timedelta(days=-3), timedelta(days=30))


async def test_forward_and_back(tmp_path: Path) -> None:
    """After every jump people report, ticks come again, and messages queued before it arrive."""
    async with play(tmp_path, "web", fill=filled(("ana", "active"))) as worlds:
        web = worlds["web"]
        for number, jump in enumerate(JUMPS):
            await _all_ticks(web)
            before = await web.run(lambda db: db.exec(select(func.count()).select_from(Firing)).one())
            await _all_ticks(web)
            assert await web.run(lambda db: db.exec(select(func.count()).select_from(Firing)).one()) == before
            web.clock.now += jump
            await _report(web, f"after jump {number}")
        notes = await web.run(lambda db: list(db.exec(select(Checkin.note)).all()))
        assert notes == [f"after jump {number}" for number in range(len(JUMPS))]


async def test_what_was_queued_before_the_clock_was_set_back_does_not_wait_for_it(tmp_path: Path) -> None:
    async with play(tmp_path, "web", fill=filled(("ana", "active"))) as worlds:
        web = worlds["web"]
        await web["ana"].says("perf help")
        await web.settle()
        await web.run(lambda db: _queue(db, web))
        web.clock.now -= timedelta(hours=1)
        await web.run(lambda db: upkeep.redate(db, web.clock()))
        await web.bot.outbox.idle()
        left = await web.run(lambda db: db.exec(select(Delivery).where(Delivery.state == QUEUED)).all())
        assert not left


def _queue(db: Session, world: World) -> None:
    account = db.exec(select(Identity).where(Identity.person_id == world["ana"].id)).one()
    about = {"view": LINE, "subject_noun": "", "subject_id": 0, "facts": {"text": "soon"}}
    enqueue(db, [{"person_id": account.person_id, "identity_id": account.id, **about}], world.clock())


async def _all_ticks(world: World) -> None:
    at = world.clock.now.replace(second=0, microsecond=0)
    await asyncio.gather(*(world.bot.dispatch.tick(Tick(name, at)) for name in sorted(world.bot.router.ticks)))
    await world.settle()


async def _report(world: World, note: str) -> None:
    plan = await plan_of(world, "ana")
    lineage = await world.run(lambda db: plan.agreed_items(db)[0].lineage)
    form = submitted(who(world, "ana"), "plan.checkin", plan.id, plan.version, item=str(lineage), note=note)
    assert (await world.bot.dispatch(form)).toast.startswith("Reported")
    await world.settle()
