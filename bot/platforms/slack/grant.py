"""The code of a finished installation → what Slack grants for it, looked at before anything is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import structlog
from pydantic_core import from_json

from bot.capability import Gone, Later
from bot.platforms.slack.api import Api
from bot.platforms.slack.manifest import SCOPES
from bot.platforms.slack.wire import Wire
from bot.tenants import Installed
from bot.text import N_

NOT_CONFIRMED = N_("Slack did not confirm the installation ({reason}), so nothing is stored.")
OTHER_APP = N_("This is another Slack app than the one that is set up here, so nothing is stored.")
ELSEWHERE = N_("This invitation is for another workspace, so nothing is stored.")
ROTATES = N_(
    "The tokens of this Slack app expire, so nothing is stored: make the app again from the manifest, where token "
    "rotation is off."
)
SCOPES_MISSING = N_(
    "Slack did not grant everything that is needed, so nothing is stored. Missing: {scopes}. Add it to the app: the "
    "manifest names everything."
)
ID = re.compile(r"[A-Z][A-Z0-9]{1,30}", re.ASCII)
WORD = re.compile(r"[a-z_]{1,60}", re.ASCII)
NAME = 200
Body = Mapping[str, Any]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Client:
    """Our app, as Slack knows it where workspaces install it; `app` is its id, "" where nothing tells it before."""

    id: str
    secret: str = field(repr=False)
    app: str = ""


class Unwanted(Exception):
    """Nothing can be stored: an English sentence with {placeholders}, and their values."""

    def __init__(self, message: str, **values: str) -> None:
        super().__init__(message)
        self.message, self.values = message, values


async def granted(wire: Wire, client: Client, code: str, back: str, only: str = "") -> Installed:
    """What was installed, by whom and where; `back` is the address that the code was sent to, `only` the tenant that it
    has to be, "" for any. Raises Unwanted."""
    said = await _exchanged(wire, client, code, back)
    if any(said.get(name) for name in ("refresh_token", "expires_in")):
        raise Unwanted(ROTATES)
    made = _read(said)
    if client.app and client.app != made.app:
        raise Unwanted(OTHER_APP)
    if only and only != made.tenant:
        raise Unwanted(ELSEWHERE)
    missing = sorted(set(SCOPES) - set(made.scopes.split(",")))
    if missing:
        raise Unwanted(SCOPES_MISSING, scopes=", ".join(missing))
    return await _met(wire, made)


async def _exchanged(wire: Wire, client: Client, code: str, back: str) -> Body:
    """The answer of oauth.v2.access. The secret goes in the header, as Slack asks for, and is in no address; the SDK
    would use a class for it that aiohttp is about to remove."""
    how: dict[str, Any] = {
        "data": {"code": code, "redirect_uri": back},
        "headers": {"Authorization": aiohttp.encode_basic_auth(client.id, client.secret)},
        "proxy": wire.client(None).proxy,
    }
    try:
        async with wire.session.post(f"{wire.url}oauth.v2.access", allow_redirects=False, **how) as answer:
            said = from_json(await answer.read())
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        log.warning("slack not reached", reason=type(error).__name__)
        raise _unconfirmed("not_reached") from None
    if not isinstance(said, dict) or said.get("ok") is not True:
        raise _unconfirmed(_object(said).get("error"))
    return said


def _unconfirmed(reason: object) -> Unwanted:
    word = reason if isinstance(reason, str) and WORD.fullmatch(reason) else "unknown"
    return Unwanted(NOT_CONFIRMED, reason=word)


def _read(said: Body) -> Installed:
    """The installation in an answer: a workspace's, or a whole organisation's, which has no team."""
    whole = said.get("is_enterprise_install") is True
    team, enterprise, person = (_object(said.get(name)) for name in ("team", "enterprise", "authed_user"))
    where = enterprise if whole else team
    scopes = said.get("scope")
    if said.get("token_type") != "bot" or not isinstance(scopes, str):
        raise _unconfirmed("no_bot")
    return Installed(
        _id(where.get("id")),
        _text(said.get("access_token")),
        app=_id(said.get("app_id")),
        bot_user=_id(said.get("bot_user_id")),
        name=str(where.get("name") or "")[:NAME],
        scopes=scopes,
        by=_id(person.get("id")),
        enterprise=_id(enterprise["id"]) if enterprise.get("id") else "",
        whole=whole,
    )


async def _met(wire: Wire, made: Installed) -> Installed:
    """With the id of our bot there, which only the token tells; it has to be the same bot at the same place."""
    try:
        said = await Api(made.token, wire).read("auth.test")
    except (Gone, Later, OSError) as error:
        log.warning("slack does not know a new token", reason=str(error))
        raise _unconfirmed("auth_test") from None
    here = said.get("enterprise_id") if made.whole else said.get("team_id")
    if (here, said.get("user_id")) != (made.tenant, made.bot_user):
        raise _unconfirmed("auth_test")
    return replace(made, bot=_id(said.get("bot_id")))


def _object(value: object) -> Body:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _unconfirmed("unreadable")
    return value


def _id(value: object) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise _unconfirmed("unreadable")
    return value
