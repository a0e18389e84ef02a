"""Answer → what goes back on DingTalk's own response, and what follows it.

| asked by          | toast                         | form                             | errors               |
|-------------------|-------------------------------|----------------------------------|----------------------|
| button, choice    | a line on the card itself     | a card of its own                | a line on the card   |
| submitted form    | the form, closed, says it     | in the place of the one before   | in the open form     |
| line              | a line                        | a card of its own                | a line               |
| line in a group   | a line to them alone          | a card to them alone             | a line to them alone |

Nothing can be shown to one person alone in a group, so there the bot only says that it answered privately. DingTalk
waits two seconds for the answer to a press; what comes later changes the card afterwards.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import structlog

from bot.capability import Answer, Gone, Later, Message
from bot.events import FromPerson, Submitted
from bot.forms import Sheet
from bot.platforms.dingtalk import buttons, forms, render
from bot.platforms.dingtalk.cardcalls import Undelivered, changes
from bot.platforms.dingtalk.delivery import Delivery
from bot.platforms.dingtalk.inbound import FORM, QUESTION, Press, card_for
from bot.platforms.dingtalk.shapes import Pressed
from bot.platforms.dingtalk.talks import Talk
from bot.pressing import AFTER
from bot.recent import Recent
from bot.tasks import Tasks
from bot.text import LOCALES, N_, Texts, texts

Json = dict[str, Any]
HOME = "zh_Hans"  # where a reader's language is not known
SHEETS = 2_000
TIPS = 300  # bytes of a line on a card
TRIES, LONGEST = 4, 5.0  # of an answer that DingTalk asks to wait with, and the most that it may ask for
WORKING = N_("This takes a moment. The answer comes here.")
UNREADABLE = N_("I could not read this button. Please ask for it again.")
SENT = N_("Sent: {when}")
PRIVATELY = N_("I answered you privately.")
FAILED = N_("This did not work. Please try again.")
OUTSIDER = N_("I only know employees of this company. If you are one, ask HR whether this app was published.")
log = structlog.get_logger()


class Answering:
    """Shows answers. Remembers how its readers read, for the few sentences of its own, and the forms that are open."""

    def __init__(self, delivery: Delivery, tasks: Tasks, clock: Callable[[], datetime]) -> None:
        self._delivery, self._tasks, self._clock = delivery, tasks, clock
        self._locales: Recent[str, str] = Recent()
        self._sheets: Recent[str, Sheet] = Recent(SHEETS)

    def reads(self, user: str, locale: str) -> None:
        """Remembers a reader's language."""
        self._locales.put(user, locale)

    def guess(self, user: str, locale: str) -> None:
        """What somebody writes in, as long as nothing better is known."""
        if locale and user not in self._locales:
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
            return changes(self._in_place(event, press, answer))
        if answer.sheet:
            self._follow(lambda: self._form(event, answer.sheet))
        return changes(self._pressed_card(event, press, answer))

    def said(self, event: FromPerson, answer: Answer) -> None:
        """Shows the answer to a line; what nobody could keep is said, because DingTalk never repeats a line."""
        told = _told(answer) or (self.t(event.who.user)(FAILED) if answer.unkept else "")
        if answer.sheet:
            self._follow(lambda: self._form(event, answer.sheet))
        if not event.where.private and (told or answer.sheet):
            said = told if told in privately() else self.t(event.who.user)(PRIVATELY)
            self._follow(lambda: self._aloud(event, said))
            told = "" if told == said else told
        if told:
            self._follow(lambda: self._line(event.who.user, told))

    def asks(self, user: str, pressed: Pressed, card: str, key: str) -> None:
        """Asks whether a button was meant that has to be confirmed: DingTalk has no such question on a card."""
        message = Message(render.asking(pressed, self.locale(user)), self.locale(user))
        if card:
            name = card_for(QUESTION, card, f"{user}:{key}")
            self._follow(lambda: self._asked(user, self._delivery.ask(user, name, message)))
        else:
            self._follow(lambda: self._sent(user, message))

    def outsider(self, talk: Talk) -> None:
        """Tells somebody who has no account here that they have none."""
        self._follow(lambda: self._refused(talk))

    def late(self, event: FromPerson, press: Press, work: "asyncio.Task[Answer]") -> Json:
        """The response when nothing is decided yet; what is decided is shown when it is."""
        self._tasks.follow(self._afterwards(event, press, work))
        return self._notice(event, self.t(event.who.user)(WORKING))

    def unreadable(self, user: str) -> Json:
        """The response to a button that carried something this bot never put there."""
        return tips(self.t(user)(UNREADABLE))

    def failed(self, event: FromPerson) -> Json:
        """The response when our own side broke."""
        return self._notice(event, self.t(event.who.user)(FAILED))

    def _pressed_card(self, event: FromPerson, press: Press, answer: Answer) -> Mapping[str, str]:
        """The values that a pressed card takes on; a question that was answered cannot be answered again."""
        told, t = _told(answer), self.t(event.who.user)
        if answer.unkept and not told:
            return {"tips": cut(t(FAILED))}
        if press.card.startswith(QUESTION):
            return {"tips": cut(told or t("Done")), "sys_full_json_obj": buttons.row(())}
        return {"tips": cut(told)}

    def _notice(self, event: FromPerson, told: str) -> Json:
        if isinstance(event, Submitted):
            return changes(forms.refused({"": told}, self.locale(event.who.user)))
        return tips(told)

    def _in_place(self, event: Submitted, press: Press, answer: Answer) -> Mapping[str, str]:
        """The values that the form's own card takes on."""
        locale, sheet = self.locale(event.who.user), self._sheets.get(press.card)
        if answer.errors or answer.unkept:
            errors = answer.errors or {"": texts(locale)(FAILED)}
            return forms.refused(errors, locale, sheet)
        if answer.sheet:
            self._sheets.put(press.card, answer.sheet)
            return forms.card(answer.sheet, locale).params
        t = texts(locale)
        told = answer.toast or t(SENT, when=t.datetime(self._clock()))
        return forms.closed(sheet.title if sheet else "", told, locale)

    async def _form(self, event: FromPerson, sheet: Sheet | None) -> None:
        if sheet is None:
            return
        user = event.who.user
        name = card_for(FORM, event.where.message, f"{event.who.tenant}:{event.key}")
        self._sheets.put(name, sheet)
        await self._asked(user, self._delivery.form(user, name, forms.card(sheet, self.locale(user))))

    async def _asked(self, user: str, sending: Coroutine[Any, Any, None]) -> None:
        """A form or a question that cannot be shown is told of: without a word nobody would know that it was heard."""
        try:
            await sending
        except (Gone, Undelivered) as no:
            log.warning("dingtalk card not shown", reason=str(no))
            await self._line(user, self.t(user)(FAILED))

    async def _line(self, user: str, told: str) -> None:
        await self._delivery.line(user, told, self.locale(user))

    async def _sent(self, user: str, message: Message) -> None:
        await self._delivery.send(user, message)

    async def _aloud(self, event: FromPerson, told: str) -> None:
        await self._delivery.aloud(event.where.channel, event.who.user, told)

    async def _refused(self, talk: Talk) -> None:
        await self._delivery.refuse(talk, texts(HOME)(OUTSIDER))

    async def _afterwards(self, event: FromPerson, press: Press, work: "asyncio.Task[Answer]") -> None:
        answer = await work
        await asyncio.sleep(AFTER)  # what the press itself was answered comes first
        if isinstance(event, Submitted):
            shown = self._in_place(event, press, answer)
        else:
            shown = self._pressed_card(event, press, answer)
            if answer.sheet:
                self._follow(lambda: self._form(event, answer.sheet))
        await self._patient(lambda: self._delivery.amend(press.card, shown))

    def _follow(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tasks.follow(self._patient(work))

    async def _patient(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Nobody keeps an answer for later, so a short wait is waited for."""
        for left in reversed(range(TRIES)):
            try:
                return await work()
            except Later as later:
                if not left or later.seconds > LONGEST:
                    raise
                await asyncio.sleep(later.seconds)
        return None


def tips(told: str) -> Json:
    """The quiet line below the text of a card, which is also how the line before goes away."""
    return changes({"tips": cut(told)})


@lru_cache(maxsize=1)
def privately() -> frozenset[str]:
    """The one sentence that may be said aloud, in every language."""
    return frozenset(texts(locale)(PRIVATELY) for locale in LOCALES)


def cut(told: str) -> str:
    """As much of a line as a card shows."""
    return told.encode()[:TIPS].decode(errors="ignore")


def _told(answer: Answer) -> str:
    return answer.toast or "\n".join(answer.errors.values())
