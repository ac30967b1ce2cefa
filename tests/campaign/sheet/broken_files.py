"""Builds a corpus of files that are no usable campaign sheet, each broken in a way that happens.

Run: python tests/campaign/sheet/broken_files.py FOLDER
"""

import io
import struct
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).parent / "files"
_WORKSHEET = "xl/worksheets/sheet1.xml"
_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 12}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)

_COUNTLESS = (
    '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table table:name="a">'
    '<table:table-row><table:table-cell office:value-type="string" table:number-columns-repeated="900000000">'
    "<text:p>文案</text:p></table:table-cell></table:table-row></table:table></office:document-content>"
)
"""One cell of text, repeated over columns that no program has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One file and words that its refusal must hold."""

    name: str
    content: bytes
    words: str


def good_workbook(rows: int = 40) -> bytes:
    """A real .xlsx with texts, numbers and a formula."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["编号", "文案", "品牌", "时长", "标题"])
    for n in range(rows):
        sheet.append([f"t{n}", f"第{n}款春茶，清晨采摘。", "leaf", 15, "=1+1"])
    return _saved(workbook)


def broken_files() -> list[Broken]:
    good = good_workbook()
    old = (HERE / "old.xls").read_bytes()
    ods = _ods(_COUNTLESS)
    return [
        Broken(name="nothing.xlsx", content=b"", words="0 bytes"),
        Broken(name="nothing.csv", content=b"", words="0 bytes"),
        Broken(name="blank.csv", content=b"\n \n,,\n", words="no rows"),
        Broken(name="one byte.xlsx", content=b"P", words="no header"),
        Broken(name="zip start.xlsx", content=b"PK\x03\x04", words="damaged"),
        Broken(name="empty zip.xlsx", content=_zip({}), words="damaged"),
        *(
            Broken(name=f"cut at {share}.xlsx", content=good[: len(good) * share // 100], words="damaged")
            for share in (10, 50, 90, 99)
        ),
        *(
            Broken(name=f"cut at {share}.xls", content=old[: len(old) * share // 100], words="")
            for share in (10, 30, 50, 90)
        ),
        Broken(name="holes.xlsx", content=_holed(good), words="damaged"),
        Broken(name="locked.xlsx", content=(HERE / "locked.xlsx").read_bytes(), words="password"),
        Broken(name="locked.ods", content=_locked_ods(), words="password"),
        Broken(name="locked part.xlsx", content=_flagged(good), words="password"),
        Broken(name="bomb.xlsx", content=_changed(good, _WORKSHEET, b" " * 40_000_000), words="unpacks to"),
        Broken(name="lying bomb.xlsx", content=_lying(good), words="damaged"),
        Broken(name="many parts.xlsx", content=_many_parts(good), words="parts"),
        Broken(name="laughs.xlsx", content=_laughing(good), words="damaged"),
        Broken(name="outside.xlsx", content=_reaching_out(good), words="damaged"),
        Broken(name="no worksheet.xlsx", content=_changed(good, _WORKSHEET, None), words="damaged"),
        Broken(
            name="no relations.xlsx",
            content=_changed(good, "xl/_rels/workbook.xml.rels", None),
            words="damaged",
        ),
        Broken(name="no worksheets.xlsx", content=_without_sheets(good), words="no rows"),
        Broken(name="not xml.xlsx", content=_changed(good, _WORKSHEET, b"<worksheet><row>"), words="damaged"),
        Broken(name="nested.xlsx", content=_changed(good, _WORKSHEET, b"<a>" * 100_000), words="damaged"),
        Broken(name="far cell.xlsx", content=_far_cell(), words="XFD1048576"),
        Broken(name="wide text.csv", content="编号,文案\nt1,茶\n".encode("utf-32"), words="UTF-16"),
        *(
            Broken(name=f"cut at {share}.ods", content=ods[: len(ods) * share // 100], words="damaged")
            for share in (10, 50, 90, 99)
        ),
        Broken(name="countless.ods", content=_ods(_COUNTLESS), words="can be read"),
        Broken(
            name="no number.ods", content=_ods(_COUNTLESS.replace('"900000000"', '"many"')), words="damaged"
        ),
        Broken(name="repeated.ods", content=_repeated_ods(), words="more than 100,000 rows"),
        Broken(name="only header.xlsx", content=good_workbook(0), words="no rows below"),
        Broken(name="word.xlsx", content=_zip({"word/document.xml": b"<w/>"}), words="Word document"),
        Broken(name="slides.xlsx", content=_zip({"ppt/presentation.xml": b"<p/>"}), words="PowerPoint"),
        Broken(name="numbers.xlsx", content=_zip({"Index/Document.iwa": b"x"}), words="Numbers"),
        Broken(name="binary.xlsx", content=_zip({"xl/workbook.bin": b"x"}), words=".xlsb"),
        Broken(name="photos.xlsx", content=_zip({"a.jpg": b"x"}), words="not a spreadsheet"),
        Broken(name="picture.xlsx", content=b"\x89PNG\r\n\x1a\n" + bytes(200), words="PNG picture"),
        Broken(name="photo.csv", content=b"\xff\xd8\xff\xe0" + bytes(200), words="JPEG picture"),
        Broken(name="paper.xlsx", content=b"%PDF-1.7\n%\xe2\xe3", words="PDF"),
        Broken(name="clip.csv", content=b"\x00\x00\x00\x20ftypisom" + bytes(200), words="video"),
        Broken(name="packed.csv", content=b"\x1f\x8b\x08" + bytes(200), words="gzip"),
        Broken(
            name="page.xls", content=b"<html><table><tr><td>id</td></tr></table></html>", words="web page"
        ),
        Broken(name="old xml.xls", content=b'<?xml version="1.0"?><Workbook/>', words="XML"),
        Broken(name="records.json", content=b'[{"id": "t1", "copy": "tea"}]', words="JSON"),
        Broken(name="noise.xls", content=old[:512] + bytes(range(256)) * 30, words="no workbook"),
        Broken(name="header only.xls", content=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", words="no workbook"),
        Broken(name="no header.csv", content="春天的茶,3\n夏天的茶,4\n".encode(), words="no header"),
        Broken(name="no copy.csv", content="编号,品牌\nt1,leaf\n".encode(), words="no column for the copy"),
        Broken(name="near copy.csv", content="编号,文安\nt1,茶\n".encode(), words="文案 (copy) is needed"),
    ]


def write_broken_files(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for broken in broken_files():
        (folder / broken.name).write_bytes(broken.content)
    return sorted(folder.iterdir())


def _saved(workbook: Workbook) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _changed(content: bytes, part: str, replacement: bytes | None) -> bytes:
    """With one part put in place of another, or taken out."""
    parts = _parts(content)
    del parts[part]
    return _zip({**parts, part: replacement} if replacement is not None else parts)


def _holed(content: bytes) -> bytes:
    """Zeros where a download lost a block; the directory at the end is whole."""
    start = content.index(b"xl/worksheets/sheet1.xml") + 200
    return content[:start] + bytes(64) + content[start + 64 :]


def _flagged(content: bytes) -> bytes:
    """Every entry of the directory says that it is encrypted."""
    changed = bytearray(content)
    at = -1
    while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:
        changed[at + 8] |= 1
    return bytes(changed)


def _lying(content: bytes) -> bytes:
    """A worksheet of 40 MB whose directory says that it has 1,000 bytes."""
    packed = _changed(content, _WORKSHEET, b" " * 40_000_000)
    size = struct.pack("<L", 40_000_000)
    return packed.replace(size, struct.pack("<L", 1000))


def _many_parts(content: bytes) -> bytes:
    return _zip({**_parts(content), **{f"xl/media/{n}.png": b"" for n in range(10_001)}})


def _laughing(content: bytes) -> bytes:
    """Entities that grow to twelve to the eighth power."""
    xml = f'{_LAUGHS}<workbook xmlns="x"><sheets><sheet name="&i;"/></sheets></workbook>'
    return _changed(content, "xl/workbook.xml", xml.encode())


def _reaching_out(content: bytes) -> bytes:
    xml = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><workbook><sheet name="&a;"/></workbook>'
    return _changed(content, "xl/workbook.xml", xml.encode())


def _without_sheets(content: bytes) -> bytes:
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = b'<workbook xmlns="' + space + b'"><sheets/></workbook>'
    return _changed(content, "xl/workbook.xml", xml)


def _far_cell() -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["文案"])
    sheet.cell(row=1_048_576, column=16_384).value = "x"
    return _saved(workbook)


def _ods(content: str, manifest: str = "<manifest/>") -> bytes:
    return _zip(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest.encode(),
            "content.xml": content.encode(),
        }
    )


def _locked_ods() -> bytes:
    return _ods("\x00\x01", '<manifest:file-entry><manifest:encryption-data manifest:checksum="x"/>')


def _repeated_ods() -> bytes:
    """One cell of text, repeated over a billion places."""
    return _ods(
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x">'
        '<table:table table:name="a">'
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="string" '
        'table:number-columns-repeated="1000"><text:p>文案</text:p></table:table-cell></table:table-row>'
        "</table:table></office:document-content>"
    )


if __name__ == "__main__":
    write_broken_files(Path(sys.argv[1]))
