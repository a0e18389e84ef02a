"""Tables of employees to be imported, and what is said about them."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter

from bot.importing import Known, Report, check_people
from bot.importing.table import table_of

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
HEADER = ["Employee No", "Name", "E-mail", "Job Title", "Department", "Manager No", "Hire Date", "Salary", "Active"]
NOTHING = Known({}, {}, {}, NOW.date())
SECRET = "98765.43"


def person(number: object, manager: object = "", **changes: object) -> Sequence[object]:
    """A row under HEADER that has no fault unless the changes bring one."""
    usual = [number, f"Name {number}", "", "Clerk", "Sales", manager, "2020-01-31", "", "yes"]
    row = dict(zip(HEADER, usual, strict=True))
    assert changes.keys() <= row.keys()
    return list({**row, **changes}.values())


def report_of(*rows: Sequence[object], known: Known = NOTHING, header: Sequence[object] = HEADER) -> Report:
    """What is said about these rows."""
    return check_people(table_of([header, *rows], b""), known)


def found(report: Report) -> list[tuple[int, str, str]]:
    """Line, field and severity of every finding."""
    return [(one.line, one.field, one.severity) for one in report.findings]


def csv_file(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    """The rows as a text file."""
    with path.open("w", encoding=encoding, newline="") as target:
        csv.writer(target, delimiter=delimiter).writerows(rows)
    return path


def xlsx_file(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """The rows as a workbook, with real dates."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet()
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(row, column, cell, day)
                else:
                    sheet.write(row, column, cell)
    return path
