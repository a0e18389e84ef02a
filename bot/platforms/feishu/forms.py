"""Sheet → a card with one form container, and what was filled in back into answers; Feishu has no dialogs.

A date or person is read without knowing the sheet: its component is called `name__date` or `name__person`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, assert_never

import structlog

from bot.events import Answers
from bot.forms import LONG, SHORT, Field, Kind, Sheet
from bot.platforms.feishu import elements as of
from bot.platforms.feishu.elements import Json
from bot.platforms.feishu.markdown import bold, lines, red
from bot.text import texts

DATE, PERSON, NONE = "__date", "__person", "__none__"
LISTS = (Kind.CHOICE, Kind.CHOICES, Kind.PERSON)
LONGEST = {Kind.LONG: LONG, Kind.NUMBER: 40}
MOST = 1000  # of any input, in characters
HINT = 400
CANDIDATES = 100
NO_ERRORS: Mapping[str, str] = {}
RESERVED = 600  # bytes of a field beside its options: label, hint, error
log = structlog.get_logger()


def form(sheet: Sheet, locale: str, errors: Mapping[str, str] = NO_ERRORS) -> dict[str, Any]:
    """The whole card; an error stands right behind its field, one of no field before the first."""
    fields = list({field.name: field for field in sheet.fields}.values())
    drawn = _card(sheet, fields, locale, errors)
    while len(fields) > 1 and not _light(drawn):
        fields = fields[: len(fields) * 3 // 4]
        log.warning("feishu form cut", fields=len(sheet.fields), kept=len(fields))
        drawn = _card(sheet, fields, locale, errors)
    return drawn


def closed(title: str, said: str) -> dict[str, Any]:
    """What a form becomes once it was taken: its title and one sentence, nothing to press."""
    return of.framed(title, "green", title, [of.note(said, HINT)])


def filled(sheet: Sheet, answers: Answers) -> Sheet:
    """The sheet with what was typed standing in it."""
    fields = tuple(replace(field, value=answers.get(field.name, field.value)) for field in sheet.fields)
    return replace(sheet, fields=fields)


def answers(form_value: object) -> Answers:
    """What a submitted form says, by field name; raises ValueError for a shape that Feishu does not send."""
    if not isinstance(form_value, Mapping):
        raise ValueError("form_value")
    return dict(_answer(name, given) for name, given in form_value.items())


def values(sheet: Sheet, form_value: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """The answers to the questions of this sheet; one that is missing is empty."""
    given = answers(form_value)
    return {field.name: _typed_as(field, given.get(field.name, "")) for field in sheet.fields}


def _typed_as(field: Field, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
    several = field.kind in (Kind.CHOICES, Kind.ATTACHMENT)
    if isinstance(given, tuple):
        return given if several else ", ".join(given)
    return ((given,) if given else ()) if several and field.options else given


def _answer(name: object, given: object) -> tuple[str, str | tuple[str, ...]]:
    if not isinstance(name, str):
        raise ValueError("name")
    if name.endswith(DATE):
        return name.removesuffix(DATE), _text(given).partition(" ")[0]  # "2026-12-31 +0800"
    if name.endswith(PERSON):
        user = _text(given)
        return name.removesuffix(PERSON), f"@{user}" if user else ""
    if isinstance(given, list):
        return name, tuple(_text(part) for part in given)
    said = _text(given)
    return name, "" if said == NONE else said


def _text(given: object) -> str:
    if given is None:
        return ""
    if isinstance(given, str):
        return given
    raise ValueError("value")


def _light(drawn: Mapping[str, Any]) -> bool:
    size, tags = of.weight(drawn)
    return size <= of.BUDGET and tags <= of.NODES


def _card(sheet: Sheet, fields: Sequence[Field], locale: str, errors: Mapping[str, str]) -> dict[str, Any]:
    names = {field.name for field in fields}
    stray = [said for name, said in errors.items() if name not in names]
    parts: list[Json] = [of.markdown(red(" ".join(stray)))] if stray else []
    room, nodes = of.BUDGET - 2_500 - RESERVED * len(fields), of.NODES - 10 - 6 * len(fields)
    made = of.fitting([_offered(field) for field in fields], room, nodes)
    hint = texts(locale)("Choose…")
    for field, options in zip(fields, made, strict=True):
        parts += _asked(field, options, hint, errors.get(field.name, ""))
    container = {"tag": "form", "name": "form", "elements": [*parts, _submit(sheet)]}
    return of.framed(sheet.title, "blue", sheet.title, [container])


def _submit(sheet: Sheet) -> Json:
    call = {"type": "callback", "value": of.value(sheet.action, f"{sheet.subject}:{sheet.version}")}
    return {
        "tag": "button",
        "name": "submit",
        "form_action_type": "submit",
        "type": "primary_filled",
        "text": of.plain(sheet.submit, of.BUTTON),
        "behaviors": [call],
    }


def _asked(field: Field, options: list[Json], hint: str, error: str) -> list[Json]:
    """A field with what stands around it. An input has a label of its own, pickers and lists have it before them."""
    element = _element(field, options, hint)
    label = [] if element["tag"] == "input" else [_label(field)]
    wrong = [of.markdown(red(error))] if error else []
    quiet = [of.note(field.hint, HINT)] if field.hint.strip() and not _placed(element, field) else []
    return [*label, element, *wrong, *quiet]


def _label(field: Field) -> Json:
    said = lines(bold(" ".join(of.shown(field.label, of.LABEL).split())))
    return of.markdown(f"{said} <font color='red'>&#42;</font>" if field.required else said)


def _placed(element: Json, field: Field) -> bool:
    """Whether the hint is the input's placeholder: short enough, and nothing standing there."""
    return element["tag"] == "input" and "default_value" not in element and len(field.hint) <= of.PLACEHOLDER


def _offered(field: Field) -> Sequence[tuple[str, str]]:
    """The options of a list. Feishu's lists cannot be emptied again, so an answer that may be is one of them."""
    if not field.options or field.kind not in LISTS or _accounts(field):
        return ()
    none = ((NONE, of.EMPTY),) if field.clears and field.kind is not Kind.CHOICES else ()
    return *none, *field.options


def _element(field: Field, options: list[Json], hint: str) -> Json:
    match field.kind:
        case Kind.DATE:
            return _dated(field, hint)
        case Kind.PERSON if _accounts(field):
            return _person(field, hint)
        case Kind.CHOICES if options:
            return _several(field, options, hint)
        case Kind.CHOICE | Kind.PERSON if options:
            return _chosen(field, options, hint)
        case Kind.SHORT | Kind.LONG | Kind.NUMBER | Kind.CHOICE | Kind.CHOICES | Kind.PERSON | Kind.ATTACHMENT:
            return _typed(field)
        case _:
            assert_never(field.kind)


def _typed(field: Field) -> Json:
    """A line to type in. There is no input for numbers; a list without options is typed, its form answers."""
    standing = of.cut(of.whole(_one(field)), MOST)
    element: Json = {
        "tag": "input",
        "name": field.name,
        "label": of.plain(field.label, of.LABEL),
        "required": field.required,
        "width": "fill",
        "max_length": max(LONGEST.get(field.kind, SHORT), len(standing)),
    }
    if field.kind is Kind.LONG:
        element |= {"input_type": "multiline_text", "rows": 3, "auto_resize": True, "max_rows": 10}
    if standing.strip():
        element["default_value"] = standing
    if field.hint.strip() and _placed(element, field):
        element["placeholder"] = of.plain(field.hint, of.PLACEHOLDER)
    return element


def _dated(field: Field, hint: str) -> Json:
    element = _picker("date_picker", f"{field.name}{DATE}", field, hint)
    try:
        return element | {"initial_date": date.fromisoformat(_one(field)).isoformat()}
    except ValueError:
        return element


def _chosen(field: Field, options: list[Json], hint: str) -> Json:
    element = _picker("select_static", field.name, field, hint) | {"options": options}
    standing = _one(field)
    return element | {"initial_option": standing} if any(one["value"] == standing for one in options) else element


def _several(field: Field, options: list[Json], hint: str) -> Json:
    wanted = field.value if isinstance(field.value, tuple) else (field.value,)
    chosen = [one["value"] for one in options if one["value"] in wanted]
    element = _picker("multi_select_static", field.name, field, hint) | {"options": options}
    return element | {"selected_values": chosen} if chosen else element


def _person(field: Field, hint: str) -> Json:
    """One of the candidates. Without any Feishu would offer the members of the chat: the reader and the bot."""
    accounts = _accounts(field)
    options = [{"value": user} for user in accounts]
    element = _picker("select_person", f"{field.name}{PERSON}", field, hint) | {"options": options}
    standing = _account(_one(field))
    return element | {"initial_option": standing} if standing in accounts else element


def _picker(tag: str, name: str, field: Field, hint: str) -> Json:
    placeholder = of.plain(hint, of.PLACEHOLDER)
    return {"tag": tag, "name": name, "required": field.required, "width": "fill", "placeholder": placeholder}


def _accounts(field: Field) -> list[str]:
    """The candidates among the options that are accounts here, a hundred of them."""
    return list(dict.fromkeys(filter(None, (_account(given) for given, _ in field.options))))[:CANDIDATES]


def _account(given: str) -> str:
    """The open_id in "@ou_…" or "ou_…", "" if it is none."""
    user = given.removeprefix("@")
    return user if user.startswith("ou_") and user.isascii() and user.replace("_", "").isalnum() else ""


def _one(field: Field) -> str:
    return field.value if isinstance(field.value, str) else ", ".join(field.value)
