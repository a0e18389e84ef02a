"""Workbooks (XLSX) from strangers: looked at as a zip before anything parses them (threat T52)."""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from python_calamine import CalamineError, CalamineWorkbook

from bot.text import N_
from models.base import Refused

MAGIC = b"PK\x03\x04"
MOST_ENTRIES = 1_000
MOST_BYTES = 50 * 1024 * 1024
STEEPEST = 150
SMALL = 1024 * 1024
MOST_TEXT = 200 * 1024 * 1024
# Other formats hide in zips, too; the parser would open them by their content.
NEEDED = frozenset({"[Content_Types].xml", "xl/workbook.xml"})
OTHER_KINDS = frozenset({"xl/workbook.bin", "content.xml", "mimetype"})

NOT_ZIP = N_("This is not a workbook that can be read. Please save it again as XLSX.")
DANGEROUS = N_("This workbook unpacks to far more than its size. It was not opened.")
TOO_WIDE = N_("The workbook has cells beyond row {rows} or column {columns}. Please delete what is not needed.")
# The parser finds sheets by name, wherever they are, so every part is searched; prefixes and both quotes are legal.
_CELL = re.compile(rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r=[\"']([A-Za-z]{1,9})([0-9]{1,9})")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r=[\"']([0-9]{1,9})")
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def digest(body: bytes) -> str:
    """The sha256 of a file, for the audit trail."""
    return hashlib.sha256(body).hexdigest()


def rows(body: bytes, most_rows: int, most_columns: int) -> Iterator[list[object]]:
    """The rows of the first sheet; raises Refused for what is no workbook or could not be opened safely."""
    inspect(body, most_rows, most_columns)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        sheet = book.get_sheet_by_index(0)
        skipped = sheet.start[0] if sheet.start else 0
        yield from ([] for _row in range(skipped))
        for row in sheet.to_python(skip_empty_area=True):
            yield list(row)
    except (CalamineError, IndexError, OSError):
        raise Refused(NOT_ZIP) from None


def inspect(body: bytes, most_rows: int, most_columns: int) -> None:
    """Refuses bombs by what the zip declares and by what really streams out of it, and sheets without end."""
    if not body.startswith(MAGIC):
        raise Refused(NOT_ZIP)
    cells = longest = 0
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _declared(archive.infolist(), len(body))
            for part in _parts(archive):
                if _ENTITY.search(part):
                    raise Refused(NOT_ZIP)
                _bounded(part, most_rows, most_columns)
                cells += len(_ANY_CELL.findall(part))
                longest = max(longest, *(len(text) for text in part.split(b"</si>")))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise Refused(NOT_ZIP) from None
    if cells * longest > MOST_TEXT:
        raise Refused(DANGEROUS)


def _declared(entries: Sequence[zipfile.ZipInfo], size: int) -> None:
    names = [entry.filename for entry in entries]
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or total > MOST_BYTES or (total > SMALL and total > STEEPEST * size):
        raise Refused(DANGEROUS)
    if len(set(names)) < len(names) or any(name.startswith(("/", "\\")) or ".." in name for name in names):
        raise Refused(NOT_ZIP)
    if not set(names) >= NEEDED or OTHER_KINDS & set(names) or any(entry.flag_bits & 1 for entry in entries):
        raise Refused(NOT_ZIP)


def _parts(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """What really comes out of each entry; the declared sizes are the sender's claim."""
    left = MOST_BYTES
    for entry in archive.infolist():
        with archive.open(entry) as stream:
            part = stream.read(left + 1)
        left -= len(part)
        if left < 0:
            raise Refused(DANGEROUS)
        yield part


def _bounded(part: bytes, most_rows: int, most_columns: int) -> None:
    """The reader makes room for everything up to the farthest cell, so that one cell far away is a bomb, too."""
    rows = max((int(row) for row in _ROW.findall(part)), default=0)
    columns = 0
    for letters, row in set(_CELL.findall(part)):
        rows, columns = max(rows, int(row)), max(columns, _column(letters))
    if rows > most_rows + 1 or columns > most_columns:
        raise Refused(TOO_WIDE, rows=most_rows, columns=most_columns)


def _column(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
