"""Rule documents: what a cycle goes by, for everybody to look up."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, Session, col, select

from models.base import Refused, Versioned, json_field, put, record
from models.cycle import Cycle
from models.wording import Wording, with_words

# Of a cycle in these states nobody but HR knows yet, or any more.
HIDDEN = ("draft", "cancelled")
MOST = 200


class Rulebook(Versioned, table=True):
    """One document of a cycle: words per language, or a title with the `link` where it lies (https)."""

    noun: ClassVar[str] = "rulebook"
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    texts: dict[str, dict[str, str]] = json_field()
    link: str = ""
    by_id: int = Field(foreign_key="person.id")
    added_at: datetime
    changed_at: datetime
    removed_at: datetime | None = None

    def write(self, db: Session, at: int, now: datetime, locale: str, words: Wording | None, link: str) -> None:
        """The words in one language, or none; the link is the same in every language."""
        texts = with_words(self.texts, locale, words)
        if not texts:
            raise Refused("One language needs a title.", field="heading")
        _expect_content(texts, link)
        self.advance(db, at, texts=texts, link=link, changed_at=now)
        record(db, "rulebook.written", self, language=locale)

    def remove(self, db: Session, at: int, now: datetime) -> None:
        """Nobody finds it any more."""
        if self.removed_at is not None:
            raise Refused("This document was removed already.")
        self.advance(db, at, removed_at=now)
        record(db, "rulebook.removed", self)


def add(db: Session, cycle: Cycle, by_id: int, now: datetime, locale: str, words: Wording, link: str) -> Rulebook:
    """Stores a document of a cycle; it needs a text or a link."""
    texts = {locale: words.kept()}
    _expect_content(texts, link)
    made = Rulebook(cycle_id=cycle.id, texts=texts, link=link, by_id=by_id, added_at=now, changed_at=now)
    put(db, made)
    record(db, "rulebook.added", made, cycle=cycle.id)
    return made


def shelf(db: Session, words: str = "", *, hidden: bool = False, cycle_id: int = 0) -> list[tuple[Rulebook, Cycle]]:
    """The documents that say all the words in one of their languages, those of the newest cycle first.

    `hidden` shows those of cycles that only HR knows of, too.
    """
    wanted = select(Rulebook, Cycle).join(Cycle, col(Cycle.id) == col(Rulebook.cycle_id))
    wanted = wanted.where(col(Rulebook.removed_at).is_(None))
    if cycle_id:
        wanted = wanted.where(Rulebook.cycle_id == cycle_id)
    if not hidden:
        wanted = wanted.where(col(Cycle.state).not_in(HIDDEN))
    ordered = wanted.order_by(col(Cycle.starts_on).desc(), col(Cycle.id).desc(), col(Rulebook.id)).limit(MOST)
    sought = _plain(words).split()
    return [(one, cycle) for one, cycle in db.exec(ordered).all() if _says(one, cycle, sought)]


def visible(db: Session, one: Rulebook, *, hidden: bool) -> bool:
    """Whether somebody may read a document now."""
    return one.removed_at is None and (hidden or db.get_one(Cycle, one.cycle_id).state not in HIDDEN)


def documents(db: Session, ids: Sequence[int]) -> list[Rulebook]:
    """Those that were not removed, in this order."""
    found = [db.get(Rulebook, number) for number in ids]
    return [one for one in found if one is not None and one.removed_at is None]


def _says(one: Rulebook, cycle: Cycle, sought: Sequence[str]) -> bool:
    pages = [_plain(" ".join([*words.values(), cycle.name, one.link])) for words in one.texts.values()]
    return any(all(word in page for word in sought) for page in pages)


def _plain(said: str) -> str:
    """For comparing: full-width letters are plain ones, and case does not count."""
    return unicodedata.normalize("NFKC", said).casefold()


def _expect_content(texts: Mapping[str, Mapping[str, Any]], link: str) -> None:
    if not link and not any(words["text"] for words in texts.values()):
        raise Refused("Write the rules here, or give the link to where they are.", field="text")
