"""T53: parsers take anything and answer, or refuse with their own error; bounded here, longer with SOAK=1."""

import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import handlers
from bot import conversation
from bot.conversation import continued, question_card
from bot.events import Said, Where, Who
from bot.forms import Form, Invalid, Kind
from bot.router import Router
from bot.text import LOCALES, Texts, clean, fill, negotiate, tidy
from handlers import ROUTERS
from models.draft import Draft
from tests.security.walker import HOSTILE, marks

RUNS = 5000 if os.environ.get("SOAK") else 150
fuzzed = settings(max_examples=RUNS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROUTER = Router.merged(ROUTERS)
FORMS = sorted(ROUTER.forms)
WORDS = sorted(ROUTER.words)
ODD = st.text(st.characters(codec=None), max_size=60) | st.sampled_from(HOSTILE)
TYPED = ODD | st.tuples(st.sampled_from(["/perf", "perf", "绩效", "ｐｅｒｆ", ""]), st.sampled_from(WORDS), ODD).map(
    " ".join
)
NUMBERS = st.sampled_from(
    ["1", "12.5", "-0", "1e999", "NaN", "∞", "１２", "9" * 400, "0x1", "1_0", ".", "+.", "²", "½"]
)
DAYS = st.sampled_from(
    ["2026-12-31", "2026/2/30", "20261231", "0000-00-00", "9999-99-99", "1e9", "2026年12月31日", "٢٠٢٦-01-01"]
)
ANSWER = ODD | NUMBERS | DAYS | st.text(max_size=5000)
BY = Who("web", "console", "1")
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@fuzzed
@given(TYPED)
@example("perf" + "\u3000" * 50)
@example("绩效目标@安娜")
def test_T53_any_line_is_a_command_or_is_not(line: str) -> None:
    command, rest = ROUTER.parse(line)
    assert command is None or command.name in ROUTER.commands
    assert len(clean(rest)) <= len(clean(line))
    assert not marks(rest)
    assert set(ROUTER.nearest(rest, ROUTER.commands)) <= set(ROUTER.commands)


@fuzzed
@given(ODD)
def test_T53_any_text_is_cleaned_once_and_for_all(text: str) -> None:
    for made in (tidy, clean):
        assert made(made(text)) == made(text)
        assert not marks(made(text))
        made(text).encode()


@fuzzed
@given(st.sampled_from(FORMS), st.data())
def test_T53_any_answers_are_read_or_refused_at_their_fields(action: str, data: st.DataObject) -> None:
    form = ROUTER.forms[action].form
    names = st.sampled_from([*form.model_fields, "id", "state", "__class__", ""])
    value = ANSWER | st.lists(ODD, max_size=4).map(tuple)
    answers = data.draw(st.dictionaries(names, value, max_size=12))
    errors: dict[str, str] = {}
    try:
        _bounded(form.read(answers))
    except Invalid as no:
        errors = no.errors
    assert set(errors) <= set(form.model_fields)
    assert all(errors.values())


def _bounded(read: Form) -> None:
    """Whatever passed is small, finite and encodable, so that every database takes it."""
    for name, value in read.model_dump().items():
        shown = str(value)
        assert len(shown) <= 5000 * 4, name
        shown.encode()
        assert not isinstance(value, Decimal) or value.is_finite(), name


@fuzzed
@given(st.sampled_from(FORMS), st.sampled_from(LOCALES), st.data())
def test_T53_any_conversation_asks_on_or_ends(action: str, locale: str, data: st.DataObject) -> None:
    """A form asked one question at a time takes whatever is said; its card can be drawn after each line."""
    t, form = Texts(locale), ROUTER.forms[action].form
    options = {name: [("1", "One"), ("2", "二")] for name, ask in form.asks().items() if ask.kind is Kind.CHOICE}
    sheet = form.sheet(t, options=options)
    state = {"sheet": conversation._SHEET.dump_python(sheet, mode="json"), "answers": {}, "errors": {}}
    draft = Draft(identity_id=1, kind="form", state=state, expires_at=NOW)
    words = st.sampled_from(["skip", "back", "1", "99", "submit", "１", "2026-12-31", "One, 二", "10", "キャンセル"])
    for line in data.draw(st.lists(words | ANSWER, max_size=14)):
        step = continued(ROUTER, t, draft, Said("k", BY, Where("1"), line))
        if step is not conversation.Step.ASKING:
            return
        assert set(draft.state["answers"]) <= {field.name for field in sheet.fields}
        assert question_card(t, draft).title


@fuzzed
@given(ODD, st.dictionaries(st.sampled_from(["who", "name", "n"]), ODD, max_size=3))
def test_T47_T53_any_pattern_is_filled_or_refused(pattern: str, values: dict[str, str]) -> None:
    try:
        made = fill(pattern, values)
    except (ValueError, KeyError):
        return
    assert len(made) <= len(pattern) + sum(len(value) for value in values.values()) * (pattern.count("{") + 1)


def test_T29_T53_numbers_that_people_send_are_read_in_one_place() -> None:
    """`ctx.chosen` and `number` know what every database takes; `int("9" * 5000)` and `"²".isdecimal()` do not."""
    for path in Path(handlers.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\.is(decimal|digit|numeric)\(|\bint\(event\.", text), path.name


@fuzzed
@given(ODD)
@example("../../etc/passwd")
@example("zh" * 500)
def test_T47_T53_any_language_tag_is_one_of_ours(tag: str) -> None:
    assert negotiate(tag) in LOCALES


@fuzzed
@given(st.dictionaries(st.sampled_from(["name", "formula", "weight", "target"]), st.none() | st.integers() | ODD))
def test_T53_answers_of_the_wrong_type_never_reach_a_form(answers: dict[str, Any]) -> None:
    """The doors let texts and lists of texts through, and nothing else."""
    from pydantic import ValidationError

    from bot.platforms.web.inbound import Submit

    body = {"user": "1", "key": "k" * 8, "action": "plan.own", "subject": 1, "version": 1, "answers": answers}
    fits = all(isinstance(value, str) for value in answers.values())
    if fits:
        assert Submit.model_validate(body).answers == answers
        return
    with pytest.raises(ValidationError):
        Submit.model_validate(body)
