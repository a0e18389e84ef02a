"""A plan with the names it points to, as one reader may see it: what plan cards are drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.item import Difference, Item
from models.plan import Plan
from models.rules.plans import Finding


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item with the names it points to."""

    item: Item
    goal: str = ""
    owner: str = ""
    accountable: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what, with their reason."""

    decision: str
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan as one reader may see it. `allowed` are the verbs open to them; `findings` the failed machine checks;
    `pieces` how many pieces of evidence were given."""

    plan: Plan
    owner: str
    cycle: str
    items: Sequence[ShownItem]
    allowed: Sequence[str] = ()
    waits_for: str = ""
    due: datetime | None = None
    findings: Sequence[tuple[str, Finding]] = ()
    changed: Sequence[Difference] = ()
    goals: tuple[tuple[int, str], ...] = ()
    last: Decision | None = None
    templates: tuple[tuple[str, str], ...] = ()
    mine: bool = False
    pieces: int = 0

    @property
    def asked(self) -> bool:
        """Whether the reader has to decide something."""
        return bool({"approve", "pass", "confirm", "accept"} & set(self.allowed))
