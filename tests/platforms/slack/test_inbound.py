"""Payloads → events: recorded ones, what people write, and the rules that no code may break."""

import ast
import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.events import Attached, Command, File, FromPerson, Opened, Said
from bot.platforms.slack import inbound, mrkdwn
from bot.platforms.slack.answered import answers
from tests.fakes.slack_payloads import signed
from tests.fakes.slack_store import APP, BOT, BOT_ID, TEAM
from tests.platforms.slack.stage import Stage

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("PANDIAN_SHARED", ROOT.parent / "shared"))
RECORDED = SHARED / "fixtures" / "slack" / "payloads.json"
ME = inbound.Identity(TEAM, BOT, BOT_ID, APP)
FILE = File("goals.csv", "text/csv", 42, "https://files.slack.com/files-pri/T0001-F0001/goals.csv")
# What comes of each recorded payload; their forms are another app's, so they are refused (T34).
EXPECTED: dict[str, tuple[int, type[FromPerson] | None]] = {
    "slash_command": (200, Command),
    "ssl_check": (200, None),
    "url_verification": (200, None),
    "block_actions_message": (200, None),
    "block_actions_ephemeral": (200, None),
    "block_actions_modal": (200, None),
    "block_actions_home": (200, None),
    "view_submission": (400, None),
    "view_closed": (200, None),
    "block_suggestion": (200, None),
    "shortcut_global": (200, None),
    "shortcut_message": (200, None),
    "app_home_opened": (200, Opened),
    "app_home_opened_first": (200, Opened),
    "message_im": (200, Said),
    "message_im_file": (200, Attached),
    "message_changed": (200, None),
    "app_mention": (200, Said),
    "file_shared": (200, None),
    "team_join": (200, None),
    "user_change": (200, None),
    "app_uninstalled": (200, None),
    "tokens_revoked": (200, None),
    "app_rate_limited": (200, None),
}


def recorded(name: str) -> dict[str, Any]:
    """A payload as it was recorded."""
    if not RECORDED.exists():
        pytest.skip("the recorded payloads are not here (PANDIAN_SHARED)")
    payloads: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text("utf-8"))
    assert set(payloads) == set(EXPECTED)
    return payloads[name]


@pytest.mark.parametrize("name", EXPECTED)
async def test_recorded_payload(http: Stage, name: str) -> None:
    payload = recorded(name)
    encoding = payload.pop("_encoding")
    kind = "application/json" if encoding == "json" else "application/x-www-form-urlencoded"
    bodies = {"json": json.dumps(payload), "form": urlencode(payload)}
    body = bodies.get(encoding, urlencode({"payload": json.dumps(payload)})).encode()
    headers = signed(body, http.clock().timestamp()) | {"Content-Type": kind}
    status, _ = await http.driver.post(body, headers)
    assert (status, [type(event) for event in http.app.events]) == (
        EXPECTED[name][0],
        [made for made in [EXPECTED[name][1]] if made],
    )


def test_recorded_command_and_answers() -> None:
    command = inbound.event(recorded("slash_command"), ME)
    assert isinstance(command, Command)
    assert (command.text, command.mentions) == ("goal new @bob 50% & more", {"@bob": "U0002"})
    values = recorded("view_submission")["view"]["state"]["values"]
    del values["body"]
    assert answers(values) == {
        "goal_title": "Ship v2",
        "notes": "",
        "weight": "12.5",
        "kind": "objective",
        "tags": ("q1",),
        "owner": "@U0002",
        "watchers": ("@U0002", "@U0003"),
        "channel": "C0001",
        "due": "2026-03-31",
        "at": "09:30",
        "when": "1774951200",
        "flags": ("private",),
        "score": "4",
        "ext": "",
        "mail": "a@b.co",
        "link": "https://a.b",
        "files": (FILE.packed(),),
    }


@pytest.mark.parametrize(
    ("written", "text", "mentions"),
    [
        ("kudos <@U1|bob> and <@U2>", "kudos @bob and @U2", {"@bob": "U1", "@U2": "U2"}),
        ("<@U1|bob> <@U2|bob>", "@bob @U2", {"@bob": "U1", "@U2": "U2"}),
        ("<@U1|Bob Reed>", "@Bob_Reed", {"@Bob_Reed": "U1"}),
        ("<@UBOT> help", "help", {}),
        ("a &lt;@U1&gt; &amp;lt; b", "a <@U1> &lt; b", {}),
        ("<#C1|general> <#C2>", "#general #C2", {}),
        ("<!here> <!subteam^S1|@team> <!date^1^{date}|May 1>", "@here @team May 1", {}),
        (
            "<https://a.b/?x=1&amp;y=2> <https://a.b|a.b> <https://a.b|here>",
            "https://a.b/?x=1&y=2 https://a.b here (https://a.b)",
            {},
        ),
        ("<mailto:a@b.co|a@b.co>", "a@b.co", {}),
        ("1 < 2 > 1", "1 < 2 > 1", {}),
    ],
)
def test_what_people_write(written: str, text: str, mentions: dict[str, str]) -> None:
    read, found = mrkdwn.read(written, BOT)
    assert (" ".join(read.split()), dict(found)) == (" ".join(text.split()), mentions)


def test_workspace_and_app_are_known_by_the_envelope() -> None:
    assert inbound.ours({"team_id": TEAM, "api_app_id": APP}, ME)
    assert inbound.ours({"team": {"id": TEAM}}, ME)
    assert inbound.ours({"team": None, "user": {"team_id": TEAM}}, ME)
    shared = {"team_id": "T0009", "authorizations": [{"team_id": TEAM}], "api_app_id": APP}
    assert inbound.ours(shared, ME)
    for foreign in ({"team_id": "T0009"}, {"team": {"id": "T0009"}}, {"user": {"team_id": "T0009"}}):
        assert not inbound.ours(foreign, ME)
    assert not inbound.ours({"team_id": TEAM, "api_app_id": "A0009"}, ME)


SECRETS = re.compile(r"(^|_)(sig|signature|mac|hmac|token)(_|$)")


def test_T08_secrets_are_never_compared_with_equals() -> None:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                compared = [name for side in (node.left, *node.comparators) for name in names_in(side)]
                assert not any(SECRETS.search(name) for name in compared), f"{path}:{node.lineno}"


def names_in(node: ast.expr) -> list[str]:
    """The name that an expression ends in."""
    if isinstance(node, ast.Name):
        return [node.id]
    return [node.attr] if isinstance(node, ast.Attribute) else []
