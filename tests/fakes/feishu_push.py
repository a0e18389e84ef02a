"""What Feishu pushes: envelopes, encryption, signature, retries, and the things people do that become events."""

import base64
import hashlib
import json
import os
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.fakes.feishu_socket import LongConnections
from tests.fakes.feishu_store import BOT, BOT_NAME, TENANT, Json, Post, Store

RETRIES = (15.0, 300.0, 3600.0, 21600.0)
PATIENCE = 3.0


@dataclass
class Pushed:
    """What became of one push: the HTTP status (or the code of the ack, 0 for none), the JSON answered (None: no
    JSON), and how long it took in seconds."""

    status: int
    body: Json | None = None
    seconds: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether it counts as received."""
        return self.status == 200 and self.seconds <= PATIENCE


@dataclass
class Due:
    """A push that will be tried again at `at`."""

    envelope: Json
    at: float
    tries: int = 1


class Pushing:
    """Events by HTTP to `events_url` and `cards_url`, or by long connection (`by_socket`)."""

    def __init__(self, store: Store, app_id: str, encrypt_key: str, token: str, scopes: set[str]) -> None:
        self.store, self.app_id, self.scopes = store, app_id, scopes
        self.encrypt_key, self.verification_token = encrypt_key, token
        self.links = LongConnections()
        self.by_socket = False
        self.parts, self.kind = 1, "event"
        self.events_url = self.cards_url = ""
        self.due: list[Due] = []
        self.http: aiohttp.ClientSession | None = None

    def envelope(self, event_type: str, event: Json, *, event_id: str = "", micro: bool = False) -> Json:
        """An envelope 2.0; `micro`: its time is in microseconds, as for callbacks."""
        stamp = int(self.store.clock() * (1_000_000 if micro else 1_000))
        about = {"event_id": event_id or os.urandom(16).hex(), "event_type": event_type, "create_time": str(stamp)}
        app = {"token": self.verification_token, "app_id": self.app_id, "tenant_key": TENANT}
        return {"schema": "2.0", "header": about | app, "event": event}

    def sealed(self, value: Json) -> tuple[bytes, dict[str, str]]:
        """The bytes and headers of one delivery: encrypted and signed anew if there is an Encrypt Key."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if not self.encrypt_key:
            return json.dumps(value, ensure_ascii=False).encode(), headers
        body = json.dumps({"encrypt": encrypted(self.encrypt_key, json.dumps(value).encode())}).encode()
        stamp, nonce = str(int(self.store.clock())), os.urandom(8).hex()
        signature = signed(self.encrypt_key, stamp, nonce, body)
        marks = {"X-Lark-Request-Timestamp": stamp, "X-Lark-Request-Nonce": nonce, "X-Lark-Signature": signature}
        return body, headers | marks

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Pushed:
        """Raw bytes to a door."""
        assert self.http is not None
        begun = time.monotonic()
        limit = aiohttp.ClientTimeout(total=PATIENCE + 1)
        try:
            async with self.http.post(url, data=body, headers=headers, allow_redirects=False, timeout=limit) as answer:
                return Pushed(answer.status, _json(await answer.read()), time.monotonic() - begun)
        except (aiohttp.ClientError, TimeoutError):
            return Pushed(0, None, time.monotonic() - begun)

    async def push(self, envelope: Json, *, url: str = "") -> Pushed:
        """One delivery by the way in use."""
        if self.by_socket:
            begun = time.monotonic()
            payload = json.dumps(envelope, ensure_ascii=False).encode()
            code, body = await self.links.send(payload, self.kind, parts=self.parts)
            return Pushed(code, body if body is not None else {} if code else None, time.monotonic() - begun)
        body_bytes, headers = self.sealed(envelope)
        return await self.post(url or self.events_url, body_bytes, headers)

    async def send_event(self, event_type: str, event: Json, *, event_id: str = "", again: int = 0) -> Pushed:
        """An event, tried again later if it is not taken; `again`: so many duplicates with event ids of their own."""
        envelope = self.envelope(event_type, event, event_id=event_id)
        pushed = await self._tried(Due(envelope, self.store.clock(), 0))
        for _ in range(again):
            await self.push(self.envelope(event_type, event))
        return pushed

    async def retry(self) -> list[Pushed]:
        """Tries everything again whose time has come: 15 s, 5 min, 1 h, 6 h after the try before."""
        now = self.store.clock()
        ripe = [due for due in self.due if due.at <= now]
        self.due = [due for due in self.due if due.at > now]
        return [await self._tried(due) for due in ripe]

    async def _tried(self, due: Due) -> Pushed:
        pushed = await self.push(due.envelope)
        if not pushed.taken and due.tries < len(RETRIES):
            self.due.append(Due(due.envelope, self.store.clock() + RETRIES[due.tries], due.tries + 1))
        return pushed

    async def challenge(self, url: str = "") -> tuple[Pushed, str]:
        """What saving the address in the console sends, and the challenge that must come back in plain JSON."""
        word = os.urandom(12).hex()
        asked = {"challenge": word, "token": self.verification_token, "type": "url_verification"}
        raw = json.dumps(asked).encode()
        if self.encrypt_key:
            raw = json.dumps({"encrypt": encrypted(self.encrypt_key, raw)}).encode()
        return await self.post(url or self.events_url, raw, {"Content-Type": "application/json"}), word

    async def say(self, user: str, text: str, *, chat: str = "", **more: Any) -> Pushed:
        """Types a line, in a group with a mention of the bot unless `bot=False`; `mentions` are user ids by the name
        that stands in the text behind an @; `again` as for send_event; `event` changes the event itself."""
        event, delivered = self.spoken(user, text, chat=chat, **more)
        if not delivered:
            return Pushed(0)
        return await self.send_event("im.message.receive_v1", event, again=int(more.get("again", 0)))

    def spoken(self, user: str, text: str, *, chat: str = "", **more: Any) -> tuple[Json, bool]:
        """The event of a typed line, and whether the app's scopes let it be delivered."""
        named: dict[str, str] = dict(more.get("mentions") or {})
        bot = bool(chat) and bool(more.get("bot", True))
        mentions = []
        for at, (name, who) in enumerate(([(BOT_NAME, BOT)] if bot else []) + list(named.items()), 1):
            text = text.replace(f"@{name.lstrip('@')}", f"@_user_{at}")
            mentions.append(self._mention(at, name.lstrip("@"), who))
        said = f"@_user_1 {text}" if bot and "@_user_1" not in text else text
        posted = self.store.post(chat or self.store.people[user].chat, "text", {"text": said}, own=False)
        event = self.message(posted, user) | dict(more.get("event") or {})
        if mentions:
            event["message"]["mentions"] = mentions
        delivered = not chat or bot or "im:message.group_msg" in self.scopes
        return event, delivered

    async def attach(self, user: str, name: str, content: bytes, *, kind: str = "file") -> Pushed:
        """Sends a file or a picture to the bot."""
        key = self.store.file(name, content, own=False)
        held = {"file_key": key, "file_name": name} if kind == "file" else {"image_key": key}
        posted = self.store.post(self.store.people[user].chat, kind, held, own=False)
        return await self.send_event("im.message.receive_v1", self.message(posted, user))

    def message(self, posted: Post, user: str) -> Json:
        """The event of a message."""
        private = posted.chat == self.store.people[user].chat
        stamp = str(int(posted.at * 1000))
        message = {
            "message_id": posted.id,
            "create_time": stamp,
            "update_time": stamp,
            "chat_id": posted.chat,
            "chat_type": "p2p" if private else "group",
            "message_type": posted.kind,
            "content": json.dumps(posted.content, ensure_ascii=False),
        }
        if "im:user_agent:read" in self.scopes:
            locale = self.store.people[user].locale.partition("_")
            message["user_agent"] = f"Mozilla/5.0 Lark/7.20.1 LarkLocale/{locale[0]}_{locale[2].upper()} ttnet"
        sender = {"sender_id": self.ids(user), "sender_type": "user", "tenant_key": TENANT}
        return {"sender": sender, "message": message}

    async def menu(self, user: str, event_key: str) -> Pushed:
        """Presses an entry of the bot's menu."""
        who = {"operator_name": self.store.people[user].name, "operator_id": self.ids(user)}
        event = {"operator": who, "event_key": event_key, "timestamp": int(self.store.clock())}
        return await self.send_event("application.bot.menu_v6", event)

    async def enter(self, user: str) -> Pushed:
        """Opens the talk with the bot; what was said last is named, if anything was."""
        chat = self.store.people[user].chat
        event: Json = {"chat_id": chat, "operator_id": self.ids(user)}
        said = [post for post in self.store.posts if post.chat == chat and not post.gone]
        if said:
            event["last_message_id"] = said[-1].id
            event["last_message_create_time"] = str(int(said[-1].at * 1000))
        return await self.send_event("im.chat.access_event.bot_p2p_chat_entered_v1", event)

    async def contact(self, user: str, what: str, **before: str) -> Pushed:
        """The directory says that an account was "created", "updated" or "deleted": a part of it, without its
        departments; `before` is what stood there until now."""
        person = self.store.people[user]
        status = {"is_resigned": person.resigned, "is_frozen": person.frozen}
        event: Json = {"object": self.ids(user) | {"name": person.name, "status": status}}
        if before or what == "deleted":
            event["old_object"] = {"open_id": user} | before
        return await self.send_event(f"contact.user.{what}_v3", event)

    def ids(self, user: str) -> Json:
        """The ids of an account, as far as the scopes show them."""
        ids = self.store.people[user].ids
        hidden = set() if "contact:user.employee_id:readonly" in self.scopes else {"user_id"}
        return {name: value for name, value in ids.items() if name not in hidden}

    def _mention(self, at: int, name: str, who: str) -> Json:
        ids = {"open_id": BOT, "union_id": "on_bot", "user_id": ""} if who == BOT else self.ids(who)
        kind = "bot" if who == BOT else "user"
        return {"key": f"@_user_{at}", "id": ids, "mentioned_type": kind, "name": name, "tenant_key": TENANT}


def encrypted(key: str, plain: bytes, iv: bytes | None = None) -> str:
    """AES-256-CBC under the SHA-256 of the key, PKCS7, the initialisation vector in front, base64."""
    start = iv or os.urandom(16)
    padder = padding.PKCS7(128).padder()
    padded = padder.update(plain) + padder.finalize()
    maker = Cipher(algorithms.AES(hashlib.sha256(key.encode()).digest()), modes.CBC(start)).encryptor()
    return base64.b64encode(start + maker.update(padded) + maker.finalize()).decode()


def signed(key: str, stamp: str, nonce: str, body: bytes) -> str:
    """The signature over the raw body."""
    return hashlib.sha256(f"{stamp}{nonce}{key}".encode() + body).hexdigest()


def _json(raw: bytes) -> Json | None:
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
