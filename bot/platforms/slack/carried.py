"""What a modal carries besides what its form is about: which card lies below it, and whose submission goes on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.platforms.slack.limits import METADATA


@dataclass(frozen=True, slots=True)
class Carried:
    """`again` is the command that the card was asked for with, `hash` how that card stood when a form was opened over
    it, `key` the submission that a form which came back is still about."""

    again: str = ""
    hash: str = ""
    key: str = ""

    def resent(self) -> "Carried":
        """The same for a form that is to be sent anew: as a submission of its own."""
        return replace(self, key="")


NOTHING = Carried()


def carried(view: Mapping[str, Any]) -> Carried:
    """What a view carries, nothing where it carries what we never wrote."""
    said = _read(view.get("private_metadata"))
    parts = [said.get(name, "") for name in ("q", "h", "k")]
    return Carried(*parts) if all(isinstance(part, str) for part in parts) else NOTHING


def carrying(metadata: str, given: Carried) -> str:
    """A view's metadata with this; without it where there is no room. Nothing private belongs here."""
    kept = {name: value for name, value in _read(metadata).items() if name not in ("q", "h", "k")}
    more = {"q": given.again, "h": given.hash, "k": given.key}
    made = json.dumps(kept | {name: value for name, value in more.items() if value}, separators=(",", ":"))
    return made if len(made) <= METADATA else metadata


def _read(metadata: object) -> dict[str, Any]:
    if not isinstance(metadata, str) or len(metadata) > METADATA:
        return {}
    try:
        said = json.loads(metadata)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
