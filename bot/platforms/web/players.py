"""Who can be played in the console, and what the console asks the rest of the bot for."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.capability import Message, Ref
from bot.events import Who


class Role(StrEnum):
    """The group a person stands in, in the order of the switcher."""

    EXECUTIVE = "executive"
    HR = "hr"
    HEAD = "head"
    MANAGER = "manager"
    EMPLOYEE = "employee"


@dataclass(frozen=True, slots=True)
class Player:
    """One person of the sample company; `user` is the account on this platform, `manager` the line manager's name.

    Featured people stand on top of the switcher.
    """

    user: str
    name: str
    role: Role = Role.EMPLOYEE
    department: str = ""
    position: str = ""
    locale: str = "en"
    zone: str = ""
    manager: str = ""
    email: str = ""
    vouched: bool = False
    featured: bool = False


People = Callable[[], Awaitable[Sequence[Player]]]
History = Callable[[Who, int], Awaitable[Sequence[tuple[Ref, Message]]]]
Words = Callable[[Who], Awaitable[Sequence[tuple[str, str]]]]


async def silence(_who: Who, _most: int) -> Sequence[tuple[Ref, Message]]:
    """A history without messages."""
    return ()


async def wordless(_who: Who) -> Sequence[tuple[str, str]]:
    """No words to complete."""
    return ()
