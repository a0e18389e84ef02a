"""What every part of a card is checked for: unknown properties, texts, flags, enumerations, names, behaviours."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import feishu_shapes as shapes

Json = Mapping[str, Any]
JSON, TAG, IMAGE, CHART, LIMIT, PERSON, NAMELESS = 200621, 200861, 200570, 200550, 11310, 100290, 200530
COLUMNS, CELLS = 200914, 200915
ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")


class Wrong(Exception):
    """Something Feishu refuses: the sub-code, what and where."""

    def __init__(self, code: int, what: str, path: str = "") -> None:
        super().__init__(f"{code} {what} {path}".strip())
        self.code, self.what, self.path = code, what, path


@dataclass
class Known:
    """What a card may name: uploaded pictures and people (None: any)."""

    images: Collection[str] | None = None
    people: Collection[str] | None = None
    names: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)


def need(holds: object, what: str, path: str, code: int = JSON) -> None:
    """Raises Wrong unless it holds."""
    if not holds:
        raise Wrong(code, what, path)


def only(thing: object, keys: str, path: str) -> None:
    """No unknown keys."""
    need(isinstance(thing, dict), "not an object", path)
    assert isinstance(thing, dict)
    unknown = set(thing) - set(keys.split())
    need(not unknown, f"unknown property {sorted(unknown)}", path)


def every(value: object) -> Iterator[Json]:
    """Every object inside, the value itself first."""
    if isinstance(value, Mapping):
        yield value
        for part in value.values():
            yield from every(part)
    elif isinstance(value, list):
        for part in value:
            yield from every(part)


def text(thing: object, path: str, most: int = 0, *, empty: bool = False, kinds: str = "plain_text lark_md") -> None:
    """A text object with something in it, of at most so many characters."""
    need(isinstance(thing, dict) and thing.get("tag") in kinds.split(), "text object", path)
    assert isinstance(thing, dict)
    only(thing, f"tag {shapes.KEYS[thing['tag']]}", path)
    said = thing.get("content")
    need(isinstance(said, str) and (empty or said.strip()), "empty text", path)
    languages(thing, path)
    for one in [said, *thing.get("i18n_content", {}).values()]:
        need(not most or len(str(one)) <= most, f"longer than {most}", path)


def languages(thing: Json, path: str) -> None:
    need(isinstance(thing.get("content", ""), str), "content", path)
    for key in ("i18n_content", "i18n_default_value", "i18n_img_key"):
        by = thing.get(key, {})
        need(isinstance(by, dict) and set(by) <= shapes.LOCALES, key, path)
        need(all(isinstance(said, str) for said in by.values()), key, path)


def flags(thing: Json, path: str) -> None:
    """What is yes or no is a boolean."""
    for key in shapes.BOOLEANS & set(thing):
        need(isinstance(thing[key], bool), key, f"{path}.{key}")


def plain(tag: str, thing: Json, path: str) -> None:
    flags(thing, path)
    languages(thing, path)
    for (of, key), values in shapes.ENUMS.items():
        need(of != tag or key not in thing or thing[key] in values, f"{key} {thing.get(key)!r}", path)
    for (of, key), (least, most) in shapes.NUMBERS.items():
        if of == tag and key in thing:
            number = thing[key]
            need(isinstance(number, int) and least <= number <= most, f"{key} {number!r}", path)
    for key in ("margin", "padding"):
        need(key not in thing or shapes.FOUR.fullmatch(str(thing[key])), key, path)
    width = thing.get("width", "auto")
    need(width in ("auto", "fill", "weighted", "default") or shapes.PIXELS.fullmatch(str(width)), "width", path)


def named(tag: str, thing: Json, path: str, book: Known, form: str) -> None:
    """Names are unique, and everything that takes something in a form has one."""
    if tag not in shapes.NAMED and tag != "form":
        return
    name = thing.get("name")
    need(name is None or (isinstance(name, str) and 0 < len(name) <= 100), "name", path)
    need(name or not (form or tag == "form"), "form component without name", path, NAMELESS)
    need(name is None or name not in book.names, f"name {name!r} twice", path)
    if name:
        book.names.add(name)
    need(form or "form_action_type" not in thing, "form_action_type outside a form", path)
    _acting(tag, thing, path, form)


def _acting(tag: str, thing: Json, path: str, form: str) -> None:
    if "confirm" in thing:
        only(thing["confirm"], shapes.TOP["confirm"], path)
        text(thing["confirm"].get("title"), f"{path}.confirm.title")
        text(thing["confirm"].get("text"), f"{path}.confirm.text")
    reacts = thing.get("behaviors", [])
    need(isinstance(reacts, list) and len(reacts) <= 2, "behaviors", path)
    for behavior in reacts:
        kind = behavior.get("type") if isinstance(behavior, dict) else None
        need(kind in ("callback", "open_url"), "behaviors", path)
        only(behavior, shapes.TOP[str(kind)], path)
        if kind == "callback":
            need(isinstance(behavior.get("value"), dict | str) and behavior["value"], "callback value", path)
        for key in set(behavior) - {"type", "value"}:
            need(str(behavior[key]).startswith(("https://", "http://", "lark://")), key, path)
    silent = tag != "form" and not reacts and not form and not thing.get("disabled")
    need(not silent, f"{tag} does nothing", path)
