"""Charts that Slack's clients draw themselves (data_visualization, June 2026), where nothing is lost that our picture
shows.

Slack draws upright bars and pies: no target, no range, no stacked parts. A figure is shown when it is pointed at, so
all of them stand below in words as well, for who cannot point and for screen readers.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from bot.cards import Chart
from bot.platforms.slack.limits import SECTION, cut_words, size, whole
from bot.platforms.slack.spans import Json, plain
from bot.plots import Bars, Column, Columns, Pairs, Ranges, Stack, Stacks, Tone

# Slack's reference of the block. Six where it says so or where it says twelve, as the page did before; two charts a
# message is what its validation says.
TITLE, NAME, POINTS, SERIES, MOST = 50, 20, 20, 6, 2
# A tone is a sign before the name: Slack chooses the colours.
SIGNS = {Tone.NEUTRAL: "", Tone.INFO: "", Tone.GOOD: "✓ ", Tone.WARN: "! ", Tone.BAD: "▼ "}
DAY = timedelta(days=1)
Series = tuple[str, Sequence[float]]


class Charting:
    """Which charts go out as their data. Where Slack once refused one, all are pictures for a day."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._until: datetime | None = None

    def draws(self, chart: Chart) -> bool:
        """Whether Slack draws it."""
        return native(chart) and (self._until is None or self._clock() >= self._until)

    def refused(self) -> None:
        """Slack took no chart: not in every workspace yet, or not any more."""
        self._until = self._clock() + DAY


def native(chart: Chart) -> bool:
    """Whether Slack can draw it without a loss: short names, each once, and nothing that it has no sign for."""
    plot = chart.plot
    if not _fits([chart.title], TITLE) or not plot.rows:
        return False
    match plot:
        case Stacks(rows, names):
            return len(rows) == 1 and _pie(rows[0], names)
        case Bars(rows, scale):
            full = scale > 0 and all(row.done is not None and row.target is None for row in rows)
            return full and _points([f"{SIGNS[row.tone]}{row.label}" for row in rows])
        case Pairs(rows, first, second, scale):
            full = all(row.first is not None and row.second is not None and row.target is None for row in rows)
            return scale > 0 and full and _points([row.label for row in rows]) and _fits([first, second], NAME)
        case Columns(rows, expected):
            same = len({row.expected is None for row in rows}) == 1 and all(row.tone is Tone.NEUTRAL for row in rows)
            named = rows[0].expected is None or _fits([expected, _short(chart)], NAME)
            return same and named and _points([row.label for row in rows])
        case Ranges():
            return False
        case _:
            assert_never(plot)


def drawn(chart: Chart) -> list[Json]:
    """The chart, and its caption and figures in words; only for what is `native`."""
    block = {"type": "data_visualization", "title": whole(chart.title), "chart": _chart(chart)}
    figures = "; ".join(f"{label}: {text}" for label, text in chart.plot.pairs())
    said = "\n".join(part for part in (chart.caption(), figures, chart.more) if part)
    return [block, {"type": "context", "elements": [plain(said, SECTION)]}]


def _chart(chart: Chart) -> Json:
    plot = chart.plot
    match plot:
        case Stacks(rows, names):
            shares = zip(names, rows[0].parts, strict=True)
            return {"type": "pie", "segments": [_point(name, 100 * part) for name, part in shares if part > 0]}
        case Bars(rows, scale):
            labels = [f"{SIGNS[row.tone]}{row.label}" for row in rows]
            return _upright(labels, [(_short(chart), [scale * (row.done or 0) for row in rows])])
        case Pairs(rows, first, second, scale):
            of = [
                (first, [scale * (row.first or 0) for row in rows]),
                (second, [scale * (row.second or 0) for row in rows]),
            ]
            return _upright([row.label for row in rows], of)
        case Columns(rows, expected, scale):
            return _upright([row.label for row in rows], _columns(_short(chart), expected, rows, scale))
        case Ranges():
            raise ValueError("no chart of Slack's")
        case _:
            assert_never(plot)


def _columns(name: str, expected: str, rows: Sequence[Column], scale: float) -> list[Series]:
    found: list[Series] = [(name, [scale * row.value for row in rows])]
    if rows[0].expected is not None:
        found.append((expected, [scale * (row.expected or 0) for row in rows]))
    return found


def _upright(labels: Sequence[str], series: Sequence[Series]) -> Json:
    """Bars side by side: every series has one figure for every category."""
    made = [
        {"name": whole(name), "data": [_point(label, value) for label, value in zip(labels, values, strict=True)]}
        for name, values in series
    ]
    return {"type": "bar", "series": made, "axis_config": {"categories": [whole(label) for label in labels]}}


def _point(label: str, value: float) -> Json:
    return {"label": whole(label), "value": round(value, 2)}


def _pie(row: Stack, names: Sequence[str]) -> bool:
    shares = [part for part in row.parts if part > 0]
    some = 0 < len(shares) <= SERIES and min(shares) >= 0.0001  # it is said in whole hundredths of a percent
    return some and _fits(names, NAME)


def _points(labels: Sequence[str]) -> bool:
    return len(labels) <= POINTS and _fits(labels, NAME)


def _fits(names: Sequence[str], most: int) -> bool:
    """Whether all are there, short enough, and each once."""
    return len(set(names)) == len(names) and all(name.strip() and size(name) <= most for name in names)


def _short(chart: Chart) -> str:
    """The title where Slack names the bars."""
    return cut_words(chart.title, NAME)
