"""A company's departments and people as a platform's own directory has them, to be imported like a file."""

from dataclasses import dataclass
from datetime import date

from bot.text import Sentence


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
