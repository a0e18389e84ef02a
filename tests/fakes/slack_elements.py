"""What Slack refuses in the elements of blocks: buttons, menus, inputs, each with its own limits."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from math import isfinite

from tests.fakes.slack_texts import Json, chosen, confirmed, identity, kind, need, only, plain, said, units

FOCUS = frozenset(
    [
        "plain_text_input",
        "number_input",
        "static_select",
        "multi_static_select",
        "users_select",
        "multi_users_select",
        "datepicker",
        "timepicker",
        "datetimepicker",
        "checkboxes",
        "radio_buttons",
    ]
)
# Where an element may stand: the element pages of Slack's reference.
PRESSED = frozenset(
    ["button", "static_select", "users_select", "overflow", "datepicker", "timepicker", "checkboxes", "radio_buttons"]
)
BESIDE = PRESSED | {"multi_static_select", "multi_users_select", "image"}
ASKED = frozenset(
    [
        "plain_text_input",
        "number_input",
        "static_select",
        "multi_static_select",
        "users_select",
        "multi_users_select",
        "datepicker",
        "timepicker",
        "datetimepicker",
        "checkboxes",
        "radio_buttons",
        "file_input",
    ]
)


def check_element(element: Json, where: frozenset[str]) -> None:
    """An element that may stand there."""
    need(kind(element) in where and kind(element) in ELEMENTS, f"element {kind(element)}")
    identity(element, "action_id")
    need(not element.get("focus_on_load") or kind(element) in FOCUS, f"focus_on_load on {kind(element)}")
    if "placeholder" in element:
        plain(element["placeholder"], 150, "placeholder")
    confirmed(element)
    ELEMENTS[kind(element)](element)


def _button(element: Json) -> None:
    only(element, "text", "value", "url", "style", "confirm", "accessibility_label")
    plain(element["text"], 75, "button")
    said(element.get("value", ""), 2000, "value", 0)
    said(element.get("url", ""), 3000, "url", 0)
    said(element.get("accessibility_label", "x"), 75, "accessibility_label")
    need(element.get("style", "primary") in ("primary", "danger"), "button style")


def _overflow(element: Json) -> None:
    only(element, "options", "confirm")
    chosen(element, 2, 5)


def _select(element: Json) -> None:
    initial = "initial_options" if kind(element).startswith("multi") else "initial_option"
    only(element, "placeholder", "options", "option_groups", initial, "focus_on_load", "confirm", "max_selected_items")
    chosen(element, 1, 100)
    need(initial not in element or element[initial], "initial options are not empty")


def _boxes(element: Json) -> None:
    initial = "initial_options" if kind(element) == "checkboxes" else "initial_option"
    only(element, "options", initial, "focus_on_load", "confirm")
    chosen(element, 1, 10)


def _typed(element: Json) -> None:
    only(element, "multiline", "max_length", "min_length", "initial_value", "placeholder", "focus_on_load")
    most, least = element.get("max_length", 3000), element.get("min_length", 0)
    need(1 <= most <= 3000, "max_length 1..3000")
    need(0 <= least <= most, "min_length 0..max_length")
    need(units(element.get("initial_value", "")) <= most, "initial_value too long")


def _number(element: Json) -> None:
    only(element, "is_decimal_allowed", "initial_value", "min_value", "max_value", "placeholder", "focus_on_load")
    need(isinstance(element.get("is_decimal_allowed"), bool), "is_decimal_allowed")
    given = {name: element[name] for name in ("initial_value", "min_value", "max_value") if name in element}
    for name, value in given.items():
        need(isinstance(value, str) and counts(value, decimal=element["is_decimal_allowed"]), f"{name} is a number")
    bounds = [float(given[name]) for name in ("min_value", "max_value") if name in given]
    need(bounds == sorted(bounds), "min_value is not above max_value")


def counts(value: str, *, decimal: bool) -> bool:
    """Whether Slack's own field for numbers takes it: plain digits, with one point where decimals are allowed."""
    plain_digits = re.fullmatch(r"-?[0-9]+" + (r"(\.[0-9]+)?" if decimal else ""), value, re.ASCII)
    return plain_digits is not None and isfinite(float(value))


def _dated(element: Json) -> None:
    only(element, "initial_date", "placeholder", "focus_on_load", "confirm")
    day = element.get("initial_date", "2000-01-01")
    try:
        need(len(day) == 10 and date.fromisoformat(day), "initial_date YYYY-MM-DD")
    except ValueError:
        need(holds=False, what="initial_date YYYY-MM-DD")


def _timed(element: Json) -> None:
    only(element, "initial_time", "placeholder", "focus_on_load", "confirm", "timezone")
    need(re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", element.get("initial_time", "00:00")), "initial_time HH:mm")


def _instant(element: Json) -> None:
    only(element, "initial_date_time", "focus_on_load", "confirm")
    at = element.get("initial_date_time", 10**9)
    need(isinstance(at, int) and len(str(at)) == 10, "initial_date_time in seconds")


def _user(element: Json) -> None:
    initial = "initial_users" if kind(element).startswith("multi") else "initial_user"
    only(element, initial, "placeholder", "focus_on_load", "confirm", "max_selected_items")
    given = element.get(initial, [])
    for user in [given] if isinstance(given, str) else given:
        need(user.startswith(("U", "W")), "initial_user")


def _files(element: Json) -> None:
    only(element, "max_files", "filetypes")
    need(1 <= element.get("max_files", 10) <= 10, "max_files 1..10")
    need("filetypes" not in element or element["filetypes"], "filetypes is not empty")


def _picture(element: Json) -> None:
    only(element, "alt_text", "slack_file", "image_url")
    said(element.get("alt_text"), 2000, "alt_text")
    need(("slack_file" in element) != ("image_url" in element), "slack_file or image_url")
    said(element.get("image_url", "x"), 3000, "image_url")


ELEMENTS: Mapping[str, Callable[[Json], None]] = {
    "button": _button,
    "overflow": _overflow,
    "static_select": _select,
    "multi_static_select": _select,
    "checkboxes": _boxes,
    "radio_buttons": _boxes,
    "plain_text_input": _typed,
    "number_input": _number,
    "datepicker": _dated,
    "timepicker": _timed,
    "datetimepicker": _instant,
    "users_select": _user,
    "multi_users_select": _user,
    "file_input": _files,
    "image": _picture,
}
