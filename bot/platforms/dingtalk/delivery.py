"""Sending and redrawing: cards by an id of our own, messages of the robot the cheapest way there is to a person."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.capability import Expired, Gone, Later, Message, Rate, Rates, Ref
from bot.cards import Card, Chart, text
from bot.platforms.dingtalk import render
from bot.platforms.dingtalk.api import Api
from bot.platforms.dingtalk.batches import Batches
from bot.platforms.dingtalk.cardcalls import Cards, Templates, Undelivered
from bot.platforms.dingtalk.codes import Ended, Exhausted, NoScope, Unfit
from bot.platforms.dingtalk.notices import Notices
from bot.platforms.dingtalk.pictures import Pictures
from bot.platforms.dingtalk.quota import Quota
from bot.platforms.dingtalk.render import Level
from bot.platforms.dingtalk.shapes import Robot, Template
from bot.platforms.dingtalk.talks import Talk, Talks
from bot.pressing import Pressing
from bot.recent import Recent
from bot.tasks import Tasks

# Twenty calls a second of each kind, all replicas together; two are left to what does not come from the outbox.
RATES = Rates((Rate(18, 1, 2),), (Rate(18, 1, 2),), 0.2)
TO_ONE, TO_GROUP = "/v1.0/robot/oToMessages/batchSend", "/v1.0/robot/groupMessages/send"
FLOW = 30.0  # seconds until somebody who was sent too much is written to again
CLOSED = timedelta(minutes=10)  # for which cards are not tried after DingTalk refused them for want of a scope
Show = Callable[[Chart], str]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ways:
    """How this bot may reach people: the robot's code, the richest level that is wanted, the templates of cards, and
    the app for work notices ("": none). `stream`: presses come back by stream."""

    robot: str
    level: Level
    templates: Templates
    agent_id: str = ""
    stream: bool = True


class Delivery:
    """Everything that goes to people."""

    def __init__(self, api: Api, ways: Ways, quota: Quota, tasks: Tasks, clock: Callable[[], datetime]) -> None:
        self._api, self._ways, self._clock = api, ways, clock
        self.quota, self.talks, self.pressing = quota, Talks(clock), Pressing("dingtalk")
        self.cards = Cards(api, ways.robot, ways.templates, stream=ways.stream)
        self._notices = Notices(api, ways.agent_id, clock)
        self._pictures, self._batches = Pictures(api), Batches(self._several, tasks)
        self._parts: Recent[str, str] = Recent()
        self._closed_until: datetime | None = None

    async def send(self, user: str, message: Message) -> Ref:
        """Sends to a person's private conversation. Raises Later, Gone or OSError.

        A card whose key was sent before is not sent again. What the robot said may stand there although its answer was
        lost: it goes again as a card, where there are cards.
        """
        if self.talks.fresh(user) is None or self._carded(message):
            self.quota.admit(message)
        ids = await self._pictures.ids(message.pictures)

        def show(chart: Chart) -> str:
            return ids.get(chart, "")

        try:
            return await self._shown(user, message, show)
        except Unfit as no:
            log.warning("dingtalk refused a message", reason=str(no))
        return await self._said(user, message, render.robots(message, "text", lambda _chart: ""))

    async def redraw(self, ref: Ref, message: Message) -> None:
        """Replaces what a card shows, once no press on it is being answered. Raises Later, Expired, Gone or OSError."""
        if not self.cards.ours(ref.message):
            raise Expired("message refused: not a card")
        self.quota.admit(message)
        await self.pressing.over(ref.message)
        if message.card.actions and not render.in_place(message):  # it needs all of it, so all goes into a new one
            await self.cards.update(ref.message, render.moved(message.locale))
            raise Expired("message refused: too long for its card")
        await self.cards.update(ref.message, _lasting(render.redrawn(message, lambda _chart: "")))

    async def amend(self, card: str, params: Mapping[str, str]) -> None:
        """Changes some values of a card, as the answer to a press that took too long."""
        await self.cards.update(card, params)

    async def ask(self, user: str, card: str, message: Message) -> None:
        """Sends a question about a button that was pressed, as a card under a name of its own."""
        await self.cards.send(user, card, render.template(message, lambda _chart: ""))

    async def form(self, user: str, card: str, form: Template) -> None:
        """Sends a form's own card."""
        await self.cards.send(user, card, form, form=True)

    async def line(self, user: str, told: str, locale: str) -> None:
        """Says one sentence to a person alone."""
        message = Message(line_card(told), locale)
        await self._said(user, message, render.robots(message, self._ways.level, lambda _chart: ""))

    async def aloud(self, channel: str, user: str, told: str) -> None:
        """Says one sentence in a group, to the person it is for; nothing about anybody may stand in it."""
        talk = self.talks.fresh(user, channel)
        said = {"msgtype": "text", "text": {"content": f"@{user} {told}"}, "at": {"atUserIds": [user]}}
        if talk is not None:
            try:
                await self._api.respond(talk.url, said)
                return
            except (Ended, Exhausted):
                self.talks.drop(talk)
        param = render.param(Robot("sampleText", {"content": told}))
        asked = {"robotCode": self._ways.robot, "openConversationId": channel, "msgKey": "sampleText"}
        await self._api.call("POST", TO_GROUP, asked | {"msgParam": param})

    async def hand(self, user: str, message: Message, file: Robot) -> Ref:
        """Sends a file that was uploaded, after what is said of it. Raises Later, Gone or OSError."""
        self.quota.admit(message)
        said = render.robots(message, self._level(), lambda _chart: "")
        return await self._said(user, message, [*said, file])

    async def refuse(self, talk: Talk, told: str) -> None:
        """Says one sentence where somebody spoke who has no id here, if that can be answered at all."""
        if talk.until > self._clock().timestamp():
            await self._api.respond(talk.url, {"msgtype": "text", "text": {"content": told}})

    async def robot(self, user: str, robot: Robot) -> None:
        """Sends one message of the robot. Raises Later, Gone or OSError."""
        await self._raised(await self._several([user], robot.key, render.param(robot)), user)

    def _carded(self, message: Message) -> bool:
        """Whether it is to be a card: it can be pressed, or may change. What goes to many and asks nothing of them is
        none, and neither is what nothing can redraw; but what may have arrived already is, because only a card has an
        id of ours: so it stands twice at most, however often the answer to it is lost."""
        if self._ways.level != "card" or (self._closed_until and self._clock() < self._closed_until):
            return False
        if message.card.actions or not message.key:
            return bool(message.card.actions)
        return message.doubtful or not (message.still or message.patient)

    async def _shown(self, user: str, message: Message, show: Show) -> Ref:
        if self._carded(message):
            try:
                return await self._card(user, message, show)
            except NoScope:
                self._closed_until = self._clock() + CLOSED
            except Undelivered as no:
                log.warning("dingtalk did not deliver a card", reason=str(no))
        return await self._said(user, message, render.robots(message, self._level(), show))

    def _level(self) -> Level:
        """What stands in for a card is the richest that is none."""
        return "text" if self._ways.level == "text" else "action"

    async def _card(self, user: str, message: Message, show: Show) -> Ref:
        before = render.before(message, show)
        if before and not message.card.actions:
            return await self._said(user, message, render.robots(message, self._level(), show))
        if before:
            await self._said(user, message, before)
        name, drawn = self.cards.named(message.key), render.template(message, show)
        await self.cards.send(user, name, drawn)
        if message.doubtful:  # if it was there already, it may show what was true then
            await self.cards.update(name, drawn.params)
        return Ref("", name)

    async def _said(self, user: str, message: Message, robots: Sequence[Robot]) -> Ref:
        """One message after another; what got through before a failure is not said twice by this process."""
        for number, robot in enumerate(robots):
            part = f"{message.key}:{number}:{user}:{robot.key}:{hash(render.param(robot))}"
            if not message.key or part not in self._parts:
                await self._part(user, message, robot)
                self._parts.put(part, "")
        return Ref("", f"bot:{hashlib.sha256(f'{message.key}:{user}'.encode()).hexdigest()[:24]}")

    async def _part(self, user: str, message: Message, robot: Robot) -> None:
        talk = None if robot.key == "sampleFile" else self.talks.fresh(user)
        if talk is not None:
            try:
                await self._api.respond(talk.url, render.webhook(robot))
                return
            except (Ended, Exhausted):
                self.talks.drop(talk)
                self.quota.admit(message)
        try:
            if message.patient:
                await self._batches(user, robot.key, render.param(robot))
            else:
                await self.robot(user, robot)
        except Gone as gone:
            if not (self._notices.possible and str(gone).startswith("account closed")):
                raise
            await self._notices.send(user, message)

    async def _several(self, users: Sequence[str], key: str, param: str) -> Mapping[str, Exception]:
        """Sends to some people; whom it did not reach. DingTalk says 200 whether it reached anybody or not."""
        asked = {"robotCode": self._ways.robot, "userIds": list(users), "msgKey": key, "msgParam": param}
        answer = await self._api.call("POST", TO_ONE, asked)
        failed: dict[str, Exception] = {one: Later(FLOW) for one in _users(answer, "flowControlledStaffIdList")}
        return failed | {one: Gone("account closed: unknown") for one in _users(answer, "invalidStaffIdList")}

    async def _raised(self, failed: Mapping[str, Exception], user: str) -> None:
        if user in failed:
            raise failed[user]


def line_card(told: str) -> Card:
    """One sentence and nothing else."""
    return Card("", (text(told),), summary=told)


def _lasting(drawn: Template) -> Mapping[str, str]:
    """What a redraw changes. What a press was answered stands there until the next one: it may say why nothing
    happened."""
    return {name: value for name, value in drawn.params.items() if name != "tips"}


def _users(answer: Mapping[str, Any], name: str) -> list[str]:
    held = answer.get(name)
    return [str(one) for one in held] if isinstance(held, list) else []
