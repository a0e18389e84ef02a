"""Sending and redrawing messages: one uuid a message, pictures by key, and a simpler card where Feishu refuses one."""

import hashlib
import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

import aiohttp
import structlog

from bot.capability import Capabilities, Expired, Later, Message, Rate, Rates, Ref
from bot.cards import Card, Chart, Enclosed, Tone, text
from bot.degrade import fit
from bot.platforms.feishu import charts, codes, render
from bot.platforms.feishu.api import Api
from bot.platforms.feishu.codes import Barred, Unfit
from bot.platforms.feishu.elements import Json, dumped
from bot.platforms.feishu.pictures import Pictures
from bot.pressing import Pressing
from bot.text import N_, texts

# All replicas together, a minute and a second; five a second to one person.
RATES = Rates((Rate(1000, 60), Rate(50, 1)), (Rate(1000, 60), Rate(50, 1)), 0.2)
SIMPLE = Capabilities(tables=False, charts=False, blocks=30, text=500, rows=10)
AGAIN = 1.0  # seconds until a message is drawn again, with pictures
FILES = {"pdf": "pdf", "doc": "doc", "docx": "doc", "xls": "xls", "xlsx": "xls", "ppt": "ppt", "pptx": "ppt"}
TITLE = N_("Held back by Feishu")
HELD = N_(
    "Feishu did not let a message of mine through, because of certain words or a rule of your company. Type “perf "
    "tasks” to see what waits for you. If that does not come either, ask HR."
)
T = TypeVar("T")
Send = Callable[[Json], Awaitable[T]]
log = structlog.get_logger()


class Delivery:
    """im/v1/messages and what goes with it."""

    def __init__(self, api: Api, pictures: Pictures) -> None:
        self._api, self._pictures = api, pictures
        self.pressing = Pressing("feishu")
        self._undrawn: set[str] = set()

    def draws(self, chart: Chart) -> bool:
        """Whether a chart goes out as its data, which the client draws; kinds that Feishu once refused are pictures."""
        return charts.native(chart) and chart.plot.kind not in self._undrawn

    async def send(self, user: str, message: Message) -> Ref:
        """Sends to a person's private conversation. Raises Later, Gone or OSError.

        The same key sends once within an hour, whoever sends it: that is Feishu's own promise.
        """
        return await self._drawn(message, lambda card: self.post(user, card, message.key, *_read(message)))

    async def redraw(self, ref: Ref, message: Message) -> None:
        """Replaces a sent card; one that is being pressed after its press was answered, since Feishu locks it until
        then. Raises Later, Expired, Gone or OSError."""
        if ref.message.startswith("bm-"):
            raise Expired("message refused: sent in a batch")
        await self.pressing.over(ref.message)
        await self._drawn(message, lambda card: self.rewrite(ref.message, card))

    async def post(self, user: str, card: Json, key: str, *locales: str) -> Ref:
        """Sends a card as it is; one that Feishu holds back is told of in these languages."""
        return await self._unless_held(user, "interactive", card, key, locales)

    async def hand(self, user: str, message: Message, content: bytes) -> Ref:
        """Sends a file, under its own name: Feishu shows no words beside it. Raises Later, Gone or OSError."""
        held = message.card.enclosed
        if held is None:
            raise ValueError("no file")
        answer = await self._api.upload("/im/v1/files", lambda: _file(held, content))
        sent = {"file_key": str(answer["data"]["file_key"])}
        return await self._unless_held(user, "file", sent, message.key, _read(message))

    async def _unless_held(self, user: str, kind: str, content: Json, key: str, locales: Sequence[str]) -> Ref:
        """Sends a message; in the place of one that Feishu holds back a card that says no more than that, tried once.

        Nothing takes the place of a redraw: what stands there was let through.
        """
        try:
            return await self._message(user, kind, content, key)
        except Barred as no:
            log.warning("feishu held a message back", code=no.code)
            if not locales:
                raise
        return await self._message(user, "interactive", await self.card(_held(locales)), key)

    async def _message(self, user: str, kind: str, content: Json, key: str) -> Ref:
        sent = {"receive_id": user, "msg_type": kind, "content": dumped(content)}
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

    async def rewrite(self, message: str, card: Json) -> None:
        """Redraws a sent card as it is."""
        await self._api.call("PATCH", f"/im/v1/messages/{quote(message, safe='')}", {"content": dumped(card)})

    async def _drawn(self, message: Message, send: Send[T]) -> T:
        """Sends a card; one that is refused for a picture with its pictures uploaded anew, and otherwise simpler. The
        last refusal is final."""
        try:
            return await send(await self.card(message))
        except Unfit as no:
            log.warning("feishu refused a card", code=no.code)
            self._undraw(message, no.code)
            again = no.code == codes.PICTURE and bool(message.pictures)
        if again:
            self._pictures.forget(message.pictures)
            try:
                return await send(await self.card(message))
            except Unfit as no:
                log.warning("feishu refused a picture", code=no.code)
        plain, _menu = fit(message.card, SIMPLE)
        return await send(await self.card(replace(message, card=plain, pictures={}, others={})))

    def _undraw(self, message: Message, code: int) -> None:
        """Feishu does not take a chart: from now on its kind is a picture, this one first. Raises Later for that."""
        kinds = {chart.plot.kind for chart in message.card.charts() if chart not in message.pictures}
        if code == codes.CHART and kinds:
            log.error("feishu refused charts", kinds=sorted(kinds))
            self._undrawn |= kinds
            raise Later(AGAIN) from None


def _read(message: Message) -> Sequence[str]:
    """The languages of a message, its own first."""
    return (message.locale, *message.others)


def _held(locales: Sequence[str]) -> Message:
    """What is shown instead: nothing of the message itself, which also may not be shown elsewhere."""
    cards = {locale: Card(texts(locale)(TITLE), (text(texts(locale)(HELD)),), tone=Tone.WARN) for locale in locales}
    return Message(cards[locales[0]], locales[0], others=cards)


def _file(held: Enclosed, content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    kind = FILES.get(held.name.rpartition(".")[2].casefold(), "stream")
    form.add_field("file_type", kind)
    form.add_field("file_name", held.name)
    body = io.BytesIO(content)  # bytes would be sent in one go, and hold everything up meanwhile
    form.add_field("file", body, filename=held.name, content_type="application/octet-stream")
    return form
