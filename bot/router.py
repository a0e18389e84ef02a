"""Where an event goes: commands, buttons, forms, views and schedules by name; a name declared twice fails at start."""

import difflib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

from sqlmodel import Session

from bot.cards import Card
from bot.events import Attached, Click, Command, Fetched, Submitted, Tick
from bot.forms import Form
from bot.text import LOCALES, clean, texts
from models.rights import MATRIX

if TYPE_CHECKING:
    from bot.context import Context

ROOTS = ("/perf", "perf", "/绩效", "绩效", "績效")
ENDS = " .。!！?？~～、,，:："  # signs behind a command that say nothing
F = TypeVar("F", bound=Form)
OnCommand = Callable[["Context", Command], None]
OnClick = Callable[["Context", Click], None]
OnFormOf = Callable[["Context", Submitted, F], None]
OnForm = Callable[["Context", Submitted, Any], None]
View = Callable[["Context", int, dict[str, Any]], Card | None]
# Of these people (their ids), who is shown the same subject in the same way: equal values.
Alike = Callable[[Session, int, Sequence[int]], Mapping[int, Hashable]]
OnTick = Callable[["Context", Tick], None]
E = TypeVar("E", Attached, Fetched)


class Reads(IntEnum):
    """Whether a command only reads, and then how much: FEW is a handful of rows, each found by an index, however large
    the company is."""

    NOT = 0
    MANY = 1
    FEW = 2


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command: `about` explains it in `perf help`, `usage` shows its arguments, `right` is what it needs."""

    name: str
    about: str
    usage: str
    right: str
    run: OnCommand
    reads: Reads = Reads.NOT


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button: with a version the subject must still be at, if `versioned`."""

    run: OnClick
    right: str
    versioned: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A form and its handler."""

    form: type[Form]
    run: OnForm
    right: str
    versioned: bool


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A tick: `cron` in UTC."""

    cron: str
    run: OnTick


@dataclass
class Router:
    """Declarations of one file of handlers, or of all of them merged."""

    commands: dict[str, Spoken] = field(default_factory=dict)
    buttons: dict[str, Pressed] = field(default_factory=dict)
    forms: dict[str, Filled] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    ticks: dict[str, Scheduled] = field(default_factory=dict)
    takes: dict[type, Callable[["Context", Any], None]] = field(default_factory=dict)
    past: dict[str, str] = field(default_factory=dict)
    alike: dict[str, Alike] = field(default_factory=dict)
    _words: dict[str, str] = field(default_factory=dict)
    _longest: list[str] = field(default_factory=list)

    def command(
        self, name: str, about: str, *, usage: str = "", right: str, reads: Reads = Reads.NOT
    ) -> Callable[[OnCommand], OnCommand]:
        """Declares `perf name`; its aliases are the translations of the word itself, in the catalogs. One that only
        `reads` is answered without a write where no message is to be remembered; if it writes all the same, it fails.
        """
        return lambda run: _put(self.commands, name, Spoken(name, about, usage, right, run, reads), run)

    def button(self, action: str, *, right: str = "", versioned: bool = False) -> Callable[[OnClick], OnClick]:
        """Declares noun.verb; the right has the same name unless told otherwise."""
        return lambda run: _put(self.buttons, action, Pressed(run, right or action, versioned), run)

    def form(self, form: type[F], *, right: str = "", versioned: bool = False) -> Callable[[OnFormOf[F]], OnFormOf[F]]:
        """Declares who receives a form."""
        return lambda run: _put(self.forms, form.action, Filled(form, run, right or form.action, versioned), run)

    def view(self, name: str, *, alike: Alike | None = None) -> Callable[[View], View]:
        """Declares how a message is drawn for its reader at the moment it is sent; None: no longer worth sending.

        `alike` says of many who get it as a new message who is shown the same: those with equal values who also read in
        one language and zone and have the same roles are drawn once; who is left out is drawn alone.
        """
        self.alike |= {name: alike} if alike else {}
        return lambda run: _put(self.views, name, run, run)

    def every(self, name: str, cron: str) -> Callable[[OnTick], OnTick]:
        """Declares scheduled work, by a cron line in UTC."""
        return lambda run: _put(self.ticks, name, Scheduled(cron, run), run)

    def take(self, kind: type[E]) -> Callable[[Callable[["Context", E], None]], Callable[["Context", E], None]]:
        """Declares who takes events that name nothing of ours: files somebody sent, a file that was fetched."""
        return lambda run: _put(self.takes, kind, run, run)

    def said(self, **sentences: str) -> None:
        """How a change of a subject is told to somebody whose card is outdated: plan_approved="{who} approved …"."""
        for action, sentence in sentences.items():
            _put(self.past, action.replace("_", ".", 1), sentence, sentence)

    @classmethod
    def merged(cls, routers: "Iterable[Router]") -> "Router":
        """All declarations together."""
        whole = cls()
        for router in routers:
            for part in ("commands", "buttons", "forms", "views", "alike", "ticks", "takes", "past"):
                for name, entry in getattr(router, part).items():
                    _put(getattr(whole, part), name, entry, entry)
        return whole

    @property
    def words(self) -> dict[str, str]:
        """Every word that means a command, in every language, to its name."""
        if self._words:
            return self._words
        found = self._words
        for name in self.commands:
            for locale in LOCALES:
                for alias in aliases(name, locale):
                    if found.setdefault(alias, name) != name:
                        raise ValueError(f"{alias!r} means both {found[alias]!r} and {name!r}")
        return found

    def check(self) -> None:
        """Fails if a name leads nowhere: every right has a row in the policy, every alias one meaning."""
        asked = {entry.right for entry in self.commands.values()}
        asked |= {entry.right for entry in self.buttons.values()} | {entry.right for entry in self.forms.values()}
        orphans = asked - set(MATRIX)
        if orphans:
            raise ValueError(f"rights without a row in models.rights: {', '.join(sorted(orphans))}")
        if not self.words:
            raise ValueError("no commands are declared")

    def parse(self, typed: str) -> tuple[Spoken | None, str]:
        """The command and the rest of the line; None with the line itself if no command fits.

        Full-width characters are read as plain ones, a sign before or behind the command is none of it, and words of
        languages written without spaces need none.
        """
        line = strip_root(clean(typed))
        line = line.lstrip("/#").strip() or line
        if not line:
            return None, line
        lower = line.casefold()
        self._longest = self._longest or sorted(self.words, key=len, reverse=True)
        for alias in self._longest:
            if lower.startswith(alias) and _ends(lower, alias):
                rest = line[len(alias) :].strip()
                return self.commands[self.words[alias]], rest if rest.strip(ENDS) else ""
        return None, line

    def nearest(self, typed: str, among: Iterable[str]) -> list[str]:
        """The names of up to three commands that somebody may have meant."""
        allowed = set(among)
        words = {alias: name for alias, name in self.words.items() if name in allowed}
        first = (clean(typed).casefold().split() or [""])[0]
        close = difflib.get_close_matches(first, words, n=6, cutoff=0.5)
        close += [alias for alias in words if not alias.isascii() and set(alias) & set(first)]
        return list(dict.fromkeys(words[alias] for alias in close))[:3]


def aliases(name: str, locale: str) -> list[str]:
    """What the command is called in a language: its catalog entry "目标 指标", split at spaces, and the name itself."""
    said = texts(locale).p("command", name)
    return list(dict.fromkeys([name, *clean(said).casefold().replace(",", " ").split()]))


def has_root(typed: str) -> bool:
    """Whether a line starts with the root word."""
    line = clean(typed)
    return strip_root(line) != line


def strip_root(line: str) -> str:
    """The line without the root word, if it starts with one."""
    for root in ROOTS:
        if line.casefold().startswith(root) and _ends(line.casefold(), root):
            return line[len(root) :].strip()
    return line.strip()


def _ends(line: str, word: str) -> bool:
    """Whether a word of the line ends there; Chinese and Japanese words need no space behind them."""
    rest = line[len(word) :]
    return not rest or not word[-1].isascii() or not (rest[0].isascii() and (rest[0].isalnum() or rest[0] == "_"))


def _put(place: dict[Any, Any], name: object, entry: object, result: Any) -> Any:
    if name in place:
        raise ValueError(f"{name!r} is declared twice")
    place[name] = entry
    return result
