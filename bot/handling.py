"""Which handler an event reaches, and with which right: the middle of the road, inside dispatch's transaction."""

from dataclasses import dataclass, replace
from typing import assert_never

from sqlmodel import Session

from bot import conversation
from bot.context import Context
from bot.db import alone, insert_once
from bot.events import Attached, Click, Command, Fetched, FromPerson, Opened, Said, Submitted, Tick
from bot.forms import Invalid
from bot.router import Reads, Router, has_root
from bot.text import N_
from models.access import NOT_FOUND, check
from models.audit import acted
from models.base import Refused, Row, Stale, Versioned, models_by_noun
from models.copies import begun
from models.delivery import Firing, was_shown
from models.draft import Draft
from models.identity import Identity

CANCELLED = N_("Cancelled. Nothing was changed.")
NO_QUESTION = N_("There is no open question any more.")
IN_GROUP = N_("Please send files to me alone, not in a group. Nothing was stored.")


@dataclass(frozen=True, slots=True)
class Handling:
    """Finds the handler of an event and runs it."""

    router: Router

    def run(self, ctx: Context, event: FromPerson, account: Identity) -> None:
        """Runs the one handler of the event; raises Refused, Stale or Invalid."""
        match event:
            case Said():
                self._said(ctx, event, account)
            case Command():
                self._command(ctx, event)
            case Click():
                self._click(ctx, event, account)
            case Submitted():
                self._submitted(ctx, event)
            case Opened():
                self._opened(ctx, event, account)
            case Attached():
                if not event.where.private:
                    raise Refused(IN_GROUP)
                self.router.takes[Attached](ctx, event)
            case _:
                assert_never(event)

    def due(self, db: Session, event: Tick | Fetched) -> bool:
        """Whether it is still to be done; whichever replica asks first does scheduled work."""
        if isinstance(event, Fetched):
            return True
        return alone(db, event.name) and insert_once(db, Firing, name=event.name, at=event.at)

    def work(self, ctx: Context, event: Tick | Fetched) -> None:
        """Does what nobody asked for by an event of theirs."""
        if isinstance(event, Tick):
            self.router.ticks[event.name].run(ctx, event)
        else:
            self.router.takes[Fetched](ctx, event)

    def reads(self, event: FromPerson) -> Reads:
        """Whether the event only looks, at a place where the answer is not a message of its own."""
        if not event.where.inline or not isinstance(event, Command | Opened):
            return Reads.NOT
        command, rest = self.router.parse(event.text) if isinstance(event, Command) else (None, "")
        entry = command or self.router.commands["home"]
        return entry.reads if command is not None or not rest else Reads.NOT

    def _opened(self, ctx: Context, event: Opened, account: Identity) -> None:
        """Home; a conversation that has begun says nothing by itself whenever somebody looks at it."""
        if event.where.inline or not begun(ctx.db, account.id):
            self._command(ctx, Command(event.key, event.who, event.where, ""))

    def _said(self, ctx: Context, event: Said, account: Identity) -> None:
        """An answer to an open question, a number of a menu, or a command.

        While a question is open only a line that starts with the root word is a command (and leaves the question
        open): an answer may well start with a word that is one.
        """
        alone = event.where.private
        draft = conversation.draft_of(ctx.db, account.id, conversation.FORM, ctx.now) if alone else None
        if draft is not None and not has_root(event.text):
            self._converse(ctx, conversation.offered(ctx.db, draft, event, ctx.now) or event, draft)
        elif alone and (click := conversation.pressed(ctx.db, account.id, event, ctx.now)):
            self._click(ctx, click, account)
        else:
            self._command(ctx, Command(event.key, event.who, event.where, event.text, event.mentions))

    def _converse(self, ctx: Context, event: Said, draft: Draft) -> None:
        step = conversation.continued(self.router, ctx.t, draft, event)
        if step is conversation.CANCELLED:
            conversation.drop(ctx.db, draft)
            ctx.toast(ctx.t(CANCELLED))
            return
        if not isinstance(step, Submitted):
            ctx.reply(conversation.QUESTION)
            return
        self._submitted(ctx, step)
        conversation.drop(ctx.db, draft)

    def _command(self, ctx: Context, event: Command) -> None:
        command, rest = self.router.parse(event.text)
        if command is None and rest:
            ctx.reply("help.unknown", typed=rest[:60], near=self.router.nearest(rest, ctx.usable()))
            return
        entry = command or self.router.commands["home"]
        if not ctx.may_try(entry.right):
            raise Refused(NOT_FOUND)
        entry.run(ctx, replace(event, text=rest))

    def _click(self, ctx: Context, event: Click, account: Identity) -> None:
        if (said := conversation.clicked(event)) is not None:
            draft = conversation.draft_of(ctx.db, account.id, conversation.FORM, ctx.now)
            if draft is None:
                raise Refused(NO_QUESTION)
            if conversation.misplaced(draft, event):
                ctx.reply(conversation.QUESTION)
                return
            self._converse(ctx, said, draft)
            return
        entry = self.router.buttons.get(event.action)
        if entry is None:
            raise Refused(NOT_FOUND)
        self._enter(ctx, event, entry.right, versioned=entry.versioned)
        entry.run(ctx, event)

    def _submitted(self, ctx: Context, event: Submitted) -> None:
        entry = self.router.forms.get(event.action)
        if entry is None:
            raise Refused(NOT_FOUND)
        self._enter(ctx, event, entry.right, versioned=entry.versioned)
        try:
            filled = entry.form.read(event.answers)
        except Invalid as no:
            raise Invalid({name: ctx.t(sentence) for name, sentence in no.errors.items()}) from None
        entry.run(ctx, event, filled)

    def _enter(self, ctx: Context, event: Click | Submitted, right: str, *, versioned: bool) -> None:
        """Loads the subject, asks the right, and only then says that the subject has moved on.

        Who lost the right by what happened since, but had the card, hears what happened: their card says it as well.
        """
        subject = ctx.subject = _subject(ctx, event)
        if versioned and isinstance(subject, Versioned) and subject.version != event.version:
            if ctx.can(right, subject) or _had_it(ctx, subject):
                raise Stale(subject.noun, subject.id)
            raise Refused(NOT_FOUND)
        check(ctx.db, ctx.actor, right, subject)


def _had_it(ctx: Context, subject: Row) -> bool:
    """Whether the actor was sent a card about the subject, or acted on it."""
    about = (ctx.db, ctx.actor.id, subject.noun, subject.id)
    return was_shown(*about) or acted(*about)


def _subject(ctx: Context, event: Click | Submitted) -> Row | None:
    """The row a button is about; a number that does not exist is refused like one that is not for the actor."""
    model = models_by_noun().get(event.action.partition(".")[0])
    if model is None or not event.subject:
        return None
    return ctx.get(model, event.subject)
