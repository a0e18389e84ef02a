"""What the doctor, the manifest and serving say of DingTalk."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import checkup, chores, serving
from bot.db import Database
from bot.platforms.dingtalk import DingTalk
from bot.platforms.dingtalk.examined import Asked, Finding, examine
from bot.platforms.dingtalk.manifest import SCOPES
from bot.platforms.dingtalk.quota import counted_as
from bot.settings import Misconfigured, Settings, load
from bot.tally import Tally
from tests.fakes.dingtalk import AES_KEY, FORM, SECRET, TOKEN, DingTalkFake
from tests.fakes.dingtalk_cards import SCOPE
from tests.fakes.dingtalk_contacts import READ
from tests.fakes.dingtalk_sends import ROBOT
from tests.fakes.dingtalk_store import Refuse
from tests.platforms.dingtalk.stage import NOW, Clock
from tests.prepared import sqlite_at


@pytest.fixture
async def fake() -> AsyncIterator[DingTalkFake]:
    """A fake DingTalk alone."""
    async with DingTalkFake(NOW.timestamp, limited=False) as made:
        yield made


def asked(fake: DingTalkFake, **changed: object) -> Asked:
    """The app of a fake."""
    made = Asked(fake.client_id, fake.client_secret, fake.base, fake.old_base, form_template=FORM)
    return replace(made, **changed)  # type: ignore[arg-type]


async def found(app: Asked) -> dict[str, Finding]:
    """What is found, by name."""
    return {finding[0]: finding async for finding in examine(app)}


def configured(fake: DingTalkFake, **more: object) -> Settings:
    """The settings for a fake."""
    return Settings(
        DINGTALK_CLIENT_ID=SecretStr(f"{fake.client_id}-0123456789"),
        DINGTALK_CLIENT_SECRET=SecretStr(fake.client_secret),
        DINGTALK_API_URL=fake.base,
        DINGTALK_OAPI_URL=fake.old_base,
        **more,  # type: ignore[arg-type]
    )


async def test_all_is_well_and_nobody_is_sent_anything(fake: DingTalkFake) -> None:
    checks = await found(asked(fake))
    assert [name for name, ok, _advice in checks.values() if not ok] == []
    assert len(checks) == 7
    assert fake.store.posts == []


async def test_a_wrong_secret_is_told_and_nothing_else(fake: DingTalkFake) -> None:
    checks = await found(asked(fake, client_secret="another-secret-0123456789"))
    assert list(checks) == ["DingTalk token"]
    assert not checks["DingTalk token"][1]
    assert "another-secret" not in str(checks)


@pytest.mark.parametrize("scope", [ROBOT, SCOPE, READ])
async def test_missing_permissions_are_named(fake: DingTalkFake, scope: str) -> None:
    fake.scopes.remove(scope)
    wrong = [name for name, ok, _advice in (await found(asked(fake))).values() if not ok]
    assert any(scope in name for name in wrong)


async def test_wrong_ids_and_a_refused_stream_are_told(fake: DingTalkFake) -> None:
    fake.gateway.refusals = [Refuse("invalidParameter.subscriptions")]
    app = asked(fake, robot_code="another", form_template="unknown.schema", card_template="none.schema")
    wrong = {name for name, ok, _advice in (await found(app)).values() if not ok}
    assert wrong == {"DingTalk robot", "DingTalk form template", "DingTalk card template", "DingTalk stream"}
    plain = await found(asked(fake, card_template=None, form_template="", stream=False))
    assert plain.keys() == {"DingTalk token", "DingTalk messages", "DingTalk accounts"}


async def test_the_doctor_counts_and_asks_for_doors(fake: DingTalkFake, tmp_path: Path, migrated_file: Path) -> None:
    said: list[str] = []
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path)}"
    database = Database(url)
    await Tally(database)(counted_as("calls", datetime.now(UTC)), 4100)
    database.close()
    assert not await checkup.run(configured(fake, DINGTALK_STREAM=False, DATABASE_URL=url), said.append)
    faults = "\n".join(line for line in said if line.startswith("!!"))
    assert "DingTalk reaches this service: set PANDIAN_PUBLIC_URL" in faults
    assert "DingTalk events: set DINGTALK_TOKEN" in faults
    assert "DingTalk calls this month: 4100 of 5000: buy more" in faults
    assert "DingTalk token: check DINGTALK_CLIENT_ID" in faults
    assert fake.client_secret not in "".join(said)


def test_the_manifest_has_permissions_events_and_the_template() -> None:
    said = json.loads(chores.manifest(Settings(), "dingtalk"))
    assert {one["scope"] for one in said["permissions"]} == set(SCOPES)
    assert (said["delivery"], "user_leave_org" in said["events"]) == ({"mode": "Stream"}, True)
    assert {"editorData", "widgetInfo"} <= said["form_template"].keys()
    http = Settings(DINGTALK_STREAM=False, PANDIAN_PUBLIC_URL="https://perf.example.com/")
    at = json.loads(chores.manifest(http, "dingtalk"))["delivery"]
    assert at["cards"] == "https://perf.example.com/dingtalk/cards"


async def test_serving_makes_dingtalk_as_it_is_set(fake: DingTalkFake, tmp_path: Path) -> None:
    database = sqlite_at(tmp_path)
    platform = serving.dingtalk(configured(fake), Clock(), Tally(database))
    assert isinstance(platform, DingTalk)
    assert (platform.routes(), platform.rates.gap, platform.can.forms) == ([], 0.2, False)
    events = {"DINGTALK_TOKEN": SecretStr(TOKEN), "DINGTALK_AES_KEY": SecretStr(AES_KEY)}
    doors = serving.dingtalk(configured(fake, DINGTALK_STREAM=False, **events), Clock(), Tally(database))
    assert len(doors.routes()) == 3
    assert len(serving.dingtalk(configured(fake, DINGTALK_STREAM=False), Clock(), Tally(database)).routes()) == 2
    database.close()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DINGTALK_CLIENT_SECRET", {"DINGTALK_CLIENT_ID": "ding-0123456789abcdef"}),
        ("DINGTALK_CLIENT_ID", {"DINGTALK_CLIENT_SECRET": SECRET}),
        ("DINGTALK_AES_KEY", {"DINGTALK_TOKEN": TOKEN}),
        ("DINGTALK_TOKEN", {"DINGTALK_AES_KEY": AES_KEY, "DINGTALK_TOKEN": "secret"}),
    ],
)
def test_T05_half_of_dingtalk_names_what_is_missing(
    name: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {} if "_ID" in name or "_SECRET" in name else {"DINGTALK_CLIENT_ID": "ding-0123456789abcdef"}
    for variable, value in {**whole, **({"DINGTALK_CLIENT_SECRET": SECRET} if whole else {}), **given}.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(Misconfigured, match=name) as no:
        load()
    assert SECRET not in str(no.value)
