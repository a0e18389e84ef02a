"""The words of questions and requests: a day is a day and a question is not a dispute, in every language."""

from datetime import UTC, datetime

import pytest

from bot.cards import Card, Choice, Facts
from bot.text import LOCALES, texts
from handlers.cards.cases import ListedCase, ShownCases, cases_card
from handlers.cards.requestforms import DUE
from handlers.cards.requests import ShownRequest, request_card

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
OPENING_DISPUTE = "Open a case"


@pytest.mark.parametrize("locale", LOCALES)
def test_the_day_of_a_request_is_called_a_day(locale: str) -> None:
    labels = _labels(request_card(texts(locale), ShownRequest(1, 1, "Bo", "Finance", "…", "asked", NOW, NOW)))
    assert "Due" in labels if locale == "en" else {"期限", "截止时间", "截止時間"} & labels


@pytest.mark.parametrize("locale", LOCALES)
def test_a_question_is_not_opened_as_a_dispute(locale: str) -> None:
    t = texts(locale)
    card = cases_card(t, ShownCases(NOW, own=[ListedCase(1, "Helen", "…", "open", NOW)]))
    choices = [one.label for one in card.actions if isinstance(one, Choice)]
    assert choices
    assert t(OPENING_DISPUTE) not in choices


def test_how_a_day_is_written_is_said_once() -> None:
    """The platform says it under every day that is asked for, or has a calendar."""
    assert "2026" not in str(DUE.hint)


def _labels(card: Card) -> set[str]:
    return {label for block in card.body if isinstance(block, Facts) for label, _value in block.pairs}
