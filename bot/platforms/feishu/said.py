"""What people write: a message's content → words, mentions and files."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.events import Attached, File, Said, Where, Who

NAME = "feishu"
_KEY = re.compile(r"@_user_[0-9]{1,4}|@_all")
_LOCALE = re.compile(r"\bLarkLocale/([a-z]{2}_[A-Z]{2})\b")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
FILES = {"image": "image_key", "file": "file_key", "audio": "file_key", "media": "file_key"}
TYPES = {"image": "image/*", "audio": "audio/*", "media": "video/*"}
Body = Mapping[str, Any]


class Malformed(Exception):
    """A verified payload with a value of another shape than Feishu's, or that this bot never put there."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are: the app, its bot's own open_id, and the API's base, where files are fetched."""

    app: str
    bot: str
    base: str = ""


def named(held: Body, name: str) -> dict[str, Any]:
    """A part that has to be an object."""
    value = held.get(name)
    if not isinstance(value, dict):
        raise Malformed(name)
    return value


def locale(inner: Body) -> str:
    """The language of the client a message was written with, "" where it is not told."""
    agent = inner.get("user_agent")
    found = _LOCALE.search(agent) if isinstance(agent, str) else None
    return found[1] if found else ""


def message(inner: Body, tenant: str, me: Identity) -> Said | Attached | None:
    """A line or files; None where a bot speaks, somebody of another company, or nobody spoke to us."""
    sender, held = named(inner, "sender"), named(inner, "message")
    if sender.get("sender_type") != "user" or sender.get("tenant_key", tenant) != tenant:
        return None
    private, mentions = held.get("chat_type") == "p2p", _mentions(held)
    if not private and me.bot not in {user for user, _name in mentions.values()}:
        return None
    key, chat = _id(held, "message_id"), _id(held, "chat_id")
    who, where = Who(NAME, tenant, _id(named(sender, "sender_id"), "open_id")), Where(chat, private=private)
    text, files = _content(held, f"{me.base}/open-apis/im/v1/messages/{key}/resources")
    words, people = _words(text, mentions, me)
    return Attached(key, who, where, files, words) if files else Said(key, who, where, words, people)


def _id(held: Body, name: str) -> str:
    value = held.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Malformed(name)
    return value


def _mentions(held: Body) -> dict[str, tuple[str, str]]:
    """The user and name behind each "@_user_1"."""
    found: dict[str, tuple[str, str]] = {}
    for one in held.get("mentions") or ():
        match one:
            case {"key": str(key), "id": {"open_id": str(user)}, **rest}:
                found[key] = user, str(rest.get("name") or "")
    return found


def _words(text: str, mentions: Mapping[str, tuple[str, str]], me: Identity) -> tuple[str, Mapping[str, str]]:
    """The text as people see it without mentions of this bot, and the users behind its "@name" words."""
    people: dict[str, str] = {}

    def word(found: re.Match[str]) -> str:
        user, name = mentions.get(found[0], ("", ""))
        if not user or user == me.bot:
            return ""
        shown = "@" + re.sub(r"\s+", "_", name.lstrip("@"))
        if not name or people.get(shown, user) != user:
            shown = f"@{user}"
        people[shown] = user
        return shown

    return _KEY.sub(word, text).strip(), people


def _content(held: Body, place: str) -> tuple[str, tuple[File, ...]]:
    kind = held.get("message_type")
    try:
        content = json.loads(held.get("content") or "{}")
    except (TypeError, ValueError, RecursionError):
        raise Malformed("content") from None
    if not isinstance(content, dict):
        raise Malformed("content")
    if kind in FILES:
        return "", _files([content], str(kind), place)
    if kind == "post":
        return _post(content, place)
    text = content.get("text") if kind == "text" else ""
    return text if isinstance(text, str) else "", ()


def _post(content: Body, place: str) -> tuple[str, tuple[File, ...]]:
    """A rich text: its lines as plain text, its pictures as files."""
    lines = content.get("content")
    rows = [[node for node in row if isinstance(node, dict)] for row in lines or () if isinstance(row, list)]
    title = content.get("title")
    text = "\n".join(
        [*([title] if isinstance(title, str) and title else []), *("".join(map(_node, row)) for row in rows)]
    )
    pictures = [node for row in rows for node in row if node.get("tag") == "img"]
    return text, _files(pictures, "image", place)


def _node(node: Body) -> str:
    said = node.get("user_id") if node.get("tag") == "at" else node.get("text")
    return said if isinstance(said, str) else ""


def _files(held: Sequence[Body], kind: str, place: str) -> tuple[File, ...]:
    found = []
    for one in held:
        key = one.get(FILES[kind])
        if isinstance(key, str) and _ID.fullmatch(key):
            name, asked = str(one.get("file_name") or kind), "image" if kind == "image" else "file"
            found.append(File(name, TYPES.get(kind, "application/octet-stream"), 0, f"{place}/{key}?type={asked}"))
    return tuple(found)
