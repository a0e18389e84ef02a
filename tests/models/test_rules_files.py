"""What a file is, by what is in it: the few types that are kept, and everything that is not (threats T48, T52)."""

import io
import stat
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.files import (
    ACTIVE,
    DAMAGED,
    EMPTY,
    ENTRIES,
    FAULTS,
    INFLATED,
    LARGE,
    MOST,
    TYPES,
    UNKNOWN,
    Kind,
    Unfit,
    examined,
    named,
    unlikely,
)

MAIN = {
    "docx": ("/word/document.xml", "wordprocessingml.document"),
    "xlsx": ("/xl/workbook.xml", "spreadsheetml.sheet"),
    "pptx": ("/ppt/presentation.xml", "presentationml.presentation"),
}
START = {
    "pdf": b"%PDF-1.7\n",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff\xe0",
    "webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "gif": b"GIF89a",
}
Change = Callable[[zipfile.ZipFile], None]


def office(ending: str = "docx", *changes: Change, macro: bool = False, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A small office file."""
    place, main = MAIN[ending]
    kind = f"application/vnd.openxmlformats-officedocument.{main}.main+xml"
    kind = "application/vnd.ms-word.document.macroEnabled.main+xml" if macro else kind
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override PartName="{place}" ContentType="{kind}"/></Types>')
        archive.writestr(place[1:], "<document/>" * 50)
        for change in changes:
            change(archive)
    return made.getvalue()


def part(name: str, content: bytes = b"x", mode: int = 0) -> Change:
    """Adds an entry."""

    def add(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
        archive.writestr(info, content)

    return add


def _said(content: bytes, name: str) -> str:
    try:
        return examined(content, name).ending
    except Unfit as unfit:
        return unfit.fault


def fault(content: bytes, name: str = "a.docx") -> str:
    with pytest.raises(Unfit) as unfit:
        examined(content, name)
    return unfit.value.fault


@pytest.mark.parametrize("ending", list(START))
def test_a_type_is_told_by_its_first_bytes_whatever_it_is_called(ending: str) -> None:
    kind = examined(START[ending] + b"\x00" * 50, "report.exe")
    assert (kind.ending, kind.media) == (ending, TYPES[ending])
    assert named("report.exe", kind) == f"report.exe.{ending}"
    assert named(f"report.{ending.upper()}", kind) == f"report.{ending.upper()}"


@pytest.mark.parametrize("ending", list(MAIN))
def test_office_files_are_told_by_their_list_of_parts(ending: str) -> None:
    assert examined(office(ending), "whatever.zip").ending == ending


def test_text_and_tables_are_utf8() -> None:
    assert examined("月,数\n1,2\n".encode(), "a.csv") == Kind("csv")
    assert examined(b"\xef\xbb\xbfa < b\r\n\tc", "A.TXT") == Kind("txt")
    assert named("photo.jpeg", Kind("jpg")) == "photo.jpeg"
    assert fault("月".encode("gb18030"), "a.csv") == UNKNOWN
    assert fault(b"a\x00b", "a.txt") == UNKNOWN
    assert fault(b"a,b", "a.bin") == UNKNOWN


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"<!DOCTYPE html><html>"),
        ("a.txt", b"\xef\xbb\xbf \n<script>alert(1)</script>"),
        ("a.csv", b"<svg onload=alert(1)>"),
        ("a.csv", b"<?xml version='1.0'?><svg/>"),
        ("a.txt", b"#!/bin/sh\nrm -rf /"),
        ("a.txt", b"{\\rtf1\\ansi"),
        ("a.html", b"<html>"),
        ("a.pdf", b"MZ\x90\x00\x03"),
        ("a.png", b"\x7fELF\x02"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.svg", b"<svg/>"),
    ],
)
def test_T48_pages_scripts_programs_and_old_office_files_are_not_kept(name: str, content: bytes) -> None:
    assert fault(content, name) == UNKNOWN


@pytest.mark.parametrize(
    "name", ["word/vbaProject.bin", "xl/macrosheets/sheet1.xml", "word/activeX/activeX1.bin", "word/embeddings/a.exe"]
)
def test_T48_macros_and_programs_inside_are_not_kept(name: str) -> None:
    assert fault(office("docx", part(name))) == ACTIVE


def test_T48_what_says_that_it_has_macros_is_not_kept() -> None:
    assert fault(office("docx", macro=True)) == ACTIVE


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (part("../../etc/passwd"), DAMAGED),
        (part("/etc/passwd"), DAMAGED),
        (part("word\\..\\x"), DAMAGED),
        (part("c:/x"), DAMAGED),
        (part("word/link", b"/etc/passwd", stat.S_IFLNK | 0o777), DAMAGED),
        (part("bomb.xml", b"\x00" * (30 * 1024 * 1024)), INFLATED),
        (lambda archive: [part(f"{number}.xml")(archive) for number in range(ENTRIES)], INFLATED),
    ],
)
def test_T52_what_would_unpack_elsewhere_or_without_end_is_not_kept(change: Change, why: str) -> None:
    assert fault(office("docx", change)) == why


def test_T52_a_size_that_is_not_true_is_noticed() -> None:
    lying = bytearray(office("docx", part("word/media/a.bin", b"\x00" * 500_000)))
    real = (500_000).to_bytes(4, "little")
    assert lying.count(real) == 2
    assert fault(bytes(lying).replace(real, (1000).to_bytes(4, "little"))) == DAMAGED
    assert fault(office("docx", packing=zipfile.ZIP_BZIP2)) == DAMAGED, "unpacked without a limit by who opens it"
    assert fault(office()[:-30]) == DAMAGED
    locked = bytearray(office())
    for at in (locked.find(b"PK\x01\x02") + 8, 6):
        locked[at] |= 1
    assert fault(bytes(locked)) == DAMAGED


def test_other_archives_are_no_office_files() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "hello")
    assert fault(made.getvalue(), "a.zip") == UNKNOWN
    assert fault(b"PK\x03\x04 and nothing else") == DAMAGED


def test_sizes() -> None:
    assert fault(b"", "a.pdf") == EMPTY
    assert fault(b"%PDF-" + bytes(MOST), "a.pdf") == LARGE
    assert unlikely("a.pdf", MOST + 1) == LARGE
    assert [unlikely(name, 0) for name in ("a.PDF", "photo.jpeg", "noending", "a.exe")] == ["", "", "", UNKNOWN]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([office(), office("xlsx"), *START.values(), b"PK\x05\x06"]),
    st.binary(max_size=60),
    st.integers(0, 3000),
    st.sampled_from(["a.csv", "a.txt", "a"]),
)
def test_T53_anything_is_one_of_the_types_or_unfit(base: bytes, noise: bytes, at: int, name: str) -> None:
    content = base[: at % (len(base) + 1)] + noise + base[at % (len(base) + 1) + len(noise) // 2 :]
    assert _said(content, name) in (*TYPES, *FAULTS)
