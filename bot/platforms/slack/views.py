"""Sheet → modal view, and a modal's private_metadata, both ways."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import assert_never

import structlog

from bot.events import Where
from bot.forms import LONG, SHORT, Field, Kind, Sheet
from bot.platforms.slack import limits as most
from bot.platforms.slack.actions import options_of
from bot.platforms.slack.limits import cut, shown, size
from bot.platforms.slack.spans import Json, plain, rich, word
from bot.text import N_

LONGEST = {Kind.LONG: LONG, Kind.NUMBER: 40}
# A file of a form has at most 10 MB (reference of file_input); files of messages are taken by another road.
TAKES = N_("Slack takes up to 10 MB of a file in a form. Send a larger one to me as a message.")
# What stands in Slack's own field for numbers; anything else would be lost there.
_PLAIN = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
Says = Callable[[str], str]
log = structlog.get_logger()


def modal(sheet: Sheet, where: Where, t: Says = str) -> Json:
    """The modal of a form opened from `where`; block_id is the field's name, so that errors find their field. `t` are
    the reader's texts, for what only Slack's forms need to say."""
    sheet = replace(sheet, fields=tuple(_told(field, t) for field in sheet.fields))
    view = _view(sheet, where, most.VIEW_BYTES)
    fields = sheet.fields
    while len(fields) > 1 and measure(view) > most.VIEW_BYTES:
        fields = fields[: len(fields) * 3 // 4]
        log.warning("slack form cut", fields=len(sheet.fields), kept=len(fields))
        view = _view(replace(sheet, fields=fields), where, most.VIEW_BYTES)
    return view


def notice(title: str, text: str) -> Json:
    """A modal that only says something: the toast of places that have none (the App Home tab)."""
    return {"type": "modal", "title": title_of(title), "blocks": [rich([word(text)])]}


def title_of(text: str) -> Json:
    """A modal's title."""
    whole = shown(text, most.SECTION)
    return plain(most.cut_words(whole, most.TITLE), most.TITLE)


def metadata(subject: int, version: int, where: Where) -> str:
    """What a modal carries: what it is about and where it was opened; never authority or state."""
    place = {"c": where.channel, "m": where.message, "p": int(where.private), "i": int(where.inline)}
    return json.dumps({"s": subject, "v": version} | place, separators=(",", ":"))


def origin(carried: object) -> tuple[int, int, Where]:
    """Subject, version and origin of a submitted modal; raises ValueError for anything `metadata` did not write."""
    if not isinstance(carried, str) or len(carried) > most.METADATA:
        raise ValueError("private_metadata")
    try:
        match json.loads(carried):
            case {"s": int(subject), "v": int(version), "c": str(c), "m": str(m), "p": int(p), "i": int(i)}:
                return _whole(subject), _whole(version), Where(c, bool(p), m, bool(i))
    except RecursionError:
        pass  # too deep is as unreadable as anything else
    raise ValueError("private_metadata")


def measure(value: object) -> int:
    """Characters of the JSON that is sent."""
    return len(json.dumps(value))


def _whole(number: int) -> int:
    if isinstance(number, bool) or not 0 <= number < 2**63:
        raise ValueError("number")
    return number


def _view(sheet: Sheet, where: Where, room: int) -> Json:
    lists = sum(field.kind in (Kind.CHOICE, Kind.CHOICES) for field in sheet.fields)
    inputs = _unique([_input(field, sheet, room * 3 // 4 // max(lists, 1)) for field in sheet.fields])
    if inputs and inputs[0]["element"]["type"] != "file_input":
        inputs[0]["element"]["focus_on_load"] = True
    cramped = size(sheet.title) > most.TITLE or not inputs
    head = [rich([word(sheet.title, bold=True)])] if cramped else []
    return {
        "type": "modal",
        "callback_id": sheet.action,
        "title": title_of(sheet.title),
        "submit": plain(sheet.submit, most.TITLE),
        "private_metadata": metadata(sheet.subject, sheet.version, where),
        "blocks": [*head, *inputs][: most.BLOCKS_VIEW],
    }


def _told(field: Field, t: Says) -> Field:
    """Slack's own limit beside a form's hint."""
    return replace(field, hint=f"{field.hint} {t(TAKES)}".strip()) if field.kind is Kind.ATTACHMENT else field


def _unique(inputs: list[Json]) -> list[Json]:
    return list({block["block_id"]: block for block in inputs}.values())


def _input(field: Field, sheet: Sheet, room: int) -> Json:
    # Slack keeps what was typed when a view is replaced by one with the same block_id and action_id, so the
    # action_id names the form, its subject and its version.
    action_id = f"{sheet.action}:{sheet.subject}:{sheet.version}:{field.name}"[: most.ID]
    block: Json = {
        "type": "input",
        "block_id": field.name[: most.ID],
        "label": plain(field.label, most.LABEL),
        "optional": not field.required,
        "element": {"action_id": action_id} | _element(field, room),
    }
    return block | {"hint": plain(field.hint, most.HINT)} if field.hint.strip() else block


def _element(field: Field, room: int) -> Json:
    match field.kind:
        case Kind.SHORT | Kind.LONG:
            return _typed(field)
        case Kind.NUMBER:
            return _counted(field)
        case Kind.DATE:
            return _dated(field)
        case Kind.CHOICE:
            return _chosen(field, room)
        case Kind.CHOICES:
            return _several(field, room)
        case Kind.PERSON:
            return _person(field)
        case Kind.ATTACHMENT:
            return {"type": "file_input", "max_files": 10}
        case _:
            assert_never(field.kind)


def _counted(field: Field) -> Json:
    """Slack's own field, which brings a phone's number keys; a line to type in if something else stands there."""
    value = _one(field).strip()
    if value and not _PLAIN.fullmatch(value):
        return _typed(field)
    return {"type": "number_input", "is_decimal_allowed": True} | ({"initial_value": value} if value else {})


def _typed(field: Field) -> Json:
    """A line to type in."""
    value = cut(most.whole(_one(field)), most.INPUT)
    element: Json = {"type": "plain_text_input", "max_length": max(LONGEST.get(field.kind, SHORT), size(value))}
    if field.kind is Kind.LONG:
        element["multiline"] = True
    return element | {"initial_value": value} if value else element


def _dated(field: Field) -> Json:
    try:
        day = date.fromisoformat(_one(field))
    except ValueError:
        return {"type": "datepicker"}
    return {"type": "datepicker", "initial_date": day.isoformat()}


def _chosen(field: Field, room: int) -> Json:
    made = options_of(field.options, room, measure)
    if not made:  # Slack refuses an empty list; the form's own rule answers what is typed
        return _typed(field)
    chosen = _among(made, lambda option: option["value"] == _one(field))
    return {"type": "static_select"} | made | ({"initial_option": chosen[0]} if chosen else {})


def _several(field: Field, room: int) -> Json:
    made = options_of(field.options, room, measure)
    if not made:
        return _typed(field)
    wanted = field.value if isinstance(field.value, tuple) else (field.value,)
    chosen = _among(made, lambda option: option["value"] in wanted)
    return {"type": "multi_static_select"} | made | ({"initial_options": chosen} if chosen else {})


def _among(made: Json, wanted: Callable[[Json], bool]) -> list[Json]:
    groups = made.get("option_groups", [made])
    return [option for group in groups for option in group["options"] if wanted(option)]


def _person(field: Field) -> Json:
    user = _one(field).removeprefix("@")
    known = user[:1] in ("U", "W") and user.isascii() and user.isalnum() and user.isupper()
    return {"type": "users_select"} | ({"initial_user": user} if known else {})


def _one(field: Field) -> str:
    return field.value if isinstance(field.value, str) else ", ".join(field.value)
