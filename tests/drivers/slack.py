"""Hands and eyes of a person on Slack, over HTTP or Socket Mode."""

import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.platforms.slack import Slack
from bot.platforms.slack.waiting import WAITS, Waits
from tests.drivers import Outcome, Seen, SeenForm
from tests.drivers import slack_modals as modals
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import APP_TOKEN, SECRET, TOKEN, FakeSlack
from tests.fakes.slack_rules import options
from tests.fakes.slack_screen import inputs, is_card, pictures, pressables, standing, text_of, withheld
from tests.fakes.slack_store import BOT, TEAM, Json, Posted, View


class SlackDriver:
    """One workspace with its people. `socket`: the bot connects by Socket Mode. `clock` gives the instant; `waits` is
    how long the bot lets Slack wait."""

    tenant = TEAM

    def __init__(
        self,
        *,
        socket: bool = False,
        clock: Callable[[], datetime] | None = None,
        ping: float = 1.0,
        waits: Waits = WAITS,
    ) -> None:
        self.name = "slack"
        self._waits = waits
        self._clock = clock or (lambda: datetime.now(UTC))
        self.fake = FakeSlack(lambda: self._clock().timestamp())
        self._socket, self._ping = socket, ping
        self.base = ""
        self._kept: dict[str, dict[str, str | Sequence[str]]] = {}
        self._http: aiohttp.ClientSession | None = None
        self.platform: Slack | None = None

    async def start(self) -> Slack:
        """Starts the fake server and returns the real platform pointed at it."""
        await self.fake.start()
        self._http = aiohttp.ClientSession()
        token = APP_TOKEN if self._socket else ""
        url = self.fake.api_url
        how: dict[str, Any] = {"ping": self._ping, "settling": (0.01, 0.01), "waits": self._waits}
        self.platform = Slack(SECRET, TOKEN, token, url, self._clock, **how)
        return self.platform

    async def connect(self, base: str) -> None:
        """The bot serves on `base` from now on."""
        self.base = base.rstrip("/")
        if self._socket:
            await self.fake.connected()

    async def stop(self) -> None:
        """Stops the fake server."""
        if self._http:
            await self._http.close()
        await self.fake.stop()

    def add_user(self, user: str, *, name: str, email: str, vouched: bool = True, locale: str = "en-US") -> None:
        """Makes the account known."""
        self.fake.store.add_user(user, name=name, email=email, vouched=vouched, locale=locale)

    def add_channel(self, channel: str, *users: str) -> None:
        """Makes a channel with the bot and these people."""
        self.fake.store.channels[channel] = {BOT, *users}

    async def type(
        self, user: str, text: str, *, channel: str = "", mentions: Mapping[str, str] | None = None
    ) -> Outcome:
        """A line in the direct conversation, a slash command, or a mention of the bot in a channel."""
        written = payloads.escaped(text)
        for name, who in (mentions or {}).items():
            label = name.lstrip("@")
            written = written.replace(f"@{label}", f"<@{who}|{label}>" if text.startswith("/") else f"<@{who}>")
        if text.startswith("/"):
            command, _, rest = written.partition(" ")
            place = channel or self.fake.store.dm(user)
            return await self._commanded(user, place, command, rest)
        if channel:
            return await self._send(user, "events_api", payloads.mentioned(user, channel, written))
        return await self._send(user, "events_api", payloads.typed(self.fake.store, user, written))

    async def attach(self, user: str, name: str, content: bytes, text: str = "") -> Outcome:
        """Sends a file to the bot."""
        about = payloads.shared(self.fake.store, self.fake.base, name, content)
        return await self._send(
            user, "events_api", payloads.typed(self.fake.store, user, payloads.escaped(text), [about])
        )

    async def keep(self, user: str, channel: str, text: str, files: Sequence[tuple[str, bytes]] = ()) -> Outcome:
        """Chooses "Keep as evidence" on a message."""
        shared = [payloads.shared(self.fake.store, self.fake.base, *one) for one in files]
        return await self._send(user, "interactive", payloads.kept(self.fake.store, user, channel, text, shared))

    async def hold(self, user: str, name: str, content: bytes) -> str:
        """Puts a file into a form: what to fill its field with."""
        return str(payloads.shared(self.fake.store, self.fake.base, name, content)["id"])

    async def files(self, user: str) -> Sequence[tuple[str, bytes]]:
        """The files that were shared in the direct conversation."""
        given = [file for file in self.fake.store.files.values() if file.get("channel") == self.fake.store.dm(user)]
        return [(file["name"], file["content"]) for file in given]

    async def open_home(self, user: str) -> Outcome:
        """Opens the bot's Home tab."""
        shown = self.fake.store.homes.get(user)
        return await self._send(user, "events_api", payloads.opened(user, self.fake.store.dm(user), shown=shown))

    async def shortcut(self, user: str, name: str = "perf.tasks") -> Outcome:
        """Chooses a shortcut of the whole workspace."""
        return await self._send(user, "interactive", payloads.shortcut(self.fake.store, user, name))

    async def close(self, user: str) -> None:
        """Closes the modal on top; Slack tells only those who asked."""
        view = self.fake.store.views[user].pop()
        if view.body.get("notify_on_close"):
            await self.deliver("interactive", payloads.closed(self.fake.store, view))

    async def press(self, user: str, message: Seen, label: str) -> Outcome:
        """Presses what has that label on that message, as it looked when it was seen."""
        store, hooks = self.fake.store, f"{self.fake.base}/hooks"
        if message.id.startswith(("home:", modals.CARD)):
            at_home = message.id.startswith("home:")
            view = store.homes[message.id[5:]] if at_home else modals.named(store, user, message.id)
            payload = payloads.press_view(store, user, view, _found(view.body["blocks"], label))
        else:
            posted, content = self._looked(message)
            found = _found(content["blocks"], label)
            payload = payloads.press_message(store, user, posted, content, found, hooks)
        return await self._send(user, "interactive", payload)

    async def submit(self, user: str, values: Mapping[str, str | Sequence[str]]) -> Outcome:
        """Fills the open modal by visible labels and submits it; Slack itself stops empty required fields."""
        view = modals.on_top(self.fake.store, user)
        if view is None or not modals.is_form(view):
            raise AssertionError("no form is open")
        fields = inputs(view.body["blocks"])
        unknown = set(values) - set(fields)
        assert not unknown, f"no field {unknown} among {list(fields)}"
        kept = self._kept.setdefault(view.id, {})
        kept.update(values)
        filled = {label: self._filled(block["element"], kept.get(label)) for label, block in fields.items()}
        stopped = {label: said for label, block in fields.items() if (said := withheld(block, filled[label]))}
        if stopped:
            return Outcome(errors=stopped)
        state = {block["block_id"]: {block["element"]["action_id"]: filled[label]} for label, block in fields.items()}
        return await self._submitted(view, payloads.submission(self.fake.store, view, state))

    def messages(self, user: str) -> Sequence[Seen]:
        """The direct conversation, cards shown to this person alone wherever, and the home page, oldest first."""
        store = self.fake.store
        mine = [post for post in store.posts if not post.gone and self._sees(user, post)]
        seen = [(post.at, self._seen(user, post)) for post in mine]
        if user in store.homes:
            home = store.homes[user]
            seen.append((home.at, _seen(f"home:{user}", home.body["blocks"], user)))
        card = modals.card(store, user)
        return [*(one for _, one in sorted(seen, key=lambda pair: pair[0])), *([card] if card else [])]

    def form(self, user: str) -> SeenForm | None:
        """The form on top."""
        view = modals.on_top(self.fake.store, user)
        return modals.form(view, self._kept.get(view.id, {})) if view and modals.is_form(view) else None

    def channel(self, channel: str) -> Sequence[Seen]:
        """What everybody sees in a channel."""
        posts = [post for post in self.fake.store.posts if (post.channel, post.user, post.gone) == (channel, "", False)]
        return [self._seen("", post) for post in posts]

    async def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Raw bytes to the HTTP door: status and text."""
        assert self._http is not None
        url = f"{self.base}/slack/events"
        async with self._http.post(url, data=io.BytesIO(body), headers=dict(headers)) as response:
            return response.status, await response.text()

    async def deliver(self, kind: str, payload: Json) -> tuple[int, Json]:
        """One payload by the transport in use: status and the answer's JSON, when all that follows has happened."""
        answer = await self.exchange(kind, payload)
        await self._settled()
        return answer

    async def exchange(self, kind: str, payload: Json) -> tuple[int, Json]:
        """The same as soon as it is answered."""
        if self._socket:
            ack = await self.fake.envelope(kind, payload)
            return (500, {}) if ack is None else (200, ack)
        body, content_type = payloads.encoded(payload)
        headers = payloads.signed(body, self._clock().timestamp()) | {"Content-Type": content_type}
        status, text = await self.post(body, headers)
        return status, payloads.said(text)

    async def _settled(self) -> None:
        if self.platform:
            await self.platform.settle()

    async def _send(self, user: str, kind: str, payload: Json) -> Outcome:
        before = len(self.fake.store.posts)
        status, _ = await self.deliver(kind, payload)
        return Outcome(status, self._toast(user, before))

    async def _commanded(self, user: str, channel: str, command: str, text: str) -> Outcome:
        before = len(self.fake.store.posts)
        payload = payloads.slash(self.fake.store, user, channel, command, text, f"{self.fake.base}/hooks")
        status, answer = await self.exchange("slash_commands", payload)
        if answer.get("text"):
            self.fake.respond(self.fake.store.answer_url(user, channel), answer)
        await self._settled()
        return Outcome(status, self._toast(user, before))

    async def _submitted(self, view: View, payload: Json) -> Outcome:
        """Slack shows the answer before anything that follows it."""
        before, was = len(self.fake.store.posts), view.body
        status, answer = await self.exchange("interactive", payload)
        errors = modals.answered(self.fake.store, view, status, answer)
        await self._settled()
        if modals.forgets(was, view.body):
            self._kept.pop(view.id, None)
        return Outcome(status, "" if errors else self._toast(view.user, before), errors)

    def _toast(self, user: str, before: int) -> str:
        """New lines for this person alone, and small modals that only say something (which are closed again)."""
        new = [post for post in self.fake.store.posts[before:] if not is_card(post.now)]
        said = [text_of(post.now["blocks"]) for post in new if post.user == user]
        direct = [text_of(post.now["blocks"]) for post in new if post.channel == self.fake.store.dm(user)]
        assert self.fake.store.deepest <= modals.DEEPEST, "modals lie on each other"
        shown = modals.said(self.fake.store, user)
        return "\n".join(dict.fromkeys([*said, *([shown] if shown else []), *direct]))

    def _sees(self, user: str, post: Posted) -> bool:
        if post.user:
            return post.user == user and is_card(post.now)
        return post.channel == self.fake.store.dm(user)

    def _seen(self, user: str, post: Posted) -> Seen:
        return _seen(f"{post.channel}:{post.ts}", post.now["blocks"], user or post.user)

    def _looked(self, message: Seen) -> tuple[Posted, Json]:
        channel, _, ts = message.id.partition(":")
        posted = next(post for post in self.fake.store.posts if (post.channel, post.ts) == (channel, ts))
        for content in posted.looks:
            if text_of(content["blocks"]) == message.text:
                return posted, content
        raise AssertionError("this message never looked like that")

    def _filled(self, element: Json, given: str | Sequence[str] | None) -> Json:
        value: Any = standing(element) if given is None else given
        match element["type"]:
            case "static_select":
                return {"type": "static_select", "selected_option": _option(element, value) if value else None}
            case "multi_static_select":
                wanted = [value] if isinstance(value, str) and value else list(value)
                return {"type": element["type"], "selected_options": [_option(element, one) for one in wanted]}
            case "users_select":
                return {"type": "users_select", "selected_user": self._account(str(value)) if value else None}
            case "datepicker":
                return {"type": "datepicker", "selected_date": value or None}
            case "file_input":
                held = [value] if isinstance(value, str) and value else list(value or ())
                return {"type": "file_input", "files": [self.fake.store.files[one]["about"] for one in held]}
            case "number_input":  # a phone shows number keys; at a desk full-width digits are refused and typed again
                return {"type": "number_input", "value": unicodedata.normalize("NFKC", str(value)) or None}
            case kind:
                return {"type": kind, "value": value or None}

    def _account(self, who: str) -> str:
        users = self.fake.store.users
        if who.lstrip("@") in users:
            return who.lstrip("@")
        return next(user for user, held in users.items() if held["real_name"] == who)


def _found(blocks: Sequence[Json], label: str) -> Any:
    for pressable in pressables(blocks):
        if pressable.label == label:
            return pressable
    raise AssertionError(f"nothing says {label!r}: {[p.label for p in pressables(blocks)]}")


def _option(element: Json, label: str) -> Json:
    for option in options(element):
        if label in (option["text"]["text"], option["value"]):
            return dict(option)
    raise AssertionError(f"no option {label!r}")


def _seen(name: str, blocks: Sequence[Json], user: str) -> Seen:
    labels = tuple(pressable.label for pressable in pressables(blocks))
    return Seen(name, text_of(blocks), labels, pictures(blocks), user)
