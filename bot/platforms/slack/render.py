"""Card → Block Kit: pure, total, and never larger than Slack accepts."""

from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

import structlog
from pydantic_core import to_json

from bot.capability import no_chart
from bot.cards import (
    Block,
    Card,
    Chart,
    Divider,
    Facts,
    Meter,
    Note,
    Table,
    Text,
    Tone,
)
from bot.degrade import lines_of
from bot.platforms.slack import actions, charts
from bot.platforms.slack import limits as most
from bot.platforms.slack.limits import shown, weight
from bot.platforms.slack.spans import Json, escaped, lines, plain, rich, styled, word
from bot.text import Moment

# The tone is said a second time by a sign; it never stands alone for a meaning.
SIGNS = {Tone.GOOD: "✓ ", Tone.WARN: "⚠ ", Tone.BAD: "✕ "}
BAR = 10
log = structlog.get_logger()

Files = Mapping[Chart, str]
Draws = Callable[[Chart], bool]


def message(card: Card, files: Files | None = None, draws: Draws = no_chart) -> Json:
    """`text` and `blocks` of a message; `files` holds Slack's file id of every chart that was uploaded, `draws` says
    which of the others Slack draws itself."""
    return {
        "text": escaped(card.summary or card.title, most.FALLBACK),
        "blocks": blocks(card, files or {}, most.BLOCKS_MESSAGE, most.BUDGET_MESSAGE, draws),
    }


def home(card: Card, files: Files | None = None, stamp: str = "") -> Json:
    """The view of the App Home tab; `stamp` is its last line, as mrkdwn."""
    drawn = blocks(card, files or {}, most.BLOCKS_VIEW - 1, most.BUDGET_HOME)
    last = [{"type": "context", "elements": [{"type": "mrkdwn", "text": stamp}]}] if stamp else []
    return {"type": "home", "blocks": [*drawn, *last]}


def line(text: str) -> Json:
    """`text` and `blocks` of one sentence, for toasts."""
    return {"text": escaped(text, most.FALLBACK), "blocks": [{"type": "section", "text": plain(text, most.SECTION)}]}


def blocks(card: Card, files: Files, room: int, budget: int, draws: Draws = no_chart) -> list[Json]:
    """The card's blocks: header, body, actions. What does not fit is cut from the end of the body, never an action."""
    head, tail = _head(card), actions.row(card.actions)
    body = _drawn(card.body, files, draws)
    drawn = [*head, *(one for part in body for one in part), *tail]
    if len(drawn) <= room and len(to_json(drawn)) <= budget:  # its bytes as JSON are never fewer than what it weighs
        return drawn
    return [*head, *_within(card.body, body, room - len(head) - len(tail), budget - weight(head + tail)), *tail]


def _head(card: Card) -> list[Json]:
    """The title; a card that is no more than a line has none."""
    title = SIGNS.get(card.tone, "") + card.title
    return [{"type": "header", "text": plain(title, most.HEADER)}] if title.strip() or not card.body else []


def _drawn(body: Sequence[Block], files: Files, draws: Draws) -> list[list[Json]]:
    """Every block, whatever it weighs; Slack takes one table a message, and two charts of its own."""
    table = next((at for at, block in enumerate(body) if isinstance(block, Table) and _fits(block)), -1)
    own = [at for at, one in enumerate(body) if isinstance(one, Chart) and one not in files and draws(one)]
    rich_ones = {table, *own[: charts.MOST]}
    return [_block(block, files, native=at in rich_ones) for at, block in enumerate(body)]


def _within(body: Sequence[Block], drawn: Sequence[list[Json]], room: int, budget: int) -> list[Json]:
    """As much as there is room for; what weighs too much becomes lines."""
    out: list[Json] = []
    for block, part in zip(body, drawn, strict=True):
        if len(out) + len(part) > room or budget <= 1:
            log.warning("slack card cut", blocks=len(body), kept=len(out))
            break
        weighs = weight(part)
        kept = part if weighs <= budget else [rich(lines(lines_of(block)), budget)]
        budget -= weighs if kept is part else weight(kept)
        out += kept
    return out


def _block(block: Block, files: Files, *, native: bool) -> list[Json]:
    match block:
        case Text(spans):
            return [rich(styled(spans))]
        case Facts(pairs):
            return [rich(_lined(pairs))]
        case Meter(label, done, text):
            full = round(done * BAR)
            return [rich([word(f"{label}  ", bold=True), word(f"{'█' * full}{'░' * (BAR - full)}  {text}")])]
        case Table():
            return [_table(block) if native else _listed(block)]
        case Chart():
            return charts.drawn(block) if native else [_picture(block, files.get(block, ""))]
        case Note(text):
            return [{"type": "context", "elements": [plain(text, most.SECTION)]}]
        case Divider():
            return [{"type": "divider"}]
        case _:
            assert_never(block)


def _fits(table: Table) -> bool:
    return 0 < len(table.header) <= most.COLUMNS


def _lined(pairs: Sequence[tuple[str, str]]) -> list[Json]:
    """A bold label and its value, one pair a line."""
    parts = []
    for at, (label, value) in enumerate(pairs):
        last = at == len(pairs) - 1
        parts.append(word(f"{label}: ", bold=True))
        parts += (
            [word(value)] if last else [word(value), word("\n")] if isinstance(value, Moment) else [word(f"{value}\n")]
        )
    return parts


def _listed(table: Table) -> Json:
    """A table as lines: Slack takes only one table block a message."""
    return rich(lines(lines_of(table) if table.header else []))


def _table(table: Table) -> Json:
    """Slack's own table; long cells are shortened until the whole of it fits, rows beyond the limit become one "…"."""
    header, kept = table.header, [table.header, *table.rows]
    if len(kept) > most.ROWS:
        kept = [*kept[: most.ROWS - 1], ("…",) * len(header)]
    widest = min(most.CELL, most.TABLE // (len(kept) * len(header)))
    cells = [[{"type": "raw_text", "text": shown(cell, max(widest, 2))} for cell in row] for row in kept]
    return {"type": "table", "rows": cells, "column_settings": [{"is_wrapped": True} for _ in header]}


def _picture(chart: Chart, file: str) -> Json:
    """The uploaded picture; without one its figures as text."""
    if file:
        return {"type": "image", "slack_file": {"id": file}, "alt_text": shown(chart.alt(), most.ALT)}
    said = [word(chart.title, bold=True), word(f" · {chart.caption()}\n")]
    return rich([*said, *_lined(chart.facts().pairs)])
