"""Answer → what goes back on Slack's own response, and what follows it.

| asked by         | sheet              | card in place              | toast                               |
|------------------|--------------------|----------------------------|-------------------------------------|
| slash command    | views.open         | ephemeral response body    | ephemeral response body             |
| message button   | views.open         | (redrawn by the outbox)    | ephemeral through response_url      |
| ephemeral button | views.open         | replaces the ephemeral one | ephemeral through response_url      |
| home page button | views.open         | views.publish              | a small modal                       |
| submitted modal  | replaces the modal | where it was opened        | ephemeral there, or direct message  |
| words to the bot | a button that asks | (sent by the outbox)       | ephemeral in the same conversation  |
|                  | the same again     |                            |                                     |
"""

from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog

from bot.capability import Answer, Gone, Later, Message
from bot.cards import Button, Card
from bot.events import Attached, Command, FromPerson, Opened, Said, Submitted
from bot.forms import Sheet
from bot.platforms.slack import render, views
from bot.platforms.slack.api import Api
from bot.platforms.slack.delivery import STILL, Delivery
from bot.platforms.slack.inbound import REPEAT
from bot.platforms.slack.limits import SECTION, VALUE, shown
from bot.platforms.slack.spans import Json
from bot.tasks import Tasks
from bot.text import texts

TITLE = "Pandian"
READERS = 10_000
Body = Mapping[str, Any]
log = structlog.get_logger()


class Answering:
    """Shows answers. `locales` remembers how its readers read, for the few sentences of its own."""

    def __init__(self, api: Api, delivery: Delivery, tasks: Tasks) -> None:
        self._api, self._delivery, self._tasks = api, delivery, tasks
        self._locales: OrderedDict[str, str] = OrderedDict()

    def reads(self, user: str, locale: str) -> None:
        """Remembers a reader's language."""
        self._locales[user] = locale
        while len(self._locales) > READERS:
            self._locales.popitem(last=False)

    def t(self, user: str) -> Callable[..., str]:
        """Texts of a reader."""
        return texts(self._locales.get(user, "en"))

    def answer(self, body: Body, event: FromPerson, answer: Answer, *, late: bool = False) -> Json:
        """The response body; everything else is started. `late`: the response has gone already."""
        if answer.card:
            self.reads(event.who.user, answer.card.locale)
        if isinstance(event, Submitted):
            return self._submitted(body, event, answer, late=late)
        if answer.sheet:
            self._open(body, event, answer.sheet)
        toast = answer.toast or "\n".join(answer.errors.values())
        if isinstance(event, Command) and "command" in body and not late:
            return self._commanded(body, event, answer.card, toast)
        self._show(body, event, answer.card, toast)
        return {}

    def malformed(self, body: Body, user: str) -> None:
        """Says that a button carried something this bot never put there."""
        t = self.t(user)
        self._tasks.follow(self._toast(body, user, "", t("I could not read this button. Please ask for it again.")))

    def _commanded(self, body: Body, event: Command, card: Message | None, toast: str) -> Json:
        if card and not card.pictures:
            if toast:
                self._show(body, event, None, toast)
            return {"response_type": "ephemeral"} | render.message(card.card)
        if card:
            self._show(body, event, card, toast)
            return {}
        return {"response_type": "ephemeral"} | render.line(toast) if toast else {}

    def _submitted(self, body: Body, event: Submitted, answer: Answer, *, late: bool) -> Json:
        blocks = body["view"].get("blocks") or []
        inputs = [block["block_id"] for block in blocks if block.get("type") == "input" and "block_id" in block]
        errors = _by_field(answer.errors, inputs)
        if errors and inputs and not late:
            return {"response_action": "errors", "errors": errors}
        if answer.sheet and not late:
            return {"response_action": "update", "view": views.modal(answer.sheet, event.where)}
        if answer.sheet:
            self._open(body, event, answer.sheet)
        self._show(body, event, answer.card, answer.toast or "\n".join(errors.values()))
        return {}

    def _show(self, body: Body, event: FromPerson, card: Message | None, toast: str) -> None:
        if card and event.where.inline:
            self._tasks.follow(self._card(body, event, card))
        if toast:
            self._tasks.follow(self._toast(body, event.who.user, event.where.channel, toast))

    def _open(self, body: Body, event: FromPerson, sheet: Sheet) -> None:
        if isinstance(event, Said | Opened) or (isinstance(event, Attached) and not event.wanted):
            self._tasks.follow(self._invite(event))
        else:
            self._tasks.follow(self._modal(body, event, sheet))

    async def _modal(self, body: Body, event: FromPerson, sheet: Sheet) -> None:
        view = views.modal(sheet, event.where)
        try:
            await self._api.write("views.open", trigger_id=body["trigger_id"], view=view)
        except (Gone, Later, OSError) as error:
            log.warning("slack modal not opened", reason=str(error))
            t = self.t(event.who.user)
            sentence = t("This took too long to open. Please try again.")
            await self._toast(body, event.who.user, event.where.channel, sentence, used=True)

    async def _invite(self, event: Said | Attached | Opened) -> None:
        """A message alone cannot open a modal: its button asks the same again, and brings what a modal needs."""
        t = self.t(event.who.user)
        said = event.text if isinstance(event, Said | Attached) else ""
        card = render.message(Card(t("There is a form to fill in."), actions=(Button(t("Open the form"), REPEAT),)))
        card["blocks"][-1]["elements"][0]["value"] = shown(said, VALUE)
        place = event.where.channel or event.who.user
        how = "chat.postMessage" if event.where.private else "chat.postEphemeral"
        only = {} if event.where.private else {"user": event.who.user}
        await self._api.write(how, channel=place, **only, **card, **STILL)

    async def _card(self, body: Body, event: FromPerson, message: Message) -> None:
        user, channel, url = event.who.user, event.where.channel, body.get("response_url")
        if url:
            replaces = bool((body.get("container") or {}).get("is_ephemeral"))
            drawn = await self._delivery.drawn(message)
            await self._api.respond(url, {"response_type": "ephemeral", "replace_original": replaces} | drawn)
        elif not channel:
            view = render.home(message.card, await self._delivery.files(message))
            await self._api.write("views.publish", user_id=user, view=view)
        else:
            await self._private(user, channel, await self._delivery.drawn(message))

    async def _toast(self, body: Body, user: str, channel: str, text: str, *, used: bool = False) -> None:
        """One sentence for the person alone; `used`: the trigger that could open a modal is spent."""
        if body.get("response_url"):
            answer = {"response_type": "ephemeral", "replace_original": False} | render.line(text)
            await self._api.respond(body["response_url"], answer)
        elif body.get("type") == "block_actions" and not used:
            view = views.notice(TITLE, shown(text, SECTION))
            await self._api.write("views.open", trigger_id=body["trigger_id"], view=view)
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

    def late(self, body: Body, event: FromPerson, work: Coroutine[Any, Any, Answer]) -> None:
        """Shows what comes when Slack could wait no longer."""

        async def follow() -> None:
            self.answer(body, event, await work, late=True)

        self._tasks.follow(follow())


def _by_field(errors: Mapping[str, str], inputs: Sequence[str]) -> dict[str, str]:
    """Errors by block_id; what belongs to no input of this modal stands at the first one."""
    placed: dict[str, str] = {}
    for name, said in errors.items():
        at = name if name in inputs else next(iter(inputs), name)
        placed[at] = shown(f"{placed[at]} {said}" if at in placed else said, SECTION)
    return placed
