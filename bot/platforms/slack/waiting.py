"""How long Slack waits for an answer, and what people see while it is still being worked on."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import structlog
from slack_bolt.response import BoltResponse

from bot.capability import Answer, Inbound
from bot.events import Attached, Command, FromPerson, Opened, Said, Submitted
from bot.platforms.slack import bolt, inbound
from bot.platforms.slack.modals import Shown
from bot.platforms.slack.turn import Turn, in_modal
from bot.platforms.slack.workspace import Workspace
from bot.tasks import Tasks
from bot.text import N_

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds until Slack is answered without waiting for the handler: it grants 3, and never asks again.

    `soon` after a press “Working…” opens, while its answer waits for the commit on to `press`; a `form` comes back with
    “Still working…”. `grace` is what Slack gets to show that before it is changed again.
    """

    command: float = 0.9
    soon: float = 1.0
    press: float = 2.4
    form: float = 2.0
    grace: float = 0.5


WAITS = Waits()
UNTAKEN = N_(
    "What you sent first is stored. What you changed while it was being worked on is not: please change it again."
)


class Waiting:
    """Hands events on and answers in time."""

    def __init__(self, tasks: Tasks, to: Inbound, waits: Waits = WAITS) -> None:
        self._tasks, self._to, self._waits = tasks, to, waits
        self._running: dict[str, asyncio.Task[Answer]] = {}

    async def __call__(self, place: Workspace, body: Mapping[str, Any], event: FromPerson) -> BoltResponse:
        """The response to an event."""
        turn = self._turn(body, event)
        work = self._work(place, turn)
        await asyncio.wait({work}, timeout=self._patience(turn))
        if work.done():
            return _answered(place, turn, work)
        if isinstance(event, Submitted):
            self._follow(place, turn, work)
            return bolt.response(200, place.answering.still(turn))
        if "command" in body:
            self._follow(place, turn, work)
            return bolt.response(200, place.answering.working(turn.user))
        return await self._pressed(place, turn, work)

    async def _pressed(self, place: Workspace, turn: Turn, work: asyncio.Task[Answer]) -> BoltResponse:
        """A press that takes longer: what is stored by the last moment is acknowledged, and so is what says by itself
        that it is not done yet. Anything else Slack reports as failed."""
        held = self._tasks.start(place.answering.hold(turn))
        await asyncio.wait({work}, timeout=self._waits.press - self._waits.soon)
        if work.done():
            return _answered(place, turn, work, held)
        self._follow(place, turn, work, held)
        stands = held.done() and held.result() is not None
        return BoltResponse(status=200 if stands else 503)

    def _patience(self, turn: Turn) -> float | None:
        """How long Slack can wait for the answer, None where it asks again by itself: then it gets none before all is
        committed."""
        match turn.event:
            case Submitted():
                return self._waits.form
            case Said() | Opened() | Attached(wanted=False):
                return None
            case _:
                return self._waits.command if "command" in turn.body else self._waits.soon

    def _turn(self, body: Mapping[str, Any], event: FromPerson) -> Turn:
        numbers = count(1)

        async def ask() -> Answer:
            again = Command(f"{event.key}:{next(numbers)}", event.who, event.where, turn.carried.again)
            return await self._to(again) if turn.carried.again else Answer()

        turn = Turn(body, event, ask)
        return turn

    def _work(self, place: Workspace, turn: Turn) -> asyncio.Task[Answer]:
        """A form that comes back while it is being worked on waits for the very same work."""
        if not isinstance(turn.event, Submitted):
            return self._tasks.start(self._asked(place, turn))
        key = f"{turn.event.who.tenant}:{turn.user}:{turn.event.key}"
        running = self._running.get(key)
        if running is not None:
            return self._tasks.start(self._joined(place, turn, running))
        work = self._running[key] = self._tasks.start(self._asked(place, turn))
        work.add_done_callback(lambda _done: self._running.pop(key, None))
        return work

    async def _asked(self, place: Workspace, turn: Turn) -> Answer:
        """The answer. A card in a modal is asked for again where nothing else takes its place: it may be outdated."""
        answer = await self._to(turn.event)
        if answer == Answer():
            answer = _untaken(place, turn, answer)
        settled = answer.card or answer.sheet or answer.errors or answer.unkept
        if settled or not in_modal(turn.event.where) or not turn.view:
            return answer
        fresh = await turn.ask()
        turn.refreshed = True
        return replace(answer, toast=answer.toast or fresh.toast, card=fresh.card)

    async def _joined(self, place: Workspace, turn: Turn, running: asyncio.Task[Answer]) -> Answer:
        answer = await asyncio.shield(running)
        return answer if answer.errors else _untaken(place, turn, answer)

    def _follow(
        self, place: Workspace, turn: Turn, work: asyncio.Task[Answer], held: asyncio.Task[Shown | None] | None = None
    ) -> None:
        """Shows what comes when Slack could wait no longer."""

        async def follow() -> None:
            ended = asyncio.get_running_loop().time() + self._waits.grace
            answer = await work
            if isinstance(turn.event, Submitted):
                await asyncio.sleep(ended - asyncio.get_running_loop().time())
            place.answering.answer(turn, answer, late=True, held=held)

        self._tasks.follow(follow())


def _untaken(place: Workspace, turn: Turn, answer: Answer) -> Answer:
    """With a sentence, if somebody changed a form while what they sent before was being worked on."""
    if not isinstance(turn.event, Submitted) or not inbound.altered(turn.event):
        return answer
    said = place.answering.t(turn.user)(UNTAKEN)
    return replace(answer, toast=f"{answer.toast} {said}".strip())


def _answered(
    place: Workspace, turn: Turn, work: asyncio.Task[Answer], held: asyncio.Task[Shown | None] | None = None
) -> BoltResponse:
    try:
        answer = work.result()
        shown = place.answering.answer(turn, answer, held=held)
        return bolt.response(503 if answer.unkept and not shown else 200, shown)
    except Exception as error:  # the dispatcher answers its own; what is left means nothing was committed
        log.error("slack event failed", error=type(error).__name__)
        return BoltResponse(status=500)
