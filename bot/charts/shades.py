"""Shades of the parts of a whole: dark to pale in one hue, every second one hatched, so that no colour is needed."""

from dataclasses import dataclass

from bot.charts.style import Palette

INKS = ("#000000", "#FFFFFF")  # one of them has 4.5:1 on any fill; the softer text colour has not


@dataclass(frozen=True, slots=True)
class Shade:
    """How a part is painted: its fill, matplotlib's pattern ("" for none), the colour of its lines and of its words."""

    fill: str
    hatch: str
    lines: str
    ink: str


def shade(palette: Palette, number: int, of: int) -> Shade:
    """The shade of part `number` (from 0) of `of` parts."""
    fill = _between(palette.ramp, number / max(of - 1, 1))
    ink = max(INKS, key=lambda ink: contrast(ink, fill))
    return Shade(fill, "////" if number % 2 else "", _mixed(fill, ink, 0.35), ink)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of "#RRGGBB", 0 to 1."""
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _between(ramp: tuple[str, ...], share: float) -> str:
    at = share * (len(ramp) - 1)
    start = min(int(at), len(ramp) - 2)
    return _mixed(ramp[start], ramp[start + 1], at - start)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
