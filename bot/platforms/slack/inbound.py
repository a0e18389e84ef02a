"""Slack payload → Event, pure: what is not for us gives None, what we never drew raises Malformed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.events import Answers, Attached, Changed, Click, Command, File, FromPerson, Opened, Said, Submitted, Where, Who
from bot.platforms.slack import mrkdwn, views
from bot.platforms.slack.answered import answers, file
from bot.platforms.slack.carried import carried as carried_in
from bot.platforms.slack.menus import pressed
from bot.platforms.slack.turn import NEW, in_modal

NAME = "slack"
REPEAT = "slack.repeat"
TASKS = "perf.tasks"
SHORTCUT = "perf"  # the same in apps that were made from older manifests
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
    """Who we are, as Slack says: workspace, bot user, bot and app ids ("" where unknown), and the organisation that the
    workspace is one of; `whole`: it installed the bot for all of its workspaces."""

    team: str
    user: str
    bot: str
    app: str = ""
    enterprise: str = ""
    whole: bool = False

    @property
    def tenant(self) -> str:
        """What accounts are kept under: in an organisation that installed the bot as a whole, a person has one account
        in all of its workspaces."""
        return self.enterprise if self.whole else self.team


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
    """What became of somebody's account: closed, or the language and zone that are chosen there ("" if not told)."""
    inner = body.get("event") if body.get("type") == "event_callback" else None
    user = inner.get("user") if isinstance(inner, dict) and inner.get("type") == CHANGED else None
    if not isinstance(user, dict) or not isinstance(user.get("id"), str) or user.get("is_bot"):
        return None
    if user.get("deleted") is True:
        return Changed(body["event_id"], _who(user["id"], me), left=True)
    locale, zone = (said if isinstance(said := user.get(name), str) else "" for name in ("locale", "tz"))
    return Changed(body["event_id"], _who(user["id"], me), locale=locale, zone=zone)


def ours(body: Body, me: Identity) -> bool:
    """Whether the payload is for our app in our workspace; what it does not say is not held against it."""
    if me.app and body.get("api_app_id", me.app) != me.app:
        return False
    granted = body.get("authorizations") or ()
    teams = {body.get("team_id"), (body.get("team") or {}).get("id")} | {one.get("team_id") for one in granted}
    if me.whole:
        organisations = {body.get("enterprise_id"), (body.get("enterprise") or {}).get("id")}
        organisations |= {one.get("enterprise_id") for one in granted}
        return me.enterprise in organisations or organisations | teams <= {None}
    if teams <= {None}:
        teams = {(body.get("user") or {}).get("team_id")}
    return teams <= {None} or me.team in teams


def private(channel: str) -> bool:
    """Whether a channel is a direct conversation with the bot."""
    return channel.startswith("D") or not channel


def _who(user: str, me: Identity) -> Who:
    return Who(NAME, me.tenant, user)


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
    files = _files(inner, me)
    return Attached(key, who, where, files, text) if files else Said(key, who, where, text, mentions)


def _files(holder: Body, me: Identity) -> tuple[File, ...]:
    """The files of a message; of those in shared channels nothing is said but the id: the rest has to be asked for."""
    given = holder.get("files") or ()
    known = (one for one in given if one.get("url_private") or one.get("file_access") == "check_file_info")
    return tuple(file(one, me.tenant) for one in known)


def _click(body: Body, me: Identity) -> FromPerson | None:
    found = pressed(body["actions"][0])
    if found is None:
        return None
    name, carried, chosen = found
    who, key, where = _who(body["user"]["id"], me), body["trigger_id"], _where(body)
    if name == REPEAT:
        return Command(key, who, _alone(where), str(carried))
    subject, version, value = _carried(carried, chosen=chosen)
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
    """Where a press happened: a message, an ephemeral one (nobody else sees it, it has no id of use), the home page, a
    card in a modal."""
    container = body["container"]
    if container["type"] == "view":
        return _in_view(body["view"])
    channel = container.get("channel_id") or ""
    if container.get("is_ephemeral"):
        return Where(channel, inline=True)
    return Where(channel, private=private(channel), message=container.get("message_ts") or "")


def _alone(where: Where) -> Where:
    """Where words that are repeated by a press are answered. What only one person sees stays inline: or else the
    channel it stands in would be taken for their own conversation. A message is not what the answer is about."""
    return where if in_modal(where) else replace(where, message="")


def _in_view(view: Body) -> Where:
    match view["type"]:
        case "home":
            return Where(inline=True)
        case "modal":
            return Where(inline=True, message=view["id"])
        case _:
            raise Malformed("view")


def _submitted(body: Body, me: Identity) -> Submitted:
    view = body["view"]
    try:
        subject, version, where = views.origin(view.get("private_metadata"))
        given = answers(view["state"]["values"], me.tenant)
    except ValueError:
        raise Malformed("view") from None
    key = carried_in(view).key or f"{view['id']}:{view.get('hash') or ''}:{digest(given)}"
    return Submitted(key, _who(body["user"]["id"], me), where, _action(view["callback_id"]), subject, version, given)


def digest(given: Answers) -> str:
    """What was answered, in a few characters.

    After field errors the same view comes again with the same hash: this tells the two apart, and a submission
    delivered twice from the first.
    """
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]


def altered(event: Submitted) -> bool:
    """Whether a form that came back while it was being worked on says something else than before."""
    return not event.key.endswith(f":{digest(event.answers)}")


def _shortcut(body: Body, me: Identity) -> Command | Attached | None:
    """`perf.tasks` opens what waits for one in a modal; `perf.evidence` on a message asks to keep it."""
    if body["callback_id"] == KEEP and body["type"] == "message_action":
        return _kept(body, me)
    if body["callback_id"] not in (TASKS, SHORTCUT):
        return None
    return Command(body["trigger_id"], _who(body["user"]["id"], me), Where(inline=True, message=NEW), "tasks")


def _kept(body: Body, me: Identity) -> Attached:
    """A message that somebody wants to keep, whoever wrote it: they read it already."""
    message = body.get("message") or {}
    said, _mentions = mrkdwn.read(message.get("text") or "", me.user)
    place, domain = (body.get("channel") or {}).get("id") or "", (body.get("team") or {}).get("domain") or ""
    ts = message.get("ts") or message.get("message_ts") or ""
    known = _DOMAIN.fullmatch(str(domain)) and _STAMP.fullmatch(str(ts)) and place
    link = f"https://{domain}.slack.com/archives/{place}/p{str(ts).replace('.', '')}" if known else ""
    who = _who(body["user"]["id"], me)
    return Attached(body["trigger_id"], who, Where(), _files(message, me), said, link, wanted=True)
