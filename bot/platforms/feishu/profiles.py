"""Accounts as the contact API knows them, read anew whenever an event says that something changed."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import structlog

from bot.capability import Gone, Profile
from bot.platforms.feishu.api import Api
from bot.platforms.feishu.codes import ACCOUNT

UNKNOWN = {f"message refused: {code}" for code in (40001, 40003, 41012, 41050, 43008, 60008, 99992351, 99992361)}
UNKNOWN |= {f"account closed: {code}" for code in ACCOUNT}
LEFT = ("is_frozen", "is_resigned", "is_exited", "is_unjoin")
EVENTS = frozenset({"contact.user.created_v3", "contact.user.updated_v3", "contact.user.deleted_v3"})
KEPT = 10_000
log = structlog.get_logger()


class People:
    """Who has left, as far as Feishu told us: nothing is sent to them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._left: OrderedDict[str, None] = OrderedDict()

    def left(self, user: str) -> bool:
        """Whether an account is closed."""
        return user in self._left

    async def profile(self, user: str, locale: str = "") -> Profile | None:
        """The account, None if Feishu knows none. Raises Later, Gone or OSError."""
        found = await self._read(user)
        if found is None or not employed(found):
            self._close(user)
            return None if found is None else profile_of(found, locale)
        self._left.pop(user, None)
        return profile_of(found, locale)

    async def changed(self, kind: str, user: str) -> None:
        """Reads somebody again after an event about them, whose own fields are incomplete."""
        if kind == "contact.user.deleted_v3":
            self._close(user)
            log.info("feishu account closed")
            return
        found = await self.profile(user)
        log.info("feishu account read again", known=found is not None, left=self.left(user))

    async def _read(self, user: str) -> Mapping[str, Any] | None:
        path = f"/contact/v3/users/{quote(user, safe='')}"
        try:
            answer = await self._api.call("GET", path, user_id_type="open_id")
        except Gone as gone:
            if str(gone) in UNKNOWN:
                return None
            raise
        found = answer.get("data", {}).get("user")
        return found if isinstance(found, dict) else None

    def _close(self, user: str) -> None:
        self._left[user] = None
        while len(self._left) > KEPT:
            self._left.popitem(last=False)


def employed(user: Mapping[str, Any]) -> bool:
    """Whether the account is in use; a status that the scope does not show is none."""
    status = user.get("status")
    return not (isinstance(status, dict) and any(status.get(name) is True for name in LEFT))


def profile_of(user: Mapping[str, Any], locale: str = "") -> Profile:
    """The account. Its address is the company's mailbox, else the one that the company's directory has, and is vouched
    for as long as the account is in use."""
    name = next((str(user[key]) for key in ("name", "en_name", "nickname") if user.get(key)), "")
    email = str(user.get("enterprise_email") or user.get("email") or "")
    return Profile(name, email, bool(email) and employed(user), locale)
