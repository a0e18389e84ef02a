"""Card → Block Kit: pure, total, and never larger than Slack accepts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import assert_never

import structlog
from pydantic_core import to_json

from bot.cards import (
    Action,
    Block,
    Button,
    Card,
    Chart,
    Choice,
    Divider,
    Facts,
    Meter,
    Note,
    Open,
    Style,
    Table,
    Text,
    Tone,
)
from bot.degrade import lines_of
from bot.platforms.slack import limits as most
from bot.platforms.slack.limits import cut, shown, size
from bot.platforms.slack.spans import Json, escaped, lines, plain, rich, styled, word

# The tone is said a second time by a sign; it never stands alone for a meaning.
SIGNS = {Tone.GOOD: "✓ ", Tone.WARN: "⚠ ", Tone.BAD: "✕ "}
BAR = 10
NOT_SHOWN = frozenset({"type", "block_id", "action_id"})
OPEN = "open"
log = structlog.get_logger()

Files = Mapping[Chart, str]


def message(card: Card, files: Files | None = None) -> Json:
    """`text` and `blocks` of a message; `files` holds Slack's file id of every chart that was uploaded."""
    return {
        "text": escaped(card.summary or card.title, most.FALLBACK),
        "blocks": blocks(card, files or {}, most.BLOCKS_MESSAGE, most.BUDGET_MESSAGE),
    }


def home(card: Card, files: Files | None = None) -> Json:
    """The view of the App Home tab."""
    return {"type": "home", "blocks": blocks(card, files or {}, most.BLOCKS_VIEW, most.BUDGET_HOME)}


def line(text: str) -> Json:
    """`text` and `blocks` of one sentence, for toasts."""
    return {"text": escaped(text, most.FALLBACK), "blocks": [{"type": "section", "text": plain(text, most.SECTION)}]}


def blocks(card: Card, files: Files, room: int, budget: int) -> list[Json]:
    """The card's blocks: header, body, actions. What does not fit is cut from the end of the body, never an action."""
    head = {"type": "header", "text": plain(SIGNS.get(card.tone, "") + card.title, most.HEADER)}
    tail = _actions(card.actions)
    drawn = [head, *_all(card.body, files), *tail]
    if len(drawn) <= room and len(to_json(drawn)) <= budget:  # its bytes as JSON are never fewer than what it weighs
        return drawn
    body = _body(card.body, files, room - 1 - len(tail), budget - weight(head) - sum(map(weight, tail)))
    return [head, *body, *tail]


def weight(value: object) -> int:
    """Characters of every text in a piece of JSON."""
    if isinstance(value, str):
        return size(value)
    if isinstance(value, dict):
        parts = [part for key, part in value.items() if key not in NOT_SHOWN]
    else:
        parts = value if isinstance(value, list) else []
    return sum([len(part) if isinstance(part, str) and part.isascii() else weight(part) for part in parts])


def _all(body: Sequence[Block], files: Files) -> list[Json]:
    """Every block, whatever it weighs; Slack takes one table."""
    first = next((at for at, block in enumerate(body) if isinstance(block, Table)), -1)
    return [_block(block, files, first_table=at == first) for at, block in enumerate(body)]


def _body(body: Sequence[Block], files: Files, room: int, budget: int) -> list[Json]:
    out: list[Json] = []
    tables = 0
    for block in body:
        if len(out) >= room or budget <= 1:
            log.warning("slack card cut", blocks=len(body), kept=len(out))
            break
        drawn = _block(block, files, first_table=tables == 0)
        tables += drawn["type"] == "table"
        weighs = weight(drawn)
        if weighs > budget:
            drawn = rich(lines(lines_of(block)), budget)
            weighs = weight(drawn)
        budget -= weighs
        out.append(drawn)
    return out


def _block(block: Block, files: Files, *, first_table: bool) -> Json:
    match block:
        case Text(spans):
            return rich(styled(spans))
        case Facts(pairs):
            return rich(_lined(pairs))
        case Meter(label, done, text):
            full = round(done * BAR)
            return rich([word(f"{label}  ", bold=True), word(f"{'█' * full}{'░' * (BAR - full)}  {text}")])
        case Table():
            return _table(block) if first_table and 0 < len(block.header) <= most.COLUMNS else _listed(block)
        case Chart():
            return _picture(block, files.get(block, ""))
        case Note(text):
            return {"type": "context", "elements": [plain(text, most.SECTION)]}
        case Divider():
            return {"type": "divider"}
        case _:
            assert_never(block)


def _lined(pairs: Sequence[tuple[str, str]]) -> list[Json]:
    """A bold label and its value, one pair a line."""
    parts = []
    for at, (label, value) in enumerate(pairs):
        parts += [word(f"{label}: ", bold=True), word(value if at == len(pairs) - 1 else f"{value}\n")]
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


def _actions(actions: Sequence[Action]) -> list[Json]:
    """One actions block. Selects share the characters that the buttons leave."""
    actions = actions[: most.ELEMENTS]
    confirm = min(most.CONFIRM_TEXT, most.BUDGET_ACTIONS // 2 // max(len(actions), 1))
    pressed = [None if isinstance(action, Choice) else _button(action, confirm) for action in actions]
    choices = sum(isinstance(action, Choice) for action in actions)
    room = (most.BUDGET_ACTIONS - weight([button for button in pressed if button])) // choices if choices else 0
    drawn = (_select(a, room) if isinstance(a, Choice) else button for a, button in zip(actions, pressed, strict=True))
    elements = _unique(element for element in drawn if element)
    return [{"type": "actions", "elements": elements}] if elements else []


def _unique(elements: Iterable[Json]) -> list[Json]:
    """action_id must be unique in its block: repeated ones get "#2", "#3"."""
    used: dict[str, int] = {}
    out = []
    for element in elements:
        name = element["action_id"]
        used[name] = used.get(name, 0) + 1
        out.append(element if used[name] == 1 else element | {"action_id": f"{name}#{used[name]}"})
    return out


def _button(action: Button | Open, confirm: int) -> Json | None:
    match action:
        case Open(label, url):
            return _pressed(label, OPEN) | {"url": url} if size(url) <= most.URL else None
        case Button(label, name, subject, version, style, question):
            element = _pressed(label, name) | {"value": f"{subject}:{version}"}
            if style is not Style.PLAIN:
                element["style"] = style.value
            return element | {"confirm": _confirm(label, cut(question, confirm), style)} if question else element
        case _:
            assert_never(action)


def _select(choice: Choice, room: int) -> Json | None:
    carried = f"{choice.subject}:{choice.version}:"
    made = options_of([(f"{carried}{value}", label) for value, label in choice.options], room, weight)
    select = {"type": "static_select", "action_id": choice.action, "placeholder": plain(choice.label, most.PLACEHOLDER)}
    return select | made if made else None


def _pressed(label: str, name: str) -> Json:
    return {"type": "button", "action_id": name, "text": plain(label, most.BUTTON)}


def _confirm(label: str, question: str, style: Style) -> Json:
    dialog: Json = {
        "title": plain(label, most.CONFIRM_BUTTON),
        "text": plain(question, most.CONFIRM_TEXT),
        "confirm": plain(label, most.CONFIRM_BUTTON),
    }
    return dialog if style is Style.PLAIN else dialog | {"style": style.value}


def options_of(pairs: Sequence[tuple[str, str]], room: int, measure: Callable[[object], int]) -> Json:
    """`options`, or `option_groups` beyond a hundred, {} if there is none; as many as `measure` lets into `room`."""
    made: list[Json] = []
    for value, label in dict(pairs).items():
        option = {"text": plain(label, most.OPTION), "value": value}
        room -= measure(option)
        if size(value) <= most.OPTION_VALUE and value and (room >= 0 or not made):
            made.append(option)
    made = made[: most.OPTIONS * most.GROUPS]
    if len(made) < len(pairs):
        log.warning("slack options cut", options=len(pairs), kept=len(made))
    if len(made) <= most.OPTIONS:
        return {"options": made} if made else {}
    return {"option_groups": [_group(made, start) for start in range(0, len(made), most.OPTIONS)]}


def _group(made: Sequence[Json], start: int) -> Json:
    part = made[start : start + most.OPTIONS]
    span = f"{cut(part[0]['text']['text'], 30)} – {cut(part[-1]['text']['text'], 30)}"
    return {"label": plain(span, most.OPTION), "options": list(part)}
