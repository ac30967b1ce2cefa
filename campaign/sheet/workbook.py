"""Workbooks (.xlsx, .xlsm, .xls, .ods) as grids; all but .ods through calamine."""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from campaign.errors import SheetError
from campaign.sheet import apart
from campaign.sheet.container import Kind, protected
from campaign.sheet.grid import MOST_CELLS, MOST_ROWS, Grid
from campaign.sheet.open_document import OpenTable, read_tables
from campaign.sheet.structure import Structure, xlsx_structures
from campaign.sheet.texts import Cell, column_letter

Got = TypeVar("Got")
_SECONDS = 120
"""For an .xls: the largest takes a few."""
_AGAIN = "Save or download it again."
Rectangle = tuple[tuple[int, int], tuple[int, int]]
"""Row and column from 0 of the first and the last cell, as calamine counts."""


def read_workbook(path: Path, kind: Kind) -> Iterator[Grid]:
    """Each worksheet, in order.

    Raises:
        SheetError: the file is damaged or protected, or one worksheet is too large to hold.
    """
    match kind:
        case Kind.XLSX:
            yield from _read_here(path, xlsx_structures(path))
        case Kind.ODS:
            yield from map(_open_document, read_tables(path))
        case _:
            yield from _read_apart(path)


def _open_document(table: OpenTable) -> Grid:
    structure = table.structure
    if refusal := _too_large(table.name, structure):
        return Grid(name=table.name, rows={}, visible=table.visible, refusal=refusal)
    return Grid(
        name=table.name,
        rows=_with_faulty(table.rows, structure),
        visible=table.visible,
        hidden_rows=frozenset(structure.hidden_rows),
        hidden_columns=frozenset(structure.hidden_columns),
        merges=tuple(structure.merges),
        faults=structure.faults,
    )


def _with_faulty(
    rows: Mapping[int, tuple[Cell, ...]], structure: Structure
) -> Mapping[int, tuple[Cell, ...]]:
    """With the rows of nothing but formulas without results, which are rows all the same."""
    empty = {row for row, _ in structure.faults}.difference(rows)
    return {number: rows.get(number, ()) for number in sorted({*rows, *empty})} if empty else rows


def _read_here(path: Path, structures: Mapping[str, Structure]) -> Iterator[Grid]:
    book = _guarded(path, partial(CalamineWorkbook.from_path, path))
    for meta in book.sheets_metadata:
        if meta.typ is not SheetTypeEnum.WorkSheet:
            continue
        visible = meta.visible is SheetVisibleEnum.Visible
        structure = structures.get(meta.name, Structure())
        refusal = _too_large(meta.name, structure)
        if refusal:
            yield Grid(name=meta.name, rows={}, visible=visible, refusal=refusal)
            continue
        sheet = _guarded(path, partial(book.get_sheet_by_name, meta.name))
        # iter_rows begins at row 1 but at the first used column.
        left: tuple[Cell, ...] = ("",) * sheet.start[1] if sheet.start else ()
        rows: dict[int, tuple[Cell, ...]] = {}
        for number, row in enumerate(sheet.iter_rows(), start=1):
            if any(cell != "" for cell in row):
                rows[number] = (*left, *row)
        yield Grid(
            name=meta.name,
            rows=_with_faulty(rows, structure),
            visible=visible,
            hidden_rows=frozenset(structure.hidden_rows),
            hidden_columns=frozenset(structure.hidden_columns),
            merges=_merges(sheet.merged_cell_ranges or ()),
            faults=structure.faults,
        )


def _read_apart(path: Path) -> Iterator[Grid]:
    """An .xls. Which of its rows are hidden is not told."""
    command = [sys.executable, "-I", apart.__file__, str(path)]
    try:
        child = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise SheetError(path, f"cannot be read within {_SECONDS} s.", _AGAIN) from error
    if child.returncode == apart.PROTECTED:
        raise protected(path)
    if child.returncode:
        raise SheetError(path, "is damaged: no workbook can be made out in it.", _AGAIN)
    # Safe to unpickle: our own child wrote it, from cells that calamine gave.
    for name, visible, left, rows, merges in pickle.loads(child.stdout):
        padding = ("",) * left
        yield Grid(
            name=name,
            rows={number: (*padding, *row) for number, row in rows.items()},
            visible=visible,
            merges=_merges(merges),
        )


def _merges(ranges: Sequence[Rectangle]) -> tuple[tuple[int, int, int, int], ...]:
    return tuple((top + 1, first, bottom + 1, last) for (top, first), (bottom, last) in ranges)


def _too_large(name: str, structure: Structure) -> tuple[str, str] | None:
    """Why a worksheet is not read, and what to do."""
    if structure.filled_rows > MOST_ROWS:
        return f"has more than {MOST_ROWS:,} rows in worksheet {name!r}.", "Split it over several files."
    if structure.area <= MOST_CELLS:
        return None
    row, column = structure.last_cell
    return (
        f"is used in worksheet {name!r} from row {structure.first_row:,} to row {structure.last_row:,} and "
        f"over {structure.last_column + 1:,} columns, more than can be read; "
        f"its last cell is {column_letter(column)}{row}.",
        "Delete the rows and columns outside the table, or copy the table into a new workbook.",
    )


def _guarded(path: Path, call: Callable[[], Got]) -> Got:
    """What ``call`` gives; damage that calamine meets becomes one sentence.

    Raises:
        SheetError: it met some.
    """
    try:
        return call()
    except PasswordError as error:
        raise protected(path) from error
    except (CalamineError, OSError, ValueError) as error:
        raise SheetError(path, "is damaged: no workbook can be made out in it.", _AGAIN) from error
    except BaseException as error:
        # A Rust panic arrives as a BaseException of a class that cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise SheetError(path, "is damaged: no workbook can be made out in it.", _AGAIN) from error
