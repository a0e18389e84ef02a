"""Draws one chart as a PNG; runs in the worker process, the only place where matplotlib is loaded."""

import io
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from PIL import Image

from bot.cards import Bar, Chart
from bot.charts import fonts
from bot.charts.style import (
    BODY,
    COLOURS,
    DPI,
    EDGE,
    GLYPHS,
    MOST,
    SMALL,
    SUBTITLE,
    TALL,
    THEMES,
    TITLE,
    WIDTH,
    Palette,
)

matplotlib.rcParams["text.parse_math"] = False  # a name with "$" is a name (threat T46)
matplotlib.rcParams["axes.unicode_minus"] = False

LEFT, RIGHT = EDGE, WIDTH - EDGE
GLYPH = 14.0
GAP = 12.0


@dataclass(frozen=True, slots=True)
class Row:
    """One bar, measured: lines of its label, its figure, and `top`, points below the upper edge."""

    bar: Bar
    lines: tuple[str, ...]
    text: str
    top: float


class Canvas:
    """A sheet of paper measured in points from its upper left corner."""

    def __init__(self, height: float, names: list[str], palette: Palette) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=DPI, facecolor=palette.paper)
        self._agg = FigureCanvasAgg(self.figure)
        self.names, self.palette = names, palette
        self._points = Affine2D().scale(DPI / 72, -DPI / 72).translate(0, self.figure.bbox.height)

    def write(
        self,
        x: float,
        y: float,
        said: str,
        size: float,
        colour: str,
        *,
        side: Literal["left", "right"] = "left",
        strong: bool = False,
    ) -> None:
        """Puts a line of text with its baseline at y. No face has a bold one for every script: `strong` thickens it."""
        line = Text(x, y, said, size=size, color=colour, ha=side, va="baseline", family=self.names, parse_math=False)
        line.set_transform(self._points)
        if strong:
            line.set_path_effects([Stroke(linewidth=0.55, foreground=colour), Normal()])
        self.figure.add_artist(line)

    def mark(self, x: float, y: float, glyph: str, colour: str) -> None:
        """Puts a small sign, centred at x, in the one face that draws it heavily."""
        sign = Text(x, y, glyph, size=10, color=colour, ha="center", va="baseline", family=[fonts.LAST], weight="bold")
        sign.set_transform(self._points)
        self.figure.add_artist(sign)

    def line(self, start: tuple[float, float], end: tuple[float, float], thick: float, colour: str, cap: bool) -> None:
        """A straight stroke, with round ends if `cap`; the ends stick out by half its thickness."""
        style: Literal["round", "butt"] = "round" if cap else "butt"
        xs, ys = (start[0], end[0]), (start[1], end[1])
        stroke = Line2D(xs, ys, linewidth=thick, color=colour, solid_capstyle=style, transform=self._points)
        self.figure.add_artist(stroke)

    def hollow(self, left: float, right: float, y: float, thick: float) -> None:
        """A dashed outline where no value is known."""
        shape = FancyBboxPatch(
            (left + 0.5, y - thick / 2 + 0.5),
            right - left - 1,
            thick - 1,
            boxstyle=f"round,pad=0,rounding_size={(thick - 1) / 2}",
            facecolor="none",
            edgecolor=self.palette.dashes,
            linestyle=(0, (3, 2)),
            linewidth=1,
            transform=self._points,
        )
        self.figure.add_artist(shape)

    def png(self) -> bytes:
        """The picture: few colours, no date, no program name, so that equal data give equal bytes."""
        self._agg.draw()  # type: ignore[no-untyped-call]
        pixels = Image.fromarray(np.asarray(self._agg.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]
        few = pixels.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.putpalette(_exact(few, self.palette.paper))
        out = io.BytesIO()
        few.save(out, "PNG")
        return out.getvalue()


def draw(chart: Chart, theme: str = "light") -> bytes:
    """The chart as PNG, 720 pixels wide; `theme` is "light" or "dark", anything else is light."""
    fonts.load()
    names = fonts.families(chart.locale)
    palette = THEMES.get(theme, THEMES["light"])
    heading = _heading(chart, names)
    shown = chart.bars[:MOST]
    if len(shown) > TALL:
        return _dense(chart, names, palette, heading)
    rows = _rows(shown, names, heading[-1][1] + 12, _sign_room(shown))
    bottom = rows[-1].top + 13 * len(rows[-1].lines) + 30 if rows else heading[-1][1] + 42
    canvas = Canvas(bottom, names, palette)
    _write_heading(canvas, heading)
    for row in rows:
        _paint(canvas, row, _sign_room(shown))
    if not rows:
        canvas.hollow(LEFT, RIGHT, bottom - EDGE - 4, 8)
    return canvas.png()


def _exact(few: Image.Image, paper: str) -> list[int]:
    """The palette with the true colour of the paper: an octree mixes a little of its neighbours into it."""
    colours, corner = few.getpalette() or [], few.crop((0, 0, 1, 1)).tobytes()[0]
    colours[3 * corner : 3 * corner + 3] = bytes.fromhex(paper.removeprefix("#"))
    return colours


def _heading(chart: Chart, names: list[str]) -> list[tuple[str, float, float]]:
    """Lines of title and subtitle, each with its baseline and size."""
    out, y, room = [], 9.0, RIGHT - LEFT
    for said, size, step in ((chart.title, TITLE, 18.0), (chart.subtitle, SUBTITLE, 14.0)):
        shown = fonts.drawable(said, names)
        y += 1 if size == TITLE else 4
        for line in fonts.wrap(shown, size, room, names) if shown else []:
            y += step
            out.append((line, y, size))
    return out or [("", 12.0, SUBTITLE)]


def _write_heading(canvas: Canvas, heading: list[tuple[str, float, float]]) -> None:
    for said, y, size in heading:
        strong = size == TITLE
        canvas.write(LEFT, y, said, size, canvas.palette.text if strong else canvas.palette.muted, strong=strong)


def _sign_room(bars: tuple[Bar, ...]) -> float:
    """Width of the column of signs: none where no bar has one."""
    return GLYPH if any(bar.tone in GLYPHS for bar in bars) else 0.0


def _rows(bars: tuple[Bar, ...], names: list[str], top: float, signs: float) -> list[Row]:
    """The bars below one another, each label above its bar on one line or two."""
    out = []
    for bar in bars:
        text = fonts.cut(fonts.drawable(bar.text, names), BODY, (RIGHT - LEFT) * 0.55, names)
        room = RIGHT - LEFT - signs - fonts.width(text, BODY, names) - GAP
        lines = tuple(fonts.wrap(fonts.drawable(bar.label, names), BODY, room, names))
        out.append(Row(bar, lines, text, top))
        top += 19 + 13 * len(lines)
    return out


def _paint(canvas: Canvas, row: Row, signs: float) -> None:
    baseline = row.top + 13
    for number, said in enumerate(row.lines):
        canvas.write(LEFT, baseline + 13 * number, said, BODY, canvas.palette.text)
    _figure(canvas, row.bar, row.text, baseline, signs, size=BODY)
    _track(canvas, row.bar, LEFT, RIGHT, baseline + 13 * len(row.lines) - 3, thick=8.0)


def _figure(canvas: Canvas, bar: Bar, text: str, baseline: float, signs: float, *, size: float) -> None:
    """The figure in the right column, its sign beside it: the tone never rests on colour alone."""
    ink = canvas.palette.muted if _share(bar.done) is None else canvas.palette.ink[bar.tone]
    canvas.write(RIGHT - signs, baseline, text, size, ink, side="right")
    if bar.tone in GLYPHS:
        canvas.mark(RIGHT - 4.5, baseline, GLYPHS[bar.tone], canvas.palette.ink[bar.tone])


def _track(canvas: Canvas, bar: Bar, left: float, right: float, y: float, *, thick: float) -> None:
    done, target, half = _share(bar.done), _share(bar.target), thick / 2
    if done is None:
        canvas.hollow(left, right, y, thick)
    else:
        canvas.line((left + half, y), (right - half, y), thick, canvas.palette.track, cap=True)
    if done:
        end = max(left + (right - left) * done - half, left + half + 0.5)  # a stroke without length is not drawn
        canvas.line((left + half, y), (end, y), thick, canvas.palette.fill[bar.tone], cap=True)
    if target is not None:
        x = min(max(left + (right - left) * target, left + 1), right - 1)
        canvas.line((x, y - half - 2.5), (x, y + half + 2.5), 3.6, canvas.palette.paper, cap=False)
        canvas.line((x, y - half - 2.5), (x, y + half + 2.5), 1.6, canvas.palette.text, cap=False)


def _share(value: float | None) -> float | None:
    """The value within the track; None for none and for what is no number."""
    return None if value is None or not isfinite(value) else min(max(value, 0.0), 1.0)


def _dense(chart: Chart, names: list[str], palette: Palette, heading: list[tuple[str, float, float]]) -> bytes:
    """Many bars: one line each, label left, figure right; what exceeds the picture is counted below."""
    shown, pitch = chart.bars[:MOST], 17.0
    signs = _sign_room(shown)
    labels = [fonts.cut(fonts.drawable(bar.label, names), SMALL, 130, names) for bar in shown]
    texts = [fonts.cut(fonts.drawable(bar.text, names), SMALL, 90, names) for bar in shown]
    left = LEFT + max(fonts.width(label, SMALL, names) for label in labels) + 8
    right = RIGHT - signs - max(fonts.width(text, SMALL, names) for text in texts) - 8
    top = heading[-1][1] + 14
    more = len(chart.bars) - len(shown)
    canvas = Canvas(top + pitch * (len(shown) + bool(more)) + 12, names, palette)
    _write_heading(canvas, heading)
    for number, bar in enumerate(shown):
        baseline = top + pitch * number + 12
        canvas.write(LEFT, baseline, labels[number], SMALL, palette.text)
        _figure(canvas, bar, texts[number], baseline, signs, size=SMALL)
        _track(canvas, bar, left, right, baseline - 3.2, thick=6.0)
    if more:
        canvas.write(LEFT, top + pitch * len(shown) + 12, f"+{more}", SMALL, palette.muted)
    return canvas.png()
