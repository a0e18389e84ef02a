"""Sheet → one form card of the operator's form template, and what was filled in back into answers.

Its button binds nothing but the form, so what the form is about rides in a hidden field; nothing in it is authority.
"""

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from bot.events import Answers
from bot.forms import Field, Kind, Sheet
from bot.platforms.dingtalk.markdown import escaped, line
from bot.platforms.dingtalk.shapes import (
    HEADING,
    TITLE,
    VALUE,
    Json,
    Pressed,
    Template,
    cut,
    dumped,
    read,
    short,
    size,
    whole,
)
from bot.text import texts

ABOUT, NONE, EMPTY = "_", "__none__", "–"
FIELDS = 10
NAME, HINT, OPTION, SUBMIT = 100, 60, 100, 30
NORMAL, DISABLED = "normal", "disabled"
NO_ERRORS: Mapping[str, str] = {}


def fits(sheet: Sheet) -> bool:
    """Whether a card can ask all of it; what is longer is asked one question at a time."""
    return len(sheet.fields) <= FIELDS and size(_form(sheet)) <= VALUE


def card(sheet: Sheet, locale: str, message: str = "", errors: Mapping[str, str] = NO_ERRORS) -> Template:
    """The values of the form template; `message` stands above the form."""
    above = "  \n".join([*([escaped(message)] if message else []), *_told(sheet, errors)])
    params = {
        "title": short(sheet.title, HEADING),
        "form": _form(sheet),
        "form_btn_text": short(sheet.submit, SUBMIT),
        "form_status": NORMAL,
        "notice": _limited(above),
    }
    return Template(params, short(sheet.title, TITLE) or texts(locale)("Form"))


def refused(errors: Mapping[str, str], locale: str, sheet: Sheet | None = None) -> Mapping[str, str]:
    """What an open form card is told by key: why it was refused; what was typed stays in it."""
    said = _limited("  \n".join(_told(sheet, errors)) or escaped(texts(locale)("Please look at the answers again.")))
    return {"notice": said, "form_status": NORMAL}


def closed(title: str, told: str, locale: str) -> Mapping[str, str]:
    """What a form card is told by key once it was taken."""
    done = texts(locale)("Done")
    return {
        "title": short(title, HEADING) or done,
        "notice": _limited(escaped(told or done)),
        "form_status": DISABLED,
        "form_btn_text": short(done, SUBMIT),
    }


def submitted(private: Mapping[str, object]) -> bool:
    """Whether a card callback's `cardPrivateData` is a filled form, not a button."""
    return bool(_filled(private))


def pressed(private: Mapping[str, object]) -> Pressed:
    """What the form is about; ValueError for what we never asked."""
    about = _filled(private).get(ABOUT)
    if not isinstance(about, str):
        raise ValueError("form")
    return read(about)


def answers(private: Mapping[str, object]) -> Answers:
    """What was filled in, by field name; ValueError for a shape that DingTalk does not send."""
    return {name: _answer(given) for name, given in _filled(private).items() if name != ABOUT}


def _filled(private: Mapping[str, object]) -> Mapping[str, Any]:
    params = private.get("params")
    form = (params if isinstance(params, Mapping) else private).get("form")
    return form if isinstance(form, Mapping) else {}


def _answer(given: object) -> str | tuple[str, ...]:
    match given:
        case {"value": list(chosen)}:
            return tuple(_one(part) for part in chosen)
        case {"value": chosen}:
            return _one(chosen)
        case list(parts):
            return tuple(_one(part) for part in parts)
        case _:
            return _one(given)


def _one(given: object) -> str:
    """A text; numbers come as numbers."""
    if given is None or given == NONE:
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ValueError("answer")
    return str(int(given) if isinstance(given, float) and given.is_integer() else given)


def _told(sheet: Sheet | None, errors: Mapping[str, str]) -> list[str]:
    """A line for each error, after the label of its field."""
    labels = {field.name: field.label for field in sheet.fields} if sheet else {}
    pairs = [(short(labels.get(name, ""), NAME), said) for name, said in errors.items()]
    return [line(escaped(short(f"{label}: {said}" if label else said, 200))) for label, said in pairs]


def _limited(said: str) -> str:
    """At most the bytes of a value; what does not fit is cut."""
    while size(said) > VALUE:
        said = cut(said, len(said) * 4 // 5)
    return said


def _form(sheet: Sheet) -> str:
    """The form's JSON: its fields, and hidden among them what it is about."""
    about = Pressed(sheet.action, sheet.subject, sheet.version).token
    hidden = {"name": ABOUT, "label": ABOUT, "type": "TEXT", "hidden": True, "defaultValue": about}
    return dumped({"fields": [hidden, *(_field(field) for field in sheet.fields)]})


def _field(field: Field) -> Json:
    made: Json = {"name": field.name, "label": short(field.label, NAME) or EMPTY, **_kind(field)}
    if field.required:
        made["required"] = True
    if field.hint.strip():
        made["placeholder"] = short(field.hint, HINT)
    return made


def _kind(field: Field) -> Json:
    match field.kind:
        case Kind.CHOICES if field.options:
            return _several(field)
        case Kind.CHOICE | Kind.PERSON if field.options:
            return _chosen(field)
        case Kind.LONG:
            return _typed("TEXT_AREA", field) | {"minRows": 3}
        case Kind.NUMBER:
            return _typed("NUMBER", field)
        case Kind.DATE:
            return _typed("DATE", field) | {"format": "yyyy-MM-dd"}
        case Kind.SHORT | Kind.CHOICE | Kind.CHOICES | Kind.PERSON | Kind.ATTACHMENT:
            return _typed("TEXT", field)
        case _:
            assert_never(field.kind)


def _typed(kind: str, field: Field) -> Json:
    standing = whole(field.value if isinstance(field.value, str) else ", ".join(field.value))
    return {"type": kind, "defaultValue": standing} if standing else {"type": kind}


def _options(field: Field) -> list[Json]:
    """An answer that may be empty is one of the options: a list cannot be emptied again."""
    none = [(NONE, EMPTY)] if field.clears and field.kind is not Kind.CHOICES else []
    return [{"value": whole(value), "text": short(label, OPTION) or EMPTY} for value, label in [*none, *field.options]]


def _chosen(field: Field) -> Json:
    options = _options(field)
    found = _indexes(options, (field.value,) if isinstance(field.value, str) else field.value)[:1]
    standing = {"defaultValue": {"index": found[0], "value": options[found[0]]["value"]}} if found else {}
    return {"type": "SELECT", "options": options, **standing}


def _several(field: Field) -> Json:
    options = _options(field)
    found = _indexes(options, (field.value,) if isinstance(field.value, str) else field.value)
    chosen = {"index": found, "value": [options[at]["value"] for at in found]}
    return {"type": "MULTI_SELECT", "options": options, **({"defaultValue": chosen} if found else {})}


def _indexes(options: Sequence[Json], wanted: Sequence[str]) -> list[int]:
    return [at for at, option in enumerate(options) if option["value"] in wanted]
