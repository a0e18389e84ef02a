"""Event → seen before? → who → language → right → handler → one commit of state, audit and messages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot import conversation
from bot.capability import Answer, Message, Platform
from bot.context import Context, Told
from bot.db import Database, insert_once, patiently
from bot.degrade import fit
from bot.drawing import GONE, LINE, Easel, gone_card
from bot.events import Click, Fetched, FromPerson, Submitted, Tick, Where
from bot.faults import Faults
from bot.forms import Invalid, Kind
from bot.handling import Handling
from bot.ops import EVENTS, FAILED, SECONDS
from bot.outbox import Drawn, Outbox
from bot.posting import enqueue, greeting, turn
from bot.router import Reads, Router
from bot.strangers import Stranger, Strangers
from bot.text import N_, Texts, texts
from models import audit
from models.access import Actor
from models.base import Refused, Stale, changes
from models.delivery import PAGE, Inbox, mark_copies, mark_pressed
from models.identity import NEVER, Identity, Known, begin, known
from models.person import Person
from models.todo import concerned

SEEN_EVERY = timedelta(minutes=5)
PRIVATELY = N_("I answered you privately.")
CHANGED = N_("This has changed since you opened it. Here is how it stands now.")
TICK_PATIENT = 30.0  # seconds
Worked = tuple[Answer, Sequence[Drawn]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who the event is from, once they are known; `welcome` is what they are told at their first event."""

    account: Identity
    person: Person
    roles: frozenset[str]
    t: Texts
    welcome: tuple[Told, ...] = ()


class Dispatch:
    """The one road of every event; `await dispatch(event)` returns what goes back on the platform's own response."""

    def __init__(
        self,
        db: Database,
        router: Router,
        easel: Easel,
        outbox: Outbox,
        platforms: Mapping[str, Platform],
        clock: Callable[[], datetime],
    ) -> None:
        self._db, self._router, self._easel, self._outbox = db, router, easel, outbox
        self._platforms, self._clock = platforms, clock
        self._handling = Handling(router)
        self._strangers = Strangers(db, platforms, clock, easel)
        self._faults = Faults(db, easel)

    async def __call__(self, event: FromPerson) -> Answer:
        """Handles an event of a person; never raises."""
        EVENTS.labels(event.who.platform, type(event).__name__.lower()).inc()
        with SECONDS.labels(event.who.platform).time():
            try:
                return await patiently(lambda: self._handle(event))
            except Exception as fault:
                FAILED.labels(event.who.platform).inc()
                return await self._faults.answer(event, fault)

    async def tick(self, tick: Tick | Fetched) -> None:
        """Does scheduled work once, whichever replica is first; takes in what was fetched."""
        self._outbox.send(await patiently(lambda: self._db.run(lambda db: self._ticked(db, tick)), TICK_PATIENT))

    async def _handle(self, event: FromPerson) -> Answer:
        try:
            answer = await self._attempt(event)
        except Stranger:
            met = await self._strangers.meet(event)
            self._outbox.wake()
            if met is not None:
                return met
            answer = await self._attempt(event)
        return answer

    async def _attempt(self, event: FromPerson) -> Answer:
        try:
            if not self._on_page(event) and (reads := self._handling.reads(event)):
                seen = await self._db.read(lambda db: self._look(db, event), brief=reads is Reads.FEW)
                if seen is not None:
                    return seen
            answer, taken = await self._db.run(lambda db: self._work(db, event))
        except (Refused, Stale, Invalid) as fault:
            no = fault
            answer, taken = await self._db.run(lambda db: self._refused(db, event, no))
        self._outbox.send(taken)
        return answer

    # One transaction

    def _look(self, db: Session, event: FromPerson) -> Answer | None:
        """What only reads leaves no trace: asked twice, it is answered twice. None: it has to be done in full, because
        the account is new or was not seen lately, or the answer has to be a message."""
        now = self._clock()
        found = known(db, event.who.platform, event.who.tenant, event.who.user)
        if found is None or self._unseen(found.account, event, now):
            return None
        reader = self._reader(found, event)
        if reader.person.left_at is not None:
            return Answer(toast=reader.t(GONE))
        ctx = self._context(db, Actor(reader.person.id, reader.roles), reader.t, now, event)
        self._handling.run(ctx, event, reader.account)
        answer, rest = self._in_place(ctx, event, reader, Answer(toast=ctx.said, sheet=ctx.sheet))
        ctx.db.flush()
        if changes(db) or concerned(db):
            raise RuntimeError("a command that only reads has changed something")
        return None if rest or ctx.sheet is not None else answer

    def _work(self, db: Session, event: FromPerson) -> Worked:
        now = self._clock()
        if not _first(db, event, now):
            return Answer(), ()
        reader = self._identify(db, event, now)
        if reader.person.left_at is not None:
            return self._gone(event, reader), ()
        ctx = self._context(db, Actor(reader.person.id, reader.roles), reader.t, now, event)
        ctx.told += reader.welcome
        self._handling.run(ctx, event, reader.account)
        return self._settle(ctx, event, reader)

    def _gone(self, event: FromPerson, reader: Reader) -> Answer:
        if self._on_page(event):
            return Answer(card=Message(gone_card(reader.t), reader.t.locale))
        return Answer(toast=reader.t(GONE))

    def _on_page(self, event: FromPerson) -> bool:
        """Whether it comes from a page that is a copy like every other, and is drawn by the outbox alone."""
        return event.where.page and self._platforms[event.who.platform].can.page

    def _identify(self, db: Session, event: FromPerson, now: datetime) -> Reader:
        who, where = event.who, event.where
        found = known(db, who.platform, who.tenant, who.user)
        if found is None:
            raise Stranger
        account, welcome = found.account, tuple[Told, ...]()
        if self._unseen(account, event, now):
            if where.inline and account.seen_at == NEVER and begin(db, account, now):
                welcome = (greeting(account.person_id),)
            account.channel = where.channel if _own(where) else account.channel
            account.seen_at = now
            db.add(account)
        return self._reader(found, event, welcome)

    def _reader(self, found: Known, event: FromPerson, welcome: tuple[Told, ...] = ()) -> Reader:
        t = self._easel.texts_for(found.person)
        self._faults.reads(event.who, t)
        return Reader(found.account, found.person, found.roles, t, welcome)

    def _unseen(self, account: Identity, event: FromPerson, now: datetime) -> bool:
        """Whether something about the account has to be kept: where its conversation is, or that it was used."""
        return (_own(event.where) and account.channel != event.where.channel) or now - account.seen_at > SEEN_EVERY

    def _context(self, db: Session, actor: Actor, t: Texts, now: datetime, event: FromPerson | None = None) -> Context:
        return Context(db, actor, t, now, self._easel.vault, self._router, self._easel.home, event)

    def _settle(self, ctx: Context, event: FromPerson, reader: Reader) -> Worked:
        """Audit entries, redraws and messages of what the handler did; the answer that goes back at once."""
        ctx.db.flush()
        can = self._platforms[event.who.platform].can
        sheet = ctx.sheet if ctx.sheet is None or (can.forms and can.uploads) else ctx.sheet.without(Kind.ATTACHMENT)
        if sheet is not None and not can.shows(sheet):
            conversation.begin(ctx.db, reader.account.id, sheet, ctx.now)
            ctx.reply(conversation.QUESTION)
            sheet = None
        turned = self._on_page(event) and self._turned(ctx, reader)
        answer, rest = self._in_place(ctx, event, reader, Answer(toast=ctx.said, sheet=sheet))
        return answer, self._commit(ctx, rest, event.who.platform, reader.account, turned=turned)

    def _turned(self, ctx: Context, reader: Reader) -> bool:
        """Turns the page to what was told here; a question, and a file, have their place in the conversation."""
        here = [told for told in ctx.told if told.here]
        if len(here) != 1 or here[0].view == conversation.QUESTION:
            return False
        card = self._easel.draw(ctx.db, reader.person, *here[0].shown, ctx.now, reader.roles)
        if card is not None and card.enclosed:
            return False
        ctx.told.remove(here[0])
        turn(ctx.db, here[0], reader.account, ctx.now)
        return True

    def _commit(
        self, ctx: Context, told: list[Told], platform: str, account: Identity | None, *, turned: bool = False
    ) -> Sequence[Drawn]:
        """What is written beside the handler's own changes; the messages to be sent as soon as that is committed."""
        made = changes(ctx.db)
        audit.append(ctx.db, made, ctx.actor.id or None, platform, ctx.now)
        outdated = mark_copies(ctx.db, made, concerned(ctx.db))
        queued = enqueue(ctx.db, told, account, ctx.now)
        return self._outbox.take(ctx.db) if outdated or queued or turned else ()

    def _in_place(self, ctx: Context, event: FromPerson, reader: Reader, answer: Answer) -> tuple[Answer, list[Told]]:
        """What can ride on the platform's own response, and what has to be sent."""
        here = [told for told in ctx.told if told.here]
        rest = [told for told in ctx.told if not told.here]
        where = event.where
        elsewhere = where.message or where.channel != reader.account.channel
        if where.inline and elsewhere and len(here) == 1 and not self._on_page(event):
            message = self._message(ctx, reader, here[0], event.who.platform)
            if message is not None:
                return Answer(answer.toast, {}, answer.sheet, message), rest
        if here and (where.inline or not where.private) and not answer.toast:
            answer = Answer(reader.t(PRIVATELY), {}, answer.sheet)
        if answer.toast and not here and not where.inline and _spoken(event):
            line = Told(ctx.actor.id, LINE, "", 0, {"text": answer.toast}, here=True)
            return Answer("", {}, answer.sheet), [line, *rest]
        return answer, here + rest

    def _message(self, ctx: Context, reader: Reader, told: Told, platform: str) -> Message | None:
        """The card itself, if it needs no pictures and no menu: those are messages."""
        card = self._easel.draw(ctx.db, reader.person, *told.shown, ctx.now, reader.roles)
        if card is None or card.charts() or card.enclosed:
            return None
        fitted, presses = fit(card, self._platforms[platform].can)
        return None if presses else Message(fitted, reader.t.locale)

    def _ticked(self, db: Session, tick: Tick | Fetched) -> Sequence[Drawn]:
        if not self._handling.due(db, tick):
            return ()
        now = tick.at if isinstance(tick, Tick) else self._clock()
        ctx = self._context(db, Actor(0), texts(self._easel.locale, self._easel.zone), now)
        self._handling.work(ctx, tick)
        db.flush()
        return self._commit(ctx, ctx.told, "clock", None)

    # What did not work

    def _refused(self, db: Session, event: FromPerson, no: Refused | Stale | Invalid) -> Worked:
        return self._refusal(db, event, no), self._outbox.take(db)

    def _refusal(self, db: Session, event: FromPerson, no: Refused | Stale | Invalid) -> Answer:
        """Nothing of the handler is kept; the person learns why, and an outdated card is redrawn.

        A refused press or form had no effect, so it is not remembered: the same answers sent again are refused again,
        and never taken for a repetition of something that worked.
        """
        now = self._clock()
        if not isinstance(event, Click | Submitted) and not _first(db, event, now):
            return Answer()
        reader = self._identify(db, event, now)
        if pressed := PAGE if self._on_page(event) else event.where.message:
            mark_pressed(db, reader.account.id, pressed)
        enqueue(db, reader.welcome, reader.account, now)
        said = "" if isinstance(no, Invalid) else self._sentence(db, reader.t, no)
        errors = no.errors if isinstance(no, Invalid) else {getattr(no, "field", ""): said}
        if isinstance(event, Submitted):
            return Answer(errors=errors)
        told = self._again(db, reader, errors, now)
        if told is None and (isinstance(event, Click) or event.where.inline):
            return Answer(toast=said)
        told = told or Told(reader.person.id, LINE, "", 0, {"text": said}, here=True)
        toast = "" if event.where.private else reader.t(PRIVATELY)
        enqueue(db, [told], reader.account, now)
        return Answer(toast=toast)

    def _again(self, db: Session, reader: Reader, errors: Mapping[str, str], now: datetime) -> Told | None:
        """In a conversation, the question concerned is asked again with the reason; what was answered is kept."""
        draft = conversation.draft_of(db, reader.account.id, conversation.FORM, now)
        if draft is None:
            return None
        conversation.refuse(draft, dict(errors))
        return Told(reader.person.id, conversation.QUESTION, "", 0, {}, here=True)

    def _sentence(self, db: Session, t: Texts, no: Refused | Stale) -> str:
        if isinstance(no, Refused):
            return t(no.message, **no.facts)
        return self._easel.past(db, t, no.noun, no.subject) or t(CHANGED)


def _first(db: Session, event: FromPerson, now: datetime) -> bool:
    """Whether this delivery is the first of its kind: the row and the effect commit together (threat T11)."""
    who = event.who
    return insert_once(db, Inbox, platform=who.platform, tenant=who.tenant, key=event.key, at=now)


def _own(where: Where) -> bool:
    """Whether it is the account's private conversation with the bot."""
    return bool(where.private and where.channel and not where.inline)


def _spoken(event: FromPerson) -> bool:
    """Whether the platform has no other place for one line than a message."""
    return not isinstance(event, Click | Submitted)
