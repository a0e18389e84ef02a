"""Forms as cards with one form container: every field as Feishu asks it, errors at their field, answers read back."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forms import Field, Kind, Sheet
from bot.platforms.feishu import elements, forms
from tests.platforms.feishu.test_render import NASTY, accepted, calm, harmless, ids, names, options, tagged, words

Json = Mapping[str, Any]
kept = words | st.sampled_from(["2026-03-01", "@ou_1", "v1", "y" * 1000]) | st.lists(words, max_size=2).map(tuple)
fields = st.builds(
    Field,
    st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    words,
    st.sampled_from(Kind),
    words,
    st.booleans(),
    kept,
    options | st.lists(st.from_regex(r"@?ou_[a-z0-9]{1,4}", fullmatch=True).map(lambda user: (user, user))).map(tuple),
    st.booleans(),
)
sheets = st.builds(Sheet, names, words, words, st.lists(fields, max_size=12).map(tuple), ids, ids)


def drawn(sheet: Sheet, errors: Mapping[str, str] | None = None, locale: str = "en") -> dict[str, Any]:
    """The form as it is sent; Feishu takes it."""
    made = forms.form(sheet, locale, errors or {})
    accepted(made)
    return made


def inside(card: Json) -> list[Json]:
    """The elements of the form container, the only one at the root."""
    (container,) = card["body"]["elements"]
    assert container["tag"] == "form"
    elements: list[Json] = container["elements"]
    return elements


def one(*asked: Field) -> Sheet:
    """A sheet with these questions."""
    return Sheet("plan.save", "Save the plan", "Save", asked, 7, 3)


@calm
@given(sheets, st.dictionaries(st.sampled_from(["a", "b", "zz"]), words, max_size=2))
def test_feishu_accepts_any_form(sheet: Sheet, errors: dict[str, str]) -> None:
    errors |= {field.name: "Wrong." for field in sheet.fields[:3]}
    made = drawn(sheet, errors)
    assert inside(made)[-1]["behaviors"][0]["value"] == {"a": sheet.action, "v": f"{sheet.subject}:{sheet.version}"}


@pytest.mark.parametrize("nasty", NASTY)
def test_T44_nothing_that_people_write_comes_alive(nasty: str) -> None:
    asked = tuple(
        Field(f"{kind.value}{n}", nasty, kind, nasty, value=nasty, options=(("v", nasty),) * n)
        for kind in Kind
        for n in (0, 1)
    )
    for made in (
        drawn(Sheet("a.b", nasty, nasty, asked), {field.name: nasty for field in asked} | {"": nasty}),
        forms.closed(nasty, nasty),
    ):
        accepted(made)
        harmless(made)


PAIR = (("a", "A"), ("b", "B"))
PEOPLE = (("@ou_1", "Ana"), ("ou_2", "Bob"))
EVERY = (
    Field("short", "Short", Kind.SHORT, value="x"),
    Field("long", "Long", Kind.LONG, hint="Say more", required=False),
    Field("number", "Number", Kind.NUMBER, value="12.5"),
    Field("day", "Day", Kind.DATE, value="2026-12-31"),
    Field("pick", "Pick", Kind.CHOICE, value="b", options=PAIR),
    Field("some", "Some", Kind.CHOICES, value=("a", "gone"), options=PAIR),
    Field("who", "Who", Kind.PERSON, value="@ou_2", options=PEOPLE),
    Field("typed", "Typed", Kind.PERSON),
    Field("other", "Other", Kind.PERSON, options=PAIR),
    Field("none", "None", Kind.CHOICE),
    Field("file", "File", Kind.ATTACHMENT),
)


def test_what_every_kind_of_field_is() -> None:
    made = {element["name"]: element for element in inside(drawn(one(*EVERY))) if "name" in element}
    assert {name: element["tag"] for name, element in made.items()} == {
        "short": "input",
        "long": "input",
        "number": "input",
        "day__date": "date_picker",
        "pick": "select_static",
        "some": "multi_select_static",
        "who__person": "select_person",
        "typed": "input",
        "other": "select_static",
        "none": "input",
        "file": "input",
        "submit": "button",
    }
    assert (made["short"]["default_value"], made["short"]["required"], made["short"]["max_length"]) == ("x", True, 200)
    assert made["long"]["input_type"] == "multiline_text"
    assert made["long"]["placeholder"]["content"] == "Say more"
    assert (made["long"]["required"], made["long"]["max_length"]) == (False, 1000)
    assert made["day__date"]["initial_date"] == "2026-12-31"
    assert made["day__date"]["placeholder"]["content"] == "Choose…"
    assert made["pick"]["initial_option"] == "b"
    assert made["some"]["selected_values"] == ["a"]
    assert made["who__person"]["options"] == [{"value": "ou_1"}, {"value": "ou_2"}]
    assert made["who__person"]["initial_option"] == "ou_2"
    assert made["submit"]["form_action_type"] == "submit"


def test_labels_stand_before_their_lists_and_errors_and_hints_behind() -> None:
    sheet = one(
        Field("pick", "Which *one*", Kind.CHOICE, "Any is fine", options=(("a", "A"),)),
        Field("name", "Name", Kind.SHORT, "Its name", value="x"),
        Field("day", "Day", Kind.DATE, required=False),
    )
    made = inside(
        drawn(sheet, {"pick": "Please <choose>.", "name": "Too long.", "elsewhere": "Not now.", "": "Never."})
    )
    read = [element.get("content") or element.get("name") or element["text"]["content"] for element in made]
    assert read == [
        "<font color='red'>Not now. Never.</font>",
        "**Which &#42;one&#42;** <font color='red'>&#42;</font>",
        "pick",
        "<font color='red'>Please &#60;choose&#62;.</font>",
        "Any is fine",
        "name",
        "<font color='red'>Too long.</font>",
        "Its name",
        "**Day**",
        "day__date",
        "submit",
    ]


def test_a_list_that_may_stay_empty_can_be_emptied() -> None:
    field = Field("pick", "Pick", Kind.CHOICE, required=False, value="a", options=(("a", "A"),), clears=True)
    (listed,) = tagged(drawn(one(field)), "select_static")
    assert [option["value"] for option in listed["options"]] == [forms.NONE, "a"]
    assert forms.answers({"pick": forms.NONE}) == {"pick": ""}


def test_values_that_do_not_fit_their_field_are_left_out() -> None:
    sheet = one(
        Field("day", "Day", Kind.DATE, value="2026-02-30"),
        Field("pick", "Pick", Kind.CHOICE, value="gone", options=(("a", "A"),)),
        Field("who", "Who", Kind.PERSON, value="ou_9", options=(("ou_1", "Ana"), ("7", "Bob"))),
    )
    day, pick, who = (element for element in inside(drawn(sheet)) if element["tag"] not in ("markdown", "button"))
    assert "initial_date" not in day
    assert "initial_option" not in pick
    assert who["options"] == [{"value": "ou_1"}]
    assert "initial_option" not in who


SUBMITTED = {
    "title": "营收",
    "kind": "quant",
    "weight": "60",
    "owner__person": "ou_zhangsan",
    "tags": ["s", "r"],
    "due__date": "2026-12-31 +0800",
    "memo": "",
    "nothing": None,
}


def test_answers_are_read_without_the_sheet() -> None:
    assert forms.answers(SUBMITTED) == {
        "title": "营收",
        "kind": "quant",
        "weight": "60",
        "owner": "@ou_zhangsan",
        "tags": ("s", "r"),
        "due": "2026-12-31",
        "memo": "",
        "nothing": "",
    }


def test_answers_to_a_sheet_are_its_own_fields_and_nothing_else() -> None:
    sheet = one(
        Field("title", "Title", Kind.SHORT),
        Field("tags", "Tags", Kind.CHOICES, options=(("s", "S"),)),
        Field("due", "Due", Kind.DATE),
        Field("left", "Left", Kind.LONG),
    )
    assert forms.values(sheet, SUBMITTED) == {"title": "营收", "tags": ("s", "r"), "due": "2026-12-31", "left": ""}


def test_what_was_typed_stands_in_the_form_again() -> None:
    sheet = one(Field("title", "Title", Kind.SHORT, value="old"), Field("due", "Due", Kind.DATE))
    again = forms.filled(sheet, forms.answers({"title": "new", "due__date": "2026-12-31 +0800"}))
    title, _label, due, _submit = inside(drawn(again))
    assert (title["default_value"], due["initial_date"]) == ("new", "2026-12-31")


@pytest.mark.parametrize(
    "shape", [None, [], "x", {1: "x"}, {"a": 1}, {"a": {"b": "c"}}, {"a": [1]}, {"a__date": ["x"]}]
)
def test_what_feishu_never_sends_is_refused(shape: object) -> None:
    with pytest.raises(ValueError, match=r"form_value|name|value"):
        forms.answers(shape)


def test_a_hundred_and_fifty_options_are_all_there_and_a_thousand_are_cut() -> None:
    for count, shown in ((150, 150), (1000, 180)):
        pairs = tuple((f"{n}", f"指标 {n}") for n in range(count))
        made = drawn(one(Field("pick", "Pick", Kind.CHOICE, options=pairs), Field("name", "Name", Kind.SHORT)))
        (listed,) = tagged(made, "select_static")
        assert shown - 10 <= len(listed["options"]) <= max(shown, 190)


def test_a_closed_form_has_nothing_to_press() -> None:
    made = forms.closed("Save the plan", "Sent by Ana · 10:00")
    accepted(made)
    assert not tagged(made, "button", "form", "input")
    assert made["header"]["template"] == "green"
    assert elements.weight(made)[0] < 700
