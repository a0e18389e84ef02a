"""The small pieces of a card: texts, boxes, buttons, what a press carries; and how much all of it weighs."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic_core import to_json

Json = dict[str, Any]

# A card of JSON 2.0 is at most 30 KB and 200 objects with a tag, of which at most 5 tables; more than three tables were
# refused now and then (230099/11310). We stay below: the 30 KB may be counted on JSON with spaces.
BYTES, BUDGET, NODES, TABLES, CHARTS = 30 * 1024, 26 * 1024, 200, 3, 5
TITLE, SUMMARY, LABEL, BUTTON, OPTION, PLACEHOLDER = 150, 100, 200, 60, 80, 100
EMPTY = "–"
log = structlog.get_logger()


def value(action: str, carried: str) -> Json:
    """The object a button or a select carries: `{"a": action, "v": "subject:version[:value]"}`, never authority."""
    return {"a": action, "v": whole(carried)}


def pressed(carried: object) -> tuple[str, str]:
    """Action and what it carries, from a client and not to be trusted; ValueError for what `value` never wrote."""
    match carried:
        case {"a": str(action), "v": str(said)} if isinstance(carried, Mapping) and len(carried) == 2:
            return action, said
    raise ValueError("value")


def dumped(card: Mapping[str, Any]) -> str:
    """The card as the text that is sent: compact, and not in ASCII, where a Chinese character weighs twice as much."""
    return to_json(card).decode()


def weight(piece: object) -> tuple[int, int]:
    """Bytes as sent and objects with a tag. In texts a quote is escaped, so only keys look like `"tag":`."""
    said = to_json(piece)
    return len(said), said.count(b'"tag":')


def whole(text: str) -> str:
    """The text without what no JSON reader accepts: lone surrogates, NUL."""
    said = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return said.replace("\x00", "") if "\x00" in said else said


def cut(text: str, most: int) -> str:
    """The text in at most `most` characters, ending in "…" if something was left out."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def shown(text: str, most: int) -> str:
    """A text as Feishu takes it: never blank, never too long."""
    said = whole(text)
    return cut(said, most) if said.strip() else EMPTY


def plain(text: str, most: int) -> Json:
    """A plain_text object: nothing in it comes alive."""
    return {"tag": "plain_text", "content": shown(text, most)}


def paragraph(text: str, most: int) -> Json:
    """Plain text as an element of its own."""
    return {"tag": "div", "text": plain(text, most)}


def note(text: str, most: int) -> Json:
    """A quiet line."""
    return {"tag": "div", "text": plain(text, most) | {"text_size": "notation", "text_color": "grey"}}


def markdown(content: str) -> Json:
    """Markdown whose typed characters are escaped already (`markdown.py`)."""
    return {"tag": "markdown", "content": content if content.strip() else EMPTY}


def row(elements: Sequence[Json]) -> Json:
    """Elements side by side, in as many lines as they need."""
    columns = [{"tag": "column", "width": "auto", "elements": [element]} for element in elements]
    return {"tag": "column_set", "flex_mode": "flow", "horizontal_spacing": "8px", "columns": columns}


def framed(title: str, template: str, summary: str, elements: Sequence[Json], tags: Sequence[Json] = ()) -> Json:
    """A whole card, without a header if there is no title. It cannot be forwarded: buttons and figures are for whom it
    was sent to."""
    header: Json = {"title": plain(title, TITLE), "template": template}
    if tags:
        header["text_tag_list"] = list(tags)
    config: Json = {
        "update_multi": True,
        "enable_forward": False,
        "enable_forward_interaction": False,
        "width_mode": "fill",
        "summary": {"content": shown(summary or title, SUMMARY)},
    }
    titled = {"header": header} if whole(title).strip() else {}
    return {"schema": "2.0", "config": config, **titled, "body": {"elements": list(elements)}}


def tag(text: str, color: str) -> Json:
    """A state beside the title."""
    return {"tag": "text_tag", "text": plain(text, 30), "color": color}


def shared(wants: Sequence[int], total: int) -> list[int]:
    """What each gets of the total: what it wants if that is no more than a fair share, else its share of the rest."""
    given, left = [0] * len(wants), max(total, 0)
    for done, at in enumerate(sorted(range(len(wants)), key=lambda place: wants[place])):
        given[at] = min(wants[at], left // (len(wants) - done))
        left -= given[at]
    return given


def options(pairs: Sequence[tuple[str, str]]) -> list[Json]:
    """The options of a select; values are unique and not empty, the first of equal ones stays."""
    first: dict[str, str] = {}
    for given, label in pairs:
        first.setdefault(whole(given), label)
    return [{"text": plain(label, OPTION), "value": given} for given, label in first.items() if given]


def fitting(lists: Sequence[Sequence[tuple[str, str]]], room: int, nodes: int) -> list[list[Json]]:
    """The options of several lists; together they take so many bytes and objects with a tag (one each)."""
    made = [options(pairs) for pairs in lists]
    sizes = [weight(one) for one in made]
    if sum(size for size, _ in sizes) <= room and sum(tags for _, tags in sizes) <= nodes:
        return made
    rooms, most = shared([size for size, _ in sizes], room), shared([tags for _, tags in sizes], nodes)
    kept = [_within(one, *limits) for one, *limits in zip(made, rooms, most, strict=True)]
    log.warning("feishu options cut", options=sum(map(len, made)), kept=sum(map(len, kept)))
    return kept


def _within(made: list[Json], room: int, nodes: int) -> list[Json]:
    kept: list[Json] = []
    for option in made[: max(nodes, 1)]:
        room -= weight(option)[0] + 1
        if room < 0 and kept:
            break
        kept.append(option)
    return kept
