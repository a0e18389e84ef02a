"""What Feishu's error codes mean for us: a table of reactions, decided on `code` and not on the HTTP status."""

import re
from collections.abc import Mapping

import structlog

from bot.calls import Unauthorised
from bot.capability import Expired, Gone, Later

TOKEN = frozenset({99991661, 99991663, 99991664, 99991665, 99991668, 99991671})
SCOPE = frozenset({99991672, 99991679, 230027})
# Wrong app id or secret, app disabled, address not allowed, quota of the month used up, bot switched off: somebody has
# to mend that, and until then nothing may be lost.
LOCKED = frozenset({10003, 10012, 10013, 10014, 10015, 20002, 99991401, 99991403, 230006})
LOCKED_PAUSE = 60.0
LIMITED = frozenset({99991400})
CROWDED = frozenset({230020, 11232, 11233})  # five calls a second to one person, chat or message
CROWDED_PAUSE = 1.5
DAILY, DAILY_PAUSE = frozenset({11247}), 600.0
BUSY, BUSY_PAUSE = frozenset({230049, 18121}), 1.0  # the same uuid is still on its way
ACCOUNT = frozenset({230013, 230029, 230034, 230053, 20021, 11236, 99992351, 99992361})
ACCESS = frozenset({230002, 230018, 230035, 232009})
EXPIRED = frozenset({230011, 230031, 230110})  # recalled, older than 14 days, deleted
BARRED = frozenset({230022, 230028})  # certain words, or a rule of the company against leaks
PASSING = frozenset({1500, 1550, 2200, 5000, 55000, 99991500})
CARD, LONG = 230099, 230025
PICTURE, CHART = 200570, 200550
LOCK_PAUSE = 1.0
PAUSE = 5.0  # seconds to wait where Feishu does not say how long
_SUB = re.compile(r"ErrCode:\s*(\d{4,7})")
_SCOPE = re.compile(r"[a-z][a-z_]*(?::[a-z_.]+){1,3}")
log = structlog.get_logger()


class Unfit(Gone):
    """A card that Feishu does not take; `code` is the part of its answer that says why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"message refused: {code}")
        self.code = code


class Barred(Gone):
    """Feishu holds back what a message says; `code` is its reason."""

    def __init__(self, code: int) -> None:
        super().__init__(f"message refused: {code}")
        self.code = code


def reaction(code: int, said: str, status: int, headers: Mapping[str, str]) -> Exception:
    """The exception to raise for an answer that is no success: Later, Gone, OSError or Unauthorised."""
    if code in TOKEN:
        return Unauthorised(str(code))
    if status == 429 or code in LIMITED:
        return Later(_reset(headers), everywhere=True)
    return _waiting(code) or _card(code, said) or _final(code, said, status)


def _waiting(code: int) -> Exception | None:
    if code in CROWDED:
        return Later(CROWDED_PAUSE)
    if code in BUSY:
        return Later(BUSY_PAUSE)
    if code in DAILY:
        return Later(DAILY_PAUSE, everywhere=True)
    if code in LOCKED:
        log.error("feishu refuses this app", code=code)
        return Later(LOCKED_PAUSE, entirely=True)
    return None


def _card(code: int, said: str) -> Exception | None:
    """A refused card says in its text which rule it broke."""
    if code == LONG:
        return Unfit(code)
    if code != CARD:
        return None
    if "action is lock" in said:
        return Later(LOCK_PAUSE)
    found = _SUB.search(said)
    return Unfit(int(found[1]) if found else code)


def _final(code: int, said: str, status: int) -> Exception:
    if code in EXPIRED:
        return Expired(f"message refused: {code}")
    if code in ACCOUNT:
        return Gone(f"account closed: {code}")
    if code in SCOPE:
        log.error("feishu scope missing", code=code, scopes=sorted(set(_SCOPE.findall(said)))[:10])
        return Gone(f"no access: {code}")
    if code in ACCESS:
        return Gone(f"no access: {code}")
    if code in BARRED:
        return Barred(code)
    if code in PASSING or status >= 500:
        return OSError(f"code {code}")
    return Gone(f"message refused: {code}")


def _reset(headers: Mapping[str, str]) -> float:
    said = headers.get("x-ogw-ratelimit-reset", "")
    return float(said) if said.isascii() and said.isdigit() and 0 < len(said) < 5 else PAUSE
