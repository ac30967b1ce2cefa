"""Problems as the sheet's readers make them."""

import re

from campaign.brief import Problem, Severity
from campaign.sheet.texts import Cell, quoted

_PLACE = re.compile(r"([A-Z]*)(\d*)")


def note(sheet: str, cell: str, expected: str, remedy: str, value: Cell = "") -> Problem:
    """Something to know about the sheet as a whole or a column."""
    return Problem(
        sheet=sheet, cell=cell, value=quoted(value), expected=expected, remedy=remedy, severity=Severity.NOTE
    )


def fault(sheet: str, cell: str, row: int | None, value: Cell, expected: str, remedy: str) -> Problem:
    """Something that puts its row out."""
    return Problem(sheet=sheet, cell=cell, row=row, value=quoted(value), expected=expected, remedy=remedy)


def in_reading_order(problem: Problem) -> tuple[int, int, str]:
    """A sort key: the whole sheet first, then row by row from left to right."""
    match = _PLACE.fullmatch(problem.cell)
    column = match[1] if match else ""
    return problem.row or 0, len(column), column
