"""What Feishu refuses in a chart: a VChart spec that its server cannot make sense of, and what phones cannot draw."""

from collections.abc import Iterator
from typing import Any

from tests.fakes.feishu_checks import CHART, Json, Known, every, need

_KINDS = "line area bar pie common funnel scatter radar linearProgress circularProgress wordCloud"  # as documented
KINDS = frozenset(_KINDS.split())
_FIELDS = "xField yField seriesField categoryField valueField"
_LOOK = "barMaxWidth label legends axes color markLine media outerRadius innerRadius padding tooltip bar area"
KEYS = frozenset(f"type title data series direction stack percent {_FIELDS} {_LOOK}".split())
NUMERIC = {"horizontal": "xField", "vertical": "yField"}


def chart_element(thing: Json, path: str, book: Known) -> None:
    """A chart with data that its fields name."""
    spec = thing["chart_spec"]
    need(
        isinstance(spec, dict) and spec.get("type") in KINDS and spec.get("data"), "chart spec is invalid", path, CHART
    )
    need(set(spec) <= KEYS, f"chart spec: {sorted(set(spec) - KEYS)}", f"{path}.chart_spec", CHART)
    for part in every(spec):
        need("texture" not in part and part.get("gradient") != "conical", "not on phones", path, CHART)
    if spec["type"] == "bar":
        _bars(spec, f"{path}.chart_spec")


def _bars(spec: dict[str, Any], path: str) -> None:
    values = spec["data"].get("values") if isinstance(spec["data"], dict) else None
    need(isinstance(values, list) and values and all(isinstance(one, dict) for one in values), "data", path, CHART)
    assert isinstance(values, list)
    numeric = NUMERIC.get(spec.get("direction", "vertical"), "")
    for key in ("xField", "yField"):
        for name in _names(spec.get(key)):
            need(all(name in one for one in values), f"{key} {name}", path, CHART)
            figures = [one[name] for one in values]
            fits = [isinstance(one, int | float) and not isinstance(one, bool) for one in figures]
            need(all(fits) if key == numeric else not any(fits), f"{key} {name}", path, CHART)
    series = spec.get("seriesField")
    need(series is None or all(series in one for one in values), "seriesField", path, CHART)
    for axis in spec.get("axes", ()):
        need(axis.get("orient") in ("left", "bottom", "right", "top"), "axes", path, CHART)


def _names(field: object) -> Iterator[str]:
    names = field if isinstance(field, list) else [field]
    for name in names:
        if isinstance(name, str) and name:
            yield name


def shown(thing: Json) -> Iterator[str]:
    """The words that are read on a chart: names on its axis and in its legend."""
    spec = thing["chart_spec"]
    fields = [name for key in ("xField", "yField", "seriesField") for name in _names(spec.get(key))]
    legend = spec.get("legends", {}).get("visible", True)
    hidden = set() if legend else {spec.get("seriesField")}
    for name in dict.fromkeys(field for field in fields if field not in hidden):
        yield from dict.fromkeys(one[name] for one in spec["data"]["values"] if isinstance(one[name], str))
    if spec.get("label", {}).get("formatter") == "{text}":
        yield from (one["text"] for one in spec["data"]["values"])
