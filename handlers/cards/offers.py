"""Files somebody sent: kept as evidence of which item, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import Block, Bold, Button, Card, Choice, Note, Tone, text
from bot.text import Texts
from handlers.cards.evidence import STATES, ShownPiece, fault_text, short, size_text
from models.evidence import FAILED
from models.wish import DROPPED, EXPIRED, OPEN, TOO_LATE, Offer

MOST_ITEMS = 100


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as it was described; `fault` is why it cannot be kept."""

    name: str
    size: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """What was sent and may be kept for `items` (value, name), or what became of it: `pieces` with their items."""

    offer: Offer
    files: Sequence[ShownFile] = ()
    items: Sequence[tuple[str, str]] = ()
    pieces: Sequence[ShownPiece] = ()
    item: str = ""


def offer_card(t: Texts, shown: ShownOffer) -> Card:
    """The question, or its answer."""
    if shown.offer.state == OPEN:
        return _question(t, shown)
    if shown.offer.state in (DROPPED, EXPIRED):
        said = t("Dropped. Nothing was stored.") if shown.offer.state == DROPPED else t(TOO_LATE)
        return Card(t("Evidence"), (text(said),), summary=said)
    body = [text(*t.rich("Evidence of {item}:", item=Bold(shown.item)))]
    body += [text(f"• {short(one.name)} · {t(STATES[one.state])}") for one in shown.pieces]
    actions = (Choice(t("Look at evidence"), "evidence.pick", _options(shown.pieces)),) if shown.pieces else ()
    lost = sum(one.state == FAILED for one in shown.pieces)
    if not lost:
        return Card(t("Evidence"), tuple(body), actions, Tone.GOOD, t("Kept as evidence"))
    said = t("Not all of it could be kept") if lost < len(shown.pieces) else t("Could not be kept")
    return Card(t("Evidence"), tuple(body), actions, Tone.WARN, said)


def _question(t: Texts, shown: ShownOffer) -> Card:
    offer = shown.offer
    kept = [one for one in shown.files if not one.fault]
    body: list[Block] = [text(f"• {short(one.name)}{_size(t, one)}") for one in kept]
    body += [text(fault_text(t, one.fault, one.name)) for one in shown.files if one.fault]
    body.append(Note(t("Nothing is stored before you choose, and this question ends after a day.")))
    actions = (
        Choice(t("Keep as evidence of…"), "offer.keep", tuple(shown.items[:MOST_ITEMS]), offer.id, offer.version),
        Button(t("No, drop it"), "offer.drop", offer.id, offer.version),
    )
    return Card(_title(t, kept), tuple(body), actions, Tone.INFO, t("Keep this as evidence?"))


def _title(t: Texts, kept: Sequence[ShownFile]) -> str:
    if len(kept) == 1:
        return t("Keep “{name}” as evidence?", name=short(kept[0].name))
    return t.n("Keep {n} file as evidence?", "Keep {n} files as evidence?", len(kept))


def _size(t: Texts, one: ShownFile) -> str:
    return f" · {size_text(t, one.size)}" if one.size else ""


def _options(pieces: Sequence[ShownPiece]) -> tuple[tuple[str, str], ...]:
    return tuple((str(one.id), short(one.name)) for one in pieces)
