"""What pictures look like: size, colours, fonts, and names that break other programs."""

import hashlib
import io
import warnings
from pathlib import Path

import numpy as np
import polib
import pytest
from PIL import Image

from bot.cards import Chart, Facts, Tone
from bot.charts import digest, fonts
from bot.charts.draw import draw
from bot.charts.shades import contrast
from bot.charts.style import COLOURS, MOST, THEMES
from bot.plots import Bar, Bars, Pairs
from bot.text import FOLDER, LOCALES

NOTO = "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"
LONG = "long " * 60
NAMES = (
    "Ann $^$",
    r"$\frac{1}$",
    "王芳𠮷",
    "नमस्ते ไทย",
    "👩‍💻🎉👍🏽",
    "نور الدين",
    "שלום",
    "A\u202eevil\n\x1b[31m\u200b",
    "长" * 300,
    "W" * 300,
    "",
)


def bars(count: int, tone: Tone = Tone.GOOD, *first: Bar) -> Bars:
    return Bars((*first, *(Bar(f"Indicator {n}", n / max(count, 1), f"{n}%", 0.75, tone) for n in range(count))))


def one(*given: Bar) -> Chart:
    return Chart("t", "s", Bars(given))


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_the_font_file_is_the_one_that_was_examined() -> None:
    assert hashlib.sha256(fonts.CJK.read_bytes()).hexdigest() == NOTO


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_a_picture_has_phone_width_few_colours_no_traces_and_the_paper_of_its_theme(theme: str) -> None:
    picture = opened(draw(Chart("Progress", "weighted 75%", bars(6)), theme))
    assert picture.format == "PNG"
    assert picture.width == 720
    assert not picture.info
    seen = picture.convert("RGB").getcolors(COLOURS)
    assert seen is not None
    paper = tuple(bytes.fromhex(THEMES[theme].paper[1:]))
    assert max(seen)[1] == paper


@pytest.mark.parametrize("count", [0, 1, 6, 20, 21, 40, MOST, MOST + 40])
def test_any_number_of_bars_is_a_picture_of_sensible_height(count: int) -> None:
    height = opened(draw(Chart("Title", "subtitle", bars(count)))).height
    assert 100 < height < 2400


def test_bars_beyond_the_most_are_counted_instead_of_drawn() -> None:
    known = draw(Chart("Title", "subtitle", bars(MOST)))
    more = draw(Chart("Title", "subtitle", bars(MOST + 1)))
    assert opened(more).height - opened(known).height == 34


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", NAMES)
def test_no_name_crashes_warns_or_is_read_as_a_formula(name: str, locale: str) -> None:
    chart = Chart(name, name, bars(2, Tone.GOOD, Bar(name, 0.5, name, 0.5, Tone.WARN)), locale)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert opened(draw(chart)).width == 720
        assert opened(draw(Chart(name, name, bars(21), locale))).width == 720


@pytest.mark.parametrize("value", [-1.0, 7.5, 0.0, 1e-9, None])
def test_any_share_is_drawn(value: float | None) -> None:
    assert opened(draw(one(Bar("x", value, "?", value, Tone.BAD)))).width == 720


def test_a_long_label_takes_a_second_line_and_never_reaches_the_figure() -> None:
    short = opened(draw(one(Bar("short", 0.5, "50%"))))
    long = opened(draw(one(Bar(LONG, 0.5, "50%"))))
    assert long.height - short.height == 26
    room = np.asarray(long.convert("L"))[:150, 612:628]
    assert room.min() > 250


def test_nothing_is_written_outside_the_margins() -> None:
    for chart in (Chart(name, name, bars(2, Tone.GOOD, Bar(name, 0.5, name)), "ja") for name in NAMES):
        pixels = np.asarray(opened(draw(chart)).convert("L"))
        assert pixels[:, :30].min() == pixels[:, -30:].min() == 255, chart.title[:10]


def test_a_missing_value_looks_different_from_zero() -> None:
    assert draw(one(Bar("x", None, "0%"))) != draw(one(Bar("x", 0.0, "0%")))


def test_a_little_is_visible() -> None:
    assert draw(one(Bar("x", 0.01, "1%"))) != draw(one(Bar("x", 0.0, "1%")))


def test_a_tone_is_visible_without_colour() -> None:
    """Every tone leaves other marks in its column of signs once colours are gone."""
    signs = set()
    for tone in (Tone.NEUTRAL, Tone.GOOD, Tone.WARN, Tone.BAD):
        chart = one(Bar("x", 0.0, "50%", None, tone), Bar("y", 0.0, "50%", None, Tone.GOOD))
        column = np.asarray(opened(draw(chart)).convert("L"))[90:150, 660:690] < 200
        signs.add(column.tobytes())
    assert len(signs) == 4


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_figures_are_readable_on_their_paper(theme: str) -> None:
    palette = THEMES[theme]
    for ink in (palette.text, palette.muted, *palette.ink.values()):
        assert contrast(ink, palette.paper) >= 4.5


@pytest.mark.parametrize("locale", LOCALES)
def test_every_character_of_the_catalogs_can_be_drawn(locale: str) -> None:
    path = Path(FOLDER) / locale / "LC_MESSAGES" / "messages.po"
    said = {char for entry in polib.pofile(str(path)) for char in entry.msgid + entry.msgstr} if path.exists() else ""
    always = "中文骨直关角관あア%·—…“”（）「」№€¥ŁßñçЖω✓▼!"
    missing = {char for char in {*said, *always} if not fonts.covered(char, locale)} - {"\n"}
    assert not missing


def test_each_locale_has_its_own_glyphs() -> None:
    pictures = {draw(Chart("直骨关角", "", Bars(), locale)) for locale in LOCALES}
    assert len(pictures) == 3  # English shows Chinese names as zh_Hans does


@pytest.mark.parametrize("locale", LOCALES)
def test_a_line_is_broken_once_and_cut_with_an_ellipsis(locale: str) -> None:
    names = fonts.families(locale)
    assert fonts.wrap("short", 10, 200, names) == ["short"]
    assert fonts.wrap("one two three four", 10, 60, names)[0] == "one two"
    for said in ("长" * 300, "word " * 60, "x" * 300):
        lines = fonts.wrap(said, 10, 200, names)
        assert len(lines) == 2
        assert lines[1].endswith("…")
        assert all(0 < fonts.width(line, 10, names) <= 200 for line in lines)


def test_a_line_never_starts_with_a_closing_mark() -> None:
    names = fonts.families("zh_Hans")
    first, second = fonts.wrap("一二三四五六七八九十，然后继续", 10, 105, names)
    assert not second.startswith("，")
    assert first + second == "一二三四五六七八九十，然后继续"


def test_the_alternative_text_says_every_figure() -> None:
    rows = (Bar("Bookings", 0.9, "90%"), Bar("Renewals", None, "no value yet"))
    chart = Chart("Progress", "weighted 75%", Bars(rows))
    assert chart.alt() == "Progress. weighted 75%. Bookings: 90%; Renewals: no value yet"
    assert chart.facts() == Facts((("Bookings", "90%"), ("Renewals", "no value yet")))


def test_a_digest_names_everything_that_changes_the_picture() -> None:
    chart = Chart("t", "s", Bars((Bar("a", 0.5, "50%", 0.7, Tone.GOOD),)), "en")
    others = [
        Chart("t2", "s", chart.plot, "en"),
        Chart("t", "s", chart.plot, "ja"),
        Chart("t", "s", Bars((Bar("a", 0.5, "50%", 0.7, Tone.BAD),)), "en"),
        Chart("t", "s", Bars((Bar("a", None, "50%", 0.7, Tone.GOOD),)), "en"),
        Chart("t", "s", Bars(), "en"),
        Chart("t", "s", Pairs(), "en"),
        Chart("t", "s", chart.plot, "en", "and 3 more"),
    ]
    named = {digest(chart), digest(chart, "dark"), *map(digest, others)}
    assert len(named) == 9
    assert digest(chart) == digest(Chart("t", "s", Bars((Bar("a", 0.5, "50%", 0.7, Tone.GOOD),)), "en"))
