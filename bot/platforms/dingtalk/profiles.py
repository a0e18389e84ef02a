"""Accounts as the directory knows them, read anew whenever an event says that something changed."""

import re
from collections.abc import Mapping
from typing import Any

from bot.capability import Gone, Profile
from bot.platforms.dingtalk.api import Api
from bot.platforms.dingtalk.codes import OLD_ACCOUNT
from bot.recent import Recent

GET = "/topapi/v2/user/get"
UNKNOWN = frozenset(f"account closed: {code}" for code in OLD_ACCOUNT)
_KANA, _HAN = re.compile("[\u3040-\u30ff]"), re.compile("[\u3400-\u9fff]")


class People:
    """Who has left, as far as DingTalk told us (nothing is sent to them), and what script people write in: no payload
    says what their client is set to."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._left: Recent[str, None] = Recent()
        self._names: Recent[str, str] = Recent()
        self._scripts: Recent[str, str] = Recent()

    def left(self, user: str) -> bool:
        """Whether an account is closed."""
        return user in self._left

    def wrote(self, user: str, text: str) -> str:
        """The language that a first line is in, "" where its letters do not tell."""
        locale = script(text)
        if locale and user not in self._scripts:
            self._scripts.put(user, locale)
        return locale

    def called(self, user: str) -> str:
        """What an account was called when it was read last, "" if it was not."""
        return self._names.get(user) or ""

    async def profile(self, user: str) -> Profile | None:
        """The account, None if DingTalk knows none. Raises Later, Gone or OSError."""
        found = await self._read(user)
        if found is None:
            self._left.put(user, None)
            return None
        self._left.drop(user)
        profile = profile_of(found, self._scripts.get(user) or "")
        self._names.put(user, profile.name)
        return profile

    async def _read(self, user: str) -> Mapping[str, Any] | None:
        try:
            answer = await self._api.old(GET, {"userid": user, "language": "zh_CN"})
        except Gone as gone:
            if str(gone) in UNKNOWN:
                return None
            raise
        found = answer.get("result")
        return found if isinstance(found, dict) else None


def profile_of(user: Mapping[str, Any], locale: str = "") -> Profile:
    """The account. Its address is the company's mailbox, else the one of the directory, and is vouched for as long as
    the account was ever used; DingTalk's own samples show numbers and truths as text."""
    email = str(user.get("org_email") or user.get("email") or "")
    active = str(user.get("active", True)).lower() == "true"
    return Profile(str(user.get("name") or ""), email, bool(email) and active, locale)


def script(text: str) -> str:
    """The language that only one script is used for, else ""."""
    if _KANA.search(text):
        return "ja"
    return "zh_CN" if _HAN.search(text) else ""
