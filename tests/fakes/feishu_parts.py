"""What Feishu refuses in one element of a card that holds no others: texts, pictures, fields, buttons, tables."""

import re

from tests.fakes import feishu_shapes as shapes
from tests.fakes.feishu_checks import CELLS, COLUMNS, IMAGE, PERSON, Json, Known, need, only, text

DATES = {"initial_date": r"\d{4}-\d\d-\d\d", "initial_time": r"\d\d:\d\d", "initial_datetime": r"[\d-]{10} \d\d:\d\d"}
AT = re.compile(r"<at\s+ids?=\"?([\w,]+)\"?")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


def markdown_element(thing: Json, path: str, book: Known) -> None:
    said = [thing["content"], *thing.get("i18n_content", {}).values()]
    need(all(isinstance(one, str) for one in said) and said[0].strip(), "empty markdown", path)
    for one in said:
        people = [who for ids in AT.findall(one) for who in ids.split(",") if who != "all"]
        need(book.people is None or set(people) <= set(book.people), f"person {people}", path, PERSON)
        pictures = set(PICTURE.findall(one))
        need(book.images is None or pictures <= set(book.images), "image key", path, IMAGE)


def div_element(thing: Json, path: str, book: Known) -> None:
    text(thing["text"], f"{path}.text")


def img_element(thing: Json, path: str, book: Known) -> None:
    text(thing["alt"], f"{path}.alt", empty=True, kinds="plain_text")
    keys = {thing["img_key"], *thing.get("i18n_img_key", {}).values()}
    need(book.images is None or keys <= set(book.images), "image key is invalid", path, IMAGE)


def button_element(thing: Json, path: str, book: Known) -> None:
    text(thing["text"], f"{path}.text")


def input_element(thing: Json, path: str, book: Known) -> None:
    if "label" in thing:
        text(thing["label"], f"{path}.label")
    if "placeholder" in thing:
        text(thing["placeholder"], f"{path}.placeholder", 100, empty=True, kinds="plain_text")
    stands = thing.get("default_value", "")
    need(isinstance(stands, str) and len(stands) <= thing.get("max_length", 1000), "default_value", path)


def select_element(thing: Json, path: str, book: Known) -> None:
    options = thing.get("options", [])
    need(isinstance(options, list) and (options or "person" in thing["tag"]), "options", path)
    values = [option.get("value") if isinstance(option, dict) else None for option in options]
    need(all(isinstance(one, str) and one for one in values) and len(set(values)) == len(values), "option value", path)
    people = "person" in thing["tag"]
    for option in options:
        only(option, "value" if people else "text value icon", path)
        if not people:
            text(option.get("text"), f"{path}.options", kinds="plain_text")
    need(not people or book.people is None or set(values) <= set(book.people), "person", path, PERSON)
    chosen = thing.get("selected_values", [thing["initial_option"]] if "initial_option" in thing else [])
    need(isinstance(chosen, list) and (people or set(chosen) <= set(values)), "initial option", path)
    if "placeholder" in thing:
        text(thing["placeholder"], f"{path}.placeholder", 100, empty=True, kinds="plain_text")


def picker_element(thing: Json, path: str, book: Known) -> None:
    for key, pattern in DATES.items():
        need(key not in thing or re.fullmatch(pattern, str(thing[key])), key, path)
    if "placeholder" in thing:
        text(thing["placeholder"], f"{path}.placeholder", 100, empty=True, kinds="plain_text")


def table_element(thing: Json, path: str, book: Known) -> None:
    """A table: its columns, and cells that fit them."""
    columns = thing["columns"]
    need(isinstance(columns, list) and 0 < len(columns) <= 50, "columns", path, COLUMNS)
    for column in columns:
        unknown = set(column) - shapes.COLUMN_KEYS
        need(not unknown, f"unknown property {sorted(unknown)}", f"{path}.columns")
        need(isinstance(column.get("name"), str) and column["name"], "column name", path, COLUMNS)
        need(column.get("data_type", "text") in shapes.DATA_TYPES, "data_type", path, COLUMNS)
        need(isinstance(column.get("display_name", ""), str), "display_name", path, COLUMNS)
    kinds = {column["name"]: column.get("data_type", "text") for column in columns}
    need(len(kinds) == len(columns), "column twice", path, COLUMNS)
    only(thing.get("header_style", {}), " ".join(shapes.HEADER_STYLE), path)
    height = str(thing.get("row_height", "low"))
    need(height in ("low", "auto") or shapes.PIXELS.fullmatch(height), "row_height", path)
    need(isinstance(thing["rows"], list), "rows", path, CELLS)
    for row in thing["rows"]:
        need(isinstance(row, dict) and set(row) <= set(kinds), "cell without a column", path, COLUMNS)
        for name, cell in row.items():
            need(_fits(kinds[name], cell, book), f"cell {name} is no {kinds[name]}", path, CELLS)


def _fits(kind: str, cell: object, book: Known) -> bool:
    match kind:
        case "number" | "date":
            return isinstance(cell, int | float) and not isinstance(cell, bool)
        case "options":
            return isinstance(cell, str) or (isinstance(cell, list) and all(_tagged(one) for one in cell))
        case "persons":
            people = [cell] if isinstance(cell, str) else cell
            known = book.people is None or (isinstance(people, list) and set(people) <= set(book.people))
            return isinstance(people, list) and known
        case _:
            return isinstance(cell, str)


def _tagged(option: object) -> bool:
    return (
        isinstance(option, dict)
        and set(option) <= {"text", "color"}
        and isinstance(option.get("text"), str)
        and option.get("color", "blue") in shapes.COLORS
    )
