"""A payload of either transport → an event for the bot → what goes back on Slack's own response."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog
from slack_bolt.response import BoltResponse

from bot.capability import Answer, Gone, Inbound, Later
from bot.events import Attached, Changed, Click, Command, FromPerson, Opened, Said, Submitted
from bot.platforms.slack import bolt, inbound, shape
from bot.platforms.slack.workspace import Workspace
from bot.platforms.slack.workspaces import Workspaces
from bot.tasks import Tasks

# Seconds until Slack is answered without waiting for the handler. Slack grants 3 s and never repeats these; what comes
# later is shown through response_url. A press or a form that is not stored by then is not acknowledged: Slack says that
# it did not work, and a form stays open. Events are repeated by Slack, so they are answered when they are committed.
WAITS: Mapping[type, float] = {Command: 0.9, Click: 2.4, Submitted: 2.4}
Body = Mapping[str, Any]
log = structlog.get_logger()


class Receiving:
    """What both transports end in."""

    def __init__(self, workspaces: Workspaces, tasks: Tasks, to: Inbound) -> None:
        self._workspaces, self._tasks, self._to = workspaces, tasks, to

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
            return BoltResponse(status=await self._closed(place, closed))
        try:
            event = inbound.event(body, me)
        except inbound.Malformed as malformed:
            return _malformed(place, body, malformed)
        if event is None:
            return BoltResponse(status=200, body={"options": []} if body.get("type") == "block_suggestion" else "")
        if isinstance(event, Said | Opened | Attached | Click) and event.where.private and not event.where.inline:
            place.delivery.learn(event.who.user, event.where.channel)  # a command may come from a talk of two people
        return await self._handled(place, body, event)

    async def _closed(self, place: Workspace, event: Changed) -> int:
        """An account was closed, if it still is: an event may come late. The status to answer with."""
        try:
            found = await place.api.read("users.info", user=event.who.user)
        except Gone:
            found = {"user": {"deleted": True}}  # nobody knows it any more
        except (Later, OSError) as error:
            log.warning("slack event postponed", reason=str(error))
            return 503
        still = (found.get("user") or {}).get("deleted") is True
        return 503 if still and (await self._to(event)).unkept else 200

    async def _handled(self, place: Workspace, body: Body, event: FromPerson) -> BoltResponse:
        work = self._tasks.start(_asked(self._to, event))
        await asyncio.wait({work}, timeout=_patience(event))
        if not work.done():
            place.answering.late(body, event, _awaited(work))
            return BoltResponse(status=200 if isinstance(event, Command) else 503)
        try:
            answer = work.result()
            shown = place.answering.answer(body, event, answer)
            return bolt.response(503 if answer.unkept and not shown else 200, shown)
        except Exception as error:  # the dispatcher answers its own; what is left means nothing was committed
            log.error("slack event failed", error=type(error).__name__)
            return BoltResponse(status=500)


def _malformed(place: Workspace, body: Body, why: inbound.Malformed) -> BoltResponse:
    log.warning("slack value unreadable", reason=str(why))
    if body["type"] != "block_actions":
        return BoltResponse(status=400)
    place.answering.malformed(body, body["user"]["id"])
    return BoltResponse(status=200)


def _patience(event: FromPerson) -> float | None:
    """How long Slack can wait for the answer, None where it asks again by itself."""
    return WAITS[Click] if isinstance(event, Attached) and event.wanted else WAITS.get(type(event))


async def _asked(to: Inbound, event: FromPerson) -> Answer:
    return await to(event)


def _awaited(work: asyncio.Task[Answer]) -> Coroutine[Any, Any, Answer]:
    async def wait() -> Answer:
        return await work

    return wait()
