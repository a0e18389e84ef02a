"""Flags of every rule and in every state, the lists of them, and calibration."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.calibration import CalibrateForm, Case, Opinion, QuestionForm, Row, Spread, case_card, spread_card
from handlers.cards.flags import RULES, STATES, ConfirmForm, CorrectForm, DismissForm, ShownFlag, flag_card, flags_card
from handlers.samples.company import (
    APPROVER,
    AUTHOR,
    CYCLES,
    HOSTILE,
    LONG,
    NOW,
    OWNER,
    READER,
    REASONS,
    REVIEWER,
    Company,
    said,
)
from models.rules.totals import SCALE
from models.terms import GUIDANCE

Samples = Iterator[tuple[str, Card | Sheet]]
FIGURES = {
    "inflated_gap": {"people": "12", "rated": "103.75", "measured": "81.20", "gap": "22.55", "limit": "15"},
    "inflated_share": {"people": "12", "top": "8", "lifted": "7", "share": "0.5833", "limit": "0.40"},
    "inflated_deviation": {
        "people": "12",
        "departments": "8",
        "rated": "104.10",
        "others": "88.40",
        "spread": "3.10",
        "limit": "96.40",
    },
    "uniform_totals": {"people": "9", "mean": "96.40", "deviation": "0.42", "limit": "1"},
    "uniform_ratings": {"people": "9", "mean": "100.00", "deviation": "0.00", "limit": "1"},
    "alliance_department": {"people": "12", "items": "24", "same": "23", "share": "0.9583", "mean": "103.33"},
    "alliance_pair": {"items": "10", "same": "10", "share": "1.0000", "mean": "110.00"},
    "jump": {"before": "71.20", "after": "99.80", "change": "28.60", "limit": "25"},
    "contradiction_rated_above": {"measured": "41.35", "rated": "110.00"},
    "contradiction_rated_below": {"measured": "99.10", "rated": "50.00"},
}


def flag_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything HR reviews before results are published."""
    company = Company(t)
    yield from _flags(t, company)
    yield from _spreads(t, company)
    yield from _cases(t, company)
    yield from _forms(t, company)


def _forms(t: Texts, company: Company) -> Samples:
    words = said(REASONS, t)
    names = [(str(number), company.name(number)) for number in (OWNER, APPROVER, READER)]
    for name, form in (("confirm", ConfirmForm), ("dismiss", DismissForm), ("correct", CorrectForm)):
        options = {"people": names} if form is CorrectForm else {}
        yield f"form.flag.{name}.empty", form.sheet(t, options=options)
        yield f"form.flag.{name}.filled", form.sheet(t, options=options, values={"reason": words})
    yield "form.flag.correct.one", CorrectForm.sheet(t, only=("reason",))
    yield "form.result.question.empty", QuestionForm.sheet(t)
    yield "form.result.question.filled", QuestionForm.sheet(t, values={"note": words})
    yield "form.result.calibrate.empty", CalibrateForm.sheet(t)
    yield "form.result.calibrate.filled", CalibrateForm.sheet(t, values={"total": Decimal("98.00"), "reason": words})


def _flag(t: Texts, company: Company, rule: str, state: str = "open", **changes: object) -> ShownFlag:
    decided = state not in ("open",)
    shown = {
        "id": 7,
        "version": 1,
        "rule": rule,
        "state": state,
        "subject": company.name(OWNER),
        "cycle": company.cycle.name,
        "figures": FIGURES[rule],
        "raised": NOW - timedelta(days=2),
        "reason": said(REASONS, t) if decided and state != "corrected" else "",
        "decided_by": company.name(REVIEWER) if decided else "",
        "decided": NOW - timedelta(hours=3) if decided else None,
        "decides": True,
        "sheets": [(str(number), company.name(number)) for number in (OWNER, APPROVER)],
    }
    return ShownFlag(**{**shown, **changes})  # type: ignore[arg-type]


def _flags(t: Texts, company: Company) -> Samples:
    for rule in RULES:
        yield f"flag.{rule}.open.hr", flag_card(t, _flag(t, company, rule))
    for state in STATES:
        if state != "open":
            yield f"flag.jump.{state}.hr", flag_card(t, _flag(t, company, "jump", state))
    yield "flag.jump.open.auditor", flag_card(t, _flag(t, company, "jump", decides=False, sheets=[]))
    by_rule = flag_card(t, _flag(t, company, "jump", "corrected", decided_by="", reason=""))
    yield "flag.jump.gone.hr", by_rule
    yield "flag.hostile.hr", flag_card(t, _flag(t, company, "jump", "confirmed", subject=HOSTILE, reason=HOSTILE))
    yield "flag.list.empty", flags_card(t, company.cycle.name, [], page=0)
    some = [
        _flag(t, company, "jump"),
        _flag(t, company, "inflated_gap", "confirmed", id=8, subject=company.name(AUTHOR)),
    ]
    yield "flag.list.some", flags_card(t, company.cycle.name, some, page=0)
    many = [_flag(t, company, rule, id=n, subject=LONG) for n, rule in enumerate([*RULES, *RULES])]
    yield "flag.list.many", flags_card(t, company.cycle.name, many, page=1, at=7, others=[(8, "2026-11"), (9, HOSTILE)])


def _spread(t: Texts, company: Company, **changes: object) -> Spread:
    counts = dict(zip([level.name for level in SCALE], (9, 14, 11, 3, 1), strict=True))
    rows = [
        Row(number, company.name(number % 5), Decimal("106.40") - number * 3, "S" if number < 2 else "B", 2, 1, 0)
        for number in range(8)
    ]
    places = [("0", t("The company")), ("1", company.departments()[0]), ("2", company.departments()[1])]
    shown = {
        "cycle": company.cycle.name,
        "place": t("The company"),
        "counts": counts,
        "guidance": GUIDANCE,
        "rows": rows,
        "unfinished": 2,
        "places": places,
        "cycles": [("7", company.cycle.name), ("6", CYCLES[t.locale])],
    }
    return Spread(**{**shown, **changes})  # type: ignore[arg-type]


def _spreads(t: Texts, company: Company) -> Samples:
    yield "calibration.company", spread_card(t, _spread(t, company))
    nobody = dict.fromkeys([level.name for level in SCALE], 0)
    yield "calibration.empty", spread_card(t, _spread(t, company, counts=nobody, rows=[], places=[]))
    even = dict(zip([level.name for level in SCALE], (4, 10, 18, 6, 2), strict=True))
    rows = [Row(n, LONG, Decimal("80.00"), "B", 0, 0, 2) for n in range(23)]
    yield "calibration.even.paged", spread_card(t, _spread(t, company, counts=even, rows=rows, page=1, unfinished=0))


def _cases(t: Texts, company: Company) -> Samples:
    case = Case(
        id=12,
        version=3,
        name=company.name(OWNER),
        cycle=company.cycle.name,
        total=Decimal("98.00"),
        rating="A",
        came=[t("Computed: {points}", points=Decimal("98.00"))],
        last=f"{t.number(Decimal('91.20'))} · B",
        opinions=[Opinion(company.name(APPROVER), True, ""), Opinion(company.name(AUTHOR), False, said(REASONS, t))],
        flags=[],
        votes=True,
    )
    yield "calibration.case.head", case_card(t, case)
    came = [
        *case.came,
        t("{who} adjusted by {points}: {note}", who=company.name(AUTHOR), points="+2", note=said(REASONS, t)),
        t("{who} set {points}: {note}", who=company.name(REVIEWER), points=Decimal("106.00"), note=HOSTILE),
    ]
    values = {"id": 12, "version": 4, "name": HOSTILE, "cycle": company.cycle.name, "rating": "S", "last": ""}
    after = Case(**values, total=Decimal("106.00"), came=came, opinions=[], flags=[], calibrates=True, votes=True)  # type: ignore[arg-type]
    yield "calibration.case.hr", case_card(t, after)
    over = Case(**values, total=Decimal("106.00"), came=came, opinions=[], flags=[], open=False)  # type: ignore[arg-type]
    yield "calibration.case.published", case_card(t, over)
