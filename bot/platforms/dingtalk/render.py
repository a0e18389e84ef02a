"""Card → a template card, a robot's message with links, or numbered text: pure, total, within every limit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from bot.capability import Capabilities, Message
from bot.cards import Button, Card, Chart, Style, text
from bot.degrade import lines_of
from bot.platforms.dingtalk import buttons
from bot.platforms.dingtalk.forms import fits
from bot.platforms.dingtalk.markdown import escaped, link
from bot.platforms.dingtalk.paragraphs import Line, Picture, beginning, body, chunks, end, holds, joined
from bot.platforms.dingtalk.shapes import (
    BUTTONS,
    HEADING,
    TEXT,
    TITLE,
    VALUE,
    Json,
    Pressed,
    Robot,
    Template,
    dumped,
    short,
    whole,
)
from bot.text import texts

Level = Literal["card", "action", "text"]


def capabilities(level: Level, forms: bool = False) -> Capabilities:
    """What people see at a level; `forms`: a form template is there, so that short forms are cards."""
    if level == "text":
        return Capabilities(
            buttons=0,
            choices=False,
            forms=False,
            tables=False,
            links=False,
            updates=False,
            blocks=100,
            text=900,
            uploads=False,
        )
    shown = forms and level == "card"
    return Capabilities(
        buttons=BUTTONS,
        choices=False,
        spread=BUTTONS,
        forms=shown,
        fits=fits,
        tables=False,
        updates=level == "card",
        blocks=60,
        text=900,
        uploads=False,
    )


def template(message: Message, picture: Picture) -> Template:
    """The card as it is first sent, below what `before` says."""
    lines = _lines(message, picture)
    return _template(message.card, joined(lines[end(lines, VALUE) :]))


def redrawn(message: Message, picture: Picture) -> Template:
    """The card in the place of one that was sent: what fits of it from its beginning; pictures are figures there, and
    what the last press was told in `tips` stays."""
    lines = _lines(message, lambda _chart: "")
    drawn = _template(message.card, beginning(lines, VALUE))
    return Template({name: said for name, said in drawn.params.items() if name != "tips"}, drawn.title)


def in_place(message: Message) -> bool:
    """Whether all of it can take the place of a sent card; else the next card is better a new one."""
    return holds(_lines(message, lambda _chart: ""), VALUE)


def moved(locale: str) -> Mapping[str, str]:
    """The values of a card that a newer message takes the place of: nothing is left to press."""
    said = texts(locale)("This goes on in a newer message below.")
    return {"markdown": f"> {escaped(said)}", "sys_full_json_obj": buttons.row(())}


def before(message: Message, picture: Picture) -> tuple[Robot, ...]:
    """What has to be sent before the card because no card holds it: long texts and pictures."""
    lines = _lines(message, picture)
    first = lines[: end(lines, VALUE)]
    return tuple(_markdown(message.card, said) for said in _texts(message.card, first)) if first else ()


def robots(message: Message, level: Level, picture: Picture) -> tuple[Robot, ...]:
    """The same as messages of the robot; the last one has the buttons. A picture that was not uploaded is figures."""
    card = message.card
    if level == "text":
        return tuple(_plain(card, picture))
    pairs = buttons.links(card.actions)
    rest = [Line(link(label, url), first=True) for label, url in pairs[BUTTONS:]]
    *first, last = list(_texts(card, [*_lines(message, picture), *rest])) or [""]
    return *(_markdown(card, said) for said in first), _action(card, last, pairs[:BUTTONS])


def param(robot: Robot) -> str:
    """The value of `msgParam`."""
    return dumped(robot.param)


def webhook(robot: Robot) -> Json:
    """The same message as the body for a session's webhook."""
    match robot.key, robot.param:
        case "sampleText", said:
            return {"msgtype": "text", "text": {"content": said["content"]}}
        case "sampleImageMsg", said:
            shown = {"title": "…", "text": f"![]({said['photoURL']})"}
            return {"msgtype": "markdown", "markdown": shown}
        case "sampleMarkdown", said:
            return {"msgtype": "markdown", "markdown": dict(said)}
        case "sampleActionCard", said:
            return {"msgtype": "actionCard", "actionCard": dict(said)}
        case _, said:
            pairs = [(said[f"actionTitle{n}"], said[f"actionURL{n}"]) for n in range(1, len(said) // 2)]
            listed = [{"title": label, "actionURL": url} for label, url in pairs]
            shown = {"title": said["title"], "text": said["text"], "btnOrientation": "0"}
            return {"msgtype": "actionCard", "actionCard": shown | {"btns": listed}}


def asking(button: Pressed, locale: str) -> Card:
    """The question that a button wants answered before it does anything; its own button is sure."""
    t = texts(locale)
    said = button.said or (t("{label}: are you sure?", label=button.label) if button.label else t("Are you sure?"))
    yes = Button(t("Yes, go on"), button.action, button.subject, button.version, Style.DANGER)
    return Card(t("Please confirm"), (text(said),), (yes,), summary=t("Please confirm"))


def _lines(message: Message, picture: Picture) -> list[Line]:
    return body(message.card.body, message.card.actions, picture)


def _template(card: Card, markdown: str) -> Template:
    params = {
        "title": short(card.title, HEADING) or _title(card),
        "markdown": markdown,
        "tips": "",
        "sys_full_json_obj": buttons.row(card.actions),
    }
    return Template(params, _title(card))


def _title(card: Card) -> str:
    """What the list of conversations and the notification say: no figures."""
    return short(card.summary or card.title, TITLE) or "…"


def _texts(card: Card, lines: Sequence[Line]) -> Iterator[str]:
    """The lines under the card's title, in as many messages as they need."""
    heading = [Line(f"#### {escaped(short(card.title, HEADING))}", first=True)] if card.title.strip() else []
    return chunks([*heading, *lines], TEXT)


def _markdown(card: Card, said: str) -> Robot:
    return Robot("sampleMarkdown", {"title": _title(card), "text": said if said.strip() else _title(card)})


def _action(card: Card, said: str, pairs: Sequence[tuple[str, str]]) -> Robot:
    """A message with its buttons, one below the other."""
    shown = _markdown(card, said).param
    match pairs:
        case []:
            return Robot("sampleMarkdown", shown)
        case [(label, url)]:
            return Robot("sampleActionCard", {**shown, "singleTitle": label, "singleURL": url})
        case _:
            labels = {f"actionTitle{n}": label for n, (label, _) in enumerate(pairs, 1)}
            urls = {f"actionURL{n}": url for n, (_, url) in enumerate(pairs, 1)}
            return Robot(f"sampleActionCard{len(pairs)}", {**shown, **labels, **urls})


def _plain(card: Card, picture: Picture) -> Iterator[Robot]:
    """Plain lines, and pictures between them. What a picture shows is said as well: it is a message without words."""
    said: list[str] = [short(card.title, HEADING)] if card.title.strip() else []
    for block in card.body:
        if isinstance(block, Chart) and (key := picture(block)):
            yield from _spoken(said)
            yield Robot("sampleImageMsg", {"photoURL": key})
            said = []
        said += ["", *lines_of(block)] if said else lines_of(block)
    said += buttons.spoken(card.actions)
    yield from _spoken(said)


def _spoken(lines: Sequence[str]) -> Iterator[Robot]:
    split = [Line(whole(one)) for part in lines for one in (part.splitlines() or [""])]
    for said in chunks(split, TEXT, "\n"):
        if said.strip():
            yield Robot("sampleText", {"content": said.strip("\n")})
