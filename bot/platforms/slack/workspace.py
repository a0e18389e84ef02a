"""One workspace that installed the bot: how it is called, and what its readers are shown."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.capability import PAGE, Gone, Later, Message, Profile, Ref
from bot.platforms.slack.answering import Answering
from bot.platforms.slack.api import Api, Locked
from bot.platforms.slack.charts import Charting
from bot.platforms.slack.delivery import Delivery
from bot.platforms.slack.hometab import Pages
from bot.platforms.slack.pictures import Pictures
from bot.platforms.slack.profiles import Accounts, Changes, profile_of
from bot.platforms.slack.refusals import explained
from bot.tasks import Tasks
from bot.text import negotiate

LISTED, LISTS = 200, 1000  # what Slack recommends; 200,000 accounts
TRIES, LONGEST = 5, 60.0  # of one page; the most seconds to wait for one


class Workspace:
    """A workspace by its token. `settling` are the waits before a refused picture is tried again."""

    def __init__(
        self, api: Api, tasks: Tasks, settling: Sequence[float], charting: Charting, clock: Callable[[], datetime]
    ) -> None:
        self.api = api
        pictures = Pictures(api)
        self.delivery = Delivery(api, pictures, settling, charting)
        self.pages = Pages(api, pictures, settling, clock)
        self.answering = Answering(api, self.delivery, tasks, self.pages)
        self._accounts = Accounts(api, tasks)
        self.changes = Changes(self._accounts)

    async def deliver(self, user: str, message: Message, channel: str) -> Ref:
        """Sends to the account's direct conversation, or `channel`. Raises Later, Gone or OSError."""
        self.answering.reads(user, message.locale)
        try:
            return await self.delivery.send(user, channel, message)
        except Gone as refused:
            raise explained(refused) from None

    async def update(self, user: str, ref: Ref, message: Message) -> None:
        """Redraws a sent message, or the account's own page. Raises Later, Gone or OSError."""
        self.answering.reads(user, message.locale)
        if not ref.channel and ref.message == PAGE:
            return await self._publish(user, message)
        return await self.delivery.redraw(ref, message)

    async def _publish(self, user: str, message: Message) -> None:
        try:
            await self.pages.publish(user, message)
        except Gone as refused:
            raise explained(refused) from None

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
        for _page in range(LISTS):
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
                return await self.api.read("users.list", limit=LISTED, include_locale=1, cursor=cursor, team_id=team)
            except Locked as no:
                raise Gone(f"no access: {no.name}") from None
            except Later as later:
                await asyncio.sleep(min(later.seconds, LONGEST))
        raise OSError("busy")

    async def profile(self, user: str) -> Profile | None:
        """The account as Slack knows it; None if there is none. Raises Later, Gone or OSError."""
        found = await self._accounts(user)
        if found is None:
            return None
        profile = profile_of(found)
        self.answering.reads(user, negotiate(profile.locale))
        return profile
