"""Problems as the sheet's readers make them."""

import re
from collections.abc import Iterable, Sequence

from campaign.brief import Problem, Severity
from campaign.sheet.texts import Cell, listed, quoted

_LISTED = 30
"""Places that are named one by one."""
_PLACE = re.compile(r"([A-Z]*)(\d*)")


def note(sheet: str, cell: str, expected: str, remedy: str, value: Cell = "") -> Problem:
    """Something to know about the sheet as a whole or a column."""
    return Problem(
        sheet=sheet, cell=cell, value=quoted(value), expected=expected, remedy=remedy, severity=Severity.NOTE
    )


def fault(sheet: str, cell: str, row: int | None, value: Cell, expected: str, remedy: str) -> Problem:
    """Something that puts its row out."""
    return Problem(sheet=sheet, cell=cell, row=row, value=quoted(value), expected=expected, remedy=remedy)


def told_together(problems: Iterable[Problem]) -> list[str]:
    """Problems in words, those that differ in cell and value alone as one."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        alike.setdefault((problem.sheet, problem.expected, problem.remedy), []).append(problem)
    return [str(same[0]) if len(same) == 1 else _as_one(same) for same in alike.values()]


def _as_one(same: Sequence[Problem]) -> str:
    first = same[0]
    places = listed([f"{p.cell} {p.value!r}" if p.value else p.cell for p in same], _LISTED)
    return f"{first.sheet}!{places}: {first.expected} {first.remedy}"


def in_reading_order(problem: Problem) -> tuple[int, int, str]:
    """A sort key: the whole sheet first, then row by row from left to right."""
    match = _PLACE.fullmatch(problem.cell)
    column = match[1] if match else ""
    return problem.row or 0, len(column), column
