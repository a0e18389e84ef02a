"""Forms as one card of the generic template: every field as DingTalk asks it, answers read back, and the template."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.forms import Field, Kind, Sheet
from bot.platforms.dingtalk import forms, rules, template
from bot.platforms.dingtalk.render import capabilities
from bot.platforms.dingtalk.shapes import Pressed
from tests.fakes.dingtalk_screen import shown

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
options = st.lists(st.tuples(st.text("abcdef12", min_size=1, max_size=6), words), max_size=4).map(
    lambda pairs: tuple(dict(pairs).items())
)
fields = st.builds(
    Field,
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    words,
    st.sampled_from(Kind),
    words,
    st.booleans(),
    words | st.lists(st.text("abcdef12", min_size=1, max_size=6), max_size=2).map(tuple),
    options,
    st.booleans(),
)
sheets = st.builds(
    Sheet,
    st.just("plan.save"),
    words,
    words,
    st.lists(fields, max_size=6, unique_by=lambda field: field.name).map(tuple),
    st.integers(0, 2**40),
    st.integers(0, 99),
)
FULL = Sheet(
    "scorecard.save",
    "自评",
    "提交",
    (
        Field("level", "等级", Kind.CHOICE, value="B", options=(("A", "A 优秀"), ("B", "B 良好"))),
        Field("tags", "强项", Kind.CHOICES, value=("x",), options=(("w", "写"), ("x", "说"))),
        Field("score", "分数", Kind.NUMBER, value="12.5", hint="0–100"),
        Field("due", "日期", Kind.DATE, required=False),
        Field("why", "说明", Kind.LONG, required=False, value="因为"),
    ),
    42,
    3,
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(sheets, st.dictionaries(st.sampled_from(["a", "b", "zz"]), words, max_size=2), words)
def test_any_form_that_fits_is_taken(sheet: Sheet, errors: dict[str, str], said: str) -> None:
    if not forms.fits(sheet):
        return
    drawn = forms.card(sheet, "ja", said, errors)
    rules.check_template(drawn, form=True)
    about = json.loads(drawn.params["form"])["fields"][0]["defaultValue"]
    assert forms.pressed({"params": {"form": {"_": about}}}) == Pressed("plan.save", sheet.subject, sheet.version)


def test_every_kind_of_question() -> None:
    drawn = forms.card(FULL, "zh_Hans", errors={"score": "请输入数字。", "": "请再看看。"})
    rules.check_template(drawn, form=True)
    about, level, tags, score, due, why = json.loads(drawn.params["form"])["fields"]
    assert (about["hidden"], about["defaultValue"]) == (True, "scorecard.save:42:3")
    assert (level["type"], level["defaultValue"]) == ("SELECT", {"index": 1, "value": "B"})
    assert (tags["type"], tags["defaultValue"]) == ("MULTI_SELECT", {"index": [1], "value": ["x"]})
    assert (score["type"], score["defaultValue"], score["placeholder"]) == ("NUMBER", "12.5", "0–100")
    assert (due["type"], due.get("required"), due["format"]) == ("DATE", None, "yyyy-MM-dd")
    assert (why["type"], why["minRows"]) == ("TEXT_AREA", 3)
    assert shown(drawn.params["notice"]) == "分数: 请输入数字。\n请再看看。"
    assert drawn.params["form_btn_text"] == "提交"


def test_what_comes_back_are_the_answers() -> None:
    filled = {
        "_": "scorecard.save:42:3",
        "level": {"index": 0, "value": "A"},
        "tags": {"index": [0, 1], "value": ["w", "x"]},
        "score": 12.5,
        "days": 3.0,
        "due": "2026-12-31",
        "why": None,
        "none": {"index": 0, "value": forms.NONE},
    }
    private = {"actionIds": ["form"], "params": {"form": filled}}
    assert forms.submitted(private)
    assert forms.pressed(private) == Pressed("scorecard.save", 42, 3)
    assert forms.answers(private) == {
        "level": "A",
        "tags": ("w", "x"),
        "score": "12.5",
        "days": "3",
        "due": "2026-12-31",
        "why": "",
        "none": "",
    }
    assert not forms.submitted({"params": {"a": "plan.approve:1:1"}})


@pytest.mark.parametrize(
    "form",
    [{"_": 7}, {"_": "plan"}, {"level": "A"}, {"_": "plan.save:1:1", "x": {"y": 1}}, {"_": "a.b:1:1", "x": True}],
)
def test_what_no_form_of_ours_sends_is_refused(form: dict[str, Any]) -> None:
    private = {"params": {"form": form}}
    with pytest.raises(ValueError, match=r"form|token|answer"):
        assert forms.pressed(private) and forms.answers(private)  # noqa: PT018


def test_long_forms_are_asked_one_question_at_a_time() -> None:
    can = capabilities("card", forms=True)
    assert can.shows(FULL)
    assert not capabilities("card").shows(FULL), "without a template there is nothing to show it with"
    assert not capabilities("action", forms=True).shows(FULL)
    people = Field("who", "Who", Kind.PERSON, options=tuple((f"@{n:07}", f"Person {n}") for n in range(40)))
    assert not can.shows(Sheet("a.b", "T", "Go", (people,)))
    assert not can.shows(Sheet("a.b", "T", "Go", tuple(Field(f"f{n}", "F", Kind.SHORT) for n in range(11))))


def test_a_form_card_says_what_came_of_it() -> None:
    told = forms.refused({"score": "Too *large*.", "x": "Wrong."}, "en", FULL)
    assert told == {"notice": "分数: Too \\*large\\*.  \nWrong.", "form_status": "normal"}
    assert forms.refused({}, "en")["notice"] == "Please look at the answers again."
    closed = forms.closed("自评", "", "en")
    assert closed == {"title": "自评", "notice": "Done", "form_status": "disabled", "form_btn_text": "Done"}
    assert len(forms.refused({"a": "长" * 900}, "en")["notice"].encode()) <= 1000


def test_the_template_binds_every_variable_and_the_form_alone_comes_back() -> None:
    made = template.importable()
    assert (made["type"], made["mode"]) == ("im", "card")
    editor = json.loads(made["editorData"])
    assert {one["name"]: one["type"] for one in editor["variableList"]} == dict(template.VARIABLES)
    (card,) = editor["schema"]["componentsTree"]
    bound = json.dumps(card)
    assert all(f'"variable": "{name}"' in bound or f"${{{name}}}" in bound for name in template.VARIABLES)
    components = [one["componentName"] for one in card["children"]]
    assert [*components, "Card"] == [one["componentName"] for one in editor["schema"]["componentsMap"]]
    (form,) = [one for one in card["children"] if one["componentName"] == "Form"]
    assert (form["props"]["params"], form["props"]["actionType"]) == ([], "request")
    assert set(forms.card(FULL, "en").params) == set(editor["mockData"]["cardData"]) == set(template.VARIABLES)
    assert template.OLD in str(ElementTree.tostring(ElementTree.fromstring(made["widgetInfo"]), "unicode"))  # noqa: S314
