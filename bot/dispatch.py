"""Event → seen before? → who → language → right → handler → one commit of state, audit and messages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot import conversation
from bot.capability import Answer, Message, Platform
from bot.context import Context, Told
from bot.db import Database, insert_once, patiently
from bot.degrade import fit
from bot.drawing import LINE, Easel
from bot.events import Click, Fetched, FromPerson, Submitted, Tick, Where
from bot.faults import Faults
from bot.forms import Invalid, Kind
from bot.handling import Handling
from bot.ops import EVENTS, FAILED, SECONDS
from bot.outbox import AT_ONCE, Drawn, Outbox
from bot.router import Reads, Router
from bot.strangers import Stranger, Strangers
from bot.text import N_, Texts, texts
from models import audit, delivery
from models.access import Actor
from models.base import Refused, Stale, changes
from models.delivery import Inbox, mark_copies, mark_pressed
from models.identity import Identity, Known, addresses, known
from models.person import Person
from models.todo import concerned

SEEN_EVERY = timedelta(minutes=5)
GONE = N_("Your account is not active any more.")
PRIVATELY = N_("I answered you privately.")
CHANGED = N_("This has changed since you opened it. Here is how it stands now.")
TICK_PATIENT = 30.0  # seconds
Worked = tuple[Answer, Sequence[Drawn]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who the event is from, once they are known."""

    account: Identity
    person: Person
    roles: frozenset[str]
    t: Texts


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
            if met is not None:
                return met
            self._outbox.wake()
            answer = await self._attempt(event)
        return answer

    async def _attempt(self, event: FromPerson) -> Answer:
        try:
            if reads := self._handling.reads(event):
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
            return Answer(toast=reader.t(GONE)), ()
        ctx = self._context(db, Actor(reader.person.id, reader.roles), reader.t, now, event)
        self._handling.run(ctx, event, reader.account)
        return self._settle(ctx, event, reader)

    def _identify(self, db: Session, event: FromPerson, now: datetime) -> Reader:
        who, where = event.who, event.where
        found = known(db, who.platform, who.tenant, who.user)
        if found is None:
            raise Stranger
        account = found.account
        if self._unseen(account, event, now):
            account.channel = where.channel if _own(where) else account.channel
            account.seen_at = now
            db.add(account)
        return self._reader(found, event)

    def _reader(self, found: Known, event: FromPerson) -> Reader:
        t = self._easel.texts_for(found.person)
        self._faults.reads(event.who, t)
        return Reader(found.account, found.person, found.roles, t)

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
        answer, rest = self._in_place(ctx, event, reader, Answer(toast=ctx.said, sheet=sheet))
        return answer, self._commit(ctx, rest, event.who.platform, reader.account)

    def _commit(self, ctx: Context, told: list[Told], platform: str, account: Identity | None) -> Sequence[Drawn]:
        """What is written beside the handler's own changes; the messages to be sent as soon as that is committed."""
        made = changes(ctx.db)
        audit.append(ctx.db, made, ctx.actor.id or None, platform, ctx.now)
        outdated = mark_copies(ctx.db, made, concerned(ctx.db))
        queued = _enqueue(ctx.db, told, account, ctx.now)
        return self._outbox.take(ctx.db) if outdated or queued else ()

    def _in_place(self, ctx: Context, event: FromPerson, reader: Reader, answer: Answer) -> tuple[Answer, list[Told]]:
        """What can ride on the platform's own response, and what has to be sent."""
        here = [told for told in ctx.told if told.here]
        rest = [told for told in ctx.told if not told.here]
        where = event.where
        if where.inline and where.channel != reader.account.channel and len(here) == 1:
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
        card = self._easel.draw(ctx.db, reader.person, told.view, told.subject, told.facts, ctx.now, reader.roles)
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
        if event.where.message:
            mark_pressed(db, reader.account.id, event.where.message)
        said = "" if isinstance(no, Invalid) else self._sentence(db, reader.t, no)
        errors = no.errors if isinstance(no, Invalid) else {getattr(no, "field", ""): said}
        if isinstance(event, Submitted):
            return Answer(errors=errors)
        told = self._again(db, reader, errors, now)
        if told is None and (isinstance(event, Click) or event.where.inline):
            return Answer(toast=said)
        told = told or Told(reader.person.id, LINE, "", 0, {"text": said}, here=True)
        toast = "" if event.where.private else reader.t(PRIVATELY)
        _enqueue(db, [told], reader.account, now)
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


def _enqueue(db: Session, told: Sequence[Told], account: Identity | None, now: datetime) -> bool:
    """An answer goes where the event came from, everything else to the account its reader used last; without one it
    waits. Whether anything can be sent now."""
    away = {one.person_id for one in told if not (one.here and account)}
    used = addresses(db, sorted(away)) if away else {}
    here = (account.id, account.platform) if account else (None, "")
    rank = delivery.ORDINARY if len(told) <= AT_ONCE else delivery.BULK
    rows = [_row(one, here if one.here and account else used.get(one.person_id, (None, "")), rank, now) for one in told]
    delivery.enqueue(db, rows, now)
    return any(row["identity_id"] for row in rows)


def _row(one: Told, place: tuple[int | None, str], rank: int, now: datetime) -> dict[str, Any]:
    """A message as it is stored; what goes to many is a broadcast, an answer to who waits for it is none."""
    identity_id, platform = place
    return {
        "person_id": one.person_id,
        "identity_id": identity_id,
        "platform": platform,
        "view": one.view,
        "subject_noun": one.noun,
        "subject_id": one.subject,
        "facts": dict(one.facts),
        "priority": delivery.ANSWER if one.here else rank,
        "not_before": max(one.after or now, now),
        "not_after": one.until,
    }


def _spoken(event: FromPerson) -> bool:
    """Whether the platform has no other place for one line than a message."""
    return not isinstance(event, Click | Submitted)
