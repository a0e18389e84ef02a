"""The re-check of a dispute in words: what the result counted, what its origin says now, and who can ask further."""

from collections.abc import Sequence

from bot.cards import Block, Bold, Note, Span, text
from bot.text import N_, Texts
from handlers.cards.amounts import amount, points
from handlers.cards.disputedata import ShownEntry, ShownGiven, ShownReread
from handlers.cards.steps import RATERS
from models.evidence import SOURCE
from models.recheck import IMPORTED, MANUAL, RATED

EARLIER = 5
NEVER_ASKED = N_("Only what is on record here was read; the source itself was not asked.")
OWNER_CAN = N_("{who} owns this data and can ask it.")


def recheck_lines(t: Texts, rereads: Sequence[ShownReread]) -> list[Block]:
    """What was found for one item; of a whole result what differs, and the names of what does not."""
    if not rereads:
        return []
    lines: list[Span] = [Bold(t("Read again when the case was filed"))]
    if len(rereads) == 1:
        for said in _one(t, rereads[0]):
            lines += ["\n", said]
    else:
        lines += _whole(t, rereads)
    found: list[Block] = [text(*lines)]
    imported = [one for one in rereads if one.kind == IMPORTED]
    if imported:
        owner = t(OWNER_CAN, who=imported[0].data_owner) if len(rereads) == 1 and imported[0].data_owner else ""
        found.append(Note(f"{t(NEVER_ASKED)} {owner}".strip()))
    return found


def _whole(t: Texts, rereads: Sequence[ShownReread]) -> list[Span]:
    lines: list[Span] = []
    for one in rereads:
        if one.differs:
            lines += ["\n", *t.rich("{name}: {said}", name=Bold(one.name), said=_compared(t, one))]
    same = [one.name for one in rereads if not one.differs]
    return [*lines, "\n", t("As it was counted: {names}.", names=t.list(same))] if same else lines


def _one(t: Texts, shown: ShownReread) -> list[Span]:
    """The comparison first, then where the counted value came from, and what was there before."""
    if shown.kind == RATED:
        said = [_given(t, one) for one in shown.given]
        return [*said, Bold(t("This is not what was counted."))] if shown.differs else [*said]
    if shown.kind not in (MANUAL, IMPORTED):
        return [t("Nothing was measured or rated here, so there is nothing to read again.")]
    compared = _compared(t, shown)
    lines: list[Span] = [Bold(compared) if shown.differs else compared]
    if shown.record is not None:
        lines.append(_record(t, shown, shown.record))
    return [*lines, _before(t, shown)] if shown.earlier else lines


def _compared(t: Texts, shown: ShownReread) -> str:
    """ "The result counted 95; now 97 is on record, entered on … by …": the heart of the re-check."""
    if shown.kind == RATED:
        return " · ".join(_given(t, one) for one in shown.given)
    counted, newest = amount(t, shown.counted, shown.unit), shown.newest
    if newest is None or not shown.differs:
        return t("The result counted {value}, and this is what is on record.", value=counted)
    values = {"value": counted, "now": amount(t, newest.value, shown.unit), "when": t.datetime(newest.at)}
    if newest.by:
        values["who"] = newest.by
        return t("The result counted {value}; now {now} is on record, entered on {when} by {who}.", **values)
    values["source"] = newest.source
    return t("The result counted {value}; now {now} is on record, imported from {source} on {when}.", **values)


def _record(t: Texts, shown: ShownReread, record: ShownEntry) -> str:
    """Where the counted value comes from."""
    values = {"value": amount(t, record.value, shown.unit), "when": t.datetime(record.at)}
    if shown.kind == MANUAL:
        return t("{value}: entered by {who} on {when}.", who=record.by or "–", **values)
    if record.source == SOURCE:
        return t("{value}: the number of accepted pieces of evidence on {when}.", **values)
    values |= {"source": record.source, "reference": record.reference or "–"}
    return t("{value}: imported from {source}, record {reference}, on {when}.", **values)


def _before(t: Texts, shown: ShownReread) -> str:
    """What was on record before; the newest few, and how many more."""
    kept = list(shown.earlier)[-EARLIER:]
    said = " → ".join(_earlier(t, shown, one) for one in kept)
    if len(shown.earlier) > len(kept):
        return t("Before that: {values}, and {n} older ones.", values=said, n=len(shown.earlier) - len(kept))
    return t("Before that: {values}.", values=said)


def _earlier(t: Texts, shown: ShownReread, one: ShownEntry) -> str:
    return f"{amount(t, one.value, shown.unit)} ({t.day(one.at.astimezone(t.zone).date())}, {one.by or one.source})"


def _given(t: Texts, one: ShownGiven) -> str:
    values = {"level": one.level or "–", "points": points(t, one.points), "who": one.by or "–"}
    said = t("{level}, {points} points, by {who} on {when}", when=t.datetime(one.at), **values)
    return f"{t(RATERS[one.rater])}: {said}"
