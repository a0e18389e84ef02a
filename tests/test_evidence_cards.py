"""The words of evidence: what could not be kept does not look as if it were."""

from datetime import UTC, datetime

import pytest

from bot.cards import Tone
from bot.text import texts
from handlers.cards.evidence import ShownPiece
from handlers.cards.offers import ShownOffer, offer_card
from models.evidence import FAILED, GIVEN
from models.wish import KEPT, Offer

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("states", "tone", "said"),
    [
        ((GIVEN, GIVEN), Tone.GOOD, "Kept as evidence"),
        ((GIVEN, FAILED), Tone.WARN, "Not all of it could be kept"),
        ((FAILED,), Tone.WARN, "Could not be kept"),
    ],
)
def test_what_became_of_files_is_said_by_colour_and_words(states: tuple[str, ...], tone: Tone, said: str) -> None:
    offer = Offer(id=1, person_id=1, identity_id=1, state=KEPT, at=NOW)
    pieces = [ShownPiece(at, 1, "a.pdf", state) for at, state in enumerate(states)]
    card = offer_card(texts("en"), ShownOffer(offer, pieces=pieces, item="Revenue"))
    assert (card.tone, card.summary) == (tone, said)
