"""Files that are tables, files that are not, and files that are traps."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.importing import check_people, read_table
from bot.importing.table import MOST_COLUMNS, MOST_ROWS
from bot.importing.workbook import DANGEROUS, NOT_ZIP, TOO_WIDE
from models.base import Refused
from tests.importing.tables import NOTHING, csv_file


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", "\t")])
def test_csv_of_every_kind(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["工号", "姓名", "部门", "备注"], ["007", "王芳", "销售部", "a,b;c"], [], ["008", "李涛\n", "技术部", ""]]
    table = read_table(csv_file(tmp_path / "people.csv", rows, encoding, delimiter))
    assert table.header == ("工号", "姓名", "部门", "备注")
    assert [(line.number, line.cells[:2]) for line in table.lines] == [(2, ("007", "王芳")), (4, ("008", "李涛\n"))]
    assert len(table.digest) == 64


def workbook(change: Callable[[str, bytes], tuple[str, bytes]] = lambda name, part: (name, part)) -> bytes:
    """A small workbook whose parts went through a change."""
    plain, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(plain) as book:
        book.add_worksheet().write_row(0, 0, ["Employee No", "Name", "Department"])
        book.worksheets()[0].write_row(1, 0, ["1", "Ann", "Sales"])
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(*change(entry.filename, source.read(entry)))
    return out.getvalue()


def in_sheet(change: Callable[[bytes], bytes]) -> bytes:
    return workbook(lambda name, part: (name, change(part) if "sheet1" in name else part))


def more(name: str, part: bytes) -> bytes:
    body = io.BytesIO(workbook())
    with zipfile.ZipFile(body, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return body.getvalue()


def lying() -> bytes:
    """A bomb whose directory claims that the sheet is small."""
    body = in_sheet(lambda part: part + b" " * 60_000_000)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        size = next(entry.file_size for entry in archive.infolist() if "sheet1" in entry.filename)
    return body.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def referred() -> bytes:
    """A hundred thousand cells that all mean one long text."""
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(3, 19_000))

    def change(name: str, part: bytes) -> tuple[str, bytes]:
        if "sheet1" in name:
            return name, part.replace(b"</sheetData>", cells + b"</sheetData>")
        return name, part.replace(b"<t>Employee No</t>", b"<t>" + bytes(range(97, 123)) * 1200 + b"</t>")

    return workbook(change)


def workbook_of_many() -> bytes:
    body = io.BytesIO(workbook())
    with zipfile.ZipFile(body, "a") as archive:
        for number in range(1001):
            archive.writestr(f"x{number}", b"")
    return body.getvalue()


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'
TRAPS: dict[str, Callable[[], bytes]] = {
    "bomb": lambda: in_sheet(lambda part: part + b" " * 60_000_000),
    "steep": lambda: in_sheet(lambda part: part + b" " * 30_000_000),
    "lying": lying,
    "referred": referred,
    "far cell": lambda: in_sheet(lambda part: part.replace(b'r="A1"', b'r="XFD1048576"')),
    "far cell in other quotes": lambda: in_sheet(lambda part: part.replace(b'<c r="A1"', b"<c s='0' r='XFD1'")),
    "far row": lambda: in_sheet(lambda part: part.replace(b'<row r="2"', b'<row r="1048576"')),
    "entities": lambda: in_sheet(
        lambda part: part.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1)
    ),
    "path": lambda: more("../outside.xml", b"x"),
    "many": workbook_of_many,
    "open document": lambda: more("content.xml", b"<x/>"),
    "binary workbook": lambda: more("xl/workbook.bin", b"x"),
    "no workbook": lambda: b"PK\x03\x04" + b"x" * 100,
    "text": lambda: b"Employee No,Name\n1,Ann\n",
    "cut": lambda: workbook()[:-200],
    "spoiled": lambda: workbook()[:400] + b"\x00" * 60 + workbook()[460:],
}


REASONS = dict.fromkeys(("bomb", "steep", "referred", "many"), DANGEROUS) | dict.fromkeys(
    ("far cell", "far cell in other quotes", "far row"), TOO_WIDE
)


@pytest.mark.parametrize("trap", sorted(TRAPS))
def test_traps_are_refused_before_they_are_parsed(tmp_path: Path, trap: str) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(TRAPS[trap]())
    with pytest.raises(Refused) as refusal:
        read_table(path)
    assert refusal.value.message == REASONS.get(trap, NOT_ZIP)


def test_the_workbook_the_traps_are_made_of_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(workbook())
    assert read_table(path).lines[0].cells == ("1", "Ann", "Sales")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("people.csv", b""),
        ("people.csv", b"Employee No,Name\n"),
        ("people.csv", b"\xff\xfe\x00\x00"),
        ("people.csv", b'Employee No,Name\n1,"open'),
        ("people.csv", b"a" * 3_000 + b"\n1\n"),
        ("people.csv", b"," * (MOST_COLUMNS + 1) + b"\n1\n"),
        ("people.csv", b"No\n" + b"1\n" * (MOST_ROWS + 2)),
        ("people.pdf", b"%PDF-1.7"),
        ("people.xls", b"\xd0\xcf\x11\xe0"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, body: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(Refused):
        read_table(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        read_table(tmp_path / "none.csv")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_table_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    for name in ("any.csv", "any.xlsx"):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(body)
        try:
            check_people(read_table(path), NOTHING)
        except Refused:
            continue
