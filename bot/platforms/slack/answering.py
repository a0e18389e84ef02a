"""Answer → what goes back on Slack's own response, and what follows it.

| asked by         | sheet                 | card in place              | toast                               |
|------------------|-----------------------|----------------------------|-------------------------------------|
| slash command    | views.open            | ephemeral response body    | ephemeral response body             |
| message button   | views.open            | (redrawn by the outbox)    | ephemeral through response_url      |
| ephemeral button | views.open            | replaces the ephemeral one | ephemeral through response_url      |
| home page button | views.open            | (drawn by the outbox)      | a small modal                       |
| global shortcut  | views.open            | views.open                 | a small modal                       |
| button in a card | views.push, or in the | views.update               | a line above the card, which is     |
| in a modal       | place of the card     |                            | asked for again                     |
| submitted modal  | replaces the modal    | where it was opened        | ephemeral there, or direct message  |
| words to the bot | a button that asks    | (sent by the outbox)       | ephemeral in the same conversation  |
|                  | the same again        |                            |                                     |

What is not done in time stands in a modal, and the answer is shown there (docs/decisions/0019-slow-answers.md).
"""

from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from bot.capability import Answer, Gone, Later, Message
from bot.cards import Button, Card
from bot.events import Attached, Command, FromPerson, Opened, Said, Submitted
from bot.forms import Sheet
from bot.platforms.slack import modals, render, views
from bot.platforms.slack.api import Api
from bot.platforms.slack.delivery import STILL, Delivery
from bot.platforms.slack.hometab import Pages
from bot.platforms.slack.inbound import REPEAT
from bot.platforms.slack.limits import SECTION, VALUE, shown
from bot.platforms.slack.modals import TITLE, Modals, Shown
from bot.platforms.slack.mrkdwn import unescape
from bot.platforms.slack.returned import again
from bot.platforms.slack.spans import Json
from bot.platforms.slack.turn import NEW, Body, Turn, in_modal
from bot.recent import Recent
from bot.tasks import Tasks
from bot.text import Texts, texts

READERS = 10_000
EXPIRED = ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id")
Held = Awaitable[Shown | None]
log = structlog.get_logger()


class Answering:
    """Shows answers. `locales` remembers how its readers read, for the few sentences of its own."""

    def __init__(self, api: Api, delivery: Delivery, tasks: Tasks, pages: Pages) -> None:
        self._api, self._delivery, self._tasks, self._pages = api, delivery, tasks, pages
        self._locales: Recent[str, str] = Recent(READERS)
        self._modals = Modals(api, self.t, self._told)

    def reads(self, user: str, locale: str) -> None:
        """Remembers a reader's language."""
        self._locales.put(user, locale)

    def t(self, user: str) -> Texts:
        """Texts of a reader."""
        return texts(self._locales.get(user) or "en")

    def answer(self, turn: Turn, answer: Answer, *, late: bool = False, held: Held | None = None) -> Json:
        """The response body; everything else is started. `late`: the response has gone already; `held`: what stands in
        the meantime where the answer is to be shown."""
        if answer.card:
            self.reads(turn.user, answer.card.locale)
        if isinstance(turn.event, Submitted):
            return self._submitted(turn, answer, late=late)
        if in_modal(turn.event.where):
            self._start(turn, answer, self._in_modal(turn, answer, held))
            return {}
        if held is not None:
            self._start(turn, answer, self._held(turn, answer, held))
            return {}
        if answer.sheet:
            self._open(turn, answer, answer.sheet)
        if isinstance(turn.event, Command) and "command" in turn.body and not late:
            return self._commanded(turn, answer.card, _said(answer))
        self._show(turn, answer.card, _said(answer))
        return {}

    def working(self, user: str) -> Json:
        """The response to a slash command that takes longer."""
        return {"response_type": "ephemeral"} | render.line(self.t(user)("Working on it…"))

    def still(self, turn: Turn) -> Json:
        """The response to a form that takes longer: the same form, which is still about the same submission."""
        t = self.t(turn.user)
        lines = [
            t("Still working…"),
            t("If this does not change within a minute, press the button again: nothing is done twice."),
        ]
        return _update(again(turn.view, lines, replace(turn.carried, key=turn.event.key)))

    def hold(self, turn: Turn) -> Coroutine[Any, Any, Shown | None]:
        """Shows that a press is being worked on."""
        return self._modals.hold(turn)

    def malformed(self, body: Body, user: str) -> None:
        """Says that a button carried something this bot never put there."""
        t = self.t(user)
        self._tasks.follow(self._toast(body, user, "", t("I could not read this button. Please ask for it again.")))

    # Modals

    def _start(self, turn: Turn, answer: Answer, work: Awaitable[None]) -> None:
        async def or_sorry() -> None:
            try:
                await work
            except (Gone, Later, OSError) as error:
                log.warning("slack modal not shown", reason=str(error))
                await self._sorry(turn, answer, str(error))

        self._tasks.follow(or_sorry())

    async def _sorry(self, turn: Turn, answer: Answer, why: str) -> None:
        """What is said where a modal could not be shown; words that can be repeated become a button that does."""
        t, url = self.t(turn.user), turn.body.get("response_url")
        if answer.toast and not answer.sheet:
            await self._told(turn, answer.toast)
        elif why not in EXPIRED:
            await self._told(turn, t("Slack did not show this. Please try again in a few minutes."))
        elif url and isinstance(turn.event, Command):
            await self._api.respond(url, {"response_type": "ephemeral", "replace_original": False} | self._again(turn))
        else:
            await self._told(turn, t("This took too long to open. Please try again."))

    async def _in_modal(self, turn: Turn, answer: Answer, held: Held | None) -> None:
        at = await held if held else None
        if turn.event.where.message == NEW:
            await self._modals.asked(turn, answer, at)
        else:
            await self._modals.pressed(turn, answer, at)

    async def _held(self, turn: Turn, answer: Answer, held: Held) -> None:
        at = await held
        if answer.card and turn.event.where.inline:
            await self._card(turn.body, turn.event, answer.card)
        if answer.sheet:
            await self._modals.form(turn, answer.sheet, at)
        elif at is not None:
            await self._modals.said(turn, _said(answer), at)
        elif _said(answer):
            await self._told(turn, _said(answer))

    def _submitted(self, turn: Turn, answer: Answer, *, late: bool) -> Json:
        blocks = turn.view.get("blocks") or []
        inputs = [block["block_id"] for block in blocks if block.get("type") == "input" and "block_id" in block]
        errors = _by_field(answer.errors, inputs)
        if late:
            self._start(turn, answer, self._finished(turn, answer, _labelled(errors, blocks)))
            return {}
        if errors and inputs:
            return {"response_action": "errors", "errors": errors}
        if answer.sheet:
            return _update(modals.form_in(answer.sheet, turn, turn.carried.resent(), self.t(turn.user)))
        if in_modal(turn.event.where) and (view := self._below(turn, answer)):
            return _update(view)
        if not in_modal(turn.event.where):
            self._show(turn, answer.card, _said(answer))
        return {}

    def _below(self, turn: Turn, answer: Answer) -> Json | None:
        """The card that comes back in the form's place; one that lies below is changed by itself."""
        if turn.in_place:
            return self._modals.drawn(turn, answer)
        self._start(turn, answer, self._modals.below(turn, answer))
        return None

    async def _finished(self, turn: Turn, answer: Answer, refusals: Sequence[str]) -> None:
        """A form that was answered before it was done."""
        lies_over = in_modal(turn.event.where) and not turn.in_place
        if answer.card and lies_over:
            await self._modals.below(turn, replace(answer, toast=""))
        elif answer.card and turn.event.where.inline and not in_modal(turn.event.where):
            await self._card(turn.body, turn.event, answer.card)
        await self._modals.finished(turn, answer, refusals)

    # Everywhere else

    def _commanded(self, turn: Turn, card: Message | None, toast: str) -> Json:
        if card and not card.card.charts():  # on the response nobody could take a refused chart back
            if toast:
                self._show(turn, None, toast)
            return {"response_type": "ephemeral"} | render.message(card.card)
        if card:
            self._show(turn, card, toast)
            return {}
        return {"response_type": "ephemeral"} | render.line(toast) if toast else {}

    def _show(self, turn: Turn, card: Message | None, toast: str) -> None:
        if card and turn.event.where.inline:
            self._tasks.follow(self._card(turn.body, turn.event, card))
        if toast:
            self._tasks.follow(self._toast(turn.body, turn.user, turn.event.where.channel, toast))

    def _open(self, turn: Turn, answer: Answer, sheet: Sheet) -> None:
        event = turn.event
        if isinstance(event, Said | Opened) or (isinstance(event, Attached) and not event.wanted):
            self._tasks.follow(self._invite(turn))
        else:
            self._start(turn, answer, self._modals.form(turn, sheet, None))

    async def _invite(self, turn: Turn) -> None:
        where = turn.event.where
        how = "chat.postMessage" if where.private else "chat.postEphemeral"
        only = {} if where.private else {"user": turn.user}
        await self._api.write(how, channel=where.channel or turn.user, **only, **self._again(turn), **STILL)

    def _again(self, turn: Turn) -> Json:
        """A message alone cannot open a modal: its button asks the same again, and brings what a modal needs."""
        t, event = self.t(turn.user), turn.event
        said = event.text if isinstance(event, Said | Attached | Command) else ""
        card = render.message(Card(t("There is a form to fill in."), actions=(Button(t("Open the form"), REPEAT),)))
        card["blocks"][-1]["elements"][0]["value"] = shown(said, VALUE)
        return card

    async def _card(self, body: Body, event: FromPerson, message: Message) -> None:
        user, channel, url = event.who.user, event.where.channel, body.get("response_url")
        if url:
            only: Json = {"response_type": "ephemeral"}
            only |= {"replace_original": bool((body.get("container") or {}).get("is_ephemeral"))}
            await self._delivery.show(message, lambda drawn: self._api.respond(url, only | drawn))
        elif not channel:
            await self._pages.publish(user, message)
        else:
            await self._delivery.show(message, lambda drawn: self._private(user, channel, drawn))

    async def _told(self, turn: Turn, said: str) -> None:
        """A sentence for who did something, outside of any modal: the trigger is spent."""
        await self._toast(turn.body, turn.user, turn.event.where.channel, said, used=True)

    async def _toast(self, body: Body, user: str, channel: str, text: str, *, used: bool = False) -> None:
        """One sentence for the person alone; `used`: the trigger that could open a modal is spent."""
        if body.get("response_url"):
            answer = {"response_type": "ephemeral", "replace_original": False} | render.line(text)
            await self._api.respond(body["response_url"], answer)
        elif body.get("type") == "block_actions" and not used:
            over = (body.get("view") or {}).get("type") == "modal"
            await self._modals.opened(body["trigger_id"], views.notice(TITLE, shown(text, SECTION)), over=over)
        else:
            await self._private(user, channel or self._delivery.room(user), render.line(text))

    async def _private(self, user: str, channel: str, said: Json) -> None:
        """Where only this person sees it: ephemeral in the channel, or a direct message where the bot is no member."""
        if channel:
            try:
                await self._api.write("chat.postEphemeral", channel=channel, user=user, **said)
                return
            except Gone as refused:
                log.info("slack ephemeral refused", reason=str(refused))
        await self._api.write("chat.postMessage", channel=user, **said, **STILL)


def _said(answer: Answer) -> str:
    return answer.toast or "\n".join(answer.errors.values())


def _update(view: Json) -> Json:
    return {"response_action": "update", "view": view}


def _by_field(errors: Mapping[str, str], inputs: Sequence[str]) -> dict[str, str]:
    """Errors by block_id; what belongs to no input of this modal stands at the first one."""
    placed: dict[str, str] = {}
    for name, said in errors.items():
        at = name if name in inputs else next(iter(inputs), name)
        placed[at] = shown(f"{placed[at]} {said}" if at in placed else said, SECTION)
    return placed


def _labelled(errors: Mapping[str, str], blocks: Sequence[Body]) -> list[str]:
    """The same as lines, each with the label of its field."""
    labels = {block.get("block_id"): unescape((block.get("label") or {}).get("text") or "") for block in blocks}
    return [f"{labels[name]}: {said}" if labels.get(name) else said for name, said in errors.items()]
