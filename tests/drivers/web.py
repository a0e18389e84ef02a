"""A person in the local console: real HTTP to its doors, and a real socket on which everything is seen."""

import asyncio
import io
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp

from bot.capability import Capabilities, Platform
from bot.platforms.web import Player, Web
from bot.platforms.web.inbound import TENANT
from bot.platforms.web.players import History, People, Words, silence, wordless
from bot.text import negotiate
from tests.drivers import Outcome, Seen, SeenForm

Json = dict[str, Any]
SECONDS = 10


class WebDriver:
    """Implements tests.drivers.Driver. Without `people` those added by `add_user` can be played.

    Pushes arrive by themselves; `await settled()` waits until all that was pushed so far is seen.
    """

    name = "web"
    tenant = TENANT

    def __init__(
        self,
        can: Capabilities | None = None,
        *,
        people: People | None = None,
        history: History = silence,
        words: Words = wordless,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.players: dict[str, Player] = {}
        given = people or self._everybody
        self.console = Web(mode="sample", people=given, history=history, words=words, clock=clock, can=can)
        self.base = ""
        self._session: aiohttp.ClientSession | None = None
        self._sockets: dict[str, aiohttp.ClientWebSocketResponse] = {}
        self._pumps: list[asyncio.Task[None]] = []
        self._pongs: dict[str, deque[asyncio.Event]] = {}
        self._shown: dict[str, dict[str, Seen]] = {}
        self._drawn: list[tuple[Seen, Json]] = []
        self._sheets: dict[str, Json] = {}

    async def start(self) -> Platform:
        """There is no fake server: the console is its own platform."""
        return self.console

    async def connect(self, base: str) -> None:
        """Opens a page for everybody known."""
        self.base = base
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
        for user in self.players:
            await self._open(user)

    async def stop(self) -> None:
        """Closes every page."""
        for socket in self._sockets.values():
            await socket.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        if self._session:
            await self._session.close()

    def add_user(self, user: str, *, name: str, email: str, vouched: bool = True, locale: str = "en-US") -> None:
        """Makes the person playable; the page opens at `connect`, or with the first thing done."""
        self.players[user] = Player(user, name, locale=negotiate(locale), email=email, vouched=vouched)

    async def type(
        self, user: str, text: str, *, channel: str = "", mentions: Mapping[str, str] | None = None
    ) -> Outcome:
        """The console has no channels: whatever is typed is typed to the bot alone."""
        return await self._post("say", {"user": user, "text": text, "mentions": dict(mentions or {})})

    async def press(self, user: str, message: Seen, label: str) -> Outcome:
        """Presses what was drawn at the time of `message`, with the state of that time."""
        card = self._card(message)
        action, value = next(found for found in _pressable(card) if label in found[2:])[:2]
        address = {name: action[name] for name in ("action", "subject", "version")}
        return await self._post("press", {"user": user, **address, "message": message.id, "value": value})

    async def submit(self, user: str, values: Mapping[str, str | Sequence[str]]) -> Outcome:
        """The open form; it stays open while there are errors."""
        sheet = self._sheets[user]
        labels = {field["label"]: field for field in sheet["fields"]}
        answers = {field["name"]: field["value"] for field in sheet["fields"]}
        answers |= {labels[label]["name"]: self._answer(labels[label], value) for label, value in values.items()}
        address = {name: sheet[name] for name in ("action", "subject", "version")}
        outcome = await self._post("submit", {"user": user, **address, "answers": answers})
        if outcome.status == 200 and not outcome.errors and self._sheets.get(user) is sheet:
            del self._sheets[user]
        return outcome

    async def upload(self, user: str, name: str, content: bytes, kind: str = "application/octet-stream") -> Outcome:
        """Drops a file on the page."""
        query = {"user": user, "key": str(uuid4()), "name": name}
        return await self._sent(user, "files", params=query, data=content, headers={"Content-Type": kind})

    async def attach(self, user: str, name: str, content: bytes, text: str = "") -> Outcome:
        """The same, with words beside it."""
        query = {"user": user, "key": str(uuid4()), "name": name, "text": text}
        return await self._sent(user, "files", params=query, data=io.BytesIO(content))

    async def hold(self, user: str, name: str, content: bytes) -> str:
        """Puts a file into a form: what to fill its field with."""
        assert self._session is not None
        query, sender = {"user": user, "key": str(uuid4()), "name": name, "hold": "true"}, {"Origin": self.base}
        url = f"{self.base}/console/api/files"
        async with self._session.post(url, params=query, data=io.BytesIO(content), headers=sender) as response:
            return str((await response.json())["answer"])

    async def files(self, user: str) -> Sequence[tuple[str, bytes]]:
        """What the links of the files give that stand on the page."""
        assert self._session is not None
        found = []
        for name, url in self.links(user):
            async with self._session.get(url) as response:
                found.append((name, await response.read()))
        return found

    def links(self, user: str) -> Sequence[tuple[str, str]]:
        """The names of those files and their addresses."""
        actions = (action for seen, card in self._drawn if seen.user == user for action in card["actions"])
        return [(one["label"], self.base + one["url"]) for one in actions if one.get("url", "").startswith("/console/")]

    def messages(self, user: str) -> Sequence[Seen]:
        """What stands on the person's page."""
        return list(self._shown.get(user, {}).values())

    def form(self, user: str) -> SeenForm | None:
        """The open form, values and options by label."""
        sheet = self._sheets.get(user)
        if sheet is None:
            return None
        values = {field["label"]: _value(field["value"]) for field in sheet["fields"]}
        options = {field["label"]: tuple(label for _, label in field["options"]) for field in sheet["fields"]}
        return SeenForm(sheet["title"], tuple(values), values, options)

    def channel(self, channel: str) -> Sequence[Seen]:
        """Nobody reads along in a console."""
        return ()

    async def settled(self) -> None:
        """A page is open for everybody known, and has heard all that was pushed to it before."""
        for user in self.players:
            await self._open(user)
        await self._heard(*self._sockets)

    async def _heard(self, *users: str) -> None:
        """All of them at once: one after the other takes as long as everything else in a story."""
        pongs = []
        for user in users:
            pongs.append(asyncio.Event())
            self._pongs.setdefault(user, deque()).append(pongs[-1])
            await self._sockets[user].send_str("ping")
        async with asyncio.timeout(SECONDS):
            for pong in pongs:
                await pong.wait()

    async def _everybody(self) -> Sequence[Player]:
        return list(self.players.values())

    async def _open(self, user: str) -> None:
        if user in self._sockets or self._session is None:
            return
        url = f"{self.base}/console/live"
        query = {"user": user, "since": ""}
        with suppress(aiohttp.WSServerHandshakeError):
            socket = await self._session.ws_connect(url, params=query, headers={"Origin": self.base})
            self._sockets[user] = socket
            self._pumps.append(asyncio.create_task(self._pump(user, socket)))
            async with self._session.get(f"{self.base}/console/api/messages", params={"user": user}) as response:
                for message in (await response.json())["messages"]:
                    self._keep(user, message)

    async def _pump(self, user: str, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for heard in socket:
            value = json.loads(heard.data)
            if value["kind"] in ("message", "redraw"):
                self._keep(user, value["message"])
            elif value["kind"] == "pong":
                self._pongs[user].popleft().set()

    def _keep(self, user: str, message: Json) -> None:
        card = message["card"]
        words = [card["title"], *(line for block in card["body"] for line in _lines(block))]
        actions = [option for found in _pressable(card) for option in found[2:3]]
        labels = [action["label"] for action in card["actions"]]
        pictures = sum(1 for block in card["body"] if block["kind"] == "chart" and block["url"])
        seen = Seen(message["id"], "\n".join([*words, *labels, *actions]), tuple(actions), pictures, user)
        self._shown.setdefault(user, {})[seen.id] = seen
        self._drawn.append((seen, card))

    def _card(self, message: Seen) -> Json:
        for same in (lambda seen: seen is message, lambda seen: seen == message):
            for seen, card in reversed(self._drawn):
                if same(seen):
                    return card
        raise LookupError("this message was never drawn")

    def _answer(self, field: Json, value: str | Sequence[str]) -> str | list[str]:
        known: dict[str, str] = {label: name for name, label in field["options"]}
        if field["kind"] == "person":
            known |= {player.name: f"@{player.user}" for player in self.players.values()}
        if field["kind"] in ("choices", "attachment"):
            return [known.get(part, part) for part in ([value] if isinstance(value, str) else value)]
        return known.get(str(value), str(value))

    async def _post(self, door: str, body: Json) -> Outcome:
        return await self._sent(body["user"], door, json={**body, "key": str(uuid4())})

    async def _sent(self, user: str, door: str, *, headers: Mapping[str, str] | None = None, **given: Any) -> Outcome:
        if self._session is None:
            raise RuntimeError("not connected")
        await self._open(user)
        url, sender = f"{self.base}/console/api/{door}", {"Origin": self.base, **(headers or {})}
        async with self._session.post(url, headers=sender, **given) as response:
            if response.status != 200:
                return Outcome(response.status)
            answer = await response.json()
        await self._heard(*({user} & self._sockets.keys()))
        return self._told(user, answer)

    def _told(self, user: str, answer: Json) -> Outcome:
        if answer["card"]:
            self._keep(user, {"id": "", **answer["card"]})
        labels = {field["name"]: field["label"] for field in self._sheets.get(user, {"fields": []})["fields"]}
        if answer["sheet"]:
            self._sheets[user] = answer["sheet"]
        errors = {labels.get(name, name): sentence for name, sentence in answer["errors"].items()}
        return Outcome(200, answer["toast"], errors)


def _pressable(card: Json) -> Iterator[tuple[Json, str, str]]:
    """(action, value, visible label) of everything that can be pressed or chosen."""
    for action in card["actions"]:
        if action["kind"] == "button":
            yield action, "", action["label"]
        elif action["kind"] == "choice":
            yield from ((action, value, label) for value, label in action["options"])


def _lines(block: Json) -> list[str]:
    """The visible characters of a block."""
    match block["kind"]:
        case "text":
            return ["".join(span if isinstance(span, str) else _span(span) for span in block["spans"])]
        case "facts":
            return [f"{label}: {value}" for label, value in block["pairs"]]
        case "meter":
            return [f"{block['label']}: {block['text']}"]
        case "table":
            return [" | ".join(row) for row in (block["header"], *block["rows"])]
        case "chart":
            return [block["alt"]]
        case "note":
            return [block["text"]]
        case _:
            return []


def _span(span: Json) -> str:
    return str(span.get("text") or span.get("label") or span["name"])


def _value(value: str | list[str]) -> str | tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else value
