"""One workspace that installed the bot: how it is called, and what its readers are shown."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from bot.capability import Gone, Later, Message, Profile, Ref
from bot.platforms.slack.answering import Answering
from bot.platforms.slack.api import Api
from bot.platforms.slack.delivery import Delivery
from bot.platforms.slack.pictures import Pictures
from bot.platforms.slack.profiles import profile_of
from bot.platforms.slack.refusals import explained
from bot.tasks import Tasks
from bot.text import negotiate

PAGE, PAGES = 200, 1000  # what Slack recommends; 200,000 accounts
TRIES, LONGEST = 5, 60.0  # of one page; the most seconds to wait for one
NOBODY = ("user_not_found", "user_not_visible")


class Workspace:
    """A workspace by its token. `settling` are the waits before a refused picture is tried again."""

    def __init__(self, api: Api, tasks: Tasks, settling: Sequence[float]) -> None:
        self.api = api
        self.delivery = Delivery(api, Pictures(api), settling)
        self.answering = Answering(api, self.delivery, tasks)

    async def deliver(self, user: str, message: Message, channel: str) -> Ref:
        """Sends to the account's direct conversation, or `channel`. Raises Later, Gone or OSError."""
        self.answering.reads(user, message.locale)
        try:
            return await self.delivery.send(user, channel, message)
        except Gone as refused:
            raise explained(refused) from None

    async def update(self, user: str, ref: Ref, message: Message) -> None:
        """Redraws a sent message. Raises Later, Gone or OSError."""
        self.answering.reads(user, message.locale)
        await self.delivery.redraw(ref, message)

    async def hand(self, user: str, message: Message, content: bytes, channel: str) -> Ref:
        """Sends a file to the account's direct conversation. Raises Later, Gone or OSError."""
        self.answering.reads(user, message.locale)
        try:
            return await self.delivery.hand(user, channel, message, content)
        except Gone as refused:
            raise explained(refused) from None

    async def members(self, team: str = "") -> AsyncIterator[tuple[str, Profile]]:
        """Every account and what Slack says of it; `team` is a workspace of an organisation. Raises Gone or OSError."""
        cursor = ""
        for _page in range(PAGES):
            answer = await self._page(cursor, team)
            for user in answer["members"]:
                yield str(user["id"]), profile_of(user)
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def _page(self, cursor: str, team: str) -> Mapping[str, Any]:
        """Of a method of tier 2, twenty calls a minute: it waits when it is asked to."""
        for _try in range(TRIES):
            try:
                return await self.api.read("users.list", limit=PAGE, include_locale=1, cursor=cursor, team_id=team)
            except Later as later:
                await asyncio.sleep(min(later.seconds, LONGEST))
        raise OSError("busy")

    async def profile(self, user: str) -> Profile | None:
        """The account as Slack knows it; None if there is none. Raises Later, Gone or OSError."""
        try:
            answer = await self.api.read("users.info", user=user, include_locale=1)
        except Gone as gone:
            if str(gone) in NOBODY:
                return None
            raise
        profile = profile_of(answer["user"])
        self.answering.reads(user, negotiate(profile.locale))
        return profile
