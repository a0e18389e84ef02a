"""Our own check before sending: a card with anything that Feishu's documentation does not allow is refused, and why."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from bot.platforms.feishu import rules, shapes

Json = dict[str, Any]


def plain(said: str) -> Json:
    """A plain text."""
    return {"tag": "plain_text", "content": said}


def card(*elements: Json) -> Json:
    """A card with these elements."""
    return {
        "schema": "2.0",
        "config": {"update_multi": True},
        "header": {"title": plain("T")},
        "body": {"elements": list(elements)},
    }


CALL = {"type": "callback", "value": {"a": "x.y", "v": "1:2"}}
OPTION = {"text": plain("A"), "value": "a"}
BUTTON: Json = {"tag": "button", "text": plain("Go"), "behaviors": [CALL]}
SUBMIT: Json = BUTTON | {"name": "submit", "form_action_type": "submit"}
INPUT: Json = {"tag": "input", "name": "title", "label": plain("Title"), "max_length": 10}
SELECT: Json = {"tag": "select_static", "options": [OPTION], "behaviors": [CALL]}
TABLE: Json = {"tag": "table", "columns": [{"name": "c0", "data_type": "text"}], "rows": [{"c0": "x"}]}
MARK: Json = {"tag": "markdown", "content": "x"}
IMAGE: Json = {"tag": "img", "img_key": "img_v3_1", "alt": plain("x")}
BARS: Json = {"type": "bar", "data": {"values": [{"a": "x", "b": 1.5}]}, "xField": "a", "yField": ["b"]}
CHART: Json = {"tag": "chart", "chart_spec": BARS}


def form(*elements: Json) -> Json:
    """A form with these elements and a button that submits."""
    return {"tag": "form", "name": "form", "elements": [*elements, SUBMIT]}


def row(*elements: Json, depth: int = 1) -> Json:
    """Elements in a column in a column and so on."""
    inner = list(elements) if depth == 1 else [row(*elements, depth=depth - 1)]
    return {"tag": "column_set", "columns": [{"tag": "column", "width": "auto", "elements": inner}]}


GOOD = {
    "nothing": card(),
    "everything": card(
        MARK, {"tag": "hr"}, IMAGE, CHART, TABLE, BUTTON | {"confirm": {"title": plain("?")}}, row(SELECT)
    ),
    "a form": card(
        form(
            INPUT | {"required": True, "default_value": "ten at most"[:10]},
            SELECT | {"name": "one", "initial_option": "a"},
            {"tag": "multi_select_static", "name": "some", "options": [OPTION], "selected_values": ["a"]},
            {"tag": "select_person", "name": "who", "options": [{"value": "ou_1"}], "initial_option": "ou_1"},
            {"tag": "date_picker", "name": "day", "initial_date": "2026-12-31", "placeholder": plain("Day")},
        )
    ),
    "a panel": card({"tag": "collapsible_panel", "expanded": False, "header": {"title": MARK}, "elements": [MARK]}),
    "two columns deep": card(row(MARK, depth=2)),
    "languages": card(MARK | {"i18n_content": {"zh_cn": "x", "en_us": "x"}}),
    "numbers": card(TABLE | {"columns": [{"name": "c0", "data_type": "number"}], "rows": [{"c0": 1.5}, {}]}),
    "five tables": card(*[TABLE] * 4, MARK | {"content": "| a | b |\n| --- | --- |\n| 1 | 2 |"}),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
def test_what_the_documentation_allows_is_allowed(good: Json) -> None:
    rules.check(good)


WRONG, NAMELESS = rules.WRONG, rules.NAMELESS
BAD = {
    "too heavy": (card(MARK | {"content": "长" * 11_000}), rules.TOO_LONG),
    "too many objects": (card(*[MARK] * 200), rules.TOO_MANY),
    "six tables": (card(*[TABLE] * 5, MARK | {"content": "| a | b |\n| --- | --- |\n| 1 | 2 |"}), rules.TOO_MANY),
    "no schema": ({"body": {"elements": []}, "config": {"update_multi": True}}, WRONG),
    "an old schema": (card() | {"schema": "1.0"}, WRONG),
    "not shared": (card() | {"config": {"update_multi": False}}, WRONG),
    "unknown root": (card() | {"elements": []}, WRONG),
    "unknown setting": (card() | {"config": {"update_multi": True, "wide": True}}, WRONG),
    "unknown colour": (card() | {"header": {"title": plain("T"), "template": "pink"}}, WRONG),
    "no title": (card() | {"header": {}}, WRONG),
    "four tags": (
        card() | {"header": {"title": plain("T"), "text_tag_list": [{"tag": "text_tag", "text": plain("x")}] * 4}},
        WRONG,
    ),
    "old tags": (card({"tag": "action", "actions": []}), rules.UNKNOWN),
    "old notes": (card({"tag": "note", "elements": []}), rules.UNKNOWN),
    "no tag": (card({"content": "x"}), rules.UNKNOWN),
    "bare text": (card(plain("x")), rules.UNKNOWN),
    "unknown property": (card(MARK | {"href": {}}), WRONG),
    "unknown type": (card(BUTTON | {"type": "big"}), WRONG),
    "empty markdown": (card(MARK | {"content": ""}), WRONG),
    "unknown language": (card(MARK | {"i18n_content": {"xx": "x"}}), WRONG),
    "an image without words": (card({"tag": "img", "img_key": "img_v3_1"}), WRONG),
    "an image without key": (card(IMAGE | {"img_key": ""}), WRONG),
    "a chart without data": (card(CHART | {"chart_spec": {"type": "bar"}}), rules.SPEC),
    "a chart of no known kind": (card(CHART | {"chart_spec": BARS | {"type": "bars"}}), rules.SPEC),
    "a chart without rows": (card(CHART | {"chart_spec": BARS | {"data": {"values": []}}}), rules.SPEC),
    "a chart of what its rows have not": (card(CHART | {"chart_spec": BARS | {"seriesField": "c"}}), rules.SPEC),
    "a button without text": (card({"tag": "button", "behaviors": [CALL]}), WRONG),
    "a button that does nothing": (card({"tag": "button", "text": plain("x")}), WRONG),
    "a button of an unknown kind": (card(BUTTON | {"behaviors": [{"type": "jump"}]}), WRONG),
    "a link to a script": (card(BUTTON | {"behaviors": [{"type": "open_url", "default_url": "javascript:x"}]}), WRONG),
    "a text as value": (card(BUTTON | {"behaviors": [{"type": "callback", "value": "x"}]}), WRONG),
    "a question without title": (card(BUTTON | {"confirm": {"text": plain("x")}}), WRONG),
    "a named button": (card(BUTTON | {"name": "x"}), WRONG),
    "submit outside": (card(BUTTON | {"form_action_type": "submit"}), WRONG),
    "required outside": (card(INPUT | {"required": True, "behaviors": [CALL]}), WRONG),
    "several outside": (card(SELECT | {"tag": "multi_select_static"}), WRONG),
    "equal ids": (card(MARK | {"element_id": "a"}, MARK | {"element_id": "a"}), WRONG),
    "a bad id": (card(MARK | {"element_id": "1a"}), WRONG),
    "equal options": (card(SELECT | {"options": [OPTION, OPTION]}), WRONG),
    "an option without text": (card(SELECT | {"options": [{"value": "a"}]}), WRONG),
    "an option without value": (card(SELECT | {"options": [OPTION | {"value": ""}]}), WRONG),
    "a choice of none": (card(SELECT | {"initial_option": "b"}), WRONG),
    "a long placeholder": (card(SELECT | {"placeholder": plain("x" * 101)}), WRONG),
    "nobody": (card(form({"tag": "select_person", "name": "who", "options": [{"value": "u1"}]})), rules.PERSON),
    "a form in a column": (card(row(form())), WRONG),
    "a form in a form": (card(form(form())), WRONG),
    "a table in a column": (card(row(TABLE)), WRONG),
    "a chart in a form": (card(form(CHART)), WRONG),
    "a form without submit": (card({"tag": "form", "name": "f", "elements": [INPUT]}), WRONG),
    "a form without name": (card({"tag": "form", "elements": [SUBMIT]}), WRONG),
    "a field without name": (card(form({"tag": "input"})), NAMELESS),
    "equal names": (card(form(INPUT, INPUT)), WRONG),
    "an endless input": (card(form(INPUT | {"max_length": 1001})), WRONG),
    "a default too long": (card(form(INPUT | {"default_value": "x" * 11})), WRONG),
    "no date": (card(form({"tag": "date_picker", "name": "d", "initial_date": "31.12.2026"})), WRONG),
    "too deep": (card(row(MARK, depth=3)), WRONG),
    "no columns": (card(TABLE | {"columns": []}), rules.COLUMN),
    "equal columns": (card(TABLE | {"columns": TABLE["columns"] * 2}), rules.COLUMN),
    "a column of an unknown kind": (card(TABLE | {"columns": [{"name": "c0", "data_type": "money"}]}), WRONG),
    "a cell of no column": (card(TABLE | {"rows": [{"c1": "x"}]}), rules.CELL),
    "a number as text": (card(TABLE | {"rows": [{"c0": 1}]}), rules.CELL),
    "eleven rows a page": (card(TABLE | {"page_size": 11}), WRONG),
    "elements that are none": (card() | {"body": {"elements": ["x"]}}, WRONG),
}


@pytest.mark.parametrize(("bad", "code"), BAD.values(), ids=BAD)
def test_what_it_does_not_allow_is_refused(bad: Json, code: int) -> None:
    before = deepcopy(bad)
    with pytest.raises(rules.Unfit) as refused:
        rules.check(bad)
    assert refused.value.code == code
    assert refused.value.path.startswith("$")
    assert bad == before


def test_a_refusal_says_where_and_never_what_was_written() -> None:
    with pytest.raises(rules.Unfit) as refused:
        rules.check(card(MARK, row(MARK | {"content": 5, "secret": "private words"})))
    assert refused.value.path == "$.body.elements[1].columns[0].elements[0].content"
    assert "private" not in str(refused.value)


@pytest.mark.parametrize("tag", [tag for tag, known in shapes.SHAPES.items() if tag not in ("hr",)])
def test_no_tag_takes_an_unknown_property(tag: str) -> None:
    known: Mapping[str, shapes.Check] = shapes.SHAPES[tag]
    assert "tag" not in known
    with pytest.raises(rules.Unfit):
        rules.check(card({"tag": tag, "unheard_of": 1}))
