"""Cards and forms as the JSON that the page draws."""

from collections.abc import Mapping
from typing import assert_never

from bot.capability import Answer, Message
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
    Mention,
    Meter,
    Note,
    Open,
    Span,
    Table,
    Text,
)
from bot.forms import Field, Sheet

Json = dict[str, object]
Links = Mapping[Chart, str]


def message(name: str, sent: Message, links: Links, file: str = "") -> Json:
    """One message: `id` is its name in the conversation, `lang` the language tag of its text, `file` where its file is
    to be had."""
    drawn = card(sent.card, links)
    if file and sent.card.enclosed:
        drawn["actions"] = [*_actions(sent.card), {"kind": "open", "label": sent.card.enclosed.name, "url": file}]
    return {"id": name, "lang": tag(sent.locale), "card": drawn}


def card(shown: Card, links: Links) -> Json:
    """The card; `links` gives the address of every picture, a chart without one is drawn as its figures."""
    return {
        "title": shown.title,
        "tone": shown.tone.value,
        "summary": shown.summary,
        "body": [_block(block, links) for block in shown.body],
        "actions": _actions(shown),
    }


def sheet(asked: Sheet) -> Json:
    """The form."""
    return {
        "action": asked.action,
        "subject": asked.subject,
        "version": asked.version,
        "title": asked.title,
        "submit": asked.submit,
        "fields": [_field(field) for field in asked.fields],
    }


def answer(given: Answer, links: Links) -> Json:
    """What goes back at once; `sheet` and `card` are null where there is none."""
    inline = given.card
    return {
        "toast": given.toast,
        "errors": dict(given.errors),
        "sheet": sheet(given.sheet) if given.sheet else None,
        "card": {"lang": tag(inline.locale), "card": card(inline.card, links)} if inline else None,
    }


def tag(locale: str) -> str:
    """The language tag of one of our locales: "zh_Hans" → "zh-Hans"."""
    return locale.replace("_", "-")


def _block(block: Block, links: Links) -> Json:
    match block:
        case Text(spans):
            return {"kind": "text", "spans": [_span(span) for span in spans]}
        case Facts(pairs):
            return {"kind": "facts", "pairs": [list(pair) for pair in pairs]}
        case Meter(label, done, text):
            return {"kind": "meter", "label": label, "done": done, "text": text}
        case Table(header, rows):
            return {"kind": "table", "header": list(header), "rows": [list(row) for row in rows]}
        case Chart():
            return _chart(block, links.get(block, ""))
        case Note(text):
            return {"kind": "note", "text": text}
        case Divider():
            return {"kind": "divider"}
        case _:
            assert_never(block)


def _chart(chart: Chart, link: str) -> Json:
    figures = [list(pair) for pair in chart.facts().pairs]
    return {
        "kind": "chart",
        "title": chart.title,
        "subtitle": chart.caption(),
        "alt": chart.alt(),
        "pairs": figures,
        "url": link,
    }


def _span(span: Span) -> str | Json:
    match span:
        case str():
            return span
        case Bold(text):
            return {"kind": "bold", "text": text}
        case Link(label, url):
            return {"kind": "link", "label": label, "url": url}
        case Mention(_, name):
            return {"kind": "mention", "name": name}
        case _:
            assert_never(span)


def _actions(shown: Card) -> list[Json]:
    return [_action(action) for action in shown.actions]


def _action(action: Action) -> Json:
    match action:
        case Button(label, name, subject, version, style, confirm):
            address: Json = {"action": name, "subject": subject, "version": version}
            return {"kind": "button", "label": label, **address, "style": style.value, "confirm": confirm}
        case Open(label, url):
            return {"kind": "open", "label": label, "url": url}
        case Choice(label, name, options, subject, version, quick):
            address = {"action": name, "subject": subject, "version": version, "quick": quick}
            return {"kind": "choice", "label": label, **address, "options": [list(option) for option in options]}
        case _:
            assert_never(action)


def _field(field: Field) -> Json:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind.value,
        "hint": field.hint,
        "required": field.required,
        "value": list(field.value) if isinstance(field.value, tuple) else field.value,
        "options": [list(option) for option in field.options],
    }
