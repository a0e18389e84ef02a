"""Cycles in every state, the list of them, what an opened one means for its reader, and the form that opens one."""

from collections.abc import Iterator, Mapping
from datetime import date

from bot.cards import Card
from bot.forms import Sheet
from bot.text import LOCALES, Texts
from handlers.cards.cycles import CycleForm, ShownCycle, cycle_card, cycles_card, opened_card
from handlers.cards.stages import LISTS, missing_card, scoring_card
from handlers.samples.company import AUTHOR, DUE, HOSTILE, LONG, NAMES, NOW, REVIEWER, Company
from models.cycle import STATES, proposal
from models.turnout import Turnout

Samples = Iterator[tuple[str, Card | Sheet]]
# State → how far the cycle is, and how many people the next stage tells.
COUNTS: Mapping[str, tuple[Turnout, int]] = {
    "tracking": (Turnout(203, 198), 198),
    "self_scoring": (Turnout(203, 198, own=(120, 198)), 31),
    "scoring": (Turnout(203, 198, own=(190, 198), manager=(44, 197), flags=2), 0),
    "review": (Turnout(203, 198, (190, 198), (196, 197), 196, 2, 7, 40, 11), 0),
    "published": (Turnout(203, 198, (190, 198), (197, 197), 197, 1, 0, 197, 150), 0),
    "closed": (Turnout(203, 198, (190, 198), (197, 197), 197, 1, 0, 197, 188), 0),
}


def cycle_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about cycles."""
    company = Company(t)
    yield from _cards(t, company)
    yield from _stages(t, company)
    yield from _lists(t, company)
    yield from _opened(t, company)
    habits: dict[str, object] = {"setter": "manager", "chain": ("manager",), "languages": LOCALES}
    yield "form.cycle.open.empty", CycleForm.sheet(t)
    yield "form.cycle.open.filled", CycleForm.sheet(t, values={**proposal(NOW.date()), **habits})


def _cards(t: Texts, company: Company) -> Samples:
    owner = company.name(REVIEWER)
    for state in STATES:
        opened = state not in ("draft", "cancelled")
        count, told = COUNTS.get(state, (Turnout(203, 118) if opened else Turnout(), 0))
        cycle = company.cycle_in(state)
        for viewpoint in ("hr", "auditor"):
            shown = ShownCycle(cycle, company.stages(), owner, count, told, manages=viewpoint == "hr")
            yield f"cycle.{state}.{viewpoint}", cycle_card(t, shown)
    longest = company.cycle_in("draft", name=LONG, chain=["manager", "second", "executive"], setter="employee")
    yield "cycle.draft.long.hr", cycle_card(t, ShownCycle(longest, (), owner, manages=True))


def _stages(t: Texts, company: Company) -> Samples:
    cycle, names = company.cycle_in("scoring"), list(NAMES[t.locale])
    yield "cycle.scoring.manager", scoring_card(t, cycle, names, t.datetime(DUE))
    yield "cycle.scoring.manager.one", scoring_card(t, cycle, names[:1], "")
    yield "cycle.scoring.manager.many", scoring_card(t, cycle, names * 5, t.datetime(DUE))
    yield "cycle.scoring.manager.hostile", scoring_card(t, company.cycle_in("scoring", name=HOSTILE), [HOSTILE], "")
    people = [(name, number) for number, name in enumerate(names * 7, 1)]
    for kind in LISTS:
        yield f"cycle.missing.{kind}", missing_card(t, cycle, kind, people[:3], 0)
        yield f"cycle.missing.{kind}.page", missing_card(t, cycle, kind, people, 2)
    yield "cycle.missing.nobody", missing_card(t, cycle, "self", [], 0)
    yield "cycle.missing.hostile", missing_card(t, cycle, "manager", [(HOSTILE, 2)], 0)


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
