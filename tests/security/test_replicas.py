"""Two replicas on one PostgreSQL: real concurrency, where SQLite has one writer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from bot.db import Database
from models.approval import Approval
from models.checkin import Checkin
from models.plan import Plan
from tests import postgres
from tests.drivers.web import WebDriver
from tests.security.stage import click, count, filled, plan_of, sharing, submitted, who
from tests.security.test_buttons import HANDS, ROUNDS, _twenty
from tests.world import World

pytestmark = pytest.mark.postgres


@pytest.fixture
async def replicas(
    request: pytest.FixtureRequest, server: postgres.Server, migrated_database: str
) -> AsyncIterator[list[World]]:
    """The same company served twice; `request.param` fills it."""
    url = server.create(migrated_database)
    databases = [Database(url), Database(url)]
    try:
        async with (
            sharing({"web": WebDriver()}, databases[0], request.param) as first,
            sharing({"web": WebDriver()}, databases[1], lambda _db, _vault, _now: None) as second,
        ):
            yield [first["web"], second["web"]]
    finally:
        for database in databases:
            database.close()
        server.drop(url)


@pytest.mark.parametrize("replicas", [_twenty], indirect=True, ids=["twenty"])
async def test_T31_presses_on_two_replicas_at_once_have_one_winner(replicas: list[World]) -> None:
    plans = await replicas[0].run(lambda db: db.exec(select(Plan).where(Plan.state == "compliance")).all())
    for plan in plans:
        presses = []
        for number in range(HANDS):
            world = replicas[number % 2]
            by = who(world, "helen" if number % 4 < 2 else "henry")
            presses.append(world.bot.dispatch(click(by, "plan.pass", plan.id, plan.version)))
        told = [answer.toast for answer in await asyncio.gather(*presses)]
        assert sum(said.startswith("Passed.") for said in told) == 1, told
        assert sum(" already passed this on " in said for said in told) == HANDS - 1, told
    made = await replicas[0].run(lambda db: db.exec(select(Approval).where(Approval.decision == "passed")).all())
    assert len(made) == ROUNDS


@pytest.mark.parametrize("replicas", [filled(("ana", "active"))], indirect=True, ids=["active"])
async def test_T11_one_delivery_to_two_replicas_at_once_has_one_effect(replicas: list[World]) -> None:
    plan = await plan_of(replicas[0], "ana")
    lineage = await replicas[0].run(lambda db: plan.agreed_items(db)[0].lineage)
    form = submitted(who(replicas[0], "ana"), "plan.checkin", plan.id, plan.version, item=str(lineage), note="half")
    answers = await asyncio.gather(*(replicas[number % 2].bot.dispatch(form) for number in range(20)))
    assert sum(bool(answer.toast) for answer in answers) == 1
    assert await count(replicas[1], Checkin) == 1
