"""Sending and redrawing messages, without showing anybody the same one twice."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from pydantic_core import to_json

from bot.capability import Gone, Later, Message, Ref
from bot.cards import Card, Chart
from bot.platforms.slack import render
from bot.platforms.slack.api import Api
from bot.platforms.slack.charts import Charting
from bot.platforms.slack.inbound import private
from bot.platforms.slack.limits import ALT_FILE, shown
from bot.platforms.slack.pictures import Pictures
from bot.platforms.slack.spans import Json
from bot.recent import Recent

# A picture may be refused for a moment after its upload; then it is left out.
SETTLING = (0.5, 2.0)
KEPT = 10_000
DRAWINGS = 64
# In a text Slack would look for names and addresses; the blocks are what people read.
STILL = {"parse": "none", "link_names": False, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
log = structlog.get_logger()


class Delivery:
    """chat.postMessage and chat.update. `settling` are the waits before a refused picture is tried again."""

    def __init__(self, api: Api, pictures: Pictures, settling: Sequence[float], charting: Charting) -> None:
        self._api, self._pictures, self._settling, self._charting = api, pictures, settling, charting
        self._doubtful: Recent[str, bool] = Recent(KEPT)
        self._rooms: Recent[str, str] = Recent(KEPT)
        self._cards: Recent[int, tuple[Card, bytes]] = Recent(DRAWINGS)

    def learn(self, user: str, channel: str) -> None:
        """Remembers the direct conversation with a user."""
        if channel.startswith("D"):
            self._rooms.put(user, channel)

    def room(self, user: str) -> str:
        """The direct conversation with a user, "" if none was seen yet."""
        return self._rooms.get(user) or ""

    async def send(self, user: str, channel: str, message: Message) -> Ref:
        """Posts to the direct conversation, if `channel` is one, or to the user. Raises Later, Gone or OSError."""
        channel = channel if private(channel) else ""  # whatever is stored: nothing private goes to a channel
        found = await self._found(user, channel or self.room(user), message)
        if found:
            return found
        about = {"metadata": {"event_type": "pandian", "event_payload": {"key": message.key}}} if message.key else {}
        try:
            sent = await self._drawn("chat.postMessage", message, {"channel": channel or user} | about | STILL)
        except OSError:
            self._doubt(message.key)
            raise
        self._doubtful.drop(message.key)
        self.learn(user, str(sent["channel"]))
        return Ref(str(sent["channel"]), str(sent["ts"]))

    async def hand(self, user: str, channel: str, message: Message, content: bytes) -> Ref:
        """Posts what the card says, and the file behind it, to the same conversation. Raises Later, Gone or OSError."""
        held = message.card.enclosed
        name = held.name if held else "file"
        seen = {"alt_txt": shown(name, ALT_FILE)} if held and held.type.startswith("image/") else {}
        file = await self._pictures.upload(content, filename=name, **seen)
        ref = await self.send(user, channel, message)
        about = json.dumps([{"id": file, "title": name}])
        await self._api.read("files.completeUploadExternal", files=about, channel_id=ref.channel)
        return ref

    async def redraw(self, ref: Ref, message: Message) -> None:
        """Replaces a sent message. Raises Later, Gone or OSError."""
        still = {name: STILL[name] for name in ("parse", "link_names")}
        await self._drawn("chat.update", message, {"channel": ref.channel, "ts": ref.message} | still)

    async def drawn(self, message: Message) -> Json:
        """`text` and `blocks` of a message, its pictures uploaded."""
        return render.message(message.card, await self.files(message), self._charting.draws)

    async def show(self, message: Message, send: Callable[[Json], Awaitable[None]]) -> None:
        """Shows a card in place, by `send`; where Slack takes no charts of its own, with their figures as text. Raises
        Later, Gone or OSError."""
        try:
            await send(await self.drawn(message))
        except Gone:
            if not self._charted(message):
                raise
            await send(render.message(message.card, await self.files(message)))
            self._uncharted()

    async def _encoded(self, message: Message) -> bytes:
        """The same as JSON; a broadcast brings the very same card for all who read alike."""
        if message.card.charts():
            return to_json(await self.drawn(message))
        known = self._cards.get(id(message.card))
        if known is None:
            known = message.card, to_json(render.message(message.card, {}))
            self._cards.put(id(message.card), known)
        return known[1]

    async def _call(self, method: str, message: Message, arguments: Json) -> Mapping[str, Any]:
        head, card = to_json(arguments), await self._encoded(message)
        return await self._api.send(method, head[:-1] + b"," + card[1:])

    async def files(self, message: Message) -> Mapping[Chart, str]:
        """The file ids of a message's pictures."""
        return await self._pictures.files(message.pictures)

    async def _drawn(self, method: str, message: Message, arguments: Json) -> Mapping[str, Any]:
        """The call with the card; refused blocks with pictures are tried again, then without pictures."""
        for wait in self._settling if message.pictures else ():
            try:
                return await self._call(method, message, arguments)
            except Gone as refused:
                if str(refused) != "invalid_blocks":
                    raise
            await asyncio.sleep(wait)
        try:
            return await self._call(method, message, arguments)
        except Gone as refused:
            if str(refused) != "invalid_blocks" or not (message.pictures or self._charted(message)):
                raise
        if self._charted(message):
            self._uncharted()
            raise Later(0)  # it is drawn again, with pictures
        log.warning("slack refused a picture", method=method)
        self._pictures.forget(message.pictures)
        return await self._call(method, replace(message, pictures={}), arguments)

    def _charted(self, message: Message) -> bool:
        """Whether it has a chart that Slack is to draw."""
        return any(chart not in message.pictures and self._charting.draws(chart) for chart in message.card.charts())

    def _uncharted(self) -> None:
        log.warning("slack takes no charts: pictures for a day")
        self._charting.refused()

    def _doubt(self, key: str) -> None:
        if key:
            self._doubtful.put(key, True)

    async def _found(self, user: str, channel: str, message: Message) -> Ref | None:
        """A message whose sending broke off, here or in a process that died, may stand there all the same:
        chat.postMessage has no idempotency key."""
        key = message.key
        if not key or not (message.doubtful or self._doubtful.get(key)):
            return None
        try:
            channel = channel or str((await self._api.write("conversations.open", users=user))["channel"]["id"])
            past = await self._api.read("conversations.history", channel=channel, limit=50, include_all_metadata=1)
        except Gone as refused:
            log.warning("slack conversation unreadable", reason=str(refused))
            return None
        for posted in past.get("messages", []):
            if posted.get("metadata", {}).get("event_payload", {}).get("key") == key:
                self._doubtful.drop(key)
                return Ref(channel, str(posted["ts"]))
        return None
