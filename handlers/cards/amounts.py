"""Values with their units, as the reader writes them."""

from collections.abc import Sequence
from decimal import Decimal

from babel.numbers import format_decimal

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


def points(t: Texts, value: Decimal | None) -> str:
    """Points to 0.01, always with both decimals, so that sums can be checked by eye; a dash if there are none."""
    if value is None:
        return "–"
    said = format_decimal(abs(value), format="#,##0.00", locale=t.locale)
    return f"−{said}" if value < 0 else said


def signed(t: Texts, value: Decimal) -> str:
    """Points with their sign: +2.00, −1.50."""
    return f"{'' if value < 0 else '+'}{points(t, value)}"


def sum_text(t: Texts, parts: Sequence[Decimal]) -> str:
    """A sum as it is written: 38.00 + 30.00 − 2.00 = 66.00."""
    first, *more = parts or [Decimal(0)]
    said = [f"{'−' if one < 0 else '+'} {points(t, abs(one))}" for one in more]
    return " ".join([points(t, first), *said, "=", points(t, sum(parts, Decimal(0)))])
