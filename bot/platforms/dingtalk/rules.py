"""Whether DingTalk will take what is sent: every property known, every limit kept; told before it would refuse."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from bot.platforms.dingtalk.forms import ABOUT, FIELDS
from bot.platforms.dingtalk.shapes import BUTTONS, NAME, PARAM, SEND, Robot, Template, read, size, typed
from bot.platforms.dingtalk.template import VARIABLES

# https://open.dingtalk.com/document/orgapp/create-and-deliver-cards: a name has 100 bytes, a value 1 KB.
VALUE = 1024
PUBLIC = frozenset({"title", "markdown", "tips", "sys_full_json_obj"})
BUTTON = frozenset({"text", "url", "iosUrl", "color", "id", "request", "params"})
COLORS = frozenset({"blue", "gray", "red"})
SCHEMES = ("https://", "http://", "dtmd://dingtalkclient/sendMessage?content=", "dingtalk://dingtalkclient/page/link?")
ITEMS = frozenset({"TEXT", "TEXT_AREA", "NUMBER", "DATE", "SELECT", "MULTI_SELECT"})
ITEM = frozenset(
    {"name", "label", "type", "hidden", "required", "placeholder", "defaultValue", "options", "minRows", "format"}
)
LISTS = frozenset({"SELECT", "MULTI_SELECT"})
CARDS = {f"sampleActionCard{n}": n for n in range(2, 6)}
NEEDED: Mapping[str, frozenset[str]] = {
    "sampleText": frozenset({"content"}),
    "sampleMarkdown": frozenset({"title", "text"}),
    "sampleImageMsg": frozenset({"photoURL"}),
    "sampleActionCard": frozenset({"title", "text", "singleTitle", "singleURL"}),
    **{
        key: frozenset(
            {"title", "text", *(f"action{part}{at}" for part in ("Title", "URL") for at in range(1, most + 1))}
        )
        for key, most in CARDS.items()
    },
}


class Unfit(Exception):
    """DingTalk would refuse it: where and why, never what anybody wrote."""


def check_template(template: Template, *, form: bool = False) -> None:
    """Raises Unfit for the first thing of a card that DingTalk would refuse, or that no client would show."""
    known = frozenset(VARIABLES) if form else PUBLIC
    _need(template.title.strip(), "title", "blank")
    for name, value in template.params.items():
        _need(name in known, name, "unknown value")
        _need(isinstance(value, str), name, "text expected")
        _need(size(name) <= NAME and size(value) <= VALUE, name, "too long")
    if form:
        _form(_json(template.params, "form"))
        _need(template.params["form_status"] in ("normal", "disabled"), "form_status", "unknown")
    else:
        _row(_json(template.params, "sys_full_json_obj"))


def check_robot(robot: Robot) -> None:
    """Raises Unfit for the first thing of a robot's message that DingTalk would refuse."""
    needed = NEEDED.get(robot.key)
    if needed is None:
        raise Unfit(f"{robot.key[:40]}: unknown key")
    _need(frozenset(robot.param) == needed, robot.key, "other names than needed")
    for name, value in robot.param.items():
        _need(isinstance(value, str) and value.strip(), name, "blank")
        if name.lower().endswith("url") and name != "photoURL":
            _address(value, name)
    _need(size(json.dumps(robot.param, ensure_ascii=False)) <= PARAM, robot.key, "too long")


def _need(holds: object, path: str, text: str) -> None:
    if not holds:
        raise Unfit(f"{path}: {text}")


def _json(params: Mapping[str, str], name: str) -> Any:
    try:
        return json.loads(params.get(name, ""))
    except ValueError:
        raise Unfit(f"{name}: no JSON") from None


def _row(row: Any) -> None:
    _need(isinstance(row, dict) and set(row) == {"msgButtons"}, "sys_full_json_obj", "msgButtons expected")
    buttons = row["msgButtons"]
    _need(isinstance(buttons, list) and len(buttons) <= BUTTONS, "msgButtons", "too many")
    for at, one in enumerate(buttons):
        path = f"msgButtons[{at}]"
        _need(set(one) <= BUTTON, path, "unknown property")
        _need(str(one.get("text", "")).strip(), path, "no text")
        _need(one.get("color") in COLORS, path, "unknown colour")
        if "url" in one:
            _address(one["url"], path)
        else:
            _need(one.get("request") is True, path, "neither address nor request")
            _token(one.get("id", ""), path)


def _address(url: str, path: str) -> None:
    _need(url.startswith(SCHEMES), path, "unknown scheme")
    if url.startswith(SEND):
        _need(typed(unquote(url.removeprefix(SEND))), path, "sends no button")


def _token(token: str, path: str) -> None:
    try:
        read(token)
    except ValueError:
        raise Unfit(f"{path}: no button") from None


def _form(form: Any) -> None:
    _need(isinstance(form, dict) and set(form) == {"fields"}, "form", "fields expected")
    fields = form["fields"]
    _need(1 <= len(fields) <= FIELDS + 1, "form", "too many fields")
    _need(len({one.get("name") for one in fields}) == len(fields), "form", "names are not unique")
    about = [one for one in fields if one.get("name") == ABOUT]
    _need(about, "form", "says not what it is about")
    _token(about[0].get("defaultValue", ""), "form")
    for one in fields:
        _item(one)


def _item(one: Mapping[str, Any]) -> None:
    path = f"form.{str(one.get('name'))[:40]}"
    _need(set(one) <= ITEM and {"name", "label", "type"} <= set(one), path, "other properties than known")
    _need(one["type"] in ITEMS, path, "unknown type")
    _need(str(one["label"]).strip(), path, "no label")
    if one["type"] not in LISTS:
        return
    options = one.get("options", [])
    values = [option["value"] for option in options]
    _need(options and len(set(values)) == len(values), path, "options are not unique")
    _need(all(set(option) == {"value", "text"} and option["text"].strip() for option in options), path, "options")
    standing = one.get("defaultValue")
    if standing is not None:
        chosen = standing["index"] if isinstance(standing["index"], list) else [standing["index"]]
        said = standing["value"] if isinstance(standing["value"], list) else [standing["value"]]
        _need([values[at] for at in chosen] == said, path, "index and value differ")
