"""Whether Feishu will take a card: every property known, every limit kept; told before Feishu would refuse it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.platforms.feishu.elements import BYTES, NODES, weight
from bot.platforms.feishu.shapes import NEEDS, PARTS, SHAPES, Check

# The codes Feishu answers with (the sub-code of 230099 where there is one).
TOO_LONG, TOO_MANY, UNKNOWN, WRONG, NAMELESS = 230025, 11310, 200861, 200621, 200530
COLUMN, CELL, SPEC, PERSON = 200914, 200915, 200550, 100290
TABLES, DEPTH, TAGS, COLUMNS, PLACEHOLDER = 5, 5, 3, 50, 100
INPUTS = frozenset({"input", "select_static", "select_person", "date_picker"})
SEVERAL = frozenset({"multi_select_static", "multi_select_person"})
FILLED = INPUTS | SEVERAL
CONTAINERS = frozenset({"column_set", "column", "form", "collapsible_panel"})
SHOWN = frozenset({"markdown", "div", "hr", "img", "chart", "table"})
CHARTS = frozenset(
    [
        "line",
        "area",
        "bar",
        "pie",
        "common",
        "funnel",
        "scatter",
        "radar",
        "linearProgress",
        "circularProgress",
        "wordCloud",
    ]  # as documented
)
FIELDS = ("xField", "yField", "seriesField", "categoryField", "valueField")
ELEMENTS = FILLED | CONTAINERS | SHOWN | {"button"}
_RULED = re.compile(r"^ {0,3}\|?[ :-]*-[ :|-]*\|[ :|-]*$", re.MULTILINE)
Json = Mapping[str, Any]


class Unfit(Exception):
    """Feishu would refuse the card: where (`path`), its code, and why; never what anybody wrote."""

    def __init__(self, path: str, code: int, text: str) -> None:
        super().__init__(f"{path}: {text} ({code})")
        self.path, self.code, self.text = path, code, text


def check(card: Json) -> None:
    """Raises Unfit for the first thing that Feishu would refuse."""
    size, tags = weight(card)
    _need(size <= BYTES, "$", TOO_LONG, f"{size} bytes")
    _need(tags <= NODES, "$", TOO_MANY, f"{tags} objects with a tag")
    _part("card", card, "$", {"schema", "body"})
    seen = _Seen()
    _config(card.get("config", {}))
    _header(card.get("header"), seen)
    body = card["body"]
    _part("body", body, "$.body", {"elements"})
    _elements(body["elements"], "$.body.elements", seen, _Place(root=True))
    _need(seen.tables <= TABLES, "$", TOO_MANY, f"{seen.tables} tables")


@dataclass
class _Seen:
    """What must be unique or few in a card."""

    names: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    tables: int = 0
    submits: int = 0

    def take(self, element: Json, path: str) -> None:
        for key, known in (("name", self.names), ("element_id", self.ids)):
            if key in element:
                _need(element[key] not in known, path, WRONG, f"{key} is not unique")
                known.add(element[key])


@dataclass(frozen=True)
class _Place:
    """Where an element stands."""

    root: bool = False
    form: bool = False
    depth: int = 0

    def inside(self, tag: str) -> "_Place":
        return _Place(form=self.form or tag == "form", depth=self.depth + 1)


def _need(holds: object, path: str, code: int, text: str) -> None:
    if not holds:
        raise Unfit(path, code, text)


def _part(name: str, part: object, path: str, needed: Iterable[str] = ()) -> None:
    """An object without a tag."""
    _keys(part, PARTS[name], needed, path)


def _keys(part: object, known: Mapping[str, Check], needed: Iterable[str], path: str, *, tagged: bool = False) -> None:
    if not isinstance(part, Mapping):
        raise Unfit(path, WRONG, "object expected")
    for key, value in part.items():
        if key == "tag" and tagged:
            continue
        check = known.get(key)
        if check is None:
            raise Unfit(f"{path}.{key}", WRONG, "unknown property")
        if wrong := check(value):
            raise Unfit(f"{path}.{key}", WRONG, wrong)
    for key in needed:
        _need(key in part, path, WRONG, f"{key} is missing")


def _config(config: object) -> None:
    _part("config", config, "$.config", {"update_multi"})
    assert isinstance(config, Mapping)  # noqa: S101  `_part` raised otherwise
    if "summary" in config:
        _part("summary", config["summary"], "$.config.summary", {"content"})


def _header(header: object, seen: _Seen) -> None:
    if header is None:
        return
    _part("header", header, "$.header", {"title"})
    assert isinstance(header, Mapping)  # noqa: S101  `_part` raised otherwise
    for key in ("title", "subtitle", "icon"):
        if key in header:
            _object(header[key], f"$.header.{key}", seen)
    lists = {"text_tag_list": header.get("text_tag_list", []), **header.get("i18n_text_tag_list", {})}
    for key, tags in lists.items():
        _need(len(tags) <= TAGS, f"$.header.{key}", WRONG, "at most three tags")
        for at, tag in enumerate(tags):
            _need(tag.get("tag") == "text_tag", f"$.header.{key}[{at}]", WRONG, "text_tag expected")
            _object(tag, f"$.header.{key}[{at}]", seen)


def _object(thing: Json, path: str, seen: _Seen) -> str:
    """An object with a tag and the texts in it; its tag."""
    tag = thing.get("tag")
    if not isinstance(tag, str) or tag not in SHAPES:
        raise Unfit(path, UNKNOWN, "unsupported tag")
    _keys(thing, SHAPES[tag], NEEDS.get(tag, ()), path, tagged=True)
    seen.take(thing, path)
    for key in ("text", "label", "placeholder", "alt", "title", "icon", "disabled_tips", "hover_tips"):
        if key in thing:
            _object(thing[key], f"{path}.{key}", seen)
    if "placeholder" in thing:
        _need(len(thing["placeholder"]["content"]) <= PLACEHOLDER, f"{path}.placeholder", WRONG, "too long")
    return tag


def _elements(elements: Sequence[Json], path: str, seen: _Seen, place: _Place) -> None:
    for at, element in enumerate(elements):
        _element(element, f"{path}[{at}]", seen, place)


def _element(element: Json, path: str, seen: _Seen, place: _Place) -> None:
    tag = _object(element, path, seen)
    _need(tag in ELEMENTS and tag != "column", path, UNKNOWN, "no element of a card")
    _need(place.root or tag not in ("form", "table"), path, WRONG, f"a {tag} stands at the root")
    _need(not place.form or tag != "chart", path, WRONG, "no chart in a form")
    if tag in CONTAINERS:
        _container(element, tag, path, seen, place.inside(tag))
    elif tag == "table":
        seen.tables += 1
        _table(element, path)
    elif tag == "markdown":
        seen.tables += len(_RULED.findall(element["content"]))
    elif tag == "chart":
        _chart(element["chart_spec"], f"{path}.chart_spec")
    elif tag == "button" or tag in FILLED:
        _interactive(element, tag, path, seen, place)


def _container(element: Json, tag: str, path: str, seen: _Seen, place: _Place) -> None:
    _need(place.depth <= DEPTH, path, WRONG, "nested too deep")
    if tag == "column_set":
        for at, column in enumerate(element["columns"]):
            _need(_object(column, f"{path}.columns[{at}]", seen) == "column", path, WRONG, "column expected")
            inside = place.inside("column")
            _need(inside.depth <= DEPTH, path, WRONG, "nested too deep")
            _elements(column["elements"], f"{path}.columns[{at}].elements", seen, inside)
        return
    if tag == "collapsible_panel":
        _object(element["header"].get("title", {}), f"{path}.header.title", seen)
    before = seen.submits
    _elements(element["elements"], f"{path}.elements", seen, place)
    _need(tag != "form" or seen.submits > before, path, WRONG, "a form has a button that submits")


def _interactive(element: Json, tag: str, path: str, seen: _Seen, place: _Place) -> None:
    if place.form:
        _need("name" in element, path, NAMELESS, "no name in a form")
    else:
        _need("required" not in element and "form_action_type" not in element, path, WRONG, "only in a form")
        _need(tag not in SEVERAL, path, WRONG, "only in a form")
        _need(element.get("behaviors"), path, WRONG, "behaviors are missing")
        _need(tag != "button" or "name" not in element, path, WRONG, "a button has a name in forms only")
    seen.submits += element.get("form_action_type") == "submit"
    for at, behavior in enumerate(element.get("behaviors", ())):
        _behavior(behavior, f"{path}.behaviors[{at}]")
    if "confirm" in element:
        _part("confirm", element["confirm"], f"{path}.confirm", {"title"})
        for key, said in element["confirm"].items():
            _object(said, f"{path}.confirm.{key}", seen)
    if "options" in element:
        _options(element, tag, path, seen)
    if tag == "input":
        _need(len(element.get("default_value", "")) <= element.get("max_length", 1000), path, WRONG, "default too long")


def _chart(spec: Json, path: str) -> None:
    """A kind that Feishu documents, and rows in which every field that is named stands."""
    _need({"type", "data"} <= spec.keys(), path, SPEC, "type and data are missing")
    _need(spec["type"] in CHARTS, path, SPEC, "no such chart")
    data = spec["data"]
    rows = [row for part in (data if isinstance(data, list) else [data]) for row in _rows(part, path)]
    given = [spec[key] for key in FIELDS if key in spec]
    for name in (one for named in given for one in (named if isinstance(named, list) else [named])):
        _need(all(isinstance(row.get(name), str | int | float) for row in rows), path, SPEC, "a field is missing")


def _rows(part: object, path: str) -> Sequence[Json]:
    rows = part.get("values") if isinstance(part, Mapping) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise Unfit(path, SPEC, "data without values")
    return rows


def _behavior(behavior: Json, path: str) -> None:
    kind = behavior.get("type")
    if kind not in ("callback", "open_url"):
        raise Unfit(path, WRONG, "callback or open_url expected")
    said = {key: value for key, value in behavior.items() if key != "type"}
    _part(kind, said, path, {"value"} if kind == "callback" else {"default_url"})


def _options(element: Json, tag: str, path: str, seen: _Seen) -> None:
    person = tag.endswith("person")
    values = []
    for at, option in enumerate(element["options"]):
        here = f"{path}.options[{at}]"
        _need(option.keys() <= ({"value"} if person else {"value", "text", "icon"}), here, WRONG, "unknown property")
        given = option.get("value")
        if not isinstance(given, str) or not given:
            raise Unfit(here, WRONG, "value is missing")
        values.append(given)
        _need(not person or given.startswith("ou_"), here, PERSON, "no person")
        if not person:
            text = option.get("text")
            _need(isinstance(text, Mapping) and text.get("tag") == "plain_text", here, WRONG, "text is missing")
            _object(option["text"], f"{here}.text", seen)
    _need(len(values) == len(set(values)), path, WRONG, "equal values")
    chosen = [element["initial_option"]] if "initial_option" in element else element.get("selected_values", [])
    _need(all(one in values for one in chosen), path, WRONG, "what is chosen is no option")


def _table(table: Json, path: str) -> None:
    columns = table["columns"]
    _need(0 < len(columns) <= COLUMNS, path, COLUMN, f"1..{COLUMNS} columns")
    for at, column in enumerate(columns):
        _part("column of a table", column, f"{path}.columns[{at}]", {"name", "data_type"})
    kinds = {column["name"]: column["data_type"] for column in columns}
    _need(len(kinds) == len(columns), path, COLUMN, "equal names")
    if "header_style" in table:
        _part("header_style", table["header_style"], f"{path}.header_style")
    for at, row in enumerate(table["rows"]):
        for name, cell in row.items():
            _need(name in kinds and _holds(kinds[name], cell), f"{path}.rows[{at}].{name}", CELL, "no such cell")


def _holds(kind: str, cell: object) -> bool:
    match kind:
        case "number" | "date":
            return isinstance(cell, int | float) and not isinstance(cell, bool)
        case "options":
            return isinstance(cell, list) and all(isinstance(one, Mapping) and "text" in one for one in cell)
        case "persons":
            return isinstance(cell, str | list)
        case _:
            return isinstance(cell, str)
