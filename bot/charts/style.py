"""The house style of pictures: colours of both themes and sizes in points (one point is two pixels)."""

from dataclasses import dataclass
from typing import Literal

from bot.plots import Tone

STYLE = "3"  # raise it when a picture of equal data would look different

Theme = Literal["light", "dark"]

DPI = 144
WIDTH = 360.0
EDGE = 18.0
TITLE, SUBTITLE, BODY, SMALL, TINY = 14.0, 9.5, 10.0, 9.0, 8.0
COLOURS = 64
MOST = 60  # rows and columns beyond this are counted, not drawn


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme; `fill` paints the bar of a tone and `ink` its figure (4.5:1 or more on `paper`).

    `pale` paints what stands back behind a column with a tone, `ramp` shades the parts of a whole, first to last.
    """

    paper: str
    text: str
    muted: str
    track: str
    dashes: str
    fill: dict[Tone, str]
    ink: dict[Tone, str]
    pale: str
    ramp: tuple[str, ...]

    def colours(self) -> set[str]:
        """Every colour of the theme."""
        plain = {self.paper, self.text, self.muted, self.track, self.dashes, self.pale}
        return {*plain, *self.fill.values(), *self.ink.values(), *self.ramp}


LIGHT = Palette(
    paper="#FFFFFF",
    text="#1B2430",
    muted="#667085",
    track="#E6EAF1",
    dashes="#B4BDCB",
    fill={
        Tone.NEUTRAL: "#2563EB",
        Tone.INFO: "#2563EB",
        Tone.GOOD: "#0B7A6E",
        Tone.WARN: "#E69F00",
        Tone.BAD: "#C2334A",
    },
    ink={
        Tone.NEUTRAL: "#1B2430",
        Tone.INFO: "#1B2430",
        Tone.GOOD: "#0B7A6E",
        Tone.WARN: "#B54708",
        Tone.BAD: "#C2334A",
    },
    pale="#B5CAFB",
    ramp=("#1B357F", "#2F68E8", "#94B5FB", "#DDE7FD"),
)
DARK = Palette(
    paper="#161B22",
    text="#E6EDF3",
    muted="#9AA6B5",
    track="#2A3340",
    dashes="#56657A",
    fill={
        Tone.NEUTRAL: "#6EA8FE",
        Tone.INFO: "#6EA8FE",
        Tone.GOOD: "#3FC9B5",
        Tone.WARN: "#F2B84B",
        Tone.BAD: "#FF7B8A",
    },
    ink={
        Tone.NEUTRAL: "#E6EDF3",
        Tone.INFO: "#E6EDF3",
        Tone.GOOD: "#3FC9B5",
        Tone.WARN: "#F2B84B",
        Tone.BAD: "#FF7B8A",
    },
    pale="#35507D",
    ramp=("#D9E7FF", "#6EA8FE", "#3867B0", "#27395A"),
)
THEMES: dict[str, Palette] = {"light": LIGHT, "dark": DARK}

# The glyph that says a tone without its colour.
GLYPHS = {Tone.GOOD: "✓", Tone.WARN: "!", Tone.BAD: "▼"}
