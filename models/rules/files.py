"""What a file is, by what is in it and never by its name: the few types kept as evidence (threats T48, T52)."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

MOST = 20 * 1024 * 1024  # bytes of one file
UNPACKED = 200 * 1024 * 1024  # bytes of everything in an office file
RATIO = 100  # times as large as it is packed; below SMALL nobody minds
SMALL = 1024 * 1024
ENTRIES = 2000
CHUNK = 256 * 1024

EMPTY, LARGE, UNKNOWN, ACTIVE, DAMAGED, INFLATED = "empty", "large", "unknown", "active", "damaged", "inflated"
FAULTS = (EMPTY, LARGE, UNKNOWN, ACTIVE, DAMAGED, INFLATED)
_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "txt": "text/plain",
    "csv": "text/csv",
}
SAME = {"jpeg": "jpg"}
# What an office file says of its main part; one with macros says something else.
_MAIN = {
    "docx": ("/word/", f"{TYPES['docx']}.main+xml"),
    "xlsx": ("/xl/", f"{TYPES['xlsx']}.main+xml"),
    "pptx": ("/ppt/", f"{TYPES['pptx']}.main+xml"),
}
_MACROS = re.compile(r"vba(project|data)|macrosheets/|activex|\.(exe|dll|js|vbs|bat|cmd|scr|hta|jar)$", re.IGNORECASE)
_MARKUP = re.compile(r"\s*(<[!?a-z]|#!|\{\\rtf)", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


class Unfit(Exception):
    """The file is not kept; `fault` is one of FAULTS."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: the usual ending of its name and its media type."""

    ending: str

    @property
    def media(self) -> str:
        """The media type."""
        return TYPES[self.ending]


def examined(content: bytes, name: str) -> Kind:
    """What the bytes are; raises Unfit. The name only tells text from tables, which nothing in them does."""
    if not content:
        raise Unfit(EMPTY)
    if len(content) > MOST:
        raise Unfit(LARGE)
    if content.startswith(b"PK"):
        return Kind(_office(content))
    ending = _by_magic(content) or _text(content, name)
    if not ending:
        raise Unfit(UNKNOWN)
    return Kind(ending)


def unlikely(name: str, size: int) -> str:
    """The fault that a name and a size tell beforehand, "" if there is none: nobody should wait to hear it."""
    if size > MOST:
        return LARGE
    ending = _ending(name)
    return "" if not ending or ending in TYPES else UNKNOWN


def named(name: str, kind: Kind) -> str:
    """The name with the ending that fits what the file is."""
    return name if _ending(name) == kind.ending else f"{name}.{kind.ending}"


def _ending(name: str) -> str:
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    return SAME.get(ending, ending)


def _by_magic(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return "gif" if content[:6] in (b"GIF87a", b"GIF89a") else ""


def _text(content: bytes, name: str) -> str:
    """Plain text or a table in UTF-8, that no program would take for a page or a script."""
    if _ending(name) not in ("txt", "csv"):
        return ""
    try:
        said = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROL.search(said) or _MARKUP.match(said) else _ending(name)


def _office(content: bytes) -> str:
    """Which office file it is. Nothing of it is used; it is unpacked once, in pieces, to know that it can be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _harmless(entries, len(content))
            ending = _declared(archive)
            _unpacks(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise Unfit(DAMAGED) from None
    return ending


def _harmless(entries: list[zipfile.ZipInfo], packed: int) -> None:
    """By what the entries say of themselves: how many, how large, where they would go, what they are called."""
    names = [entry.filename for entry in entries]
    declared = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES or declared > UNPACKED or (declared > SMALL and declared > RATIO * packed):
        raise Unfit(INFLATED)
    if len(set(names)) != len(names) or any(map(_strays, entries)):
        raise Unfit(DAMAGED)
    if any(_MACROS.search(name) for name in names):
        raise Unfit(ACTIVE)


def _strays(entry: zipfile.ZipInfo) -> bool:
    """Whether it would be unpacked elsewhere, points elsewhere, is locked, or packed as no office program does."""
    parts = entry.filename.split("/")
    known = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others are unpacked without a limit
    leads = entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in parts[0]
    return leads or not known or stat.S_ISLNK(entry.external_attr >> 16) or bool(entry.flag_bits & 0x1)


def _declared(archive: zipfile.ZipFile) -> str:
    """What its list of parts says of the main part; a list longer than any real one is not read."""
    try:
        info = archive.getinfo("[Content_Types].xml")
    except KeyError:
        raise Unfit(UNKNOWN) from None
    if info.file_size > SMALL:
        raise Unfit(INFLATED)
    said = archive.read(info).decode("utf-8", "replace")
    if "macroenabled" in said.casefold():
        raise Unfit(ACTIVE)
    for ending, (place, main) in _MAIN.items():
        if main in said and place in said:
            return ending
    raise Unfit(UNKNOWN)


def _unpacks(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Every entry, counted while it comes: what it says of its size is not believed."""
    total = 0
    for entry in entries:
        with archive.open(entry) as stream:
            while piece := stream.read(CHUNK):
                total += len(piece)
                if total > UNPACKED:
                    raise Unfit(INFLATED)
