"""What the doctor asks Feishu: token, bot, scopes, version and events, and the long connection."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bot.capability import Gone, Later
from bot.platforms.feishu.api import Api
from bot.platforms.feishu.manifest import CALLBACKS, EVENTS, NEEDED, SCOPES

ENABLED = 2  # bot/v3/info's activate_status: initialised, disabled, enabled, …
GRANTED = 1
PUBLISHED = 1
PUBLISH = "then create a version and have it published: nothing counts before that"
# A finding: its name, whether it is in order, and what to do if not.
Finding = tuple[str, bool, str]
FAILED = (Gone, Later, OSError)


async def examine(app_id: str, app_secret: str, base: str, *, socket: bool) -> AsyncIterator[Finding]:
    """Every finding; the rest is left out where the first one fails. It sends nothing to anybody."""
    api = Api(app_id, app_secret, base)
    api.open()
    try:
        try:
            await api.token()
        except FAILED as no:
            yield "Feishu token", False, f"check FEISHU_APP_ID, FEISHU_APP_SECRET and the way out ({no})"
            return
        yield "Feishu token", True, ""
        yield await _bot(api)
        for finding in [*await _scopes(api), *await _version(api)]:
            yield finding
        if socket:
            yield await _line(api)
    finally:
        await api.close()


async def _bot(api: Api) -> Finding:
    advice = f"in the developer console add the feature Bot, {PUBLISH}"
    try:
        told = (await api.call("GET", "/bot/v3/info")).get("bot")
    except FAILED as no:
        return "Feishu bot", False, f"{advice} ({no})"
    return "Feishu bot", isinstance(told, dict) and told.get("activate_status") == ENABLED, advice


async def _scopes(api: Api) -> list[Finding]:
    try:
        told = (await api.call("GET", "/application/v6/scopes")).get("data")
    except FAILED as no:
        return [("Feishu scopes could not be asked for", True, str(no))]
    granted = {one["scope_name"] for one in _listed(told, "scopes") if one.get("grant_status") == GRANTED}
    missing = [scope for scope in SCOPES if not _covered(scope, granted)]
    return [
        (
            f"Feishu scope {scope}" if scope in NEEDED else f"Feishu scope {scope} (without it: no {SCOPES[scope]})",
            scope not in NEEDED,
            f"ask for it, {PUBLISH}",
        )
        for scope in missing
    ] or [("Feishu scopes", True, "")]


def _covered(scope: str, granted: set[str]) -> bool:
    """A scope, or the wider one that Feishu takes for it as well."""
    wider = scope.removesuffix(":readonly").rpartition(":")[0]
    return scope in granted or (scope.startswith("im:") and wider in granted and wider != "im")


async def _version(api: Api) -> list[Finding]:
    path = f"/application/v6/applications/{quote(api.app_id, safe='')}/app_versions"
    try:
        told = await api.call("GET", path, lang="zh_cn", page_size="20", order="0", user_id_type="open_id")
    except FAILED:
        ask = "Feishu events cannot be seen (scope application:application.app_version:readonly)"
        return [(ask, True, "")]
    published = [one for one in _listed(told.get("data"), "items") if one.get("status") == PUBLISHED]
    if not published:
        return [("Feishu version", False, "no version is published: create one and have it published")]
    return list(_events(published[0]))


def _events(version: Mapping[str, Any]) -> Iterator[Finding]:
    known = {one for one in version.get("events") or () if isinstance(one, str)}
    known |= {str(one.get("event_type")) for one in _listed(version, "event_infos")}
    missing = [event for event in EVENTS if event not in known]
    for event in missing:
        yield f"Feishu event {event}", False, f"add it under Events and callbacks, {PUBLISH}"
    if not missing:
        yield f"Feishu events (see yourself that the callback {CALLBACKS[0]} is there)", True, ""


async def _line(api: Api) -> Finding:
    advice = "choose the long connection under Events and callbacks, or set FEISHU_LONG_CONNECTION=0 for a webhook"
    try:
        code = (await api.endpoint()).get("code")
    except OSError as no:
        return "Feishu long connection", False, f"{advice} ({no})"
    return "Feishu long connection", code == 0, f"{advice} (code {code})"


def _listed(held: object, name: str) -> list[dict[str, Any]]:
    found = held.get(name) if isinstance(held, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
