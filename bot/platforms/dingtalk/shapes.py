"""What is sent as it stands (a card's values, a robot's message), and what a button carries there and back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json

Json = dict[str, Any]

# A value of a card is documented to hold 1 KB; a robot's message 15,000 bytes, of which clients show some 3,500
# characters well.
VALUE, NAME = 1000, 100
PARAM, TEXT = 15_000, 3_500
LABEL, TITLE, HEADING, BUTTONS = 60, 60, 150, 5
ADDRESS = 120  # bytes of an address that a button leads to; a longer one is a link in the text
SEND = "dtmd://dingtalkclient/sendMessage?content="
PAGE = "dingtalk://dingtalkclient/page/link?pc_slide=false&url="
_TOKEN = re.compile(r"(\??)([a-z_]+\.[a-z_]+):([0-9]{1,18}):([0-9]{1,18})(?::(.+))?", re.DOTALL)
_TYPED = re.compile(r"(.*?)\s*#(\??[a-z_]+\.[a-z_]+:[0-9]+:[0-9]+(?::.+)?)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Template:
    """The values of a template card (`cardParamMap`); `title` is what the list of conversations says of it."""

    params: Mapping[str, str]
    title: str


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot's message: its `msgKey`, and the object whose JSON is `msgParam`."""

    key: str
    param: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button as a client names it, not to be trusted. Not `sure`: its confirmation has to be asked for first, in the
    words `said` ("" if they did not come along) about the button `label`."""

    action: str
    subject: int = 0
    version: int = 0
    value: str = ""
    sure: bool = True
    label: str = ""
    said: str = ""

    @property
    def token(self) -> str:
        """What the button carries: noun.verb, id and version, never authority or state."""
        value = f":{self.value}" if self.value else ""
        return f"{'' if self.sure else '?'}{self.action}:{self.subject}:{self.version}{value}"


def read(token: str) -> Pressed:
    """The button of a token; ValueError for what no button of ours carries."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise ValueError("token")
    wants, action, subject, version, value = found.groups()
    return Pressed(action, int(subject), int(version), value or "", sure=not wants)


def pressed(private: Mapping[str, object]) -> Pressed:
    """The button of a card callback's `cardPrivateData`; ValueError for what we never put there.

    Which of its fields names the button differs from template to template.
    """
    params, ids = private.get("params"), private.get("actionIds")
    given: Mapping[str, object] = params if isinstance(params, Mapping) else {}
    names = [given.get("a"), given.get("action"), given.get("id"), *(ids if isinstance(ids, Sequence) else ())]
    for name in names:
        if isinstance(name, str) and _TOKEN.fullmatch(name):
            found, said = read(name), given.get("ask")
            asks = said if isinstance(said, str) and not found.sure else ""
            return Pressed(found.action, found.subject, found.version, found.value, found.sure, said=asks[:VALUE])
    raise ValueError("token")


def typed(text: str) -> Pressed | None:
    """The button that a line means which a link made somebody send: its label, "#" and the token."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    try:
        meant = read(found[2])
    except ValueError:
        return None
    label = "" if meant.sure else found[1].strip()[:TITLE]
    return Pressed(meant.action, meant.subject, meant.version, meant.value, meant.sure, label)


def sends(label: str, button: Pressed) -> str:
    """The address that makes the reader send the button as a line of their own."""
    return SEND + quote(f"{short(label, LABEL)} #{button.token}", safe="")


def page(url: str) -> str:
    """The address that opens a page in the reader's browser."""
    return PAGE + quote(whole(url), safe="")


def dumped(value: object) -> str:
    """JSON as it is sent: compact, and not in ASCII, where a Chinese character weighs twice as much."""
    return to_json(value).decode()


def size(text: str) -> int:
    """Bytes as sent."""
    return len(text.encode())


def whole(text: str) -> str:
    """The text without what no JSON reader accepts: lone surrogates, NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def cut(text: str, most: int) -> str:
    """The text in at most `most` characters, ending in "…" if something was left out."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def short(text: str, most: int) -> str:
    """One line of plain text in at most `most` characters."""
    return cut(" ".join(whole(text).split()), most)
