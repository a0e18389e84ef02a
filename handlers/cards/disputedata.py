"""A dispute with the names and texts it points to, as one reader may see it: what dispute cards are drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from handlers.cards.evidence import ShownPiece


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One value on record; `by` is "" for values that no person entered."""

    value: Decimal
    at: datetime
    by: str = ""
    source: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ShownGiven:
    """What one rater gave, and when."""

    rater: str
    by: str
    level: str
    points: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ShownReread:
    """An item as its origin had it when the case was filed (models.recheck); `counted` is what the result counted,
    `record` the record that value came from, `newest` the one that is newer, if there is one."""

    name: str
    kind: str
    unit: str = ""
    counted: Decimal | None = None
    differs: bool = False
    record: ShownEntry | None = None
    newest: ShownEntry | None = None
    earlier: Sequence[ShownEntry] = ()
    given: Sequence[ShownGiven] = ()
    data_owner: str = ""


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One thing that happened to the case; `who` is "" for the clock."""

    action: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShownCase:
    """One case as one reader may see it. `item` is "" for the whole result, and the figures of the item then unknown.

    `pieces` is the evidence of the item (or of all); `verbs` are what the reader may do now; `mark` is the share of the
    time that had passed when they were reminded.
    """

    id: int
    version: int
    name: str
    cycle: str
    state: str
    filed_at: datetime
    awaited_by: datetime
    now: datetime
    item: str = ""
    points: Decimal | None = None
    points_after: Decimal | None = None
    weight: Decimal | None = None
    total: Decimal | None = None
    rating: str = ""
    total_before: Decimal | None = None
    total_after: Decimal | None = None
    rating_after: str = ""
    rereads: Sequence[ShownReread] = ()
    reason: str = ""
    evidence: str = ""
    answer: str = ""
    answered_by: str = ""
    ruling: str = ""
    ruled_by: str = ""
    steps: Sequence[ShownStep] = ()
    awaited: str = ""
    joined: str = ""
    verbs: Sequence[str] = ()
    mark: Decimal | None = None
    mine: bool = False
    asked: bool = False
    result_id: int = 0
    pieces: Sequence[ShownPiece] = ()

    @property
    def running(self) -> bool:
        """Whether somebody is awaited."""
        return self.state in ("manager", "hr")


@dataclass(frozen=True, slots=True)
class Listed:
    """One case in a list."""

    id: int
    name: str
    item: str
    state: str
    awaited: str
    awaited_by: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownDisputes:
    """What `perf dispute` shows one reader. `files` is (result id, version, cycle) of what they can still dispute."""

    now: datetime
    waiting: Sequence[Listed] = ()
    own: Sequence[Listed] = ()
    all: Sequence[Listed] = ()
    watches: bool = False
    cycle: str = ""
    files: tuple[int, int, str] | None = None
