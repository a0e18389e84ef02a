"""Two people side by side, with everything, nothing and only one thing in common."""

from collections.abc import Iterator
from decimal import Decimal

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.compare import Comparison, comparison_card
from handlers.samples.company import AUTHOR, HOSTILE, NOW, OWNER, Company
from models.comparison import Side, shared
from models.item import Item
from models.rules.progress import Measured

Samples = Iterator[tuple[str, Card | Sheet]]
REACHED = ("0.95", "1.20", "0.40", None, "1.00", "0.83", "0.71", "1.05")


def compare_samples(t: Texts) -> Samples:
    """(name, card) of comparisons."""
    company = Company(t)
    sales, risk = company.items(), company.items("finance-risk")
    first = _side(company, OWNER, sales, 0)
    yield "person.comparison.same", _card(t, company, first, _side(company, AUTHOR, sales, 2))
    yield "person.comparison.apart", _card(t, company, first, _side(company, AUTHOR, risk, 1))
    hostile = Side(company.person(AUTHOR, HOSTILE), (), None, 0, 0, None, 0)
    yield "person.comparison.nothing", _card(t, company, hostile, hostile)


def _side(company: Company, who: int, items: list[Item], shift: int) -> Side:
    figures = []
    for number, item in enumerate(items):
        reached = REACHED[(number + shift) % len(REACHED)]
        value = None if reached is None or item.target is None else item.target * Decimal(reached)
        measured = Measured(item.direction, item.unit, item.target, item.weight, value, item.floor, item.stretch)
        figures.append((item, measured))
    return Side(company.person(who), figures, Decimal("0.87"), 6 + shift, 21, NOW, shift)


def _card(t: Texts, company: Company, first: Side, second: Side) -> Card:
    both, alone, other = shared(first, second)
    return comparison_card(t, Comparison(company.cycle.name, first, second, both, (alone, other)))
