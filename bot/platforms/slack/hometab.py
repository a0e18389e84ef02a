"""The App Home tab of every account: published as a whole, whenever something on it changes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from bot.capability import Gone, Later, Message
from bot.platforms.slack import render
from bot.platforms.slack.api import Api
from bot.platforms.slack.pictures import Pictures
from bot.platforms.slack.spans import DATE, escaped, instant
from bot.recent import Recent
from bot.text import texts

CONFLICT = "hash_conflict"
AGAIN = 0.3  # seconds after which a page is drawn anew that somebody else published meanwhile
# A view with a picture that Slack does not know (yet); of messages it says invalid_blocks.
REFUSED = ("invalid_arguments", "invalid_blocks")
SAID = 200
log = structlog.get_logger()


class Pages:
    """views.publish. Slack refuses what was drawn for an older page than it shows, as far as its hash is known here:
    a call that was held up on its way never covers what was published since. `settling` are the waits, in seconds,
    before a refused picture is tried again."""

    def __init__(self, api: Api, pictures: Pictures, settling: Sequence[float], clock: Callable[[], datetime]) -> None:
        self._api, self._pictures, self._settling, self._clock = api, pictures, settling, clock
        self._hashes = Recent[str, str]()

    def opened(self, user: str, shown: str) -> None:
        """Somebody looks at a page that has this hash."""
        self._hashes.put(user, shown)

    async def publish(self, user: str, message: Message) -> None:
        """Draws the page of an account. Raises Later, Gone or OSError."""
        for wait in (*self._settling, 0.0) if message.pictures else ():
            try:
                return await self._publish(user, message)
            except Gone as refused:
                if str(refused) not in REFUSED:
                    raise
            await asyncio.sleep(wait)
        if message.pictures:
            log.warning("slack refused a picture", method="views.publish")
            self._pictures.forget(message.pictures)
        return await self._publish(user, replace(message, pictures={}))

    async def _publish(self, user: str, message: Message) -> None:
        view = render.home(message.card, await self._pictures.files(message.pictures), self._stamp(message.locale))
        known = self._hashes.get(user)
        self._hashes.drop(user)  # until Slack says that it is another one
        try:
            guard = {"hash": known} if known else {}
            shown = await self._api.write("views.publish", user_id=user, view=view, **guard)
        except Gone as refused:
            if str(refused) == CONFLICT:
                raise Later(AGAIN) from None
            raise
        self._hashes.put(user, str((shown.get("view") or {}).get("hash") or ""))

    def _stamp(self, locale: str) -> str:
        """When it was published, as Slack says it in its reader's own language and zone."""
        t, now = texts(locale), self._clock()
        when = instant(now, DATE, f"{t.datetime(now)} UTC")
        return escaped(t("Updated {when}", when="\0"), SAID).replace("\0", when)
