"""The clock of a promise: what share of the time has passed, and whom to remind when (rules: docs/rules.md)."""

from datetime import datetime
from decimal import Decimal

# Shares of the time after which whoever is awaited is reminded; from JOINS on the next level up sees the case.
MARKS = (Decimal("0.5"), Decimal("0.8"), Decimal("0.95"))
JOINS = Decimal("0.8")
PLACES = Decimal("0.0001")


def share(begun: datetime, due: datetime, now: datetime) -> Decimal:
    """The share of the time that has passed, to 0.0001; more than 1 when it is over."""
    return Decimal((now - begun) / (due - begun)).quantize(PLACES)


def passed(begun: datetime, due: datetime, now: datetime) -> int:
    """How many of MARKS have passed."""
    return len([mark for mark in MARKS if share(begun, due, now) >= mark])
