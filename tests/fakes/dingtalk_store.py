"""What the fake DingTalk holds: people, groups, messages, cards, media, sessions, tokens, and what was spent."""

import itertools
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
CORP = "ding9733fake"
BOT_ID = "$:LWCP_v1:$bot"
HOUR = 3600.0
DAY = 24 * HOUR
SESSION = 1.5 * HOUR
TOKEN = 2 * HOUR
MONTHLY = {"api": 5000, "hook": 3000}


class Refuse(Exception):
    """An error of the new API: HTTP status, code, and what else stands in the body."""

    def __init__(self, code: str, message: str = "", *, status: int = 400, **more: object) -> None:
        super().__init__(f"{code} {message}".strip())
        self.status, self.body = status, {"code": code, "requestid": "01A0", "message": message or code} | more


class OldRefuse(Exception):
    """An error of the old API, always with HTTP 200; `sub` is the inner code of errcode 88."""

    def __init__(self, errcode: int, errmsg: str = "", sub: str = "") -> None:
        super().__init__(f"{errcode} {errmsg} {sub}".strip())
        told = f"ding talk error[subcode={sub},submsg={errmsg}]" if sub else errmsg or "error"
        inner = {"sub_code": sub, "sub_msg": errmsg} if sub else {}
        self.body: Json = {"errcode": errcode, "errmsg": told, "request_id": "15r"} | inner


@dataclass
class Person:
    """An account. `hidden`: messages come without its staff id; `flowed`: sends to it are flow-controlled; `client`:
    the version of its app, which older than 7.6 shows no forms."""

    staff: str
    name: str
    email: str = ""
    vouched: bool = True
    language: str = "zh_CN"
    manager: str = ""
    departments: tuple[int, ...] = (1,)
    title: str = ""
    number: str = ""
    hired: int = 0
    left: bool = False
    hidden: bool = False
    flowed: bool = False
    client: str = "8.0.0"

    @property
    def union(self) -> str:
        """Its id across companies."""
        return f"union-{self.staff}"

    @property
    def chat(self) -> str:
        """Its talk with the bot."""
        return f"cid-p2p-{self.staff}=="

    @property
    def sees_forms(self) -> bool:
        """Whether its client draws forms."""
        return tuple(int(part) for part in self.client.split(".")) >= (7, 6, 35)


@dataclass
class Group:
    """A group; `robot`: the bot is in it."""

    cid: str
    title: str
    members: set[str]
    robot: bool = True


@dataclass
class Card:
    """An instance of a template. `past` are earlier data, public and private; `pending` callbacks wait for their
    answer; `recipients` (empty: everybody) are who sees it in a group."""

    track: str
    template: str
    public: dict[str, str]
    private: dict[str, dict[str, str]] = field(default_factory=dict)
    callback: str = ""
    route: str = ""
    past: list[tuple[dict[str, str], dict[str, dict[str, str]]]] = field(default_factory=list)
    pending: int = 0
    recipients: tuple[str, ...] = ()
    spaces: list[str] = field(default_factory=list)

    def params(self, user: str) -> dict[str, str]:
        """What one reader's client draws."""
        return self.public | self.private.get(user, {})

    def change(self, public: Mapping[str, str] | None, private: Mapping[str, Mapping[str, str]], options: Json) -> None:
        """Merges by key where the options say so, else replaces."""
        self.past.append((self.public, {user: dict(data) for user, data in self.private.items()}))
        if public is not None:
            kept = self.public if options.get("updateCardDataByKey") is True else {}
            self.public = {**kept, **public}
        for user, data in private.items():
            own = self.private.get(user, {}) if options.get("updatePrivateDataByKey") is True else {}
            self.private[user] = {**own, **data}


@dataclass
class Post:
    """One message of a conversation: what a robot sent, a card, or what somebody typed (`own` is false)."""

    id: str
    chat: str
    kind: str
    content: Json
    at: float
    own: bool = True
    gone: bool = False
    key: str = ""
    card: Card | None = None
    by: str = ""


@dataclass
class Session:
    """What a sessionWebhook leads to."""

    chat: str
    user: str
    until: float


@dataclass
class Held:
    """Uploaded or sent bytes."""

    kind: str
    name: str
    content: bytes


class Window:
    """Calls in sliding windows."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def full(self, what: str, most: int, seconds: float) -> bool:
        """Whether this call is one too many; else it is counted."""
        now, calls = self._clock(), self._calls[what]
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        if len(calls) >= most:
            return True
        calls.append(now)
        return False


class Store:
    """Everything, in memory. `clock` is in seconds; `spent` counts a month's calls, `flags` are faults that DingTalk
    would not have told."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.count = itertools.count(1)
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.departments: dict[int, Json] = {1: {"dept_id": 1, "name": "Acme", "parent_id": 0}}
        self.posts: list[Post] = []
        self.cards: dict[str, Card] = {}
        self.media: dict[str, Held] = {}
        self.files: dict[str, Held] = {}
        self.sessions: dict[str, Session] = {}
        self.tokens: dict[str, float] = {}
        self.notices: dict[int, Json] = {}
        self.todos: list[Json] = []
        self.routes: dict[str, Json] = {}
        self.window = Window(clock)
        self.spent: Counter[str] = Counter()
        self.monthly = dict(MONTHLY)
        self.flags: list[str] = []

    def flag(self, what: str) -> None:
        """Writes down a fault that the real platform would have swallowed."""
        self.flags.append(what)

    def made(self, prefix: str) -> str:
        """A new id."""
        return f"{prefix}{next(self.count):06d}"

    def post(self, chat: str, kind: str, content: Json, **more: Any) -> Post:
        """Puts a message into a conversation."""
        posted = Post(self.made("msg"), chat, kind, content, self.clock(), **more)
        self.posts.append(posted)
        return posted

    def spend(self, what: str) -> bool:
        """Counts one unit of a month's quota; whether there was one left."""
        self.spent[what] += 1
        return self.spent[what] <= self.monthly[what]

    def token(self) -> tuple[str, int]:
        """The access token, the same while it lives, made to live on."""
        now = self.clock()
        name = next((name for name, until in self.tokens.items() if until > now), "") or self.made("at-")
        self.tokens[name] = now + TOKEN
        return name, int(TOKEN)

    def good(self, token: str) -> bool:
        """Whether an access token opens anything."""
        return self.tokens.get(token, 0.0) > self.clock()

    def session(self, chat: str, user: str) -> tuple[str, float]:
        """A new webhook session and when it ends."""
        name, until = self.made("session"), self.clock() + SESSION
        self.sessions[name] = Session(chat, user, until)
        return name, until

    def readers(self, post: Post) -> set[str]:
        """Who sees a message."""
        group = self.groups.get(post.chat)
        if group is None:
            return {one.staff for one in self.people.values() if one.chat == post.chat}
        return set(post.card.recipients) or group.members if post.card else group.members
