"""The fake refuses what Slack's reference refuses: every limit, what stays below it and what goes beyond."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.slack_rules import Wrong, check_message, check_view

Json = dict[str, Any]
MISSING = object()


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text, "emoji": False}


def option(value: str = "v", **more: object) -> Json:
    """One option."""
    return {"text": plain(value), "value": value, **more}


def element(kind: str, **more: object) -> Json:
    """An element."""
    return {"type": kind, "action_id": "a", **more}


def asked(of: Json, **more: object) -> Json:
    """An input block."""
    return {"type": "input", "block_id": "b", "label": plain("Label"), "element": of, **more}


def inline(*elements: Json) -> Json:
    """A rich_text block of one paragraph."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def charted(chart: Json) -> Json:
    """A chart block."""
    return {"type": "data_visualization", "title": "Chart", "chart": chart}


def modal(*blocks: Json, **more: object) -> Json:
    """A modal."""
    return {"type": "modal", "title": plain("Title"), "submit": plain("Save"), "blocks": list(blocks), **more}


CONFIRM = {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}
OPTIONS = [option(f"v{n}") for n in range(5)]
POINTS = [{"label": "A", "value": 1}, {"label": "B", "value": -2.5}]
BAR = {"type": "bar", "series": [{"name": "S", "data": POINTS}], "axis_config": {"categories": ["A", "B"]}}
DATE = {"type": "date", "timestamp": 1738281600, "format": "{date_short} {time}", "fallback": "31 Jan 2025"}
# Everything that is right, under the name its wrongs point to.
GOOD: Mapping[str, Json] = {
    "header": {"type": "header", "text": plain("Header"), "block_id": "b"},
    "section": {
        "type": "section",
        "text": plain("Text"),
        "fields": [plain("f")] * 10,
        "accessory": element("button", text=plain("Press"), value="v"),
    },
    "context": {"type": "context", "elements": [plain("note")] * 10},
    "image": {"type": "image", "alt_text": "A picture", "slack_file": {"id": "F1"}, "title": plain("T")},
    "rich": inline(
        {"type": "text", "text": "x", "style": {"bold": True}}, {"type": "link", "url": "https://a.test"}, DATE
    ),
    "table": {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "x"}, inline({"type": "text", "text": "y"})]] * 100,
        "column_settings": [{"is_wrapped": True, "align": "right"}],
    },
    "bars": charted(BAR),
    "pie": charted({"type": "pie", "segments": [{"label": "A", "value": 1}]}),
    "button": element(
        "button", text=plain("Go"), value="v", style="danger", confirm=CONFIRM, accessibility_label="Go on"
    ),
    "overflow": element("overflow", options=[option("a", url="https://a.test"), option("b", description=plain("d"))]),
    "select": element("static_select", options=OPTIONS, initial_option=OPTIONS[1], placeholder=plain("Pick")),
    "boxes": element("checkboxes", options=OPTIONS * 2),
    "groups": asked(
        element("multi_static_select", option_groups=[{"label": plain("G"), "options": OPTIONS}], focus_on_load=True)
    ),
    "typed": asked(element("plain_text_input", max_length=3, initial_value="abc"), hint=plain("h"), optional=True),
    "number": asked(element("number_input", is_decimal_allowed=True, initial_value="-1.5", min_value="-2")),
    "date": asked(element("datepicker", initial_date="2026-02-28")),
    "user": asked(element("users_select", initial_user="U1")),
    "files": asked(element("file_input", max_files=10)),
    "modal": modal({"type": "divider"}, private_metadata="m", callback_id="c", close=plain("Close")),
}
# Where it is, and what stands there instead: (name, path, value).
BAD: tuple[tuple[str, str, object], ...] = (
    ("header", "text.text", "x" * 151),
    ("header", "text.text", " "),
    ("header", "text.type", "mrkdwn"),
    ("header", "block_id", "x" * 256),
    ("header", "colour", "red"),
    ("header", "type", "video_wall"),
    ("section", "text.text", "x" * 3001),
    ("section", "fields", [plain("f")] * 11),
    ("section", "fields.0.text", "x" * 2001),
    ("section", "accessory.type", "file_input"),
    ("context", "elements", [plain("n")] * 11),
    ("context", "elements", []),
    ("image", "alt_text", MISSING),
    ("image", "alt_text", "x" * 2001),
    ("image", "image_url", "https://a.test/p.png"),
    ("image", "title.text", "x" * 2001),
    ("rich", "elements.0.elements", []),
    ("rich", "elements.0.elements.0.text", ""),
    ("rich", "elements.0.elements.0.style", {"colour": True}),
    ("rich", "elements.0.elements.1.url", "javascript:x"),
    ("rich", "elements.0.elements.2.timestamp", "1738281600"),
    ("rich", "elements.0.elements.2.timestamp", 1.5),
    ("rich", "elements.0.elements.2.format", "{day}"),
    ("rich", "elements.0.elements.2.format", "soon"),
    ("rich", "elements.0.elements.2.fallback", ""),
    ("table", "rows", [[{"type": "raw_text", "text": "x"}]] * 101),
    ("table", "rows", [[{"type": "raw_text", "text": "x"}] * 21]),
    ("table", "rows.0", [{"type": "raw_text", "text": "x"}]),
    ("table", "rows.0.0.text", ""),
    ("table", "column_settings.0.align", "middle"),
    ("bars", "title", "x" * 51),
    ("bars", "title", MISSING),
    ("bars", "chart.type", "radar"),
    ("bars", "chart.axis_config", MISSING),
    ("bars", "chart.axis_config.categories", ["A"]),
    ("bars", "chart.axis_config.y_label", "x" * 51),
    ("bars", "chart.series.0.name", "x" * 21),
    ("bars", "chart.series.0.data.0.label", "x" * 21),
    ("bars", "chart.series.0.data.0.value", "1"),
    ("bars", "chart.series.0.data.0.value", float("nan")),
    ("bars", "chart.series", [{"name": "S", "data": POINTS}] * 2),
    ("bars", "chart.series", [{"name": f"S{n}", "data": POINTS} for n in range(13)]),
    ("pie", "chart.segments.0.value", 0),
    ("pie", "chart.segments", []),
    ("pie", "chart.segments", [{"label": "A", "value": 1}] * 13),
    ("button", "text.text", "x" * 76),
    ("button", "value", "x" * 2001),
    ("button", "url", "https://" + "x" * 3000),
    ("button", "style", "warning"),
    ("button", "accessibility_label", "x" * 76),
    ("button", "action_id", "x" * 256),
    ("button", "confirm.title.text", "x" * 101),
    ("button", "confirm.text.text", "x" * 301),
    ("button", "confirm.confirm.text", "x" * 31),
    ("button", "confirm.deny.text", "x" * 31),
    ("button", "confirm.style", "loud"),
    ("button", "type", "plain_text_input"),
    ("overflow", "options", [option()]),
    ("overflow", "options", [option(f"{n}") for n in range(6)]),
    ("overflow", "options.1.description.text", "x" * 76),
    ("overflow", "options.0.value", "x" * 151),
    ("overflow", "options.0.text.text", "x" * 76),
    ("select", "options", []),
    ("select", "options", [option(f"{n}") for n in range(101)]),
    ("select", "options.0.url", "https://a.test"),
    ("select", "option_groups", [{"label": plain("G"), "options": OPTIONS}]),
    ("select", "initial_option", option("gone")),
    ("select", "placeholder.text", "x" * 151),
    ("boxes", "options", [option(f"{n}") for n in range(11)]),
    ("groups", "element.option_groups.0.label.text", "x" * 76),
    ("groups", "element.initial_options", []),
    ("typed", "element.max_length", 3001),
    ("typed", "element.initial_value", "abcd"),
    ("typed", "element.min_length", 4),
    ("typed", "label.text", "x" * 2001),
    ("typed", "hint.text", "x" * 2001),
    ("typed", "element.type", "button"),
    ("number", "element.is_decimal_allowed", MISSING),
    ("number", "element.is_decimal_allowed", False),
    ("number", "element.initial_value", 1.5),
    ("number", "element.initial_value", "1,5"),
    ("number", "element.initial_value", "１"),
    ("number", "element.max_value", "-3"),
    ("date", "element.initial_date", "2026-02-30"),
    ("date", "element.initial_date", "1 March"),
    ("user", "element.initial_user", "ana"),
    ("files", "element.max_files", 11),
    ("files", "element.focus_on_load", True),
    ("modal", "title.text", "x" * 25),
    ("modal", "submit.text", "x" * 25),
    ("modal", "close.text", "x" * 25),
    ("modal", "private_metadata", "x" * 3001),
    ("modal", "callback_id", "x" * 256),
    ("modal", "state", {}),
    ("modal", "blocks", [{"type": "divider"}] * 101),
    ("modal", "blocks", [GOOD["table"]]),
    ("modal", "blocks", [GOOD["bars"]]),
    ("modal", "blocks", [{"type": "divider", "block_id": "b"}] * 2),
    ("modal", "blocks", [GOOD["groups"], {**GOOD["groups"], "block_id": "c"}]),
)


def check(name: str, thing: Json) -> None:
    """Shows it where it belongs."""
    if name == "modal":
        check_view(thing)
    elif name in ("groups", "typed", "number", "date", "user", "files"):
        check_view(modal(thing))
    elif "action_id" in GOOD[name]:
        check_message([{"type": "actions", "elements": [thing]}])
    else:
        check_message([thing])


@pytest.mark.parametrize("name", GOOD)
def test_what_is_right_is_taken(name: str) -> None:
    check(name, copy.deepcopy(GOOD[name]))


def test_what_is_wrong_is_refused() -> None:
    taken = []
    for name, path, value in BAD:
        thing = copy.deepcopy(GOOD[name])
        *way, last = path.split(".")
        at: Any = thing
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if value is MISSING:
            del at[last]
        else:
            at[int(last) if isinstance(at, list) else last] = value
        try:
            check(name, thing)
        except (Wrong, KeyError):
            continue
        taken.append((name, path, str(value)[:60]))
    assert not taken


def test_what_a_message_and_a_page_hold() -> None:
    check_message([GOOD["bars"], GOOD["pie"]])
    wrong: list[list[Json]] = [
        [GOOD["table"]] * 2,
        [GOOD["bars"]] * 3,
        [{"type": "divider"}] * 51,
        [inline({"type": "text", "text": "x" * 3000})] * 5,
        [{"type": "actions", "elements": [element("button", text=plain("x"), action_id=f"{n}") for n in range(26)]}],
        [{"type": "actions", "elements": [element("button", text=plain("x"))] * 2}],
        [GOOD["typed"]],
    ]
    for blocks in wrong:
        with pytest.raises(Wrong):
            check_message(blocks)
    for home in ({"title": plain("x")}, {"blocks": [GOOD["bars"]]}, {"close": plain("x")}):
        with pytest.raises(Wrong):
            check_view({"type": "home", "blocks": [{"type": "divider"}]} | home)
    with pytest.raises(Wrong, match="inputs need submit"):
        check_view({"type": "modal", "title": plain("x"), "blocks": [GOOD["typed"]]})
