"""Actions as rows of buttons and lists, never more than a card can carry and none of them dropped."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from bot.cards import Action, Button, Choice, Open, Style
from bot.platforms.feishu import elements as of
from bot.platforms.feishu.elements import Json
from bot.platforms.feishu.markdown import URL

BYTES, NODES = 14_000, 150  # of all actions of a card
LIST = 400  # bytes of a list beside its options
QUICK, ROWS = 6, 3  # the most buttons of a quick choice, and the most quick choices drawn as buttons
STYLES = {Style.PLAIN: "default", Style.PRIMARY: "primary_filled", Style.DANGER: "danger"}


def drawn(actions: Sequence[Action]) -> list[Json]:
    """Buttons and lists in rows; the lists share what the buttons leave. A quick choice is a row under its label."""
    quick = [at for at, action in enumerate(actions) if _quick(action)][:ROWS]
    asked = min(of.LABEL, BYTES // 6 // max(len(actions), 1))
    rows: list[tuple[str, list[Json]]] = [("", [])]
    lists: list[tuple[Choice, list[Json]]] = []
    for at, action in enumerate(actions):
        if not isinstance(action, Choice):
            rows[-1][1].extend(_pressed(action, asked))
        elif at in quick:
            rows += [(action.label, list(_spread(action))), ("", [])]
        else:
            lists.append((action, []))
            rows[-1][1].append(_select(action, lists[-1][1]))
    _fill(lists, rows)
    return list(_laid(rows))


def _fill(lists: Sequence[tuple[Choice, list[Json]]], rows: Sequence[tuple[str, list[Json]]]) -> None:
    """Gives the lists their options, as many as there is room for."""
    if not lists:
        return
    drawn = [element for _, row in rows for element in row]
    taken, nodes = of.weight(drawn)
    room, left = BYTES - taken - LIST, NODES - nodes - len(drawn) - 2 * len(rows)
    for (_, options), made in zip(lists, of.fitting([one.options for one, _ in lists], room, left), strict=True):
        options.extend(made)


def _laid(rows: Sequence[tuple[str, list[Json]]]) -> Iterator[Json]:
    number = 0
    for label, row in rows:
        kept = [element for element in row if element.get("options", True)]  # nothing can be chosen from nothing
        for element in kept:
            number += 1
            element["element_id"] = f"a{number}"
        if label and kept:
            yield of.paragraph(label, of.LABEL)
        if kept:
            yield of.row(kept)


def _quick(action: Action) -> bool:
    return isinstance(action, Choice) and action.quick and len(action.options) <= QUICK


def _pressed(action: Button | Open, asked: int) -> Iterator[Json]:
    """A button; its question is at most `asked` characters. None for an address longer than any."""
    match action:
        case Open(label, url):
            if len(url) <= URL:
                yield _button(label, "default", {"type": "open_url", "default_url": of.whole(url)})
        case Button(label, name, subject, version, style, question):
            made = _button(label, STYLES[style], _callback(name, f"{subject}:{version}"))
            if question:
                made["confirm"] = {"title": of.plain(label, of.BUTTON), "text": of.plain(question, asked)}
            yield made
        case _:
            assert_never(action)


def _spread(choice: Choice) -> Iterator[Json]:
    """A button for each option."""
    for given, label in dict(choice.options).items():
        if of.whole(given):
            carried = f"{choice.subject}:{choice.version}:{given}"
            yield _button(label, "default", _callback(choice.action, carried))


def _button(label: str, style: str, behavior: Json) -> Json:
    return {"tag": "button", "type": style, "text": of.plain(label, of.BUTTON), "behaviors": [behavior]}


def _callback(name: str, carried: str) -> Json:
    return {"type": "callback", "value": of.value(name, carried)}


def _select(choice: Choice, options: list[Json]) -> Json:
    """A list to choose from; the press carries what it is about, the option only its value."""
    return {
        "tag": "select_static",
        "placeholder": of.plain(choice.label, of.PLACEHOLDER),
        "options": options,
        "behaviors": [_callback(choice.action, f"{choice.subject}:{choice.version}")],
    }
