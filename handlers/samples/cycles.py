"""Cycles in every state, the list of them, and what an opened one means for its reader."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.cycles import ShownCycle, ShownExtension, cycle_card, cycles_card, opened_card
from handlers.cards.extending import extended_card
from handlers.cards.stages import LISTS, missing_card, scoring_card
from handlers.samples.company import AUTHOR, DUE, HOSTILE, NAMES, REASONS, REVIEWER, Company
from models.cycle import STATES
from models.stages import NEXT
from models.turnout import Turnout

Samples = Iterator[tuple[str, Card | Sheet]]
LATER = DUE + timedelta(days=7)
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


def _cards(t: Texts, company: Company) -> Samples:
    owner = company.name(REVIEWER)
    stages = company.stages()
    for state in (one for one in STATES if one != "draft"):
        count, told = COUNTS.get(state, (Turnout(203, 118) if state != "cancelled" else Turnout(), 0))
        cycle = company.cycle_in(state)
        for viewpoint in ("hr", "auditor"):
            hr = viewpoint == "hr"
            shown = ShownCycle(cycle, stages, owner, count, told, hr, NEXT.get(state, "") if hr else "")
            yield f"cycle.{state}.{viewpoint}", cycle_card(t, shown)
    count, _told = COUNTS["scoring"]
    late = company.cycle_in("scoring", terms={"late": True})
    scoring = ShownCycle(late, stages, owner, count, 0, manages=True, following="review")
    yield "cycle.scoring.late.hr", cycle_card(t, scoring)
    held = t("Nobody has handed in scores yet. Give more time, or go on by hand.")
    times = [ShownExtension("scoring", DUE, owner, REASONS[t.locale]), ShownExtension("setting", DUE, HOSTILE, HOSTILE)]
    yield "cycle.scoring.held.hr", cycle_card(t, replace(scoring, held=held, extended=times))
    closings = [("scoring", DUE, LATER), ("published", DUE, LATER)]
    yield "cycle.extended", extended_card(t, late, closings, owner, REASONS[t.locale])
    yield "cycle.extended.hostile", extended_card(t, late, closings[:1], HOSTILE, HOSTILE)


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
