"""What DingTalk's refusals mean for us: the new API is judged by status and `code`, the old one by `errcode`."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import structlog

from bot.calls import Unauthorised
from bot.capability import Expired, Gone, Later

# The new API. Names are compared without regard to case: the documentation and the servers write them differently.
TOKEN = frozenset({"invalidauthentication"})
# Somebody has to mend that, and until then nothing may be lost.
LOCKED = frozenset({"invalidclientidorsecret", "forbidden.accessdenied.ipnotinwhitelist"})
SCOPE = "forbidden.accessdenied.accesstokenpermissiondenied"
QPS = frozenset({"forbidden.accessdenied.qpslimitforappkeyandapi", "forbidden.accessdenied.qpslimitforapi"})
QPM = frozenset({"forbidden.accessdenied.qpmlimitforappkeyandapi"})
MONTH = "forbidden.accessdenied.apicountlimitfororg"
EXPIRED = frozenset({"param.cardnotexist"})
ACCOUNT = frozenset({"param.useridnotexist", "staffid.notexisted", "invalidparameter.userid"})
BUSY = "system.busy"

# The old API, where `sub_code` says what 88 is about.
OLD_TOKEN = frozenset({40014, 42001})
OLD_LOCKED = frozenset({40096, 60020})
OLD_SCOPE = frozenset({60011, 50004, 50002})
OLD_QPS = frozenset({90018, 90002, 90004})
OLD_MONTH = frozenset({90020})
OLD_ACCOUNT = frozenset({33012, 60121})
OLD_BUSY = frozenset({-1, 15})
SESSION = frozenset({300001})

LOCKED_PAUSE = 60.0
BANNED_PAUSE = 300.0  # an address that called too often is let in again after five minutes
QPM_PAUSE = 60.0
MONTH_PAUSE = 3600.0
_SCOPE = re.compile(r"[A-Za-z][A-Za-z_]*(?:\.[A-Za-z_]+)*")
_SUB = re.compile(r"subcode=(-?[0-9]{1,9})", re.ASCII)
log = structlog.get_logger()


class NoScope(Gone):
    """The app may not do that; the scopes it needs stand in the log."""


class Exhausted(Later):
    """The calls of this month are used up."""


class Unfit(Gone):
    """A message that DingTalk does not take."""


class Ended(Gone):
    """A conversation's own address for answers is not valid any more."""


def reaction(status: int, said: Mapping[str, Any]) -> Exception:
    """The exception for an answer of the new API that is no success: Later, Gone, OSError or Unauthorised."""
    code = str(said.get("code") or "")
    name = code.lower()
    if name in TOKEN:
        return Unauthorised(code)
    if name in QPS or status == 429:
        return Later(_second(), everywhere=True)
    if name in QPM:
        return Later(QPM_PAUSE, everywhere=True)
    if name == MONTH:
        return Exhausted(MONTH_PAUSE)
    if name in LOCKED:
        log.error("dingtalk refuses this app", code=code)
        return Later(LOCKED_PAUSE, entirely=True)
    if name == SCOPE:
        return _no_scope(said)
    return _final(status, name)


def old_reaction(said: Mapping[str, Any]) -> Exception:
    """The same for the old API and for answers in a conversation, which always say 200."""
    code = _code(said)
    if code in OLD_TOKEN:
        return Unauthorised(str(code))
    if code in OLD_QPS:
        return Later(_second(), everywhere=True)
    if code in OLD_MONTH:
        return Exhausted(MONTH_PAUSE)
    if code in OLD_LOCKED:
        log.error("dingtalk refuses this app", code=code)
        return Later(LOCKED_PAUSE, entirely=True)
    if code in OLD_BUSY:
        return OSError(f"code {code}")
    if code in OLD_SCOPE:
        log.error("dingtalk scope missing", code=code, scopes=[])
        return NoScope(f"no access: {code}")
    if code in SESSION:
        return Ended(f"message refused: {code}")
    return Gone(f"account closed: {code}") if code in OLD_ACCOUNT else Unfit(f"message refused: {code}")


def banned(said: Mapping[str, Any]) -> Later | None:
    """The pause of an address that called too often; it is told so in a shape of its own."""
    wait = said.get("wait")
    if said.get("status") != 1111 and said.get("punish") != "deny":
        return None
    seconds = float(wait) if isinstance(wait, int) and 0 < wait < 86400 else BANNED_PAUSE
    return Later(seconds, entirely=True)


def _final(status: int, name: str) -> Exception:
    if name in EXPIRED:
        return Expired(f"message refused: {name}")
    if name in ACCOUNT:
        return Gone(f"account closed: {name}")
    if name == BUSY or status >= 500:
        return OSError(f"status {status}")
    # A code is DingTalk's own word; what does not look like one is not repeated.
    return Unfit(f"message refused: {name if _SCOPE.fullmatch(name) else status}")


def _no_scope(said: Mapping[str, Any]) -> NoScope:
    detail = said.get("accessdenieddetail")
    told = detail.get("requiredScopes") if isinstance(detail, dict) else None
    scopes = [one for one in told or () if isinstance(one, str) and _SCOPE.fullmatch(one)][:10]
    log.error("dingtalk scope missing", code="AccessTokenPermissionDenied", scopes=scopes)
    return NoScope(f"no access: {', '.join(scopes) or 'scope'}")


def _code(said: Mapping[str, Any]) -> int:
    """The most telling number of an answer: numbers come as strings as well, and inside of others."""
    nested = _SUB.search(str(said.get("errmsg") or ""))
    inner = _number(said.get("sub_code") or (nested and nested[1]))
    outer = _number(said.get("errcode"))
    return inner if inner is not None else -1 if outer is None else outer


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII) else None


def _second() -> float:
    """A second, and a little more so that not all come back at once."""
    return 1.0 + secrets.randbelow(500) / 1000
