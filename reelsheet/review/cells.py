"""A row's cells as they were typed, from the annotated copy of the sheet that lies beside the report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from campaign.file_cache import cached_by_file
from campaign.sheet.columns import MARK, is_ours
from reelsheet.review.shelf import Entry

STATUS = f"{MARK}status"
"""Stands in the header row of the copy, and nowhere else."""
READ = 8
"""Copies that are kept in memory."""


def cells_of(entry: Entry) -> Mapping[int, Mapping[str, str]]:
    """Header to value of every row's filled cells, by row number; nothing where there is no copy."""
    if entry.report is None:
        return {}
    try:
        return _cells(entry.folder / f"{Path(entry.report.sheet).stem}.status.xlsx")
    except (OSError, CalamineError):
        return {}


@cached_by_file(READ)
def _cells(path: Path) -> Mapping[int, Mapping[str, str]]:
    workbook = CalamineWorkbook.from_path(str(path))
    for name in workbook.sheet_names:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        head = next((number for number, row in enumerate(rows) if STATUS in row), None)
        if head is not None:
            return {
                number: _row(rows[head], values) for number, values in enumerate(rows[head + 1 :], head + 2)
            }
    return {}


def _row(head: Sequence[object], values: Sequence[object]) -> dict[str, str]:
    told = ((str(name), _words(value)) for name, value in zip(head, values, strict=False))
    return {name: value for name, value in told if name and value and not is_ours(name)}


def _words(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value).strip()
