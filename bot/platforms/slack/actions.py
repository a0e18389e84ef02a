"""Actions → elements: buttons, lists to choose from, and an overflow menu for what matters less."""

from collections.abc import Callable, Iterable, Sequence
from typing import assert_never

import structlog

from bot.cards import Action, Button, Choice, Open, Style
from bot.platforms.slack import limits as most
from bot.platforms.slack import menus
from bot.platforms.slack.limits import cut, size, weight
from bot.platforms.slack.spans import Json, plain

OPEN = "open"
log = structlog.get_logger()


def row(actions: Sequence[Action]) -> list[Json]:
    """One actions block, none without actions. Selects share the characters that the buttons leave."""
    actions, more = menus.split(actions[: most.ELEMENTS])
    confirm = min(most.CONFIRM_TEXT, most.BUDGET_ACTIONS // 2 // max(len(actions), 1))
    pressed = [None if isinstance(action, Choice) else _button(action, confirm) for action in actions]
    choices = sum(isinstance(action, Choice) for action in actions)
    room = (most.BUDGET_ACTIONS - weight([button for button in pressed if button])) // choices if choices else 0
    drawn = (_select(a, room) if isinstance(a, Choice) else button for a, button in zip(actions, pressed, strict=True))
    elements = _unique(element for element in drawn if element) + ([menus.menu(more)] if more else [])
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
