"""In front of everything that comes from Slack: the events that say that the bot was removed somewhere."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.response import BoltResponse

from bot.platforms.slack import shape
from bot.platforms.slack.bolt import Take
from bot.platforms.slack.workspaces import REMOVED, REVOKED, Workspaces

Body = Mapping[str, Any]


class Leaving:
    """Hands those events to the workspaces, and everything else on."""

    def __init__(self, workspaces: Workspaces, then: Take) -> None:
        self._workspaces, self._then = workspaces, then

    async def __call__(self, body: Body) -> BoltResponse:
        """The answer."""
        event = body.get("event")
        kind = event.get("type") if isinstance(event, dict) else None
        if kind not in (REMOVED, REVOKED) or not shape.well_formed(body):
            return await self._then(body)
        return BoltResponse(status=await self._workspaces.removed(body))
