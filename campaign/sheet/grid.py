"""A worksheet as it lies in the file: cells by row and column, before anything is understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from campaign.sheet.texts import Cell, column_letter

MOST_ROWS = 100_000
"""Rows that hold anything; a campaign of more is several."""
MOST_CELLS = 5_000_000
"""Cells between the first and the last used one; calamine holds them all, at 24 to 32 bytes each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One worksheet. Rows are numbered from 1, columns from 0."""

    name: str
    rows: Mapping[int, tuple[Cell, ...]]
    """The rows that hold anything, in order, each from column A on."""
    delimiter: str = ""
    """Of a text file; empty for a worksheet."""
    visible: bool = True
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: tuple[tuple[int, int, int, int], ...] = ()
    """First row, first column, last row, last column; the value is in the first cell."""
    refusal: tuple[str, str] | None = None
    """Why the worksheet was not read at all, and what to do; matters only if its rows are wanted."""
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """By row and column: why a cell has no value although something is written in it."""

    def place(self, row: int, column: int) -> str:
        """Like ``B7``."""
        return f"{column_letter(column)}{row}"
