"""A result with the names and texts it points to, as one reader may see it: what result cards are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from models.rules.standards import Standard
from models.rules.totals import SCALE, Level


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One item as it counts. `before` are last cycle's points of the same indicator, `absent` raters who count but
    did not score, `why` the reason it was left out."""

    id: int
    name: str
    part: str = "weighted"
    points: Decimal | None = None
    counted: Decimal | None = None
    contribution: Decimal | None = None
    excluded: bool = False
    why: str = ""
    absent: tuple[str, ...] = ()
    before: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What people made of the computed total: the manager's move and its comment, calibration's total and its reason.

    `origin` names which of them counts (models.result).
    """

    origin: str = "computed"
    adjustment: Decimal = Decimal(0)
    adjusted_by: str = ""
    comment: str = ""
    calibrated: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShownResult:
    """One result. `past` are (id, cycle) of the person's other readable results; `before` is (cycle, total) last time.

    `acknowledges`, `disputes`, `adjusts`: what the reader may do now.
    """

    id: int
    version: int
    name: str
    cycle: str
    state: str
    total: Decimal | None
    rating: str
    computed: Decimal | None
    lines: Sequence[ShownLine]
    decided: Decided = field(default_factory=Decided)
    levels: Sequence[Level] = SCALE
    before: tuple[str, Decimal] | None = None
    past: Sequence[tuple[int, str]] = ()
    published: datetime | None = None
    acknowledged: datetime | None = None
    mine: bool = False
    acknowledges: bool = False
    disputes: bool = False
    adjusts: bool = False

    @property
    def vetoes(self) -> list[str]:
        """The names of the vetoes that are tripped."""
        return [one.name for one in self.lines if one.part == "veto" and one.points == 0 and not one.excluded]


@dataclass(frozen=True, slots=True)
class Entry:
    """A measured value with where it came from; `by` is "" for values that no person entered."""

    value: Decimal
    source: str
    reference: str
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class ShownOrigin:
    """Where one item's points come from. `given` are the raters' points, `weights` what each of them counts in percent;
    `ruled` are the points before a dispute changed them, `late` the raters who handed in after their stage."""

    line: ShownLine
    result_id: int
    standard: Standard
    unit: str
    outcome: str
    rated: bool
    levels: Sequence[Level] = SCALE
    value: Entry | None = None
    previous: Entry | None = None
    given: Mapping[str, Decimal | None] = field(default_factory=dict)
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    rater: str = ""
    comment: str = ""
    ruled: Decimal | None = None
    mine: bool = False
    late: frozenset[str] = frozenset()
