"""What a person sees of blocks: characters, labels that can be pressed, pictures, fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.slack_elements import counts
from tests.fakes.slack_texts import options, units

Json = Mapping[str, Any]
REQUIRED = "Please complete this required field."
NO_NUMBER = "Please enter a number."  # Slack's own words for it are not documented


@dataclass(frozen=True)
class Pressable:
    """A button, or one option of a select, under its visible label."""

    label: str
    block: Json
    element: Json
    option: Json | None = None


def text_of(blocks: Sequence[Json]) -> str:
    """Every visible character, a line a paragraph."""
    return "\n".join(line for block in blocks for line in _lines(block))


def pressables(blocks: Sequence[Json]) -> Iterator[Pressable]:
    """What can be pressed, in order."""
    for block in blocks:
        for element in block.get("elements", []) if block["type"] == "actions" else []:
            if element["type"] == "button":
                yield Pressable(element["text"]["text"], block, element)
                continue
            for option in options(element):
                yield Pressable(option["text"]["text"], block, element, option)


def pictures(blocks: Sequence[Json]) -> int:
    """How many images and charts are shown."""
    return sum(block["type"] in ("image", "data_visualization") for block in blocks)


def inputs(blocks: Sequence[Json]) -> dict[str, Json]:
    """Input blocks by their visible label."""
    return {block["label"]["text"]: block for block in blocks if block["type"] == "input"}


def standing(element: Json) -> str | tuple[str, ...]:
    """What stands in an input: the text, or the labels of what is chosen."""
    if "initial_options" in element:
        return tuple(option["text"]["text"] for option in element["initial_options"])
    if "initial_option" in element:
        return str(element["initial_option"]["text"]["text"])
    for name in ("initial_value", "initial_date", "initial_user"):
        if name in element:
            return str(element[name])
    return ""


def is_card(content: Json) -> bool:
    """Whether a message is a card (it has a header), not one line that answers a press."""
    return any(block["type"] == "header" for block in content["blocks"])


def _lines(block: Json) -> list[str]:
    match block["type"]:
        case "header" | "section":
            return [str(block["text"]["text"])]
        case "context":
            return [str(element.get("text", "")) for element in block["elements"]]
        case "rich_text":
            return ["".join(_read(part) for section in block["elements"] for part in section["elements"])]
        case "table":
            return [" | ".join(cell.get("text", "") for cell in row) for row in block["rows"]]
        case "image" | "data_visualization":
            return [str(block.get("alt_text") or block["title"])]
        case "actions":
            return [one.label for one in pressables([block]) if one.element["type"] in ("button", "overflow")]
        case "input":
            return [str(block["label"]["text"])]
        case _:
            return []


def _read(part: Json) -> str:
    """An inline element; a date as its fallback, since every reader's own zone and language is another text."""
    return str(part.get("text") or part.get("fallback", ""))


def withheld(block: Mapping[str, Any], filled: Json) -> str:
    """What Slack's own client says before anything is sent."""
    values = [value for key, value in filled.items() if key != "type"]
    if not block.get("optional") and not any(values):
        return REQUIRED
    if filled["type"] == "number_input":
        decimal = block["element"]["is_decimal_allowed"]
        return NO_NUMBER if values[0] and not counts(values[0], decimal=decimal) else ""
    longest = block["element"].get("max_length", 3000)
    too_long = isinstance(values[0], str) and filled["type"] == "plain_text_input" and units(values[0]) > longest
    return f"Must be at most {longest} characters." if too_long else ""
