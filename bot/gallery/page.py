"""The page of the gallery: every sample in all locales side by side, drawn from the console's JSON."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from bot.platforms.web import STATIC
from bot.text import NAMES

Drawn = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]
CONSOLE = "console"
FONT = "fonts/cjk.ttc"
OWN = Path(__file__).with_name("page.css")
OPENS = """
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches("details.file") || target.querySelector("iframe")) return;
  const { href: src, textContent: title } = target.querySelector("a");
  target.append(Object.assign(document.createElement("iframe"), { src, title }));
}, true);
"""


def index(drawn: Drawn) -> str:
    """The page; `drawn` is locale → platform → name → JSON. It loads nothing but the files beside it, FONT too."""
    names = list(next(iter(drawn.values()))[CONSOLE])
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.partition(".")[0], []).append(name)
    style = "\n".join(path.read_text(encoding="utf-8") for path in (STATIC / "base.css", STATIC / "cards.css", OWN))
    parts = [
        _tag("section", _tag("h2", noun), *(_sample(name, drawn) for name in members), id=f"about-{noun}")
        for noun, members in groups.items()
    ]
    links = [_tag("a", f"{noun} {len(members)}", href=f"#about-{noun}") for noun, members in groups.items()]
    return _page(style, _head(drawn, links, len(names)), parts)


def _page(style: str, head: str, parts: Iterable[str]) -> str:
    top = '<!doctype html>\n<html lang="en" data-cjk>\n<head><meta charset="utf-8"><title>Pandian: gallery</title>'
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    body = "\n".join([head, *parts])
    start = f'{top}{view}<style>\n{style}</style></head>\n<body class="gallery">'
    return f"{start}\n{body}\n<script>{OPENS}</script>\n</body>\n</html>\n"


def _head(drawn: Drawn, links: Iterable[str], count: int) -> str:
    """Where everything is, and which locales are shown: switched without a script."""
    boxes = [
        _tag("label", _void("input", type="checkbox", id=f"show-{locale}", checked=""), " ", escape(NAMES[locale]))
        for locale in drawn
    ]
    hidden = "".join(f"body:has(#show-{one}:not(:checked)) .of-{one} {{ display: none; }}\n" for one in drawn)
    title = _tag("h1", f"Gallery: {count} samples")
    return _tag("style", hidden) + _tag("nav", title, _tag("p", *boxes), _tag("p", *links))


def _sample(name: str, drawn: Drawn) -> str:
    cells = [_cell(name, locale, platforms) for locale, platforms in drawn.items()]
    return _tag(
        "section", _tag("h3", _tag("a", name, href=f"#{name}")), _tag("div", *cells, **{"class": "wall"}), id=name
    )


def _cell(name: str, locale: str, platforms: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    shown = platforms[CONSOLE][name]
    drawing = _card(shown["card"]) if "card" in shown else _sheet(shown)
    files = [_file(platform, cards[name], f"{platform}/{locale}/{name}.json") for platform, cards in platforms.items()]
    return _tag("article", drawing, *files, lang=locale.replace("_", "-"), **{"class": f"cell of-{locale}"})


def _file(platform: str, drawn: Mapping[str, Any], path: str) -> str:
    """The platform's JSON; its frame is made when it is opened, more than a thousand would never be loaded."""
    title = f"{platform} · {drawn['surface']}" if "surface" in drawn else platform
    return _tag("details", _tag("summary", title), _tag("a", path, href=path), **{"class": "file"})


def _card(card: Mapping[str, Any]) -> str:
    head = _tag("h4", escape(card["title"])) if card["title"] else ""
    actions = [_ACTIONS[action["kind"]](action) for action in card["actions"]]
    row = _tag("div", *actions, **{"class": "actions"}) if actions else ""
    body = [_BLOCKS[block["kind"]](block) for block in card["body"]]
    return _tag("div", head, *body, row, **{"class": f"card tone-{card['tone']}"})


def _text(block: Mapping[str, Any]) -> str:
    return _tag("p", *(escape(span) if isinstance(span, str) else _span(span) for span in block["spans"]))


def _span(span: Mapping[str, str]) -> str:
    match span["kind"]:
        case "bold":
            return _tag("strong", escape(span["text"]))
        case "link":
            return _tag("a", escape(span["label"]), href=span["url"], **{"class": "inline"})
        case _:
            return _tag("span", escape(span["name"]), **{"class": "mention"})


def _facts(pairs: Iterable[Iterable[str]]) -> str:
    rows = [_tag("div", _tag("dt", escape(label)), _tag("dd", escape(value))) for label, value in pairs]
    return _tag("dl", *rows, **{"class": "facts"})


def _meter(block: Mapping[str, Any]) -> str:
    fill = _tag("span", style=f"width:{block['done'] * 100:.2f}%", **{"class": "fill"})
    words = _tag("span", _tag("span", escape(block["label"])), _tag("b", escape(block["text"])), **{"class": "words"})
    return _tag("div", words, _tag("span", fill, **{"class": "track"}), **{"class": "meter"})


def _table(block: Mapping[str, Any]) -> str:
    top = _tag("tr", *(_tag("th", escape(cell)) for cell in block["header"]))
    rows = [_tag("tr", *(_tag("td", escape(cell)) for cell in row)) for row in block["rows"]]
    return _tag("div", _tag("table", _tag("thead", top), _tag("tbody", *rows)), **{"class": "table"})


def _chart(block: Mapping[str, Any]) -> str:
    """Links lead from the JSON's folder; the page lies two folders above."""
    source = block["url"].removeprefix("../../")
    return _tag("figure", _void("img", src=source, alt=block["alt"], loading="lazy"))


def _choice(action: Mapping[str, Any]) -> str:
    options = [_tag("option", escape(label)) for _value, label in action["options"]]
    return _tag("label", escape(action["label"]), " ", _tag("select", *options), **{"class": "pick"})


def _button(action: Mapping[str, Any]) -> str:
    asked = action["confirm"]
    question = _tag("span", escape(f"? {asked}"), **{"class": "note"}) if asked else ""
    return _tag("button", escape(action["label"]), type="button", **{"class": action["style"]}) + question


def _sheet(sheet: Mapping[str, Any]) -> str:
    fields = [_field(field) for field in sheet["fields"]]
    foot = _tag("div", _tag("button", escape(sheet["submit"]), type="button", **{"class": "primary"}))
    return _tag("div", _tag("h4", escape(sheet["title"])), *fields, foot, **{"class": "card sheet"})


def _field(field: Mapping[str, Any]) -> str:
    mark = "" if field["required"] else _tag("span", " ○", **{"class": "optional"})
    hint = _tag("p", escape(field["hint"]), **{"class": "hint"}) if field["hint"] else ""
    values = field["value"] if isinstance(field["value"], list) else [field["value"]]
    labels: dict[str, str] = dict(field["options"])
    value = ", ".join(labels[one] if one in labels else str(one) for one in values if one)
    listed = [_tag("option", escape(label)) for label in labels.values()]
    options = _tag("details", _tag("summary", str(len(labels))), _tag("select", *listed, size="8")) if labels else ""
    box = _tag("p", escape(value) or "&nbsp;", **{"class": f"value of-{field['kind']}"})
    return _tag(
        "div", _tag("p", _tag("strong", escape(field["label"])), mark), hint, box, options, **{"class": "field"}
    )


Drawing = Callable[[Mapping[str, Any]], str]
_BLOCKS: Mapping[str, Drawing] = {
    "text": _text,
    "facts": lambda block: _facts(block["pairs"]),
    "meter": _meter,
    "table": _table,
    "chart": _chart,
    "note": lambda block: _tag("p", escape(block["text"]), **{"class": "note"}),
    "divider": lambda _block: _void("hr"),
}
_ACTIONS: Mapping[str, Drawing] = {
    "button": _button,
    "choice": _choice,
    "open": lambda action: _tag("a", escape(action["label"]), href=action["url"], **{"class": "button"}),
}


def _tag(name: str, /, *children: str, **attributes: str) -> str:
    """An element; children are HTML already."""
    return f"{_void(name, **attributes)}{''.join(children)}</{name}>"


def _void(name: str, /, **attributes: str) -> str:
    said = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{said}>"
