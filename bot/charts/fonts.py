"""Fonts of pictures: which family draws which character, how wide it is, where a long text breaks."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from PIL import ImageFont

from bot.text import tidy

CJK = Path(str(files("noto_cjk_sans_otc"))) / "NotoSansCJK-Regular.ttc"
LATIN = Path(str(files("fontpkg_inter"))) / "files" / "Inter[opsz,wght].ttf"
LAST = "DejaVu Sans"
REGIONS = {"zh_Hans": "Noto Sans CJK SC", "zh_Hant": "Noto Sans CJK TC", "ja": "Noto Sans CJK JP"}
UNKNOWN = "□"
UNITS = 1000
_NEVER_FIRST = frozenset("，。、．：；！？）》」』】〉〕…—ー々％,.:;!?)]}%ぁぃぅぇぉっゃゅょァィゥェォッャュョ")
_OWN = Path(matplotlib.get_data_path())


@lru_cache(maxsize=1)
def load() -> None:
    """Makes exactly our fonts known: fonts that happen to be installed on the machine never change a picture."""
    manager = font_manager.fontManager
    manager.ttflist = [entry for entry in manager.ttflist if _OWN in Path(entry.fname).parents]
    manager.addfont(str(LATIN))
    manager.addfont(str(CJK))


def families(locale: str) -> list[str]:
    """Families of a locale, first choice first. Latin texts start with Inter: CJK faces have full-width "·" and "…"."""
    regional = REGIONS.get(locale)
    return [regional, "Inter", LAST] if regional else ["Inter", "Noto Sans CJK SC", LAST]


def drawable(said: str, names: Sequence[str]) -> str:
    """The text without what cannot be drawn: runs of characters that no family has (emoji) become one plain box."""
    out: list[str] = []
    for char in tidy(said):
        if 0xFE00 <= ord(char) <= 0xFE0F or 0x1F3FB <= ord(char) <= 0x1F3FF:
            continue  # variation selectors and skin tones: never drawn on their own
        shown = char if _family(char, tuple(names)) else UNKNOWN
        if shown is not UNKNOWN or out[-1:] != [UNKNOWN]:
            out.append(shown)
    return "".join(out)


def width(said: str, size: float, names: Sequence[str]) -> float:
    """Points that a text of `size` points takes, kerning left aside."""
    key = tuple(names)
    return sum(_advance(char, key) for char in said) * size / UNITS


def cut(said: str, size: float, room: float, names: Sequence[str]) -> str:
    """The text, ended with an ellipsis where it is wider than `room` points."""
    if width(said, size, names) <= room:
        return said
    kept = _fitting(said, size, room - width("…", size, names), names)
    return said[:kept].rstrip(" ·、，,") + "…"


def wrap(said: str, size: float, room: float, names: Sequence[str]) -> list[str]:
    """One line, or two where one is too narrow; the second is cut if even that is not enough."""
    if width(said, size, names) <= room:
        return [said]
    end = _break(said, _fitting(said, size, room, names))
    return [said[:end].rstrip(), cut(said[end:].lstrip(" ·"), size, room, names)]


def covered(char: str, locale: str) -> bool:
    """Whether the families of a locale can draw a character."""
    return _family(char, tuple(families(locale))) is not None


def _break(said: str, most: int) -> int:
    """Where to break, at `most` characters or a little before: after a space, else never before closing marks."""
    space = said.rfind(" ", 0, most + 1)
    if space > most * 0.5 or (space > 0 and said[:most].isascii()):
        return space + 1
    end = max(most, 1)
    while end > 1 and said[end : end + 1] in _NEVER_FIRST and most - end < 3:
        end -= 1
    return end


def _fitting(said: str, size: float, room: float, names: Sequence[str]) -> int:
    """How many leading characters fit in `room` points."""
    key, left = tuple(names), room * UNITS / size
    for index, char in enumerate(said):
        left -= _advance(char, key)
        if left < 0:
            return index
    return len(said)


@lru_cache(maxsize=20_000)
def _advance(char: str, names: tuple[str, ...]) -> float:
    family = _family(char, names)
    return _ruler(family).getlength(char) if family else float(UNITS)


@lru_cache(maxsize=20_000)
def _family(char: str, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if ord(char) in _characters(name)), None)


@lru_cache(maxsize=16)
def _characters(family: str) -> frozenset[int]:
    load()
    found = font_manager.findfont(family, fallback_to_default=False)
    return frozenset(font_manager.get_font(found).get_charmap())


@lru_cache(maxsize=16)
def _ruler(family: str) -> ImageFont.FreeTypeFont:
    load()
    found = font_manager.findfont(family, fallback_to_default=False)
    # Only the basic layout measures one character at a time as it stands in the font.
    face = getattr(found, "face_index", 0)
    return ImageFont.truetype(str(getattr(found, "path", found)), UNITS, face, layout_engine=ImageFont.Layout.BASIC)
