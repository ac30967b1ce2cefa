"""Workbooks (.xlsx, .xlsm, .xls, .ods) as grids, through calamine."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from campaign.errors import SheetError
from campaign.sheet.container import Kind
from campaign.sheet.grid import Grid
from campaign.sheet.structure import Structure, ods_structures, xlsx_structures
from campaign.sheet.texts import Cell, column_letter

Got = TypeVar("Got")

MOST_CELLS = 12_000_000
"""Cells between the first and the last used one; calamine holds them all, at 24 to 32 bytes each."""
MOST_ROWS = 100_000
"""Rows that hold anything."""


def read_workbook(path: Path, kind: Kind) -> Iterator[Grid]:
    """Each worksheet with cells, in order.

    Raises:
        SheetError: the file is damaged or protected, or one worksheet is too large to hold.
    """
    structures = _STRUCTURES[kind](path) if kind in _STRUCTURES else {}
    for name, structure in structures.items():
        _check_extent(path, name, structure)
    book = _guarded(path, lambda: CalamineWorkbook.from_path(path))
    for meta in book.sheets_metadata:
        if meta.typ is SheetTypeEnum.WorkSheet:
            sheet = _guarded(path, partial(book.get_sheet_by_name, meta.name))
            structure = structures.get(meta.name, Structure())
            yield _grid(path, sheet, structure, visible=meta.visible is SheetVisibleEnum.Visible)


_STRUCTURES: dict[Kind, Callable[[Path], dict[str, Structure]]] = {
    Kind.XLSX: xlsx_structures,
    Kind.ODS: ods_structures,
}
"""The old binary format has none: it holds at most 65,536 rows of 256 cells, and hidden rows go unsaid."""


def _check_extent(path: Path, name: str, structure: Structure) -> None:
    if structure.area > MOST_CELLS:
        row, column = structure.last_cell
        raise SheetError(
            path,
            f"worksheet {name!r} is used from row {structure.first_row:,} to row {structure.last_row:,} and "
            f"over {structure.last_column + 1:,} columns, more than can be read; "
            f"its last cell is {column_letter(column)}{row}.",
            "Delete the rows and columns outside the table, or copy the table into a new workbook.",
        )


def _grid(path: Path, sheet: CalamineSheet, structure: Structure, *, visible: bool) -> Grid:
    # iter_rows begins at row 1 but at the first used column.
    left: tuple[Cell, ...] = ("",) * sheet.start[1] if sheet.start else ()
    rows: dict[int, tuple[Cell, ...]] = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if any(cell != "" for cell in row):
            rows[number] = (*left, *row)
        if len(rows) > MOST_ROWS:
            raise SheetError(
                path,
                f"worksheet {sheet.name!r} has more than {MOST_ROWS:,} rows.",
                "Split it over several files.",
            )
    merges = structure.merges or [
        (top + 1, first, bottom + 1, last) for (top, first), (bottom, last) in sheet.merged_cell_ranges or ()
    ]
    return Grid(
        name=sheet.name,
        rows=rows,
        visible=visible,
        hidden_rows=frozenset(structure.hidden_rows),
        hidden_columns=frozenset(structure.hidden_columns),
        merges=tuple(merges),
        faults=structure.faults,
    )


def _guarded(path: Path, call: Callable[[], Got]) -> Got:
    """What ``call`` gives; damage that calamine meets becomes one sentence.

    Raises:
        SheetError: it met some.
    """
    try:
        return call()
    except PasswordError as error:
        raise SheetError(
            path, "is protected with a password.", "Open it, take the password off and save a copy."
        ) from error
    except (CalamineError, OSError, ValueError) as error:
        raise SheetError(path, f"is damaged ({error}).", "Save or download it again.") from error
    except BaseException as error:
        # A Rust panic arrives as a BaseException that pyo3 does not let one import.
        if type(error).__name__ != "PanicException":
            raise
        raise SheetError(
            path, "is damaged in a way that cannot be read around.", "Save or download it again."
        ) from error
