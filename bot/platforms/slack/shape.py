"""Whether a verified payload has the shape that Slack documents, so that nothing behind it can stumble."""

from collections.abc import Callable, Mapping
from typing import Any

Body = Mapping[str, Any]
HOLDERS = ("team", "enterprise", "user", "channel", "message")
TEXTS = ("api_app_id", "trigger_id", "response_url")


def well_formed(body: Body) -> bool:
    """True if every part that Bolt and `inbound` read is there and of its type."""
    if not all(_holder(body[name]) for name in HOLDERS if name in body):
        return False
    if not all(isinstance(body[name], str) for name in TEXTS if name in body):
        return False
    if not all(_text_or_none(body.get(name)) for name in ("team_id", "enterprise_id")):
        return False  # what is said to a whole organisation has no team
    granted = body.get("authorizations") or []
    if not _objects(granted) or not all(map(_holder, granted)):
        return False
    check = CHECKS.get(str(body.get("type")), _unknown)
    return check(body)


def _unknown(body: Body) -> bool:
    """Slash commands have no type; other kinds are answered but not looked at."""
    if "command" not in body:
        return "ssl_check" in body or (bool(body.get("type")) and isinstance(body["type"], str))
    names = ("command", "trigger_id", "user_id", "channel_id")
    return all(isinstance(value, str) for value in body.values()) and _texts(body, *names)


def _event(body: Body) -> bool:
    event = body.get("event")
    if not (_texts(body, "event_id") and isinstance(event, dict) and _texts(event, "type")):
        return False
    words = ("channel", "text", "subtype", "channel_type", "tab", "bot_id", "thread_ts")
    fits = all(isinstance(event.get(name) or "", str) for name in words)
    held = all(_object_or_none(event.get(name)) for name in ("message", "view"))
    return fits and held and _objects(event.get("files") or [])


def _pressed(body: Body) -> bool:
    actions, container = body.get("actions"), body.get("container")
    if not (_person(body) and _objects(actions) and actions and isinstance(container, dict)):
        return False
    first = actions[0]
    view = container.get("type") != "view" or (_view(body) and _texts(body["view"], "id"))
    places = all(isinstance(container.get(name) or "", str) for name in ("channel_id", "message_ts"))
    option = _object_or_none(first.get("selected_option"))
    return _texts(first, "action_id", "type") and _texts(container, "type") and view and places and option


def _submission(body: Body) -> bool:
    view = body.get("view")
    return (
        _person(body)
        and _view(body)
        and isinstance(view, dict)
        and _texts(view, "id", "callback_id")
        and isinstance(view.get("state"), dict)
        and isinstance(view["state"].get("values"), dict)
        and _objects(view.get("blocks") or [])
        and all(isinstance(block.get("block_id", ""), str) for block in view.get("blocks") or [])
        and _objects(body.get("response_urls") or [])
    )


def _closed(body: Body) -> bool:
    return _view(body) and _texts(body["view"], "callback_id")


def _shortcut(body: Body) -> bool:
    said = (body.get("message") or {}).get("text") or ""
    place = (body.get("channel") or {}).get("id") or ""
    files = (body.get("message") or {}).get("files") or []
    return (
        _objects(files)
        and _person(body)
        and _texts(body, "callback_id")
        and isinstance(said, str)
        and isinstance(place, str)
    )


def _suggestion(body: Body) -> bool:
    return _texts(body, "action_id", "block_id")


def _person(body: Body) -> bool:
    user = body.get("user")
    return isinstance(user, dict) and _texts(user, "id") and _texts(body, "trigger_id")


def _view(body: Body) -> bool:
    view, ids = body.get("view"), ("hash", "previous_view_id", "root_view_id")
    return isinstance(view, dict) and _texts(view, "type") and all(_text_or_none(view.get(name)) for name in ids)


def _texts(holder: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(holder.get(name), str) for name in names)


def _objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, dict) for part in value)


def _holder(value: object) -> bool:
    """None, or an object whose ids are texts."""
    ids = ("id", "team_id", "enterprise_id")
    return value is None or (isinstance(value, dict) and all(_text_or_none(value.get(name)) for name in ids))


def _text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _object_or_none(value: object) -> bool:
    return value is None or isinstance(value, dict)


CHECKS: Mapping[str, Callable[[Body], bool]] = {
    "event_callback": _event,
    "block_actions": _pressed,
    "view_submission": _submission,
    "view_closed": _closed,
    "shortcut": _shortcut,
    "message_action": _shortcut,
    "block_suggestion": _suggestion,
}
