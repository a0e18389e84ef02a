"""Texts in the reader's language: translation, plurals, dates, numbers, lists (Babel)."""

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import structlog
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

from bot.cards import Span

LOCALES = ("en", "zh_Hans", "zh_Hant", "ja")
FOLDER = Path(__file__).parent.parent / "locales"
NAMES = {"en": "English", "zh_Hans": "简体中文", "zh_Hant": "繁體中文", "ja": "日本語"}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
log = structlog.get_logger()


def N_(message: str) -> str:
    """Marks a sentence for extraction and returns it unchanged."""
    return message


def tidy(said: str) -> str:
    """The text without control and invisible characters (line breaks and tabs become spaces)."""
    spaced = "".join(" " if char in "\r\n\t\v\f\u2028\u2029\u00a0\u3000" else char for char in said)
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")).strip()


def clean(said: str) -> str:
    """Tidy, and in the compatible normal form: full-width letters, digits and signs become the plain ones."""
    return tidy(unicodedata.normalize("NFKC", said))


def negotiate(wanted: str | None, available: Iterable[str] = LOCALES, default: str = "en") -> str:
    """Our own tag for what a platform or person asks for ("zh-TW" → "zh_Hant"); `default` if nothing fits."""
    tags = list(available)
    try:
        locale = Locale.parse((wanted or "").replace("-", "_"))
    except (ValueError, UnknownLocaleError, TypeError):
        return default
    script = locale.script or ("Hant" if locale.territory in ("TW", "HK", "MO") else "Hans")
    full = f"{locale.language}_{script}" if locale.language == "zh" else locale.language
    return full if full in tags else default


@lru_cache(maxsize=16)
def catalog(locale: str) -> NullTranslations:
    """The compiled catalog of a locale; English and locales without a catalog give the sentences themselves."""
    path = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    if locale not in LOCALES or not path.exists():
        return NullTranslations()
    return compiled(path, locale)


def compiled(path: Path, locale: str) -> GNUTranslations:
    """The translations of one .po file."""
    with path.open("rb") as source:
        parsed = read_po(source, locale=locale)
    binary = io.BytesIO()
    write_mo(binary, parsed)
    binary.seek(0)
    return GNUTranslations(binary)


class Moment(str):
    """An instant as its reader writes it, which still knows when it is: a platform whose client knows the reader's zone
    and language better may show it its own way. Inside a sentence it is a text like any other."""

    __slots__ = ("at",)
    at: dt.datetime

    def __new__(cls, said: str, at: dt.datetime) -> "Moment":
        """`at` is aware."""
        made = super().__new__(cls, said)
        made.at = at
        return made

    def __getnewargs__(self) -> tuple[str, dt.datetime]:  # type: ignore[override]
        """What a copy is made from."""
        return str(self), self.at


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence whose reader is not known yet: English text and its values."""

    message: str
    values: Mapping[str, object]


def later(message: str, **values: object) -> Sentence:
    """A sentence to be said once the reader is known."""
    return Sentence(message, values)


class Texts:
    """Everything one reader is told: `t("…")`. Times are shown in `zone`; `words` replaces the locale's own catalog."""

    def __init__(self, locale: str = "en", zone: str = "UTC", words: NullTranslations | None = None) -> None:
        self.locale = locale
        self.zone = ZoneInfo(zone)
        self._babel = _babel(locale)
        self._catalog = catalog(locale) if words is None else words

    def __call__(self, message: str, /, **values: object) -> str:
        """The translated sentence with its {placeholders} filled in."""
        return self._fill(self._catalog.gettext(message), message, values)

    def n(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The sentence for `count` things; {n} is the count."""
        said = self._catalog.ngettext(one, many, count)
        return self._fill(said, one if count == 1 else many, {"n": count, **values})

    def p(self, context: str, message: str, /, **values: object) -> str:
        """The sentence as meant in `context`, where one English word has several translations."""
        return self._fill(self._catalog.pgettext(context, message), message, values)

    def say(self, sentence: Sentence) -> str:
        """A sentence that was made for a reader not known then."""
        return self(sentence.message, **sentence.values)

    def rich(self, message: str, /, **values: Span) -> tuple[Span, ...]:
        """The translated sentence as spans; placeholders may be Bold, Link or Mention."""
        said = self._catalog.gettext(message)
        known = set(_PLACEHOLDER.findall(said)) == set(_PLACEHOLDER.findall(message))
        parts = re.split(r"(\{\w+\})", said if known else message)
        spans = (values.get(part[1:-1], part) if _PLACEHOLDER.fullmatch(part) else part for part in parts)
        return tuple(str(span) if isinstance(span, Moment) else span for span in spans if span != "")

    def show(self, value: object) -> str:
        """Any value as the reader writes it."""
        match value:
            case Sentence():
                return self.say(value)
            case dt.datetime():
                return self.datetime(value)
            case dt.date():
                return self.date(value)
            case Decimal() | float():
                return self.number(value)
            case bool():
                return self(N_("yes")) if value else self(N_("no"))
            case int():
                return self.number(value)
            case list() | tuple():
                return self.list(self.show(part) for part in value)
            case _:
                return str(value)

    def date(self, value: dt.date) -> str:
        """A calendar date."""
        pattern = {"zh": "y年M月d日", "ja": "y年M月d日"}.get(self._babel.language, "d MMM y")
        return format_date(value, format=pattern, locale=self._babel)

    def day(self, value: dt.date) -> str:
        """A date without its year, for dates near by."""
        pattern = {"zh": "M月d日", "ja": "M月d日"}.get(self._babel.language, "d MMM")
        return format_date(value, format=pattern, locale=self._babel)

    def datetime(self, value: dt.datetime, form: str = "medium") -> Moment:
        """An instant, in the reader's zone, to the minute."""
        pattern = {"zh": "y年M月d日 HH:mm", "ja": "y年M月d日 HH:mm"}.get(self._babel.language, "d MMM y, HH:mm")
        return _instant(value, pattern, self.zone, self._babel)

    def ago(self, past: dt.datetime, now: dt.datetime) -> str:
        """How long ago, in words."""
        return format_timedelta(past - now, add_direction=True, locale=self._babel)

    def number(self, value: Decimal | float | int) -> str:
        """A number, with up to four decimal places."""
        return _number(value, self._babel)

    def percent(self, share: Decimal | float, places: int = 0) -> str:
        """A share of one as percent: 0.754 → "75%"."""
        pattern = "#,##0" + ("." + "#" * places if places else "") + "%"
        return _percent(share, pattern, self._babel)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount in the currency's minor unit."""
        return format_currency(amount, currency, locale=self._babel)

    def list(self, parts: Iterable[str]) -> str:
        """ "A, B and C"."""
        return format_list(list(parts), locale=self._babel)

    def _fill(self, said: str, message: str, values: Mapping[str, object]) -> str:
        if not values:
            return said
        shown = {name: self.show(value) for name, value in values.items()}
        for pattern in (said, message):
            try:
                return fill(pattern, shown)
            except (KeyError, ValueError):
                log.warning("sentence does not fit its values", locale=self.locale, message=message)
        return _PLACEHOLDER.sub(lambda found: shown.get(found[1], found[0]), message)


def fill(pattern: str, values: Mapping[str, str]) -> str:
    """The pattern with {name} replaced; no attributes, indexes, conversions or widths (threat T47)."""
    return "".join(literal + (values[name] if name else "") for literal, name in _parts(pattern))


@lru_cache(maxsize=2048)
def _parts(pattern: str) -> tuple[tuple[str, str], ...]:
    """The literals of a sentence with the placeholder behind each, "" for none."""
    parts = []
    for literal, name, spec, conversion in Formatter().parse(pattern):
        if name is not None and (spec or conversion or not name.isidentifier()):
            raise ValueError("only plain {names} may stand in a sentence")
        parts.append((literal, name or ""))
    return tuple(parts)


# A card says the same few dates and numbers again and again; Babel takes longer for one than a query does.


@lru_cache(maxsize=4096)
def _instant(value: dt.datetime, pattern: str, zone: ZoneInfo, locale: Locale) -> Moment:
    at = value if value.tzinfo else value.replace(tzinfo=dt.UTC)  # as Babel takes it
    return Moment(format_datetime(at, format=pattern, tzinfo=zone, locale=locale), at)


@lru_cache(maxsize=4096)
def _number(value: Decimal | float | int, locale: Locale) -> str:
    return format_decimal(value, format="#,##0.####", locale=locale)


@lru_cache(maxsize=4096)
def _percent(share: Decimal | float, pattern: str, locale: Locale) -> str:
    return format_percent(share, format=pattern, locale=locale)


@lru_cache(maxsize=64)
def texts(locale: str, zone: str = "UTC") -> Texts:
    """The shared Texts of a locale and zone."""
    return Texts(locale, zone)


@lru_cache(maxsize=64)
def _babel(locale: str) -> Locale:
    return Locale.parse(locale)
