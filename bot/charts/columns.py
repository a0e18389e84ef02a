"""Columns side by side: figures above them where they fit, labels below, what was expected as a dark step."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.charts import fonts
from bot.charts.canvas import LEFT, RIGHT, Canvas
from bot.charts.rows import Piece, nothing
from bot.charts.style import BODY, GLYPHS, MOST, SMALL
from bot.plots import Column, Columns, Tone

HIGH = 130.0
FLAG = 16.0
SIGN = 11.0
WIDEST = 46.0
FEW = 12


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where one column stands: its middle, the height of the column, and of what was expected, in points."""

    column: Column
    x: float
    high: float
    due: float | None


@dataclass(frozen=True, slots=True)
class _Field:
    """All columns, measured: `pitch` from middle to middle, `wide` one column, `base` the ground they stand on."""

    stands: tuple[_Stand, ...]
    pitch: float
    wide: float
    base: float
    pale: bool


def columns(plot: Columns, names: list[str], top: float) -> Piece:
    """The columns from `top` on; what exceeds the most is counted at the right end."""
    if not plot.rows:
        return nothing(top)
    field = _measured(plot.rows[:MOST], top)
    labels = _labels(field, names)
    more = len(plot.rows) - len(field.stands)

    def paint(canvas: Canvas) -> None:
        for stand in field.stands:
            _column(canvas, field, stand)
        canvas.line((LEFT, field.base), (RIGHT, field.base), 1.0, canvas.palette.dashes)
        _figures(canvas, field, top)
        for x, line, said in labels:
            canvas.write(x, field.base + 14 + 12 * line, said, SMALL, canvas.palette.text, side="center")
        if more:
            canvas.write(RIGHT, field.base + 28, f"+{more}", SMALL, canvas.palette.muted, side="right")

    lines = max((line for _x, line, _said in labels), default=0)
    return Piece(field.base + 17 + 12 * max(lines, int(bool(more))), paint)


def _measured(given: Sequence[Column], top: float) -> _Field:
    count = max(len(given), 1)
    tallest = max((max(one.value, one.expected or 0) for one in given), default=0) or 1
    pitch = (RIGHT - LEFT) / count
    stands = tuple(
        _Stand(
            one,
            LEFT + pitch * (number + 0.5),
            HIGH * one.value / tallest,
            None if one.expected is None else HIGH * one.expected / tallest,
        )
        for number, one in enumerate(given)
    )
    wide = min(pitch * 0.62, WIDEST) if count <= FEW else pitch - min(1.0, pitch * 0.2)
    return _Field(stands, pitch, wide, top + FLAG + HIGH, any(one.tone is not Tone.NEUTRAL for one in given))


def _column(canvas: Canvas, field: _Field, stand: _Stand) -> None:
    palette, tone = canvas.palette, stand.column.tone
    fill = palette.pale if field.pale and tone is Tone.NEUTRAL else palette.fill[tone]
    if stand.high > 0:
        high = max(stand.high, 0.8)  # a little is visible
        canvas.box(stand.x - field.wide / 2, field.base - high, field.wide, high, fill)
    if stand.due is not None:
        reach = min(field.wide / 2 + 5, field.pitch / 2)
        y = field.base - stand.due
        canvas.line((stand.x - reach, y), (stand.x + reach, y), 3.6, palette.paper)
        canvas.line((stand.x - reach, y), (stand.x + reach, y), 1.6, palette.text)


def _figures(canvas: Canvas, field: _Field, top: float) -> None:
    """All figures above their columns if columns are few or figures short; else some on a line up to the top."""
    texts = [fonts.drawable(stand.column.text, canvas.names) for stand in field.stands]
    wides = [_wide(stand.column, said, canvas.names) for stand, said in zip(field.stands, texts, strict=True)]
    if len(field.stands) > FEW and max(wides) > field.pitch - 2:
        _flags(canvas, field, top, list(zip(field.stands, texts, wides, strict=True)))
        return
    for stand, said in zip(field.stands, texts, strict=True):
        short = fonts.cut(said, BODY, field.pitch - 2 - _sign(stand.column), canvas.names)
        _figure(canvas, stand.x, field.base - _above(stand) - 5, stand.column.tone, short)


def _flags(canvas: Canvas, field: _Field, top: float, figures: list[tuple[_Stand, str, float]]) -> None:
    """The figures of columns with a tone, else of the tallest one; those that would run into another are left out."""
    lifted = [one for one in figures if one[0].column.tone is not Tone.NEUTRAL]
    taken = LEFT
    for stand, said, wide in lifted or [max(figures, key=lambda one: one[0].high)]:
        x = _within(stand.x, wide)
        if x - wide / 2 >= taken:
            ink = canvas.palette.ink[stand.column.tone]
            canvas.line((stand.x, top + 12), (stand.x, field.base - stand.high), 1.0, ink)
            short = fonts.cut(said, BODY, RIGHT - LEFT - SIGN, canvas.names)
            _figure(canvas, x, top + 8, stand.column.tone, short)
            taken = x + wide / 2 + 6


def _above(stand: _Stand) -> float:
    """The height a figure stands on: the column, or what was expected where that would cross the figure."""
    due = stand.due
    return due if due is not None and stand.high - 4 < due < stand.high + 17 else stand.high


def _wide(column: Column, said: str, names: list[str]) -> float:
    return min(fonts.width(said, BODY, names) + _sign(column), RIGHT - LEFT)


def _sign(column: Column) -> float:
    return SIGN if column.tone in GLYPHS else 0.0


def _figure(canvas: Canvas, x: float, y: float, tone: Tone, said: str) -> None:
    """A figure centred at x, its sign to the right."""
    ink = canvas.palette.ink[tone]
    sign = SIGN if tone in GLYPHS else 0.0
    canvas.write(x - sign / 2, y, said, BODY, ink, side="center")
    if sign:
        canvas.mark(x + fonts.width(said, BODY, canvas.names) / 2 + 1, y, GLYPHS[tone], ink)


def _labels(field: _Field, names: list[str]) -> list[tuple[float, int, str]]:
    """(middle, line, text) of the labels: on two lines where columns are few, else as many as fit on one."""
    said = [fonts.drawable(stand.column.label, names) for stand in field.stands]
    widths = [fonts.width(one, SMALL, names) for one in said]
    widest = max(widths, default=0.0)
    if widest > field.pitch - 4 and len(said) <= FEW:
        wrapped = [fonts.wrap(one, SMALL, field.pitch - 4, names) for one in said]
        pairs = zip(field.stands, wrapped, strict=True)
        return [(stand.x, line, part) for stand, parts in pairs for line, part in enumerate(parts) if part]
    step = next((every for every in range(1, len(said) + 1) if widest <= every * field.pitch - 4), len(said) or 1)
    room = RIGHT - LEFT
    return [
        (_within(stand.x, min(wide, room)), 0, fonts.cut(one, SMALL, room, names))
        for stand, one, wide in list(zip(field.stands, said, widths, strict=True))[::step]
        if one
    ]


def _within(x: float, wide: float) -> float:
    return min(max(x, LEFT + wide / 2), RIGHT - wide / 2)
