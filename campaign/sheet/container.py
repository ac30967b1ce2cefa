"""What kind of file lies there, told by its bytes, and whether it is safe to open."""

import struct
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from campaign.errors import SheetError
from campaign.sheet.texts import listed
from campaign.sheet.values import nearest

LARGEST_FILE = 200 * 1024**2
"""Bytes on disk."""
LARGEST_CONTENT = 1024**3
"""Bytes after unpacking; a sheet of 50 MB unpacks to a few hundred million."""
MOST_PARTS = 10_000
_SUSPECT_RATIO = 400
"""XML of spreadsheets packs 5 to 40 times smaller; a bomb packs a thousand times smaller."""
_SMALL_PART = 32 * 1024**2
"""A part below this is harmless however well it packs."""
_CHUNK = 1024**2
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError, RuntimeError,
    ValueError, OverflowError,
)  # fmt: skip
"""What zipfile raises on bytes that are no archive, or one of a kind it does not know."""
_SAVE_AS = "Open it in a spreadsheet program and save it as .xlsx."
_COPY_TABLE = "Copy its table into a spreadsheet and save that as .xlsx."


class Kind(StrEnum):
    XLSX = "xlsx"
    """Also .xlsm; macros are never looked at."""
    XLS = "xls"
    ODS = "ods"
    TEXT = "csv"


_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"RIFF", "a media file"),
    (b"\x00\x00\x00\x18ftyp", "a video"),
    (b"\x00\x00\x00\x20ftyp", "a video"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_PARTS: tuple[tuple[str, str, str], ...] = (
    ("word/document.xml", "a Word document", _COPY_TABLE),
    (
        "ppt/presentation.xml",
        "a PowerPoint file",
        _COPY_TABLE,
    ),
    ("xl/workbook.bin", "a binary workbook (.xlsb)", _SAVE_AS),
    ("Index/Document.iwa", "an Apple Numbers file", "In Numbers, choose File > Export To > Excel."),
)


def file_kind(path: Path) -> Kind:
    """The kind of spreadsheet, by content; its name's ending does not matter.

    Raises:
        SheetError: it is missing, empty, too large, protected, damaged, or no spreadsheet.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise SheetError(path, "is a folder.", "Name the spreadsheet itself.")
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise SheetError(path, "is not there.", _like_it(path)) from None
    except OSError as error:
        raise SheetError(
            path, f"cannot be opened ({error.strerror}).", "Check the path and its permissions."
        ) from error
    if size == 0:
        raise SheetError(path, "is empty (0 bytes).", "Save or download it again.")
    if size > LARGEST_FILE:
        raise SheetError(
            path,
            f"has {size / 1e6:,.0f} MB; at most {LARGEST_FILE / 1e6:,.0f} MB are read.",
            "Take pictures out of it, or split it.",
        )
    if head.startswith(b"PK\x03\x04"):
        return _archive_kind(path)
    if head.startswith(b"PK"):
        raise SheetError(path, "is an empty or damaged archive.", "Save or download it again.")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound_kind(path)
    return _text_kind(path, head)


def _archive_kind(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            _check_parts(path, archive)
            return _kind_by_parts(path, names, archive)
    except _DAMAGE as error:
        raise SheetError(
            path, "is damaged: its packed parts cannot be read.", "Save or download it again."
        ) from error


def _kind_by_parts(path: Path, names: set[str], archive: zipfile.ZipFile) -> Kind:
    for part, what, remedy in _PARTS:
        if part in names:
            raise SheetError(path, f"is {what}.", remedy)
    if "xl/workbook.xml" in names or any(name.endswith("/workbook.xml") for name in names):
        return Kind.XLSX
    if "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype")[:200]:
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"manifest:encryption-data" in archive.read(manifest)[:_CHUNK]:
            raise protected(path)
        return Kind.ODS
    raise SheetError(path, "is an archive, not a spreadsheet.", "Name the .xlsx, .ods or .csv file itself.")


def _check_parts(path: Path, archive: zipfile.ZipFile) -> None:
    """Unpack every part once, to nowhere: lying sizes and cut bytes end here, before a parser sees them."""
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    bomb = any(
        part.file_size > _SMALL_PART and part.file_size > _SUSPECT_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if bomb or total > LARGEST_CONTENT or len(parts) > MOST_PARTS:
        raise SheetError(
            path,
            f"unpacks to {total / 1e6:,.0f} MB in {len(parts):,} parts, which no campaign sheet does.",
            "Copy the rows into a new workbook and save that.",
        )
    for part in parts:
        if part.flag_bits & 1:
            raise protected(path)
        if not part.filename.casefold().endswith((".xml", ".rels", "mimetype")):
            continue
        with archive.open(part) as stream:
            while stream.read(_CHUNK):
                pass


def _compound_kind(path: Path) -> Kind:
    """An OLE container: an old workbook, or the wrapping of a protected new one."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise protected(path)
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return Kind.XLS
    if "WordDocument".encode("utf-16-le") in content:
        raise SheetError(path, "is a Word document.", _COPY_TABLE)
    raise SheetError(path, "is an Office file, but no workbook.", _SAVE_AS)


def _text_kind(path: Path, head: bytes) -> Kind:
    for start, what in _OTHERS:
        if head.startswith(start):
            raise SheetError(path, f"is {what}, whatever its name says.", "Name the spreadsheet itself.")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:300].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<div")):
        raise SheetError(path, "is a web page with a table, as some systems export it.", _SAVE_AS)
    if start.startswith(b"<?xml") or b"urn:schemas-microsoft-com:office" in start:
        raise SheetError(path, "is an XML file.", _SAVE_AS)
    if start[:1] in (b"{", b"[") and b'"' in start and path.suffix.casefold() in (".json", ".jsonl"):
        raise SheetError(path, "is a JSON file.", "Put its records into a CSV or .xlsx file.")
    return Kind.TEXT


def protected(path: Path) -> SheetError:
    return SheetError(
        path, "is protected with a password.", "Open it, take the password off and save a copy."
    )


def _like_it(path: Path) -> str:
    """What else lies there that may have been meant."""
    if not path.parent.is_dir():
        return f"There is no folder {path.parent}."
    endings = {".xlsx", ".xls", ".xlsm", ".ods", ".csv", ".tsv"}
    found = sorted(p.name for p in path.parent.iterdir() if p.suffix.casefold() in endings)
    if not found:
        return "There is no spreadsheet in that folder."
    near = nearest(path.name, found)
    return f"Did you mean {near}?" if near else f"In that folder: {listed(found, 8)}."
