"""What the doctor finds out about a Slack app, and the manifest that it is compared with."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import SecretStr
from sqlmodel import Session, select

from bot import checkup, chores, serving
from bot.db import Database
from bot.installations import Installations
from bot.platforms.slack import Slack, manifest
from bot.platforms.slack.arrivals import counted_as
from bot.platforms.slack.examined import Asked, Finding, compared, examine
from bot.platforms.slack.manifest import EVENTS, SCOPES
from bot.settings import Settings
from bot.tally import Tally
from bot.tenants import Installed
from models.delivery import DEAD, Delivery, enqueue
from models.deployment import add_to, count_of
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import APP_TOKEN, SECRET, TOKEN, FakeSlack, Fault
from tests.fakes.slack_oauth import CLIENT_ID, CLIENT_SECRET
from tests.fakes.slack_settings import CONFIG_TOKEN, AppSettings
from tests.models.rows import account, person
from tests.platforms.slack.manifest_rules import MANIFEST
from tests.platforms.slack.stage import Clock, Stage

URL = "https://perf.example.com"
SECRETS = (TOKEN, APP_TOKEN, CONFIG_TOKEN, SECRET)


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    """A fake Slack alone."""
    made = FakeSlack()
    await made.start()
    yield made
    await made.stop()


async def found(fake: FakeSlack, token: str = TOKEN, **more: Any) -> dict[str, Finding]:
    """What is found, by name; no secret in it."""
    checks = {finding[0]: finding async for finding in examine(Asked(fake.api_url, {"": token}, **more))}
    assert not any(secret in str(checks) for secret in SECRETS)
    return checks


def wrong(checks: dict[str, Finding]) -> list[str]:
    """The names of what is not in order."""
    return [name for name, ok, _advice in checks.values() if not ok]


async def test_all_is_well(fake: FakeSlack) -> None:
    checks = await found(fake, app_token=APP_TOKEN, arrived=EVENTS)
    assert wrong(checks) == []
    assert list(checks) == [
        "Slack token",
        "Slack clock",
        "Slack scopes",
        "Slack app",
        "Slack Socket Mode",
        "Slack events",
    ]
    assert "chat.postMessage" not in {method for method, _given in fake.calls}


async def test_a_token_that_does_not_work_is_told_and_nothing_else(fake: FakeSlack) -> None:
    checks = await found(fake, "xoxb-another-token")
    assert (wrong(checks), "invalid_auth" in checks["Slack token"][2]) == (["Slack token"], True)
    fake.fail("auth.test", Fault(500))
    assert "status 500" in (await found(fake))["Slack token"][2]


async def test_scopes_clock_and_two_apps(fake: FakeSlack) -> None:
    fake.scopes -= {"files:read", "im:write"}
    fake.behind = 95
    checks = await found(fake, app_token="xapp-1-A0666-1-of-another")
    assert wrong(checks) == [
        "Slack clock",
        "Slack scope files:read",
        "Slack scope im:write",
        "Slack app",
        "Slack Socket Mode",
    ]
    assert "9" in (advice := checks["Slack clock"][2])
    assert "seconds ahead of Slack's" in advice
    fake.behind = 40
    assert "Slack clock" not in wrong(await found(fake))


async def test_what_never_came_is_said_where_something_did(fake: FakeSlack) -> None:
    never = [name for name in await found(fake, arrived=["app_home_opened", "message.im"]) if "never came" in name]
    assert [name.split()[2] for name in never] == ["app_mention", "user_change"]
    assert all("Event Subscriptions" in name for name in never)
    assert "Slack events (none ever came)" in await found(fake)


async def test_the_apps_own_settings_are_compared_where_they_may_be_seen(fake: FakeSlack) -> None:
    held = AppSettings(manifest(URL, socket=True))
    fake.open = {**fake.open, "apps.manifest.export": held}
    about = {"app_token": APP_TOKEN, "config_token": CONFIG_TOKEN, "public_url": URL}
    assert wrong(await found(fake, **about)) == []
    held.held["settings"]["event_subscriptions"]["bot_events"].remove("message.im")
    held.held["features"]["app_home"]["messages_tab_enabled"] = False
    del held.held["features"]["shortcuts"][1]
    checks = await found(fake, **about)
    assert wrong(checks) == ["Slack event message.im", "Slack shortcut Keep as evidence", "Slack messages tab enabled"]
    assert "perf.evidence" in checks["Slack shortcut Keep as evidence"][2]
    held.expired = True
    assert wrong(await found(fake, **about)) == ["Slack app's own settings"]


def test_an_app_without_anything_lacks_everything() -> None:
    lacking = [name for name, _ok, _advice in compared(manifest(URL, oauth=True), {})]
    assert len([name for name in lacking if name.startswith("Slack scope ")]) == len(SCOPES)
    assert {"Slack redirect address", "Slack command /perf", "Slack shortcut My tasks"} <= {*lacking}


def _happened(db: Session) -> None:
    """A message came once, and a conversation was refused to us."""
    add_to(db, counted_as("message.im"), 1)
    owner = person(db, "ana")
    about = {"view": "line", "subject_noun": "", "subject_id": 0, "facts": {"text": "Hello"}}
    enqueue(db, [{**about, "person_id": owner.id, "identity_id": account(db, owner).id}], datetime.now(UTC))
    for row in db.exec(select(Delivery)):
        row.state, row.due, row.error = DEAD, False, "no access: messages_tab_disabled"


async def test_kinds_of_events_are_noted_once_in_a_process(http: Stage, database: Database) -> None:
    """By whoever runs Slack for real; what is not for us counts for nothing."""
    tally, driver = Tally(database), http.driver
    asked: list[str] = []

    async def counted(name: str, more: int) -> int:
        asked.append(name)
        return await tally(name, more)

    slack = Slack(SECRET, TOKEN, api_url=driver.fake.api_url, clock=http.clock, tally=counted)
    await slack.start(http.app)
    assert slack._bolt is not None
    from bot.platforms.slack import bolt

    foreign = payloads.mentioned("U0001", "C0001", "hi") | {"api_app_id": "A0999"}
    typed = [payloads.typed(driver.fake.store, "U0001", "hi") for _ in range(2)]
    for payload in (foreign, *typed, payloads.opened("U0001", "D0001")):
        await slack._bolt.async_dispatch(bolt.request(payload, {}))
    await slack.settle()
    await slack.stop()
    assert asked == [counted_as("message.im"), counted_as("app_home_opened")]
    assert database.now(lambda db: count_of(db, counted_as("message.im"))) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_the_doctor_of_this_process_asks_slack(fake: FakeSlack, database_url: str) -> None:
    settings = Settings(
        DATABASE_URL=database_url,
        SLACK_SIGNING_SECRET=SecretStr(SECRET),
        SLACK_BOT_TOKEN=SecretStr(TOKEN),
        SLACK_API_URL=fake.api_url,
    )
    database = Database(database_url)
    database.now(_happened)
    database.close()
    said: list[str] = []
    assert not await checkup.run(settings, said.append)
    faults = [line.removeprefix("!!  ").partition(":")[0] for line in said if line.startswith("!!")]
    assert {"Slack reaches this service", "Slack Messages tab"} <= {*faults}
    assert "ok  Slack scopes" in said
    assert "ok  Slack Home tab" in said
    assert any(line.startswith("ok  Slack event app_mention never came") for line in said)
    assert not any(secret in "".join(said) for secret in SECRETS)
    assert serving.slack(settings, Clock()).routes()


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_every_workspace_that_installed_the_bot_is_looked_at(fake: FakeSlack, database_url: str) -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    settings = Settings(
        DATABASE_URL=database_url,
        PANDIAN_SECRET_KEY=SecretStr(key),
        PANDIAN_PUBLIC_URL=URL,
        SLACK_SIGNING_SECRET=SecretStr(SECRET),
        SLACK_CLIENT_ID=SecretStr(CLIENT_ID),
        SLACK_CLIENT_SECRET=SecretStr(CLIENT_SECRET),
        SLACK_API_URL=fake.api_url,
    )
    database = Database(database_url)
    store = Installations(database, serving.vault_of(settings, sample=False), Clock(), "slack")
    await store.save(Installed("T0001", TOKEN, name="Acme"))
    await store.save(Installed("T0002", "xoxb-of-somebody-who-left", name="Else"))
    database.close()
    said: list[str] = []
    await checkup.run(settings, said.append)
    assert {"ok  Slack token (Acme T0001)", "ok  Slack scopes (Acme T0001)"} <= {*said}
    assert any(line.startswith("!!  Slack token (Else T0002)") for line in said)
    assert "somebody-who-left" not in "".join(said)


VARIANTS = {
    "http": manifest(URL),
    "socket": manifest(""),
    "socket with an address": manifest(URL, socket=True),
    "many workspaces": manifest(f"{URL}/", oauth=True),
    "many workspaces, socket": manifest(URL, socket=True, oauth=True),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_manifest_keeps_slacks_limits(name: str) -> None:
    made = VARIANTS[name]
    assert [error.message for error in Draft7Validator(MANIFEST).iter_errors(made)] == []
    socket, settings = "socket" in name, made["settings"]
    assert settings["socket_mode_enabled"] is socket
    assert settings["org_deploy_enabled"] is ("many" in name)
    urls = [settings["event_subscriptions"].get("request_url"), settings["interactivity"].get("request_url")]
    urls += [command.get("url") for command in made["features"]["slash_commands"]]
    assert urls == [None if socket else f"{URL}/slack/events"] * 3
    back = made["oauth_config"].get("redirect_urls")
    assert back == ([f"{URL}/slack/oauth_redirect"] if "many" in name else None)


def test_the_command_prints_the_manifest_that_fits_the_settings() -> None:
    def printed(*, several: bool = False, **more: Any) -> Any:
        return json.loads(chores.manifest(Settings(**more), "slack", several=several))

    assert printed() == VARIANTS["socket"]
    assert printed(PANDIAN_PUBLIC_URL=URL) == VARIANTS["http"]
    whole: dict[str, Any] = {
        "SLACK_SIGNING_SECRET": SecretStr(SECRET),
        "SLACK_BOT_TOKEN": SecretStr(TOKEN),
        "SLACK_APP_TOKEN": SecretStr(APP_TOKEN),
    }
    assert printed(PANDIAN_PUBLIC_URL=URL, **whole) == VARIANTS["socket with an address"]
    assert printed(several=True, PANDIAN_PUBLIC_URL=URL) == VARIANTS["many workspaces"]
    with pytest.raises(serving.Unusable, match="PANDIAN_PUBLIC_URL"):
        printed(several=True)
    with pytest.raises(ValueError, match="https address"):
        manifest("", socket=False)
