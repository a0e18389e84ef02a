"""What a submitted modal says: Slack's state.values → answers by field name."""

from collections.abc import Mapping
from typing import Any

from bot.events import Answers


def answers(values: object) -> Answers:
    """Answers by block_id, which is the field's name; raises ValueError for a shape that Slack does not send."""
    if not isinstance(values, dict):
        raise ValueError("state")
    return {name: _answer(_only(held)) for name, held in values.items()}


def _only(held: object) -> Mapping[str, Any]:
    match held:
        case {**elements} if len(elements) == 1:
            element = next(iter(elements.values()))
            if isinstance(element, dict):
                return element
    raise ValueError("state")


def _answer(element: Mapping[str, Any]) -> str | tuple[str, ...]:
    match element:
        case {"selected_options": list(options)}:
            return tuple(_value(option) for option in options)
        case {"selected_option": option}:
            return "" if option is None else _value(option)
        case {"selected_users": list(users)}:
            return tuple(f"@{_text(user)}" for user in users)
        case {"selected_user": user}:
            return f"@{_text(user)}" if user else ""
        case {"files": list(files)}:
            return tuple(_text(file.get("url_private") if isinstance(file, dict) else None) for file in files)
        case {"rich_text_value": _}:
            raise ValueError("rich text is never asked for")
        case _:
            given = [value for key, value in element.items() if key != "type"]
            return _text(given[0]) if given else ""


def _value(option: object) -> str:
    if not isinstance(option, dict) or not isinstance(option.get("value"), str):
        raise ValueError("option")
    return str(option["value"])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise ValueError("value")
