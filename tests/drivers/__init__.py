"""Hands and eyes of a person on one platform: drivers send the platform's real bytes and read what its fake got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.capability import Platform


@dataclass(frozen=True)
class Seen:
    """One message as its reader sees it now: `text` is every visible character, `buttons` the labels that can be
    pressed (options of a select included), `pictures` how many images it shows."""

    id: str
    text: str
    buttons: tuple[str, ...] = ()
    pictures: int = 0
    user: str = ""


@dataclass(frozen=True)
class SeenForm:
    """An open form: labels in order, the values that stand in them, options by label."""

    title: str
    labels: tuple[str, ...]
    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What the platform's immediate answer showed: a toast, errors by label, and the HTTP status of the door."""

    status: int = 200
    toast: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


class Driver(Protocol):
    """One platform with its fake server. Users are the platform's own ids."""

    name: str
    tenant: str

    async def start(self) -> Platform:
        """Starts the fake server and returns the real platform pointed at it."""

    async def connect(self, base: str) -> None:
        """The bot serves on `base` ("http://127.0.0.1:port") from now on."""

    async def stop(self) -> None:
        """Stops the fake server."""

    def add_user(self, user: str, *, name: str, email: str, vouched: bool = True, locale: str = "en-US") -> None:
        """Makes the account known on the platform."""

    async def type(
        self, user: str, text: str, *, channel: str = "", mentions: Mapping[str, str] | None = None
    ) -> Outcome:
        """Types a line to the bot (`channel` "" is the direct conversation), as people do on this platform."""

    async def attach(self, user: str, name: str, content: bytes, text: str = "") -> Outcome:
        """Sends a file to the bot, with words beside it where the platform has them."""

    async def files(self, user: str) -> Sequence[tuple[str, bytes]]:
        """The files the bot handed to the person, oldest first."""

    async def press(self, user: str, message: Seen, label: str) -> Outcome:
        """Presses the button (or chooses the option) with that visible label on that message, confirming if asked.
        `message` may be an outdated one or somebody else's."""

    async def submit(self, user: str, values: Mapping[str, str | Sequence[str]]) -> Outcome:
        """Fills the open form by visible labels (others keep what stands in them) and submits it."""

    def messages(self, user: str) -> Sequence[Seen]:
        """What the person sees in the direct conversation, oldest first, as it looks now."""

    def form(self, user: str) -> SeenForm | None:
        """The form that is open for the person."""

    def channel(self, channel: str) -> Sequence[Seen]:
        """What everybody sees in a channel."""
