"""The outbox: messages are rows, drawn when they are sent; copies are remembered and redrawn when subjects change."""

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic_core import to_json
from sqlmodel import Session

from bot import conversation
from bot.capability import Capabilities, Gone, Later, Message, Platform, Ref
from bot.cards import Card
from bot.charts import Charts, NoPicture
from bot.db import Database
from bot.degrade import Press, fit
from bot.drawing import Easel
from bot.events import Who
from bot.ops import SENT_MESSAGES, frames
from bot.text import Texts
from models.delivery import BATCH, DEAD, SENT, SKIPPED, Addressed, Delivery, claim, close, more_for, newest, postpone
from models.identity import Identity, moved

TRIES = 8
PATIENT = 1000
LONGEST = 300
RATE_LIMITED = "rate limited"
AT_ONCE = 8
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message with its card as the platform can show it; no card: nothing to send."""

    row: Delivery
    account: Identity
    card: Card | None
    presses: tuple[Press, ...] = ()
    locale: str = "en"
    digest: str = ""


Outcome = Ref | Exception | None


class Outbox:
    """Sends what is due. `owner` names this process in leases, so that a late finisher cannot overwrite another."""

    def __init__(
        self,
        db: Database,
        easel: Easel,
        platforms: Mapping[str, Platform],
        charts: Charts,
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._easel, self._platforms, self._charts, self._clock = db, easel, platforms, charts, clock
        self._owner = uuid.uuid4().hex
        self._wake, self._claiming, self._finishing = asyncio.Event(), asyncio.Lock(), asyncio.Lock()
        self._ended: list[tuple[Drawn, Outcome]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._paused: dict[str, datetime] = {}
        self._stopping = False

    def start(self) -> None:
        """Begins to look for due messages."""
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Claims nothing more and waits for what is in flight."""
        self._stopping = True
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Returns when nothing that is due now is left, here or leased by another."""
        while await self.work() or self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """There may be something due: called after every commit that left messages."""
        self._wake.set()

    async def work(self) -> int:
        """Claims what is due once and starts to send it; how many messages that were."""
        async with self._claiming:
            rows = await self._db.run(lambda db: self._claim(db, BATCH))
            self.send(await self._db.read(lambda db: self._drawings(db, rows)) if rows else [])
            return len(rows)

    def take(self, db: Session) -> list[Drawn]:
        """Leases and draws what is due, a few at most, in the handler's own transaction: what most events lead to.

        Give it to `send` once it is committed. If that never happens, or one cannot be drawn, its lease expires.
        """
        return self._drawings(db, self._claim(db, AT_ONCE))

    def send(self, drawn: Sequence[Drawn]) -> None:
        """Starts to send what was taken; what did not fit is looked for at once."""
        for one in drawn:
            self._follow(self._deliver(one))
        if len(drawn) >= AT_ONCE:
            self.wake()

    def _claim(self, db: Session, most: int) -> list[Addressed]:
        now = self._clock()
        open_now = [name for name in self._platforms if self._paused.get(name, now) <= now]
        return claim(db, self._owner, open_now, now, most)

    async def history(self, who: Who, most: int) -> list[tuple[Ref, Message]]:
        """The account's newest messages, oldest first, drawn anew in the reader's language."""
        seen = await self._db.read(
            lambda db: [self._draw(db, row) for row in newest(db, who.platform, who.tenant, who.user, most)]
        )
        return [
            (Ref(one.row.channel, one.row.message), await self._message(one.card, one.locale))
            for one in seen
            if one.card is not None
        ]

    def _follow(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        while True:
            try:
                if not await self.work():
                    await self._pause()
            except Exception as fault:
                log.error("outbox round failed", fault=frames(fault))
                await asyncio.sleep(1)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), 1)
        except TimeoutError:
            return
        finally:
            self._wake.clear()

    # Drawing

    def _drawings(self, db: Session, taken: Sequence[Addressed]) -> list[Drawn]:
        """Every card that can be drawn; one that cannot does not keep the others, or a handler's work, back."""
        drawn = []
        for addressed in taken:
            try:
                drawn.append(self._draw(db, addressed))
            except Exception as fault:
                log.error("drawing failed", delivery=addressed[0].id, fault=frames(fault))
        return drawn

    def _draw(self, db: Session, addressed: Addressed) -> Drawn:
        row, account, person, roles = addressed
        if person.left_at is not None:
            return Drawn(row, account, None)
        t = self._easel.texts_for(person)
        if row.view == conversation.QUESTION:
            card = self._question(db, t, addressed)
        else:
            card = self._easel.draw(db, person, row.view, row.subject_id, row.facts, self._clock(), roles)
        if card is None and row.message and row.subject_noun:
            card = self._easel.closed(db, person, row.subject_noun, row.subject_id)
        if card is None:
            return Drawn(row, account, None)
        fitted, presses = fit(card, self._platforms[account.platform].can)
        digest = hashlib.sha256(to_json(fitted)).hexdigest()
        return Drawn(row, account, fitted, presses, t.locale, digest)

    def _question(self, db: Session, t: Texts, addressed: Addressed) -> Card | None:
        """The open question of the account; an old question stays as it was said."""
        row, account, _person, _roles = addressed
        draft = conversation.draft_of(db, account.id, conversation.FORM, self._clock())
        return conversation.question_card(t, draft) if draft is not None and not row.message else None

    async def _message(self, card: Card, locale: str, key: str = "") -> Message:
        """The card with its pictures; where one cannot be drawn, with its figures instead."""
        try:
            pictures = {chart: await self._charts.png(chart) for chart in card.charts()}
        except NoPicture as fault:
            log.error("no picture", fault=frames(fault))
            return Message(fit(card, Capabilities(charts=False))[0], locale, {}, key)
        return Message(card, locale, pictures, key)

    # Sending

    async def _deliver(self, drawn: Drawn) -> None:
        outcome = await self._tried(drawn)  # first: the list may be another one by then
        self._ended.append((drawn, outcome))
        async with self._finishing:
            ended, self._ended = self._ended, []
            self.send(await self._finished(ended) if ended else ())

    async def _tried(self, drawn: Drawn) -> Outcome:
        try:
            return await self._send(drawn)
        except Exception as fault:
            log.error("delivery failed", delivery=drawn.row.id, fault=frames(fault))
            return fault

    async def _finished(self, ended: Sequence[tuple[Drawn, Outcome]]) -> Sequence[Drawn]:
        """Ends what was sent, all at once, or each by itself if that fails; what can be sent now because of that."""
        try:
            return await self._db.run(lambda db: self._end(db, ended))
        except Exception as fault:
            log.error("deliveries not finished", fault=frames(fault))
            if len(ended) > 1:
                return [more for one in ended for more in await self._finished([one])]
            kind = type(fault).__name__
            await self._db.run(lambda db: self._retry(db, ended[0][0], kind))
            return ()

    def _end(self, db: Session, ended: Sequence[tuple[Drawn, Outcome]]) -> Sequence[Drawn]:
        more = [self._finish(db, *one) for one in ended]
        return self.take(db) if any(more) and not self._stopping else ()

    async def _send(self, drawn: Drawn) -> Outcome:
        """Where the copy stands now, or what postpones or ends it; None if there was nothing to send."""
        row, account = drawn.row, drawn.account
        if drawn.card is None or drawn.digest == row.drawn:
            return None
        platform = self._platforms[account.platform]
        who = Who(account.platform, account.tenant, account.user)
        message = await self._message(drawn.card, drawn.locale, f"delivery:{row.id}")
        try:
            if not row.message:
                return await platform.deliver(who, message, account.channel)
            if platform.can.updates:
                await platform.update(who, Ref(row.channel, row.message), message)
            return Ref(row.channel, row.message)
        except (Later, Gone, OSError) as no:
            return no

    def _finish(self, db: Session, drawn: Drawn, outcome: Outcome) -> bool:
        """Ends one send; whether its account has more that can be sent now."""
        row = drawn.row
        match outcome:
            case Ref(channel, message):
                place = {
                    "channel": channel,
                    "message": message,
                    "drawn": drawn.digest,
                    "sent_at": row.sent_at or self._clock(),
                }
                self._close(db, drawn, state=SENT, error="", attempts=0, **place)
                self._learn(db, drawn, channel)
            case Later(seconds=seconds, everywhere=everywhere):
                until = self._clock() + timedelta(seconds=seconds)
                if everywhere:
                    self._paused[drawn.account.platform] = until
                postpone(db, row, self._owner, until, RATE_LIMITED, row.attempts - 1)
                return False
            case Gone() as gone:
                self._close(db, drawn, state=SENT if row.message else DEAD, error=str(gone))
            case Exception() as fault:
                self._retry(db, drawn, type(fault).__name__, passing=isinstance(fault, OSError))
                return False
            case None:
                self._close(db, drawn, state=SENT if row.message else SKIPPED)
        return more_for(db, drawn.account.id)

    def _close(self, db: Session, drawn: Drawn, /, **values: object) -> None:
        if close(db, drawn.row, self._owner, **values):
            SENT_MESSAGES.labels(drawn.account.platform, str(values["state"])).inc()

    def _learn(self, db: Session, drawn: Drawn, channel: str) -> None:
        """Where the private conversation is, and what the numbers of the newest menu mean."""
        account = drawn.account
        if channel and account.channel != channel:
            moved(db, account, channel)
        if drawn.presses:
            conversation.remember(db, account.id, drawn.presses, self._clock())

    def _retry(self, db: Session, drawn: Drawn, error: str, *, passing: bool = False) -> None:
        """Tried again ever more slowly; a platform that is down (`passing`) is waited for, for days (T5)."""
        row = drawn.row
        if row.attempts >= (PATIENT if passing else TRIES):
            self._close(db, drawn, state=SENT if row.message else DEAD, error=error)
            return
        wait = timedelta(seconds=min(LONGEST, 2 ** min(row.attempts, 9)))
        postpone(db, row, self._owner, self._clock() + wait, error, row.attempts)
