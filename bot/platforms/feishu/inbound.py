"""Envelope → Event, pure: what is not for us gives None, what we never drew raises Malformed."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.events import Answers, Click, Command, FromPerson, Opened, Submitted, Where, Who
from bot.platforms.feishu import elements, forms, said, sheets
from bot.platforms.feishu.said import NAME, Identity, Malformed, named

PRESSED = "card.action.trigger"
MESSAGE, CHOSEN = "im.message.receive_v1", "application.bot.menu_v6"
ENTERED = "im.chat.access_event.bot_p2p_chat_entered_v1"
KINDS = frozenset({MESSAGE, CHOSEN, ENTERED, PRESSED})
# Where each says whose it is.
WHOSE: Mapping[str, tuple[str, ...]] = {
    PRESSED: ("operator",),
    MESSAGE: ("sender", "sender_id"),
    CHOSEN: ("operator", "operator_id"),
    ENTERED: ("operator_id",),
}
ROOT = "perf"
# What older menus of performance bots are often called; ours are `perf` and `perf.<command>`.
MENU = {"my_tasks": "tasks", "fill_kpi": "goals", "approve": "tasks", "result": "result", "help": "help"}
_ACTION = re.compile(r"[a-z_]+\.[a-z_.]+")
_CARRIED = re.compile(r"([0-9]{1,18}):([0-9]{1,18})(?::(.*))?", re.ASCII | re.DOTALL)
_MENU = re.compile(rf"{ROOT}(?:\.[a-z_]+)*")
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Press:
    """What a card's callback brings besides the event: the token for a later update, the message it stands on,
    and of a form how it was drawn."""

    token: str
    message: str = ""
    zone: str = ""
    form: sheets.Carried | None = None
    answers: Answers | None = None


def event(body: Body, me: Identity) -> tuple[FromPerson | None, Press | None]:
    """The event of a 2.0 envelope, with what a press brings besides."""
    header, inner = named(body, "header"), named(body, "event")
    tenant, key = _text(header, "tenant_key"), _text(header, "event_id")
    kind = header.get("event_type")
    if kind == PRESSED:
        return _press(inner, tenant, key)
    if kind == MESSAGE:
        return said.message(inner, tenant, me), None
    if kind == CHOSEN:
        return _menu(inner, tenant, key), None
    return (_entered(inner, tenant), None) if kind == ENTERED else (None, None)


def ids(kind: str, body: Body) -> dict[str, Any]:
    """Whose event it is, by all the ids that it tells; nothing if it tells none."""
    held = body.get("event")
    for name in WHOSE.get(kind, ()):
        held = held.get(name) if isinstance(held, dict) else None
    return held if isinstance(held, dict) else {}


def _who(user: Body, tenant: str) -> Who:
    if not user.get("open_id"):
        raise Malformed("open_id")
    return Who(NAME, tenant, _text(user, "open_id"))


def _menu(inner: Body, tenant: str, key: str) -> Command | None:
    """A menu has no place of its own: the answer goes to the private conversation."""
    asked = _text(inner, "event_key")
    who = _who(named(named(inner, "operator"), "operator_id"), tenant)
    if asked in MENU:
        words = MENU[asked]
    elif _MENU.fullmatch(asked):
        words = asked.replace(".", " ").removeprefix(ROOT).strip()
    else:
        return None
    at = inner.get("timestamp")  # a number here, a string elsewhere
    return Command(f"menu:{who.user}:{asked}:{at}" if at else key, who, Where(), words)


def _entered(inner: Body, tenant: str) -> Opened | None:
    """Feishu says it each time somebody looks at the conversation. Who finds something in it was greeted before."""
    if inner.get("last_message_id"):
        return None
    who = _who(named(inner, "operator_id"), tenant)
    return Opened(f"entered:{who.user}", who, Where(_text(inner, "chat_id")), "conversation")


def _press(inner: Body, tenant: str, key: str) -> tuple[FromPerson | None, Press | None]:
    operator, action, context = (named(inner, name) for name in ("operator", "action", "context"))
    who = _who(operator, tenant)
    where = Where(_text(context, "open_chat_id"), message=_text(context, "open_message_id"))
    zone = action.get("timezone")
    press = Press(_text(inner, "token"), where.message, zone if isinstance(zone, str) else "")
    carried = action.get("value")
    if "form_value" in action:
        return _submitted(action, carried, who, where, press)
    if carried is None:
        return None, press
    name, subject, version, value = _carried(carried, action.get("option"))
    return Click(key, who, where, name, subject, version, value), press


def _submitted(action: Body, carried: object, who: Who, where: Where, press: Press) -> tuple[Submitted, Press]:
    """The same answers to the same drawing are the same submission, however often they come."""
    try:
        form = sheets.unpacked(carried)
        given = forms.answers(action["form_value"])
    except ValueError:
        raise Malformed("form") from None
    name, subject, version, _value = _carried(form.button, None)
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]
    key = f"{where.message}:{form.nonce}:{digest}"
    place = Where(where.channel, message=form.message)
    return Submitted(key, who, place, name, subject, version, given), replace(press, form=form, answers=given)


def _carried(carried: object, option: object) -> tuple[str, int, int, str]:
    try:
        name, held = elements.pressed(carried)
    except ValueError:
        raise Malformed("value") from None
    found = _CARRIED.fullmatch(held)
    if not _ACTION.fullmatch(name) or not found:
        raise Malformed("value")
    chosen = option if isinstance(option, str) else ""
    return name, int(found[1]), int(found[2]), found[3] or chosen


def _text(held: Body, name: str) -> str:
    value = held.get(name)
    if not isinstance(value, str):
        raise Malformed(name)
    return value
