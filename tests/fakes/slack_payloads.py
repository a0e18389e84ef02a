"""Slack's payloads, as its clients make them, and their signed HTTP form."""

import hashlib
import hmac
import itertools
import json
import mimetypes
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from tests.fakes.slack import SECRET
from tests.fakes.slack_screen import Pressable
from tests.fakes.slack_store import APP, BOT, TEAM, Json, Posted, Store, View

_count = itertools.count(1)


def signed(body: bytes, at: float, secret: str = SECRET) -> dict[str, str]:
    """The two headers of a body sent at a time in seconds."""
    stamp = str(int(at))
    mac = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def encoded(payload: Mapping[str, Any]) -> tuple[bytes, str]:
    """Body and content type, as Slack sends this kind over HTTP."""
    if payload.get("type") in ("event_callback", "url_verification", "app_rate_limited"):
        return json.dumps(payload).encode(), "application/json"
    form = payload if "command" in payload or "ssl_check" in payload else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def escaped(text: str) -> str:
    """What was typed, as Slack hands it on."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def said(text: str) -> Json:
    """The JSON of an answer; an answer may be text as well."""
    try:
        value = json.loads(text)
    except ValueError:
        return {"text": text} if text else {}
    return value if isinstance(value, dict) else {}


def slash(store: Store, user: str, channel: str, command: str, text: str, hooks: str) -> Json:
    """A slash command."""
    token = store.answer_url(user, channel)
    return {
        "token": "verification",
        "team_id": TEAM,
        "team_domain": "acme",
        "channel_id": channel,
        "channel_name": "directmessage" if channel.startswith("D") else "general",
        "user_id": user,
        "user_name": store.users[user]["name"],
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": f"{hooks}/{token}",
        "trigger_id": store.trigger(user),
    }


def happened(event: Mapping[str, Any]) -> Json:
    """An event in its envelope."""
    return {
        "token": "verification",
        "team_id": TEAM,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{next(_count):08d}",
        "event_time": 1700000000,
        "authorizations": [
            {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-eyJ",
    }


def typed(store: Store, user: str, text: str, files: Sequence[Json] = ()) -> Json:
    """A message in the direct conversation."""
    shared = {"subtype": "file_share", "files": list(files)} if files else {}
    about = {"channel": store.dm(user), "channel_type": "im", "user": user, "team": TEAM}
    return happened({"type": "message", "text": text, "ts": f"1700000000.{next(_count):06d}"} | about | shared)


def shared(store: Store, base: str, name: str, content: bytes) -> Json:
    """A file that somebody uploaded, as events and forms describe it."""
    file = f"F{next(store.count):04d}"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    about = {"id": file, "name": name, "mimetype": kind, "size": len(content), "url_private": f"{base}/files/{file}"}
    store.files[file] = {**about, "content": content, "done": True, "about": about}
    return about


def mentioned(user: str, channel: str, text: str) -> Json:
    """A message in a channel that mentions the bot."""
    about = {"channel": channel, "user": user, "team": TEAM}
    return happened({"type": "app_mention", "text": f"<@{BOT}> {text}", "ts": f"1700000000.{next(_count):06d}"} | about)


def opened(user: str, channel: str, tab: str = "home", shown: View | None = None) -> Json:
    """The bot's page or conversation was opened; `shown` is the page that was published before, if one was."""
    view = {"view": whole(shown)} if shown else {}
    about = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": "1.1"}
    return happened(about | view)


def interaction(store: Store, user: str, kind: str, modal: str = "") -> Json:
    """What all interactive payloads have; `modal` is the view it is done in."""
    return {
        "type": kind,
        "team": {"id": TEAM, "domain": "acme"},
        "user": {
            "id": user,
            "username": store.users[user]["name"],
            "name": store.users[user]["name"],
            "team_id": TEAM,
        },
        "api_app_id": APP,
        "token": "verification",
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": store.trigger(user, modal),
    }


def shortcut(store: Store, user: str, name: str = "perf.tasks") -> Json:
    """A global shortcut: it names no channel and brings no response_url."""
    return interaction(store, user, "shortcut") | {"callback_id": name, "action_ts": "1700000001.000001"}


def kept(store: Store, user: str, channel: str, text: str, files: Sequence[Json] = ()) -> Json:
    """The message shortcut on a message, with a response_url of the channel."""
    message = {"type": "message", "text": text, "ts": f"1700000000.{next(_count):06d}", "files": list(files)}
    place = {"callback_id": "perf.evidence", "channel": {"id": channel, "name": "general"}}
    return interaction(store, user, "message_action") | place | {"message": message}


def action(pressed: Pressable) -> Json:
    """The pressed element."""
    made: Json = {
        "type": pressed.element["type"],
        "action_id": pressed.element["action_id"],
        "block_id": pressed.block.get("block_id", "auto"),
        "action_ts": f"1700000001.{next(_count):06d}",
    }
    if pressed.option is not None:
        return made | {"selected_option": pressed.option}
    return made | {key: pressed.element[key] for key in ("text", "value", "style", "url") if key in pressed.element}


def press_message(store: Store, user: str, posted: Posted, content: Json, pressed: Pressable, hooks: str) -> Json:
    """A press on a message, or on an ephemeral one."""
    place = {"message_ts": posted.ts, "channel_id": posted.channel, "is_ephemeral": bool(posted.user)}
    token = store.answer_url(user, posted.channel, posted.ts)
    made = interaction(store, user, "block_actions") | {
        "container": {"type": "message"} | place,
        "channel": {"id": posted.channel, "name": "directmessage"},
        "state": {"values": {}},
        "response_url": f"{hooks}/{token}",
        "actions": [action(pressed)],
    }
    seen = {"type": "message", "ts": posted.ts, "user": BOT, "text": content["text"], "blocks": content["blocks"]}
    return made if posted.user else made | {"message": seen}


def press_view(store: Store, user: str, view: View, pressed: Pressable) -> Json:
    """A press on the home page or in a modal."""
    modal = view.id if view.body["type"] == "modal" else ""
    return interaction(store, user, "block_actions", modal) | {
        "container": {"type": "view", "view_id": view.id},
        "view": whole(view),
        "actions": [action(pressed)],
    }


def submission(store: Store, view: View, values: Mapping[str, Any]) -> Json:
    """A submitted modal; `values` by block_id and action_id."""
    state = {"state": {"values": values}}
    made = interaction(store, view.user, "view_submission", view.id)
    return made | {"view": whole(view) | state, "response_urls": []}


def closed(store: Store, view: View, *, cleared: bool = False) -> Json:
    """A modal that was closed; only where it asks to be told, and without a trigger."""
    made = interaction(store, view.user, "view_closed")
    del made["trigger_id"]
    return made | {"view": whole(view), "is_cleared": cleared}


def whole(view: View) -> Json:
    """A view as it is sent back."""
    lies = {"root_view_id": view.root, "previous_view_id": view.previous or None}
    fixed = {"team_id": TEAM, "app_id": APP, "external_id": view.body.get("external_id", "")} | lies
    empty: Json = {"private_metadata": "", "callback_id": "", "close": None, "submit": None}
    about = {"id": view.id, "hash": view.hash, "state": {"values": {}}}
    return {**empty, **_told(view.body), **fixed, **about}


def _told(part: Any) -> Any:
    """Texts of blocks come back with three characters escaped (bolt-python #513)."""
    if isinstance(part, Mapping):
        texts = {key: escaped(held) for key, held in part.items() if key == "text" and isinstance(held, str)}
        return {key: _told(held) for key, held in part.items()} | texts
    return [_told(one) for one in part] if isinstance(part, list) else part
