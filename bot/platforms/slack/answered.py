"""What a submitted modal says: Slack's state.values → answers by field name."""

from collections.abc import Mapping
from typing import Any

from bot.events import Answers, File


def answers(values: object, tenant: str = "") -> Answers:
    """Answers by block_id, which is the field's name; raises ValueError for a shape that Slack does not send. Files are
    `tenant`'s."""
    if not isinstance(values, dict):
        raise ValueError("state")
    return {name: _answer(_only(held), tenant) for name, held in values.items()}


def _only(held: object) -> Mapping[str, Any]:
    match held:
        case {**elements} if len(elements) == 1:
            element = next(iter(elements.values()))
            if isinstance(element, dict):
                return element
    raise ValueError("state")


def _answer(element: Mapping[str, Any], tenant: str) -> str | tuple[str, ...]:
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
            return tuple(_file(one, tenant) for one in files)
        case {"rich_text_value": _}:
            raise ValueError("rich text is never asked for")
        case _:
            given = [value for key, value in element.items() if key != "type"]
            return _text(given[0]) if given else ""


def file(given: Mapping[str, Any], tenant: str = "") -> File:
    """A file as Slack describes it; without an address its id stands for it (`Slack.fetch` asks for the rest), behind
    the tenant whose token may read it."""
    sized = given.get("size")
    place = str(given.get("url_private") or given.get("id") or "")
    return File(
        str(given.get("name") or "file"),
        str(given.get("mimetype") or "application/octet-stream"),
        sized if isinstance(sized, int) and sized >= 0 else 0,
        f"{tenant}:{place}" if tenant else place,
    )


def _file(given: object, tenant: str) -> str:
    if not isinstance(given, dict) or not isinstance(given.get("url_private") or given.get("id"), str):
        raise ValueError("file")
    return file(given, tenant).packed()


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
