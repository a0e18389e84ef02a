"""What stands on the tracks of rows: bars, ranges, stacked parts, pairs."""

from functools import partial

from bot.charts import fonts, shades
from bot.charts.canvas import Canvas
from bot.charts.rows import Row, Shape, Track
from bot.charts.style import SMALL, TINY
from bot.plots import Bar, Bars, Pair, Pairs, Range, Ranges, Stack, Stacks, Tone

BARS = Shape()
RANGES = Shape()
STACKS = Shape(thick=16.0, thin=13.0, tall=12)
PAIRS = Shape(thick=11.0, thin=10.0, tall=12)
DOT, DIAMOND = 3.6, 6.2


def of_bars(plot: Bars) -> list[Row]:
    """A bar a row."""
    return [Row(bar.label, bar.text, partial(_bar, bar), bar.done is not None, bar.tone) for bar in plot.rows]


def of_ranges(plot: Ranges) -> list[Row]:
    """A middle half and its tick a row."""
    return [Row(one.label, one.text, partial(_range, one), one.middle is not None) for one in plot.rows]


def of_stacks(plot: Stacks) -> list[Row]:
    """A whole and its parts a row."""
    return [Row(one.label, one.text, partial(_stack, one, plot.names), bool(one.parts)) for one in plot.rows]


def of_pairs(plot: Pairs) -> list[Row]:
    """Two marks a row."""
    return [Row(one.label, one.text, partial(_pair, one), (one.first, one.second) != (None, None)) for one in plot.rows]


def dot(canvas: Canvas, x: float, y: float) -> None:
    """The mark of the first of a pair."""
    canvas.disc(x, y, DOT, canvas.palette.fill[Tone.NEUTRAL])


def diamond(canvas: Canvas, x: float, y: float) -> None:
    """The mark of the second of a pair: larger than the dot, so that equal figures show both."""
    points = [(x, y - DIAMOND), (x + DIAMOND, y), (x, y + DIAMOND), (x - DIAMOND, y)]
    canvas.shape(points, canvas.palette.paper, canvas.palette.text, 1.4)


def _bar(bar: Bar, canvas: Canvas, track: Track) -> None:
    half = track.thick / 2
    _groove(canvas, track, known=bar.done is not None)
    if bar.done is not None and bar.done > 0:
        # A stroke without length is not drawn.
        end = max(track.at(bar.done) - half, track.left + half + 0.5)
        canvas.line((track.left + half, track.y), (end, track.y), track.thick, canvas.palette.fill[bar.tone], cap=True)
    if bar.target is not None:
        canvas.tick(_inside(track, bar.target), track.y, half + 2.5)


def _range(one: Range, canvas: Canvas, track: Track) -> None:
    _groove(canvas, track, known=one.middle is not None)
    if one.middle is None:
        return
    if one.low is not None and one.high is not None:
        left, right = track.at(one.low), track.at(one.high)
        wide = max(right - left, 2.0)
        canvas.box(left, track.y - track.thick / 2, wide, track.thick, canvas.palette.fill[Tone.NEUTRAL])
    canvas.tick(_inside(track, one.middle), track.y, track.thick / 2 + 2.5)


def _stack(one: Stack, names: tuple[str, ...], canvas: Canvas, track: Track) -> None:
    if not one.parts:
        canvas.hollow(track.left, track.right, track.y, min(track.thick, 8.0))
        return
    done = 0.0
    for number, (part, name) in enumerate(zip(one.parts, names, strict=True)):
        left, right = track.at(done), track.at(done + part)
        done += part
        if right - left >= 0.5:
            shade = shades.shade(canvas.palette, number, len(names))
            wide = max(right - left - 1.2, 0.5)
            canvas.box(left, track.y - track.thick / 2, wide, track.thick, shade.fill, shade.hatch, shade.lines)
            _inscribe(canvas, (left + wide / 2, track.y), wide, f"{part:.0%}", name, shade, track.thick)


def _inscribe(
    canvas: Canvas, at: tuple[float, float], wide: float, share: str, name: str, shade: shades.Shade, thick: float
) -> None:
    """Name and share within a part, the share alone where that is too wide, nothing where even that is."""
    size = SMALL if thick > 14 else TINY
    for said in (f"{fonts.drawable(name, canvas.names)} {share}", share):
        if fonts.width(said, size, canvas.names) <= wide - 6:
            canvas.write(at[0], at[1] + size * 0.36, said, size, shade.ink, side="center", halo=shade.fill)
            return


def _pair(one: Pair, canvas: Canvas, track: Track) -> None:
    if one.first is None and one.second is None:
        canvas.hollow(track.left, track.right, track.y, min(track.thick, 8.0))
        return
    inner = Track(track.left + DIAMOND + 1, track.right - DIAMOND - 1, track.y, track.thick)
    canvas.line((track.left + 1.5, track.y), (track.right - 1.5, track.y), 3.0, canvas.palette.track, cap=True)
    if one.first is not None and one.second is not None:
        between = inner.at(one.first), inner.at(one.second)
        canvas.line((between[0], track.y), (between[1], track.y), 3.0, canvas.palette.dashes)
    if one.target is not None:
        canvas.tick(inner.at(one.target), track.y, track.thick / 2 + 1, canvas.palette.muted)
    if one.second is not None:
        diamond(canvas, inner.at(one.second), track.y)
    if one.first is not None:
        dot(canvas, inner.at(one.first), track.y)


def _groove(canvas: Canvas, track: Track, *, known: bool) -> None:
    half = track.thick / 2
    if known:
        start, end = (track.left + half, track.y), (track.right - half, track.y)
        canvas.line(start, end, track.thick, canvas.palette.track, cap=True)
    else:
        canvas.hollow(track.left, track.right, track.y, track.thick)


def _inside(track: Track, share: float) -> float:
    return min(max(track.at(share), track.left + 1), track.right - 1)
