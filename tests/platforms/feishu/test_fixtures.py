"""Events and cards as the vendor's documentation shows them: the doors take them, the fake's rules know them."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.events import Command, FromPerson, Opened, Said
from bot.platforms.feishu import inbound
from bot.platforms.feishu.said import Identity, Malformed
from tests.fakes import feishu_rules
from tests.platforms.feishu.stage import Stage

Json = dict[str, Any]
ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("PANDIAN_SHARED", ROOT.parent / "shared")) / "fixtures" / "feishu"
EVENTS = sorted(SHARED.glob("*.json"))
CARDS = [path for path in sorted(SHARED.glob("cards/*.json")) if path.stem != "callback"]
UNDERSTOOD: dict[str, type[FromPerson]] = {
    "im.message.receive_v1": Said,
    "application.bot.menu_v6": Command,
    "im.chat.access_event.bot_p2p_chat_entered_v1": Opened,
}
pytestmark = pytest.mark.skipif(not EVENTS, reason="the shared data set is not beside this checkout (PANDIAN_SHARED)")


def read(path: Path) -> Json:
    """The JSON of a file."""
    value: Json = json.loads(path.read_text())
    return value


def taken(body: Json) -> FromPerson | None:
    """What we make of an event whose mentioned bot is ours."""
    bots = [one["id"]["open_id"] for one in body["event"].get("message", {}).get("mentions", ())]
    event, press = inbound.event(body, Identity(body["header"]["app_id"], next(iter(bots), "")))
    assert press is None
    return event


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_every_event_as_documented_is_ignored(path: Path) -> None:
    """The sender is of another company, the menu another bot's, and the conversation no new one."""
    assert taken(read(path)) is None


def test_what_is_meant_for_us_is_understood() -> None:
    said, chosen, entered = (read(SHARED / f"{name}.json") for name in UNDERSTOOD)
    said["event"]["sender"]["tenant_key"] = said["header"]["tenant_key"]
    chosen["event"]["event_key"] = "perf.tasks"
    del entered["event"]["last_message_id"]
    for body, kind in zip((said, chosen, entered), UNDERSTOOD.values(), strict=True):
        assert isinstance(taken(body), kind)


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
async def test_every_event_passes_the_doors(stage: Stage, path: Path) -> None:
    body = copy.deepcopy(read(path))
    body["header"] |= {"app_id": stage.fake.app_id, "token": stage.fake.verification_token}
    assert (await stage.fake.push(body)).status == 200


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_every_card_passes_the_rules_of_the_fake(path: Path) -> None:
    value = read(path)
    feishu_rules.check(value.get("card", {}).get("data") or value)


def test_a_press_on_a_card_that_is_not_ours_is_refused() -> None:
    value = read(SHARED / "cards" / "callback.json")
    with pytest.raises(Malformed):
        inbound.event(value, Identity(value["header"]["app_id"], ""))
