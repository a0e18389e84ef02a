"""Who works in the sample company: what the data files say, as typed values."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SHANGHAI, TOKYO, TAIPEI, SINGAPORE = "Asia/Shanghai", "Asia/Tokyo", "Asia/Taipei", "Asia/Singapore"
DOMAIN = "harbourlight.example"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody to be hired. `pay` is a monthly base pay as "amount currency", "" for what the position pays."""

    handle: str
    name: str
    department: str
    position: str
    other_name: str = ""
    manager: str = ""
    locale: str = "zh_Hans"
    zone: str = SHANGHAI
    roles: tuple[str, ...] = ()
    hired: date | None = None
    pay: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """Members to be made up: `count` of a position, under a lead of their own (a position) or the named manager.

    Of a `settled` team everybody has been there for years.
    """

    department: str
    position: str
    count: int
    manager: str
    lead: str = ""
    settled: bool = False


@lru_cache(maxsize=8)
def said(name: str) -> dict[str, Any]:
    """What one data file says."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def cast(company: str) -> list[Member]:
    """The fixed people of the "full" or the "small" company, managers before their reports."""
    people = said("people")
    return [
        Member(**{**entry, "roles": tuple(entry.get("roles", ()))}) for entry in (*people["both"], *people[company])
    ]


def teams() -> list[Team]:
    """The teams of the full company."""
    return [Team(**entry) for entry in said("people")["teams"]]
