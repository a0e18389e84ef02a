"""Slack's requests as bytes: a press on Approve and a slash command, signed."""

import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.company import APPROVER, CHANNEL, lead, message_of, plan_id

SECRET = "8f742231b10e8888abcd99e4c1bb85a5"
TOKEN = "xoxb-1-bench-token-of-nobody"
TEAM, APP, BOT = "T1", "A1", "UBOT"
FORM = "application/x-www-form-urlencoded"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its body, and the headers that sign it now."""

    body: bytes
    headers: dict[str, str]


def press(number: int, hooks: str) -> Asked:
    """The approver presses Approve on the card of one plan; Slack sends the whole message along."""
    ts, plan = message_of(number), plan_id(number)
    pressed = {"type": "button", "action_id": "plan.approve", "block_id": "b3", "value": f"{plan}:2"}
    payload: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "bench"},
        "user": {"id": APPROVER, "username": "approver", "name": "approver", "team_id": TEAM},
        "api_app_id": APP,
        "token": "verification",
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": f"press.{next(_numbers)}",
        "container": {"type": "message", "message_ts": ts, "channel_id": CHANNEL, "is_ephemeral": False},
        "channel": {"id": CHANNEL, "name": "directmessage"},
        "message": {"type": "message", "ts": ts, "user": BOT, "text": "Person's plan", "blocks": _blocks(plan)},
        "state": {"values": {}},
        "response_url": f"{hooks}/{number}",
        "actions": [pressed | {"action_ts": "1700000001.1", "text": _plain("Approve"), "style": "primary"}],
    }
    return _signed({"payload": json.dumps(payload)})


def home(number: int, hooks: str) -> Asked:
    """One of the team leads types /perf."""
    fields = {
        "token": "verification",
        "team_id": TEAM,
        "team_domain": "bench",
        "channel_id": "C1",
        "channel_name": "general",
        "user_id": lead(number),
        "user_name": "lead",
        "command": "/perf",
        "text": "",
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": f"{hooks}/{number}",
        "trigger_id": f"slash.{next(_numbers)}",
    }
    return _signed(fields)


def _signed(fields: dict[str, str]) -> Asked:
    body = urlencode(fields).encode()
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}", "Content-Type": FORM}
    return Asked(body, signed)


def _blocks(plan: int) -> list[dict[str, Any]]:
    """The card as it stands in the conversation."""
    names = ("Indicator", "Target", "Weight")
    cells = [names, *((f"{n}. Indicator number {n}", f"≥ {80 + n}%", "20%") for n in range(1, 6))]
    rows = [[{"type": "raw_text", "text": cell} for cell in row] for row in cells]
    buttons = [(name, f"plan.{name.lower()}") for name in ("Approve", "Return", "Definitions")]
    elements = [
        {"type": "button", "action_id": action, "text": _plain(name), "value": f"{plan}:2"} for name, action in buttons
    ]
    return [
        {"type": "header", "text": _plain("Person · Q4 2026"), "block_id": "b0"},
        {"type": "table", "rows": rows, "block_id": "b1"},
        {"type": "context", "elements": [_plain("Weights total 100%")], "block_id": "b2"},
        {"type": "actions", "elements": elements, "block_id": "b3"},
    ]


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
