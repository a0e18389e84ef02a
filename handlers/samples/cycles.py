"""Cycles in every state, the list of them, what an opened one means for its reader, and the form that opens one."""

from collections.abc import Iterator
from datetime import date

from bot.cards import Card
from bot.forms import Sheet
from bot.text import LOCALES, Texts
from handlers.cards.cycles import CycleForm, ShownCycle, cycle_card, cycles_card, opened_card
from handlers.samples.company import AUTHOR, DUE, HOSTILE, LONG, NOW, REVIEWER, Company
from models.cycle import STATES, proposal

Samples = Iterator[tuple[str, Card | Sheet]]


def cycle_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about cycles."""
    company = Company(t)
    yield from _cards(t, company)
    yield from _lists(t, company)
    yield from _opened(t, company)
    habits: dict[str, object] = {"setter": "manager", "chain": ("manager",), "languages": LOCALES}
    yield "form.cycle.open.empty", CycleForm.sheet(t)
    yield "form.cycle.open.filled", CycleForm.sheet(t, values={**proposal(NOW.date()), **habits})


def _cards(t: Texts, company: Company) -> Samples:
    owner = company.name(REVIEWER)
    for state in STATES:
        opened = state not in ("draft", "cancelled")
        agreed, total = (118, 203) if opened else (0, 0)
        cycle = company.cycle_in(state)
        for viewpoint in ("hr", "auditor"):
            shown = ShownCycle(cycle, company.stages(), owner, agreed, total, manages=viewpoint == "hr")
            yield f"cycle.{state}.{viewpoint}", cycle_card(t, shown)
    longest = company.cycle_in("draft", name=LONG, chain=["manager", "second", "executive"], setter="employee")
    yield "cycle.draft.long.hr", cycle_card(t, ShownCycle(longest, (), owner, manages=True))


def _lists(t: Texts, company: Company) -> Samples:
    kinds = (("year", "tracking"), ("quarter", "setting"), ("month", "closed"), ("probation", "draft"))
    some = [company.cycle_in(state, id=number, kind=kind) for number, (kind, state) in enumerate(kinds, 1)]
    years = [company.cycle_in("closed", id=n, name=f"{n + 2016}", starts_on=date(n + 2016, 1, 1)) for n in range(10)]
    yield "cycle.list.empty.hr", cycles_card(t, [], manages=True)
    yield "cycle.list.empty.auditor", cycles_card(t, [], manages=False)
    yield "cycle.list.some.hr", cycles_card(t, some, manages=True)
    yield "cycle.list.many.auditor", cycles_card(t, years, manages=False)


def _opened(t: Texts, company: Company) -> Samples:
    cycle, setter = company.cycle, company.name(AUTHOR)
    yield "cycle.opened.employee", opened_card(t, cycle, DUE, setter=setter, owed=0, plan_id=31)
    yield "cycle.opened.employee.proposes", opened_card(t, cycle, DUE, setter="", owed=0, plan_id=31)
    yield "cycle.opened.manager", opened_card(t, cycle, DUE, setter=setter, owed=6, plan_id=31)
    yield "cycle.opened.manager.one", opened_card(t, cycle, None, setter=setter, owed=1, plan_id=31)
    yield "cycle.opened.head", opened_card(t, cycle, DUE, setter="", owed=4, plan_id=0)
    hostile = company.cycle_in("setting", name=HOSTILE)
    yield "cycle.opened.hostile", opened_card(t, hostile, DUE, setter=HOSTILE, owed=2, plan_id=31)
