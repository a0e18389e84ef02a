"""The samples leave nothing out: every card, form and action is among them, in every language, with nothing bare."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from inspect import getmembers, isfunction
from types import CodeType, FrameType

import pytest

from bot import conversation
from bot.cards import Button, Card, Choice
from bot.forms import Form, Sheet
from bot.router import Router
from bot.text import LOCALES, NAMES, Texts, texts
from handlers import ROUTERS, cards
from handlers.cards.cuts import brief
from handlers.cards.evidence import short
from handlers.samples import charts, company, evidence, samples
from models.content import content
from models.rules.units import UNITS
from tests.visible import Pseudo, unmarked, visible

ZONE = "Asia/Shanghai"
TALK = {
    conversation.ANSWER,
    conversation.CHANGE,
    conversation.SEND,
    conversation.BACK,
    conversation.SKIP,
    conversation.CANCEL,
}
MODULES = [importlib.import_module(f"{cards.__name__}.{one.name}") for one in pkgutil.iter_modules(cards.__path__)]
DRAWS = [
    function
    for module in MODULES
    for _name, function in getmembers(module, isfunction)
    if function.__annotations__.get("return") is Card and function.__module__ == module.__name__
]
FORMS = [form for form in Form.__subclasses__() if form.__module__.startswith(cards.__name__)]
# Commands, codes and what Babel writes itself; everything else that is not marked has to be somebody's own words.
OTHERS = (
    r"perf( \w+)?( [\[@].*)?",
    r"((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( \d{4})?\b",
    r"[A-Z][a-z]{2} \d{1,2}, \d{4}",
    r"Q\d \d{4}",
    r"\b[0-9a-f]{8}\b",
    r"\band\b",
    r"\b[SABCD] \d{1,3}\b",
    r"(^|· )[SABCD]$",  # a level's name is the company's own
    r"\bPandian\b|\bSlack\b|\bFeishu\b|\bDingTalk\b|\bUTC\b|\bAsia/Shanghai\b|\bgolas\b",
)


@lru_cache(maxsize=8)
def shown(locale: str) -> dict[str, Card | Sheet]:
    """All samples of a locale, or of the pseudo-language en_XA."""
    return dict(samples(Texts("en", ZONE, Pseudo()) if locale == "en_XA" else texts(locale, ZONE)))


def actions(sample: Card | Sheet) -> Iterator[str]:
    """The addresses that a sample's buttons and choices lead to."""
    if isinstance(sample, Card):
        yield from (one.action for one in sample.actions if isinstance(one, Button | Choice))


def called(work: Callable[[], object]) -> set[CodeType]:
    """Everything that runs in the meantime."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return seen


def test_every_card_is_among_the_samples() -> None:
    ran = called(lambda: samples(texts("en", ZONE)))
    assert len(DRAWS) > 10
    assert [draw.__name__ for draw in DRAWS if draw.__code__ not in ran] == []


def test_every_form_is_among_the_samples_empty_and_filled() -> None:
    sheets = [one for one in shown("en").values() if isinstance(one, Sheet)]
    for form in FORMS:
        mine = [one for one in sheets if one.action == form.action]
        assert any(all(field.value in ("", ()) or not field.required for field in one.fields) for one in mine), form
        assert any(all(field.value for field in one.fields if field.required) for one in mine), form


def test_every_action_of_a_sample_is_handled() -> None:
    router = Router.merged(ROUTERS)
    for name, sample in shown("en").items():
        assert set(actions(sample)) <= {*router.buttons, *TALK}, name
        assert not isinstance(sample, Sheet) or sample.action in router.forms, name


def test_every_button_that_is_handled_is_on_some_card() -> None:
    drawn = {action for sample in shown("en").values() for action in actions(sample)}
    assert set(Router.merged(ROUTERS).buttons) - drawn == set()


@pytest.mark.parametrize("locale", [*LOCALES, "en_XA"])
def test_equal_samples_in_every_language(locale: str) -> None:
    assert list(shown(locale)) == list(shown("en"))
    again = samples(Texts("en", ZONE, Pseudo()) if locale == "en_XA" else Texts(locale, ZONE))
    assert dict(again) == shown(locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_same_actions_in_every_language(locale: str) -> None:
    for name, sample in shown(locale).items():
        assert list(actions(sample)) == list(actions(shown("en")[name])), name


@pytest.mark.parametrize("locale", [*LOCALES, "en_XA"])
def test_no_placeholder_is_left_open(locale: str) -> None:
    for name, sample in shown(locale).items():
        for said in visible(sample):
            assert not re.search(r"\{\w*\}", said.replace(company.HOSTILE, "")), (name, said)


def test_every_card_says_something_and_its_summary_gives_no_figures_away() -> None:
    for name, sample in shown("en").items():
        if isinstance(sample, Card):
            assert sample.summary.strip(), name
            assert sample.body, name
            assert "%" not in sample.summary, name


@lru_cache(maxsize=1)
def words() -> tuple[str, ...]:
    """What people wrote, whole and as far as cards show it; the longest first."""
    own = [company.HOSTILE, company.LONG, company.DIGEST[:12], *UNITS, *NAMES.values()]
    own += [*company.NAMES["en"], *company.DEPARTMENTS["en"], company.VAGUE["en"]]
    for said in (
        *charts.OWN,
        company.CYCLES,
        *company.GOALS,
        company.REASONS,
        company.BLOCKERS,
        *company.RATED.values(),
    ):
        own.append(said["en"])
    own += [said["en"] for said in charts.OWN]
    for entry in content().indicators.values():
        own += [entry[part]["en"] for part in ("names", "formulas", "sources", "levels") if part in entry]
    own += [*evidence.NAMES["en"], evidence.LINKED, evidence.PROGRAM]
    own += [short(one) for one in (company.LONG, f"{company.LONG}.pdf", f"{company.HOSTILE}.pdf")]
    own += [ready.names["en"] for ready in content().templates.values()]
    own += [
        f"{line}." for line in company.RATED["levels"]["en"].removesuffix(".").split(". ")
    ]  # cards show them in lines
    return tuple(
        sorted({*own, *map(brief, own), *(one[:70] for one in own), company.HOSTILE[:12], company.LONG[:12]}, key=len)
    )[::-1]


def bare(said: str) -> str:
    """The letters of a string that are neither translated nor anybody's own words."""
    left = unmarked(said)
    for one in words():
        left = left.replace(one, " ")
    for pattern in OTHERS:
        left = re.sub(pattern, " ", left)
    return "".join(char for char in left if char.isalpha())


def test_no_sentence_is_said_in_english_whatever_the_language() -> None:
    faults = [(name, said) for name, sample in shown("en_XA").items() for said in visible(sample) if bare(said)]
    assert faults == []


def test_a_bare_sentence_would_be_found() -> None:
    assert bare("Hello ⟦Nàdîà Rahman··⟧") == "Hello"
    assert bare(f"⟦Ñàmé··⟧: {company.HOSTILE} · 14 Dec 2026, 23:59 · 31.5 10k CNY") == ""
