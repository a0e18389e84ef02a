"""What Slack refuses in texts, options, dialogs and rich text: the parts that blocks and elements are made of."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
# Tokens of a date: the doc comment of RichTextDate in @slack/types.
TOKENS = frozenset(
    [
        "date_num",
        "date_slash",
        "date",
        "date_short",
        "date_long",
        "date_long_full",
        "date_pretty",
        "date_short_pretty",
        "date_long_pretty",
        "day_divider_pretty",
        "time",
        "time_secs",
        "ago",
    ]
)
_TOKEN = re.compile(r"\{([^{}]*)\}")


class Wrong(Exception):
    """Something Slack refuses; the text says what and where."""


def units(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def need(holds: object, what: str) -> None:
    """Raises Wrong unless it holds."""
    if not holds:
        raise Wrong(what)


def kind(thing: Json) -> str:
    """Its type."""
    return str(thing.get("type"))


def only(thing: Json, *keys: str) -> None:
    """No unknown keys."""
    unknown = set(thing) - {"type", "block_id", "action_id", *keys}
    need(not unknown, f"unknown key in {kind(thing)}: {sorted(unknown)}")


def said(text: object, most: int, what: str, least: int = 1) -> None:
    """A string of so many characters, not blank."""
    fits = isinstance(text, str) and (text.strip() or not least) and least <= units(text) <= most
    need(fits, f"{what} is {least}..{most} characters")


def plain(text: object, most: int, what: str) -> None:
    """A plain_text object of at most so many characters."""
    need(isinstance(text, Mapping) and text.get("type") == "plain_text", f"{what} is plain_text")
    worded(text, most, what)


def worded(text: object, most: int, what: str) -> None:
    """A plain_text or mrkdwn object of at most so many characters."""
    need(isinstance(text, Mapping) and kind(text) in ("plain_text", "mrkdwn"), f"{what} is a text object")
    assert isinstance(text, Mapping)
    only(text, "text", "emoji" if kind(text) == "plain_text" else "verbatim")
    said(text.get("text"), most, what)


def identity(thing: Json, name: str) -> None:
    """An action_id or block_id of 1 to 255 characters, where there is one."""
    said(thing.get(name, "x"), 255, name)


def confirmed(element: Json) -> None:
    """The dialog before an action, where there is one."""
    if (dialog := element.get("confirm")) is None:
        return
    need(isinstance(dialog, Mapping) and not set(dialog) - {"title", "text", "confirm", "deny", "style"}, "confirm")
    plain(dialog.get("title"), 100, "confirm title")
    worded(dialog.get("text"), 300, "confirm text")
    plain(dialog.get("confirm"), 30, "confirm confirm")
    if "deny" in dialog:
        plain(dialog["deny"], 30, "confirm deny")
    need(dialog.get("style", "primary") in ("primary", "danger"), "confirm style")


def options(element: Json) -> Iterator[Json]:
    """Every option of a select or a menu."""
    for group in element.get("option_groups", [element]):
        yield from group["options"]


def chosen(element: Json, least: int, most: int) -> None:
    """The options of an element: how many, each of them, and that what is chosen is one of them."""
    groups = element.get("option_groups", [])
    need(len(groups) <= 100 and ("options" in element) != ("option_groups" in element), "options or 1..100 groups")
    for group in groups:
        need(not set(group) - {"label", "options"}, "unknown key in group")
        plain(group["label"], 75, "group")
    for group in groups or [element]:
        need(least <= len(group["options"]) <= most, f"{least}..{most} options")
    given = list(options(element))
    for option in given:
        _option(option, linked=kind(element) == "overflow")
    wanted = [*element.get("initial_options", []), *filter(None, [element.get("initial_option")])]
    need(all(one in given for one in wanted), "initial option is one of the options")


def _option(option: Json, *, linked: bool) -> None:
    need(not set(option) - {"text", "value", "description", *(["url"] if linked else [])}, "unknown key in option")
    plain(option["text"], 75, "option")
    need(isinstance(option["value"], str) and 0 < units(option["value"]) <= 150, "option value 1..150")
    if "description" in option:
        plain(option["description"], 75, "option description")
    said(option.get("url", "x"), 3000, "option url")


def rich(block: Json) -> None:
    """A rich_text block, or a cell that is one."""
    only(block, "elements")
    need(block["elements"], "rich_text elements")
    for part in block["elements"]:
        need(kind(part) in PARTS, f"rich_text part {kind(part)}")
        only(part, "elements", *PARTS[kind(part)])
        need(part["elements"], f"empty {kind(part)}")
        for element in part["elements"]:
            _listed(element) if kind(part) == "rich_text_list" else _inline(element)


def _listed(section: Json) -> None:
    need(kind(section) == "rich_text_section" and section["elements"], "a list holds sections")
    for element in section["elements"]:
        _inline(element)


def _inline(element: Json) -> None:
    need(kind(element) in INLINE, f"rich text element {kind(element)}")
    only(element, "style", *INLINE[kind(element)])
    style = element.get("style", {})
    need(not set(style) - {"bold", "italic", "strike", "code", "underline"}, "rich text style")
    match kind(element):
        case "text":
            need(isinstance(element["text"], str) and 0 < units(element["text"]) <= 3000, "rich text 1..3000")
        case "link":
            _linked(element)
        case "date":
            _dated(element)


def _linked(element: Json) -> None:
    said(element["url"], 3000, "link url")
    need(element["url"].startswith(("http://", "https://")), "link url")
    need("text" not in element or element["text"], "link text")


def _dated(element: Json) -> None:
    at = element["timestamp"]
    need(isinstance(at, int) and not isinstance(at, bool), "timestamp must be an integer")
    found = _TOKEN.findall(element["format"])
    need(found and set(found) <= TOKENS, "date format")
    said(element.get("fallback", "x"), 3000, "date fallback")


PARTS: Mapping[str, tuple[str, ...]] = {
    "rich_text_section": (),
    "rich_text_preformatted": ("border",),
    "rich_text_quote": ("border",),
    "rich_text_list": ("style", "indent", "offset", "border"),
}
INLINE: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "link": ("text", "url", "unsafe"),
    "date": ("timestamp", "format", "fallback", "url"),
    "emoji": ("name", "unicode"),
    "user": ("user_id",),
}
