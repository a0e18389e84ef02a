"""What a client shows of a message: characters in its language, what can be pressed, fields, pictures."""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import feishu_charts

Json = Mapping[str, Any]
FIELDS = frozenset(
    (
        "input",
        "select_static",
        "multi_select_static",
        "select_person",
        "multi_select_person",
        "date_picker",
        "picker_time",
        "picker_datetime",
        "checker",
    )
)
SELECTS = frozenset(("select_static", "select_person", "overflow"))
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_AT = re.compile(r"<at\s+ids?=\"?([\w,]+)\"?\s*>\s*</at>")
_PERSON = re.compile(r"<person\s+id\s*=\s*['\"]?(\w+)['\"]?[^>]*>\s*</person>")
_RED = re.compile(r"<font color=['\"]?red['\"]?>(.*?)</font>", re.DOTALL)
_TAGS = re.compile(r"</?(?:font|text_tag|link|number_tag|local_datetime|hr)\b[^>]*>")
_STARS = re.compile(r"(\*\*\*|\*\*|\*|~~|__|`)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)


@dataclass(frozen=True)
class Pressable:
    """A button, or one option of a select, under its visible label."""

    label: str
    element: Json
    option: str = ""
    form: str = ""


@dataclass(frozen=True)
class FieldSeen:
    """A field of a form: its label, what stands in it, the labels of its options by value, the red line below it."""

    label: str
    element: Json
    options: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def name(self) -> str:
        """The name under which it is handed in."""
        return str(self.element["name"])


class Screen:
    """A client in one language, e.g. "zh_cn". `people` are names by open_id."""

    def __init__(self, locale: str, people: Mapping[str, str]) -> None:
        self.locale, self.people = locale, people
        self.limited: Sequence[str] = ()

    def said(self, thing: Json, key: str = "content", by: str = "i18n_content") -> str:
        """A text in this client's language; a third language reads English where Chinese and English are given."""
        given = {
            name: value for name, value in (thing.get(by) or {}).items() if not self.limited or name in self.limited
        }
        if self.locale in given:
            return str(given[self.locale])
        if {"zh_cn", "en_us"} <= set(given):
            return str(given["en_us"])
        return str(thing.get(key, ""))

    def markdown(self, thing: Json) -> str:
        """Markdown as plain characters."""
        return shown(self.said(thing), self.people)

    def text(self, kind: str, content: Json) -> str:
        """Every visible character of a message, a line a paragraph."""
        if kind == "text":
            return re.sub(r"<at user_id=\"(\w+)\">(.*?)</at>", r"@\2", str(content.get("text", "")))
        if kind != "interactive":
            return json.dumps(content, ensure_ascii=False)
        self.limited = content.get("config", {}).get("locales", ())
        head = content.get("header") or {}
        lines = [self.said(head[key]) for key in ("title", "subtitle") if key in head]
        lines += [self.said(tag["text"]) for tag in self._tags(head)]
        return "\n".join(line for line in [*lines, *self.lines(content["body"]["elements"])] if line)

    def summary(self, content: Json) -> str:
        """The line of the chat list and of the notification."""
        return self.said(content.get("config", {}).get("summary", {}))

    def _tags(self, head: Json) -> Sequence[Json]:
        by = head.get("i18n_text_tag_list") or {}
        return list(by.get(self.locale) or head.get("text_tag_list", ()))

    def lines(self, parts: Sequence[Json]) -> Iterator[str]:
        """The lines of elements."""
        for part in parts:
            yield from self._lines(part)

    def _lines(self, part: Json) -> Iterator[str]:
        draw: dict[str, Callable[[], Iterable[str]]] = {
            "markdown": lambda: [self.markdown(part)],
            "div": lambda: [self._titled(part["text"])],
            "img": lambda: [self.said(part["alt"])],
            "chart": lambda: feishu_charts.shown(part),
            "button": lambda: [self.said(part["text"])],
            "table": lambda: self._table(part),
            "collapsible_panel": lambda: [self._titled(part["header"]["title"])],
        }
        if part["tag"] in draw:
            yield from draw[part["tag"]]()
        if part["tag"] in FIELDS:
            yield from (self.said(part[key]) for key in ("label", "placeholder") if key in part)
        yield from self.lines(_children(part))

    def _titled(self, title: Json) -> str:
        return self.said(title) if title["tag"] == "plain_text" else self.markdown(title)

    def _table(self, table: Json) -> Iterator[str]:
        yield " | ".join(str(column.get("display_name", "")) for column in table["columns"])
        kinds = {column["name"]: column.get("data_type", "text") for column in table["columns"]}
        for row in table["rows"]:
            yield " | ".join(self._cell(kind, row.get(name, "")) for name, kind in kinds.items())

    def _cell(self, kind: str, cell: Any) -> str:
        if kind in ("lark_md", "markdown"):
            return shown(str(cell), self.people)
        if isinstance(cell, list):
            return ", ".join(self.people.get(one, one) if isinstance(one, str) else one["text"] for one in cell)
        return str(cell)

    def pressables(self, parts: Sequence[Json], form: str = "") -> Iterator[Pressable]:
        """What can be pressed, in order: enabled buttons, and options outside forms."""
        for part in parts:
            if part["tag"] == "button" and not part.get("disabled"):
                yield Pressable(self.said(part["text"]), part, form=form)
            elif part["tag"] in SELECTS and not form and not part.get("disabled"):
                yield from (Pressable(label, part, value) for value, label in self.options(part).items())
            inside = str(part["name"]) if part["tag"] == "form" else form
            yield from self.pressables(_children(part), inside)

    def options(self, element: Json) -> dict[str, str]:
        """The labels of a select's options by value."""
        people = "person" in element["tag"]
        return {
            option["value"]: self.people.get(option["value"], option["value"]) if people else self.said(option["text"])
            for option in element.get("options", ())
        }

    def fields(self, parts: Sequence[Json]) -> list[FieldSeen]:
        """The fields of a form in order; a label is the field's own, or the text right above it."""
        flat = list(_flat(parts))
        found = []
        for at, part in enumerate(flat):
            if part["tag"] not in FIELDS:
                continue
            above = flat[at - 1] if at and "label" not in part else None
            label = self.said(part["label"]) if "label" in part else self._above(above, part)
            below = flat[at + 1] if at + 1 < len(flat) else {}
            found.append(FieldSeen(label, part, self.options(part), self.error(below)))
        return found

    def _above(self, above: Json | None, part: Json) -> str:
        said = "\n".join(self._lines(above)) if above and above["tag"] in ("markdown", "div") else ""
        return said.split("\n", 1)[0].removesuffix(" *") or self.said(part.get("placeholder", {}))

    def error(self, below: Json) -> str:
        """The sentence of an element that is one red line; "" for any other."""
        if below.get("tag") != "markdown":
            return ""
        said = _RED.fullmatch(self.said(below).strip())
        return shown(said[1], self.people).strip() if said else ""

    def stands(self, seen: FieldSeen) -> str | tuple[str, ...]:
        """What stands in a field: the text, or the labels of what is chosen."""
        value = standing(seen.element)
        if isinstance(value, tuple):
            return tuple(seen.options.get(one, one) for one in value)
        return seen.options.get(value, value)


def standing(element: Json) -> str | tuple[str, ...]:
    """What stands in a field before anybody touches it, as it would be handed in (dates without their zone)."""
    if element["tag"].startswith("multi_"):
        return tuple(element.get("selected_values", ()))
    for key in ("default_value", "initial_option", "initial_date", "initial_time", "initial_datetime"):
        if key in element:
            return str(element[key])
    return ""


def forms(content: Json) -> list[Json]:
    """The forms of a card."""
    return [part for part in content.get("body", {}).get("elements", ()) if part["tag"] == "form"]


def pictures(value: object) -> int:
    """How many pictures are shown."""
    if isinstance(value, Mapping):
        return (value.get("tag") in ("img", "chart")) + sum(map(pictures, value.values()))
    return sum(map(pictures, value)) if isinstance(value, list) else 0


def _children(part: Json) -> Sequence[Json]:
    """The elements inside an element."""
    if part["tag"] == "column_set":
        return [one for column in part["columns"] for one in column.get("elements", ())]
    return list(part.get("elements", ()))


def _flat(parts: Sequence[Json]) -> Iterator[Json]:
    for part in parts:
        inside = _children(part)
        if inside:
            yield from _flat(inside)
        else:
            yield part


def shown(source: str, people: Mapping[str, str]) -> str:
    """The characters a client shows for markdown: marks go, what is escaped stays as it was typed."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[1])
        return f"\x00{len(kept) - 1}\x00"

    said = _ESCAPED.sub(keep, source)
    said = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", said)
    said = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", said)
    said = _AT.sub(lambda found: " ".join(f"@{people.get(one, one)}" for one in found[1].split(",")), said)
    said = _PERSON.sub(lambda found: people.get(found[1], found[1]), said)
    said = _TAGS.sub("", re.sub(r"<br\s*/?>", "\n", said))
    for _ in range(3):
        said = _STARS.sub(r"\2", said)
    said = re.sub(r"^#{1,6} ", "", said, flags=re.MULTILINE)
    return re.sub("\x00(\\d+)\x00", lambda found: kept[int(found[1])], html.unescape(said)).replace("\u200b", "")
