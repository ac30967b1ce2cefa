"""Comma, semicolon or tab separated text, in the encodings that people save."""

import codecs
import csv
import io
from pathlib import Path

from campaign.errors import SheetError
from campaign.sheet.columns import find_field
from campaign.sheet.grid import MOST_CELLS, MOST_ROWS, Grid

MOST_COLUMNS = 1000
_LONGEST_CELL = 131_072
"""The csv module's own limit; longer means a quote that is never closed."""
_DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (b"\x84\x31\x95\x33", "gb18030"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDER = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_HEAD_LINES = 30
_COMMON_SHARE = 0.9


def read_delimited(path: Path) -> Grid:
    """All rows of a text file; a quoted cell may hold line breaks.

    Row numbers count records, as a spreadsheet program shows them after opening the file.

    Raises:
        SheetError: the encoding is none of UTF-8, GB18030 and UTF-16, or a quote is never closed.
    """
    text = read_text(path)
    if text.startswith("sep=") and (end := text.find("\n")) in range(4, 8):
        # Excel's own line for naming the delimiter; it takes up row 1.
        delimiter = text[4:end].strip("\r") or "\t"
        return _grid(path, text[end + 1 :], delimiter if len(delimiter) == 1 else ",", first=2)
    return _grid(path, text, _delimiter(text), first=1)


def _grid(path: Path, text: str, delimiter: str, first: int) -> Grid:
    rows: dict[int, tuple[str, ...]] = {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number, line, cells = first - 1, 1, 0
    try:
        for number, record in enumerate(reader, start=first):  # The last one is needed below.
            line = reader.line_num + 1
            if any(cell and not cell.isspace() for cell in record):
                rows[number] = tuple(record[:MOST_COLUMNS])
                cells += len(rows[number])
            if len(rows) > MOST_ROWS or cells > MOST_CELLS:
                break
    except csv.Error:
        raise SheetError(
            path,
            f"has a cell of more than {_LONGEST_CELL:,} characters that begins in line {line}.",
            'Most likely a quotation mark " is never closed there; close it or save the file anew.',
        ) from None
    if len(rows) > MOST_ROWS:
        raise SheetError(path, f"has more than {MOST_ROWS:,} rows.", "Split it over several files.")
    if cells > MOST_CELLS:
        raise SheetError(
            path,
            f"has more than {MOST_CELLS:,} cells in {len(rows):,} rows.",
            "Take out columns that are not needed, or split it over several files.",
        )
    return Grid(name=path.name, rows=rows, delimiter=delimiter)


def read_text(path: Path) -> str:
    """What a text file says, in UTF-8, GB18030 or UTF-16.

    Raises:
        SheetError: it is in none of these, or ends in the middle of a character.
    """
    content = path.read_bytes()
    if content.startswith(_WIDER):
        # Else its mark would be taken for that of UTF-16.
        raise _unknown_encoding(path)
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _strictly(path, content, encoding).removeprefix("\ufeff")
    if wide := _wide(content):
        return _strictly(path, content, wide)
    if b"\x00" in content:
        raise _unknown_encoding(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A file cut in the middle of a character is UTF-8 all the same.
        if error.start > 64 and error.start > len(content) - 4:
            raise SheetError(
                path, "ends in the middle of a character.", "It was cut off; save or download it again."
            ) from None
    if not _looks_like_gbk(content):
        raise _unknown_encoding(path)
    return _strictly(path, content, "gb18030")


def _strictly(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise _unknown_encoding(path) from None


def _unknown_encoding(path: Path) -> SheetError:
    return SheetError(
        path,
        "is neither a workbook nor text in UTF-8, GB18030 or UTF-16.",
        "Save it as .xlsx, or as CSV with the encoding UTF-8.",
    )


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark at its start: line ends and separators have a zero byte beside them."""
    if b"\x00" not in content[:65536] or len(content) % 2:
        return None
    even, odd = content[0:65536:2].count(0), content[1:65536:2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _looks_like_gbk(content: bytes) -> bool:
    """Whether most two-byte characters lie among the 6,763 common ones of GB 2312.

    Western and Big5 text often decodes as GB18030 too, into characters that nobody writes.
    """
    common = pairs = 0
    index, end = 0, len(content) - 1
    while index < end and pairs < 20_000:
        lead, trail = content[index], content[index + 1]
        if lead < 0x80:
            index += 1
            continue
        if 0x30 <= trail <= 0x39:
            index += 4
            continue
        pairs += 1
        common += 0xA1 <= lead <= 0xF7 and 0xA1 <= trail <= 0xFE
        index += 2
    return pairs > 0 and common / pairs >= _COMMON_SHARE


def _delimiter(text: str) -> str:
    """The one under which the most headers are ours; failing that, the one that parts the most."""
    lines = text[:65536].splitlines(keepends=True)[:_HEAD_LINES]

    def rank(delimiter: str) -> tuple[int, int]:
        try:
            records = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            return (0, 0)
        ours = max((len({f for cell in r if (f := find_field(cell))}) for r in records), default=0)
        return (ours, max((len(record) for record in records), default=0))

    return max(_DELIMITERS, key=rank)
