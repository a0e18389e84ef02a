"""The sheet a chart is drawn on, measured in points from its upper left corner."""

import io
from collections.abc import Sequence
from typing import Literal

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from PIL import Image

from bot.charts import fonts
from bot.charts.style import COLOURS, DPI, EDGE, WIDTH, Palette

matplotlib.rcParams["text.parse_math"] = False  # a name with "$" is a name (threat T46)
matplotlib.rcParams["axes.unicode_minus"] = False
matplotlib.rcParams["hatch.linewidth"] = 0.7

LEFT, RIGHT = EDGE, WIDTH - EDGE
Side = Literal["left", "center", "right"]
Point = tuple[float, float]


class Canvas:
    """A sheet of paper of a height in points, the families of its texts and the colours of its theme."""

    def __init__(self, height: float, names: list[str], palette: Palette) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=DPI, facecolor=palette.paper)
        self._agg = FigureCanvasAgg(self.figure)
        self.names, self.palette = names, palette
        self._layers = 0
        self._points = Affine2D().scale(DPI / 72, -DPI / 72).translate(0, self.figure.bbox.height)

    def write(
        self,
        x: float,
        y: float,
        said: str,
        size: float,
        colour: str,
        *,
        side: Side = "left",
        strong: bool = False,
        halo: str = "",
    ) -> None:
        """Puts a line of text with its baseline at y. No face has a bold one for every script: `strong` thickens it.

        `halo` is the colour of a rim that keeps the letters apart from hatching.
        """
        line = Text(x, y, said, size=size, color=colour, ha=side, va="baseline", family=self.names, parse_math=False)
        if strong:
            line.set_path_effects([Stroke(linewidth=0.55, foreground=colour), Normal()])
        elif halo:
            line.set_path_effects([Stroke(linewidth=4, foreground=halo), Normal()])
        self._add(line)

    def mark(self, x: float, y: float, glyph: str, colour: str) -> None:
        """Puts a small sign, centred at x, in the one face that draws it heavily."""
        sign = Text(x, y, glyph, size=10, color=colour, ha="center", va="baseline", family=[fonts.LAST], weight="bold")
        self._add(sign)

    def line(self, start: Point, end: Point, thick: float, colour: str, cap: bool = False) -> None:
        """A straight stroke, with round ends if `cap`; the ends stick out by half its thickness."""
        style: Literal["round", "butt"] = "round" if cap else "butt"
        xs, ys = (start[0], end[0]), (start[1], end[1])
        self._add(Line2D(xs, ys, linewidth=thick, color=colour, solid_capstyle=style))

    def tick(self, x: float, y: float, reach: float, colour: str = "") -> None:
        """A short upright stroke from y - reach to y + reach with a rim of paper, as for a target."""
        self.line((x, y - reach), (x, y + reach), 3.6, self.palette.paper)
        self.line((x, y - reach), (x, y + reach), 1.6, colour or self.palette.text)

    def box(self, left: float, top: float, wide: float, high: float, fill: str, hatch: str = "", ink: str = "") -> None:
        """A filled rectangle, hatched with `ink` if `hatch` is one of matplotlib's patterns."""
        at = (left, top)
        self._add(Rectangle(at, wide, high, facecolor=fill, edgecolor=ink or fill, linewidth=0, hatch=hatch or None))

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        """A filled circle."""
        self._add(Circle((x, y), radius, facecolor=fill, linewidth=0))

    def shape(self, points: Sequence[Point], fill: str, rim: str, thick: float) -> None:
        """A closed polygon with a rim."""
        self._add(Polygon(np.array(points), closed=True, facecolor=fill, edgecolor=rim, linewidth=thick))

    def hollow(self, left: float, right: float, y: float, thick: float) -> None:
        """A dashed outline where no value is known."""
        shape = FancyBboxPatch(
            (left + 0.5, y - thick / 2 + 0.5),
            right - left - 1,
            thick - 1,
            boxstyle=f"round,pad=0,rounding_size={min((thick - 1) / 2, 4)}",
            facecolor="none",
            edgecolor=self.palette.dashes,
            linestyle=(0, (3, 2)),
            linewidth=1,
        )
        self._add(shape)

    def png(self) -> bytes:
        """The picture: few colours, no date, no program name, so that equal data give equal bytes."""
        self._agg.draw()  # type: ignore[no-untyped-call]
        pixels = Image.fromarray(np.asarray(self._agg.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]
        out = io.BytesIO()
        _reduced(pixels, self.palette).save(out, "PNG")
        return out.getvalue()

    def _add(self, artist: Artist) -> None:
        """Later things cover earlier ones, whatever they are."""
        self._layers += 1
        artist.set_zorder(self._layers)
        artist.set_transform(self._points)
        self.figure.add_artist(artist)


def _reduced(pixels: Image.Image, palette: Palette) -> Image.Image:
    """The picture in few colours, those of the theme exactly: an octree alone mixes their neighbours into them."""
    own = [int(colour.removeprefix("#"), 16) for colour in sorted(palette.colours())]
    mixed = pixels.quantize(COLOURS - len(own), method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    colours = (mixed.getpalette() or [])[: 3 * (COLOURS - len(own))]
    index, rgb = np.array(mixed), np.asarray(pixels).astype(np.uint32)
    packed = rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2]
    for number, colour in enumerate(own, len(colours) // 3):
        index[packed == colour] = number
    few = Image.fromarray(index, "P")
    few.putpalette([*colours, *(part for colour in own for part in colour.to_bytes(3, "big"))])
    return few
