"""Values with their units, as the reader writes them."""

from decimal import Decimal

from bot.text import Texts
from models.rules.units import UNITS

CLOSE = frozenset({"%", "‰"})


def amount(t: Texts, value: Decimal | None, unit: str) -> str:
    """A value with its unit; a dash if there is none."""
    if value is None:
        return "–"
    said = unit_name(t, unit)
    gap = "" if unit in CLOSE or not said else " "
    return f"{t.number(value)}{gap}{said}"


def unit_name(t: Texts, unit: str) -> str:
    """The unit in the reader's language; free text stays as it was written."""
    return t(UNITS[unit]) if unit in UNITS else unit


def weight(t: Texts, value: Decimal | None) -> str:
    """A weight in percent; a dash for items without weight."""
    return "–" if value is None else f"{t.number(value)}%"
