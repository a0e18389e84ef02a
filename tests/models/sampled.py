"""How one entry is tried for the table of rights."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    """How one entry is tried: in which states of Ana's plan, on what, with which value."""

    states: tuple[str, ...] = ("draft",)
    on: str = ""
    value: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
