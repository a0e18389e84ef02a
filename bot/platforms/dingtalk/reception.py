"""What comes in, whichever way: messages, presses and events of the directory, handed on once each."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from bot.capability import Answer, Gone, Inbound, Later
from bot.doorway import Refused
from bot.events import Changed, Click, FromPerson, Said, Submitted, Who
from bot.platforms.dingtalk import inbound
from bot.platforms.dingtalk.answering import Answering, Json
from bot.platforms.dingtalk.delivery import Delivery
from bot.platforms.dingtalk.inbound import LEAVES, NAME, Malformed, Press
from bot.platforms.dingtalk.profiles import People
from bot.platforms.dingtalk.quota import PUSHES
from bot.platforms.dingtalk.shapes import Pressed
from bot.platforms.dingtalk.stream import CARDS, MESSAGES
from bot.recent import Recent
from bot.tasks import Tasks
from bot.text import negotiate

CAREFUL = 2.2  # seconds for an event, which is sent again if it is not acknowledged as done
REPEATED = 1024  # submissions whose answers are kept for a second press of the same button, and events as well
log = structlog.get_logger()


class Reception:
    """Takes what was verified. `corp`: only this company's ("": the first that DingTalk names, since an internal app
    has one). `budget` are the seconds that the answer to a press, or to a message, waits for its handler."""

    def __init__(
        self,
        answering: Answering,
        delivery: Delivery,
        people: People,
        tasks: Tasks,
        corp: str,
        budget: float,
    ) -> None:
        self._answering, self._delivery, self._people = answering, delivery, people
        self._quota, self._talks, self._tasks = delivery.quota, delivery.talks, tasks
        self._corp, self._budget = corp, budget
        self._inbound: Inbound | None = None
        self._submissions: Recent[str, asyncio.Task[Answer]] = Recent(REPEATED)
        self._events: Recent[str, asyncio.Task[bool]] = Recent(REPEATED)

    def begin(self, inbound: Inbound) -> None:
        """From now on events are handed on."""
        self._inbound = inbound

    async def settle(self) -> None:
        """Waits until everything that came is handled and answered."""
        await self._tasks.settle()

    @property
    def ready(self) -> bool:
        """Whether anything can be handed on yet."""
        return self._inbound is not None

    async def framed(self, kind: str, headers: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[int, object]:
        """What came over the stream: the status, and the acknowledgement that its kind wants."""
        topic, key = str(headers.get("topic")), str(headers.get("messageId"))
        if kind == "EVENT":
            told = {"CorpId": headers.get("eventCorpId"), "eventId": headers.get("eventId"), **data}
            kept = await self.event(str(headers.get("eventType")), told)
            return 200, {"status": "SUCCESS" if kept else "LATER", "message": "" if kept else "try again"}
        if topic == MESSAGES:
            await self.message(data)
            return 200, {"response": None}
        if topic == CARDS:
            return 200, {"response": await self.press(data, key)}
        return 404, {}

    # Messages

    async def message(self, body: Mapping[str, Any]) -> None:
        """A line or files; what cannot be read is left. DingTalk never repeats one, so this waits only a moment."""
        self._quota.count(PUSHES)
        try:
            came = inbound.message(body)
        except Malformed as malformed:
            log.warning("dingtalk message unreadable", reason=str(malformed))
            return
        if came.over:
            log.error("dingtalk withholds messages: those of the month are used up")
            return
        if not came.member or came.event is None:
            self._answering.outsider(came.talk)
            return
        self._ours(came.event.who.tenant)
        self._talks.learn(came.talk)
        work = self._tasks.start(self._handled(came.event))
        await asyncio.wait({work}, timeout=self._budget)

    async def _handled(self, event: FromPerson) -> None:
        if isinstance(event, Said):
            locale = self._people.wrote(event.who.user, event.text)
            if locale:
                self._answering.guess(event.who.user, negotiate(locale))
            meant = inbound.typed(event)
            if meant is not None:
                return await self._typed(event, meant)
        await self._line(event)
        return None

    async def _typed(self, event: Said, meant: Pressed) -> None:
        """A link of ours wrote this line: the same as pressing the button."""
        if not meant.sure:
            self._answering.asks(event.who.user, meant, "", event.key)
            return
        await self._line(
            Click(event.key, event.who, event.where, meant.action, meant.subject, meant.version, meant.value)
        )

    async def _line(self, event: FromPerson) -> None:
        try:
            answer = await self._asked(event)
        except Exception as error:  # the dispatcher answers its own; what is left means nothing was committed
            log.error("dingtalk message failed", error=type(error).__name__)
            answer = Answer(unkept=True)
        self._answering.said(event, answer)

    # Presses

    async def press(self, body: Mapping[str, Any], key: str) -> Json:
        """The answer to a press, which DingTalk draws into the card; `key` is what names this press."""
        self._quota.count(PUSHES)
        try:
            press = inbound.press(body)
        except Malformed as malformed:
            log.warning("dingtalk value unreadable", reason=str(malformed))
            return self._answering.unreadable(str(body.get("userId") or ""))
        self._ours(press.who.tenant)
        if press.pressed is not None and not press.pressed.sure:
            self._answering.asks(press.who.user, press.pressed, press.card, key)
            return {}
        event = press.event(key)
        return await self._pressed(event, press) if event else {}

    async def _pressed(self, event: Click | Submitted, press: Press) -> Json:
        with self._delivery.pressing.answering(press.card):
            work = self._once(event)
            await asyncio.wait({work}, timeout=self._budget)
            if not work.done():
                return self._answering.late(event, press, work)
            try:
                answer = work.result()
            except Exception as error:
                log.error("dingtalk press failed", error=type(error).__name__)
                return self._answering.failed(event)
            return self._answering.failed(event) if _lost(answer) else self._answering.pressed(event, press, answer)

    def _once(self, event: Click | Submitted) -> asyncio.Task[Answer]:
        """The work for a press. A form's button that is pressed twice gets the same answer twice, if it was taken."""
        if isinstance(event, Click):
            return self._tasks.start(self._asked(event))
        name = f"{event.who.user}:{event.key}"
        known = self._submissions.get(name)
        if known is None or (known.done() and not _taken(known)):
            known = self._tasks.start(self._asked(event))
            self._submissions.put(name, known)
        return known

    # The directory

    async def event(self, kind: str, body: Mapping[str, Any]) -> bool:
        """Somebody came, changed or left; whether it needs no repetition. What stands in the event is not enough, so
        the account is read again."""
        users, corp = inbound.changed(kind, body), str(body.get("CorpId") or body.get("corpId") or "")
        if not users or not corp:
            return True
        self._ours(corp)
        key = str(body.get("eventId") or body.get("EventTime") or body.get("timeStamp") or "")
        name = f"{key}:{kind}:{','.join(users)}"
        work = self._events.get(name)
        if work is None or (work.done() and not _kept(work)):
            work = self._tasks.start(self._changes(kind, users, corp, key))
            self._events.put(name, work)
        await asyncio.wait({work}, timeout=CAREFUL)
        return work.done() and _kept(work)

    async def _changes(self, kind: str, users: tuple[str, ...], corp: str, key: str) -> bool:
        return all([await self._changed(kind, Who(NAME, corp, user), key) for user in users])

    async def _changed(self, kind: str, who: Who, key: str) -> bool:
        before = self._people.called(who.user)
        try:
            profile = await self._people.profile(who.user)
        except (Gone, Later, OSError) as error:
            log.warning("dingtalk account not read again", reason=str(error))
            return isinstance(error, Gone)
        left = kind == LEAVES and profile is None
        log.info("dingtalk account read again", known=profile is not None, left=left)
        if profile is None and not left:
            return True
        name = profile.name if profile else ""
        changed = Changed(f"{key}:{kind}:{who.user}", who, left=left, name=name, before=before)
        return not (await self._asked(changed)).unkept

    # Both

    def _ours(self, corp: str) -> None:
        """Refuses what is not from the company whose app this is (threat T10)."""
        self._corp = self._corp or corp
        if corp != self._corp:
            raise Refused(403, "corp")

    async def _asked(self, event: FromPerson | Changed) -> Answer:
        if self._inbound is None:
            raise RuntimeError("not started")
        return await self._inbound(event)


def _lost(answer: Answer) -> bool:
    """Whether nothing came of it and nothing says why."""
    return answer.unkept and not (answer.toast or answer.errors)


def _kept(work: asyncio.Task[bool]) -> bool:
    return not work.cancelled() and work.exception() is None and work.result()


def _taken(work: asyncio.Task[Answer]) -> bool:
    return not work.cancelled() and work.exception() is None and not (work.result().errors or work.result().unkept)
