"""What the doctor, the manifest and serving say of Feishu."""

import json
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot import checkup, chores, serving
from bot.platforms.feishu import Feishu
from bot.platforms.feishu.examined import Finding, examine
from bot.platforms.feishu.manifest import EVENTS, SCOPES
from bot.settings import Settings
from tests.fakes.feishu import Fault, FeishuFake
from tests.platforms.feishu.stage import NOW, Clock


@pytest.fixture
async def fake() -> AsyncIterator[FeishuFake]:
    """A fake Feishu alone."""
    made = FeishuFake(NOW.timestamp, limited=False)
    await made.start()
    yield made
    await made.stop()


async def found(fake: FeishuFake, *, secret: str = "", socket: bool = True) -> dict[str, Finding]:
    """What is found, by name."""
    asked = examine(fake.app_id, secret or fake.secret, fake.base, socket=socket)
    return {finding[0]: finding async for finding in asked}


def configured(fake: FeishuFake, **more: object) -> Settings:
    """The settings for a fake."""
    return Settings(
        FEISHU_APP_ID=SecretStr(f"{fake.app_id}-0123456789"),
        FEISHU_APP_SECRET=SecretStr(fake.secret),
        FEISHU_API_URL=fake.base,
        **more,  # type: ignore[arg-type]
    )


async def test_all_is_well(fake: FeishuFake) -> None:
    fake.scopes.update(SCOPES)
    checks = await found(fake)
    assert [name for name, ok, _advice in checks.values() if not ok] == []
    assert {"Feishu token", "Feishu bot", "Feishu scopes", "Feishu long connection"} <= checks.keys()


async def test_a_wrong_secret_is_told_and_nothing_else(fake: FeishuFake) -> None:
    checks = await found(fake, secret="another-secret-0123456789")
    assert list(checks) == ["Feishu token"]
    assert not checks["Feishu token"][1]
    assert "another-secret" not in str(checks)


async def test_missing_scopes_are_named_with_what_they_are_for(fake: FeishuFake) -> None:
    fake.scopes.clear()
    fake.scopes.update(set(SCOPES) - {"contact:user.base:readonly", "im:user_agent:read"})
    checks = await found(fake)
    assert not checks["Feishu scope contact:user.base:readonly"][1]
    assert [name for name in checks if name.startswith("Feishu scope im:user_agent:read (without it")] != []
    assert all(ok for name, ok, _advice in checks.values() if "user_agent" in name)


async def test_a_bot_that_is_off_and_a_refused_connection_are_told(fake: FeishuFake) -> None:
    fake.enabled = False
    fake.links.codes = [(1000040344, 200)]
    checks = await found(fake)
    assert [name for name in ("Feishu bot", "Feishu long connection") if checks[name][1]] == []
    assert "Feishu long connection" not in await found(fake, socket=False)


async def test_events_that_are_not_in_the_published_version_are_named(fake: FeishuFake) -> None:
    fake.scopes.add("application:application.app_version:readonly")
    fake.subscribed = [event for event in EVENTS if event != "application.bot.menu_v6"]
    checks = await found(fake)
    assert [name for name in checks if name.startswith("Feishu event ")] == ["Feishu event application.bot.menu_v6"]
    fake.subscribed = list(EVENTS)
    assert any(name.startswith("Feishu events (see yourself") for name in await found(fake))


async def test_what_feishu_does_not_tell_is_no_fault(fake: FeishuFake) -> None:
    fake.fail("GET /application/v6/scopes", Fault(status=500))
    checks = await found(fake)
    assert checks["Feishu scopes could not be asked for"][1]


async def test_the_doctor_asks_for_a_key_of_a_webhook(fake: FeishuFake) -> None:
    said: list[str] = []
    token = SecretStr(fake.verification_token)
    how = {"FEISHU_LONG_CONNECTION": False, "FEISHU_VERIFICATION_TOKEN": token, "DATABASE_URL": "nonsense"}
    assert not await checkup.run(configured(fake, **how), said.append)
    faults = "\n".join(line for line in said if line.startswith("!!"))
    assert "Feishu requests are signed: set an Encrypt Key" in faults
    assert "Feishu reaches this service: set PANDIAN_PUBLIC_URL" in faults
    assert "Feishu token: check FEISHU_APP_ID" in faults
    assert fake.secret not in "".join(said)


def test_the_manifest_has_scopes_events_and_a_menu() -> None:
    said = json.loads(chores.manifest(Settings(), "feishu"))
    assert (set(said["events"]), set(said["scopes"]["tenant"])) == (set(EVENTS), set(SCOPES))
    assert said["delivery"] == {"mode": "long connection"}
    menu = [entry for group in said["bot_menu"] for entry in group["children"]]
    assert len(said["bot_menu"]) <= 3
    assert all(1 <= len(entry["event_key"]) <= 30 for entry in menu)
    webhook = Settings(FEISHU_LONG_CONNECTION=False, PANDIAN_PUBLIC_URL="https://perf.example.com/")
    at = json.loads(chores.manifest(webhook, "feishu"))["delivery"]
    assert (at["events"], at["callbacks"]) == (
        "https://perf.example.com/feishu/events",
        "https://perf.example.com/feishu/cards",
    )
    with pytest.raises(serving.Unusable, match="slack, feishu and dingtalk"):
        chores.manifest(Settings(), "icq")


def test_every_entry_of_the_menu_is_a_command() -> None:
    from bot.router import Router
    from handlers import ROUTERS

    router = Router.merged(ROUTERS)
    said = json.loads(chores.manifest(Settings(), "feishu"))
    for entry in (entry for group in said["bot_menu"] for entry in group["children"]):
        words = entry["event_key"].replace(".", " ")
        command, rest = router.parse(words)
        assert words == "perf" or (command is not None and not rest)


async def test_serving_makes_feishu_as_it_is_set(fake: FeishuFake) -> None:
    platform = serving.feishu(configured(fake), Clock())
    assert isinstance(platform, Feishu)
    assert (platform.routes(), platform.rates.gap) == ([], 0.2)
    token = SecretStr(fake.verification_token)
    doors = configured(fake, FEISHU_LONG_CONNECTION=False, FEISHU_VERIFICATION_TOKEN=token)
    assert len(serving.feishu(doors, Clock()).routes()) == 2
