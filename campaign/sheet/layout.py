"""How wide and how high cells have to be, so that what is written in them can be read.

Only Excel makes a row fit the wrapped text in it when it opens a file; other programs show the height that
the file says, or a single line.
"""

from collections.abc import Collection, Iterable
from functools import cache, partial
from math import ceil
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.dimensions import ColumnDimension, Dimension, RowDimension
from openpyxl.worksheet.worksheet import Worksheet

LINE, WIDE_LINE = 15.0, 18.0
"""Points of a line at the usual 11 points, and of one with Chinese, which is shown in another font."""
HIGHEST = 409.0
"""Points of a row, by the file format."""
_USUAL_WIDTH = 8.43
_FIRST_WIDE = 0x2E80
"""From here on a character is about two figures wide."""
_ROW_UNITS = 20 * 9525
"""EMU, in which drawings are measured, of a row of the usual height."""
_FIGURE_UNITS = 7 * 9525
"""EMU of a figure, in which column widths are counted."""
_COMMENT_WIDTH = 360
_COMMENT_COLUMNS = 52
"""Figures that stand in a line of a comment of that width."""


class FittingRow(RowDimension):
    """A row whose height is where it starts: programs fit it anew when its cells are edited."""

    @property
    def customHeight(self) -> bool:  # noqa: N802  # The file format's word.
        return False


def text_width(text: str) -> int:
    """In figures, which column widths are counted in."""
    return sum(2 if ord(character) >= _FIRST_WIDE else 1 for character in text)


def lines_of(text: str, width: float) -> int:
    """How many lines ``text`` takes in a column of that width."""
    # Words do not break, so a line seldom fills its column.
    room = max(width - 2, 1)
    return sum(max(1, ceil(text_width(line) / room)) for line in text.split("\n"))


def fit_rows(sheet: Worksheet, numbers: Iterable[int]) -> None:
    """Make rows as high as their wrapped cells are, except those that a person gave a height."""
    widths = cache(partial(_column_width, sheet))
    wanted = set(numbers)
    heights: dict[int, float] = {}
    for cell in sheet._cells.values():
        if cell.row in wanted and _is_wrapped(cell):
            height = _height_of(str(cell.value), widths(cell.column or 1))
            heights[cell.row] = max(heights.get(cell.row, 0), height)
    for number, height in heights.items():
        before = sheet.row_dimensions.get(number)
        if before is not None and before.height and not isinstance(before, FittingRow):
            continue
        if height > WIDE_LINE and (before is None or (before.height or 0) < height):
            sheet.row_dimensions[number] = _fitting(sheet, number, before, height)


def _height_of(text: str, width: float) -> float:
    line = WIDE_LINE if text_width(text) > len(text) else LINE
    return min(lines_of(text, width) * line, HIGHEST)


def let_rows_fit(sheet: Worksheet, fixed: Collection[int]) -> None:
    """Let rows grow whose height no person set: openpyxl makes a set one of every height that a file says."""
    for number, row in list(sheet.row_dimensions.items()):
        if row.height and number not in fixed:
            sheet.row_dimensions[number] = _fitting(sheet, number, row, row.height)


def set_width(sheet: Worksheet, column: int, width: float) -> None:
    """Give one column a width of its own and show it.

    It may be one of thousands that the file tells of together, to the right of the table and often hidden.
    Of a file that tells of a column twice Excel says that it is damaged.
    """
    for dimension in list(sheet.column_dimensions.values()):
        first, last = _span(dimension)
        if first <= column <= last:
            del sheet.column_dimensions[dimension.index]
            _put(sheet, dimension, first, column - 1)
            _put(sheet, dimension, column + 1, last)
    sheet.column_dimensions[get_column_letter(column)].width = width


def _put(sheet: Worksheet, like: ColumnDimension, first: int, last: int) -> None:
    if first > last:
        return
    letter = get_column_letter(first)
    part = ColumnDimension(sheet, index=letter, width=like.width, hidden=like.hidden, min=first, max=last)
    part.outlineLevel, part.collapsed = like.outlineLevel, like.collapsed
    _take_style(part, like)
    sheet.column_dimensions[letter] = part


class Aligning:
    """Lets text begin at the top of many cells of one workbook.

    openpyxl would compare each cell's alignment with all that the workbook has: a third of the time that a
    large sheet takes.
    """

    def __init__(self) -> None:
        self._numbers: dict[bool, int] = {}

    def __call__(self, cell: Cell | MergedCell, *, wrap: bool) -> None:
        if wrap not in self._numbers:
            cell.alignment = Alignment(vertical="top", wrap_text=wrap)
            self._numbers[wrap] = _style_of(cell).alignmentId
        _style_of(cell).alignmentId = self._numbers[wrap]


def _style_of(cell: Any) -> StyleArray:
    """Numbers of the cell's styles among those of its workbook, for which openpyxl has no public name."""
    if cell._style is None:
        cell._style = StyleArray()
    style: StyleArray = cell._style
    return style


def write_head(cell: Cell, color: str | None = None) -> None:
    """Bold, in the font that the cell has already: one without a name is another in each program."""
    cell.font = Font(name=cell.font.name, size=cell.font.size, bold=True, color=color)


def sized(comment: Comment) -> Comment:
    """The comment in a box that all of it can be read in; openpyxl gives every one the same small box."""
    comment.width = _COMMENT_WIDTH
    comment.height = 30 + 18 * lines_of(comment.text, _COMMENT_COLUMNS)
    return comment


def last_drawn_column(sheet: Worksheet, first_row: int) -> int:
    """The last column, from 1, that a picture or chart lies over at or below ``first_row``; 0 without one."""
    last = 0
    drawings = (*vars(sheet)["_images"], *vars(sheet)["_charts"])  # openpyxl has no public name for them.
    for drawing in drawings:
        start, end, size = (getattr(drawing.anchor, name, None) for name in ("_from", "to", "ext"))
        if start is None:
            continue
        if end is None:
            across, down = (size.width, size.height) if size else (0, 0)
            bottom, right = start.row + down // _ROW_UNITS + 1, _column_after(sheet, start.col + 1, across)
        else:
            bottom, right = end.row + 1, end.col + 1
        if bottom >= first_row:
            last = max(last, right)
    return last


def _column_after(sheet: Worksheet, column: int, units: float) -> int:
    """The column in which something ends that begins in ``column`` and is ``units`` EMU wide."""
    while (width := _column_width(sheet, column) * _FIGURE_UNITS) < units:
        column, units = column + 1, units - width
    return column


def _fitting(sheet: Worksheet, number: int, before: RowDimension | None, height: float) -> FittingRow:
    row = FittingRow(sheet, index=number, ht=height)
    if before is not None:
        row.hidden, row.outlineLevel, row.collapsed = before.hidden, before.outlineLevel, before.collapsed
        row.thickBot, row.thickTop = before.thickBot, before.thickTop
        _take_style(row, before)
    return row


def _take_style(dimension: Dimension, like: Dimension) -> None:
    dimension._style = like._style  # type: ignore[attr-defined]  # openpyxl has no public way to hand it on.


def _is_wrapped(cell: Cell | MergedCell) -> bool:
    if not isinstance(cell, Cell) or not isinstance(cell.value, str):
        return False
    return len(cell.value) > 4 and bool(cell.alignment.wrap_text) and cell.data_type != "f"


def _column_width(sheet: Worksheet, column: int) -> float:
    for dimension in sheet.column_dimensions.values():
        first, last = _span(dimension)
        if first <= column <= last:
            return float(dimension.width)
    return _USUAL_WIDTH


def _span(dimension: ColumnDimension) -> tuple[int, int]:
    """First and last column, from 1: equal columns side by side are kept as one."""
    index = column_index_from_string(dimension.index)
    return dimension.min or index, dimension.max or index
