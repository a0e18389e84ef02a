"""Reading single cells: the value, or what class of value was found instead of the wanted one."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

from bot.importing import columns
from bot.importing.table import Cell, as_text
from bot.text import LOCALES, N_, Sentence, clean, later, negotiate

LONGEST = 200
FORMULA = tuple("=+-@\t\r＝＋－＠")
EARLIEST = date(1950, 1, 1)
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_DATE = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?日?(?:[T ]\d{2}:\d{2}.*)?")
_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,6})?")
_CURRENCY = re.compile(r"[A-Z]{3}")

TOO_LONG = N_("This is longer than {most} characters.")
NOT_DATE = N_("This is not a date: {found}. Write it as 2026-01-31.")
FAR_DATE = N_("This date is too long ago.")
NOT_EMAIL = N_("This is not an e-mail address: {found}.")
NOT_NUMBER = N_("This is not an employee number: {found}.")
NOT_NAME = N_("This is not a name: {found}.")
NOT_AMOUNT = N_("This is not an amount above zero: {found}.")
NOT_ANSWER = N_("This is neither yes nor no: {found}.")
NOT_PERIOD = N_("This pay period is not known: {found}.")
NOT_CURRENCY = N_("This is not a currency code such as CNY: {found}.")
NOT_LANGUAGE = N_("This language is not available: {found}. Use one of {locales}.")
NOT_COUNTRY = N_("This is not a country code such as CN or DE-BY: {found}.")
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
NOT_ZONE = N_("This is not a time zone name such as Asia/Shanghai: {found}.")
LIKE_FORMULA = N_("It begins like a formula. It is kept as plain text.")
INVISIBLE = N_("Invisible characters were taken out.")
MIXED = N_("Letters of different alphabets that look alike are mixed in one word.")


class Fault(Exception):
    """A cell does not hold what its column wants; facts name the class of what was found, never the value."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message, self.facts = message, facts


def kind_of(cell: Cell) -> Sentence:
    """What class of value a cell holds, so that a report need not quote it."""
    match cell:
        case None:
            return later(N_("nothing"))
        case Decimal():
            return later(N_("a number"))
        case date():
            return later(N_("a date"))
    if cell.startswith(FORMULA):
        return later(N_("text that begins like a formula"))
    return later(N_("digits as text")) if clean(cell).isdecimal() else later(N_("text"))


def oddities(cell: Cell) -> list[str]:
    """Warnings about text that may not be what it looks like (threats T45, T50)."""
    if not isinstance(cell, str):
        return []
    found = [LIKE_FORMULA] if cell.lstrip(" ").startswith(FORMULA) else []
    hidden = any(unicodedata.category(char) in ("Cf", "Cs", "Co") for char in cell)
    found += [INVISIBLE] if hidden or any(char < " " and char not in "\t\r\n" for char in cell) else []
    return found + ([MIXED] if any(len(_alphabets(word)) > 1 for word in cell.split()) else [])


def _alphabets(word: str) -> set[str]:
    names = {unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha()}
    return names & {"LATIN", "CYRILLIC", "GREEK"}


def shortened(text: str) -> str:
    """A heading short and tidy enough to be quoted."""
    tidy = clean(text)
    return tidy if len(tidy) <= 40 else f"{tidy[:39]}…"


def name(cell: Cell) -> str:
    """A name of a person, position or department: NFKC, no invisible characters, single spaces."""
    if not isinstance(cell, str):
        raise Fault(NOT_NAME, found=kind_of(cell))
    text = " ".join(clean(cell).split())
    if not text:
        raise Fault(NOT_NAME, found=kind_of(None))
    if len(text) > LONGEST:
        raise Fault(TOO_LONG, most=LONGEST)
    return text


def number(cell: Cell) -> str:
    """An employee number; 40.0 from a spreadsheet is 40, 007 in a text cell stays 007."""
    if isinstance(cell, date) or (isinstance(cell, Decimal) and (cell % 1 or cell < 0)):
        raise Fault(NOT_NUMBER, found=kind_of(cell))
    text = clean(as_text(cell))
    if not text or len(text) > 40 or any(char.isspace() for char in text):
        raise Fault(NOT_NUMBER, found=kind_of(cell))
    return text


def email(cell: Cell) -> str:
    """An address in lower case; letters of any language may stand before the @."""
    text = clean(as_text(cell)).lower()
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise Fault(NOT_EMAIL, found=kind_of(cell))
    return text


def day(cell: Cell) -> date:
    """A date cell, or text with the year first; 03/04/2020 could be two days and is refused."""
    if isinstance(cell, date):
        found = cell
    else:
        parts = _DATE.fullmatch(clean(cell)) if isinstance(cell, str) else None
        if parts is None:
            raise Fault(NOT_DATE, found=kind_of(cell))
        try:
            found = date(int(parts[1]), int(parts[2]), int(parts[3]))
        except ValueError:
            raise Fault(NOT_DATE, found=kind_of(cell)) from None
    if found < EARLIEST:
        raise Fault(FAR_DATE)
    return found


def amount(cell: Cell) -> Decimal:
    """A finite amount above zero, with or without thousands separators."""
    text = clean(as_text(cell))
    try:
        value = Decimal(text.replace(",", "")) if text.isascii() and _AMOUNT.fullmatch(text) else Decimal(0)
    except InvalidOperation:
        value = Decimal(0)
    if value <= 0:
        raise Fault(NOT_AMOUNT, found=kind_of(cell))
    return value


def active(cell: Cell) -> bool:
    """Whether the person works here."""
    answer = columns.works_here(as_text(cell))
    if answer is None:
        raise Fault(NOT_ANSWER, found=kind_of(cell))
    return answer


def frequency(cell: Cell) -> int:
    """How many pay periods a year has."""
    count = columns.periods(as_text(cell))
    if count is None:
        raise Fault(NOT_PERIOD, found=kind_of(cell))
    return count


def currency(cell: Cell) -> str:
    """A currency code of three letters."""
    text = clean(as_text(cell)).upper()
    if not _CURRENCY.fullmatch(text):
        raise Fault(NOT_CURRENCY, found=kind_of(cell))
    return text


def locale(cell: Cell) -> str:
    """One of our locales for what is written (zh-TW, 繁體中文, ja_JP)."""
    text = clean(as_text(cell))
    found = negotiate(text, default="") or _language_named(text)
    if not found:
        raise Fault(NOT_LANGUAGE, found=kind_of(cell), locales=list(LOCALES))
    return found


def _language_named(text: str) -> str:
    for tag in LOCALES:
        for reader in LOCALES:
            try:
                if text.casefold() == (Locale.parse(tag).get_display_name(reader) or "").casefold():
                    return tag
            except UnknownLocaleError:
                continue
    return {"简体中文": "zh_Hans", "中文": "zh_Hans", "繁體中文": "zh_Hant", "japanese": "ja"}.get(text.casefold(), "")


def country(cell: Cell) -> str:
    """Whose holidays somebody has: "CN", or with a part of the country "DE-BY"."""
    text = clean(as_text(cell)).upper()
    if not _COUNTRY.fullmatch(text):
        raise Fault(NOT_COUNTRY, found=kind_of(cell))
    return text


def zone(cell: Cell) -> str:
    """The name of a time zone."""
    text = clean(as_text(cell))
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Fault(NOT_ZONE, found=kind_of(cell)) from None
