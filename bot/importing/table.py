"""A table from a CSV or XLSX file: plain cells with their line numbers, within limits, or a refusal that says why."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from bot.importing import workbook
from bot.text import N_, Sentence
from models.base import Refused

LARGEST_FILE = 20 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 20_000, 100, 2_000
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",;\t"
Cell = str | Decimal | date | None

TOO_BIG = N_("The file is larger than {most} MB.")
TOO_MANY_ROWS = N_("The file has more than {most} rows.")
TOO_MANY_COLUMNS = N_("Line {line} has more than {most} columns.")
TOO_LONG = N_("A cell in line {line} has more than {most} characters.")
NO_TEXT = N_("The file is neither UTF-8 nor GB 18030 text. Please save it as “CSV UTF-8” or as XLSX.")
NO_KIND = N_("Only CSV and XLSX files can be imported, not {kind}.")
EMPTY = N_("The file has no rows below its headings.")
NO_FILE = N_("There is no file {name}, or it cannot be read.")
BROKEN_ROW = N_("Line {line} cannot be read: a quotation mark is not closed.")


@dataclass(frozen=True, slots=True)
class Line:
    """One row with the number it has in the file, counted from 1; an empty cell is None."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The first sheet or the whole file: headings and the lines that are not empty. `digest` is of its bytes.

    What was no file has lines that nobody can look up: `names` says who each is. `notes` are told before the findings.
    """

    header: tuple[str, ...]
    lines: tuple[Line, ...]
    digest: str = ""
    names: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[Sentence, ...] = ()


def read_table(path: Path) -> Table:
    """The table of a file; raises Refused if it is too large, dangerous, or not a table."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise Refused(TOO_BIG, most=LARGEST_FILE // 1024 // 1024)
        body = path.read_bytes()
    except OSError:
        raise Refused(NO_FILE, name=path.name) from None
    kind = path.suffix.lower()
    if kind == ".xlsx":
        return table_of(workbook.rows(body, MOST_ROWS, MOST_COLUMNS), body)
    if kind in (".csv", ".tsv", ".txt"):
        return table_of(_csv(body), body)
    raise Refused(NO_KIND, kind=kind or path.name)


def table_of(rows: Iterable[Sequence[object]], body: bytes) -> Table:
    """Headings are the first row with text; empty rows are left out but counted."""
    header: tuple[str, ...] = ()
    lines: list[Line] = []
    for number, row in enumerate(rows, 1):
        cells = tuple(_cell(value, number) for value in row)
        if number > MOST_ROWS + 1:
            raise Refused(TOO_MANY_ROWS, most=MOST_ROWS)
        if len(cells) > MOST_COLUMNS:
            raise Refused(TOO_MANY_COLUMNS, line=number, most=MOST_COLUMNS)
        if all(cell is None for cell in cells):
            continue
        if header:
            lines.append(Line(number, cells))
        else:
            header = tuple(as_text(cell) for cell in cells)
    if not lines:
        raise Refused(EMPTY)
    return Table(header, tuple(lines), workbook.digest(body))


def as_text(cell: Cell) -> str:
    """A cell as text: a number without a needless fraction, a date as 2026-01-31."""
    match cell:
        case None:
            return ""
        case Decimal():
            return format(cell.normalize(), "f")
        case date():
            return cell.isoformat()
        case _:
            return cell


def _cell(value: object, line: int) -> Cell:
    """Text stays text, also where it begins like a formula; spreadsheets' 40.0 is the number 40."""
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.date()
        case date():
            return value
        case int() | float():
            return Decimal(str(value))
        case str() if value.strip():
            if len(value) > LONGEST_CELL:
                raise Refused(TOO_LONG, line=line, most=LONGEST_CELL)
            return value
        case _:
            return None


def _csv(body: bytes) -> Iterator[list[str]]:
    text = _decoded(body)
    delimiter = _delimiter(text)
    csv.field_size_limit(LONGEST_CELL * 10)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Refused(BROKEN_ROW, line=number) from None


def _decoded(body: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refused(NO_TEXT)


def _delimiter(text: str) -> str:
    """The separator that the heading line has most of, outside of quotation marks."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(part for number, part in enumerate(first.split('"')) if number % 2 == 0)
    return max(DELIMITERS, key=bare.count)
