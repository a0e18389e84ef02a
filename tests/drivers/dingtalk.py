"""Hands and eyes of a person on DingTalk, by Stream or HTTP, with cards, links in messages, or bare numbers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

from bot.capability import Rates
from bot.platforms.dingtalk import DingTalk
from tests.drivers import Outcome, Seen, SeenForm
from tests.drivers.dingtalk_eyes import Read, carried, errors, read, sentences, standing
from tests.fakes.dingtalk import DingTalkFake
from tests.fakes.dingtalk_people import Clicked
from tests.fakes.dingtalk_screen import Shown, drawn
from tests.fakes.dingtalk_screen import shown as markdown
from tests.fakes.dingtalk_store import CORP

LOCALES = {"zh-CN": "zh_CN", "zh-TW": "zh_TW", "ja-JP": "ja_JP"}
PUBLIC = "https://pandian.example"
PATIENCE = 4.0  # a busy machine answers a press in seconds; that ours does in time is tested elsewhere
Level = Literal["card", "action", "text"]


class DingTalkDriver:
    """One company with its people. `stream`: the bot connects by itself; `forms`: the template for forms is published;
    `clock` gives the instant; `limited`: the fake's limits of calls hold."""

    name = "dingtalk"
    tenant = CORP

    def __init__(
        self,
        *,
        stream: bool = True,
        level: Level = "card",
        forms: bool = False,
        clock: Callable[[], datetime] | None = None,
        limited: bool = False,
        rates: Rates = Rates(),  # noqa: B008 - frozen
    ) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self.fake = DingTalkFake(lambda: self._clock().timestamp(), limited=limited)
        self.fake.patience = PATIENCE
        self._stream, self._forms, self._rates = stream, forms, rates
        self._level: Level = level
        self._typed: dict[str, dict[str, str | Sequence[str]]] = {}
        self.platform: DingTalk | None = None

    async def start(self) -> DingTalk:
        """Starts the fake server and returns the real platform pointed at it."""
        await self.fake.start()
        self.platform = DingTalk(
            self.fake.client_id,
            self.fake.client_secret,
            robot_code=self.fake.client_id,
            aes_key=self.fake.aes_key,
            token=self.fake.token,
            base=self.fake.base,
            old_base=self.fake.old_base,
            delivery="stream" if self._stream else "http",
            form_template=self.fake.form_template if self._forms else "",
            level=self._level,
            public_url="" if self._stream else PUBLIC,
            clock=self._clock,
            rates=self._rates,
            budget=1.5 * PATIENCE,
        )
        return self.platform

    async def connect(self, base: str) -> None:
        """The bot serves on `base` from now on; what was registered in its public name is led there."""
        if self._stream:
            await self.fake.gateway.connected()
            return
        root = f"{base.rstrip('/')}/dingtalk"
        self.fake.messages_url, self.fake.events_url = f"{root}/messages", f"{root}/events"
        self.fake.cards_url = f"{root}/cards"

    async def stop(self) -> None:
        """Stops the fake server; nothing happened that a real company would have suffered in silence."""
        await self.fake.stop()
        assert not self.fake.flags, self.fake.flags

    def add_user(self, user: str, *, name: str, email: str, vouched: bool = True, locale: str = "en-US") -> None:
        """Makes the account known."""
        language = LOCALES.get(locale, "en_US")
        self.fake.add_user(user, name=name, email=email, vouched=vouched, language=language)

    def add_channel(self, channel: str, *users: str) -> None:
        """Makes a group with the bot and these people."""
        self.fake.add_group(channel, *users)

    async def type(
        self, user: str, text: str, *, channel: str = "", mentions: Mapping[str, str] | None = None
    ) -> Outcome:
        """A line in the talk with the bot, or one with its mention in a group."""
        before = self._ids(user)
        pushed = await self.fake.say(user, text.removeprefix("/"), group=channel, mentions=mentions)
        return Outcome(pushed.status, await self._told(user, before))

    async def attach(self, user: str, name: str, content: bytes, text: str = "") -> Outcome:
        """Sends a file; there are no words beside it, so `text` is a line of its own."""
        before = self._ids(user)
        pushed = await self.fake.send_file(user, name, content)
        if text:
            pushed = await self.fake.say(user, text)
        return Outcome(pushed.status, await self._told(user, before))

    async def files(self, user: str) -> Sequence[tuple[str, bytes]]:
        """The files the bot handed to the person, oldest first."""
        given = [post.content for post, _ in self.fake.view(user) if post.kind == "sampleFile"]
        return [(one["fileName"], self.fake.store.media[one["mediaId"]].content) for one in given]

    async def press(self, user: str, message: Seen, label: str) -> Outcome:
        """Presses what has that label on that message, as it looked when it was seen, and confirms if asked."""
        owner = message.user or user
        found = next(one for one in read(self.fake, owner) if one.post.id == message.id)
        look = found.looked(message.text, self.fake.people[owner])
        outcome = await self._pressed(user, found, label, look)
        meant = next(carried(one) for one in look.buttons if one.label == label)
        if not meant.startswith("?"):
            return outcome
        asked = next(one for one in reversed(read(self.fake, user)) if meant[1:] in map(carried, one.look.buttons))
        sure = next(one.label for one in asked.look.buttons if carried(one) == meant[1:])
        return await self._pressed(user, asked, sure, asked.look)

    async def submit(self, user: str, values: Mapping[str, str | Sequence[str]]) -> Outcome:
        """Fills the open form by visible labels and submits it; the client itself stops empty required fields."""
        found = self._open(user)
        assert found is not None, "no form is open"
        typed = self._typed.setdefault(found.post.id, {})
        typed.update(values)
        before = self._ids(user)
        clicked = await self.fake.fill(user, found.post, typed)
        if clicked.stopped:
            return Outcome(errors=clicked.stopped)
        assert not clicked.failed, f"the person sees that it failed ({clicked.status})"
        await self._told(user, before)
        now = drawn(found.post, self.fake.people[user])
        told = _toast(clicked) if not now.submit else ""
        return Outcome(clicked.status, told, errors(now) if now.submit and now.title == found.look.title else {})

    def messages(self, user: str) -> Sequence[Seen]:
        """What the bot sent to this person, forms that wait for an answer left out, oldest first."""
        return [one.seen(user) for one in read(self.fake, user) if not one.look.submit]

    def form(self, user: str) -> SeenForm | None:
        """The newest form that waits for an answer."""
        found = self._open(user)
        if found is None:
            return None
        fields = [one for one in found.look.fields if not one.hidden]
        typed = {name: _plain(value) for name, value in self._typed.get(found.post.id, {}).items()}
        values = {one.label: standing(one) for one in fields} | typed
        options = {one.label: tuple(one.options.values()) for one in fields if one.options}
        return SeenForm(found.look.title, tuple(one.label for one in fields), values, options)

    def channel(self, channel: str) -> Sequence[Seen]:
        """What everybody sees of the bot in a group."""
        posts = [post for post in self.fake.store.posts if post.chat == channel and post.own and not post.gone]
        everybody = [post for post in posts if not (post.card and post.card.recipients)]
        return [Read(post, drawn(post, None)).seen("") for post in everybody]

    async def _pressed(self, user: str, on: Read, label: str, look: Shown) -> Outcome:
        before = self._ids(user)
        forged = user not in self.fake.store.readers(on.post)
        clicked = await self.fake.tap(user, on.post, label, look=look, forged=forged)
        assert not clicked.failed, f"the person sees that the press failed ({clicked.status})"
        lines = await self._told(user, before)
        return Outcome(clicked.status, "\n".join(line for line in (_toast(clicked), lines) if line))

    async def _told(self, user: str, before: set[str]) -> str:
        """New messages that are but a sentence."""
        if self.platform:
            await self.platform.settle()
        return "\n".join(sentences([one for one in read(self.fake, user) if one.post.id not in before]))

    def _ids(self, user: str) -> set[str]:
        return {post.id for post, _ in self.fake.view(user)}

    def _open(self, user: str) -> Read | None:
        return next((one for one in reversed(read(self.fake, user)) if one.look.submit), None)


def _toast(clicked: Clicked) -> str:
    """The line that the answer to a press put on the card."""
    shown = clicked.response.get("cardData", {}).get("cardParamMap", {})
    return str(shown.get("tips") or markdown(shown.get("notice", "")))


def _plain(value: str | Sequence[str]) -> str | tuple[str, ...]:
    return value if isinstance(value, str) else tuple(value)
