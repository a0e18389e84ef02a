"""Looks through everything that left for a platform: whatever people wrote is dead there (threats T43, T47–T50)."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# What somebody may try to put into a name, a reason, a note: each carries the word "evil".
HOSTILE: Sequence[str] = (
    "evil <!channel> <!here> <!everyone>",
    "evil <!subteam^S1> <@UBOSS> <#C1>",
    "evil <https://evil.example|HR portal>",
    "evil &lt;!channel&gt; &amp;lt;",
    "evil *bold* _it_ ~no~ `code` ```block``` :x:",
    "evil @channel @here @everyone @boss",
    "evil https://evil.example/a javascript:alert(1)",
    "evil [HR](http://evil.example) <at id=all></at> <font color=red>",
    "evil {0} {who} {u._secret} {x:>999999999} %s %(a)s",
    "evil <svg onload=alert(1)> <iframe src=file:///etc/passwd> </script>",
    "evil =HYPERLINK(1) +1 -1 @SUM",
    "evil Ann $^$ $\\frac{1}$",
    'evil \u202egnp.exe \u200b\u2066x\u2069 \x1b[31m\r\n{"level":"error"}',
    "evil Аna 田中 😀 ｅｖｉｌ ١٢",
)
LIVE = frozenset({"user", "usergroup", "broadcast", "channel", "emoji", "link", "date"})
# What we say ourselves in Slack's own signs: when something is, by a number, with a date in words where that fails.
_WHEN = {"format": re.compile(r"\{date_short\} \{time\}"), "fallback": re.compile(r"[\w ,:.年月日]+")}
_STAMP = re.compile(r"[\w :：]*<!date\^\d{10}\^\{date_short\} \{time\}\|[\w ,:.年月日]+>")
_ENTITY = re.compile(r"<[@#!]|<https?:|<mailto:|<javascript:", re.IGNORECASE)


def alive(payload: object) -> list[str]:
    """Everything in a call to Slack that could notify, link or format by what somebody wrote."""
    return list(_slack(payload, "$"))


def alive_in_console(card: object) -> list[str]:
    """Spans and actions of the console's JSON that lead somewhere: cards of people's texts have none."""
    return [where for where, node in _nodes(card, "$") if node.get("kind") in ("link", "open") or "html" in node]


def marks(text: str) -> set[str]:
    """Control and direction characters in a text, line breaks and tabs aside."""
    return {char for char in text if unicodedata.category(char) in ("Cc", "Cf") and char not in "\n\t\u200d\ufe0f"}


def texts(payload: object) -> Iterator[str]:
    """Every string value of a payload."""
    if isinstance(payload, str):
        yield payload
    elif isinstance(payload, Mapping):
        for value in payload.values():
            yield from texts(value)
    elif isinstance(payload, Sequence):
        for value in payload:
            yield from texts(value)


def _slack(payload: object, where: str) -> Iterator[str]:
    for place, node in _nodes(payload, where):
        kind = node.get("type")
        if kind in LIVE and not (kind == "date" and _is_when(node)):
            yield f"{place}: a live {kind}"
        if kind == "mrkdwn" and not _STAMP.fullmatch(str(node.get("text"))):
            yield f"{place}: text that Slack formats"
        if kind == "plain_text" and node.get("emoji") is not False:
            yield f"{place}: :names: become pictures"
        if kind == "text" and set(node.get("style", {})) - {"bold"}:
            yield f"{place}: a style that no card has"
        if ("blocks" in node or "channel" in node) and isinstance(node.get("text"), str):
            yield from _fallback(node, place)


def _is_when(node: Mapping[str, Any]) -> bool:
    """Whether a date is one of ours: a number, and no word of anybody."""
    said = all(shape.fullmatch(str(node.get(name))) for name, shape in _WHEN.items())
    return said and isinstance(node.get("timestamp"), int) and set(node) == {"type", "timestamp", *_WHEN}


def _fallback(node: Mapping[str, Any], place: str) -> Iterator[str]:
    """The text of a message, which Slack reads as mrkdwn: entities escaped, names and addresses not looked for."""
    if _ENTITY.search(node["text"]) or "<" in node["text"]:
        yield f"{place}.text: an entity"
    if "channel" in node and (node.get("parse") == "full" or node.get("link_names") in (True, "1", "true")):
        yield f"{place}: Slack looks for names"
    if "channel" in node and node.get("unfurl_links") in (True, "1", "true"):
        yield f"{place}: Slack shows pages"


def _nodes(payload: object, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(payload, Mapping):
        yield where, payload
        for name, value in payload.items():
            yield from _nodes(value, f"{where}.{name}")
    elif isinstance(payload, Sequence) and not isinstance(payload, str):
        for at, value in enumerate(payload):
            yield from _nodes(value, f"{where}[{at}]")
