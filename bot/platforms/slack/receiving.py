"""A payload of either transport → an event for the bot → what goes back on Slack's own response."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.response import BoltResponse

from bot.capability import Inbound
from bot.events import Attached, Click, Opened, Said
from bot.platforms.slack import inbound, shape
from bot.platforms.slack.waiting import WAITS, Waiting, Waits
from bot.platforms.slack.workspace import Workspace
from bot.platforms.slack.workspaces import Workspaces
from bot.tasks import Tasks

Body = Mapping[str, Any]
log = structlog.get_logger()


class Receiving:
    """What both transports end in."""

    def __init__(self, workspaces: Workspaces, tasks: Tasks, to: Inbound, waits: Waits = WAITS) -> None:
        self._workspaces, self._to = workspaces, to
        self._waiting = Waiting(tasks, to, waits)

    async def __call__(self, body: Body) -> BoltResponse:
        """Foreign workspaces and apps are refused (403), unreadable values too (400)."""
        if not shape.well_formed(body):
            return BoltResponse(status=400)
        served = await self._workspaces.of(body)
        if served is None:
            log.warning("slack request refused", status=403, reason="workspace or app")
            return BoltResponse(status=403)
        place, me = served
        if (closed := inbound.changed(body, me)) is not None:
            return BoltResponse(status=await place.changes.told(closed, self._to))
        try:
            event = inbound.event(body, me)
        except inbound.Malformed as malformed:
            return _malformed(place, body, malformed)
        if event is None:
            return BoltResponse(status=200, body={"options": []} if body.get("type") == "block_suggestion" else "")
        if isinstance(event, Said | Opened | Attached | Click) and event.where.private and not event.where.inline:
            place.delivery.learn(event.who.user, event.where.channel)  # a command may come from a talk of two people
        if isinstance(event, Opened) and event.where.page:
            place.pages.opened(event.who.user, str((body["event"].get("view") or {}).get("hash") or ""))
        return await self._waiting(place, body, event)


def _malformed(place: Workspace, body: Body, why: inbound.Malformed) -> BoltResponse:
    log.warning("slack value unreadable", reason=str(why))
    if body["type"] != "block_actions":
        return BoltResponse(status=400)
    place.answering.malformed(body, body["user"]["id"])
    return BoltResponse(status=200)
