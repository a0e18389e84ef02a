"""Card → card JSON 2.0: pure, total, and never larger than Feishu accepts."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, assert_never

import structlog

from bot.capability import Capabilities, Message
from bot.cards import (
    Block,
    Bold,
    Card,
    Chart,
    Divider,
    Facts,
    Link,
    Meter,
    Note,
    Table,
    Text,
    Tone,
)
from bot.degrade import lines_of, plain
from bot.platforms.feishu import charts
from bot.platforms.feishu import elements as of
from bot.platforms.feishu.actions import drawn
from bot.platforms.feishu.elements import Json
from bot.platforms.feishu.languages import CODES, Differs, together
from bot.platforms.feishu.markdown import lines, pair, rich
from bot.text import texts

TEXT, ALT, CELL, COLUMNS = 2000, 600, 300, 20
# What the frame with header and summary takes at most.
FRAME_BYTES, FRAME_NODES = 1_500, 6
BAR = 10
CAN = Capabilities(buttons=20, blocks=40, text=TEXT, rows=50, languages=True, draws=charts.native, uploads=False)
TEMPLATES = {Tone.NEUTRAL: "default", Tone.INFO: "blue", Tone.GOOD: "green", Tone.WARN: "orange", Tone.BAD: "red"}
TAGS = {Tone.NEUTRAL: "neutral", Tone.INFO: "blue", Tone.GOOD: "green", Tone.WARN: "orange", Tone.BAD: "red"}
log = structlog.get_logger()

Picture = Callable[[Chart], str]


def card(message: Message, picture: Picture) -> dict[str, Any]:
    """The whole card; `picture` gives the key of a chart's uploaded picture, "" where there is none: then the client
    draws it, or its figures stand there. What does not fit is cut from the end of the body, never an action. In other
    languages as well, if there are any, the cards differ in nothing but words, and all of it fits."""
    own = _drawn(message.card, message.locale, picture)
    others = {locale: same for locale, same in message.others.items() if locale != message.locale and locale in CODES}
    if not others or message.locale not in CODES:
        return own
    try:
        drawn = together(
            own, message.locale, {locale: _drawn(same, locale, picture) for locale, same in others.items()}
        )
    except Differs:
        return own
    return drawn if of.weight(drawn)[0] <= of.BUDGET else own


def _drawn(shown: Card, locale: str, picture: Picture) -> Json:
    buttons = drawn(shown.actions[: CAN.buttons])
    body = _fitting(shown.body, picture, buttons)
    state = _state(shown, locale)
    tags = [of.tag(state, TAGS[shown.tone])] if state else []
    return of.framed(shown.title, TEMPLATES[shown.tone], shown.summary, [*body, *buttons], tags)


def _state(shown: Card, locale: str) -> str:
    """The state that the card's first facts name, if they do."""
    first = next((block for block in shown.body if isinstance(block, Facts)), None)
    return dict(first.pairs).get(texts(locale)("State"), "") if first else ""


def _fitting(body: Sequence[Block], picture: Picture, buttons: Sequence[Json]) -> list[Json]:
    tables = [at for at, block in enumerate(body) if isinstance(block, Table) and _tabular(block)]
    pictures = [at for at, block in enumerate(body) if isinstance(block, Chart)]
    native = {*tables[: of.TABLES], *pictures[: of.CHARTS]}
    whole = [_block(block, picture, native=at in native) for at, block in enumerate(body)]
    taken = of.weight(buttons)
    room, nodes = of.BUDGET - FRAME_BYTES - taken[0], of.NODES - FRAME_NODES - taken[1]
    weighs = of.weight(whole)
    if weighs[0] <= room and weighs[1] <= nodes:
        return whole
    kept = list(_within(body, whole, room, nodes))
    log.warning("feishu card cut", blocks=len(body), kept=len(kept))
    return kept


def _within(body: Sequence[Block], whole: Sequence[Json], room: int, nodes: int) -> Iterator[Json]:
    for block, element in zip(body, whole, strict=True):
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
            return _chart(block, picture(block), native=native)
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


def _chart(chart: Chart, key: str, *, native: bool) -> Json:
    """The uploaded picture; without one what the client draws, or its figures as text."""
    if key:
        alt = of.plain(chart.alt(), ALT)
        return {"tag": "img", "img_key": key, "alt": alt, "scale_type": "fit_horizontal", "preview": True}
    if native and charts.native(chart):
        return charts.drawn(chart)
    head = rich((Bold(chart.title), f" · {chart.caption()}" if chart.caption() else ""), TEXT)
    said = [pair(label, of.cut(text, TEXT)) for label, text in chart.facts().pairs]
    return of.markdown(lines("\n".join([head, *said])))
