"""What the fake Feishu holds: people, chats, messages with their past, pictures, files, tokens and how often what was
called."""

import itertools
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
TENANT = "2ca1d211f64f6438"
BOT = "ou_bot"
BOT_NAME = "Pandian"
HOUR = 3600.0
DAY = 24 * HOUR
PREFIXES = {"open_id": "ou_", "union_id": "on_", "chat_id": "oc_", "email": "", "user_id": ""}


class Refuse(Exception):
    """An answer with a code other than 0. `detail` is for who reads a failed test."""

    def __init__(self, code: int, msg: str, *, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code} {msg}")
        self.code, self.msg, self.status, self.headers = code, msg, status, dict(headers or {})


@dataclass
class Person:
    """An account. `resigned`: has left; `reachable`: inside the app's availability range; `seen`: in its contact
    scope; `online` matters for ephemeral cards; `number` is the company's, made of the id if there is none."""

    open_id: str
    name: str
    email: str = ""
    vouched: bool = True
    locale: str = "zh_cn"
    leader: str = ""
    departments: tuple[str, ...] = ()
    resigned: bool = False
    reachable: bool = True
    seen: bool = True
    online: bool = True
    muted: bool = False
    frozen: bool = False
    number: str | None = None
    job: str = ""
    joined: int = 0

    @property
    def key(self) -> str:
        """What its other ids are made of."""
        return self.open_id.removeprefix("ou_")

    @property
    def ids(self) -> dict[str, str]:
        """Its three ids."""
        return {"open_id": self.open_id, "union_id": f"on_{self.key}", "user_id": f"u{self.key}"}

    @property
    def chat(self) -> str:
        """Its talk with the bot."""
        return f"oc_p2p_{self.key}"


@dataclass
class Post:
    """One message; `past` are its earlier contents, `user` the only reader of an ephemeral one, `served` how many
    presses on it wait for an answer."""

    id: str
    chat: str
    kind: str
    content: Json
    at: float
    past: list[Json] = field(default_factory=list)
    user: str = ""
    uuid: str = ""
    own: bool = True
    gone: bool = False
    batch: bool = False
    served: int = 0
    urged: list[str] = field(default_factory=list)

    @property
    def looks(self) -> list[Json]:
        """How it looks and looked, newest first."""
        return [self.content, *reversed(self.past)]

    def become(self, content: Json) -> None:
        """Shows something else from now on."""
        self.past.append(self.content)
        self.content = content


@dataclass
class Press:
    """What a callback's token stands for; `answered`: the callback was answered."""

    post: Post
    user: str
    at: float
    uses: int = 0
    answered: bool = False


class Window:
    """Calls in sliding windows: {what: instants}."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.calls: dict[tuple[str, float], deque[float]] = defaultdict(deque)

    def full(self, what: str, most: int, seconds: float) -> float:
        """Seconds until another call is taken; 0 counts this one."""
        now, calls = self.clock(), self.calls[what, seconds]
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        if len(calls) >= most:
            return max(calls[0] + seconds - now, 0.001)
        calls.append(now)
        return 0.0


class Store:
    """Everything, in memory. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.count = itertools.count(1)
        self.people: dict[str, Person] = {}
        self.groups: dict[str, set[str]] = {}
        self.posts: list[Post] = []
        self.images: dict[str, bytes] = {}
        self.files: dict[str, Json] = {}
        self.departments: dict[str, Json] = {}
        self.tokens: dict[str, float] = {}
        self.presses: dict[str, Press] = {}
        self.uuids: dict[str, tuple[float, Post]] = {}
        self.window = Window(clock)
        self.urgent_left = 200

    def add(self, person: Person) -> Person:
        """Makes an account known."""
        self.people[person.open_id] = person
        return person

    def who(self, value: str) -> Person | None:
        """The account with any of its ids or its e-mail address."""
        everybody = self.people.values()
        return next((one for one in everybody if value in (*one.ids.values(), one.email) and value), None)

    def place(self, kind: str, receiver: str) -> str:
        """The chat that a receive_id means; refuses what does not exist or may not be written to."""
        wrong = receiver.startswith("ou_") and "other_app" in receiver
        if wrong:
            raise Refuse(99992361, "open_id cross app")
        fits = ("@" in receiver) if kind == "email" else bool(receiver) and receiver.startswith(PREFIXES[kind])
        if not fits:
            raise Refuse(230034, "The receive_id is invalid.")
        if kind == "chat_id":
            return self.room(receiver)
        person = self.who(receiver)
        if person is None or not person.reachable:
            raise Refuse(230013, "Bot has NO availability to this user.")
        self.willing(person)
        return person.chat

    def room(self, chat: str) -> str:
        """A chat in which the bot is."""
        owner = next((one for one in self.people.values() if one.chat == chat), None)
        if owner:
            self.willing(owner)
        elif BOT not in self.groups.get(chat, set()):
            raise Refuse(230002, "The bot can not be outside the group.")
        return chat

    def willing(self, person: Person) -> None:
        """Refuses who has left or wants nothing from the bot."""
        if person.resigned:
            raise Refuse(230029, "User has resigned.")
        if person.muted:
            raise Refuse(230053, "The user has stopped the bot from sending messages.")

    def post(self, chat: str, kind: str, content: Json, **more: Any) -> Post:
        """Puts a message into a chat."""
        batch = bool(more.get("batch"))
        name = f"{'bm-' if batch else 'om_'}{next(self.count):06d}"
        posted = Post(name, chat, kind, content, self.clock(), **more)
        self.posts.append(posted)
        return posted

    def find(self, message: str) -> Post:
        """A message by its id; refuses what is not there, is not ours or was recalled."""
        posted = next((post for post in self.posts if post.id == message), None)
        if posted is None:
            raise Refuse(230001, "Your request contains an invalid request parameter, ext=invalid message_id.")
        if posted.gone:
            raise Refuse(230011, "The message was withdrawn.")
        return posted

    def picture(self, content: bytes) -> str:
        """Keeps a picture."""
        key = f"img_v3_{next(self.count):06d}"
        self.images[key] = content
        return key

    def file(self, name: str, content: bytes, kind: str = "stream", *, own: bool = True) -> str:
        """Keeps a file."""
        key = f"file_v3_{next(self.count):06d}"
        self.files[key] = {"name": name, "content": content, "kind": kind, "own": own}
        return key

    def token(self, spare: float = 30 * 60.0, life: float = 2 * HOUR) -> tuple[str, int]:
        """The tenant token and its seconds: the same while half an hour is left, then a new one beside the old."""
        now = self.clock()
        for name, until in self.tokens.items():
            if until - now >= spare:
                return name, int(until - now)
        name = f"t-g{next(self.count):06d}"
        self.tokens[name] = now + life
        return name, int(life)

    def members(self, chat: str) -> set[str]:
        """The people of a chat."""
        return self.groups.get(chat) or {one.open_id for one in self.people.values() if one.chat == chat}
