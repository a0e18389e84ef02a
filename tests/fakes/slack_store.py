"""What the fake Slack holds: people, channels, messages with their past, views, homes, files, triggers, answer urls."""

import copy
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack_rules import Wrong, check_message, check_view

Json = dict[str, Any]
TEAM, BOT, BOT_ID, APP = "T0001", "UBOT", "B0001", "A0001"


class Refuse(Exception):
    """An API error by its name; `detail` is for who reads a failed test."""

    def __init__(self, error: str, detail: str = "") -> None:
        super().__init__(error)
        self.error, self.detail = error, detail


@dataclass
class Posted:
    """One message; `past` are its earlier looks, `user` the only reader of an ephemeral one."""

    channel: str
    ts: str
    now: Json
    at: int
    past: list[Json] = field(default_factory=list)
    user: str = ""
    gone: bool = False

    @property
    def looks(self) -> list[Json]:
        """How it looks and looked, newest first."""
        return [self.now, *reversed(self.past)]


@dataclass
class View:
    """An open modal or a home page; `root` and `previous` are the views it lies on."""

    id: str
    user: str
    body: Json
    hash: str
    at: int
    root: str = ""
    previous: str = ""

    def change(self, body: Json) -> None:
        """Another content, and with it another hash."""
        self.body, self.hash = body, f"{self.hash}+"


@dataclass
class AnswerUrl:
    """A response_url: five uses in thirty minutes."""

    user: str
    channel: str
    source: str
    made: float
    left: int = 5


class Store:
    """Everything, in memory. `clock` is in seconds."""

    # Whose it is: the workspace, what it is called, the organisation it is one of, and who the bot is there.
    team, name, enterprise, bot, bot_id = TEAM, "acme", "", BOT, BOT_ID

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.count = itertools.count(1)
        self.users: dict[str, Json] = {}
        self.channels: dict[str, set[str]] = {}
        self.archived: set[str] = set()
        self.posts: list[Posted] = []
        self.views: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, Json] = {}
        self.unsettled = 0
        self.triggers: dict[str, tuple[str, float, str]] = {}
        self.spent: set[str] = set()
        self.urls: dict[str, AnswerUrl] = {}
        self.messages_tab, self.home_tab = True, True
        self.charts = True  # whether this workspace has the chart block of June 2026 already
        self.deepest = 0  # of the modals that lay on each other

    def add_user(self, user: str, *, name: str, email: str, vouched: bool = True, locale: str = "en-US") -> None:
        """Makes an account with its direct conversation."""
        self.users[user] = {
            "id": user,
            "team_id": self.team,
            "name": name.lower().replace(" ", "."),
            "real_name": name,
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_stranger": False,
            "is_email_confirmed": vouched,
            "tz": "Europe/Berlin",
            "locale": locale,
            "profile": {"real_name": name, "display_name": name, "email": email},
        }
        self.channels[self.dm(user)] = {user, self.bot}

    def dm(self, user: str) -> str:
        """The direct conversation of a user with the bot."""
        return f"D{user[1:]}"

    def trigger(self, user: str, modal: str = "") -> str:
        """A new trigger_id, of something done in a modal or elsewhere: three seconds, one use."""
        made = f"{next(self.count)}.{int(self.clock())}.{user.lower()}"
        self.triggers[made] = (user, self.clock(), modal)
        return made

    def use_trigger(self, trigger: str, *, over: bool = False) -> str:
        """The user behind a trigger; refuses unknown, old and used ones, and `over` those that are not from an open
        modal (docs.slack.dev, views.push: "generated from an interaction within the existing modal")."""
        if trigger in self.spent:
            raise Refuse("exchanged_trigger_id")
        if trigger not in self.triggers:
            raise Refuse("invalid_trigger_id")
        user, made, modal = self.triggers[trigger]
        if self.clock() - made > 3:
            raise Refuse("expired_trigger_id")
        if over and not any(view.id == modal for view in self.views.get(user, [])):
            raise Refuse("invalid_trigger_id", "not from an open modal")
        self.spent.add(trigger)
        return user

    def place(self, channel: str) -> str:
        """The channel that a channel or user id means; refuses what does not exist or is closed.

        The conversation with a deactivated account takes messages (python-slack-sdk #1156): account_inactive is said
        of tokens."""
        if channel in self.users:
            if not self.messages_tab:
                raise Refuse("messages_tab_disabled")
            return self.dm(channel)
        if channel not in self.channels:
            raise Refuse("channel_not_found")
        if channel in self.archived:
            raise Refuse("is_archived")
        return channel

    def content(self, arguments: Mapping[str, Any]) -> Json:
        """A message's content, checked."""
        text, blocks = arguments.get("text", ""), decoded(arguments.get("blocks") or [])
        if not text and not blocks:
            raise Refuse("no_text")
        if len(text) > 40_000:
            raise Refuse("msg_too_long")
        self._blocks(lambda: check_message(blocks), blocks)
        return {"text": text, "blocks": blocks, "metadata": decoded(arguments.get("metadata") or {})}

    def view_body(self, given: object) -> Json:
        """A view, checked, with the block ids that Slack adds."""
        view = decoded(given)
        if len(json.dumps(view)) > 250_000:
            raise Refuse("view_too_large")
        self._blocks(lambda: check_view(view), view.get("blocks", []), "invalid_arguments")
        made: Json = copy.deepcopy(view)
        for block in made["blocks"]:
            block.setdefault("block_id", f"b{next(self.count)}")
        return made

    def post(self, channel: str, content: Json, user: str = "") -> Posted:
        """Puts a message into a channel."""
        at = next(self.count)
        posted = Posted(channel, f"{int(self.clock())}.{at:06d}", content, at, user=user)
        self.posts.append(posted)
        return posted

    def find(self, channel: str, ts: str) -> Posted:
        """A message by its place; refuses what is not there."""
        for posted in self.posts:
            if (posted.channel, posted.ts, posted.gone, posted.user) == (channel, ts, False, ""):
                return posted
        raise Refuse("message_not_found")

    def show(self, user: str, body: Json) -> View:
        """A new view on a user's screen."""
        at = next(self.count)
        return View(f"V{at:04d}", user, body, f"{int(self.clock())}.h{at}", at, f"V{at:04d}")

    def push(self, view: View) -> View:
        """Puts a modal on top; at most three lie on each other, and an external_id is the only one of its kind."""
        stack = self.views.setdefault(view.user, [])
        if len(stack) >= 3:
            raise Refuse("push_limit_reached")
        named = view.body.get("external_id")
        if named and any(named == one.body.get("external_id") for views in self.views.values() for one in views):
            raise Refuse("duplicate_external_id")
        if stack:
            view.root, view.previous = stack[0].id, stack[-1].id
        stack.append(view)
        self.deepest = max(self.deepest, len(stack))
        return view

    def answer_url(self, user: str, channel: str, source: str = "") -> str:
        """A new response_url token."""
        token = f"r{next(self.count)}"
        self.urls[token] = AnswerUrl(user, channel, source, self.clock())
        return token

    def _blocks(self, check: Callable[[], None], blocks: list[Json], error: str = "invalid_blocks") -> None:
        try:
            check()
        except (Wrong, KeyError, TypeError, AttributeError, AssertionError) as wrong:
            raise Refuse("msg_blocks_too_long" if "too_long" in str(wrong) else error, repr(wrong)) from None
        for block in blocks:
            if block["type"] == "data_visualization" and not self.charts:
                raise Refuse(error, "no charts yet")
            if block.get("type") == "image" and "slack_file" in block:
                self._picture(block["slack_file"]["id"], error)

    def _picture(self, file: str, error: str) -> None:
        if file not in self.files or not self.files[file]["done"]:
            raise Refuse(error)
        if self.unsettled > 0:
            self.unsettled -= 1
            raise Refuse(error)


def decoded(value: Any) -> Any:
    """A value that some clients send as JSON text."""
    return json.loads(value) if isinstance(value, str) else value
