"""Slack payload → Event, pure: what is not for us gives None, what we never drew raises Malformed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import Attached, Changed, Click, Command, File, FromPerson, Opened, Said, Submitted, Where, Who
from bot.platforms.slack import mrkdwn, views
from bot.platforms.slack.answered import answers, file

NAME = "slack"
REPEAT = "slack.repeat"
SHORTCUT = "perf"
KEEP = "perf.evidence"
CHANGED = "user_change"
_ACTION = re.compile(r"[a-z_]+\.[a-z_.]+")
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}", re.ASCII)
_STAMP = re.compile(r"[0-9]{10}\.[0-9]{6}", re.ASCII)
_CARRIED = re.compile(r"([0-9]{1,18}):([0-9]{1,18})(?::(.*))?", re.ASCII | re.DOTALL)
Body = Mapping[str, Any]


class Malformed(Exception):
    """A signed payload with a value that this bot never put there."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are, as Slack says: workspace, bot user, bot and app ids ("" where unknown)."""

    team: str
    user: str
    bot: str
    app: str = ""


def event(body: Body, me: Identity) -> FromPerson | None:
    """The event in a payload whose shape was checked (`shape.well_formed`)."""
    match body.get("type"):
        case None if "command" in body:
            return _command(body, me)
        case "event_callback":
            return _event(body, me)
        case "block_actions":
            return _click(body, me)
        case "view_submission":
            return _submitted(body, me)
        case "shortcut" | "message_action":
            return _shortcut(body, me)
        case _:
            return None


def changed(body: Body, me: Identity) -> Changed | None:
    """That somebody's account was closed; what else changes in a profile is asked for when it is needed."""
    inner = body.get("event") if body.get("type") == "event_callback" else None
    user = inner.get("user") if isinstance(inner, dict) and inner.get("type") == CHANGED else None
    if not isinstance(user, dict) or user.get("deleted") is not True or not isinstance(user.get("id"), str):
        return None
    return Changed(body["event_id"], _who(user["id"], me), left=True)


def ours(body: Body, me: Identity) -> bool:
    """Whether the payload is for our app in our workspace; what it does not say is not held against it."""
    if me.app and body.get("api_app_id", me.app) != me.app:
        return False
    teams = {body.get("team_id"), (body.get("team") or {}).get("id")}
    teams |= {granted.get("team_id") for granted in body.get("authorizations") or ()}
    if teams <= {None}:
        teams = {(body.get("user") or {}).get("team_id")}
    return teams <= {None} or me.team in teams


def private(channel: str) -> bool:
    """Whether a channel is a direct conversation with the bot."""
    return channel.startswith("D") or not channel


def _who(user: str, me: Identity) -> Who:
    return Who(NAME, me.team, user)


def _command(body: Body, me: Identity) -> Command:
    text, mentions = mrkdwn.read(body.get("text", ""), me.user)
    where = Where(body["channel_id"], private=True, inline=True)
    return Command(body["trigger_id"], _who(body["user_id"], me), where, text, mentions)


def _event(body: Body, me: Identity) -> FromPerson | None:
    inner, key = body["event"], body["event_id"]
    user, channel = inner.get("user"), inner.get("channel") or ""
    if not isinstance(user, str) or user == me.user or inner.get("bot_id"):
        return None
    match inner["type"], inner.get("subtype"):
        case "message", None | "file_share" if inner.get("channel_type") == "im":
            return _said(inner, key, _who(user, me), Where(channel), me)
        case "app_mention", None:
            return _said(inner, key, _who(user, me), Where(channel, private=private(channel)), me)
        case "app_home_opened", _:
            home = inner.get("tab") == "home"
            where = Where(inline=True) if home else Where(channel)
            return Opened(key, _who(user, me), where, "home" if home else "conversation")
        case _:
            return None


def _said(inner: Body, key: str, who: Who, where: Where, me: Identity) -> Said | Attached:
    text, mentions = mrkdwn.read(inner.get("text") or "", me.user)
    files = _files(inner)
    return Attached(key, who, where, files, text) if files else Said(key, who, where, text, mentions)


def _files(holder: Body) -> tuple[File, ...]:
    """The files of a message; of those in shared channels nothing is said but the id: the rest has to be asked for."""
    given = holder.get("files") or ()
    return tuple(file(one) for one in given if one.get("url_private") or one.get("file_access") == "check_file_info")


def _click(body: Body, me: Identity) -> FromPerson | None:
    action = body["actions"][0]
    name = action["action_id"].partition("#")[0]
    option = action.get("selected_option") or {}
    carried = option.get("value") if action["type"] == "static_select" else action.get("value")
    if "." not in name or carried is None or action["type"] not in ("button", "static_select"):
        return None  # a link, a deselected option, an input inside a modal
    who, key, where = _who(body["user"]["id"], me), body["trigger_id"], _where(body)
    if name == REPEAT:
        return Command(key, who, Where(where.channel, private=where.private), str(carried))
    subject, version, value = _carried(carried, chosen=action["type"] == "static_select")
    return Click(key, who, where, _action(name), subject, version, value)


def _action(name: str) -> str:
    if not _ACTION.fullmatch(name):
        raise Malformed("action")
    return name


def _carried(value: object, *, chosen: bool) -> tuple[int, int, str]:
    found = _CARRIED.fullmatch(value) if isinstance(value, str) else None
    if not found or (found[3] is not None) is not chosen:
        raise Malformed("value")
    return int(found[1]), int(found[2]), found[3] or ""


def _where(body: Body) -> Where:
    """Where a press happened: a message, an ephemeral one (nobody else sees it, it has no id of use), the home page."""
    container = body["container"]
    if container["type"] == "view":
        return Where(inline=body["view"]["type"] == "home")
    channel = container.get("channel_id") or ""
    if container.get("is_ephemeral"):
        return Where(channel, inline=True)
    return Where(channel, private=private(channel), message=container.get("message_ts") or "")


def _submitted(body: Body, me: Identity) -> Submitted:
    view = body["view"]
    try:
        subject, version, where = views.origin(view.get("private_metadata"))
        given = answers(view["state"]["values"])
    except ValueError:
        raise Malformed("view") from None
    # After field errors the same view comes again with the same hash: what was answered tells the two apart, and a
    # submission delivered twice from the first.
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]
    key = f"{view['id']}:{view.get('hash') or ''}:{digest}"
    return Submitted(key, _who(body["user"]["id"], me), where, _action(view["callback_id"]), subject, version, given)


def _shortcut(body: Body, me: Identity) -> Command | Attached | None:
    """`perf` opens the menu; `perf.evidence` on a message asks to keep it."""
    if body["callback_id"] == KEEP:
        return _kept(body, me)
    if body["callback_id"] != SHORTCUT:
        return None
    # A channel is only named where the answer goes through response_url: nothing private may ever be posted there.
    shown = bool(body.get("response_url"))
    where = Where((body.get("channel") or {}).get("id") or "" if shown else "", inline=shown)
    return Command(body["trigger_id"], _who(body["user"]["id"], me), where, "")


def _kept(body: Body, me: Identity) -> Attached:
    """A message that somebody wants to keep, whoever wrote it: they read it already."""
    message = body.get("message") or {}
    said, _mentions = mrkdwn.read(message.get("text") or "", me.user)
    place, domain = (body.get("channel") or {}).get("id") or "", (body.get("team") or {}).get("domain") or ""
    ts = message.get("ts") or message.get("message_ts") or ""
    known = _DOMAIN.fullmatch(str(domain)) and _STAMP.fullmatch(str(ts)) and place
    link = f"https://{domain}.slack.com/archives/{place}/p{str(ts).replace('.', '')}" if known else ""
    who = _who(body["user"]["id"], me)
    return Attached(body["trigger_id"], who, Where(), _files(message), said, link, wanted=True)
