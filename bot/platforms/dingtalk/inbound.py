"""Payload → Event, pure: what people say and send, what they press, and whose accounts have changed."""

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.doorway import Refused, parsed
from bot.events import Answers, Attached, Click, File, Said, Submitted, Where, Who
from bot.platforms.dingtalk import forms, shapes
from bot.platforms.dingtalk.shapes import Pressed
from bot.platforms.dingtalk.talks import Talk

NAME = "dingtalk"
CODE = "code:"  # what a file's address begins with
FORM, QUESTION = "pf-", "pq-"  # what the ids of these cards begin with
OVER = "20001"
LEAVES = "user_leave_org"
EVENTS = frozenset({"user_add_org", "user_modify_org", "user_active_org", LEAVES})
TYPES = {"picture": "image/*", "video": "video/*", "file": "application/octet-stream", "audio": "audio/*"}
_MARK = re.compile(r"(?:[/／]\s*|[#＃])(?=[^\W\d_])")
_NAMED = re.compile(r"@[^\s@\u2005]+")
_ID = re.compile(r"[\x21-\x7e]{1,256}")
Body = Mapping[str, Any]


class Malformed(Exception):
    """A verified payload with a value of another shape than DingTalk's, or that this bot never put there."""


@dataclass(frozen=True, slots=True)
class Came:
    """A message: what it is to us, and where it can be answered.

    `member`: somebody of the company, under an id that names them; others get no event. `over`: DingTalk kept the words
    to itself, because the company's messages of the month are used up.
    """

    talk: Talk
    event: Said | Attached | None = None
    member: bool = True
    over: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """A press on a card: the card's id, who pressed and what. `answers`: it was the button of a form."""

    who: Who
    card: str
    pressed: Pressed | None
    answers: Answers | None = None

    def event(self, key: str) -> Click | Submitted | None:
        """The event; the same answers to the same form are the same submission, however often they come."""
        if self.pressed is None:
            return None
        name, subject, version = self.pressed.action, self.pressed.subject, self.pressed.version
        if self.answers is None:
            where = Where(message=shown_on(self.card))
            return Click(key, self.who, where, name, subject, version, self.pressed.value)
        said = json.dumps([name, subject, version, self.answers], sort_keys=True, default=str)
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        where = Where(message=shown_on(self.card))
        return Submitted(f"{self.card}:{digest}", self.who, where, name, subject, version, self.answers)


def message(body: Body) -> Came:
    """What somebody wrote or sent, in a private conversation or to the bot in a group."""
    channel, private = _id(body, "conversationId"), body.get("conversationType") == "1"
    corp = _id(body, "senderCorpId") if body.get("senderCorpId") else _id(body, "chatbotCorpId")
    user = body.get("senderStaffId")
    named = isinstance(user, str) and bool(_ID.fullmatch(user))
    talk = Talk(_said(body, "sessionWebhook"), _until(body), channel, private, str(user) if named else "")
    if not named or body.get("chatbotCorpId", corp) != corp:
        return Came(talk, member=False)
    if OVER in (str(body.get("errorCode")), str(body.get("errCode"))):
        return Came(talk, over=True)
    who, where, key = Who(NAME, corp, str(user)), Where(channel, private=private), _id(body, "msgId")
    text, files = _content(body)
    words, people = _words(text, body.get("atUsers"))
    event = Attached(key, who, where, files, words) if files else Said(key, who, where, words, people)
    return Came(talk, event)


def press(body: Body) -> Press:
    """What somebody pressed on a card."""
    if str(body.get("userIdType", 1)) != "1":
        raise Malformed("userIdType")
    who = Who(NAME, _id(body, "corpId"), _id(body, "userId"))
    card = _id(body, "outTrackId")
    given = _held(_opened(body, "content") or _opened(body, "value"), "cardPrivateData")
    try:
        if forms.submitted(given):
            return Press(who, card, forms.pressed(given), forms.answers(given))
        return Press(who, card, shapes.pressed(given))
    except ValueError:
        raise Malformed("value") from None


def typed(event: Said) -> Pressed | None:
    """The button that a private line stands for, if a link of ours wrote it."""
    return shapes.typed(event.text) if event.where.private else None


def changed(kind: str, body: Body) -> tuple[str, ...]:
    """The accounts that an event of the directory is about. Stream and HTTP spell the field differently."""
    told = body.get("userId", body.get("UserId"))
    users = told if isinstance(told, list) else [told]
    return tuple(user for user in users if isinstance(user, str) and _ID.fullmatch(user)) if kind in EVENTS else ()


def card_for(kind: str, message: str, key: str) -> str:
    """The id of a card for a FORM or a QUESTION, which remembers on what card it was asked for."""
    return f"{kind}{hashlib.sha256(key.encode()).hexdigest()[:24]}.{message}"


def shown_on(card: str) -> str:
    """The card on which a form or a question was asked for, "" if on none; any other card is itself."""
    return card.partition(".")[2] if card.startswith((FORM, QUESTION)) else card


def _content(body: Body) -> tuple[str, tuple[File, ...]]:
    """Words and files. What a bot cannot read is nothing said, and answered by the overview."""
    kind, content = str(body.get("msgtype")), _held(body, "content")
    match kind:
        case "text":
            return _said(_held(body, "text"), "content"), ()
        case "richText":
            held = content.get("richText")
            parts = [part for part in held if isinstance(part, dict)] if isinstance(held, list) else []
            pictures = [part for part in parts if part.get("type") == "picture"]
            return "".join(_said(part, "text") for part in parts), _files("picture", pictures)
        case "audio" if content.get("recognition"):
            return _said(content, "recognition"), ()
        case "picture" | "video" | "file" | "audio":
            return "", _files(kind, [content])
    return "", ()


def _files(kind: str, held: Sequence[Body]) -> tuple[File, ...]:
    found = ((one, _said(one, "downloadCode")) for one in held)
    return tuple(File(_said(one, "fileName") or kind, TYPES[kind], 0, CODE + code) for one, code in found if code)


def _words(text: str, users: object) -> tuple[str, Mapping[str, str]]:
    """The line as it was meant, and who is behind its "@name" words. DingTalk takes the bot's own name out and may take
    those of others out as well; which name is whose follows from their order, and where that says nothing, ids stand in
    for them."""
    line = html.unescape(text).replace("\u2005", " ").replace("\u00a0", " ").strip()
    listed = users if isinstance(users, list) else []
    people = [str(one["staffId"]) for one in listed if isinstance(one, dict) and one.get("staffId")]
    names = _NAMED.findall(line)
    if len(names) != len(people) or len(set(names)) != len(names):
        names = [f"@{user}" for user in people]
        line = " ".join([_NAMED.sub("", line).strip() if people else line, *names])
    return _MARK.sub("", line, count=1) if _MARK.match(line) else line, dict(zip(names, people, strict=True))


def _opened(body: Body, name: str) -> Body:
    """An object that comes as the text of one."""
    value = body.get(name)
    if isinstance(value, str) and value:
        try:
            return parsed(value.encode())
        except Refused:
            raise Malformed(name) from None
    return value if isinstance(value, dict) else {}


def _held(body: Body, name: str) -> Body:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _said(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _until(body: Body) -> float:
    """Seconds since 1970; DingTalk writes milliseconds."""
    value = body.get("sessionWebhookExpiredTime")
    return value / 1000 if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _id(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Malformed(name)
    return value
