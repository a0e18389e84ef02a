"""A text written once, with its own words per language: what announcements and rule documents say."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from models.base import said

# As rows keep it: language → title, text and more.
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Wording:
    """A title, and the text in up to two parts; paragraphs are lines."""

    title: str
    text: str = ""
    more: str = ""

    def kept(self) -> dict[str, str]:
        """As a row keeps it."""
        return asdict(self)

    @property
    def whole(self) -> str:
        """Both parts of the text."""
        return "\n".join(part for part in (self.text, self.more) if part)


def language(texts: Texts, locale: str) -> str:
    """The language in which a reader of `locale` gets the text: their own, or the nearest there is; "" for none."""
    return said({tag: tag for tag in texts}, locale)


def worded(texts: Texts, locale: str) -> Wording:
    """The words that a reader of `locale` gets."""
    found = texts.get(language(texts, locale))
    return Wording(**found) if found else Wording("")


def with_words(texts: Texts, locale: str, words: Wording | None) -> dict[str, dict[str, str]]:
    """The text with other words in one language, or without it."""
    others = {tag: dict(said) for tag, said in texts.items() if tag != locale}
    return {**others, locale: words.kept()} if words is not None else others
