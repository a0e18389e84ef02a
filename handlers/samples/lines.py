"""Where one number of a result comes from: every scoring rule, every way people score."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.cards import Card
from bot.text import Texts
from handlers.cards.lines import line_card
from handlers.cards.resultdata import Entry, ShownLine, ShownOrigin
from handlers.samples.company import AUTHOR, BLOCKERS, HOSTILE, LONG, NOW, OWNER, RATED, REASONS, Company, said
from models.rules.scoring import score
from models.rules.standards import Standard

Samples = Iterator[tuple[str, Card]]
D = Decimal
WEIGHT = D(30)
# name → (standard, value)
MEASURED: tuple[tuple[str, Standard, Decimal], ...] = (
    ("ratio", Standard("ratio", "higher", "items", D(900)), D(840)),
    ("ratio.lower", Standard("ratio", "lower", "%", D(3)), D("2.86")),
    ("ratio.most", Standard("ratio", "higher", "items", D(45)), D(90)),
    ("ratio.none", Standard("ratio", "lower", "%", D(3)), D(7)),
    ("ratio.zero", Standard("ratio", "lower", "times", D(0)), D(0)),
    ("ratio.zero.missed", Standard("ratio", "lower", "times", D(0)), D(2)),
    ("anchored", Standard("anchored", "higher", "%", D(95), D(80), D(99)), D(92)),
    ("anchored.above", Standard("anchored", "higher", "%", D(95), D(80), D(99)), D(97)),
    ("anchored.below", Standard("anchored", "higher", "%", D(95), D(80)), D(75)),
    ("anchored.lower", Standard("anchored", "lower", "days", D(54), D(60)), D(57)),
    ("range", Standard("range", "range", "days", None, D(10), D(14)), D(15)),
    ("range.inside", Standard("range", "range", "days", None, D(10), D(14)), D(12)),
    ("steps", Standard("steps", "higher", "%", steps=((D(80), D(60)), (D(90), D(80)), (D(100), D(100)))), D(93)),
    ("milestone", Standard("milestone", "higher", "%", D(100)), D(70)),
    ("count", Standard("count", "higher", "times", D(4)), D(3)),
    ("deduction", Standard("deduction", "lower"), D(15)),
    ("okr", Standard("okr", "higher"), D("0.7")),
)


def line_samples(t: Texts) -> Samples:
    """(name, card) of the origin of every kind of number."""
    company = Company(t)
    for name, standard, value in MEASURED:
        yield f"origin.{name}", line_card(t, measured(company, standard, value))
    yield from _sources(t, company)
    yield from _rated(t, company)
    plain = measured(company, MEASURED[0][1], MEASURED[0][2])
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        entry = Entry(D(3), words, words, NOW, words)
        odd = replace(plain, line=replace(plain.line, name=words), unit=words[:12], value=entry, previous=entry)
        yield f"origin.{name}", line_card(t, odd)


def measured(company: Company, standard: Standard, value: Decimal, **values: Any) -> ShownOrigin:
    """An item of 30 % with a value that somebody entered."""
    earned = score(standard, value).points
    line = ShownLine(401, company.items()[0].name, points=earned, counted=WEIGHT)
    if earned is not None:
        line = replace(line, contribution=(earned * WEIGHT / 100).quantize(D("0.01")))
    known: dict[str, Any] = {
        "line": line,
        "result_id": 51,
        "standard": standard,
        "unit": standard.unit,
        "outcome": "scored",
        "rated": False,
        "value": Entry(value, "manual", "", NOW, company.name(OWNER)),
        "mine": True,
    }
    return ShownOrigin(**{**known, **values})


def _sources(t: Texts, company: Company) -> Samples:
    _name, standard, value = MEASURED[0]
    source = company.items()[0].source
    entry = Entry(value, source, "#2026-1184", NOW)
    before = replace(entry, value=value - 20, at=NOW - timedelta(days=9))
    yield "origin.source", line_card(t, replace(measured(company, standard, value), value=entry, previous=before))
    shown = measured(company, standard, value)
    rounded = replace(shown.line, contribution=(shown.line.contribution or D(0)) + D("0.01"))
    yield "origin.rounded", line_card(t, replace(shown, line=rounded))
    yield "origin.ruled", line_card(t, replace(shown, ruled=D("71.50")))
    left_out = replace(shown.line, points=None, counted=None, contribution=None, excluded=True)
    yield "origin.excluded", line_card(t, replace(shown, line=replace(left_out, why=said(BLOCKERS, t)), value=None))
    yield "origin.excluded.silent", line_card(t, replace(shown, line=left_out, value=None))
    yield "origin.veto", line_card(t, replace(shown, line=replace(left_out, part="veto", points=D(0), excluded=False)))


def _rated(t: Texts, company: Company) -> Samples:
    shown = replace(measured(company, Standard("rated", "higher"), D(0)), outcome="unmeasured", rated=True, value=None)
    line = ShownLine(404, said(RATED["name"], t), points=D(100), counted=WEIGHT, contribution=D(30))
    alone = replace(shown, line=line, given={"manager": D(100), "self": D(110), "peer": None})
    alone = replace(alone, weights={"manager": D(100), "self": D(0), "peer": D(0)}, rater=company.name(AUTHOR))
    yield "origin.rated", line_card(t, alone)
    yield "origin.rated.comment", line_card(t, replace(alone, comment=said(REASONS, t), mine=False))
    yield "origin.rated.late", line_card(t, replace(alone, late=frozenset({"manager"})))
    several = replace(
        alone,
        line=replace(line, points=D("96.50"), contribution=D("28.95")),
        given={"manager": D(100), "self": D(85), "peer": D("93.33")},
        weights={"manager": D(60), "self": D(10), "peer": D(30)},
    )
    yield "origin.rated.several", line_card(t, several)
    yield "origin.rated.absent", line_card(t, replace(several, given={"manager": D(100), "self": D(85), "peer": None}))
    for outcome in ("unmeasured", "impossible", "undefined"):
        odd = replace(alone, standard=MEASURED[0][1], outcome=outcome)
        yield f"origin.rated.{outcome}", line_card(t, odd)
