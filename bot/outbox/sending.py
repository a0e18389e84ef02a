"""One message to its platform, and what came of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import structlog

from bot.capability import Expired, Gone, Later, Message, Platform, Ref, no_chart
from bot.cards import Card
from bot.events import Who
from bot.ops import frames
from bot.outbox.drawing import Drawn, Painter
from bot.outbox.gate import Gate, Way
from bot.outbox.pace import Paces
from models.budget import PAGE, REDRAW, SEND
from models.delivery import BULK, PAGED, Delivery

AT_ONCE = 64  # calls of a broadcast under way; the others do not wait for them
Outcome = Ref | Exception | None
Contents = Callable[[int], Awaitable[bytes]]
log = structlog.get_logger()


class Sender:
    """Calls the platforms, unless they are to be left alone."""

    def __init__(self, platforms: Mapping[str, Platform], painter: Painter, gate: Gate, enclosed: Contents) -> None:
        self._platforms, self._painter, self._gate, self._enclosed = platforms, painter, gate, enclosed
        self._places: dict[str, asyncio.Semaphore] = {}
        self._paces = Paces(platforms)

    async def __call__(self, drawn: Drawn) -> Outcome:
        """Where the copy stands now, or what postpones or ends it; None if there was nothing to send."""
        if drawn.card is None or drawn.digest == drawn.row.drawn:
            return drawn.fault
        if (wait := drawn.at - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        if drawn.row.priority < BULK:
            return await self._tried(drawn, drawn.card)
        async with self._places.setdefault(drawn.account.platform, asyncio.Semaphore(AT_ONCE)):
            return await self._tried(drawn, drawn.card)

    async def _tried(self, drawn: Drawn, card: Card) -> Outcome:
        platform = drawn.account.platform
        way = (platform, _method(drawn.row))
        if left := self._gate.left(way):
            return Later(left)
        try:
            ref = await self._sent(drawn, card, way)
        except Later as later:
            if later.entirely:
                self._gate.close_all(platform, later.seconds)
            elif later.everywhere:
                self._gate.close(way, later.seconds)
            return later
        except OSError as no:
            self._gate.failed(platform)
            return no
        except Exception as fault:
            if not isinstance(fault, Gone):
                log.error("delivery failed", delivery=drawn.row.id, fault=frames(fault))
            return fault
        self._gate.worked(platform)
        return ref

    async def _sent(self, drawn: Drawn, card: Card, way: Way) -> Ref:
        row = drawn.row
        doubtful = row.doubt and not row.message
        draws = no_chart if way[1] == PAGE else self._platforms[way[0]].can.draws
        message = await self._painter.message(
            card, drawn.locale, _key(row), doubtful=doubtful, others=drawn.others, draws=draws
        )
        message = replace(message, patient=row.priority == BULK, still=not row.subject_noun)
        await self._paces(way)
        if left := self._gate.left(way):  # closed by another call while this one waited for its turn
            raise Later(left)
        return await self._called(drawn, message)

    async def _called(self, drawn: Drawn, message: Message) -> Ref:
        row, account = drawn.row, drawn.account
        platform = self._platforms[account.platform]
        who = Who(account.platform, account.tenant, account.user)
        if not row.message and message.card.enclosed is not None:
            content = await self._enclosed(message.card.enclosed.content)
            return await platform.hand(who, message, content, account.channel)
        if not row.message:
            return await platform.deliver(who, message, account.channel)
        if platform.can.updates:
            try:
                await platform.update(who, Ref(row.channel, row.message), message)
            except Expired:
                if not message.card.actions:  # nothing to do on it: it stays as it is
                    raise Gone("message refused: expired") from None
                raise
        return Ref(row.channel, row.message)


def _method(row: Delivery) -> str:
    return PAGE if row.state == PAGED else REDRAW if row.message else SEND


def _key(row: Delivery) -> str:
    """Stable over retries. A copy that is sent anew in the place of an expired one is another message."""
    again = f":{row.sent_at.timestamp():.6f}" if row.sent_at is not None and not row.message else ""
    return f"delivery:{row.id}{again}"
