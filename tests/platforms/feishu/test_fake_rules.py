"""The rules of the fake Feishu for cards: what each of them is refused for."""

import copy
from typing import Any

import pytest

from tests.fakes.feishu_checks import CELLS, CHART, COLUMNS, IMAGE, JSON, LIMIT, NAMELESS, PERSON, TAG
from tests.fakes.feishu_rules import Known, Wrong, check
from tests.fakes.feishu_store import Json

TEXT = {"tag": "plain_text", "content": "x"}
BUTTON = {"tag": "button", "text": TEXT, "behaviors": [{"type": "callback", "value": {"a": "b"}}]}
SUBMIT = {
    "tag": "button",
    "name": "go",
    "text": TEXT,
    "form_action_type": "submit",
    **{"behaviors": BUTTON["behaviors"]},
}
FORM = {
    "tag": "form",
    "name": "f",
    "elements": [{"tag": "input", "name": "i", "required": True, "label": TEXT}, SUBMIT],
}
COLUMN = {"name": "c", "data_type": "number"}


def card(*elements: Any, **more: Any) -> Json:
    """A card with these elements."""
    return {"schema": "2.0", "config": {"update_multi": True}, "body": {"elements": list(elements)}} | more


REFUSED: dict[str, tuple[Json, int]] = {
    "unknown property": (card({"tag": "hr", "colour": "red"}), JSON),
    "unknown frame": (card(footer={}), JSON),
    "1.0 tag": (card({"tag": "action", "actions": []}), TAG),
    "form in a column": (card({"tag": "column_set", "columns": [{"tag": "column", "elements": [FORM]}]}), TAG),
    "table in a form": (card(FORM | {"elements": [{"tag": "table", "columns": [COLUMN], "rows": []}, SUBMIT]}), TAG),
    "no submit": (card(FORM | {"elements": FORM["elements"][:1]}), JSON),
    "no name": (card(FORM | {"elements": [{"tag": "input"}, SUBMIT]}), NAMELESS),
    "name twice": (card(FORM | {"elements": [SUBMIT, SUBMIT]}), JSON),
    "multi select outside": (card({"tag": "multi_select_static", "options": [{"text": TEXT, "value": "a"}]}), TAG),
    "too many tags": (card(*[{"tag": "div", "text": TEXT}] * 101), LIMIT),
    "too many tables": (card(*[{"tag": "table", "columns": [COLUMN], "rows": []}] * 6), LIMIT),
    "tables in markdown": (card(*[{"tag": "markdown", "content": "|a|b|\n|--|--|\n|1|2|"}] * 6), LIMIT),
    "picture of nobody": (card({"tag": "img", "img_key": "img_no", "alt": TEXT}), IMAGE),
    "mention of a stranger": (card({"tag": "markdown", "content": "<at id=ou_no></at>"}), PERSON),
    "chart without data": (card({"tag": "chart", "chart_spec": {"type": "bar"}}), CHART),
    "cell of no column": (card({"tag": "table", "columns": [COLUMN], "rows": [{"d": 1}]}), COLUMNS),
    "cell of another type": (card({"tag": "table", "columns": [COLUMN], "rows": [{"c": "1"}]}), CELLS),
    "link to a script": (card({**BUTTON, "behaviors": [{"type": "open_url", "default_url": "javascript:x"}]}), JSON),
    "confirm without title": (card({**BUTTON, "confirm": {"text": TEXT}}), JSON),
    "placeholder too long": (card({"tag": "input", "name": "i", "placeholder": {**TEXT, "content": "x" * 101}}), JSON),
    "language of nowhere": (card({"tag": "markdown", "content": "x", "i18n_content": {"xx": "y"}}), JSON),
}


@pytest.mark.parametrize("name", REFUSED)
def test_cards_that_are_refused(name: str) -> None:
    wrong, code = REFUSED[name]
    with pytest.raises(Wrong) as refused:
        check(copy.deepcopy(wrong), Known(set(), {"ou_ana"}))
    assert refused.value.code == code


def test_cards_that_are_taken() -> None:
    check(card(FORM))
    check(card({"tag": "table", "columns": [COLUMN], "rows": [{"c": 1}]}, BUTTON))
