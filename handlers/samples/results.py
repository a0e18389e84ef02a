"""Results as their owner and others see them, the steps to the total, and the origin of every kind of number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.resultdata import Decided, ShownLine, ShownResult
from handlers.cards.results import AdjustForm, adjust_label, none_card, result_card
from handlers.cards.steps import steps_card
from handlers.samples.company import AUTHOR, BLOCKERS, HOSTILE, LONG, NOW, OWNER, REASONS, Company, said
from models.rules.totals import SCALE, Part, rating, total

Samples = Iterator[tuple[str, Card | Sheet]]
POINTS = tuple(Decimal(points) for points in ("93.33", "120", "57.78", "85", "0", "100", "110", "71.43", "60"))


def result_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about results but the origin of one number."""
    company = Company(t)
    yield from _published(t, company)
    yield from _before(t, company)
    yield from _steps(t, company)
    cycle = company.cycle.name
    yield "result.none", none_card(t, "")
    yield "result.none.cycle", none_card(t, cycle)
    yield "result.none.other", none_card(t, "", company.name(OWNER))
    yield "result.none.other.cycle", none_card(t, cycle, company.name(OWNER))
    yield "form.result.adjust.empty", AdjustForm.sheet(t)
    label = adjust_label(t, Decimal("93.12"), SCALE)
    values = {"by": Decimal("2.5"), "comment": said(REASONS, t)}
    yield "form.result.adjust.filled", AdjustForm.sheet(t, subject=51, version=2, values=values, labels={"by": label})


def lines_of(company: Company, odd: Mapping[int, Mapping[str, Any]] | None = None) -> list[ShownLine]:
    """The owner's items with invented points, weighed as the rules do; `odd` changes some by their place."""
    rows = [
        (ShownLine(id=item.id, name=item.name, points=points), item.weight)
        for item, points in zip(company.items(), POINTS, strict=False)
    ]
    changed = [(replace(line, **(odd or {}).get(place, {})), weight) for place, (line, weight) in enumerate(rows)]
    parts = [Part(line.id, line.part, weight, line.points, line.excluded) for line, weight in changed]
    weighed = {one.key: one for one in total(parts).weighed}
    return [
        replace(line, counted=weighed[line.id].weight, contribution=weighed[line.id].contribution)
        if line.id in weighed
        else line
        for line, _weight in changed
    ]


def result_of(company: Company, lines: Sequence[ShownLine] | None = None, **values: Any) -> ShownResult:
    """The owner's published result."""
    rows = lines_of(company) if lines is None else lines
    parts = [Part(one.id, one.part, one.counted, one.points, one.excluded) for one in rows]
    computed = total(parts).value
    known: dict[str, Any] = {
        "id": 51,
        "version": 3,
        "name": company.name(OWNER),
        "cycle": company.cycle.name,
        "state": "published",
        "total": computed,
        "rating": "" if computed is None else rating(computed),
        "computed": computed,
        "lines": rows,
        "published": NOW,
        "mine": True,
        "acknowledges": True,
        "disputes": True,
    }
    return ShownResult(**{**known, **values})


def moved(company: Company) -> Decided:
    """The manager's adjustment."""
    return Decided("adjusted", Decimal("2.00"), company.name(AUTHOR), said(REASONS, company.t))


def _published(t: Texts, company: Company) -> Samples:
    shown = result_of(company)
    yield "result.published.owner", result_card(t, shown)
    done = replace(shown, state="acknowledged", acknowledged=NOW + timedelta(days=1), acknowledges=False)
    past = [(41, company.cycle.name), (31, company.cycle.name)]
    yield "result.acknowledged.owner", result_card(t, replace(done, past=past))
    yield "result.published.reader", result_card(t, replace(done, mine=False, disputes=False))
    lines = [replace(one, before=POINTS[-n] if n % 3 else None) for n, one in enumerate(shown.lines, 1)]
    again = replace(shown, lines=lines, before=(company.cycle.name, Decimal("88.20")))
    yield "result.compared.owner", result_card(t, again)
    assert shown.computed is not None  # noqa: S101
    after = shown.computed + 2
    yield "result.adjusted.owner", result_card(t, replace(shown, total=after, decided=moved(company)))
    calibrated = Decided("calibrated", calibrated=Decimal("90"), reason=said(REASONS, t))
    yield "result.calibrated.owner", result_card(t, replace(shown, total=Decimal(90), rating="B", decided=calibrated))
    disputed = replace(shown, state="disputed", decided=Decided("disputed"))
    yield "result.disputed.owner", result_card(t, disputed)
    yield "result.final.owner", result_card(t, replace(done, state="final", disputes=False))
    for name, level in (("best", "S"), ("last", "D")):
        yield f"result.rated.{name}", result_card(t, replace(shown, rating=level))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        odd = [replace(one, name=words) for one in shown.lines[:3]]
        decided = Decided("adjusted", Decimal(-1), words, words)
        yield f"result.{name}", result_card(t, replace(shown, name=words, cycle=words, lines=odd, decided=decided))


def _before(t: Texts, company: Company) -> Samples:
    """As the manager and HR see it before it is published."""
    shown = result_of(company, mine=False, state="computed", published=None, acknowledges=False, disputes=False)
    yield "result.computed.manager", result_card(t, replace(shown, adjusts=True))
    yield "result.computed.reader", result_card(t, shown)
    missing = lines_of(company, {1: {"points": None}, 3: {"points": None}})
    wanting = result_of(company, missing, mine=False, state="computed", published=None, acknowledges=False)
    yield "result.wanting.manager", result_card(t, replace(wanting, disputes=False))
    yield "result.calibrated.reader", result_card(t, replace(shown, state="calibrated"))


def _steps(t: Texts, company: Company) -> Samples:
    yield "result.steps", steps_card(t, result_of(company))
    odd: dict[int, Mapping[str, Any]] = {
        0: {"excluded": True, "points": None, "why": said(BLOCKERS, t)},
        1: {"absent": ("self", "peer")},
        4: {"part": "veto"},
        5: {"part": "bonus", "points": Decimal(3)},
        6: {"part": "penalty", "points": Decimal("1.50")},
    }
    shown = result_of(company, lines_of(company, odd))
    yield "result.steps.everything", steps_card(t, shown)
    odd[4] = {"part": "veto", "points": Decimal(100)}
    free = result_of(company, lines_of(company, odd))
    assert free.computed is not None  # noqa: S101
    adjusted = replace(free, total=free.computed + 2, decided=moved(company), mine=False)
    yield "result.steps.adjusted", steps_card(t, adjusted)
    decided = replace(moved(company), origin="calibrated", calibrated=Decimal(90), reason=said(REASONS, t))
    yield "result.steps.calibrated", steps_card(t, replace(free, total=Decimal(90), decided=decided))
    later = replace(free, total=free.computed - 1, decided=Decided("disputed"))
    yield "result.steps.disputed", steps_card(t, later)
    low = lines_of(company, {6: {"part": "penalty", "points": Decimal(200)}})
    yield "result.steps.below", steps_card(t, result_of(company, low))
    yield "result.steps.wanting", steps_card(t, result_of(company, lines_of(company, {2: {"points": None}})))
    hostile = [replace(one, name=HOSTILE, excluded=n == 0, why=HOSTILE) for n, one in enumerate(free.lines)]
    yield "result.steps.hostile", steps_card(t, replace(free, lines=hostile, cycle=HOSTILE))
    yield "result.steps.long", steps_card(t, replace(free, lines=[replace(one, name=LONG) for one in free.lines]))
