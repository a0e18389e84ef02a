"""Accounts as the contact API knows them, read anew whenever an event says that something changed."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import structlog

from bot.capability import Gone, Profile
from bot.events import Changed, Who
from bot.platforms.feishu.api import Api
from bot.platforms.feishu.codes import ACCOUNT
from bot.platforms.feishu.said import NAME, Malformed, named

UNKNOWN = {f"message refused: {code}" for code in (40001, 40003, 41012, 41050, 43008, 60008, 99992351, 99992361)}
UNKNOWN |= {f"account closed: {code}" for code in ACCOUNT}
NOT_IN_USE = ("is_frozen", "is_resigned", "is_exited", "is_unjoin")
FOR_GOOD = ("is_resigned", "is_exited")
DELETED = "contact.user.deleted_v3"
EVENTS = frozenset({"contact.user.created_v3", "contact.user.updated_v3", DELETED})
KEPT = 10_000
log = structlog.get_logger()


class People:
    """Who has left, as far as Feishu told us: nothing is sent to them. And the accounts behind union_ids."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._left: OrderedDict[str, None] = OrderedDict()
        self._unions: OrderedDict[str, str] = OrderedDict()

    def left(self, user: str) -> bool:
        """Whether an account is closed."""
        return user in self._left

    async def profile(self, user: str, locale: str = "") -> Profile | None:
        """The account, None if Feishu knows none. Raises Later, Gone or OSError."""
        found = await self._read(user)
        self._note(user, found)
        return None if found is None else profile_of(found, locale)

    async def changed(self, kind: str, body: Mapping[str, Any]) -> Changed:
        """What an event about somebody means, once they were read again: its own fields are incomplete. Raises
        Malformed, Later or OSError."""
        header, inner = named(body, "header"), named(body, "event")
        user, event_id, tenant = named(inner, "object").get("open_id"), header.get("event_id"), header.get("tenant_key")
        if not (isinstance(user, str) and user and isinstance(event_id, str) and isinstance(tenant, str)):
            raise Malformed("object")
        found = await self._again(kind, user)
        left = _is(found, *FOR_GOOD) or (kind == DELETED and (found is None or not employed(found)))
        self._note(user, None if left else found)
        log.info("feishu account read again", known=found is not None, left=left)
        before = inner.get("old_object")
        was = before.get("name") if isinstance(before, dict) else None
        name = profile_of(found).name if found is not None and not left else ""
        return Changed(f"contact:{event_id}", Who(NAME, tenant, user), left, name, was if isinstance(was, str) else "")

    async def complete(self, ids: dict[str, Any]) -> None:
        """Puts the account's id where an event left it out and only says the developer's one (`union_id`). Raises
        Later, Gone or OSError."""
        union, user = ids.get("union_id"), ids.get("open_id")
        if not isinstance(union, str) or not union:
            return
        if not user and union not in self._unions:
            user = (await self._read(union, "union_id") or {}).get("open_id")
        if user:
            self._unions[union] = str(user)
            while len(self._unions) > KEPT:
                self._unions.popitem(last=False)
        ids["open_id"] = self._unions.get(union, "")

    async def _again(self, kind: str, user: str) -> Mapping[str, Any] | None:
        """The account as it is now; where the app may not see it, what kind of event came has to do."""
        try:
            return await self._read(user)
        except Gone as gone:
            log.warning("feishu account not shown", kind=kind, reason=str(gone))
            return None

    async def _read(self, user: str, kind: str = "open_id") -> Mapping[str, Any] | None:
        path = f"/contact/v3/users/{quote(user, safe='')}"
        try:
            answer = await self._api.call("GET", path, user_id_type=kind)
        except Gone as gone:
            if str(gone) in UNKNOWN:
                return None
            raise
        found = answer.get("data", {}).get("user")
        return found if isinstance(found, dict) else None

    def _note(self, user: str, found: Mapping[str, Any] | None) -> None:
        """Remembers who is not there."""
        if found is not None and employed(found):
            self._left.pop(user, None)
            return
        self._left[user] = None
        while len(self._left) > KEPT:
            self._left.popitem(last=False)


def employed(user: Mapping[str, Any]) -> bool:
    """Whether the account is in use; a status that the scope does not show is none."""
    return not _is(user, *NOT_IN_USE)


def profile_of(user: Mapping[str, Any], locale: str = "") -> Profile:
    """The account. Its address is the company's mailbox, else the one that the company's directory has, and is vouched
    for as long as the account is in use."""
    name = next((str(user[key]) for key in ("name", "en_name", "nickname") if user.get(key)), "")
    email = str(user.get("enterprise_email") or user.get("email") or "")
    return Profile(name, email, bool(email) and employed(user), locale)


def _is(user: Mapping[str, Any] | None, *names: str) -> bool:
    status = user.get("status") if user is not None else None
    return isinstance(status, dict) and any(status.get(name) is True for name in names)
