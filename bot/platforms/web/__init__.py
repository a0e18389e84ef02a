"""The local browser console: the same bot without any platform account, played as anybody of a sample company."""

import hashlib
import importlib.resources
import io
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from aiohttp import web

from bot.capability import Answer, Capabilities, Gone, Inbound, Message, Profile, Rates, Ref, TooLarge
from bot.cards import Chart
from bot.events import FromPerson, Who
from bot.platforms.web import inbound as incoming
from bot.platforms.web import render
from bot.platforms.web.guard import FILE_MOST, Shut, body, guarded, read
from bot.platforms.web.live import Live
from bot.platforms.web.pictures import Papers, Pictures, Shelf
from bot.platforms.web.players import History, People, Player, Role, Words, silence, wordless
from bot.platforms.web.strings import role, strings
from bot.text import NAMES, texts

__all__ = ["History", "Mode", "People", "Player", "Role", "Web", "Words"]
Mode = Literal["sample", "off"]
STATIC = Path(__file__).parent / "static"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SHOWN = 60
FRESH = 10.0
FILES_MOST = 100 * 1024 * 1024


class Web:
    """The console as a platform. Nothing is stored here: the history comes from whoever remembers the deliveries."""

    name = "web"
    rates = Rates()

    def __init__(
        self,
        *,
        mode: Mode,
        people: People,
        clock: Callable[[], datetime],
        history: History = silence,
        words: Words = wordless,
        can: Capabilities | None = None,
    ) -> None:
        self.mode, self.can = mode, can or Capabilities()
        self._people, self._history, self._words, self._clock = people, history, words, clock
        self._inbound: Inbound | None = None
        self._live, self._pictures, self._files, self._papers = Live(), Pictures(), Shelf(FILES_MOST), Papers()
        self._fresh: dict[str, deque[tuple[float, str, Message]]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Everything under /console, or nothing while the console is off."""
        if self.mode == "off":
            return []
        gets = {
            "/console": self._moved,
            "/console/": self._page,
            "/console/static/{name}": self._static,
            "/console/font": self._font,
            "/console/picture/{name}.png": self._picture,
            "/console/file/{name}": self._file,
            "/console/live": self._socket,
            "/console/api/me": self._me,
            "/console/api/people": self._everybody,
            "/console/api/messages": self._messages,
        }
        posts = {"say": self._say, "press": self._press, "submit": self._submit, "files": self._drop}
        doors = [web.get(path, guarded(door)) for path, door in gets.items()]
        return [*doors, *(web.post(f"/console/api/{name}", guarded(door)) for name, door in posts.items())]

    async def start(self, inbound: Inbound) -> None:
        """Opens the doors: until then they answer 503."""
        self._inbound = inbound

    async def stop(self) -> None:
        """Sends every open page away; pages come back by themselves."""
        self._inbound = None
        await self._live.stop()

    def ready(self) -> bool:
        """Whether the console is on and started."""
        return self.mode != "off" and self._inbound is not None

    async def deliver(self, to: Who, message: Message, channel: str = "") -> Ref:
        """Shows the message on all pages of the person; the same `message.key` is the same message. Raises Gone."""
        if self.mode == "off":
            raise Gone("no access: the console is off")
        name = _name(to, message)
        self._show("message", to.user, name, message)
        return Ref(to.user, name)

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Redraws the message on all pages of the person."""
        self._show("redraw", ref.channel or to.user, ref.message, message)

    async def profile(self, who: Who) -> Profile | None:
        """The person of the sample company, None if there is none."""
        found = next((player for player in await self._people() if player.user == who.user), None)
        return Profile(found.name, found.email, found.vouched, found.locale, found.zone) if found else None

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a dropped or held file by its `File.url`. Raises Gone once it is forgotten (the newest 100 MB
        are kept), TooLarge."""
        content = self._files.get(url.removeprefix(incoming.SCHEME).split("/", 1)[0])
        if content is None:
            raise Gone("file forgotten")
        if len(content) > most:
            raise TooLarge("file too large")
        return content

    async def hand(self, to: Who, message: Message, content: bytes, channel: str = "") -> Ref:
        """Shows the message with a link to its file, for this person and a quarter of an hour. Raises Gone."""
        named = replace(message, key=message.key or secrets.token_hex(16))
        if named.card.enclosed is not None:
            self._papers.put(_name(to, named), named.card.enclosed.name, content)
        return await self.deliver(to, named, channel)

    def _show(self, kind: str, user: str, name: str, message: Message) -> None:
        others = (one for one in self._fresh.get(user, ()) if one[1] != name)
        newest = [(time.monotonic(), name, message)] if kind == "message" else []  # a redrawn one is remembered by now
        self._fresh[user] = deque([*others, *newest], maxlen=20)
        self._live.push(user, {"kind": kind, "message": self._drawn(user, name, message)})

    def _drawn(self, user: str, name: str, message: Message) -> render.Json:
        file = self._papers.link(user, name, self._clock()) if message.card.enclosed else ""
        return render.message(name, message, self._links(user, message), file)

    def _links(self, user: str, message: Message | None) -> Mapping[Chart, str]:
        drawn = message.pictures.items() if message else ()
        return {chart: self._pictures.link(user, png, self._clock()) for chart, png in drawn}

    async def _player(self, user: str) -> Player:
        for player in await self._people():
            if player.user == user:
                return player
        raise Shut(404, "unknown person")

    async def _ask(self, event: FromPerson) -> web.Response:
        if self._inbound is None:
            raise Shut(503, "starting")
        given: Answer = await self._inbound(event)
        answer = render.answer(given, self._links(event.who.user, given.card))
        if given.unkept:
            return web.json_response(answer, status=503)
        spoken = (await self._player(event.who.user)).locale  # it may have been chosen by this very event
        return web.json_response({**answer, "locale": render.tag(spoken)})

    async def _moved(self, _request: web.Request) -> web.Response:
        return web.Response(status=308, headers={"Location": "/console/"})

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return _file(request, "index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return _file(request, request.match_info["name"])

    async def _font(self, _request: web.Request) -> web.StreamResponse:
        path = Path(str(importlib.resources.files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc"))
        headers = {"Content-Type": "font/collection", "Cache-Control": "public, max-age=31536000, immutable"}
        return web.FileResponse(path, headers=headers)

    async def _picture(self, request: web.Request) -> web.Response:
        query = request.query
        asked = (query.get("user", ""), request.match_info["name"], query.get("until", ""), query.get("mac", ""))
        png = self._pictures.open(*asked, self._clock())
        if png is None:
            raise Shut(404, "no such picture")
        return web.Response(body=png, content_type="image/png", headers={"Cache-Control": "private, max-age=600"})

    async def _file(self, request: web.Request) -> web.Response:
        query = request.query
        asked = (query.get("user", ""), request.match_info["name"], query.get("until", ""), query.get("mac", ""))
        found = self._papers.open(*asked, self._clock())
        if found is None:
            raise Shut(404, "no such file")
        await self._player(asked[0])
        name, content = found
        said = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return web.Response(body=io.BytesIO(content), content_type="application/octet-stream", headers=said)

    async def _me(self, request: web.Request) -> web.Response:
        player = await self._player(request.query.get("user", ""))
        words = await self._words(incoming.who(player.user))
        languages = [[render.tag(locale), name] for locale, name in NAMES.items()]
        said = strings(texts(player.locale))
        told = {"player": _shown(player), "strings": said, "words": [list(word) for word in words]}
        return web.json_response({**told, "languages": languages})

    async def _everybody(self, _request: web.Request) -> web.Response:
        return web.json_response({"people": [_shown(player) for player in await self._people()]})

    async def _messages(self, request: web.Request) -> web.Response:
        """The history, and what was pushed a moment ago and may not be remembered yet."""
        user = (await self._player(request.query.get("user", ""))).user
        at = self._live.at(user)
        kept = {ref.message: message for ref, message in await self._history(incoming.who(user), SHOWN)}
        recent = time.monotonic() - FRESH
        fresh = {name: message for born, name, message in self._fresh.get(user, ()) if born > recent}
        shown = [self._drawn(user, name, message) for name, message in ({**kept, **fresh} | kept).items()]
        return web.json_response({"messages": shown, "at": at})

    async def _say(self, request: web.Request) -> web.Response:
        sent = await body(request, incoming.Say)
        await self._player(sent.user)
        return await self._ask(incoming.said(sent, await self._people()))

    async def _press(self, request: web.Request) -> web.Response:
        sent = await body(request, incoming.Press)
        await self._player(sent.user)
        return await self._ask(incoming.click(sent))

    async def _submit(self, request: web.Request) -> web.Response:
        sent = await body(request, incoming.Submit)
        await self._player(sent.user)
        return await self._ask(incoming.submitted(sent))

    async def _drop(self, request: web.Request) -> web.Response:
        """A file as the raw body; with `hold` its address is handed back as a form's answer and nobody is told."""
        sent = incoming.drop(request.query)
        await self._player(sent.user)
        content, token = await read(request, FILE_MOST), secrets.token_urlsafe(24)
        if not content:
            raise Shut(400, "empty")
        self._files.put(token, content)
        file = incoming.file(sent, request.content_type, len(content), token)
        if sent.hold:
            return web.json_response({"name": file.name, "answer": file.packed(), "size": file.size})
        return await self._ask(incoming.attached(sent, file))

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        player = await self._player(request.query.get("user", ""))
        if self._inbound is None:
            raise Shut(503, "starting")
        return await self._live.serve(request, player.user, request.query.get("since", ""))


def _name(to: Who, message: Message) -> str:
    """What a message is called in the conversation of its reader."""
    return hashlib.sha256(f"{to.user}\n{message.key or secrets.token_hex(16)}".encode()).hexdigest()[:24]


def _shown(player: Player) -> render.Json:
    return {
        "user": player.user,
        "name": player.name,
        "role": role(player.role),
        "department": player.department,
        "position": player.position,
        "locale": render.tag(player.locale),
        "manager": player.manager,
        "featured": player.featured,
    }


def _file(request: web.Request, name: str) -> web.StreamResponse:
    """One of the page's own files, by its exact name; browsers ask again each time and mostly hear 304."""
    path = next((path for path in STATIC.iterdir() if path.name == name and path.suffix in TYPES), None)
    if path is None:
        raise Shut(404, "no such file")
    content = path.read_bytes()
    etag = hashlib.sha256(content).hexdigest()[:16]
    headers = {"Cache-Control": "no-cache", "ETag": f'"{etag}"'}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, content_type=TYPES[path.suffix], charset="utf-8", headers=headers)
