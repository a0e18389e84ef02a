"""Hands and eyes of a person on Feishu, by webhook or long connection."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from bot.capability import Rates
from bot.platforms.feishu import Feishu
from tests.drivers import Outcome, Seen, SeenForm
from tests.fakes.feishu import FeishuFake
from tests.fakes.feishu_press import Clicked
from tests.fakes.feishu_push import Pushed
from tests.fakes.feishu_screen import forms
from tests.fakes.feishu_store import BOT_NAME, TENANT, Json, Post

LOCALES = {"zh-CN": "zh_cn", "zh-TW": "zh_tw", "ja-JP": "ja_jp"}
NONE = "–"  # how an optional choice is emptied: an option of the picture, not of the question


class FeishuDriver:
    """One company with its people. `socket`: the bot connects by itself. `clock` gives the instant; `limited`: the
    fake's limits of calls hold."""

    name = "feishu"
    tenant = TENANT

    def __init__(
        self,
        *,
        socket: bool = False,
        clock: Callable[[], datetime] | None = None,
        limited: bool = False,
        rates: Rates = Rates(),  # noqa: B008 - frozen
        connections: int = 1,
    ) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self.fake = FeishuFake(lambda: self._clock().timestamp(), limited=limited)
        self.fake.by_socket = socket
        self._rates, self._connections = rates, connections
        self._typed: dict[str, dict[str, str | Sequence[str]]] = {}
        self._looks: dict[tuple[str, str, int], Seen] = {}
        self.platform: Feishu | None = None

    async def start(self) -> Feishu:
        """Starts the fake server and returns the real platform pointed at it."""
        await self.fake.start()
        self.platform = Feishu(
            self.fake.app_id,
            self.fake.secret,
            encrypt_key=self.fake.encrypt_key,
            verification_token=self.fake.verification_token,
            base=self.fake.base,
            delivery="socket" if self.fake.by_socket else "webhook",
            clock=self._clock,
            rates=self._rates,
            connections=self._connections,
        )
        return self.platform

    async def connect(self, base: str) -> None:
        """The bot serves on `base` from now on."""
        self.fake.events_url = f"{base.rstrip('/')}/feishu/events"
        self.fake.cards_url = f"{base.rstrip('/')}/feishu/cards"
        if self.fake.by_socket:
            await self.fake.links.connected(links=self._connections)

    async def stop(self) -> None:
        """Stops the fake server."""
        await self.fake.stop()

    def add_user(self, user: str, *, name: str, email: str, vouched: bool = True, locale: str = "en-US") -> None:
        """Makes the account known."""
        self.fake.add_user(user, name=name, email=email, vouched=vouched, locale=LOCALES.get(locale, "en_us"))

    def add_channel(self, channel: str, *users: str) -> None:
        """Makes a group with the bot and these people."""
        self.fake.add_group(channel, *users)

    async def type(
        self, user: str, text: str, *, channel: str = "", mentions: Mapping[str, str] | None = None
    ) -> Outcome:
        """A line in the talk with the bot, or one with its mention in a group; there are no slash commands."""
        before = len(self.fake.store.posts)
        pushed = await self.fake.say(user, text.removeprefix("/"), chat=channel, mentions=mentions)
        return await self._told(user, pushed, before)

    async def attach(self, user: str, name: str, content: bytes, text: str = "") -> Outcome:
        """Sends a file to the bot; Feishu has no words beside it, so `text` is a line of its own."""
        before = len(self.fake.store.posts)
        pushed = await self.fake.attach(user, name, content)
        if text:
            pushed = await self.fake.say(user, text)
        return await self._told(user, pushed, before)

    async def files(self, user: str) -> Sequence[tuple[str, bytes]]:
        """The files that the bot sent to this person alone."""
        held = [self.fake.store.files[post.content["file_key"]] for post in self._mine(user) if post.kind == "file"]
        return [(file["name"], file["content"]) for file in held]

    async def open_home(self, user: str) -> Outcome:
        """Presses the first entry of the bot's menu."""
        before = len(self.fake.store.posts)
        return await self._told(user, await self.fake.menu(user, "perf"), before)

    async def press(self, user: str, message: Seen, label: str) -> Outcome:
        """Presses what has that label on that message, as it looked when it was seen."""
        post = next(post for post in self.fake.store.posts if post.id == message.id)
        look = next((look for look in post.looks if self._text(user, post, look) == message.text), None)
        assert look is not None, "this message never looked like that"
        forged, reads = post not in self._visible(user), self._reads(user)
        return await self._outcome(await self.fake.click(user, post.id, label, look=look, locale=reads, forged=forged))

    async def submit(self, user: str, values: Mapping[str, str | Sequence[str]]) -> Outcome:
        """Fills the open form by visible labels and submits it; Feishu itself stops empty required fields."""
        post = self._open(user)
        assert post is not None, "no form is open"
        typed = self._typed.setdefault(post.id, {})
        typed.update(values)
        submit = self._submit_button(user, post)
        clicked = await self.fake.click(user, post.id, submit, fill=dict(typed), locale=self._reads(user))
        if clicked.stopped:
            return Outcome(errors=clicked.stopped)
        outcome = await self._outcome(clicked)
        if clicked.changed:
            self._typed.pop(post.id, None)
        return Outcome(outcome.status, outcome.toast, self._errors(user, post))

    def messages(self, user: str) -> Sequence[Seen]:
        """What the bot sent to this person alone, forms that wait for an answer left out, oldest first."""
        return [self._seen(user, post) for post in self._mine(user) if not forms(post.content)]

    def form(self, user: str) -> SeenForm | None:
        """The newest form that waits for an answer."""
        post = self._open(user)
        if post is None:
            return None
        screen, fields = self.fake.screen(self._reads(user)), self.fake.fields(post.content, self._reads(user))
        typed = {label: _plain(value) for label, value in self._typed.get(post.id, {}).items()}
        values = {one.label: screen.stands(one) for one in fields} | typed
        options = {one.label: tuple(name for name in one.options.values() if name != NONE) for one in fields}
        title = screen.said(post.content["header"]["title"])
        return SeenForm(
            title, tuple(one.label for one in fields), values, {of: these for of, these in options.items() if these}
        )

    def channel(self, channel: str) -> Sequence[Seen]:
        """What everybody sees of the bot in a group."""
        posts = [post for post in self.fake.store.posts if post.chat == channel and post.own and not post.user]
        return [self._seen("", post) for post in posts if not post.gone]

    async def _told(self, user: str, pushed: Pushed, before: int) -> Outcome:
        """What came at once and is but a sentence."""
        if self.platform:
            await self.platform.settle()
        new = [post for post in self.fake.store.posts[before:] if post in self._mine(user) and self._line(post)]
        return Outcome(pushed.status, "\n".join(self._text(user, post, post.content) for post in new))

    async def _outcome(self, clicked: Clicked) -> Outcome:
        assert not clicked.code, f"the person sees error {clicked.code}"
        if self.platform:
            await self.platform.settle()
        return Outcome(clicked.status, clicked.toast)

    def _line(self, post: Post) -> bool:
        if post.kind == "text":
            return True
        title = post.content.get("header", {}).get("title", {}).get("content", "")
        return title in ("", BOT_NAME) and not self.fake.pressables(post.content, "en_us")

    def _mine(self, user: str) -> list[Post]:
        chat = self.fake.people[user].chat
        posts = [post for post in self.fake.store.posts if post.own and not post.gone]
        return [post for post in posts if post.user == user or (post.chat == chat and not post.user)]

    def _visible(self, user: str) -> list[Post]:
        store = self.fake.store
        return [post for post in store.posts if user in store.members(post.chat) and post.user in ("", user)]

    def _open(self, user: str) -> Post | None:
        return next((post for post in reversed(self._mine(user)) if forms(post.content)), None)

    def _submit_button(self, user: str, post: Post) -> str:
        offered = self.fake.pressables(post.content, self._reads(user))
        return next(one.label for one in offered if one.element.get("form_action_type") == "submit")

    def _errors(self, user: str, post: Post) -> dict[str, str]:
        """The red lines of a form by label; one that belongs to no field stands with the first."""
        fields = self.fake.fields(post.content, self._reads(user))
        errors = {one.label: one.error for one in fields if one.error}
        loose = self.fake.loose_error(post.content, self._reads(user))
        return {fields[0].label: loose} | errors if loose else errors

    def _reads(self, user: str) -> str:
        return self.fake.people[user].locale if user else "en_us"

    def _text(self, user: str, post: Post, look: Json) -> str:
        if post.kind == "file":
            return str(self.fake.store.files[look["file_key"]]["name"])
        return self.fake.screen(self._reads(user)).text(post.kind, look)

    def _seen(self, user: str, post: Post) -> Seen:
        look = (post.id, user, len(post.past))  # a story reads the same messages again and again
        if look not in self._looks:
            labels = tuple(one.label for one in self.fake.pressables(post.content, self._reads(user)))
            text = self._text(user, post, post.content)
            self._looks[look] = Seen(post.id, text, labels, self.fake.pictures(post.content), user or post.user)
        return self._looks[look]


def _plain(value: str | Sequence[str]) -> str | tuple[str, ...]:
    return value if isinstance(value, str) else tuple(value)
