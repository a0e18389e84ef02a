"""A form as a conversation: what a line means while a question is open."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

import pytest
from pydantic import StringConstraints, TypeAdapter

from bot.cards import Choice
from bot.context import Context
from bot.conversation import FORM, Step, clicked, continued, misplaced, question_card
from bot.degrade import lines_of
from bot.events import Click, Said, Submitted, Where, Who
from bot.forms import Ask, Field, Form, Kind, Sheet
from bot.router import Router
from bot.text import N_, Texts, texts
from models.draft import Draft

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class NoteForm(Form):
    """What has to be there, what may be empty, and what falls back to something else."""

    action: ClassVar[str] = "note.save"
    title: ClassVar[str] = N_("Note")
    name: Annotated[str, Ask(N_("Name")), StringConstraints(max_length=40)]
    why: Annotated[str, Ask(N_("Why"))] = ""
    unit: Annotated[str, Ask(N_("Unit"))] = "%"


@pytest.fixture
def router() -> Router:
    made = Router()

    @made.form(NoteForm, right="home.see")
    def save(ctx: Context, event: Submitted, form: NoteForm) -> None:
        """Nothing: the answers are what is looked at."""

    return made


def draft(locale: str, **values: str) -> Draft:
    sheet = NoteForm.sheet(texts(locale), values=values)
    state = {"sheet": TypeAdapter(Sheet).dump_python(sheet, mode="json"), "answers": {}, "errors": {}}
    return Draft(identity_id=1, kind=FORM, state=state, expires_at=NOW + timedelta(hours=1))


def said(text: str) -> Said:
    return Said("1", Who("web", "", "u"), Where("c"), text)


@pytest.mark.parametrize(
    ("locale", "word"), [("en", "Clear"), ("zh_Hans", "清空"), ("zh_Hant", "clear"), ("ja", "クリア")]
)
def test_an_optional_field_is_emptied_by_a_word(router: Router, locale: str, word: str) -> None:
    t, form = texts(locale), draft(locale, name="Old", why="Because", unit="km")
    offered = t("Say “{clear}” to empty it.", clear=t("clear"))
    shown = []
    for line in (word, word, word):
        shown.append(offered in str(question_card(t, form)))
        assert continued(router, t, form, said(line)) is Step.ASKING
    assert shown == [False, True, False], "offered where a value stands that may go"
    assert form.state["answers"] == {"name": word, "why": "", "unit": word}, "elsewhere it is an answer as any other"
    done = continued(router, t, form, said("submit"))
    assert isinstance(done, Submitted)
    assert NoteForm.read(done.answers) == NoteForm(name=word, why="", unit=word)


def test_where_nothing_stands_there_is_nothing_to_empty(router: Router) -> None:
    t, form = texts("en"), draft("en")
    for line in ("New", "clear"):
        assert "to empty it" not in str(question_card(t, form))
        continued(router, t, form, said(line))
    assert form.state["answers"] == {"name": "New", "why": "clear"}


def shown(t: Texts, form: Draft) -> str:
    """Every character of the question or summary."""
    return "\n".join(line for one in question_card(t, form).body for line in lines_of(one))


@pytest.mark.parametrize(
    "block",
    ["1 Ana\n2 Because\n3 km", "1. Ana\n2、Because\n3：km", "１　Ana\n２）Because\n３Ｋm", "2: Because\n3 km\n1 Ana"],
)
def test_everything_is_answered_in_one_block_of_numbered_lines(router: Router, block: str) -> None:
    t, form = texts("en"), draft("en")
    assert "1 Name · 2 Why · 3 Unit" in shown(t, form), "offered at the first question"
    assert continued(router, t, form, said(block)) is Step.ASKING
    assert "is this right?" in question_card(t, form).title
    done = continued(router, t, form, said("Submit!"))
    assert isinstance(done, Submitted)
    assert [str(one).casefold() for one in NoteForm.read(done.answers).model_dump().values()][:2] == ["ana", "because"]


def test_of_a_block_only_what_does_not_fit_is_asked_again(router: Router) -> None:
    t, form = texts("zh_Hans"), draft("zh_Hans", unit="km")
    continued(router, t, form, said("3 跳过\n1 " + "x" * 60 + "\n2 因为\n还有"))
    assert form.state["answers"] == {"why": "因为\n还有", "unit": "km"}
    assert t("This text is too long.") in shown(t, form)
    assert "1" in question_card(t, form).title, "the number of the question, not of the answers"
    continued(router, t, form, said("小安"))
    assert form.state["answers"]["name"] == "小安"


@pytest.mark.parametrize("line", ["12", "1.5\n2.5", "7 one\n8 two", "1 one thing", "one\n1 two\n2 three", "2026-03-01"])
def test_what_is_no_block_is_an_answer(router: Router, line: str) -> None:
    form = draft("en")
    continued(router, texts("en"), form, said(line))
    assert form.state["answers"] == {"name": line}


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        ("en", "change 2"),
        ("en", "2"),
        ("en", "Change #2."),
        ("zh_Hans", "修改2"),
        ("zh_Hant", "修改第２項"),
        ("ja", "変更 2"),
    ],
)
def test_one_answer_is_changed_and_the_others_stay(router: Router, locale: str, line: str) -> None:
    t, form = texts(locale), draft(locale)
    for typed in ("Ana", "Because", "km"):
        continued(router, t, form, said(typed))
    continued(router, t, form, said(line))
    assert form.state["answers"] == {"name": "Ana", "unit": "km"}
    assert t("Now: {value} (say “{skip}” to keep it)", value="Because", skip=t("skip")) in shown(t, form)
    continued(router, t, form, said("Why not"))
    assert form.state["answers"] == {"name": "Ana", "unit": "km", "why": "Why not"}
    lines = shown(t, form)
    assert lines.index("Ana") < lines.index("Why not") < lines.index("km"), "in the form's own order"


def test_an_answer_that_looks_like_a_change_is_an_answer_until_there_is_something_to_change(router: Router) -> None:
    t, form = texts("en"), draft("en")
    for line in ("change 2", "change 1", "continue", "Ana", "change 9"):
        continued(router, t, form, said(line))
    assert form.state["answers"] == {"name": "Ana", "why": "change 9"}


def test_a_button_of_the_summary_stands_for_its_words() -> None:
    at = ("1", Who("web", "", "u"), Where("c", message="m"))
    assert clicked(Click(*at, "form.change", value="2")) == Said(*at[:2], Where("c"), "change 2")
    assert clicked(Click(*at, "form.send")) == Said(*at[:2], Where("c"), "submit")
    assert clicked(Click(*at, "plan.approve")) is None


def test_a_button_of_a_question_that_is_over_answers_nothing() -> None:
    asked = Sheet("a.b", "T", "Go", (Field("x", "X", Kind.CHOICE, options=(("1", "One"),)), Field("y", "Y", Kind.LONG)))
    other = replace(asked, subject=7)
    drafts = [
        Draft(identity_id=1, kind=FORM, state=state | {"errors": {}}, expires_at=NOW)
        for state in (
            {"sheet": TypeAdapter(Sheet).dump_python(asked, mode="json"), "answers": {}},
            {"sheet": TypeAdapter(Sheet).dump_python(other, mode="json"), "answers": {}},
            {"sheet": TypeAdapter(Sheet).dump_python(asked, mode="json"), "answers": {"x": "1"}},
            {"sheet": TypeAdapter(Sheet).dump_python(asked, mode="json"), "answers": {"x": "1", "y": "z"}},
        )
    ]
    (offered,) = question_card(texts("en"), drafts[0]).actions
    assert isinstance(offered, Choice)
    at = ("1", Who("web", "", "u"), Where("c"))
    chosen = Click(*at, offered.action, offered.subject, offered.version, "1")
    assert [misplaced(one, chosen) for one in drafts] == [False, True, True, True]
    assert [misplaced(one, Click(*at, "form.send")) for one in drafts] == [True, True, True, False]
    assert [misplaced(one, Click(*at, "form.change", value="1")) for one in drafts] == [True, True, False, False]
    assert not any(misplaced(one, Click(*at, "form.cancel")) for one in drafts)
