"""Buttons beyond a row's worth: what goes into Slack's overflow menu, and what a press on any element carries."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards import Action, Button, Style
from bot.platforms.slack.limits import OPTION, size
from bot.platforms.slack.spans import Json, plain

ROW = 5  # elements that stay what they are; in this order a card names what matters first
FEWEST, MOST = 2, 5  # options of one menu
WORTH = 75  # characters of an option's value: the narrower of the two limits that Slack's own pages name
MORE, UNREADABLE = "slack.more", "slack.unreadable"
_BETWEEN = "@"


def split(actions: Sequence[Action]) -> tuple[Sequence[Action], Sequence[Button]]:
    """What stays in the row, and the buttons that go into the menu, both in order: the last ones that are plain and ask
    nothing back; never one of the first row, none if they would be fewer than two."""
    if len(actions) < ROW + FEWEST:
        return actions, []
    found = {at: one for at, one in enumerate(actions) if at >= ROW and isinstance(one, Button) and _modest(one)}
    more = dict(list(found.items())[-MOST:]) if len(found) >= FEWEST else {}
    return [one for at, one in enumerate(actions) if at not in more], list(more.values())


def menu(buttons: Sequence[Button]) -> Json:
    """The overflow element; each option carries its own action."""
    options = [{"text": plain(one.label, OPTION), "value": _packed(one)} for one in buttons]
    return {"type": "overflow", "action_id": MORE, "options": options}


def pressed(element: Mapping[str, Any]) -> tuple[str, object, bool] | None:
    """Action, what it carries ("subject:version", and ":value" of a choice) and whether it is a choice; None for what
    asks nothing of us: a link, a deselected option, an input inside a modal."""
    name = element["action_id"].partition("#")[0]
    option = element.get("selected_option") or {}
    match element["type"]:
        case "button":
            found = name, element.get("value"), False
        case "static_select":
            found = name, option.get("value"), True
        case "overflow":
            found = *_unpacked(option.get("value")), False
        case _:
            return None
    return found if "." in found[0] and found[1] is not None else None


def _modest(button: Button) -> bool:
    calm = button.style is Style.PLAIN and not button.confirm
    return calm and size(_packed(button)) <= WORTH and size(button.label) <= OPTION


def _packed(button: Button) -> str:
    return f"{button.action}{_BETWEEN}{button.subject}:{button.version}"


def _unpacked(value: object) -> tuple[str, object]:
    name, between, carried = value.partition(_BETWEEN) if isinstance(value, str) else ("", "", "")
    return (name, carried) if between and "." in name else (UNREADABLE, "")
