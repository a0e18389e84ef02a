"""What a client shows of a message: characters, what can be pressed, the fields of a form, pictures."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.dingtalk_rules import AI, PICTURE
from tests.fakes.dingtalk_store import Json, Person, Post

SEND = "dtmd://dingtalkclient/sendMessage?content="
LINK = re.compile(r"(?<!!)\[((?:\\.|[^\]\\])*)\]\(([^)\s]*)\)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_STARS = re.compile(r"(\*\*\*|\*\*|\*|~~|__|`)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_FONT = re.compile(r"</?(?:font|b|i|strong)\b[^>]*>")
_OWN_LINE = re.compile(r"\s*(#{1,6} |[-*+] |\d+\. |> ?|\||-{3,}$)")


@dataclass(frozen=True)
class Pressable:
    """A button or a link under its visible label: `url` opens or says something, else `params` come back."""

    label: str
    url: str = ""
    id: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    request: bool = False

    @property
    def says(self) -> str | None:
        """What pressing it makes the person say."""
        return unquote(self.url.removeprefix(SEND)) if self.url.startswith(SEND) else None


@dataclass(frozen=True)
class FieldSeen:
    """A field of a form."""

    name: str
    label: str
    kind: str
    required: bool = False
    standing: str | tuple[str, ...] = ""
    options: Mapping[str, str] = field(default_factory=dict)
    hidden: bool = False


@dataclass(frozen=True)
class Shown:
    """A message as one reader's client draws it."""

    title: str = ""
    text: str = ""
    buttons: tuple[Pressable, ...] = ()
    pictures: int = 0
    fields: tuple[FieldSeen, ...] = ()
    submit: str = ""

    @property
    def whole(self) -> str:
        """Every visible character, a line a paragraph."""
        named = [one.label for one in self.fields if not one.hidden]
        options = [label for one in self.fields for label in one.options.values()]
        lines = [self.title, self.text, *named, *options, self.submit, *(one.label for one in self.buttons)]
        return "\n".join(line for line in lines if line)


def drawn(post: Post, reader: Person | None, past: Mapping[str, str] | None = None) -> Shown:
    """A message on somebody's screen; `past` are the parameters a card had before."""
    if post.card is not None:
        given = past if past is not None else post.card.params(reader.staff if reader else "")
        return _card(post.card.template, given, forms=reader is None or reader.sees_forms)
    if post.kind in ("sampleText", "text"):
        return Shown(text=str(post.content["content"]).replace("\u200b", ""))
    if post.kind in ("sampleImageMsg", "sampleFile"):
        name = post.content.get("fileName", "")
        return Shown(text=name, pictures=int(post.kind == "sampleImageMsg"))
    return _marked(post.content)


def looks(post: Post, reader: Person | None) -> Iterator[Shown]:
    """How a message looks and looked to somebody, newest first."""
    yield drawn(post, reader)
    if post.card is None:
        return
    for public, private in reversed(post.card.past):
        yield drawn(post, reader, public | private.get(reader.staff if reader else "", {}))


def _marked(content: Json) -> Shown:
    """A markdown, link or ActionCard message; its title is only in the notification, so the text must say it."""
    source = str(content.get("text", ""))
    return Shown("", shown(source), (*_links(source), *_action_buttons(content)), len(PICTURE.findall(source)))


def _action_buttons(content: Json) -> Iterator[Pressable]:
    pairs = [("singleTitle", "singleURL")]
    pairs += [(f"actionTitle{n}", f"actionURL{n}") for n in range(1, 6)]
    pairs += [(f"buttonTitle{n}", f"buttonUrl{n}") for n in range(1, 3)]
    for title, url in pairs:
        if content.get(title):
            yield Pressable(content[title], content[url])
    for one in content.get("btns", ()):
        yield Pressable(one["title"], one["actionURL"])


def _links(source: str) -> Iterator[Pressable]:
    for label, url in LINK.findall(source):
        if url.startswith("dtmd:"):
            yield Pressable(shown(label), url)


def _card(template: str, given: Mapping[str, str], *, forms: bool) -> Shown:
    if template == AI:
        if given.get("flowStatus") != "3":
            return Shown(text="处理中")
        given = {"title": given.get("msgTitle", ""), "markdown": given.get("msgContent", "")} | dict(given)
    source = given.get("markdown", given.get("desc", ""))
    fields = tuple(_fields(_json(given.get("form", "")).get("fields", ()))) if forms else ()
    lines = [shown(source), given.get("tips", ""), shown(given.get("notice", ""))]
    text = "\n".join(line for line in lines if line)
    buttons = tuple(_buttons(_json(given.get("sys_full_json_obj", "")).get("msgButtons", ())))
    live = bool(fields) and given.get("form_status", "normal") == "normal"
    links = tuple(_links(source))
    submit = given.get("form_btn_text", "") if live else ""
    return Shown(given.get("title", ""), text, (*links, *buttons), len(PICTURE.findall(source)), fields, submit)


def _buttons(given: Sequence[Json]) -> Iterator[Pressable]:
    for one in given:
        if one.get("status") != "disabled":
            request, url = one.get("request") is True, str(one.get("url", ""))
            yield Pressable(str(one["text"]), url, str(one.get("id", "")), one.get("params") or {}, request)


def _fields(given: Sequence[Json]) -> Iterator[FieldSeen]:
    for one in given:
        options = {str(option["value"]): str(option["text"]) for option in one.get("options", ())}
        hidden = one.get("hidden") is True
        label = str(one.get("label", ""))
        yield FieldSeen(
            one["name"], label, one["type"], one.get("required") is True, _standing(one), options, hidden=hidden
        )


def _standing(one: Json) -> str | tuple[str, ...]:
    value = one.get("defaultValue", "")
    chosen = value.get("value", "") if isinstance(value, dict) else value
    return tuple(str(part) for part in chosen) if isinstance(chosen, list) else str(chosen)


def _json(raw: str) -> Json:
    try:
        value = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def shown(source: str) -> str:
    """The characters a client shows for markdown: marks go, what is escaped stays as it was typed."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[1])
        return f"\x00{len(kept) - 1}\x00"

    said = _ESCAPED.sub(keep, re.sub(r"<br\s*/?>", "  \n", source))
    said = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", said)
    said = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", said)
    said = "\n".join(_lines(_FONT.sub("", said)))
    for _ in range(3):
        said = _STARS.sub(r"\2", said)
    said = re.sub(r"^(#{1,6} |> ?|[-*+] )", "", said, flags=re.MULTILINE)
    return (
        re.sub("\x00(\\d+)\x00", lambda found: kept[int(found[1])], html.unescape(said)).replace("\u200b", "").strip()
    )


def _lines(source: str) -> Iterator[str]:
    """Lines as they are broken: by two spaces, an empty line, or a block that begins; else a break is a space."""
    held, breaks = "", True
    for line in source.split("\n"):
        own = bool(_OWN_LINE.match(line))
        if breaks or own or not line.strip():
            if held:
                yield held
            held = _row(line) if line.lstrip().startswith("|") else line.strip()
        else:
            held = f"{held} {line.strip()}"
        breaks = line.endswith("  ") or not line.strip() or line.lstrip().startswith(("#", "|"))
    if held:
        yield held


def _row(line: str) -> str:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return "" if all(re.fullmatch(r":?-+:?", cell) for cell in cells) else " | ".join(cells)
