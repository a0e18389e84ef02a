"""A company's departments and people as a platform's own directory has them, to be imported like a file."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from bot.capability import Gone, Later, Profile
from bot.events import Who
from bot.text import Sentence

TRIES, PAUSE, LONGEST = 5, 0.5, 60.0  # of one call; seconds between two, and the most that a platform may ask for
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unit:
    """A department; `parent` and `head` are ids, "" for none."""

    id: str
    name: str
    parent: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in `unit`; `leader` is the id of their own line manager, "" if the directory names none.

    "" and None everywhere else: the directory does not say.
    """

    id: str
    name: str
    number: str
    unit: str
    email: str = ""
    title: str = ""
    leader: str = ""
    active: bool | None = None
    hired_on: date | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody; `notes` is what an operator should know before it is imported."""

    units: tuple[Unit, ...]
    members: tuple[Member, ...]
    notes: tuple[Sentence, ...] = ()


class Unread(Exception):
    """The directory cannot be read, or not whole: an English sentence with {placeholders} that says what to do."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message, self.facts = message, facts


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a platform is waited for, and the sentences that say why it was in vain."""

    silent: str
    busy: str
    refused: str

    async def __call__(self, call: Callable[[], Awaitable[T]]) -> T:
        """The answer to a call, waiting when asked to, a few times. Raises Unread, or Gone as it is."""
        reason = self.silent
        for _try in range(TRIES):
            try:
                return await call()
            except Later as no:
                if no.entirely:
                    raise Unread(self.refused) from None
                reason, pause = self.busy, min(no.seconds, LONGEST)
            except OSError:
                reason, pause = self.silent, PAUSE
            await asyncio.sleep(pause)
        raise Unread(reason)


async def listed(
    platform: str, tenants: Collection[str], read: Callable[[], Awaitable[Iterable[tuple[str, Profile]]]]
) -> AsyncIterator[tuple[Who, Profile]]:
    """The accounts of a company whose key only its people's words tell; raises Gone until one of them has written."""
    if len(tenants) != 1:
        raise Gone("nobody has written yet")
    try:
        found = await read()
    except Unread as no:
        raise Gone(no.message) from None
    (company,) = tenants
    for user, profile in found:
        yield Who(platform, company, user), profile
