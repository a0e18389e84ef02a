"""What came in, said without naming a platform's own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Answers = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Who:
    """One account on one platform, as the verified envelope names it."""

    platform: str
    tenant: str
    user: str


@dataclass(frozen=True, slots=True)
class Where:
    """The place it came from.

    `channel` and `message` are the platform's own ids ("" where there is none); `private` is true when nobody else
    reads there; `inline` is true when the platform itself can show the answer, to this person alone, without the
    answer being a message that can be redrawn later (a slash command's reply, a home page).
    """

    channel: str = ""
    private: bool = True
    message: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """Free text, in a direct conversation or where the bot was mentioned.

    `key` is the platform's own id of the delivery, for deduplication; `mentions` maps the words "@name" of the text to
    platform users.
    """

    key: str
    who: Who
    where: Where
    text: str
    mentions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """An explicit command (a slash command, a menu entry); `text` is what follows the root word."""

    key: str
    who: Who
    where: Where
    text: str
    mentions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Click:
    """A pressed button (`value` empty) or a chosen option."""

    key: str
    who: Who
    where: Where
    action: str
    subject: int = 0
    version: int = 0
    value: str = ""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A filled form: raw answers by field name."""

    key: str
    who: Who
    where: Where
    action: str
    subject: int
    version: int
    answers: Answers


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody opened the bot's own page or conversation; `surface` is "home" or "conversation"."""

    key: str
    who: Who
    where: Where
    surface: str


@dataclass(frozen=True, slots=True)
class File:
    """A file as the platform describes it; `size` in bytes."""

    name: str
    type: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Attached:
    """Files sent to the bot, with the text beside them."""

    key: str
    who: Who
    where: Where
    files: tuple[File, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """The clock: `name` is the schedule's, `at` the instant it was due (not the instant it ran)."""

    name: str
    at: datetime


FromPerson = Said | Command | Click | Submitted | Opened | Attached
Event = FromPerson | Tick
