"""The published results of the company and of a department, in every facet, and of too few people."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.overview import FACETS, ShownOverview, overview_card
from handlers.samples.company import HOSTILE, Company
from models.department import Department
from models.overview import EDGES, Group, Overview
from models.rules.statistics import distribution, ranking, shares, summary, tails
from models.rules.totals import SCALE, rating
from models.terms import GUIDANCE

Samples = Iterator[tuple[str, Card | Sheet]]
NAMES = [level.name for level in SCALE]
PEOPLE = (64, 31, 28, 12, 6)


def overview_samples(t: Texts) -> Samples:
    """(name, card) of every facet."""
    company = Company(t)
    whole = _overview()
    names = dict(enumerate(company.departments(), 1))
    names |= {-one.id: one.name(t.locale) for one in company.indicators()}
    places = [("0", t("The company")), *((str(number), name) for number, name in enumerate(company.departments(), 1))]
    values: dict[str, Any] = {"cycle": company.cycle.name, "guidance": GUIDANCE, "names": names}
    for facet in FACETS:
        shown = ShownOverview(
            place=t("The company"), department=0, facet=facet, overview=whole, places=places, **values
        )
        yield f"overview.{facet}.company", overview_card(t, shown)
    few = Overview(4, None, None, (), None, (), 4, ())
    small = ShownOverview(place=HOSTILE, department=5, facet="scores", overview=few, **values)
    yield "overview.few", overview_card(t, small)
    bare = Overview(6, summary(_totals(6, 0)), None, distribution(_totals(6, 0), EDGES), None, (), 6, ())
    for facet in FACETS:
        plain = ShownOverview(place=company.departments()[4], department=5, facet=facet, overview=bare, **values)
        yield f"overview.{facet}.small", overview_card(t, plain)


def _totals(people: int, shift: int) -> list[Decimal]:
    """A plausible spread, the same every time: most around 88, some far above and below."""
    return [Decimal(88 + shift) + Decimal((number * 37) % 41 - 20) * Decimal("0.9") for number in range(people)]


def _overview() -> Overview:
    groups, every = [], []
    for number, people in enumerate(PEOPLE, 1):
        totals = _totals(people, 7 - 3 * number)
        every += totals
        known = summary(totals)
        if known is not None:
            department = Department(id=number, code=str(number), names={})
            groups.append(Group(department, people, known, shares([rating(one) for one in totals], NAMES)))
    ratings = [rating(one) for one in every]
    done = [(101 + number % 12, Decimal(60 + (number * 29) % 60) / 100) for number in range(400)]
    return Overview(
        people=len(every) + 3,
        totals=summary(every),
        shares=shares(ratings, NAMES),
        bins=distribution(every, EDGES),
        tails=tails(every),
        groups=tuple(groups),
        hidden=9,
        ranking=ranking(done),
    )
