"""The line between heading and plot that names marks: a swatch and its name each, as many lines as they need."""

from collections.abc import Callable
from functools import partial

from bot.charts import fonts, shades, tracks
from bot.charts.canvas import LEFT, RIGHT, Canvas
from bot.charts.rows import Piece
from bot.charts.style import SMALL
from bot.plots import Columns, Pairs, Plot, Ranges, Stacks, Tone

SWATCH, BESIDE, APART, LINE = 12.0, 5.0, 13.0, 15.0
Swatch = Callable[[Canvas, float, float], None]  # paints around a point
Entry = tuple[Swatch, str]


def legend(plot: Plot, names: list[str], top: float) -> Piece:
    """The legend from `top` on; it takes no room where nothing has a name."""
    placed, x, y = [], LEFT, top + 19
    for swatch, name in _entries(plot):
        said = fonts.cut(fonts.drawable(name, names), SMALL, RIGHT - LEFT - SWATCH - BESIDE, names)
        wide = SWATCH + BESIDE + fonts.width(said, SMALL, names)
        if x > LEFT and x + wide > RIGHT:
            x, y = LEFT, y + LINE
        placed.append((swatch, said, x, y))
        x += wide + APART

    def paint(canvas: Canvas) -> None:
        for swatch, said, left, baseline in placed:
            swatch(canvas, left + SWATCH / 2, baseline - 3.3)
            canvas.write(left + SWATCH + BESIDE, baseline, said, SMALL, canvas.palette.text)

    return Piece(y + 3 if placed else top, paint)


def _entries(plot: Plot) -> list[Entry]:
    found: list[Entry] = []
    match plot:
        case Columns(_, expected):
            found = [(_step, expected)]
        case Ranges(_, _, middle, span):
            found = [(_upright, middle), (_thick, span)]
        case Stacks(_, parts):
            found = [(partial(_part, number, len(parts)), name) for number, name in enumerate(parts)]
        case Pairs(_, first, second):
            found = [(tracks.dot, first), (tracks.diamond, second)]
    return [(swatch, name) for swatch, name in found if name]


def _step(canvas: Canvas, x: float, y: float) -> None:
    canvas.line((x - SWATCH / 2, y), (x + SWATCH / 2, y), 1.6, canvas.palette.text)


def _upright(canvas: Canvas, x: float, y: float) -> None:
    canvas.tick(x, y, 5.5)


def _thick(canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x - SWATCH / 2, y - 4, SWATCH, 8, canvas.palette.fill[Tone.NEUTRAL])


def _part(number: int, of: int, canvas: Canvas, x: float, y: float) -> None:
    shade = shades.shade(canvas.palette, number, of)
    canvas.box(x - SWATCH / 2, y - 4.5, SWATCH, 9, shade.fill, shade.hatch, shade.lines)
