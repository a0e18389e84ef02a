"""Charts that Feishu's clients draw themselves (VChart, from their data), where nothing is lost that our picture shows.

Every client that shows these cards has VChart 1.10 or later. A chart has no i18n: it is in its reader's language.
"""

from collections.abc import Sequence
from typing import Any, assert_never

from bot.cards import Bold, Chart
from bot.platforms.feishu import elements as of
from bot.platforms.feishu.elements import Json
from bot.platforms.feishu.markdown import lines, pair, rich
from bot.plots import Bar, Bars, Column, Columns, Pair, Pairs, Ranges, Stack, Stacks, Tone
from bot.text import texts

ROWS, NAME, TEXT = 12, 60, 2000
# A tone is a sign before the name as well: it never rests on colour alone.
SIGNS = {Tone.NEUTRAL: "", Tone.INFO: "", Tone.GOOD: "✓ ", Tone.WARN: "! ", Tone.BAD: "▼ "}
COLOURS = {
    Tone.NEUTRAL: "#3370FF",
    Tone.INFO: "#3370FF",
    Tone.GOOD: "#2EA121",
    Tone.WARN: "#DE7802",
    Tone.BAD: "#D83931",
}
LEGEND = {"visible": True, "orient": "bottom"}
HIDDEN = {"visible": False}
# The figure as we write it, beside its bar.
GREY = "#8F959E"  # read on light and on dark ground
LABEL = {"visible": True, "position": "outside", "formatter": "{text}", "style": {"fill": GREY}}
FIGURES = {"label": LABEL, "barMaxWidth": 24}
MARK = {"line": {"style": {"stroke": GREY, "lineWidth": 2, "lineDash": [4, 3]}}, "endSymbol": {"visible": False}}
# Wide enough for the rows: (up to so many bars, the ratio).
SHAPES = ((4, "2:1"), (8, "16:9"), (12, "4:3"))


def native(chart: Chart) -> bool:
    """Whether a client can draw it: not too long, every name once, figures in a unit of their own, one mark for all."""
    plot = chart.plot
    names = [row.label.strip() for row in plot.rows]
    if not 0 < len(names) <= ROWS or len({of.cut(name, NAME) for name in names}) < len(names) or not all(names):
        return False
    match plot:
        case Bars():
            return plot.scale > 0 and len({row.target for row in plot.rows if row.done is not None}) == 1
        case Pairs():
            series = {plot.first_name.strip(), plot.second_name.strip()}
            return plot.scale > 0 and len(series - {""}) == 2 and len({row.target for row in plot.rows}) == 1
        case Columns():
            return all(row.tone is Tone.NEUTRAL for row in plot.rows)
        case Stacks():
            return len(set(plot.names) - {""}) == len(plot.names) and all(row.parts for row in plot.rows)
        case Ranges():
            return False
        case _:
            assert_never(plot)


def drawn(chart: Chart) -> Json:
    """One element: the heading, the chart, and all its figures as words, folded."""
    head = rich((Bold(chart.title), f" · {chart.caption()}" if chart.caption() else ""), TEXT)
    parts = [of.markdown(head), _element(chart), _figures(chart)]
    column = {"tag": "column", "width": "weighted", "weight": 1, "elements": parts}
    return {"tag": "column_set", "flex_mode": "none", "columns": [column]}


def _element(chart: Chart) -> Json:
    plot = chart.plot
    bars = len(plot.rows) * (2 if isinstance(plot, Pairs) else 1)
    shape = next((ratio for most, ratio in SHAPES if bars <= most), "1:1")
    return {"tag": "chart", "aspect_ratio": shape, "color_theme": "brand", "chart_spec": spec(chart)}


def _figures(chart: Chart) -> Json:
    said = [pair(of.shown(label, TEXT), of.cut(text, TEXT)) for label, text in chart.facts().pairs]
    title = of.plain(texts(chart.locale)("Show the figures"), of.LABEL)
    folded = {"title": title, "icon": {"tag": "standard_icon", "token": "down-small-ccm_outlined"}}
    inside = [of.markdown(lines("\n".join(said)))]
    return {"tag": "collapsible_panel", "expanded": False, "header": folded, "elements": inside}


def spec(chart: Chart) -> dict[str, Any]:
    """The chart as VChart takes it, without any code; only for what is `native`."""
    plot = chart.plot
    match plot:
        case Bars(rows, scale):
            return _bars(rows, scale)
        case Pairs(rows, first, second, scale):
            return _pairs(rows, (of.cut(first, NAME), of.cut(second, NAME)), scale)
        case Columns(rows, expected, scale):
            return _columns(rows, of.cut(chart.title, NAME), of.cut(expected, NAME), scale)
        case Stacks(rows, names):
            return _stacks(rows, [of.cut(name, NAME) for name in names])
        case Ranges():
            raise ValueError("no chart of Feishu's")
        case _:
            assert_never(plot)


def _bars(rows: Sequence[Bar], scale: float) -> dict[str, Any]:
    """One bar a row, in the colour of its tone."""
    values = [
        _row(f"{SIGNS[row.tone]}{row.label}", row.done, scale, row.text) | {"tone": row.tone.value} for row in rows
    ]
    tones = list(dict.fromkeys(row.tone for row in rows))
    colours = {"type": "ordinal", "domain": [one.value for one in tones], "range": [COLOURS[one] for one in tones]}
    target = next((row.target for row in rows if row.done is not None), None)
    lying = _lying(values, "name", scale, target)
    return lying | {"seriesField": "tone", "color": colours, "legends": HIDDEN}


def _pairs(rows: Sequence[Pair], names: tuple[str, str], scale: float) -> dict[str, Any]:
    """Two bars a row."""
    values = [
        _row(row.label, share, scale) | {"of": name}
        for row in rows
        for name, share in zip(names, (row.first, row.second), strict=True)
    ]
    lying = _lying(values, ["name", "of"], scale, rows[0].target)
    return lying | {"seriesField": "of", "legends": LEGEND}


def _stacks(rows: Sequence[Stack], names: Sequence[str]) -> dict[str, Any]:
    """Parts of the whole, in percent."""
    values = [
        _row(f"{row.label} · {row.text}" if row.text else row.label, part, 100) | {"of": name}
        for row in rows
        for name, part in zip(names, row.parts, strict=True)
    ]
    return _lying(values, "name", 100, None) | {"seriesField": "of", "stack": True, "legends": LEGEND, "label": HIDDEN}


def _columns(rows: Sequence[Column], title: str, expected: str, scale: float) -> dict[str, Any]:
    """Columns side by side, beside each what was expected."""
    due = any(row.expected is not None for row in rows) and expected.strip() not in ("", title)
    values = []
    for row in rows:
        values.append(_row(row.label, row.value, scale, row.text) | {"of": title})
        values += [_row(row.label, row.expected, scale, row.expected_text) | {"of": expected}] if due else []
    fields = {"xField": ["name", "of"] if due else "name", "yField": "value"}
    standing = {"type": "bar", "data": {"values": values}, **fields, **FIGURES}
    return standing | ({"seriesField": "of", "legends": LEGEND} if due else {})


def _lying(values: list[Json], field: str | list[str], scale: float, target: float | None) -> dict[str, Any]:
    """Bars from left to right on a track of the scale's length, with a line where the target is."""
    most = max([scale, *(value["value"] for value in values)])
    axes = [
        {"orient": "bottom", "type": "linear", "range": {"min": 0, "max": most}},
        {"orient": "left", "type": "band", "maxWidth": "45%"},
    ]
    mark = {"markLine": [{"x": _value(target, scale), **MARK}]} if target is not None else {}
    where = {"direction": "horizontal", "xField": "value", "yField": field, "axes": axes}
    return {"type": "bar", "data": {"values": values}, **where, **mark, **FIGURES}


def _row(label: str, share: float | None, scale: float, text: str = "") -> Json:
    """One bar: its name, its figure in the unit of the chart, and the same in words; nothing is a bar of no length."""
    said = text or (of.EMPTY if share is None else f"{_value(share, scale):g}")
    return {"name": of.shown(label.strip(), 2 * NAME), "value": _value(share, scale), "text": of.shown(said, NAME)}


def _value(share: float | None, scale: float) -> float:
    return round((share or 0.0) * scale, 2)
