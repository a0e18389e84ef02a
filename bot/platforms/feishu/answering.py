"""Answer → what goes back on Feishu's own response, and what follows it.

| asked by          | toast                      | form                               | errors                    |
|-------------------|----------------------------|------------------------------------|---------------------------|
| button, choice    | toast                      | a card in the conversation         | toast                     |
| submitted form    | toast                      | in the place of the one before     | the form again, and toast |
| line, menu        | a card                     | a card in the conversation         | a card                    |
| line in a group   | seen there by them alone   | a card in their own conversation   | seen there by them alone  |

A form that was taken becomes a short closed card. What comes after Feishu has stopped waiting is shown by the press's
token, and by a card where there would have been a toast.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from bot.capability import Answer, Gone, Message
from bot.cards import Card, text
from bot.events import FromPerson, Submitted
from bot.forms import Sheet
from bot.platforms.feishu import forms, sheets
from bot.platforms.feishu.delivery import Delivery
from bot.platforms.feishu.elements import Json
from bot.platforms.feishu.inbound import Press
from bot.pressing import AFTER
from bot.recent import Recent
from bot.tasks import Tasks
from bot.text import N_, Texts, texts

TITLE = "Pandian"
HOME = "zh_Hans"  # where a reader's language is not known
TOAST = 300
WORKING = N_("This takes a moment. The answer comes here.")
UNREADABLE = N_("I could not read this button. Please ask for it again.")
SENT = N_("Sent: {when}")
CORRECT = N_("Please correct what is marked.")
PRIVATELY = N_("I answered you privately.")
FAILED = N_("This did not work. Please try again.")
log = structlog.get_logger()


class Answering:
    """Shows answers. Remembers how its readers read, for the few sentences of its own."""

    def __init__(self, delivery: Delivery, tasks: Tasks, clock: Callable[[], datetime]) -> None:
        self._delivery, self._tasks, self._clock = delivery, tasks, clock
        self._locales: Recent[str, str] = Recent()

    def reads(self, user: str, locale: str) -> None:
        """Remembers a reader's language."""
        self._locales.put(user, locale)

    def guess(self, user: str, locale: str) -> None:
        """What a client is set to, as long as nothing better is known."""
        if user not in self._locales:
            self.reads(user, locale)

    def locale(self, user: str) -> str:
        """A reader's language."""
        return self._locales.get(user) or HOME

    def t(self, user: str) -> Texts:
        """Texts of a reader."""
        return texts(self.locale(user))

    def pressed(self, event: FromPerson, press: Press, answer: Answer) -> Json:
        """The body of the response to a press."""
        if isinstance(event, Submitted):
            return self._submitted(event, press, answer)
        if answer.sheet:
            self._tasks.follow(self._form(event, answer.sheet))
        return toast(answer.toast or "\n".join(answer.errors.values()), "error" if answer.errors else "info")

    def said(self, event: FromPerson, answer: Answer) -> None:
        """Shows the answer to what came as an event, whose response nobody sees."""
        told = answer.toast or "\n".join(answer.errors.values())
        if answer.sheet:
            self._tasks.follow(self._form(event, answer.sheet))
            told = told or ("" if event.where.private else self.t(event.who.user)(PRIVATELY))
        if told:
            self._tasks.follow(self._line(event, told))

    def late(self, event: FromPerson, press: Press, work: "asyncio.Task[Answer]") -> Json:
        """The response when nothing is decided yet; what is decided is shown when it is."""
        self._tasks.follow(self._afterwards(event, press, work))
        return toast(self.t(event.who.user)(WORKING), "info")

    def unreadable(self, user: str) -> Json:
        """The response to a button that carried something this bot never put there."""
        return toast(self.t(user)(UNREADABLE), "error")

    def failed(self, user: str) -> Json:
        """The response when our own side broke."""
        return toast(self.t(user)(FAILED), "error")

    def _submitted(self, event: Submitted, press: Press, answer: Answer) -> Json:
        card = self._in_place(event, press, answer)
        if answer.errors:
            return toast(self._wrong(event, press, answer), "error") | _shown(card)
        return toast(answer.toast, "success") | _shown(card)

    def _in_place(self, event: Submitted, press: Press, answer: Answer) -> Json | None:
        """What stands now where the form stood; None if it is to stay as it is."""
        form = press.form or sheets.Carried({})
        if answer.errors:
            if form.sheet is None:
                return None
            typed = forms.filled(form.sheet, press.answers or {})
            return sheets.drawn(typed, form.locale, answer.errors, form.message)
        if answer.sheet:
            return sheets.drawn(answer.sheet, form.locale, {}, form.message)
        t = texts(form.locale, _zone(press.zone))
        return forms.closed(form.sheet.title if form.sheet else TITLE, t(SENT, when=t.datetime(self._clock())))

    def _wrong(self, event: Submitted, press: Press, answer: Answer) -> str:
        """Errors of fields stand in the form; what belongs to none, or cannot be shown there, is said."""
        sheet = press.form.sheet if press.form else None
        fields = {field.name for field in sheet.fields} if sheet else set()
        stray = [told for name, told in answer.errors.items() if name not in fields]
        return "\n".join(stray) or self.t(event.who.user)(CORRECT)

    async def _form(self, event: FromPerson, sheet: Sheet) -> None:
        """Feishu has no dialogs: the form is a card of its own in the private conversation."""
        user = event.who.user
        card = sheets.drawn(sheet, self.locale(user), {}, event.where.message)
        await self._delivery.post(user, card, f"{event.who.tenant}:{event.key}:form", self.locale(user))

    async def _line(self, event: FromPerson, told: str) -> None:
        """One sentence as a card: in a plain message what people typed could come alive."""
        user, where = event.who.user, event.where
        card = await self._delivery.card(Message(Card("", (text(told),), summary=told), self.locale(user)))
        if not where.private:
            try:
                await self._delivery.beside(where.channel, user, card)
                return
            except Gone as refused:
                log.info("feishu ephemeral refused", reason=str(refused))
        await self._delivery.post(user, card, f"{event.who.tenant}:{event.key}:line", self.locale(user))

    async def _afterwards(self, event: FromPerson, press: Press, work: "asyncio.Task[Answer]") -> None:
        answer = await work
        await asyncio.sleep(AFTER)  # before the press is answered Feishu would take an update back
        if isinstance(event, Submitted):
            told = answer.toast
            card = self._in_place(event, press, answer)
            if answer.errors:
                told = "" if card else "\n".join(answer.errors.values())
            if card:
                await self._instead(press, card)
        else:
            told = answer.toast or "\n".join(answer.errors.values())
            if answer.sheet:
                await self._form(event, answer.sheet)
        if told:
            await self._line(event, told)

    async def _instead(self, press: Press, card: Json) -> None:
        """Puts a card where the pressed one stands: by the press, or by the message where that holds no more."""
        try:
            await self._delivery.by_token(press.token, card)
        except Gone as refused:
            log.info("feishu token of a press refused", reason=str(refused))
            await self._delivery.rewrite(press.message, card)


def toast(said: str, kind: str) -> Json:
    """A line that appears for a moment; nothing for nothing."""
    shown = said if len(said) <= TOAST else f"{said[: TOAST - 1]}…"
    return {"toast": {"type": kind, "content": shown}} if shown else {}


def _shown(card: Mapping[str, object] | None) -> Json:
    return {"card": {"type": "raw", "data": card}} if card else {}


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
