"""How the columns of a file may be called and what their words mean, in four languages (columns.toml)."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.text import N_, clean

FILE = Path(__file__).with_name("columns.toml")

# Field → label shown in findings.
LABELS = {
    "number": N_("Employee number"),
    "name": N_("Full name"),
    "email": N_("E-mail"),
    "position": N_("Position"),
    "department": N_("Department"),
    "manager": N_("Manager's number"),
    "hired_on": N_("Hire date"),
    "hourly": N_("Hourly rate"),
    "pay": N_("Pay"),
    "annual": N_("Annual salary"),
    "frequency": N_("Pay frequency"),
    "currency": N_("Currency"),
    "active": N_("Works here"),
    "locale": N_("Language"),
    "zone": N_("Time zone"),
    "country": N_("Country"),
}
REQUIRED = ("number", "name", "department")


def folded(heading: str) -> str:
    """A heading or word without case, punctuation and double spaces."""
    letters = "".join(char if char.isalnum() else " " for char in clean(heading).casefold())
    return " ".join(letters.split())


def field_of(heading: str) -> str:
    """The field a heading means, "" if it is not known."""
    return _fields().get(folded(heading), "")


def works_here(word: str) -> bool | None:
    """Whether a word of the status column says yes; None if it says nothing we know."""
    words = _said()["words"]
    known = {folded(alias): answer for answer, name in ((True, "yes"), (False, "no")) for alias in words[name]}
    return known.get(folded(word))


def periods(word: str) -> int | None:
    """How many such pay periods a year has."""
    for count, aliases in _said()["periods"].items():
        if folded(word) in map(folded, aliases):
            return int(count)
    return None


@lru_cache(maxsize=1)
def _said() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _fields() -> Mapping[str, str]:
    return {folded(alias): field for field in LABELS for alias in _said()[field]}
