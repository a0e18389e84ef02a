"""What a chart plots: a closed union of frozen dataclasses, each of which also says its figures in words.

Every text is written by the caller in the reader's language. What is no finite number is refused with ValueError;
a share outside of 0 to 1 is drawn at the end of its track.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Annotated, Literal

from pydantic import Field

Said = tuple[tuple[str, str], ...]
OFF = 1e-6  # what sums of floats may be off


class Tone(StrEnum):
    """The mood of a card or of one figure; never the only carrier of a meaning."""

    NEUTRAL = "neutral"
    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart: `done` and `target` are shares of the full track, `text` is the figure shown."""

    label: str
    done: float | None
    text: str
    target: float | None = None
    tone: Tone = Tone.NEUTRAL

    def __post_init__(self) -> None:
        _finite(self.done, self.target)


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares reached, one bar a row; a bar without a value is an empty outline, a target is a tick. `scale` is
    what the full track is in the unit of the figures, 0 if it has none."""

    rows: tuple[Bar, ...] = ()
    scale: float = 0.0
    kind: Literal["bars"] = "bars"

    def pairs(self) -> Said:
        """Label and figure of every row."""
        return tuple((bar.label, bar.text) for bar in self.rows)

    def key(self) -> str:
        """What the marks mean, in words; "" if the figures say it."""
        return ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `value` and `expected` in any unit from 0 on, `text` and `expected_text` say them.

    The tallest of the chart fills its height. A tone lifts a column out: the others turn pale.
    """

    label: str
    value: float
    text: str
    expected: float | None = None
    expected_text: str = ""
    tone: Tone = Tone.NEUTRAL

    def __post_init__(self) -> None:
        _finite(self.value, self.expected)
        if self.value < 0 or (self.expected or 0) < 0:
            raise ValueError("a column is not negative")


@dataclass(frozen=True, slots=True)
class Columns:
    """A distribution: columns side by side, what was expected as a dark step named `expected_name`.
    `scale` is what a value of 1 is in the unit of the figures."""

    rows: tuple[Column, ...] = ()
    expected_name: str = ""
    scale: float = 1.0
    kind: Literal["columns"] = "columns"

    def pairs(self) -> Said:
        """Label, figure and what was expected of every column."""
        return tuple((one.label, self._said(one)) for one in self.rows)

    def key(self) -> str:
        """Nothing: the figures name what was expected."""
        return ""

    def _said(self, one: Column) -> str:
        due = f"{self.expected_name} {one.expected_text}".strip() if one.expected_text else ""
        return " · ".join(part for part in (one.text, due) if part)


@dataclass(frozen=True, slots=True)
class Range:
    """One group: `low` to `high` is its middle half, `middle` its median or mean, all shares of the track.

    Without both ends only the tick is drawn, without a middle (a group too small to be shown) an empty outline.
    """

    label: str
    low: float | None
    middle: float | None
    high: float | None
    text: str

    def __post_init__(self) -> None:
        _finite(self.low, self.middle, self.high)
        if (self.low is None) != (self.high is None):
            raise ValueError("a range has both ends or none")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("a range rises")


@dataclass(frozen=True, slots=True)
class Ranges:
    """Distributions one below the other; `ends` are the figures at both ends of the track.

    `middle_name` says what the tick is, `span_name` what the thick bar is; texts name their figures in this order.
    """

    rows: tuple[Range, ...] = ()
    ends: tuple[str, str] = ("", "")
    middle_name: str = ""
    span_name: str = ""
    kind: Literal["ranges"] = "ranges"

    def pairs(self) -> Said:
        """Label and figures of every group."""
        return tuple((one.label, one.text) for one in self.rows)

    def key(self) -> str:
        """Which figures the texts give."""
        return " / ".join(name for name in (self.middle_name, self.span_name) if name)


@dataclass(frozen=True, slots=True)
class Stack:
    """One group's parts of the whole, 0 to 1 each and 1 or less together; no parts if they may not be shown."""

    label: str
    parts: tuple[float, ...]
    text: str

    def __post_init__(self) -> None:
        _finite(*self.parts)
        if any(part < 0 for part in self.parts) or sum(self.parts) > 1 + OFF:
            raise ValueError("parts are shares of one whole")


@dataclass(frozen=True, slots=True)
class Stacks:
    """Shares of named parts (`names`, in order) in groups, one group a row."""

    rows: tuple[Stack, ...] = ()
    names: tuple[str, ...] = ()
    kind: Literal["stacks"] = "stacks"

    def __post_init__(self) -> None:
        if any(one.parts and len(one.parts) != len(self.names) for one in self.rows):
            raise ValueError("every part has a name")

    def pairs(self) -> Said:
        """Label, figure and the share of every part in whole percents."""
        return tuple((one.label, " · ".join(self._said(one))) for one in self.rows)

    def key(self) -> str:
        """Nothing: the figures name the parts."""
        return ""

    def _said(self, one: Stack) -> list[str]:
        shares = [f"{name} {part:.0%}" for name, part in zip(self.names, one.parts, strict=False)]
        return [part for part in (one.text, *shares) if part]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two figures of one thing as shares of the track; `text` gives both, the first one first."""

    label: str
    first: float | None
    second: float | None
    text: str
    target: float | None = None

    def __post_init__(self) -> None:
        _finite(self.first, self.second, self.target)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two people, or a result and the one before it, compared row by row; `scale` as of Bars."""

    rows: tuple[Pair, ...] = ()
    first_name: str = ""
    second_name: str = ""
    scale: float = 0.0
    kind: Literal["pairs"] = "pairs"

    def pairs(self) -> Said:
        """Label and figures of every row."""
        return tuple((one.label, one.text) for one in self.rows)

    def key(self) -> str:
        """Whose figures the texts give."""
        return " / ".join(name for name in (self.first_name, self.second_name) if name)


Plot = Annotated[Bars | Columns | Ranges | Stacks | Pairs, Field(discriminator="kind")]


def _finite(*values: float | None) -> None:
    if any(value is not None and not isfinite(value) for value in values):
        raise ValueError("a figure of a chart is a finite number")
