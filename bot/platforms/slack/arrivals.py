"""Which kinds of events ever arrived: no method of Slack's tells a bot what it is subscribed to."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.response import BoltResponse

from bot.platforms.slack.bolt import Take
from bot.tasks import Tasks

Body = Mapping[str, Any]
Tally = Callable[[str, int], Awaitable[int]]
log = structlog.get_logger()


class Arrivals:
    """Tells the first arrival of each kind, once in the life of a process, before it is taken."""

    def __init__(self, take: Take, tally: Tally, tasks: Tasks) -> None:
        self._take, self._tally, self._tasks = take, tally, tasks
        self._seen: set[str] = set()

    async def __call__(self, body: Body) -> BoltResponse:
        """What `take` answers; a payload that is not for us counts for nothing."""
        answer = await self._take(body)
        kind = kind_of(body)
        if kind and kind not in self._seen and answer.status not in (400, 403):
            self._seen.add(kind)
            self._tasks.follow(self._tell(kind))
        return answer

    async def _tell(self, kind: str) -> None:
        try:
            await self._tally(counted_as(kind), 1)
        except Exception as error:  # the next process tells it
            log.warning("slack arrival not kept", error=type(error).__name__)


def kind_of(body: Body) -> str:
    """The event as the app's settings call it ("message.im"), or the type of another payload, "" for none."""
    event = body.get("event")
    if body.get("type") != "event_callback" or not isinstance(event, dict):
        return "command" if "command" in body else str(body.get("type") or "")
    kind = str(event.get("type") or "")
    return f"{kind}.{event.get('channel_type')}" if kind == "message" else kind


def counted_as(kind: str) -> str:
    """The name under which arrivals of a kind are counted."""
    return f"slack event {kind}"
