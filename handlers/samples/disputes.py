"""Disputes in every state for everybody involved, the re-check of every kind of item, lists, forms and figures."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.disputedata import Listed, ShownCase, ShownDisputes, ShownEntry, ShownGiven, ShownReread, ShownStep
from handlers.cards.disputeforms import AnswerForm, DisputeForm, RulingForm, UpholdForm
from handlers.cards.disputes import dispute_card, disputes_card
from handlers.cards.disputetimes import times_card
from handlers.samples.company import (
    APPROVER,
    AUTHOR,
    BLOCKERS,
    DEPARTMENTS,
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
from models.rules.durations import Case, summary
from models.rules.totals import SCALE

Samples = Iterator[tuple[str, Card | Sheet]]
FILED = NOW - timedelta(hours=6, minutes=40)
HOUR = timedelta(hours=1)
MEASURED = NOW - timedelta(days=12)


def dispute_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about disputes."""
    company = Company(t)
    yield from _asked(t, company)
    yield from _ended(t, company)
    yield from _rereads(t, company)
    yield from _odd(t, company)
    yield from _lists(t, company)
    yield from _times(t, company)
    yield from _forms(t, company)


def case(t: Texts, company: Company, **changes: object) -> ShownCase:
    """A case that waits for the manager's answer, as somebody sees it who cannot act on it."""
    item = company.items()[0]
    known: dict[str, object] = {
        "id": 5,
        "version": 2,
        "name": company.name(OWNER),
        "cycle": company.cycle.name,
        "state": "manager",
        "filed_at": FILED,
        "awaited_by": FILED + 12 * HOUR,
        "now": NOW,
        "item": item.name,
        "points": Decimal("95.00"),
        "weight": Decimal(40),
        "total": Decimal("93.40"),
        "rating": "B",
        "rereads": [_entered(company, differs=True)],
        "reason": said(REASONS, t),
        "evidence": said(BLOCKERS, t),
        "steps": [ShownStep("dispute.filed", company.name(OWNER), FILED)],
        "awaited": company.name(AUTHOR),
        "result_id": 11,
    }
    return ShownCase(**{**known, **changes})  # type: ignore[arg-type]


def _with_hr(t: Texts, company: Company, **changes: object) -> ShownCase:
    answered = ShownStep("dispute.answered", company.name(AUTHOR), FILED + 3 * HOUR)
    known: dict[str, object] = {
        "state": "hr",
        "version": 3,
        "awaited_by": FILED + 24 * HOUR,
        "awaited": company.name(REVIEWER),
        "answer": said(BLOCKERS, t),
        "answered_by": company.name(AUTHOR),
        "steps": [*case(t, company).steps, answered],
    }
    return case(t, company, **{**known, **changes})


def _asked(t: Texts, company: Company) -> Samples:
    mine = case(t, company, mine=True, verbs=["withdraw"])
    yield "dispute.manager.owner", dispute_card(t, mine)
    asked = case(t, company, verbs=["answer"], asked=True)
    yield "dispute.manager.author", dispute_card(t, asked)
    yield "dispute.manager.reminded.author", dispute_card(t, replace(asked, mark=Decimal("0.5")))
    late = replace(asked, now=FILED + 13 * HOUR)
    yield "dispute.manager.late.author", dispute_card(t, late)
    yield "dispute.manager.late.owner", dispute_card(t, replace(mine, now=FILED + 12.5 * HOUR))
    hr = _with_hr(t, company, verbs=["uphold", "adjust"], asked=True)
    yield "dispute.hr.hr", dispute_card(t, hr)
    yield "dispute.hr.same.hr", dispute_card(t, replace(hr, rereads=[_entered(company, differs=False)]))
    yield "dispute.hr.late.hr", dispute_card(t, replace(hr, now=FILED + timedelta(days=4)))
    yield "dispute.hr.owner", dispute_card(t, _with_hr(t, company, mine=True, verbs=["withdraw"]))
    steps = [*hr.steps[:1], ShownStep("dispute.passed_on", "", FILED + 12 * HOUR)]
    steps.append(ShownStep("dispute.escalated", "", FILED + 20 * HOUR))
    unanswered = _with_hr(t, company, steps=steps, answer="", answered_by="", joined=company.name(APPROVER))
    drawn = replace(unanswered, now=FILED + 23 * HOUR, result_id=0)
    yield "dispute.hr.unanswered.joined", dispute_card(t, drawn)
    reminded = replace(drawn, asked=True, verbs=["uphold", "adjust"], mark=Decimal("0.95"))
    yield "dispute.hr.unanswered.hr", dispute_card(t, reminded)
    yield "dispute.hr.unanswered.late.reader", dispute_card(t, replace(drawn, now=FILED + 25 * HOUR))


def _ended(t: Texts, company: Company) -> Samples:
    for state in ("upheld", "adjusted", "withdrawn"):
        who = company.name(OWNER if state == "withdrawn" else REVIEWER)
        step = ShownStep(f"dispute.{state}", who, FILED + 6 * HOUR)
        steps = [*_with_hr(t, company).steps, step]
        case = _with_hr(t, company, state=state, steps=steps, awaited="")
        if state != "withdrawn":
            case = replace(case, ruling=said(REASONS, t), ruled_by=who)
        if state == "adjusted":
            totals = {"total_before": Decimal("93.40"), "total_after": Decimal("95.40"), "rating_after": "A"}
            case = replace(case, points_after=Decimal(100), **totals)  # type: ignore[arg-type]
        yield f"dispute.{state}.reader", dispute_card(t, case)
        yield f"dispute.{state}.owner", dispute_card(t, replace(case, mine=True))


def _entered(company: Company, *, differs: bool) -> ShownReread:
    item = company.items()[0]
    first = ShownEntry(Decimal(1190), MEASURED - timedelta(days=9), company.name(OWNER), "manual")
    counted = ShownEntry(Decimal(1220), MEASURED, company.name(OWNER), "manual")
    newest = ShownEntry(Decimal(1284), NOW - timedelta(days=1), company.name(AUTHOR), "manual")
    return ShownReread(
        name=item.name,
        kind="manual",
        unit=item.unit,
        counted=Decimal(1220),
        differs=differs,
        record=counted,
        newest=newest if differs else counted,
        earlier=[first],
        data_owner=company.name(REVIEWER),
    )


def _imported(company: Company, *, differs: bool) -> ShownReread:
    source = company.items()[0].source
    record = ShownEntry(Decimal(1220), MEASURED, "", source, "4711")
    newest = ShownEntry(Decimal(1284), NOW - timedelta(days=1), "", source, "4822")
    entered = _entered(company, differs=differs)
    return replace(entered, kind="imported", record=record, newest=newest if differs else record, earlier=())


def _rated(company: Company, *, differs: bool = False) -> ShownReread:
    given = [
        ShownGiven("manager", company.name(AUTHOR), "B", Decimal(85), MEASURED),
        ShownGiven("self", company.name(OWNER), "A", Decimal(100), MEASURED - timedelta(days=3)),
    ]
    return ShownReread(company.items()[1].name, "rated", counted=Decimal(85), differs=differs, given=given)


def _rereads(t: Texts, company: Company) -> Samples:
    asked = _with_hr(t, company, verbs=["uphold", "adjust"], asked=True)
    many = replace(_entered(company, differs=True), earlier=[*_entered(company, differs=True).earlier] * 7)
    kinds = {
        "imported": _imported(company, differs=False),
        "imported.newer": _imported(company, differs=True),
        "imported.no_owner": replace(_imported(company, differs=False), data_owner=""),
        "rated": _rated(company),
        "rated.changed": _rated(company, differs=True),
        "nothing": ShownReread(company.items()[2].name, "nothing"),
        "often": many,
    }
    for name, one in kinds.items():
        yield f"dispute.recheck.{name}.hr", dispute_card(t, replace(asked, rereads=[one]))
    whole = {"item": "", "points": None, "weight": None}
    items = [_entered(company, differs=True), _imported(company, differs=False), _rated(company)]
    yield "dispute.whole.hr", dispute_card(t, replace(asked, **whole, rereads=items))  # type: ignore[arg-type]
    same = [replace(one, differs=False) for one in items]
    yield "dispute.whole.same.hr", dispute_card(t, replace(asked, **whole, rereads=same))  # type: ignore[arg-type]
    changed = [items[0], _imported(company, differs=True), _rated(company, differs=True)]
    yield "dispute.whole.all.hr", dispute_card(t, replace(asked, **whole, rereads=changed))  # type: ignore[arg-type]


def _odd(t: Texts, company: Company) -> Samples:
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        texts = {"reason": words, "evidence": words, "answer": words, "answered_by": words, "item": words}
        yield f"dispute.hr.{name}.hr", dispute_card(t, _with_hr(t, company, **texts, name=words, verbs=["uphold"]))


def _lists(t: Texts, company: Company) -> Samples:
    item = company.items()[0].name
    waits = Listed(5, company.name(OWNER), item, "manager", company.name(AUTHOR), FILED + 12 * HOUR)
    late = Listed(6, company.name(READER), "", "hr", company.name(REVIEWER), NOW - HOUR)
    done = Listed(4, company.name(OWNER), item, "upheld", "", FILED, FILED + 5 * HOUR)
    files = (11, 3, company.cycle.name)
    yield "disputes.none", disputes_card(t, ShownDisputes(NOW))
    yield "disputes.owner", disputes_card(t, ShownDisputes(NOW, own=[waits, done], files=files))
    yield "disputes.owner.first", disputes_card(t, ShownDisputes(NOW, files=files))
    yield "disputes.manager", disputes_card(t, ShownDisputes(NOW, waiting=[waits]))
    watched = ShownDisputes(NOW, waiting=[late], all=[late, waits, done], watches=True, cycle=company.cycle.name)
    yield "disputes.hr", disputes_card(t, watched)
    many = [replace(done, id=number) for number in range(100, 130)]
    yield "disputes.auditor.many", disputes_card(t, replace(watched, waiting=(), all=many))


def _times(t: Texts, company: Company) -> Samples:
    hours = [Decimal(number) for number in (3, 5, 8, 11, 16, 19, 26)]
    cases = [Case(1, "upheld" if one < 9 else "adjusted", one / 2, one, one <= 24) for one in hours]
    cases += [Case(2, "hr"), Case(2, "withdrawn", Decimal(2))]
    whole = summary(cases)
    names = DEPARTMENTS[t.locale]
    yield "dispute.times.none", times_card(t, company.cycle.name, summary([]), ())
    yield "dispute.times.few", times_card(t, company.cycle.name, summary(cases[-2:]), ())
    yield "dispute.times", times_card(t, company.cycle.name, whole, [(names[0], summary(cases[:7]))])


def _forms(t: Texts, company: Company) -> Samples:
    items = [(str(one.lineage), f"{one.name} · 95.00") for one in company.items()]
    options = {"item": [*items, ("0", t("The whole result"))]}
    yield "form.result.dispute.empty", DisputeForm.sheet(t, options=options)
    filled = {"item": items[0][0], "reason": said(REASONS, t), "evidence": "4711"}
    yield "form.result.dispute.filled", DisputeForm.sheet(t, options=options, values=filled)
    yield "form.dispute.answer.empty", AnswerForm.sheet(t)
    yield "form.dispute.answer.filled", AnswerForm.sheet(t, values={"answer": said(BLOCKERS, t)})
    yield "form.dispute.uphold.empty", UpholdForm.sheet(t)
    yield "form.dispute.uphold.filled", UpholdForm.sheet(t, values={"reason": said(REASONS, t)})
    levels = [(one.name, t("{level} · {points} points", level=one.name, points=one.points)) for one in SCALE]
    yield (
        "form.dispute.adjust.level",
        RulingForm.sheet(t, options={"level": levels}, only=("level", "reason"), needed=("level",)),
    )
    values = {"points": Decimal(100), "reason": said(REASONS, t)}
    yield (
        "form.dispute.adjust.points",
        RulingForm.sheet(t, values=values, only=("points", "reason"), needed=("points",)),
    )
    yield "form.dispute.adjust.total", RulingForm.sheet(t, only=("total", "reason"), needed=("total",))
