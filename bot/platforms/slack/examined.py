"""What the doctor asks Slack: token, scopes, clock, Socket Mode, and which events come. It sends nothing to anybody."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.capability import Gone, Later
from bot.platforms.slack.api import Api
from bot.platforms.slack.manifest import EVENTS, SCOPES, manifest
from bot.platforms.slack.wire import Wire
from bot.platforms.slack.workspaces import app_in, introduced

AGAIN = "and install the app again: nothing counts before that"
SLOW = 60  # seconds that the clocks may be apart; Slack's own requests are refused when they are five minutes old
NEVER_SENT = ("app_uninstalled", "tokens_revoked")  # a healthy app has never seen these
# A finding: its name, whether it is in order, and what to do if not.
Finding = tuple[str, bool, str]
FAILED = (Gone, Later, OSError)


@dataclass(frozen=True, slots=True)
class Asked:
    """An app as it is configured here.

    `tokens` are the bot's, by what to call their workspace ("" for the only one); `config_token` may look into the
    app's own settings; `arrived` are the kinds of events that ever came (`arrivals.kind_of`); `oauth`: workspaces
    install it by our own page.
    """

    base: str
    tokens: Mapping[str, str] = field(repr=False)
    app_token: str = field(default="", repr=False)
    config_token: str = field(default="", repr=False)
    arrived: Collection[str] = ()
    public_url: str = ""
    oauth: bool = False


def utc_now() -> datetime:
    """The instant."""
    return datetime.now(UTC)


async def examine(asked: Asked, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[Finding]:
    """Every finding; of a workspace whose token fails nothing else is asked."""
    wire = Wire(asked.base)
    wire.open()
    try:
        app = app_in(asked.app_token)
        for name, token in asked.tokens.items():
            async for finding in _workspace(Api(token, wire), f" ({name})" if name else "", app, clock):
                yield finding
            app = app or await _app(Api(token, wire))
        if asked.app_token:
            yield await _line(Api(asked.app_token, wire))
        if asked.config_token and app:
            async for finding in _settings(Api(asked.config_token, wire), app, asked):
                yield finding
        else:
            for finding in _arrived(asked.arrived):
                yield finding
    finally:
        await wire.close()


async def _workspace(api: Api, name: str, app: str, clock: Callable[[], datetime]) -> AsyncIterator[Finding]:
    try:
        _said, headers = await api.looked("auth.test")
    except FAILED as no:
        advice = "the token does not work: copy it again under Install App, and look at the way out"
        yield f"Slack token{name}", False, f"{advice} ({getattr(no, 'name', no)})"
        return
    yield f"Slack token{name}", True, ""
    yield _clocks(name, headers.get("Date", ""), clock())
    for finding in _scopes(name, headers.get("X-OAuth-Scopes", "")):
        yield finding
    mine = await _app(api)
    if app and mine:
        advice = "SLACK_APP_TOKEN and the bot's token are of two apps: take both from the same one"
        yield f"Slack app{name}", mine == app, advice


def _clocks(name: str, there: str, now: datetime) -> Finding:
    try:
        apart = round((now - parsedate_to_datetime(there)).total_seconds())
    except (ValueError, TypeError):
        return f"Slack clock{name} (Slack does not say the time)", True, ""
    way = "ahead of" if apart > 0 else "behind"
    advice = f"this machine's clock is {abs(apart)} seconds {way} Slack's: set it by NTP, or requests are refused"
    return f"Slack clock{name}", abs(apart) <= SLOW, advice


def _scopes(name: str, granted: str) -> Iterator[Finding]:
    had = {scope.strip() for scope in granted.split(",")}
    missing = [scope for scope in SCOPES if scope not in had]
    for scope in missing:
        yield f"Slack scope {scope}{name}", False, f"add it under OAuth & Permissions, {AGAIN}"
    if not missing:
        yield f"Slack scopes{name}", True, ""


async def _app(api: Api) -> str:
    """The app that a token is of, "" where it cannot be asked for."""
    try:
        return (await introduced(api)).app
    except FAILED:
        return ""


async def _line(api: Api) -> Finding:
    """Socket Mode: an address that nobody connects to."""
    advice = "make an app-level token with connections:write under Basic Information, and switch Socket Mode on"
    try:
        found = (await api.read("apps.connections.open")).get("url")
    except FAILED as no:
        return "Slack Socket Mode", False, f"{advice} ({getattr(no, 'name', no)})"
    return "Slack Socket Mode", bool(found), advice


def _arrived(kinds: Collection[str]) -> Iterator[Finding]:
    """Without a look into the app: what never came although something did."""
    missing = [event for event in EVENTS if event not in kinds and event not in NEVER_SENT]
    if not kinds or not missing:
        yield "Slack events (none ever came)" if not kinds else "Slack events", True, ""
        return
    how = "it may never have happened; else add it under Event Subscriptions and install the app again"
    for event in missing:
        yield f"Slack event {event} never came ({how})", True, ""


async def _settings(api: Api, app: str, asked: Asked) -> AsyncIterator[Finding]:
    try:
        held = (await api.read("apps.manifest.export", app_id=app)).get("manifest")
    except FAILED as no:
        advice = "SLACK_CONFIG_TOKEN lives for twelve hours: make a new one, or leave it out"
        yield "Slack app's own settings", False, f"{advice} ({getattr(no, 'name', no)})"
        return
    wanted = manifest(asked.public_url, socket=bool(asked.app_token) or None, oauth=asked.oauth)
    wrong = list(compared(wanted, held if isinstance(held, dict) else {}))
    for finding in wrong:
        yield finding
    if not wrong:
        yield "Slack app's own settings", True, ""


def compared(wanted: Mapping[str, Any], held: Mapping[str, Any]) -> Iterator[Finding]:
    """What an app's manifest lacks of what is wanted; what it has beyond that is nobody's fault."""
    for event in _missing(wanted, held, "settings", "event_subscriptions", "bot_events"):
        yield f"Slack event {event}", False, f"add it under Event Subscriptions, {AGAIN}"
    for scope in _missing(wanted, held, "oauth_config", "scopes", "bot"):
        yield f"Slack scope {scope} in the app's settings", False, f"add it under OAuth & Permissions, {AGAIN}"
    for url in _missing(wanted, held, "oauth_config", "redirect_urls"):
        yield "Slack redirect address", False, f"add {url} under OAuth & Permissions"
    for shortcut in _unnamed(wanted, held, "shortcuts", "callback_id"):
        advice = f"add it under Interactivity & Shortcuts with the Callback ID {shortcut['callback_id']}"
        yield f"Slack shortcut {shortcut['name']}", False, advice
    for command in _unnamed(wanted, held, "slash_commands", "command"):
        yield f"Slack command {command['command']}", False, "add it under Slash Commands"
    for path, advice in SWITCHES.items():
        if _at(wanted, *path) is not None and _at(held, *path) != _at(wanted, *path):
            yield f"Slack {path[-1].replace('_', ' ')}", False, f"{advice} ({_at(wanted, *path)})"


SWITCHES: Mapping[tuple[str, ...], str] = {
    ("features", "app_home", "home_tab_enabled"): "switch the Home tab on under App Home",
    ("features", "app_home", "messages_tab_enabled"): "switch the Messages tab on under App Home",
    ("features", "app_home", "messages_tab_read_only_enabled"): "let people write from the Messages tab under App Home",
    ("settings", "event_subscriptions", "request_url"): "set the address under Event Subscriptions",
    ("settings", "interactivity", "is_enabled"): "switch Interactivity on",
    ("settings", "interactivity", "request_url"): "set the address under Interactivity & Shortcuts",
    ("settings", "socket_mode_enabled"): "set Socket Mode as the transport here is",
    ("settings", "token_rotation_enabled"): "switch token rotation off under OAuth & Permissions",
}


def _missing(wanted: Mapping[str, Any], held: Mapping[str, Any], *path: str) -> list[str]:
    there = _at(held, *path) or ()
    return [one for one in _at(wanted, *path) or () if one not in there]


def _unnamed(wanted: Mapping[str, Any], held: Mapping[str, Any], kind: str, name: str) -> list[Mapping[str, Any]]:
    """The features of a kind that are not there by their name."""
    there = {one.get(name) for one in _at(held, "features", kind) or ()}
    return [one for one in wanted["features"][kind] if one[name] not in there]


def _at(held: object, *path: str) -> Any:
    for name in path:
        held = held.get(name) if isinstance(held, Mapping) else None
    return held
