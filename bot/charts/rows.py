"""Rows of a chart: a label, a track and a figure each; roomy with the label above the track, or one line each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.charts import fonts
from bot.charts.canvas import LEFT, RIGHT, Canvas
from bot.charts.style import BODY, GLYPHS, MOST, SMALL
from bot.plots import Tone

GLYPH = 14.0
GAP = 12.0


@dataclass(frozen=True, slots=True)
class Track:
    """Where a row is painted: from left to right, `thick` points around the middle y."""

    left: float
    right: float
    y: float
    thick: float

    def at(self, share: float) -> float:
        """The place of a share of the track."""
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)


Paint = Callable[[Canvas, Track], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its words, whether its figure is known, and what is painted on its track."""

    label: str
    text: str
    paint: Paint
    known: bool = True
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Shape:
    """How rows look: thickness of a roomy and of a dense track, and how many rows are at most roomy."""

    thick: float = 8.0
    thin: float = 6.0
    tall: int = 20

    @property
    def pitch(self) -> float:
        """Height of a dense row."""
        return self.thin + 11


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a picture, measured: it ends at `bottom`; tracks reach from left to right."""

    bottom: float
    paint: Callable[[Canvas], None]
    left: float = LEFT
    right: float = RIGHT


@dataclass(frozen=True, slots=True)
class _Placed:
    row: Row
    lines: tuple[str, ...]
    text: str
    top: float


def rows(given: Sequence[Row], shape: Shape, names: list[str], top: float) -> Piece:
    """All rows from `top` on; what exceeds the most is counted below."""
    if not given:
        return nothing(top)
    return _dense(given, shape, names, top) if len(given) > shape.tall else _roomy(given, shape, names, top)


def nothing(top: float) -> Piece:
    """An empty outline where there is nothing to plot."""
    return Piece(top + 12, lambda canvas: canvas.hollow(LEFT, RIGHT, top + 8, 8.0))


def _sign_room(given: Sequence[Row]) -> float:
    """Width of the column of signs: none where no row has one."""
    return GLYPH if any(row.tone in GLYPHS for row in given) else 0.0


def _roomy(given: Sequence[Row], shape: Shape, names: list[str], top: float) -> Piece:
    signs, placed = _sign_room(given), []
    for row in given:
        text = fonts.cut(fonts.drawable(row.text, names), BODY, (RIGHT - LEFT) * 0.55, names)
        room = RIGHT - LEFT - signs - fonts.width(text, BODY, names) - GAP
        placed.append(_Placed(row, tuple(fonts.wrap(fonts.drawable(row.label, names), BODY, room, names)), text, top))
        top += 11 + shape.thick + 13 * len(placed[-1].lines)

    def paint(canvas: Canvas) -> None:
        for one in placed:
            _paint(canvas, one, shape.thick, signs)

    return Piece(top - 5, paint)


def _paint(canvas: Canvas, placed: _Placed, thick: float, signs: float) -> None:
    baseline = placed.top + 13
    for number, said in enumerate(placed.lines):
        canvas.write(LEFT, baseline + 13 * number, said, BODY, canvas.palette.text)
    _figure(canvas, placed.row, placed.text, baseline, signs, size=BODY)
    placed.row.paint(canvas, Track(LEFT, RIGHT, baseline + 13 * len(placed.lines) - 7 + thick / 2, thick))


def _figure(canvas: Canvas, row: Row, text: str, baseline: float, signs: float, *, size: float) -> None:
    """The figure in the right column, its sign beside it: the tone never rests on colour alone."""
    ink = canvas.palette.ink[row.tone] if row.known else canvas.palette.muted
    canvas.write(RIGHT - signs, baseline, text, size, ink, side="right")
    if row.tone in GLYPHS:
        canvas.mark(RIGHT - 4.5, baseline, GLYPHS[row.tone], canvas.palette.ink[row.tone])


def _dense(given: Sequence[Row], shape: Shape, names: list[str], top: float) -> Piece:
    """Many rows: one line each, label left, figure right."""
    shown, pitch = given[:MOST], shape.pitch
    more, signs = len(given) - len(shown), _sign_room(shown)
    labels = [fonts.cut(fonts.drawable(row.label, names), SMALL, 130, names) for row in shown]
    texts = [fonts.cut(fonts.drawable(row.text, names), SMALL, 90, names) for row in shown]
    ends = [RIGHT - signs - (fonts.width(text, SMALL, names) + 8 if text else 0) for text in texts]
    left = LEFT + max(fonts.width(label, SMALL, names) for label in labels) + 8
    # What is said instead of a figure is long and shortens its own outline only.
    right = min((end for end, row in zip(ends, shown, strict=True) if row.known), default=min(ends))

    def paint(canvas: Canvas) -> None:
        for number, row in enumerate(shown):
            middle = top + pitch * number + 8.8
            canvas.write(LEFT, middle + 3.2, labels[number], SMALL, canvas.palette.text)
            _figure(canvas, row, texts[number], middle + 3.2, signs, size=SMALL)
            row.paint(canvas, Track(left, right if row.known else min(right, ends[number]), middle, shape.thin))
        if more:
            canvas.write(LEFT, top + pitch * len(shown) + 12, f"+{more}", SMALL, canvas.palette.muted)

    return Piece(top + pitch * (len(shown) + bool(more)), paint, left, right)
