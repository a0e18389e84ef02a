"""Actions as buttons of a card, or as links of a message that make the reader say what the button means."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from bot.cards import Action, Button, Choice, Open, Style
from bot.platforms.dingtalk.paragraphs import on_button
from bot.platforms.dingtalk.shapes import LABEL, VALUE, Json, Pressed, dumped, page, sends, short, size, whole

COLORS = {Style.PLAIN: "gray", Style.PRIMARY: "blue", Style.DANGER: "red"}
# Characters a button may take, ever less until all fit: its label, the question before it; then without `params`.
SIZES = ((LABEL, 300), (LABEL, 120), (LABEL, 60), (30, 60), (20, 60), (12, 40), (8, 20), (4, 0))


def row(actions: Sequence[Action]) -> str:
    """The buttons of a card as the value of `sys_full_json_obj`; labels become shorter until all of them fit."""
    said = ""
    for bare in (False, True):
        for sizes in SIZES:
            said = dumped(
                {"msgButtons": [one for action in ordered(actions) for one in _buttons(action, sizes, bare=bare)]}
            )
            if size(said) <= VALUE:
                return said
    return said


def links(actions: Sequence[Action]) -> list[tuple[str, str]]:
    """The buttons of a message: label and address."""
    return [one for action in ordered(actions) for one in _links(action)]


def ordered(actions: Sequence[Action]) -> list[Action]:
    """The main button first."""
    return sorted(actions, key=lambda one: not (isinstance(one, Button) and one.style is Style.PRIMARY))


def spoken(actions: Sequence[Action]) -> Iterator[str]:
    """Lines to be sent back as they are, where nothing can be pressed and no number was given."""
    for action in ordered(actions):
        match action:
            case Open(label, url):
                yield f"{label}: {url}"
            case Button(label):
                yield f"{label} #{_pressed(action).token}"
            case Choice(_, _, options):
                yield from (f"{label} #{_chosen(action, value).token}" for value, label in dict(options).items())
            case _:
                assert_never(action)


def _buttons(action: Action, sizes: tuple[int, int], *, bare: bool) -> Iterator[Json]:
    match action:
        case Button(label, _, _, _, style, question):
            yield _button(label, _pressed(action), COLORS[style], sizes, "" if bare else question, bare=bare)
        case Open(label, url):
            if on_button(action):
                yield {"text": short(label, sizes[0]) or "…", "url": whole(url), "color": "gray"}
        case Choice(_, _, options):
            for value, label in dict(options).items():
                yield _button(label, _chosen(action, value), "gray", sizes, "", bare=bare)
        case _:
            assert_never(action)


def _button(label: str, button: Pressed, color: str, sizes: tuple[int, int], question: str, *, bare: bool) -> Json:
    """Which of `id` and `params` comes back differs from template to template: both say the same if there is room."""
    made: Json = {"text": short(label, sizes[0]) or "…", "id": button.token, "color": color, "request": True}
    asked = {"ask": short(question, sizes[1])} if question and sizes[1] else {}
    return made if bare else made | {"params": {"a": button.token} | asked}


def _links(action: Action) -> Iterator[tuple[str, str]]:
    match action:
        case Button(label):
            yield short(label, LABEL) or "…", sends(label, _pressed(action))
        case Open(label, url):
            if on_button(action):
                yield short(label, LABEL) or "…", page(url)
        case Choice(_, _, options):
            for value, label in dict(options).items():
                yield short(label, LABEL) or "…", sends(label, _chosen(action, value))
        case _:
            assert_never(action)


def _pressed(button: Button) -> Pressed:
    return Pressed(button.action, button.subject, button.version, sure=not button.confirm)


def _chosen(choice: Choice, value: str) -> Pressed:
    return Pressed(choice.action, choice.subject, choice.version, value)
