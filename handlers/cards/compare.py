"""Two people side by side, item by item and activity by activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.cards import Block, Button, Card, Chart, Note, Table, text
from bot.plots import Pair, Pairs
from bot.text import Texts
from handlers.cards.amounts import weight
from models.comparison import Shared, Side
from models.rules.progress import CAP

FULL = float(CAP)
FAR = Decimal("0.10")  # completion apart by less is not worth a sentence


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides with what they share; `only` are the names of what the first and what the second has alone."""

    cycle: str
    first: Side
    second: Side
    both: Sequence[Shared]
    only: tuple[Sequence[str], Sequence[str]]


def comparison_card(t: Texts, shown: Comparison) -> Card:
    """The shared indicators as a chart with findings, then the activity as a table."""
    names = (shown.first.person.called(t.locale), shown.second.person.called(t.locale))
    title = t("{first} and {second}", first=names[0], second=names[1])
    body: list[Block] = []
    if shown.both:
        rows = tuple(_pair(t, one) for one in shown.both)
        body.append(
            Chart(title, t("{cycle} · completion", cycle=shown.cycle), Pairs(rows, *names, 100 * FULL), t.locale)
        )
        body += [text("• ", said) for said in _findings(t, shown, names)]
    else:
        body.append(text(t("They have no indicator in common in {cycle}.", cycle=shown.cycle)))
    for name, alone in zip(names, shown.only, strict=True):
        if alone:
            body.append(text(t("Only {name}: {items}", name=name, items=t.list(alone))))
    body.append(_activity(t, shown, names))
    body.append(Note(t("Different work has different indicators: compare what is the same, and ask about the rest.")))
    actions = tuple(
        Button(t("Progress of {name}", name=name), "person.progress", side.person.id)
        for name, side in zip(names, (shown.first, shown.second), strict=True)
    )
    return Card(title, tuple(body), actions, summary=t("Two people side by side"))


def _pair(t: Texts, one: Shared) -> Pair:
    same = one.first_weight == one.second_weight
    weights = weight(t, one.first_weight) if same else f"{weight(t, one.first_weight)} / {weight(t, one.second_weight)}"
    said = f"{_share(t, one.first)} / {_share(t, one.second)}"
    return Pair(f"{one.name} · {weights}", _part(one.first), _part(one.second), said, 1 / FULL)


def _findings(t: Texts, shown: Comparison, names: tuple[str, str]) -> list[str]:
    """Where one is clearly ahead, and where they are level."""
    ahead: tuple[list[str], list[str]] = ([], [])
    level = []
    for one in shown.both:
        if one.first is None or one.second is None:
            continue
        if abs(one.first - one.second) < FAR:
            level.append(one.name)
        else:
            ahead[one.first < one.second].append(one.name)
    said = [
        t("{name} is further with: {items}", name=name, items=t.list(items))
        for name, items in zip(names, ahead, strict=True)
        if items
    ]
    return said + ([t("About the same: {items}", items=t.list(level))] if level else [])


def _activity(t: Texts, shown: Comparison, names: tuple[str, str]) -> Table:
    sides = (shown.first, shown.second)
    rows = (
        (t("Progress, weighted"), *(_share(t, side.done) for side in sides)),
        (t("Reports"), *(t.number(side.reports) for side in sides)),
        (t("Values on record"), *(t.number(side.values) for side in sides)),
        (t("Last report"), *(t.datetime(side.reported_at) if side.reported_at else "–" for side in sides)),
        (t("Open blockers"), *(t.number(side.blockers) for side in sides)),
    )
    return Table((t("Activity"), *names), rows)


def _part(done: Decimal | None) -> float | None:
    return None if done is None else float(done) / FULL


def _share(t: Texts, done: Decimal | None) -> str:
    return "–" if done is None else t.percent(done)
