"""Progress charts: of a person and a team."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.cards import Card
from bot.text import Texts
from handlers.cards.progress import Progress, progress_card, team_progress_card
from handlers.samples.company import BLOCKERS, ELAPSED, HOSTILE, LONG, NEW, NOW, OWNER, Company, said
from handlers.samples.home import members
from models.item import Item
from models.rules.progress import Measured
from models.team import Member

# Shares of the target that were reached: well ahead, on pace, slightly behind, far behind, nothing yet.
REACHED = (Decimal("1.31"), Decimal("0.61"), Decimal("0.96"), Decimal("0.24"), None)
Samples = Iterator[tuple[str, Card]]


def progress_samples(t: Texts) -> Samples:
    """(name, card) of every progress card."""
    company = Company(t)
    yield from _person(t, company)
    yield from _team(t, company)


def _measured(items: Sequence[Item], reached: Sequence[Decimal | None]) -> list[tuple[Item, Measured]]:
    rows = []
    for number, item in enumerate(items):
        share = reached[number % len(reached)]
        base = item.target if item.target is not None else Decimal(3)
        places = Decimal(1) if base >= 20 else Decimal("0.01")
        value = None if share is None else (base * share).quantize(places)
        entry = Measured(item.direction, item.unit, item.target, item.weight, value, item.floor, item.stretch)
        rows.append((item, entry))
    return rows


def _person(t: Texts, company: Company) -> Samples:
    shown = Progress(
        person_id=OWNER + 1,
        name=company.name(OWNER),
        cycle=company.cycle.name,
        plan_id=31,
        state="active",
        items=_measured(company.items(), REACHED),
        elapsed=ELAPSED,
        reports=True,
    )
    yield "progress.person", progress_card(t, shown)
    yield "progress.person.reader", progress_card(t, replace(shown, reports=False))
    yield "progress.person.not_agreed", progress_card(t, replace(shown, items=()))
    yield "progress.person.no_values", progress_card(t, replace(shown, items=_measured(company.items(), (None,))))
    yield "progress.person.ahead", progress_card(t, replace(shown, items=_measured(company.items(), REACHED[:1])))
    blocked = [(company.items()[number].name, said(BLOCKERS, t), NOW) for number in (1, 3)]
    yield "progress.person.blocked", progress_card(t, replace(shown, blockers=blocked))
    yield "progress.person.kinds", progress_card(t, replace(shown, items=_measured(company.odd_items(), REACHED)))
    yield "progress.person.ten", progress_card(t, replace(shown, items=_measured(_ten(company), REACHED)))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        items = [item.model_copy(update={"name": words, "unit": words[:12]}) for item in company.items()[:3]]
        odd = replace(shown, name=words, cycle=words, items=_measured(items, REACHED), blockers=[(words, words, NOW)])
        yield f"progress.person.{name}", progress_card(t, odd)


def _ten(company: Company) -> list[Item]:
    items = [*company.items("finance-operations"), *company.items("technology-reliability")[:3]]
    for item in items:
        item.weight = Decimal(10)
    return items


def _team(t: Texts, company: Company) -> Samples:
    cycle = company.cycle.name
    everybody = members(company)
    yield "progress.team", team_progress_card(t, cycle, everybody, ELAPSED)
    yield "progress.team.empty", team_progress_card(t, cycle, [], ELAPSED)
    silent = [replace(one, done=None, blocked=False) for one in everybody]
    yield "progress.team.no_values", team_progress_card(t, cycle, silent, ELAPSED)
    one = [Member(company.person(NEW, HOSTILE), company.plan("active"), Decimal("0.5000"), blocked=True)]
    yield "progress.team.hostile", team_progress_card(t, HOSTILE, one, ELAPSED)
    many = [replace(everybody[number % 7], done=Decimal(number * 4) / 100) for number in range(30)]
    yield "progress.team.many", team_progress_card(t, cycle, many, ELAPSED)
