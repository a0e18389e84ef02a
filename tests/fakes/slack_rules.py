"""What Slack refuses in blocks and views: structure, lengths, counts, surfaces, unique ids."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
SURFACES = {"table": ("message", "home"), "input": ("modal", "home")}
FOCUS = {"plain_text_input", "static_select", "multi_static_select", "users_select", "datepicker"}


class Wrong(Exception):
    """Something Slack refuses; the text says what and where."""


def units(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def need(holds: object, what: str) -> None:
    """Raises Wrong unless it holds."""
    if not holds:
        raise Wrong(what)


def check_message(blocks: list[Json]) -> None:
    """A message's blocks."""
    check_blocks(blocks, "message", 50)
    need(sum(kind(block) == "table" for block in blocks) <= 1, "one table a message")
    need(characters(blocks) <= 13_200, "msg_blocks_too_long")


def check_view(view: Json) -> None:
    """A modal or a home page."""
    need(view.get("type") in ("modal", "home"), "view type")
    need(len(view.get("private_metadata", "")) <= 3000, "private_metadata")
    need(len(view.get("callback_id", "")) <= 255, "callback_id")
    check_blocks(view["blocks"], str(view["type"]), 100)
    if view["type"] == "home":
        need("title" not in view and "submit" not in view, "home with a title")
        return
    plain(view.get("title"), 24, "title")
    for name in ("submit", "close"):
        if name in view:
            plain(view[name], 24, name)
    if any(kind(block) == "input" for block in view["blocks"]):
        need("submit" in view, "inputs need submit")
    focused = [block for block in view["blocks"] if block.get("element", {}).get("focus_on_load")]
    need(len(focused) <= 1, "one focus_on_load")


def check_blocks(blocks: object, surface: str, most: int) -> None:
    """A list of blocks on a surface."""
    need(isinstance(blocks, list) and len(blocks) <= most, "number of blocks")
    assert isinstance(blocks, list)
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    need(len(ids) == len(set(ids)) and all(0 < len(one) <= 255 for one in ids), "block_id unique, 1..255")
    for block in blocks:
        need(kind(block) in BLOCKS, f"block type {kind(block)}")
        need(surface in SURFACES.get(kind(block), ("message", "modal", "home")), f"{kind(block)} on {surface}")
        BLOCKS[kind(block)](block)


def characters(value: object) -> int:
    """All characters people see."""
    if isinstance(value, str):
        return units(value)
    if isinstance(value, Mapping):
        return sum(characters(part) for key, part in value.items() if key not in ("type", "block_id", "action_id"))
    return sum(map(characters, value)) if isinstance(value, list) else 0


def kind(thing: Json) -> str:
    """Its type."""
    return str(thing.get("type"))


def only(thing: Json, *keys: str) -> None:
    """No unknown keys."""
    unknown = set(thing) - {"type", "block_id", "action_id", *keys}
    need(not unknown, f"unknown key in {kind(thing)}: {sorted(unknown)}")


def plain(text: object, most: int, what: str) -> None:
    """A plain_text object of at most so many characters."""
    need(isinstance(text, Mapping) and text.get("type") == "plain_text", f"{what} is plain_text")
    assert isinstance(text, Mapping)
    only(text, "text", "emoji")
    said = text.get("text")
    need(isinstance(said, str) and said.strip() and units(said) <= most, f"{what} is 1..{most} characters")


def _header(block: Json) -> None:
    only(block, "text")
    plain(block["text"], 150, "header")


def _section(block: Json) -> None:
    only(block, "text", "fields", "accessory")
    need("text" in block or block.get("fields"), "section with text or fields")
    if kind(block["text"]) == "plain_text":
        plain(block["text"], 3000, "section")
    else:
        need(0 < units(block["text"]["text"]) <= 3000, "section is 1..3000 characters")


def _context(block: Json) -> None:
    only(block, "elements")
    need(1 <= len(block["elements"]) <= 10, "context elements")
    for element in block["elements"]:
        need(kind(element) in ("plain_text", "mrkdwn", "image"), "context element")
        if kind(element) == "plain_text":
            plain(element, 3000, "context")


def _divider(block: Json) -> None:
    only(block)


def _image(block: Json) -> None:
    only(block, "alt_text", "title", "slack_file", "image_url")
    need(isinstance(block.get("alt_text"), str) and 0 < units(block["alt_text"]) <= 2000, "alt_text 1..2000")
    need(("slack_file" in block) != ("image_url" in block), "slack_file or image_url")


def _rich_text(block: Json) -> None:
    only(block, "elements")
    need(block["elements"], "rich_text elements")
    for section in block["elements"]:
        need(kind(section) in ("rich_text_section", "rich_text_preformatted"), "rich_text section")
        need(section["elements"], "empty rich_text_section")
        for element in section["elements"]:
            _rich_element(element)


def _rich_element(element: Json) -> None:
    need(kind(element) in ("text", "link", "emoji", "user", "date"), f"rich text element {kind(element)}")
    if kind(element) == "text":
        only(element, "text", "style")
        need(isinstance(element["text"], str) and 0 < units(element["text"]) <= 3000, "rich text 1..3000")
    if kind(element) == "link":
        only(element, "text", "url", "style")
        need(element["url"].startswith(("http://", "https://")) and units(element["url"]) <= 3000, "link url")


def _table(block: Json) -> None:
    only(block, "rows", "column_settings")
    rows = block["rows"]
    need(1 <= len(rows) <= 100, "table rows 1..100")
    need(len({len(row) for row in rows}) == 1 and 1 <= len(rows[0]) <= 20, "table columns 1..20, all rows alike")
    need(len(block.get("column_settings", [])) <= len(rows[0]), "column_settings")
    for row in rows:
        for cell in row:
            need(kind(cell) in ("raw_text", "rich_text"), "table cell")
            need(kind(cell) != "raw_text" or cell["text"], "empty table cell")
    need(characters(rows) <= 10_000, "table characters")


def _actions(block: Json) -> None:
    only(block, "elements")
    elements = block["elements"]
    need(1 <= len(elements) <= 25, "actions 1..25")
    ids = [element["action_id"] for element in elements]
    need(len(ids) == len(set(ids)), "action_id unique in its block")
    for element in elements:
        need(0 < len(element["action_id"]) <= 255, "action_id 1..255")
        need(kind(element) in ELEMENTS, f"action element {kind(element)}")
        ELEMENTS[kind(element)](element)


def _input(block: Json) -> None:
    only(block, "label", "element", "optional", "hint", "dispatch_action")
    plain(block["label"], 2000, "label")
    if "hint" in block:
        plain(block["hint"], 2000, "hint")
    element = block["element"]
    need(kind(element) in ELEMENTS and kind(element) != "button", f"input element {kind(element)}")
    need(0 < len(element["action_id"]) <= 255, "action_id 1..255")
    need(not element.get("focus_on_load") or kind(element) in FOCUS, f"focus_on_load on {kind(element)}")
    ELEMENTS[kind(element)](element)


def _button(element: Json) -> None:
    only(element, "text", "value", "url", "style", "confirm", "accessibility_label")
    plain(element["text"], 75, "button")
    need(units(element.get("value", "")) <= 2000, "value 2000")
    need(units(element.get("url", "")) <= 3000, "url 3000")
    need(element.get("style", "primary") in ("primary", "danger"), "button style")
    if "confirm" in element:
        for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            if name in element["confirm"] or name != "deny":
                plain(element["confirm"].get(name), most, f"confirm {name}")


def options(element: Json) -> Iterator[Json]:
    """Every option of a select."""
    for group in element.get("option_groups", [element]):
        yield from group["options"]


def _select(element: Json) -> None:
    only(element, "placeholder", "options", "option_groups", "initial_option", "initial_options", "focus_on_load")
    if "placeholder" in element:
        plain(element["placeholder"], 150, "placeholder")
    need(("options" in element) != ("option_groups" in element), "options or option_groups")
    groups = element.get("option_groups", [])
    need(len(groups) <= 100, "100 groups")
    for group in groups:
        plain(group["label"], 75, "group")
    for group in groups or [element]:
        need(1 <= len(group["options"]) <= 100, "1..100 options")
    given = list(options(element))
    for option in given:
        plain(option["text"], 75, "option")
        need(0 < units(option["value"]) <= 150, "option value 1..150")
    for chosen in [*element.get("initial_options", []), *filter(None, [element.get("initial_option")])]:
        need(chosen in given, "initial option is one of the options")


def _typed(element: Json) -> None:
    only(element, "multiline", "max_length", "min_length", "initial_value", "placeholder", "focus_on_load")
    need(1 <= element.get("max_length", 3000) <= 3000, "max_length 1..3000")
    need(units(element.get("initial_value", "")) <= element.get("max_length", 3000), "initial_value too long")


def _dated(element: Json) -> None:
    only(element, "initial_date", "placeholder", "focus_on_load")
    day = element.get("initial_date", "2000-01-01")
    need(len(day) == 10 and day[4] == day[7] == "-", "initial_date YYYY-MM-DD")


def _user(element: Json) -> None:
    only(element, "initial_user", "placeholder", "focus_on_load")
    need(element.get("initial_user", "U").startswith(("U", "W")), "initial_user")


def _files(element: Json) -> None:
    only(element, "max_files", "filetypes")
    need(1 <= element.get("max_files", 10) <= 10, "max_files 1..10")


Check = Callable[[Json], None]
BLOCKS: Mapping[str, Check] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "image": _image,
    "rich_text": _rich_text,
    "table": _table,
    "actions": _actions,
    "input": _input,
}
ELEMENTS: Mapping[str, Check] = {
    "button": _button,
    "static_select": _select,
    "multi_static_select": _select,
    "plain_text_input": _typed,
    "datepicker": _dated,
    "users_select": _user,
    "file_input": _files,
}
