"""What people wrote, out of Slack's escaped form: entities become words, mentions become "@name"."""

import re
from collections.abc import Mapping

_ENTITY = re.compile(r"<((?:[@#!]|[a-z]+:)[^<>]*)>")


def read(text: str, bot: str = "") -> tuple[str, Mapping[str, str]]:
    """The text as people see it without mentions of `bot`, and the users behind its "@name" words."""
    mentions: dict[str, str] = {}
    pieces = _ENTITY.split(text)
    words = [unescape(piece) if at % 2 == 0 else _entity(piece, bot, mentions) for at, piece in enumerate(pieces)]
    return "".join(words).strip(), mentions


def unescape(text: str) -> str:
    """The three characters that Slack escapes, once."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _entity(inside: str, bot: str, mentions: dict[str, str]) -> str:
    target, _, label = inside.partition("|")
    label = unescape(label)
    match target[:1]:
        case "@":
            return "" if target[1:] == bot else _mention(target[1:], label, mentions)
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:].split('^')[0]}"
        case _:
            url = unescape(target).removeprefix("mailto:").removeprefix("tel:")
            return url if not label or label in url else f"{label} ({url})"


def _mention(user: str, label: str, mentions: dict[str, str]) -> str:
    name = "@" + re.sub(r"\s+", "_", label.lstrip("@"))
    if not label or mentions.get(name, user) != user:
        name = f"@{user}"
    mentions[name] = user
    return name
