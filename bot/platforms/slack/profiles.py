"""Accounts: users.info → Profile, and what user_change events say of them that is new."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.capability import Gone, Inbound, Later, Profile
from bot.events import Changed
from bot.platforms.slack.api import Api
from bot.recent import Recent
from bot.tasks import Tasks

NOT_EMPLOYED = ("deleted", "is_bot", "is_app_user", "is_restricted", "is_ultra_restricted", "is_stranger")
NOBODY = ("user_not_found", "user_not_visible")
User = Mapping[str, Any]
log = structlog.get_logger()


def profile_of(user: User) -> Profile:
    """The account. Its address is vouched for only if Slack had it confirmed, and never for bots, guests, strangers
    from shared channels and closed accounts."""
    said = user.get("profile") or {}
    name = said.get("real_name") or user.get("real_name") or said.get("display_name") or user.get("name") or ""
    email = str(said.get("email") or "")
    vouched = bool(email) and user.get("is_email_confirmed") is True and not any(user.get(n) for n in NOT_EMPLOYED)
    return Profile(str(name), email, vouched, str(user.get("locale") or ""), str(user.get("tz") or ""))


class Accounts:
    """Accounts as Slack knows them now: whoever asks for one that is being asked for gets the same answer, so that the
    repeated events of a person whose turn is late cost nothing."""

    def __init__(self, api: Api, tasks: Tasks) -> None:
        self._api, self._tasks = api, tasks
        self._asked: dict[str, asyncio.Task[User | None]] = {}

    async def __call__(self, user: str) -> User | None:
        """users.info with the language; None if there is no such account. Raises Later, Gone or OSError."""
        asked = self._asked.get(user)
        if asked is None:
            asked = self._asked[user] = self._tasks.start(self._ask(user))
            asked.add_done_callback(lambda _: self._asked.pop(user, None))
        return await asyncio.shield(asked)

    async def _ask(self, user: str) -> User | None:
        try:
            found: User = (await self._api.read("users.info", user=user, include_locale=1))["user"]
        except Gone as gone:
            if str(gone) in NOBODY:
                return None
            raise
        return found


class Changes:
    """Hands on what is new in user_change events: most of them are about a status line, of which there are thousands a
    day. What was said last of an account is remembered, of the last 10,000."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._said: Recent[str, tuple[str, str]] = Recent()

    async def told(self, event: Changed, to: Inbound) -> int:
        """The status to answer Slack with: it repeats an event that could not be kept."""
        try:
            news = await self._closed(event) if event.left else await self._moved(event)
        except (Gone, Later, OSError) as error:
            log.warning("slack event postponed", reason=str(error))
            return 503
        if news is None:
            return 200
        if (await to(news)).unkept:
            self._said.drop(news.who.user)
            return 503
        return 200

    async def _closed(self, event: Changed) -> Changed | None:
        """An account was closed, if it still is: an event may come late."""
        found = await self._accounts(event.who.user)
        return event if found is None or found.get("deleted") is True else None

    async def _moved(self, event: Changed) -> Changed | None:
        """Language and zone, if either is another than was said before."""
        user, known = event.who.user, self._said.get(event.who.user)
        if known and known[1] == event.zone and event.locale in ("", known[0]):
            return None
        locale = event.locale or str((await self._accounts(user) or {}).get("locale") or "")
        self._said.put(user, (locale, event.zone))
        return replace(event, locale=locale) if (locale, event.zone) != known else None
