"""What Slack refuses in blocks and views: structure, lengths, counts, surfaces, unique ids.

From the reference of Block Kit and the doc comments of @slack/types; where they are silent, from packages that check
blocks. What the vendor's own models say of the same comes on top.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import isfinite
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.fakes.slack_elements import ASKED, BESIDE, PRESSED, check_element
from tests.fakes.slack_texts import (
    Json,
    Wrong,
    identity,
    kind,
    need,
    only,
    options,
    plain,
    rich,
    said,
    units,
    worded,
)

__all__ = ["Json", "Wrong", "check_message", "check_view", "options", "units"]

# The chart block is named for messages by those who use it, for home pages only by one package: refused there.
SURFACES = {"table": ("message", "home"), "input": ("modal", "home"), "data_visualization": ("message",)}
UNMODELLED = ("data_visualization",)  # slack_sdk 3.47 does not know it yet
VIEW = frozenset(
    [
        "type",
        "title",
        "blocks",
        "close",
        "submit",
        "private_metadata",
        "callback_id",
        "clear_on_close",
        "notify_on_close",
        "external_id",
    ]
)


def check_message(blocks: Sequence[Json], *, models: bool = True) -> None:
    """A message's blocks; `models`: by the vendor's models as well, which takes most of the time."""
    check_blocks(blocks, "message", 50)
    need(sum(kind(block) == "table" for block in blocks) <= 1, "one table a message")
    need(sum(kind(block) == "data_visualization" for block in blocks) <= 2, "two charts a message")
    need(characters(blocks) <= 13_200, "msg_blocks_too_long")
    if models:
        _modelled_all(blocks)


def check_view(view: Json, *, models: bool = True) -> None:
    """A modal or a home page."""
    need(view.get("type") in ("modal", "home"), "view type")
    need(not set(view) - VIEW, f"unknown key in view: {sorted(set(view) - VIEW)}")
    said(view.get("private_metadata", ""), 3000, "private_metadata", 0)
    said(view.get("callback_id", ""), 255, "callback_id", 0)
    said(view.get("external_id", ""), 255, "external_id", 0)
    check_blocks(view["blocks"], str(view["type"]), 100)
    focused = [block for block in view["blocks"] if block.get("element", {}).get("focus_on_load")]
    need(len(focused) <= 1, "one focus_on_load")
    if models:
        _modelled_all(view["blocks"])
        _agreed({**view, "blocks": [{"type": "divider"}]}, lambda bare: View(**bare))
    if view["type"] == "home":
        need(not {"title", "submit", "close"} & set(view), "home with a title")
        return
    plain(view.get("title"), 24, "title")
    for name in ("submit", "close"):
        if view.get(name) is not None:
            plain(view[name], 24, name)
    if any(kind(block) == "input" for block in view["blocks"]):
        need(view.get("submit"), "inputs need submit")


def check_blocks(blocks: object, surface: str, most: int) -> None:
    """A list of blocks on a surface."""
    need(isinstance(blocks, list) and len(blocks) <= most, "number of blocks")
    assert isinstance(blocks, list)
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    need(len(ids) == len(set(ids)), "block_id unique")
    for block in blocks:
        need(kind(block) in BLOCKS, f"block type {kind(block)}")
        need(surface in SURFACES.get(kind(block), ("message", "modal", "home")), f"{kind(block)} on {surface}")
        identity(block, "block_id")
        BLOCKS[kind(block)](block)


def characters(value: object) -> int:
    """All characters people see."""
    if isinstance(value, str):
        return units(value)
    if isinstance(value, Mapping):
        return sum(characters(part) for key, part in value.items() if key not in ("type", "block_id", "action_id"))
    return sum(map(characters, value)) if isinstance(value, list) else 0


def _modelled_all(blocks: Sequence[Json]) -> None:
    for block in blocks:
        if kind(block) not in UNMODELLED:
            _modelled(json.dumps(block))


@lru_cache(maxsize=4096)
def _modelled(block: str) -> None:
    """Half a millisecond for a block, so each is looked at once."""
    _agreed(json.loads(block), Block.parse)


def _agreed(given: Json, model: Callable[[Any], JsonObject | None]) -> None:
    made = model(given)
    need(made is not None, f"no model of {kind(given)}")
    assert made is not None
    try:
        _same(given, made.to_dict())
    except SlackObjectFormationError as wrong:
        raise Wrong(str(wrong)) from None


def _same(given: object, made: object) -> None:
    """What the models drop is unknown to them; what they add (a dialog's way out, empty lists) is no matter."""
    if isinstance(given, Mapping) and isinstance(made, Mapping):
        need(set(given) <= set(made) or not any(given[key] for key in set(given) - set(made)), f"unmodelled: {given}")
        for key in set(given) & set(made):
            _same(given[key], made[key])
    elif isinstance(given, list) and isinstance(made, list | tuple):
        need(len(given) == len(made), "unmodelled")
        for one, other in zip(given, made, strict=True):
            _same(one, other)
    else:
        need(given == made, f"unmodelled: {given}")


def _header(block: Json) -> None:
    only(block, "text")
    plain(block["text"], 150, "header")


def _section(block: Json) -> None:
    only(block, "text", "fields", "accessory", "expand")
    need("text" in block or block.get("fields"), "section with text or fields")
    if "text" in block:
        worded(block["text"], 3000, "section")
    need(len(block.get("fields", [])) <= 10, "fields 10")
    for field in block.get("fields", []):
        worded(field, 2000, "field")
    if "accessory" in block:
        check_element(block["accessory"], BESIDE)


def _context(block: Json) -> None:
    only(block, "elements")
    need(1 <= len(block["elements"]) <= 10, "context elements 1..10")
    for element in block["elements"]:
        if kind(element) == "image":
            check_element(element, frozenset({"image"}))
        else:
            worded(element, 3000, "context")


def _divider(block: Json) -> None:
    only(block)


def _image(block: Json) -> None:
    only(block, "alt_text", "title", "slack_file", "image_url")
    said(block.get("alt_text"), 2000, "alt_text")
    said(block.get("image_url", "x"), 3000, "image_url")
    if "title" in block:
        plain(block["title"], 2000, "image title")
    need(("slack_file" in block) != ("image_url" in block), "slack_file or image_url")


def _table(block: Json) -> None:
    only(block, "rows", "column_settings")
    rows = block["rows"]
    need(1 <= len(rows) <= 100, "table rows 1..100")
    need(len({len(row) for row in rows}) == 1 and 1 <= len(rows[0]) <= 20, "table columns 1..20, all rows alike")
    need(len(block.get("column_settings", [])) <= len(rows[0]), "column_settings")
    for setting in block.get("column_settings", []):
        need(not set(setting) - {"align", "is_wrapped"}, "column_settings")
        need(setting.get("align", "left") in ("left", "center", "right"), "column_settings")
    for cell in (cell for row in rows for cell in row):
        need(kind(cell) in ("raw_text", "raw_number", "rich_text"), "table cell")
        if kind(cell) == "rich_text":
            rich(cell)
        elif kind(cell) == "raw_text":
            only(cell, "text")
            need(cell["text"], "empty table cell")
    need(characters(rows) <= 10_000, "table characters")


def _charted(block: Json) -> None:
    only(block, "title", "chart")
    said(block["title"], 50, "chart title")
    chart = block["chart"]
    if kind(chart) == "pie":
        only(chart, "segments")
        need(1 <= len(chart["segments"]) <= 12, "segments 1..12")
        _points(chart["segments"], positive=True)
        return
    need(kind(chart) in ("bar", "line", "area"), "chart type")
    only(chart, "series", "axis_config")
    axis = chart["axis_config"]
    need(not set(axis) - {"categories", "x_label", "y_label"}, "unknown key in axis_config")
    said(axis.get("x_label", "x"), 50, "x_label")
    said(axis.get("y_label", "y"), 50, "y_label")
    need(1 <= len(chart["series"]) <= 12, "series 1..12")
    names = [one["name"] for one in chart["series"]]
    need(len(set(names)) == len(names), "series names are unique")
    for one in chart["series"]:
        need(not set(one) - {"name", "data"}, "unknown key in series")
        said(one["name"], 20, "series name")
        need(1 <= len(one["data"]) <= 20, "points 1..20")
        _points(one["data"], positive=False)
        need(sorted(point["label"] for point in one["data"]) == sorted(axis["categories"]), "a point for each category")
    need(len(set(axis["categories"])) == len(axis["categories"]), "categories are unique")


def _points(points: Sequence[Json], *, positive: bool) -> None:
    for point in points:
        need(not set(point) - {"label", "value"}, "unknown key in a point")
        said(point["label"], 20, "label")
        value = point["value"]
        need(isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value), "value is a number")
        need(value > 0 or not positive, "a segment is positive")


def _actions(block: Json) -> None:
    only(block, "elements")
    elements = block["elements"]
    need(1 <= len(elements) <= 25, "actions 1..25")
    ids = [element["action_id"] for element in elements]
    need(len(ids) == len(set(ids)), "action_id unique in its block")
    for element in elements:
        check_element(element, PRESSED)


def _input(block: Json) -> None:
    only(block, "label", "element", "optional", "hint", "dispatch_action")
    plain(block["label"], 2000, "label")
    if "hint" in block:
        plain(block["hint"], 2000, "hint")
    check_element(block["element"], ASKED)


BLOCKS: Mapping[str, Callable[[Json], None]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "image": _image,
    "rich_text": rich,
    "table": _table,
    "data_visualization": _charted,
    "actions": _actions,
    "input": _input,
}
