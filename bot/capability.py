"""What a platform is to the rest of the bot: the protocol it fulfils and what it can show."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.cards import Card, Chart
from bot.events import Changed, FromPerson, Who
from bot.forms import Sheet

if TYPE_CHECKING:
    from aiohttp.web import AbstractRouteDef


PAGE = "page"


def no_chart(_chart: Chart) -> bool:
    """Every chart comes as a picture."""
    return False


def any_sheet(_sheet: Sheet) -> bool:
    """Every form can be shown."""
    return True


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can show. `buttons` is the most actions a card may carry (0: a numbered menu instead);
    `languages`: a message may hold the same in several languages, and the reader's own client chooses; `uploads`: a
    form can take a file (otherwise people send it as a message); `draws`: the charts that the readers' clients draw
    themselves, so that no picture is made of them; `spread`: without lists to choose from, a choice of so many options
    at most is as many buttons; `fits`: the forms that can be shown as one, where any can; `page`: every account has a
    page of its own beside the conversation, which can be drawn anew at any time (`update` with a Ref(message=PAGE))."""

    buttons: int = 25
    choices: bool = True
    forms: bool = True
    tables: bool = True
    charts: bool = True
    links: bool = True
    updates: bool = True
    confirms: bool = True
    blocks: int = 50
    text: int = 3000
    rows: int = 30
    languages: bool = False
    draws: Callable[[Chart], bool] = no_chart
    uploads: bool = True
    spread: int = 0
    fits: Callable[[Sheet], bool] = any_sheet
    page: bool = False

    def shows(self, sheet: Sheet) -> bool:
        """Whether a form is shown as one; otherwise it is asked one question at a time."""
        return self.forms and self.fits(sheet)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in any `seconds`, of which `burst` at once (0: 3 %); what is left is spread evenly."""

    calls: int
    seconds: float
    burst: int = 0

    @property
    def at_once(self) -> int:
        """The burst that holds."""
        return self.burst or max(1, self.calls * 3 // 100)


@dataclass(frozen=True, slots=True)
class Rates:
    """What a platform takes, all replicas together: new messages, redraws (each in every window that is named), the
    least seconds between two new messages in one conversation, and drawings of pages. The default limits nothing."""

    send: tuple[Rate, ...] = ()
    redraw: tuple[Rate, ...] = ()
    gap: float = 0.0
    page: tuple[Rate, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A card ready to be sent: already fitted and in the reader's language.

    `pictures` holds the PNG of every chart; `key` is our idempotency key, stable over retries of the same message;
    `doubtful`: it may have been sent already, by somebody who did not live to tell, so look for the key first;
    `others`: the card in our other languages, by locale, for a reader who chose none, where the platform takes them;
    `patient`: one of many, for which nobody waits; `still`: it shows nothing that can change, so it is never redrawn.
    """

    card: Card
    locale: str = "en"
    pictures: Mapping[Chart, bytes] = field(default_factory=dict)
    key: str = ""
    doubtful: bool = False
    others: Mapping[str, Card] = field(default_factory=dict)
    patient: bool = False
    still: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a sent message stands, in the platform's own ids; PAGE in no channel is the account's own page."""

    channel: str
    message: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform says of an account; `vouched` only if the platform itself confirmed the e-mail address."""

    name: str
    email: str = ""
    vouched: bool = False
    locale: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back at once on the platform's own response; everything else is delivered by the outbox.

    toast    one line for the person who acted (already in their language), "" for none
    errors   field name → sentence: the form stays open
    sheet    a form to open now
    card     a card to show in place, only for events whose `where.inline` is true
    unkept   nothing of the event could be stored: a platform that repeats events is asked to, and none is told that all
             went well
    """

    toast: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    sheet: Sheet | None = None
    card: Message | None = None
    unkept: bool = False


Inbound = Callable[[FromPerson | Changed], Awaitable[Answer]]


class Later(Exception):
    """The platform asks to wait; `seconds` from now, for this one channel, for this kind of call to whomever
    (`everywhere`), or for every call (`entirely`)."""

    def __init__(self, seconds: float, *, everywhere: bool = False, entirely: bool = False) -> None:
        super().__init__(f"wait {seconds:.0f} s")
        self.seconds, self.everywhere, self.entirely = seconds, everywhere or entirely, entirely


class Gone(Exception):
    """The message can never be delivered (account closed, message deleted); the text names the platform's reason."""


class TooLarge(ValueError):
    """A file has more bytes than were asked for."""


class Expired(Gone):
    """A sent message that can never be redrawn (too old, taken back): a new one may take its place."""


class Platform(Protocol):
    """Slack, Feishu, DingTalk, the console: bytes to events, cards to bytes."""

    name: str
    can: Capabilities
    rates: Rates

    def routes(self) -> "Sequence[AbstractRouteDef]":
        """The doors it opens on our HTTP server."""

    async def start(self, inbound: Inbound) -> None:
        """Connects; every verified event is handed to `inbound`."""

    async def stop(self) -> None:
        """Disconnects; what is in flight is finished."""

    def ready(self) -> bool:
        """Whether messages can be received and sent now."""

    async def deliver(self, to: Who, message: Message, channel: str = "") -> Ref:
        """Sends to the account's private conversation (`channel` if it is known). Raises Later, Gone or OSError."""

    async def update(self, to: Who, ref: Ref, message: Message) -> None:
        """Redraws a sent message in place. Raises Later, Expired, Gone or OSError."""

    async def fetch(self, url: str, most: int) -> bytes:
        """The bytes of a file people sent (`File.url`), at most `most`, counted while they come. Raises TooLarge,
        ValueError for what is no file of this platform, Later, Gone (deleted, not for us) or OSError."""

    async def hand(self, to: Who, message: Message, content: bytes, channel: str = "") -> Ref:
        """Sends the file `message.card.enclosed`, whose bytes are `content`, to the account's private conversation,
        with what the card says beside it where there is room for that. Raises Later, Gone or OSError."""

    async def profile(self, who: Who) -> Profile | None:
        """What the platform knows of an account, None if it does not exist."""
