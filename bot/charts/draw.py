"""Draws one chart as a PNG; runs in the worker process, the only place where matplotlib is loaded."""

from typing import assert_never

from bot.cards import Chart
from bot.charts import fonts, tracks
from bot.charts.canvas import LEFT, RIGHT, Canvas
from bot.charts.columns import columns
from bot.charts.legend import legend
from bot.charts.rows import Piece, rows
from bot.charts.style import SMALL, SUBTITLE, THEMES, TITLE
from bot.plots import Bars, Columns, Pairs, Plot, Ranges, Stacks

MARGIN = 16.0


def draw(chart: Chart, theme: str = "light") -> bytes:
    """The chart as PNG, 720 pixels wide; `theme` is "light" or "dark", anything else is light."""
    fonts.load()
    names = fonts.families(chart.locale)
    pieces = [_heading(chart, names)]
    pieces.append(legend(chart.plot, names, pieces[-1].bottom))
    pieces.append(_plot(chart.plot, names, pieces[-1].bottom + 12))
    pieces.append(_ends(chart.plot, names, pieces[-1]))
    pieces.append(_more(chart.more, names, pieces[-1].bottom))
    canvas = Canvas(pieces[-1].bottom + MARGIN, names, THEMES.get(theme, THEMES["light"]))
    for piece in pieces:
        piece.paint(canvas)
    return canvas.png()


def _plot(plot: Plot, names: list[str], top: float) -> Piece:
    match plot:
        case Bars():
            return rows(tracks.of_bars(plot), tracks.BARS, names, top)
        case Columns():
            return columns(plot, names, top)
        case Ranges():
            return rows(tracks.of_ranges(plot), tracks.RANGES, names, top)
        case Stacks():
            return rows(tracks.of_stacks(plot), tracks.STACKS, names, top)
        case Pairs():
            return rows(tracks.of_pairs(plot), tracks.PAIRS, names, top)
        case _:
            assert_never(plot)


def _heading(chart: Chart, names: list[str]) -> Piece:
    """Title and subtitle, two lines each at most."""
    lines, y, room = [], 9.0, RIGHT - LEFT
    for said, size, step in ((chart.title, TITLE, 18.0), (chart.subtitle, SUBTITLE, 14.0)):
        shown = fonts.drawable(said, names)
        y += 1 if size == TITLE else 4
        for line in fonts.wrap(shown, size, room, names) if shown else []:
            y += step
            lines.append((line, y, size))

    def paint(canvas: Canvas) -> None:
        for said, baseline, size in lines:
            strong = size == TITLE
            colour = canvas.palette.text if strong else canvas.palette.muted
            canvas.write(LEFT, baseline, said, size, colour, strong=strong)

    return Piece(lines[-1][1] if lines else 12.0, paint)


def _ends(plot: Plot, names: list[str], under: Piece) -> Piece:
    """The figures at both ends of the tracks above."""
    if not isinstance(plot, Ranges) or not any(plot.ends) or not plot.rows:
        return Piece(under.bottom, lambda canvas: None)
    room = (under.right - under.left) / 2 - 4
    first, last = (fonts.cut(fonts.drawable(said, names), SMALL, room, names) for said in plot.ends)

    def paint(canvas: Canvas) -> None:
        canvas.write(under.left, under.bottom + 14, first, SMALL, canvas.palette.muted)
        canvas.write(under.right, under.bottom + 14, last, SMALL, canvas.palette.muted, side="right")

    return Piece(under.bottom + 16, paint)


def _more(said: str, names: list[str], top: float) -> Piece:
    """A quiet last line."""
    shown = fonts.cut(fonts.drawable(said, names), SMALL, RIGHT - LEFT, names)
    if not shown:
        return Piece(top, lambda canvas: None)
    return Piece(top + 17, lambda canvas: canvas.write(LEFT, top + 16, shown, SMALL, canvas.palette.muted))
