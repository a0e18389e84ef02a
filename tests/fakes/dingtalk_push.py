"""What the fake DingTalk pushes: robot messages, presses and events, by Stream or by HTTP, with its redeliveries."""

import json
import os
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.dingtalk_seals import card_signed, decrypted, encrypted, event_signed, signed
from tests.fakes.dingtalk_store import CORP, Card, Json, Store
from tests.fakes.dingtalk_stream import Gateway

MESSAGES, CARDS = "/v1.0/im/bot/messages/get", "/v1.0/card/instances/callback"
BY_STREAM, BY_HTTP, CARD = 3.0, 2.5, 2.0  # seconds until an answer is too late
AGAIN = (10.0, 60.0, 600.0)  # seconds until an event comes once more
EVENT_KEYS = {"userId": "UserId", "deptId": "DeptId", "timeStamp": "TimeStamp"}


@dataclass
class Pushed:
    """What became of one push: the HTTP status or the code of the ack (0: none), what was answered (None: nothing that
    can be read), and how long it took in seconds."""

    status: int
    body: Json | None = None
    seconds: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether it counts as received."""
        return self.status == 200 and self.body is not None


@dataclass
class Due:
    """An event that comes again at `at`."""

    kind: str
    data: Json
    name: str
    at: float
    tries: int = field(default=0)


class Pushing:
    """By Stream unless the address of a door is set. `patience`: how many times longer than DingTalk it waits,
    where time is not what is tested."""

    def __init__(self, store: Store, client_id: str, secret: str, aes_key: str, token: str) -> None:
        self.store, self.client_id, self.client_secret = store, client_id, secret
        self.aes_key, self.token = aes_key, token
        self.gateway = Gateway(store, client_id, secret)
        self.messages_url = self.events_url = self.cards_url = ""
        self.due: list[Due] = []
        self.pushes: list[tuple[str, Json]] = []
        self.patience = 1.0
        self.http: aiohttp.ClientSession | None = None

    async def push_message(self, data: Json) -> Pushed:
        """A robot message: never repeated, whatever becomes of it."""
        self.pushes.append(("message", data))
        if not self.messages_url:
            return await self._streamed("CALLBACK", MESSAGES, data)
        return await self.post(self.messages_url, json.dumps(data, ensure_ascii=False).encode(), self.message_headers())

    async def push_press(self, data: Json, card: Card) -> Pushed:
        """A press on a card."""
        self.pushes.append(("press", data))
        if card.callback == "STREAM":
            return await self._streamed("CALLBACK", CARDS, data)
        route = self.store.routes.get(card.route)
        if card.callback != "HTTP" or (route is None and not self.cards_url):
            return Pushed(0)
        secret = str((route or {}).get("apiSecret") or self.client_secret)
        url = self.cards_url or str((route or {})["callbackUrl"])
        return await self.post(url, json.dumps(data).encode(), self.card_headers(secret))

    async def send_event(self, kind: str, data: Json, *, name: str = "") -> Pushed:
        """An event, which comes again while it is not taken."""
        return await self._tried(Due(kind, data, name or os.urandom(16).hex(), self.store.clock()))

    async def retry(self) -> list[Pushed]:
        """Every event again whose time has come."""
        now = self.store.clock()
        ripe = [due for due in self.due if due.at <= now]
        self.due = [due for due in self.due if due.at > now]
        return [await self._tried(due) for due in ripe]

    async def _tried(self, due: Due) -> Pushed:
        pushed = await self._event(due)
        late = pushed.body is not None and pushed.body.get("status") == "LATER"
        if (late or not pushed.taken) and due.tries < len(AGAIN):
            self.due.append(Due(due.kind, due.data, due.name, self.store.clock() + AGAIN[due.tries], due.tries + 1))
        return pushed

    async def _event(self, due: Due) -> Pushed:
        stamp = str(int(self.store.clock() * 1000))
        if self.events_url:
            named = {EVENT_KEYS.get(name, name): value for name, value in due.data.items()}
            said = {"EventType": due.kind, "CorpId": CORP, "eventId": due.name, "EventTime": stamp} | named
            return await self.push_sealed(said)
        about = {"eventType": due.kind, "eventId": due.name, "eventCorpId": CORP, "eventBornTime": stamp}
        return await self._streamed("EVENT", "*", due.data, **about, eventUnifiedAppId="unified")

    async def check_url(self) -> Pushed:
        """What saving the address in the console sends."""
        return await self.push_sealed({"EventType": "check_url"})

    async def push_sealed(self, said: Json) -> Pushed:
        """An encrypted event; its answer must be an encrypted "success" for us, signed."""
        url, body = self.sealed(said)
        pushed = await self.post(url, body, {"Content-Type": "application/json"})
        good = pushed.status == 200 and pushed.body is not None and self._success(pushed.body)
        return Pushed(pushed.status, {"status": "SUCCESS"} if good else None, pushed.seconds)

    def sealed(self, said: Json, *, owner: str = "") -> tuple[str, bytes]:
        """The address with its query, and the body, of an encrypted event."""
        secret = encrypted(self.aes_key, owner or self.client_id, json.dumps(said))
        stamp, nonce = str(int(self.store.clock() * 1000)), os.urandom(6).hex()
        signature = event_signed(self.token, stamp, nonce, secret)
        query = f"msg_signature={signature}&timestamp={stamp}&nonce={nonce}"
        return f"{self.events_url}?{query}", json.dumps({"encrypt": secret}).encode()

    def message_headers(self, *, age: float = 0.0, secret: str = "") -> dict[str, str]:
        """The headers of a robot message that was sent so many seconds ago."""
        stamp = str(int((self.store.clock() - age) * 1000))
        seal = signed(secret or self.client_secret, stamp)
        return {"Content-Type": "application/json; charset=utf-8", "timestamp": stamp, "sign": seal}

    def card_headers(self, secret: str, *, age: float = 0.0) -> dict[str, str]:
        """The headers of a card's callback."""
        stamp = str(int((self.store.clock() - age) * 1000))
        marks = {"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": card_signed(secret, stamp)}
        return {"Content-Type": "application/json"} | marks

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Pushed:
        """Raw bytes to a door."""
        assert self.http is not None
        begun = time.monotonic()
        limit = aiohttp.ClientTimeout(total=BY_HTTP * self.patience)
        try:
            async with self.http.post(url, data=body, headers=headers, allow_redirects=False, timeout=limit) as answer:
                return Pushed(answer.status, _json(await answer.read()), time.monotonic() - begun)
        except (aiohttp.ClientError, TimeoutError):
            return Pushed(0, None, time.monotonic() - begun)

    async def _streamed(self, kind: str, topic: str, data: Json, **headers: str) -> Pushed:
        self.store.spend("hook")
        ack = await self.gateway.push(kind, topic, data, BY_STREAM * self.patience, **headers)
        if ack is None:
            return Pushed(0)
        body = ack.data if isinstance(ack.data, dict) else None
        if kind == "CALLBACK":
            if body is None or set(body) != {"response"}:
                self.store.flag(f"the ack of {topic} holds no response")
            told = (body or {}).get("response")
            body = told if isinstance(told, dict) else {}
        return Pushed(ack.code, body, ack.seconds)

    def _success(self, body: Json) -> bool:
        parts: list[Any] = [body.get(name) for name in ("timeStamp", "nonce", "encrypt", "msg_signature")]
        if not all(isinstance(part, str) for part in parts):
            self.store.flag("the answer to an event is not sealed")
            return False
        stamp, nonce, secret, signature = parts
        try:
            said, owner = decrypted(self.aes_key, secret)
        except ValueError:
            said, owner = "", ""
        good = signature == event_signed(self.token, stamp, nonce, secret)
        if not good or (said, owner) != ("success", self.client_id):
            self.store.flag("the answer to an event is no sealed success")
            return False
        return True


def _json(raw: bytes) -> Json | None:
    try:
        value = json.loads(raw) if raw else {}
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
