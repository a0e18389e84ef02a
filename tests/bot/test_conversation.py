"""A form as a conversation: what a line means while a question is open."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

import pytest
from pydantic import TypeAdapter

from bot.context import Context
from bot.conversation import FORM, Step, continued, question_card
from bot.events import Said, Submitted, Where, Who
from bot.forms import Ask, Form, Sheet
from bot.router import Router
from bot.text import N_, texts
from models.draft import Draft

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class NoteForm(Form):
    """What has to be there, what may be empty, and what falls back to something else."""

    action: ClassVar[str] = "note.save"
    title: ClassVar[str] = N_("Note")
    name: Annotated[str, Ask(N_("Name"))]
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
