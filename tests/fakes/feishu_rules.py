"""What Feishu refuses in a card JSON 2.0 as a whole: its frame, limits, and what may stand in what."""

import json
import re
from collections.abc import Callable

from tests.fakes import feishu_parts as parts
from tests.fakes import feishu_shapes as shapes
from tests.fakes.feishu_charts import chart_element
from tests.fakes.feishu_checks import (
    ELEMENT_ID,
    IMAGE,
    LIMIT,
    TAG,
    Json,
    Known,
    Wrong,
    every,
    flags,
    languages,
    named,
    need,
    only,
    plain,
    text,
)

__all__ = ["BYTES", "IMAGE", "Known", "Wrong", "check", "every", "size"]
BYTES, TAGS, TABLES, NESTED, CHARTS = 30 * 1024, 200, 5, 5, 5
RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$", re.MULTILINE)


def size(card: Json) -> int:
    """Bytes of the card as it is usually sent."""
    return len(json.dumps(card, ensure_ascii=False).encode())


def check(card: object, known: Known | None = None) -> None:
    """A whole card; raises Wrong."""
    book = known or Known()
    need(isinstance(card, dict), "card is not an object", "")
    assert isinstance(card, dict)
    need(card.get("schema") == "2.0", "schema", "schema")
    only(card, shapes.TOP["card"], "")
    _config(card.get("config", {}))
    _header(card.get("header"))
    need(isinstance(card.get("body"), dict), "body", "body")
    only(card["body"], shapes.TOP["body"], "body")
    _elements(card["body"].get("elements"), "body.elements", book)
    _counts(card)


def _counts(card: Json) -> None:
    tagged = [thing for thing in every(card) if isinstance(thing.get("tag"), str)]
    need(len(tagged) <= TAGS, "element exceeds the limit", "body", LIMIT)
    tables = sum(thing["tag"] == "table" for thing in tagged)
    tables += sum(_tables(thing) for thing in tagged if thing["tag"] == "markdown")
    need(tables <= TABLES, "card table number over limit", "body", LIMIT)
    need(sum(thing["tag"] == "chart" for thing in tagged) <= CHARTS, "chart number over limit", "body", LIMIT)


def _tables(markdown: Json) -> int:
    return len([found for found in RULE.finditer(str(markdown.get("content", ""))) if "|" in found[0]])


def _config(config: object) -> None:
    only(config, shapes.TOP["config"], "config")
    assert isinstance(config, dict)
    need(config.get("update_multi", True) is True, "update_multi", "config")
    need(config.get("width_mode", "default") in ("default", "compact", "fill"), "width_mode", "config")
    flags(config, "config")
    locales = config.get("locales", [])
    need(isinstance(locales, list) and set(locales) <= shapes.LOCALES, "locales", "config")
    if "summary" in config:
        only(config["summary"], "content i18n_content", "config.summary")
        languages(config["summary"], "config.summary")


def _header(header: object) -> None:
    if header is None:
        return
    only(header, shapes.TOP["header"], "header")
    assert isinstance(header, dict)
    text(header.get("title"), "header.title")
    if "subtitle" in header:
        text(header["subtitle"], "header.subtitle", empty=True)
    need(header.get("template", "default") in shapes.TEMPLATES, "template", "header")
    by = header.get("i18n_text_tag_list", {})
    need(isinstance(by, dict) and set(by) <= shapes.LOCALES, "i18n_text_tag_list", "header")
    for tags in [header.get("text_tag_list", []), *by.values()]:
        need(isinstance(tags, list) and len(tags) <= 3, "text_tag_list", "header")
        for tag in tags:
            _tag(tag)


def _tag(tag: object) -> None:
    path = "header.text_tag_list"
    need(isinstance(tag, dict) and tag.get("tag") == "text_tag", "text_tag", path)
    only(tag, f"{shapes.EVERY} {shapes.KEYS['text_tag']}", path)
    assert isinstance(tag, dict)
    text(tag.get("text"), path)
    need(tag.get("color", "blue") in shapes.COLORS, "color", path)


def _elements(given: object, path: str, book: Known, depth: int = 0, form: str = "") -> None:
    """A list of elements; `form`: the name of the form they stand in."""
    need(isinstance(given, list), "elements", path)
    assert isinstance(given, list)
    for at, one in enumerate(given):
        _element(one, f"{path}[{at}]", book, depth, form)


def _element(thing: object, path: str, book: Known, depth: int, form: str) -> None:
    """One element with everything in it."""
    need(isinstance(thing, dict) and isinstance(thing.get("tag"), str), "element without tag", path)
    assert isinstance(thing, dict)
    tag = thing["tag"]
    need(tag in shapes.KEYS and tag not in shapes.BARE and tag != "column", f"not support tag: {tag}", path, TAG)
    only(thing, f"{shapes.EVERY} {shapes.KEYS[tag]}", path)
    missing = [key for key in shapes.REQUIRED.get(tag, "").split() if key not in thing]
    need(not missing, f"{tag} without {missing}", path)
    plain(tag, thing, path)
    _identified(thing, path, book)
    inside = depth + (tag in shapes.CONTAINERS)
    need(inside <= NESTED, "nested too deep", path, LIMIT)
    _placed(tag, path, form)
    named(tag, thing, path, book, form)
    if tag in LEAVES:
        LEAVES[tag](thing, path, book)
    elif tag in shapes.CONTAINERS:
        _container(thing, path, book, inside, form)


def _identified(thing: Json, path: str, book: Known) -> None:
    if "element_id" in thing:
        mine = thing["element_id"]
        need(isinstance(mine, str) and ELEMENT_ID.fullmatch(mine) and mine not in book.ids, "element_id", path)
        book.ids.add(mine)


def _placed(tag: str, path: str, form: str) -> None:
    root = path.count("[") == 1
    need(root or tag not in ("form", "table"), f"{tag} only at root", path, TAG)
    need(not form or tag != "chart", "chart in a form", path, TAG)
    need(form or tag not in shapes.FORM_ONLY, f"{tag} only in a form", path, TAG)


def _container(thing: Json, path: str, book: Known, depth: int, form: str) -> None:
    match thing["tag"]:
        case "form":
            _elements(thing["elements"], f"{path}.elements", book, depth, thing["name"])
            kinds = [part.get("form_action_type") for part in every(thing) if part.get("tag") == "button"]
            need("submit" in kinds, "form without a submit button", path)
        case "column_set":
            _columns(thing, path, book, depth, form)
        case "collapsible_panel":
            title = thing["header"].get("title") if isinstance(thing["header"], dict) else None
            need(isinstance(title, dict) and title.get("tag") in ("markdown", "plain_text"), "title", path)
            _elements(thing["elements"], f"{path}.elements", book, depth, form)
        case _:
            _elements(thing["elements"], f"{path}.elements", book, depth, form)


def _columns(thing: Json, path: str, book: Known, depth: int, form: str) -> None:
    need(isinstance(thing["columns"], list) and thing["columns"], "columns", path)
    for at, column in enumerate(thing["columns"]):
        where = f"{path}.columns[{at}]"
        need(isinstance(column, dict) and column.get("tag") == "column", "column", where)
        only(column, f"{shapes.EVERY} {shapes.KEYS['column']}", where)
        plain("column", column, where)
        _elements(column.get("elements", []), f"{where}.elements", book, depth, form)


LEAVES: dict[str, Callable[[Json, str, Known], None]] = {
    "markdown": parts.markdown_element,
    "div": parts.div_element,
    "img": parts.img_element,
    "chart": chart_element,
    "button": parts.button_element,
    "input": parts.input_element,
    "select_static": parts.select_element,
    "multi_select_static": parts.select_element,
    "select_person": parts.select_element,
    "multi_select_person": parts.select_element,
    "date_picker": parts.picker_element,
    "picker_time": parts.picker_element,
    "picker_datetime": parts.picker_element,
    "table": parts.table_element,
}
