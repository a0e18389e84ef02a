"""What one line of a table of employees says, cell by cell; pure, nothing is stored here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from babel.numbers import get_currency_precision

from bot.importing import cells
from bot.importing.cells import Fault
from bot.importing.columns import REQUIRED, field_of
from bot.importing.table import Cell, Line, Table
from bot.text import N_

T = TypeVar("T")
ERROR, WARNING = "error", "warning"
HOURS, MONTHS = 2080, 12
COMPARED = (
    "name",
    "email",
    "position",
    "department",
    "manager",
    "hired_on",
    "pay",
    "active",
    "locale",
    "zone",
    "country",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as a file or the database says. None means: the file does not say, leave it as it is.

    `manager` is a number, "" for nobody; `department` and `position` are names (codes in what is known); `pay` is a
    monthly base pay as "amount currency" and is never shown.
    """

    number: str
    name: str = ""
    email: str | None = None
    position: str | None = None
    department: str = ""
    manager: str | None = None
    hired_on: date | None = None
    pay: str | None = field(default=None, repr=False)
    active: bool | None = None
    locale: str | None = None
    zone: str | None = None
    country: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the database has: people by number, and codes of departments and positions by folded name."""

    people: Mapping[str, Entry]
    departments: Mapping[str, str]
    positions: Mapping[str, str]
    today: date
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one cell; `message` and `facts` are a sentence. Line 1 is usually the headings."""

    line: int
    field: str
    severity: str
    message: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Report:
    """What importing would do. `changed` names the fields by number; `leaving` are numbers of people who left."""

    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    new: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    unchanged: int
    leaving: tuple[str, ...]
    departments: int
    digest: str

    @property
    def errors(self) -> list[Finding]:
        """What prevents the import."""
        return [finding for finding in self.findings if finding.severity == ERROR]


def columns_of(table: Table) -> tuple[dict[str, int], list[Finding]]:
    """Where each field stands, and what is wrong with the headings."""
    columns: dict[str, int] = {}
    findings = []
    for place, heading in enumerate(table.header):
        name = field_of(heading)
        if name in columns:
            findings.append(Finding(1, name, ERROR, N_("Two columns have this heading."), {}))
        elif name:
            columns[name] = place
        elif heading:
            message = N_("The column “{heading}” is not known and was not used.")
            findings.append(Finding(1, "", WARNING, message, {"heading": cells.shortened(heading)}))
    message = N_("This column is needed and was not found.")
    findings += [Finding(1, name, ERROR, message, {}) for name in REQUIRED if name not in columns]
    return columns, findings


def read_line(line: Line, columns: Mapping[str, int], known: Known) -> tuple[Entry, list[Finding]]:
    """The person of a line and what is wrong with its cells."""
    reader = _Reader(line, columns, known)
    return reader.entry(), reader.findings


@dataclass(slots=True)
class _Reader:
    """Reads the cells of one line and collects what is wrong with them."""

    line: Line
    columns: Mapping[str, int]
    known: Known
    findings: list[Finding] = field(default_factory=list)

    def entry(self) -> Entry:
        """The person of this line as far as it can be read."""
        manager = self._read("manager", cells.number)
        return Entry(
            number=self._needed("number", cells.number),
            name=self._needed("name", cells.name),
            email=self._read("email", cells.email),
            position=self._read("position", cells.name),
            department=self._needed("department", cells.name),
            manager=manager if manager is not None or "manager" not in self.columns else "",
            hired_on=self._hired(),
            pay=self._pay(),
            active=self._read("active", cells.active),
            locale=self._read("locale", cells.locale),
            zone=self._read("zone", cells.zone),
            country=self._read("country", cells.country),
            line=self.line.number,
        )

    def _cell(self, name: str) -> Cell:
        place = self.columns.get(name)
        return self.line.cells[place] if place is not None and place < len(self.line.cells) else None

    def _note(self, name: str, severity: str, message: str, **facts: object) -> None:
        self.findings.append(Finding(self.line.number, name, severity, message, facts))

    def _read(self, name: str, read: Callable[[Cell], T]) -> T | None:
        """The value of a cell; None if there is none, or if it cannot be read (which is noted)."""
        cell = self._cell(name)
        if cell is None:
            return None
        for warning in cells.oddities(cell):
            self._note(name, WARNING, warning)
        try:
            return read(cell)
        except Fault as fault:
            self._note(name, ERROR, fault.message, **fault.facts)
            return None

    def _needed(self, name: str, read: Callable[[Cell], str]) -> str:
        if self._cell(name) is None:
            self._note(name, ERROR, N_("This is missing."))
            return ""
        return self._read(name, read) or ""

    def _hired(self) -> date | None:
        found = self._read("hired_on", cells.day)
        if found is not None and found > self.known.today:
            self._note("hired_on", WARNING, N_("This date is in the future."))
        return found

    def _pay(self) -> str | None:
        """A monthly base pay from whichever column says most: hourly, annual, or per pay period."""
        a_year = self._read("frequency", cells.frequency)
        currency = self._read("currency", cells.currency) or self.known.currency
        for name, count in (("hourly", HOURS), ("annual", 1), ("pay", a_year or MONTHS)):
            amount = self._read(name, cells.amount)
            if amount is not None:
                places = Decimal(1).scaleb(-get_currency_precision(currency))
                return f"{(amount * count / MONTHS).quantize(places, ROUND_HALF_UP)} {currency}"
        return None
