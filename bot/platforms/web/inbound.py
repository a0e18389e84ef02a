"""What the page sends, checked strictly, and the events it means; the one who acts is the person being played."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.events import Attached, Click, File, Said, Submitted, Where, Who
from bot.platforms.web.guard import Shut
from bot.platforms.web.players import Player
from bot.text import tidy

TENANT = "console"
SCHEME = "console:"
_TOKEN = re.compile(r"@[^\s@,，、。;；:：()（）]+")
_TYPE = re.compile(r"[a-z0-9]+/[a-z0-9.+-]{1,100}")
User = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,100}$")]
Number = Annotated[int, Field(ge=0, lt=2**63)]
Answer = Annotated[str, Field(max_length=5000)]


class _Sent(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    user: User
    key: Key


class Say(_Sent):
    """A typed line; `mentions` holds the words "@name" that the page completed, with their accounts."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    mentions: Annotated[dict[User, User], Field(max_length=20)] = {}


class Press(_Sent):
    """A pressed button, or a chosen `value`."""

    action: Name
    subject: Number
    version: Number
    message: Annotated[str, Field(max_length=100)] = ""
    value: Answer = ""


class Submit(_Sent):
    """A filled form."""

    action: Name
    subject: Number
    version: Number
    answers: Annotated[dict[Name, Answer | Annotated[tuple[Answer, ...], Field(max_length=200)]], Field(max_length=60)]


class Drop(_Sent):
    """The words beside a dropped file; `hold` keeps the file for a form instead of sending it now."""

    name: Annotated[str, Field(min_length=1, max_length=1000)]
    text: Annotated[str, Field(max_length=4000)] = ""
    hold: bool = False


def who(user: str) -> Who:
    """The account of a person in the console."""
    return Who("web", TENANT, user)


def said(sent: Say, people: Iterable[Player]) -> Said:
    """The line, with the accounts of everybody it mentions."""
    return Said(sent.key, who(sent.user), _where(sent.user), sent.text, _mentions(sent, people))


def click(sent: Press) -> Click:
    """The press."""
    place = _where(sent.user, sent.message)
    return Click(sent.key, who(sent.user), place, sent.action, sent.subject, sent.version, sent.value)


def submitted(sent: Submit) -> Submitted:
    """The answers."""
    place = _where(sent.user)
    return Submitted(sent.key, who(sent.user), place, sent.action, sent.subject, sent.version, sent.answers)


def drop(query: Mapping[str, str]) -> Drop:
    """What a query string says of a file; raises Shut with 400."""
    try:
        return Drop.model_validate(dict(query), strict=False)
    except ValidationError:
        raise Shut(400, "malformed") from None


def attached(sent: Drop, file: File) -> Attached:
    """The dropped file."""
    return Attached(sent.key, who(sent.user), _where(sent.user), (file,), sent.text)


def file(sent: Drop, kind: str, size: int, token: str) -> File:
    """The file as the event describes it; its address is understood by `Web.fetch` alone."""
    name = tidy(sent.name.replace("\\", "/").rsplit("/", 1)[-1])[-200:] or "file"
    plain = kind if _TYPE.fullmatch(kind) else "application/octet-stream"
    return File(name, plain, size, f"{SCHEME}{token}/{name}")


def _where(user: str, message: str = "") -> Where:
    return Where(channel=user, private=True, message=message)


def _mentions(sent: Say, people: Iterable[Player]) -> Mapping[str, str]:
    """What the page completed, and words typed by hand that name exactly one account or person."""
    known = list(people)
    users = {player.user for player in known}
    named: dict[str, set[str]] = {}
    for player in known:
        for name in (player.user, player.name.replace(" ", "")):
            named.setdefault(name.casefold(), set()).add(player.user)
    typed = {word: named.get(word[1:].casefold(), set()) for word in _TOKEN.findall(sent.text)}
    found = {word: next(iter(meant)) for word, meant in typed.items() if len(meant) == 1}
    completed = {word: user for word, user in sent.mentions.items() if word in sent.text and user in users}
    return {**found, **completed}
