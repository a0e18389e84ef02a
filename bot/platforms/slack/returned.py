"""A submitted form that goes back to its writer as it was filled, with lines above it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.platforms.slack import limits as most
from bot.platforms.slack import views
from bot.platforms.slack.carried import Carried, carrying
from bot.platforms.slack.mrkdwn import unescape
from bot.platforms.slack.spans import Json, rich, word
from bot.platforms.slack.turn import Body

LINE = "slack.line"  # the block of our own sentence
# What a view may be sent with; the rest of what Slack tells of one is Slack's own.
KEPT = ("type", "callback_id", "title", "submit", "close", "blocks", "private_metadata")
# What stands in an element from the start, by what is said of it once it is filled. Files cannot be put back.
FILLED: Mapping[str, str] = {
    "value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_date": "initial_date",
}


def again(view: Body, said: Sequence[str], given: Carried) -> Json:
    """The same form with lines above it.

    Slack keeps what was typed where block_id and action_id stay the same, files too; where a client does not, it stands
    there from the start. Lines, or what was typed, are left out where Slack takes no more.
    """
    made = {name: _as_sent(view[name]) for name in KEPT if view.get(name)}
    made["private_metadata"] = carrying(str(view.get("private_metadata") or ""), given)
    form = [block for block in made.get("blocks", []) if block.get("block_id") != LINE]
    line = rich([word("\n".join(said), bold=True)]) | {"block_id": LINE}
    above = [line] if len(form) < most.BLOCKS_VIEW else []
    filled = made | {"blocks": [*above, *(_filled(block, _typed(view, block)) for block in form)]}
    return filled if views.measure(filled) <= most.VIEW_BYTES else made | {"blocks": [*above, *form]}


def _typed(view: Body, block: Json) -> Mapping[str, Any]:
    values = view["state"]["values"].get(block.get("block_id")) or {}
    element = values.get((block.get("element") or {}).get("action_id")) if isinstance(values, dict) else None
    return element if isinstance(element, dict) else {}


def _filled(block: Json, typed: Mapping[str, Any]) -> Json:
    known = {FILLED[name]: _as_sent(value) for name, value in typed.items() if name in FILLED}
    if not known:
        return block
    element = {name: held for name, held in block["element"].items() if name not in known}
    return block | {"element": element | {name: value for name, value in known.items() if value}}


def _as_sent(part: Any) -> Any:
    """What Slack tells of a view as it was sent: Slack escapes three characters of texts (bolt-python #513), and what
    is longer by that could be too long."""
    if isinstance(part, dict):
        return {key: unescape(held) if _text(key, held) else _as_sent(held) for key, held in part.items()}
    return [_as_sent(one) for one in part] if isinstance(part, list) else part


def _text(key: str, held: object) -> bool:
    return key in ("text", "initial_value") and isinstance(held, str)
