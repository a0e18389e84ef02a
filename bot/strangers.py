"""Accounts nobody has linked yet: by an e-mail address the platform vouches for, else by a one-time code."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlmodel import Session

from bot.capability import Answer, Message, Platform, Profile
from bot.cards import Card, text
from bot.db import Database, insert_once
from bot.drawing import Easel
from bot.events import Command, FromPerson, Opened, Said
from bot.posting import enqueue, greeting
from bot.text import N_, Texts, clean, negotiate, texts
from models import audit
from models.access import NOT_FOUND
from models.base import Change, Refused, changes
from models.delivery import Inbox, adopt, mark_copies
from models.identity import Identity, known, link_by_code, link_by_email
from models.person import Person

CODE = re.compile(r"(?:link|关联|關聯|連携)\s*([A-Za-z0-9]{10})$")
WELCOME = N_("Hello {name}, your account is linked now. Say “perf” to begin.")
UNKNOWN = N_("I don't know this account yet. Ask HR for a code and send me: link CODE")


class Stranger(Exception):
    """The account of an event belongs to nobody yet."""


@dataclass(frozen=True, slots=True)
class Strangers:
    """Meets unknown accounts."""

    db: Database
    platforms: Mapping[str, Platform]
    clock: Callable[[], datetime]
    easel: Easel

    async def meet(self, event: FromPerson) -> Answer | None:
        """What to answer to a stranger; None if the account is linked now and the event can go on."""
        platform = self.platforms[event.who.platform]
        profile = await platform.profile(event.who)
        if profile is None:
            return Answer(toast=texts(self.easel.locale)(NOT_FOUND))
        t = texts(negotiate(profile.locale, default=self.easel.locale), self.easel.zone)
        if profile.vouched and await self.db.run(lambda db: self._known(db, event, profile)):
            return None
        return await self._answer(event, platform, t, await self._by_code(event, t, profile))

    def _first(self, db: Session, event: Opened) -> bool:
        """Whether a stranger looks at the conversation for the first time in days: every look is an event."""
        who, key = event.who, f"stranger:{event.who.user}"
        return insert_once(db, Inbox, platform=who.platform, tenant=who.tenant, key=key, at=self.clock())

    def _known(self, db: Session, event: FromPerson, profile: Profile) -> bool:
        who, now = event.who, self.clock()
        if known(db, who.platform, who.tenant, who.user) is not None:
            return True  # two first words at the same moment: the other one linked the account
        account = link_by_email(db, who.platform, who.tenant, who.user, profile.email, now)
        if account is None:  # or the other one did meanwhile
            return known(db, who.platform, who.tenant, who.user) is not None
        introduce(db, account, profile, now)
        _greet(db, event, account, now)
        _keep(db, account, now)
        return True

    async def _by_code(self, event: FromPerson, t: Texts, profile: Profile) -> str:
        found = CODE.search(clean(event.text)) if isinstance(event, Said | Command) else None
        if found is None:
            return t(UNKNOWN)
        try:
            name = await self.db.run(lambda db: self._link(db, event, found.group(1), profile))
        except Refused as no:
            return t(no.message)
        return t(WELCOME, name=name)

    def _link(self, db: Session, event: FromPerson, code: str, profile: Profile) -> str:
        who, now = event.who, self.clock()
        account = link_by_code(db, who.platform, who.tenant, who.user, code, now)
        said(account, profile)
        _adopted(db, account, now)
        _greet(db, event, account, now)
        _keep(db, account, now)
        return db.get_one(Person, account.person_id).name

    async def _answer(self, event: FromPerson, platform: Platform, t: Texts, said: str) -> Answer:
        """To a conversation a message, to everything else a line; never anything about a person in a channel."""
        card = stranger_card(said)
        if isinstance(event, Opened) and event.where.inline:
            return Answer(card=Message(card, t.locale))
        if isinstance(event, Opened) and not await self.db.run(lambda db: self._first(db, event)):
            return Answer()
        if isinstance(event, Said | Opened) and event.where.private:
            await platform.deliver(event.who, Message(card, t.locale), event.where.channel)
            return Answer()
        return Answer(toast=said)


def introduce(db: Session, account: Identity, profile: Profile, now: datetime) -> None:
    """What follows when the platform said whose an account is: messages that waited go there, and language and zone are
    taken over where the person has none."""
    _adopted(db, account, now)
    said(account, profile)
    person = db.get_one(Person, account.person_id)
    person.locale = person.locale or (negotiate(profile.locale) if profile.locale else "")
    person.zone = person.zone or account.zone


def said(account: Identity, profile: Profile) -> None:
    """Remembers what the platform says of an account: what the person does not choose here follows it (`bot.staff`)."""
    account.locale, account.zone = profile.locale, zone_of(profile.zone)


def zone_of(name: str) -> str:
    """A time zone by its name, "" if there is none of that name here: nothing could be dated in it."""
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def _adopted(db: Session, account: Identity, now: datetime) -> None:
    adopt(db, account.person_id, account.id, now)
    changes(db).append(Change("identity.linked", "identity", account.id, {"person": account.person_id}))


def _greet(db: Session, event: FromPerson, account: Identity, now: datetime) -> None:
    """Who opens a page or types a command has no conversation with the bot yet: it begins with who this is. Once,
    because an account is linked once."""
    if event.where.inline:
        enqueue(db, [greeting(account.person_id)], account, now)


def _keep(db: Session, account: Identity, now: datetime) -> None:
    made = changes(db)
    audit.append(db, made, account.person_id, account.platform, now)
    mark_copies(db, made)


def stranger_card(said: str) -> Card:
    """What an account that belongs to nobody yet is told."""
    return Card("Pandian", (text(said),), summary=said)
