"""What came in, said without naming a platform's own words."""

import json
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

    @property
    def page(self) -> bool:
        """Whether it is the account's own page, beside every conversation."""
        return self.inline and not self.channel and not self.message


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
    """A file as the platform describes it, which proves nothing: `size` in bytes (0: not said), `url` whatever the
    platform itself needs to fetch it, of no use to anybody else."""

    name: str
    type: str
    size: int
    url: str

    def packed(self) -> str:
        """The file as one answer of a form."""
        return json.dumps([self.name, self.type, self.size, self.url], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Attached:
    """Files sent to the bot, with the text beside them.

    `wanted`: the person asked to keep a message (its text, `link` and files, if it has any) by a shortcut on it, at a
    place where a form can be shown at once; otherwise they only sent something.
    """

    key: str
    who: Who
    where: Where
    files: tuple[File, ...]
    text: str = ""
    link: str = ""
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """The clock: `name` is the schedule's, `at` the instant it was due (not the instant it ran)."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a file that was to be fetched: its bytes and the usual ending of what they are, or the word for
    why there are none; `wish` is our number of the wish."""

    wish: int
    content: bytes = b""
    ending: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """An account is another one now, says the platform's own directory: closed for good if `left`. Else `name` is what
    the person is called there now, and `before` what they were called; `locale` and `zone` are those they chose there.
    "" is what is not told."""

    key: str
    who: Who
    left: bool = False
    name: str = ""
    before: str = ""
    locale: str = ""
    zone: str = ""


FromPerson = Said | Command | Click | Submitted | Opened | Attached
Event = FromPerson | Tick | Fetched


def unpacked(answer: str) -> File | None:
    """The file that `File.packed` wrote; None for anything else."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    match said:
        case [str(name), str(kind), int(size), str(url)] if size >= 0:
            return File(name, kind, size, url)
    return None
