"""The user's workbook as openpyxl can carry it over, or a plain one made from another kind of file."""

import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from campaign.errors import SheetError
from campaign.sheet.campaign import Campaign
from campaign.sheet.container import Kind
from campaign.sheet.delimited import read_delimited
from campaign.sheet.layout import Aligning, fit_rows, let_rows_fit, text_width, write_head
from campaign.sheet.save import write_text
from campaign.sheet.structure import worksheet_parts
from campaign.sheet.workbook import read_workbook

LARGEST_CONTENT = 150 * 1024**2
"""Unpacked bytes. A sheet of 45 MB unpacks to 109 MB, for which openpyxl takes half a gigabyte."""
MOST_CELLS = 1_000_000
"""Cells that the file tells of, many of them with nothing but a colour; openpyxl takes 600 bytes for each."""
_DROPPED = (
    ("xl/ctrlProps/", "form controls"),
    ("xl/activeX/", "ActiveX controls"),
    ("xl/embeddings/", "embedded files"),
    ("xl/threadedComments/", "threaded comments"),
    ("xl/slicers/", "slicers"),
    ("xl/timelines/", "timelines"),
    ("xl/richData/", "pictures in cells"),
    ("xl/cellimages.xml", "pictures in cells"),
)
"""Parts that openpyxl does not write again."""
_DROPPED_TAGS = (
    (b"sparklineGroup", "sparklines"),
    (b"x14:conditionalFormatting", "newer conditional formats"),
)
_SHAPES = re.compile(rb"<xdr:(?:sp|cxnSp|grpSp)[ >]")
_ROW = re.compile(rb"<(?:\w+:)?row ([^>]*)>")
_NUMBER = re.compile(rb"\br=\"(\d+)\"")
_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
_WIDEST = 60


def changed(path: Path) -> SheetError:
    return SheetError(
        path, "has changed since it was read, so its rows cannot be told apart.", "Run the command again."
    )


def load_original(path: Path, remarks: list[str], *, keep_macros: bool = False) -> Workbook | None:
    """The workbook to be annotated; None, with a remark, when openpyxl cannot carry it over."""
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist() if part.filename.endswith(".xml"))
        cells = sum(_cells(archive, part) for _, part in worksheet_parts(archive))
    if size > LARGEST_CONTENT or cells > MOST_CELLS:
        remarks.append(
            f"The workbook has {cells:,} cells, counting empty ones that have a format, too many to keep the "
            "formatting here; this copy has the values only."
        )
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # What is dropped is told by `lost_parts`, in words.
            workbook = load_workbook(path, keep_vba=keep_macros)
            _restore(path, workbook)
    except Exception as error:
        # openpyxl says nowhere what it raises on workbooks of other programs; the copy says what is lost.
        remarks.append(f"The formatting could not be carried over ({error}); this copy has the values only.")
        return None
    lost = lost_parts(path)
    if lost:
        remarks.append(f"This copy lacks {' and '.join(lost)} of the original.")
    return workbook


def lost_parts(path: Path) -> list[str]:
    """What the workbook holds that would be gone after writing it again, in words."""
    found: dict[str, None] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            for start, words in _DROPPED:
                if name.startswith(start):
                    found[words] = None
            if name.startswith("xl/drawings/drawing") and _SHAPES.search(archive.read(name)):
                found["drawn shapes"] = None
            if name.startswith("xl/worksheets/sheet"):
                with archive.open(name) as part:
                    # Extensions stand at a worksheet's end; scanning keeps a tail for a tag cut in two.
                    tail = b""
                    while chunk := part.read(1024**2):
                        for tag, words in _DROPPED_TAGS:
                            if tag in tail + chunk:
                                found[words] = None
                        tail = chunk[-64:]
    return list(found)


def fresh_workbook(campaign: Campaign, kind: Kind) -> Workbook:
    """All worksheets of a file as a new workbook: values where they were, text as text."""
    grids = (
        [read_delimited(campaign.original)]
        if kind is Kind.TEXT
        else list(read_workbook(campaign.original, kind))
    )
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    align = Aligning()
    for grid in grids:
        sheet = workbook.create_sheet(_title(grid.name))
        if not grid.visible and grid.name != campaign.sheet:
            sheet.sheet_state = "hidden"
        widths: dict[int, int] = {}
        # A title above the table runs over the columns beside it.
        first = campaign.header_row if grid.name == campaign.sheet else 0
        for number, cells in grid.rows.items():
            for column, value in enumerate(cells, start=1):
                if value == "":
                    continue
                cell = sheet.cell(row=number, column=column)
                if isinstance(value, str):
                    write_text(cell, value)
                    longest = max(text_width(line[:200]) for line in value.split("\n"))
                    widths[column] = max(widths.get(column, 0), longest if number >= first else 0)
                else:
                    cell.value = value
                    widths[column] = max(widths.get(column, 0), 12)
                long = isinstance(value, str) and ("\n" in value or text_width(value) > _WIDEST)
                align(cell, wrap=long)
        for column, width in widths.items():
            sheet.column_dimensions[get_column_letter(column)].width = min(max(width + 2, 8), _WIDEST)
        if grid.name == campaign.sheet:
            sheet.freeze_panes = f"A{campaign.header_row + 1}"
            for cell in sheet[campaign.header_row]:
                write_head(cell)
        fit_rows(sheet, grid.rows)
    return workbook


def _cells(archive: zipfile.ZipFile, part: str) -> int:
    """How many cells a worksheet tells of."""
    count = 0
    with archive.open(part) as stream:
        tail = b""
        while chunk := stream.read(1024**2):
            text = tail + chunk
            count += text.count(b"<c ") + text.count(b":c ")
            tail = text[-2:]
    return count


def _restore(path: Path, workbook: Workbook) -> None:
    """Bring back what openpyxl does not read as it is meant."""
    with zipfile.ZipFile(path) as archive:
        for name, part in worksheet_parts(archive):
            content = archive.read(part)
            let_rows_fit(workbook[name], set(_rows_set_by_hand(content)))
            if b"x14:dataValidation" in content:
                _restore_drop_downs(content, workbook[name])


def _rows_set_by_hand(content: bytes) -> Iterator[int]:
    """Rows to which a person gave a height."""
    for row in _ROW.finditer(content):
        number = _NUMBER.search(row[1])
        if number and (b'customHeight="1"' in row[1] or b'customHeight="true"' in row[1]):
            yield int(number[1])


def _restore_drop_downs(content: bytes, sheet: Worksheet) -> None:
    """Bring back lists that lie on another worksheet: Excel writes them where openpyxl does not look."""
    for element in ElementTree.fromstring(content).iter(f"{_X14}dataValidation"):
        formula = element.findtext(f"{_X14}formula1/{_XM}f")
        cells = element.findtext(f"{_XM}sqref")
        if element.get("type") == "list" and formula and cells:
            rule = DataValidation(
                type="list",
                formula1=formula,
                allow_blank=element.get("allowBlank") == "1",
                showErrorMessage=element.get("showErrorMessage") == "1",
                sqref=cells,
            )
            sheet.add_data_validation(rule)


def _title(name: str) -> str:
    """A worksheet's name as the format allows it."""
    return re.sub(r"[\\/*?:\[\]]", "-", name)[:31] or "Sheet"
