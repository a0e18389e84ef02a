"""Sending and redrawing messages: one uuid a message, pictures by key, and a simpler card where Feishu refuses one."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

import structlog

from bot.capability import Capabilities, Expired, Message, Rate, Rates, Ref
from bot.degrade import fit
from bot.platforms.feishu import codes, render
from bot.platforms.feishu.api import Api
from bot.platforms.feishu.codes import Unfit
from bot.platforms.feishu.elements import Json, dumped
from bot.platforms.feishu.pictures import Pictures

# All replicas together, a minute and a second; five a second to one person.
RATES = Rates((Rate(1000, 60), Rate(50, 1)), (Rate(1000, 60), Rate(50, 1)), 0.2)
SIMPLE = Capabilities(tables=False, charts=False, blocks=30, text=500, rows=10)
HELD = 3.0  # seconds a redraw waits for the answer to a press on the same card
AFTER = 0.05  # seconds between an answer that was given and what may follow it
T = TypeVar("T")
Send = Callable[[Json], Awaitable[T]]
log = structlog.get_logger()


class Delivery:
    """im/v1/messages and what goes with it."""

    def __init__(self, api: Api, pictures: Pictures) -> None:
        self._api, self._pictures = api, pictures
        self._pressed: dict[str, list[asyncio.Event]] = {}

    async def send(self, user: str, message: Message) -> Ref:
        """Sends to a person's private conversation. Raises Later, Gone or OSError.

        The same key sends once within an hour, whoever sends it: that is Feishu's own promise.
        """
        return await self._drawn(message, lambda card: self.post(user, card, message.key))

    async def redraw(self, ref: Ref, message: Message) -> None:
        """Replaces a sent card; one that is being pressed after its press was answered, since Feishu locks it until
        then. Raises Later, Expired, Gone or OSError."""
        if ref.message.startswith("bm-"):
            raise Expired("message refused: sent in a batch")
        for pressed in list(self._pressed.get(ref.message, ())):
            await _happened(pressed)
        await self._drawn(message, lambda card: self._patch(ref.message, card))

    async def post(self, user: str, card: Json, key: str) -> Ref:
        """Sends a card as it is."""
        sent = {"receive_id": user, "msg_type": "interactive", "content": dumped(card)}
        uuid = {"uuid": hashlib.sha1(key.encode()).hexdigest()} if key else {}  # noqa: S324
        answer = await self._api.call("POST", "/im/v1/messages", sent | uuid, receive_id_type="open_id")
        return Ref(str(answer["data"].get("chat_id") or ""), str(answer["data"]["message_id"]))

    async def by_token(self, token: str, card: Json) -> None:
        """Redraws what was pressed, once the press was answered: twice at most, for half an hour."""
        await self._api.call("POST", "/interactive/v1/card/update", {"token": token, "card": card})

    async def beside(self, channel: str, user: str, card: Json) -> None:
        """Shows a card in a group to one person alone, who has to be there; it leaves no trace."""
        shown = {"chat_id": channel, "open_id": user, "msg_type": "interactive", "card": card}
        await self._api.call("POST", "/ephemeral/v1/send", shown)

    async def card(self, message: Message) -> Json:
        """The card of a message, its pictures uploaded."""
        keys = await self._pictures.keys(message.pictures)
        return render.card(message, lambda chart: keys.get(chart, ""))

    @contextmanager
    def pressed(self, message: str) -> Iterator[None]:
        """While a press on a message is answered, nothing redraws it."""
        done = asyncio.Event()
        self._pressed.setdefault(message, []).append(done)
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(AFTER, self._answered, message, done)

    def _answered(self, message: str, done: asyncio.Event) -> None:
        done.set()
        waiting = self._pressed.get(message, [])
        if done in waiting:
            waiting.remove(done)
        if not waiting:
            self._pressed.pop(message, None)

    async def _patch(self, message: str, card: Json) -> None:
        await self._api.call("PATCH", f"/im/v1/messages/{quote(message, safe='')}", {"content": dumped(card)})

    async def _drawn(self, message: Message, send: Send[T]) -> T:
        """Sends a card; one that is refused for a picture with its pictures uploaded anew, and otherwise simpler. The
        last refusal is final."""
        try:
            return await send(await self.card(message))
        except Unfit as no:
            log.warning("feishu refused a card", code=no.code)
            again = no.code == codes.PICTURE and bool(message.pictures)
        if again:
            self._pictures.forget(message.pictures)
            try:
                return await send(await self.card(message))
            except Unfit as no:
                log.warning("feishu refused a picture", code=no.code)
        plain, _menu = fit(message.card, SIMPLE)
        return await send(await self.card(replace(message, card=plain, pictures={}, others={})))


async def _happened(event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(HELD):
            await event.wait()
    except TimeoutError:
        log.warning("feishu press unanswered")
