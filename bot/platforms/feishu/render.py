"""Card → card JSON 2.0: pure, total, and never larger than Feishu accepts."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, assert_never

import structlog

from bot.capability import Capabilities, Message
from bot.cards import (
    Action,
    Block,
    Bold,
    Button,
    Card,
    Chart,
    Choice,
    Divider,
    Facts,
    Link,
    Meter,
    Note,
    Open,
    Style,
    Table,
    Text,
    Tone,
)
from bot.degrade import lines_of, plain
from bot.platforms.feishu import elements as of
from bot.platforms.feishu.elements import Json
from bot.platforms.feishu.markdown import URL, lines, pair, rich
from bot.text import texts

TEXT, ALT, CELL, COLUMNS = 2000, 600, 300, 20
# What the frame with header and summary takes at most, what actions may take, and the most buttons of a quick choice.
FRAME_BYTES, FRAME_NODES = 1_500, 6
ACTION_BYTES, ACTION_NODES = 14_000, 150
QUICK = 6
BAR = 10
CAN = Capabilities(buttons=20, blocks=40, text=TEXT, rows=50)
TEMPLATES = {Tone.NEUTRAL: "default", Tone.INFO: "blue", Tone.GOOD: "green", Tone.WARN: "orange", Tone.BAD: "red"}
TAGS = {Tone.NEUTRAL: "neutral", Tone.INFO: "blue", Tone.GOOD: "green", Tone.WARN: "orange", Tone.BAD: "red"}
STYLES = {Style.PLAIN: "default", Style.PRIMARY: "primary_filled", Style.DANGER: "danger"}
log = structlog.get_logger()

Picture = Callable[[Chart], str]


def card(message: Message, picture: Picture) -> dict[str, Any]:
    """The whole card; `picture` gives the key of a chart's uploaded picture, "" where there is none: then its figures
    stand there. What does not fit is cut from the end of the body, never an action."""
    shown, buttons = message.card, _actions(message.card.actions)
    body = _fitting(shown.body, picture, buttons)
    state = _state(shown, message.locale)
    tags = [of.tag(state, TAGS[shown.tone])] if state else []
    return of.framed(shown.title, TEMPLATES[shown.tone], shown.summary, [*body, *buttons], tags)


def _state(shown: Card, locale: str) -> str:
    """The state that the card's first facts name, if they do."""
    first = next((block for block in shown.body if isinstance(block, Facts)), None)
    return dict(first.pairs).get(texts(locale)("State"), "") if first else ""


def _fitting(body: Sequence[Block], picture: Picture, buttons: Sequence[Json]) -> list[Json]:
    tables = [at for at, block in enumerate(body) if isinstance(block, Table) and _tabular(block)]
    native = set(tables[: of.TABLES])
    drawn = [_block(block, picture, native=at in native) for at, block in enumerate(body)]
    taken = of.weight(buttons)
    room, nodes = of.BYTES - FRAME_BYTES - taken[0], of.NODES - FRAME_NODES - taken[1]
    weighs = of.weight(drawn)
    if weighs[0] <= room and weighs[1] <= nodes:
        return drawn
    kept = list(_within(body, drawn, room, nodes))
    log.warning("feishu card cut", blocks=len(body), kept=len(kept))
    return kept


def _within(body: Sequence[Block], drawn: Sequence[Json], room: int, nodes: int) -> Iterator[Json]:
    for block, element in zip(body, drawn, strict=True):
        size, tags = of.weight(element)
        if size <= room and tags <= nodes:
            yield element
        else:
            most = (room - 200) // 6  # a character is at most 4 bytes, a control character in JSON 6
            if most < 100 or nodes < 2:
                return
            simpler = of.paragraph("\n".join(lines_of(block)), most)
            size, tags = of.weight(simpler)
            yield simpler
        room, nodes = room - size - 1, nodes - tags


def _block(block: Block, picture: Picture, *, native: bool) -> Json:
    match block:
        case Text(spans):
            styled = any(isinstance(span, Bold | Link) for span in spans)
            return of.markdown(rich(spans, TEXT)) if styled else of.paragraph(plain(spans), TEXT)
        case Facts(pairs):
            return _facts(pairs)
        case Meter(label, done, text):
            full = round(done * BAR)
            return of.markdown(lines(pair(label, f"{'█' * full}{'░' * (BAR - full)}  {text}")))
        case Table():
            return _table(block) if native else of.paragraph("\n".join(lines_of(block) or block.header), TEXT)
        case Chart():
            return _chart(block, picture(block))
        case Note(text):
            return of.note(text, TEXT)
        case Divider():
            return {"tag": "hr"}
        case _:
            assert_never(block)


def _tabular(table: Table) -> bool:
    return bool(table.rows) and 0 < len(table.header) <= COLUMNS


def _facts(pairs: Sequence[tuple[str, str]]) -> Json:
    return of.markdown(lines("\n".join(pair(label, of.cut(said, TEXT)) for label, said in pairs)))


def _table(table: Table) -> Json:
    """Feishu's own table: ten rows a page, cells of plain text, rows as high as what stands in them."""
    columns = [
        {"name": f"c{at}", "display_name": of.cut(of.whole(said), CELL), "data_type": "text"}
        for at, said in enumerate(table.header)
    ]
    rows = [{f"c{at}": of.cut(of.whole(cell), CELL) for at, cell in enumerate(cells)} for cells in table.rows]
    return {
        "tag": "table",
        "page_size": min(max(len(rows), 1), 10),
        "row_height": "auto",
        "header_style": {"bold": True, "background_style": "grey"},
        "columns": columns,
        "rows": rows,
    }


def _chart(chart: Chart, key: str) -> Json:
    """The uploaded picture; without one its figures as text."""
    if key:
        alt = of.plain(chart.alt(), ALT)
        return {"tag": "img", "img_key": key, "alt": alt, "scale_type": "fit_horizontal", "preview": True}
    head = rich((Bold(chart.title), f" · {chart.caption()}" if chart.caption() else ""), TEXT)
    said = [pair(label, of.cut(text, TEXT)) for label, text in chart.facts().pairs]
    return of.markdown(lines("\n".join([head, *said])))


def _actions(actions: Sequence[Action]) -> list[Json]:
    """Buttons and lists in rows; the lists share what the buttons leave. A quick choice is a row under its label."""
    kept = actions[: CAN.buttons]
    pressed = [[] if _listed(action) else _pressed(action) for action in kept]
    lists = [action for action in kept if isinstance(action, Choice) and _listed(action)]
    taken, nodes = of.weight([buttons for buttons in pressed if buttons])
    room, left = ACTION_BYTES - taken - 400 * len(lists), ACTION_NODES - nodes - 3 * len(kept)
    made = iter(of.fitting([choice.options for choice in lists], room, left))
    rows: list[tuple[str, list[Json]]] = [("", [])]
    for action, buttons in zip(kept, pressed, strict=True):
        if isinstance(action, Choice) and not _listed(action):
            rows += [(action.label, buttons), ("", [])]
        else:
            rows[-1][1].extend(_select(action, next(made)) if isinstance(action, Choice) else buttons)
    return list(_laid(rows))


def _laid(rows: Sequence[tuple[str, list[Json]]]) -> Iterator[Json]:
    number = 0
    for label, elements in rows:
        for element in elements:
            number += 1
            element["element_id"] = f"a{number}"
        if label and elements:
            yield of.paragraph(label, of.LABEL)
        if elements:
            yield of.row(elements)


def _listed(action: Action) -> bool:
    return isinstance(action, Choice) and not (action.quick and len(action.options) <= QUICK)


def _pressed(action: Action) -> list[Json]:
    """A button; of a quick choice one for each option."""
    match action:
        case Open(label, url):
            if len(url) > URL:
                return []
            return [_button(label, "default", {"type": "open_url", "default_url": of.whole(url)})]
        case Button(label, name, subject, version, style, question):
            drawn = _button(label, STYLES[style], _callback(name, f"{subject}:{version}"))
            if question:
                drawn["confirm"] = {"title": of.plain(label, of.BUTTON), "text": of.plain(question, of.LABEL)}
            return [drawn]
        case Choice(_, name, options, subject, version):
            return [
                _button(label, "default", _callback(name, f"{subject}:{version}:{given}"))
                for given, label in dict(options).items()
                if of.whole(given)
            ]
        case _:
            assert_never(action)


def _button(label: str, style: str, behavior: Json) -> Json:
    return {"tag": "button", "type": style, "text": of.plain(label, of.BUTTON), "behaviors": [behavior]}


def _callback(name: str, carried: str) -> Json:
    return {"type": "callback", "value": of.value(name, carried)}


def _select(choice: Choice, options: Sequence[Json]) -> list[Json]:
    """A list to choose from; the press carries what it is about, the option only its value. Nothing if it is empty."""
    drawn = {
        "tag": "select_static",
        "placeholder": of.plain(choice.label, of.PLACEHOLDER),
        "options": options,
        "behaviors": [_callback(choice.action, f"{choice.subject}:{choice.version}")],
    }
    return [drawn] if options else []
