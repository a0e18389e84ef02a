"""One thing that somebody did, from its payload to its answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.capability import Answer
from bot.events import FromPerson, Where
from bot.platforms.slack.carried import Carried, carried

Body = Mapping[str, Any]
NEW = "new"  # stands for the id of a modal that is yet to be opened
MODAL_AND_TWO = 3  # Slack takes a modal and two more over it


@dataclass(slots=True)
class Turn:
    """A payload and its event. `ask` asks for the card of the modal again (an answer without a card where there is
    none); `refreshed`: the card of the answer is that one, and not what was pressed for."""

    body: Body
    event: FromPerson
    ask: Callable[[], Awaitable[Answer]]
    refreshed: bool = False

    @property
    def user(self) -> str:
        """Who did it."""
        return self.event.who.user

    @property
    def trigger(self) -> str:
        """What opens a modal, once and for 3 s."""
        return str(self.body["trigger_id"])

    @property
    def view(self) -> Body:
        """The view it was done in, {} if in none."""
        return self.body.get("view") or {}

    @property
    def carried(self) -> Carried:
        """What that view carries; a modal that is yet to be opened is what was asked for."""
        said = getattr(self.event, "text", "") if self.event.where.message == NEW else ""
        return Carried(again=said) if said else carried(self.view)

    @property
    def in_place(self) -> bool:
        """Whether a form stands where the card was, as it could not be laid over it."""
        return self.event.where.message == self.view.get("id")

    @property
    def heaped(self) -> bool:
        """Whether no modal can be laid over the one this was done in."""
        before, root = self.view.get("previous_view_id"), self.view.get("root_view_id")
        return bool(before) and before != root


def in_modal(where: Where) -> bool:
    """Whether a place is a card in a modal; nobody else sees it, and nothing can be sent there later."""
    return where.inline and not where.channel and bool(where.message)
