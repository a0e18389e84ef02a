"""Modals: what they show, and how an open one is changed without taking anything away that stands there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.capability import Answer, Gone, Later
from bot.cards import Block, Card, Chart, Table, text
from bot.degrade import lines_of
from bot.events import Click
from bot.forms import Sheet
from bot.platforms.slack import limits as most
from bot.platforms.slack import render, views
from bot.platforms.slack.api import Api
from bot.platforms.slack.carried import Carried, carrying
from bot.platforms.slack.inbound import REPEAT
from bot.platforms.slack.limits import shown
from bot.platforms.slack.returned import again
from bot.platforms.slack.spans import Json, plain, rich, word
from bot.platforms.slack.turn import NEW, Turn
from bot.text import Texts

TITLE = "Pandian"
CARD = "slack.card"
BACK = "slack.back"  # the block with the way back
Draw = Callable[[], Awaitable[Json]]
log = structlog.get_logger()


def card_in(card: Card, given: Carried, said: str = "", back: str = "") -> Json:
    """A card as a modal, `said` above it, and below it a button `back` to what was asked for first. What modals cannot
    hold (tables, pictures) is said in lines."""
    told = replace(card, title=card.title or TITLE, body=tuple(map(_spoken, card.body)))
    blocks = render.blocks(told, {}, most.BLOCKS_VIEW - 2, most.BUDGET_HOME)
    title = views.title_of(told.title)
    if blocks[0]["type"] == "header" and blocks[0]["text"]["text"] == title["text"]:
        blocks = blocks[1:]
    above = [rich([word(said, bold=True)])] if said else []
    below = [_button(back, given.again)] if back and given.again else []
    carry = {"callback_id": CARD, "private_metadata": carrying("", given)}
    return {"type": "modal", "title": title, "blocks": [*above, *blocks, *below]} | carry


def form_in(sheet: Sheet, turn: Turn, given: Carried, t: Texts, at: str = "") -> Json:
    """A form; `at` is the view whose card it takes the place of."""
    where = replace(turn.event.where, message=at) if at else turn.event.where
    view = views.modal(sheet, where, t)
    return view | {"private_metadata": carrying(view["private_metadata"], given)}


def waiting(t: Texts, given: Carried) -> Json:
    """That something is being worked on. It says what stays true if nobody ever changes it."""
    said = t(
        "This takes longer than usual. If nothing else stands here in a minute, look how things are before you press "
        "again."
    )
    view = views.notice(TITLE, t("Working on it…"))
    return view | {
        "blocks": [*view["blocks"], rich([word(said)])],
        "callback_id": CARD,
        "private_metadata": carrying("", given),
    }


def _button(label: str, again: str) -> Json:
    text = plain(label, most.BUTTON)
    button = {"type": "button", "action_id": REPEAT, "text": text, "value": shown(again, most.VALUE)}
    return {"type": "actions", "block_id": BACK, "elements": [button]}


def _spoken(block: Block) -> Block:
    match block:
        case Table():
            return text("\n".join(lines_of(block)) or most.EMPTY)
        case Chart():
            return text("\n".join(lines_of(block)))
        case _:
            return block


@dataclass(frozen=True, slots=True)
class Shown:
    """An open modal; `hash` is how it stood, "" where nobody told us."""

    id: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Modals:
    """The modals of one workspace. `t` gives a reader's texts, `tell` says a sentence to who did something, outside of
    any modal."""

    api: Api
    t: Callable[[str], Texts]
    tell: Callable[[Turn, str], Awaitable[None]]

    async def opened(self, trigger: str, view: Json, *, over: bool = False) -> Shown:
        """Opens a modal, or lays one over that in which was pressed. Raises Gone, Later or OSError."""
        method = "views.push" if over else "views.open"
        return _shown(await self.api.write(method, trigger_id=trigger, view=view))

    async def changed(self, at: Shown, draw: Draw, anew: Draw | None = None) -> bool:
        """Shows something else in an open modal, False if it was closed. If it has changed since, what is to stand
        there now is drawn `anew`. Raises Gone, Later or OSError."""
        return await self._changed(at, draw, anew) is not None

    async def hold(self, turn: Turn) -> Shown | None:
        """Shows that something is being worked on; None if Slack does not."""
        view = waiting(self.t(turn.user), turn.carried)
        try:
            if turn.view.get("type") == "modal":
                return await self._changed(_where(turn), _ready(view), None)
            return await self.opened(turn.trigger, view)
        except (Gone, Later, OSError) as error:
            log.warning("slack modal not opened", reason=str(error))
            return None

    async def form(self, turn: Turn, sheet: Sheet, held: Shown | None) -> None:
        """Opens a form where nothing else is open, or in what was held for it: who closed that wants none any more.
        Raises Gone, Later or OSError, like all that follow."""
        view = form_in(sheet, turn, turn.carried, self.t(turn.user))
        if held is None:
            await self.opened(turn.trigger, view)
        else:
            await self.changed(held, _ready(view))

    async def said(self, turn: Turn, said: str, held: Shown) -> None:
        """Says in what was held what became of it; in the conversation if that was closed."""
        view = views.notice(TITLE, shown(said or self.t(turn.user)("Done"), most.SECTION))
        if not await self.changed(held, _ready(view)) and said:
            await self.tell(turn, said)

    async def pressed(self, turn: Turn, answer: Answer, held: Shown | None) -> None:
        """Answers a press on a card in a modal: a form lies over it, everything else takes its place."""
        at = held or _where(turn)
        if answer.sheet is not None:
            await self._over(turn, answer.sheet, at, held is not None)
        else:
            await self._card(turn, answer, at)

    async def asked(self, turn: Turn, answer: Answer, held: Shown | None) -> None:
        """Opens a card as a modal."""
        if answer.sheet is not None:
            await self.form(turn, answer.sheet, held)
        elif held is not None:
            await self._card(turn, answer, held)
        else:
            await self.opened(turn.trigger, self._drawn(turn, answer))

    async def below(self, turn: Turn, answer: Answer) -> None:
        """After a form that lay over a card: how the card stands now."""
        await self._card(turn, answer, Shown(turn.event.where.message, turn.carried.hash))

    def drawn(self, turn: Turn, answer: Answer) -> Json | None:
        """The card that takes a form's place, None if there is none."""
        return self._drawn(turn, answer) if answer.card else None

    async def finished(self, turn: Turn, answer: Answer, refusals: Sequence[str]) -> None:
        """What became of a form that was answered before it was done. Its hash is not known, as Slack tells nobody how
        a view stands that went back on a response; only this form is changed by it, and nobody else changes a form."""
        form, given = Shown(str(turn.view["id"])), turn.carried
        if refusals:
            if not await self.changed(form, _ready(again(turn.view, refusals, given.resent()))):
                await self.tell(turn, "\n".join(refusals))
        elif answer.sheet is not None:
            await self.changed(form, _ready(form_in(answer.sheet, turn, given.resent(), self.t(turn.user))))
        elif turn.in_place and answer.card:
            await self._card(turn, answer, form)
        else:
            await self.said(turn, answer.toast, form)

    async def _over(self, turn: Turn, sheet: Sheet, at: Shown, held: bool) -> None:
        """A form over the card; in its place if Slack takes no more of them, or the press is too old."""
        given = replace(turn.carried, hash=at.hash)
        if not held and not turn.heaped:
            try:
                await self.opened(turn.trigger, form_in(sheet, turn, given, self.t(turn.user)), over=True)
                return
            except (Gone, Later, OSError) as error:
                log.info("slack modal not pushed", reason=str(error))
        await self.changed(at, _ready(form_in(sheet, turn, turn.carried, self.t(turn.user), at.id)))

    async def _card(self, turn: Turn, answer: Answer, at: Shown) -> None:
        async def anew() -> Json:
            fresh = await turn.ask() if turn.refreshed else answer
            return self._drawn(turn, replace(answer, card=fresh.card or answer.card))

        if not await self.changed(at, _ready(self._drawn(turn, answer)), anew) and answer.toast:
            await self.tell(turn, answer.toast)

    def _drawn(self, turn: Turn, answer: Answer) -> Json:
        """The card, and how to go back from where a press led; without a card a sentence, and a way back as well."""
        t, given = self.t(turn.user), replace(turn.carried, hash="", key="")
        said = answer.toast or "\n".join(answer.errors.values())
        back = t("Back to the list") if isinstance(turn.event, Click) and not turn.refreshed else ""
        if answer.card is not None:
            return card_in(answer.card.card, given, said, back)
        if turn.event.where.message == NEW:
            return views.notice(TITLE, shown(said or t("Done"), most.SECTION))
        return card_in(Card("", (text(said or t("Done")),)), given, back=t("Back to the list"))

    async def _changed(self, at: Shown, draw: Draw, anew: Draw | None) -> Shown | None:
        try:
            return await self._update(at, await draw())
        except Gone as refused:
            if str(refused) != "hash_conflict":
                raise
        return await self._update(Shown(at.id), await (anew or draw)())

    async def _update(self, at: Shown, view: Json) -> Shown | None:
        guard = {"hash": at.hash} if at.hash else {}
        try:
            return _shown(await self.api.write("views.update", view_id=at.id, view=view, **guard))
        except Gone as refused:
            if str(refused) != "not_found":
                raise
            log.info("slack modal closed")
            return None


def _ready(view: Json) -> Draw:
    async def draw() -> Json:
        return view

    return draw


def _where(turn: Turn) -> Shown:
    return Shown(str(turn.view["id"]), str(turn.view.get("hash") or ""))


def _shown(answer: Mapping[str, Any]) -> Shown:
    view = answer.get("view") or {}
    return Shown(str(view.get("id") or ""), str(view.get("hash") or ""))
