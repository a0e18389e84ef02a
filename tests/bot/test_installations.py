"""Where installations are kept, on both engines: one row a tenant, nothing done twice (threats T11, T31)."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from bot.db import Database
from bot.installations import Installations
from bot.tenants import Installed
from bot.vault import Unreadable, Vault
from models.audit import Audit

AT = datetime(2026, 3, 2, tzinfo=UTC)
MANY = 8
OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def kept(database: Database, *keys: bytes) -> Installations:
    return Installations(database, Vault(keys or (OLD,)), lambda: AT, "slack")


def some(tenant: str, token: str, enterprise: str = "") -> Installed:
    return Installed(
        tenant,
        token,
        app="A1",
        bot="B1",
        bot_user="U1",
        name=f"Of {tenant}",
        scopes="x,y",
        by="U2",
        enterprise=enterprise,
    )


async def test_T40_an_installation_is_found_renewed_and_ended_by_its_own_token_alone(database: Database) -> None:
    tenants = kept(database)
    grid = Installed("E1", "xoxb-e", enterprise="E1", whole=True)
    for made in (some("T1", "xoxb-1"), grid, some("T2", "xoxb-2", enterprise="E9")):
        await tenants.save(made)
        assert await tenants.find(made.tenant) == made
    await tenants.save(some("T1", "xoxb-newer"))
    assert [one.token for one in await tenants.all()] == ["xoxb-newer", "xoxb-e", "xoxb-2"]
    assert not await tenants.end("T1", "xoxb-1", "token_revoked"), "another token by now"
    assert await tenants.end("T1", "xoxb-newer", "token_revoked")
    assert not await tenants.end("T1", "", "token_revoked"), "nothing is not a token"
    assert not await tenants.end("T8", "", "token_revoked")
    assert await tenants.find("T1") is None
    assert await tenants.find("T8") is None
    other = Installations(database, Vault([OLD]), lambda: AT, "feishu")
    assert not await other.all()
    assert [one.tenant for one in await tenants.all()] == ["E1", "T2"]
    await tenants.save(some("T1", "xoxb-again"))
    assert [one.tenant for one in await tenants.all()] == ["T1", "E1", "T2"]
    with pytest.raises(Unreadable):
        await kept(database, NEW).find("T1")


async def test_T11_T31_of_many_at_once_one_uses_a_key_and_one_row_is_made(database: Database) -> None:
    replicas = [kept(database) for _ in range(MANY)]
    assert sum(await asyncio.gather(*(one.use("state", "invitation") for one in replicas))) == 1
    assert not await replicas[0].use("fresh", "invitation")
    assert not await replicas[0].used("unknown")
    assert await replicas[0].used("fresh"), "it came first, so it is used up as well"
    await asyncio.gather(*(one.save(some("T1", f"xoxb-{number}")) for number, one in enumerate(replicas)))
    (left,) = await replicas[0].all()
    assert sum(await asyncio.gather(*(one.end("T1", left.token, "gone") for one in replicas))) == 1
    told = await database.run(lambda db: Counter(db.exec(select(Audit.action)).all()))
    assert told == {"installation.made": 1, "installation.renewed": MANY - 1, "installation.ended": 1}
