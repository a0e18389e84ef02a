"""Forms: a modal and a conversation end in the same answers, and every refusal says what to do."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field as Limits
from pydantic import model_validator

from bot.forms import MISSING, UNREADABLE, Ask, Form, Invalid, Kind, Sheet
from bot.steps import Steps
from bot.text import N_, texts

Given = Mapping[str, str | tuple[str, ...]]
KINDS = (("quantity", N_("Quantity")), ("quality", N_("Quality")), ("time", N_("Time, in days")))


class GoalForm(Form):
    """One field of every kind."""

    action: ClassVar[str] = "goal.save"
    title: ClassVar[str] = N_("Goal")
    name: Annotated[str, Ask(N_("Name")), Limits(min_length=1, max_length=40)]
    why: Annotated[str, Ask(N_("Why"), kind=Kind.LONG), Limits(max_length=1000)] = ""
    weight: Annotated[Decimal, Ask(N_("Weight"), N_("In percent")), Limits(ge=5, le=100, decimal_places=1)]
    bonus: Annotated[Annotated[Decimal, Limits(gt=0, lt=10)] | None, Ask(N_("Bonus"))] = None
    days: Annotated[int | None, Ask(N_("Days"))] = None
    due: Annotated[date | None, Ask(N_("Due"))] = None
    kind: Annotated[Literal["quantity", "quality", "time"], Ask(N_("Kind"), options=KINDS)]
    owner: Annotated[int, Ask(N_("Owner"), kind=Kind.CHOICE)] = 0
    tags: Annotated[tuple[str, ...], Ask(N_("Tags")), Limits(max_length=2)] = ()


OWNERS = (("12", "Ana"), ("3", "Boris"), ("1", "Chen"))
TAGS = (("5", "Sales"), ("1", "North"), ("2", "New"))
FULL: Given = {"name": "Bookings", "weight": "20", "kind": "quality"}


def sheet(values: Mapping[str, object] | None = None) -> Sheet:
    return GoalForm.sheet(texts("en"), subject=3, version=2, values=values, options={"owner": OWNERS, "tags": TAGS})


def told(lines: list[str | None], values: Mapping[str, object] | None = None) -> Steps:
    """A conversation; None skips."""
    steps = Steps(sheet(values), GoalForm.check, {})
    for line in lines:
        if line is None:
            steps.skip()
        else:
            steps.answer(line)
    return steps


def refused(answers: Given) -> dict[str, str]:
    """The sentences of a whole form."""
    with pytest.raises(Invalid) as fault:
        GoalForm.read(answers)
    return fault.value.errors


def test_a_sheet_says_what_a_platform_has_to_ask() -> None:
    made = sheet({"name": "Bookings", "weight": Decimal("20.0"), "tags": ("5",)})
    assert (made.action, made.title, made.submit, made.subject, made.version) == ("goal.save", "Goal", "Save", 3, 2)
    kinds = {field.name: field.kind.value for field in made.fields}
    assert kinds == {
        "name": "short",
        "why": "long",
        "weight": "number",
        "bonus": "number",
        "days": "number",
        "due": "date",
        "kind": "choice",
        "owner": "choice",
        "tags": "choices",
    }
    assert [field.name for field in made.fields if field.required] == ["name", "weight", "kind"]
    values = {field.name: field.value for field in made.fields if field.value}
    assert values == {"name": "Bookings", "weight": "20", "owner": "0", "tags": ("5",)}
    assert [field.name for field in GoalForm.sheet(texts("en"), only=["weight"]).fields] == ["weight"]


def test_a_modal_and_a_conversation_give_the_same_answers() -> None:
    modal = GoalForm.read(
        {
            "name": " Bookings ",
            "why": "",
            "weight": "１２．５",
            "bonus": "",
            "days": "３０",
            "due": "2026-12-31",
            "kind": "time",
            "owner": "3",
            "tags": ("5", "2"),
        }
    )
    lines = [" Bookings ", None, "１２．５", None, "３０", "2026-12-31", "Time, in days", "Boris", "1、３"]
    assert GoalForm.read(told(lines).answers) == modal
    assert modal.weight == Decimal("12.5")
    assert (modal.days, modal.due, modal.owner, modal.tags) == (30, date(2026, 12, 31), 3, ("5", "2"))


weights = st.decimals(5, 100, places=1).map(str)
words = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=40)


@given(
    words,
    weights,
    st.sampled_from(KINDS),
    st.sampled_from(OWNERS),
    st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str),
)
@settings(deadline=None, max_examples=100)
def test_any_answers_mean_the_same_on_both_ways(
    name: str, weight: str, kind: tuple[str, str], owner: tuple[str, str], due: str | None
) -> None:
    modal = GoalForm.read({"name": name, "weight": weight, "kind": kind[0], "owner": owner[0], "due": due or ""})
    steps = told([name, None, weight, None, None, due, kind[1], owner[1], None])
    assert steps.asking is None
    assert GoalForm.read(steps.answers) == modal


@pytest.mark.parametrize(
    ("said", "value"),
    [("1", "quantity"), ("３", "time"), ("Quality", "quality"), ("quality", "quality"), ("ＱＵＡＬＩＴＹ", "quality")],
)
def test_a_choice_is_made_by_number_label_or_value(said: str, value: str) -> None:
    assert told(["x", None, "20", None, None, None, said]).answers["kind"] == value


def test_a_pressed_option_is_never_mistaken_for_a_number_of_the_list() -> None:
    """A menu hands on the option's value, and a value is often a row's id: "3" is Boris, not the third."""
    assert told(["x", None, "20", None, None, None, "1", "3"]).answers["owner"] == "3"
    assert told(["x", None, "20", None, None, None, "1", "2"]).answers["owner"] == "3"


def test_several_choices_are_numbers_or_labels_and_each_counts_once() -> None:
    start: list[str | None] = ["x", None, "20", None, None, None, "1", "1"]
    for said in ("1, 3", "1，3", "Sales、New", "sales,3", "1,1,3,Sales"):
        assert told([*start, said]).answers["tags"] == ("5", "2")
    with pytest.raises(Invalid):
        told([*start, "1, 9"])


def test_a_bad_answer_keeps_everything() -> None:
    steps = told(["Bookings", None])
    before = dict(steps.answers)
    for bad in ("x", "NaN", "4", ""):
        with pytest.raises(Invalid) as fault:
            steps.answer(bad)
        assert set(fault.value.errors) == {"weight"}
        assert steps.answers == before
        assert steps.asking is not None
        assert steps.asking.name == "weight"
    steps.answer("20")
    assert steps.answers["weight"] == "20"


def test_only_what_is_not_needed_can_be_skipped_and_skipping_keeps_what_stands_there() -> None:
    steps = Steps(sheet(), GoalForm.check, {})
    with pytest.raises(Invalid) as fault:
        steps.skip()
    assert fault.value.errors == {"name": MISSING}
    kept = told([None], {"name": "Bookings"})
    assert kept.answers == {"name": "Bookings"}


def test_only_what_may_stand_empty_can_be_emptied() -> None:
    values = {"name": "Bookings", "why": "Because", "weight": "20", "tags": ("5",)}
    steps = told([None], values)
    steps.clear()
    with pytest.raises(LookupError):
        steps.clear()
    for line in (None, None, None, None, "quality", None):
        steps.skip() if line is None else steps.answer(line)
    steps.clear()
    assert (steps.answers["why"], steps.answers["tags"], steps.asking) == ("", (), None)
    assert GoalForm.read(steps.answers) == GoalForm.read({"name": "Bookings", "weight": "20", "kind": "quality"})


def test_back_forgets_the_last_answer_and_all_answered_asks_nothing() -> None:
    steps = told(["Bookings", None])
    steps.back()
    assert steps.answers == {"name": "Bookings"}
    steps.back()
    steps.back()
    assert steps.answers == {}
    done = told(["x", None, "20", None, None, None, "1", "1", None])
    assert done.asking is None
    for move in (done.skip, lambda: done.answer("x")):
        with pytest.raises(LookupError):
            move()


def test_a_conversation_goes_on_from_stored_answers() -> None:
    steps = Steps(sheet(), GoalForm.check, told(["Bookings", None]).answers)
    assert steps.asking is not None
    assert steps.asking.name == "weight"


def test_an_unknown_answer_is_ignored_and_a_missing_one_is_named() -> None:
    assert GoalForm.read({**FULL, "admin": "yes"}).name == "Bookings"
    assert refused({}) == {"name": MISSING, "weight": MISSING, "kind": MISSING}


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "99991231"])
def test_a_day_at_the_calendar_s_end_is_no_answer(day: str) -> None:
    assert refused({**FULL, "due": day}) == {"due": "Please enter a date, such as 2026-12-31."}


def test_a_field_that_is_optional_only_in_other_cases_is_required_in_this_one() -> None:
    shown = {field.name: field for field in GoalForm.sheet(texts("en"), needed=["days"]).fields}
    assert (shown["days"].required, shown["days"].clears) == (True, False)
    assert shown["weight"].required


def test_a_rule_over_several_fields_is_never_refused_without_a_word() -> None:
    class Span(Form):
        action: ClassVar[str] = "span.save"
        title: ClassVar[str] = N_("Span")
        least: Annotated[int, Ask(N_("Least"))]
        most: Annotated[int, Ask(N_("Most"))]

        @model_validator(mode="after")
        def _ordered(self) -> "Span":
            if self.least > self.most:
                raise ValueError("order")
            return self

    with pytest.raises(Invalid) as fault:
        Span.read({"least": "3", "most": "1"})
    assert fault.value.errors == {"least": UNREADABLE}


def test_a_refusal_names_fields_and_no_answer() -> None:
    with pytest.raises(Invalid) as fault:
        GoalForm.read({**FULL, "weight": "secret words"})
    assert "secret" not in str(fault.value)
    assert "secret" not in repr(fault.value.errors)
    assert fault.value.__cause__ is None
    assert fault.value.__suppress_context__
