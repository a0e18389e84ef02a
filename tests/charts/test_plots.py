"""Every kind of plot: refused figures, what it says in words, and what its picture shows without colours."""

import io
import warnings
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from bot.cards import Chart
from bot.charts import shades
from bot.charts.draw import draw
from bot.charts.style import COLOURS, MOST, THEMES
from bot.plots import Bar, Bars, Column, Columns, Pair, Pairs, Plot, Range, Ranges, Stack, Stacks, Tone
from bot.text import LOCALES
from tests.charts.test_draw import NAMES

Grey = npt.NDArray[np.uint8]
GRADES = ("S", "A", "B", "C", "D")
PARTS = (0.1, 0.2, 0.4, 0.2, 0.1)


def columns(count: int, name: str = "") -> Plot:
    return Columns(
        tuple(Column(name or str(n), n, name or f"{n}%", count / 2, "5%") for n in range(count)), name or "due"
    )


def ranges(count: int, name: str = "") -> Plot:
    rows = (Range(name or f"Group {n}", 0.3, 0.5, 0.8, name or "75 · 60–85") for n in range(count))
    return Ranges(tuple(rows), (name or "60", name or "100"), name or "Median", name or "Half")


def stacks(count: int, name: str = "") -> Plot:
    rows = (Stack(name or f"Group {n}", PARTS, name) for n in range(count))
    return Stacks(tuple(rows), (name,) * 5 if name else GRADES)


def pairs(count: int, name: str = "") -> Plot:
    rows = (Pair(name or f"Indicator {n}", 0.2, 0.9, name or "20% · 90%", 0.5) for n in range(count))
    return Pairs(tuple(rows), name or "Ana", name or "Bo")


MAKERS = (columns, ranges, stacks, pairs)
Maker = Callable[[int, str], Plot]


def seen(plot: Plot, *, title: str = "t", locale: str = "en", theme: str = "light", more: str = "") -> Grey:
    """The picture without its colours."""
    png = draw(Chart(title, "s", plot, locale, more), theme)
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"))


def inked(picture: Grey) -> int:
    return int((picture < 128).sum())


# Figures


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(wrong: float) -> None:
    for make in (
        lambda: Bar("x", wrong, ""),
        lambda: Bar("x", 0.5, "", wrong),
        lambda: Column("x", wrong, ""),
        lambda: Column("x", 1, "", wrong),
        lambda: Range("x", wrong, 0.5, 0.6, ""),
        lambda: Range("x", None, wrong, None, ""),
        lambda: Stack("x", (0.5, wrong), ""),
        lambda: Pair("x", wrong, 0.5, ""),
        lambda: Pair("x", 0.5, 0.5, "", wrong),
    ):
        with pytest.raises(ValueError, match="finite"):
            make()


def test_figures_that_contradict_each_other_are_refused() -> None:
    for make in (
        lambda: Column("x", -1, ""),
        lambda: Column("x", 1, "", -1),
        lambda: Range("x", 0.8, 0.5, 0.2, ""),
        lambda: Range("x", None, 0.5, 0.2, ""),
        lambda: Stack("x", (0.7, 0.7), ""),
        lambda: Stack("x", (-0.1, 0.7), ""),
        lambda: Stacks((Stack("x", (0.5, 0.5), ""),), ("only one",)),
    ):
        with pytest.raises(ValueError, match=r"negative|ends|rises|whole|name"):
            make()


@pytest.mark.parametrize(
    ("plot", "caption", "said"),
    [
        (
            Columns((Column("S", 12, "12%", 10, "10%"), Column("A", 3, "3%")), "guidance"),
            "s",
            (("S", "12% · guidance 10%"), ("A", "3%")),
        ),
        (
            Ranges((Range("Sales", 0, 0.5, 1, "80 · 70–90"),), ("60", "100"), "median", "half"),
            "s · median / half",
            None,
        ),
        (
            Stacks((Stack("Sales", (0.25, 0.75), "8 people"),), ("S", "A")),
            "s",
            (("Sales", "8 people · S 25% · A 75%"),),
        ),
        (Pairs((Pair("Visits", 0.5, None, "50% · –"),), "Ana", "Bo"), "s · Ana / Bo", (("Visits", "50% · –"),)),
    ],
)
def test_every_plot_says_its_figures(plot: Plot, caption: str, said: tuple[tuple[str, str], ...] | None) -> None:
    chart = Chart("t", "s", plot, more="and 3 more")
    shown = said or (("Sales", "80 · 70–90"),)
    assert chart.caption() == caption
    assert chart.facts().pairs == (*shown, ("…", "and 3 more"))
    assert chart.alt() == f"t. {caption}. {'; '.join(f'{label}: {text}' for label, text in shown)}. and 3 more"


# Pictures of any data


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("make", MAKERS)
def test_pictures_have_phone_width_few_colours_and_are_drawn_the_same_again(make: Maker, theme: str) -> None:
    chart = Chart("Title", "subtitle", make(5, ""))
    png = draw(chart, theme)
    picture = Image.open(io.BytesIO(png))
    assert (picture.format, picture.width, picture.info) == ("PNG", 720, {})
    counted = picture.convert("RGB").getcolors(COLOURS)
    assert counted is not None
    assert max(counted)[1] == tuple(bytes.fromhex(THEMES[theme].paper[1:]))
    assert draw(chart, theme) == png


@pytest.mark.parametrize("count", [0, 1, 2, 12, 13, 21, 30, MOST, MOST + 40])
@pytest.mark.parametrize("make", MAKERS)
def test_any_number_of_rows_is_a_picture_with_free_margins(make: Maker, count: int) -> None:
    picture = seen(make(count, ""), more="and 3 more")
    assert 100 < picture.shape[0] < 3300
    for margin in (picture[:, :34], picture[:, -34:], picture[:16], picture[-16:]):
        assert margin.min() == 255


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("make", MAKERS)
def test_no_name_crashes_warns_or_leaves_the_picture(make: Maker, locale: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in NAMES if locale == "en" else NAMES[2:5]:
            for count in (3, 22) if name == NAMES[-2] else (3,):
                picture = seen(make(count, name), title=name, locale=locale)
                assert picture[:, :30].min() == picture[:, -30:].min() == 255, name[:10]


@pytest.mark.parametrize("make", MAKERS)
def test_a_last_line_is_added_below(make: Maker) -> None:
    without, added = seen(make(3, "")), seen(make(3, ""), more="and 3 more")
    assert added.shape[0] - without.shape[0] == 34
    assert inked(added[-66:]) > inked(without[-32:])


def test_the_colours_of_the_theme_are_never_mixed_with_others() -> None:
    """Many hatched blues leave the grey of the subtitle as it is."""
    picture = Image.open(io.BytesIO(draw(Chart("t", "144 人", stacks(12), "zh_Hans")))).convert("RGB")
    found = {colour for _count, colour in picture.crop((0, 60, 200, 110)).getcolors(COLOURS) or []}
    assert {tuple(bytes.fromhex(one[1:])) for one in ("#667085", "#FFFFFF")} <= found


# What each shows without colours


def test_rows_without_figures_are_outlines() -> None:
    empties: tuple[tuple[Plot, Plot], ...] = (
        (Ranges((Range("a", None, None, None, ""),)), Ranges((Range("a", None, 0.0, None, ""),))),
        (Stacks((Stack("a", (), ""),), ("S",)), Stacks((Stack("a", (0.0,), ""),), ("S",))),
        (Pairs((Pair("a", None, None, ""),)), Pairs((Pair("a", 0.0, None, ""),))),
    )
    for empty, zero in empties:
        assert (seen(empty) != seen(zero)).any()


def test_the_tallest_column_fills_the_height_whatever_the_unit() -> None:
    shares, counts = (Columns(tuple(Column("a", n * scale, "") for n in (1, 2, 4))) for scale in (0.1, 250))
    assert (seen(shares) == seen(counts)).all()


def test_a_column_is_as_high_as_its_share() -> None:
    picture = seen(Columns((Column("", 0.5, ""), Column("", 1, ""))))
    low, high = (int((picture[:, x] < 200).sum()) for x in (198, 522))
    assert low == pytest.approx((high + 2) / 2, abs=3)


def test_what_was_expected_is_a_dark_step_wider_than_its_column() -> None:
    plain, stepped = (seen(Columns((Column("", 1, "", due),))) for due in (None, 0.5))
    beside = slice(360 + 47, 360 + 54)
    assert plain[100:300, beside].min() == 255
    assert stepped[100:300, beside].min() < 60


def test_a_little_column_is_visible_and_none_is_not() -> None:
    def of(value: float) -> int:
        return inked(seen(Columns((Column("", value, ""), Column("", 1, "")))))

    assert of(0) < of(0.0001) < of(0.5)


@pytest.mark.parametrize("count", [8, 25])
def test_every_tone_of_a_column_is_visible_without_colour(count: int) -> None:
    looks = set()
    for tone in (Tone.NEUTRAL, Tone.GOOD, Tone.WARN, Tone.BAD):
        rows = [Column(str(n), 5, "1,000") for n in range(count)]
        rows[3], rows[5] = Column("x", 5, "1,000", tone=tone), Column("y", 5, "1,000", tone=Tone.GOOD)
        looks.add((seen(Columns(tuple(rows)))[70:130] < 170).tobytes())
    assert len(looks) == 4


def test_labels_of_many_columns_never_touch() -> None:
    """Between two labels there is a gap of at least three points, and no label is left that is not whole."""
    for count in (14, 24, 40, 60):
        picture = seen(Columns(tuple(Column(f"{60 + n}.25", 1, "") for n in range(count))))
        line = (picture[-60:-32] < 200).any(axis=0)
        edges = np.flatnonzero(np.diff(line.astype(int)))
        gaps = [right - left for left, right in zip(edges[1::2], edges[2::2], strict=False)]
        assert sum(gap >= 6 for gap in gaps) >= 3


def test_a_range_ends_where_its_figures_are() -> None:
    picture = seen(Ranges((Range("", 0.25, 0.25, 0.75, ""),)))
    line = np.flatnonzero((picture[-60:] < 150).any(axis=0))
    assert line.max() == pytest.approx(36 + 648 * 0.75, abs=2)
    assert line.min() == pytest.approx(36 + 648 * 0.25, abs=3)


def test_parts_of_a_whole_differ_without_colour() -> None:
    """Neighbours differ in lightness, and every second one is hatched."""
    for theme, palette in THEMES.items():
        for of in range(2, 8):
            made = [shades.shade(palette, number, of) for number in range(of)]
            for left, right in pairwise(made):
                assert shades.contrast(left.fill, right.fill) >= 1.15, (theme, of)
                assert bool(left.hatch) != bool(right.hatch)


def test_figures_within_parts_are_readable() -> None:
    for palette in THEMES.values():
        for of in range(1, 8):
            for number in range(of):
                shade = shades.shade(palette, number, of)
                assert shades.contrast(shade.ink, shade.fill) >= 4.5, (shade, of)


def test_parts_are_as_wide_as_their_shares() -> None:
    picture = seen(Stacks((Stack("", (0.25, 0.75), ""),), ("", "")))
    line = picture[-60:-34].min(axis=0)
    assert line[40:190].max() < 90
    assert line[36 + 162 - 2 : 36 + 162 + 1].max() > 230


def test_a_narrow_part_has_no_figure_that_would_not_fit() -> None:
    small, none = (seen(Stacks((Stack("", (0.05, left), ""),), ("A", "B"))) for left in (0.0, 0.01))
    assert inked(none) - inked(small) < 200


def test_equal_figures_of_a_pair_show_both_marks() -> None:
    given = (Pair("", 0.5, 0.5, ""), Pair("", 0.5, None, ""), Pair("", None, 0.5, ""))
    both, first, second = (seen(Pairs((one,))) for one in given)
    assert inked(both) > inked(first)
    assert inked(both) > inked(second)
    assert (both != first).any()
    assert (both != second).any()


def test_swapped_figures_look_different_without_colour() -> None:
    one, other = (seen(Pairs((Pair("", first, 1 - first, ""),))) < 128 for first in (0.2, 0.8))
    assert (one != other).sum() > 50


def test_bars_are_still_bars() -> None:
    assert inked(seen(Bars((Bar("", 1.0, ""),)))) > inked(seen(Bars((Bar("", 0.5, ""),))))
