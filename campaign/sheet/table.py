"""The data rows below a header: merged values filled in, rows of one product put together."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from campaign.brief import Problem
from campaign.sheet import values
from campaign.sheet.columns import find_field, is_ours, near_field
from campaign.sheet.grid import Grid
from campaign.sheet.header import Header, fold
from campaign.sheet.problems import fault, note
from campaign.sheet.structure import AN_ERROR
from campaign.sheet.texts import Cell, as_prose, as_word, column_letter, listed

# A CSV and some programs' .ods files hold a formula's error as text.
_ERROR = re.compile(
    r"\s*(?:#(?:NAME\?|N/A|(?:REF|VALUE|DIV/0|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|CONNECT|ERROR)!)|Err:\d{3})\s*"
)
_SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_TOTALS = frozenset(
    {"合计", "总计", "小计", "共计", "总", "total", "totals", "grand total", "subtotal", "sum"}
)


@dataclass(frozen=True, slots=True)
class Written:
    """A cell that holds something, and where."""

    cell: Cell
    place: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one brief is made from: one row, or the rows of one product."""

    row: int
    """The first."""
    rows: tuple[int, ...]
    fields: Mapping[str, tuple[Written, ...]]
    """Every cell by our field, in order of row and column."""
    extra: Mapping[str, str]
    """Foreign columns by header: the first value of the group."""
    faults: tuple[tuple[str, Written, str], ...]
    """Our columns whose cell holds something without a value: field, cell and why."""

    @property
    def says_something(self) -> bool:
        """Whether anything stands in our columns."""
        return bool(self.fields or self.faults)

    @property
    def adds_up(self) -> bool:
        """Whether the foreign columns hold nothing but figures and words for a total."""
        return all(
            values.number(text) is not None or text.casefold().strip(" :：") in _TOTALS
            for text in self.extra.values()
        )


class Table:
    """The rows of a worksheet under its header."""

    def __init__(self, grid: Grid, header: Header) -> None:
        self.grid = grid
        self.header = header
        rows = {
            number: list(cells)
            for number, cells in grid.rows.items()
            if number > header.row and number not in header.repeats
        }
        self.merged = _fill_merged(grid, rows)
        """The first cell whose value was given to the rows that it spans; empty where there is none."""
        width = max((len(cells) for cells in rows.values()), default=0)
        for cells in rows.values():
            cells += [""] * (width - len(cells))
        self.frame = pd.DataFrame(list(rows.values()), index=list(rows), columns=range(width), dtype=object)
        """Cells, ``""`` where blank; index: row numbers from 1; columns: from 0."""

    def entries(self, group_by: int | None) -> Iterator[Entry]:
        """One entry per row, or per value of the column ``group_by`` where a column is given."""
        cells = dict(zip(self.frame.index, self.frame.itertuples(index=False, name=None), strict=True))
        for rows in self._groups(group_by):
            yield self._entry(rows, cells)

    def column_named(self, name: str) -> int | None:
        """The column with that header, or the one that means that field of ours."""
        for column, header in enumerate(self.header.names):
            if header and fold(header) == fold(name):
                return column
        field = find_field(name)
        return next((c for c, f in self.header.fields.items() if f == field), None) if field else None

    def spilt(self) -> dict[int, Problem]:
        """By row: rows of a text file that go on beyond the header, most likely from the middle of a cell."""
        sign = _SIGNS.get(self.grid.delimiter, self.grid.delimiter)
        first = len(self.header.names)
        return {
            number: fault(
                self.grid.name,
                self.grid.place(number, first),
                number,
                next(cell for cell in cells[first:] if as_word(cell)),
                "The row has more cells than the header has columns.",
                f"Put quotation marks around the cell that holds a {sign}, or give the column a header.",
            )
            for number, cells in self.grid.rows.items()
            if number > self.header.row and self._is_beyond(first) and any(map(as_word, cells[first:]))
        }

    def notes(self) -> list[Problem]:
        """What a person should know about the table as a whole."""
        grid, name = self.grid, self.grid.name
        rows = [int(number) for number in self.frame.index if number in grid.hidden_rows]
        columns = [column_letter(column) for column in self._used() if column in grid.hidden_columns]
        notes = []
        if rows:
            words = f"Hidden rows are taken as well: {listed(rows)}."
            notes.append(note(name, str(rows[0]), words, "Delete those that should not be made."))
        if columns:
            words = f"Hidden columns are taken as well: {listed(columns)}."
            notes.append(note(name, columns[0], words, "Clear those that should not count."))
        if self.merged:
            words = "A merged cell counts for every row that it spans."
            notes.append(note(name, self.merged, words, "Split it where that is not meant."))
        for number in sorted(self.header.repeats):
            words = "The row says the header again and is left out."
            notes.append(note(name, str(number), words, "Delete it to be rid of this note."))
        return [*notes, *self._column_notes()]

    def _column_notes(self) -> Iterator[Problem]:
        """Each foreign column, once."""
        names = self.header.names
        for column in self._used():
            name = names[column] if column < len(names) else ""
            if column in self.header.fields or column in self.header.apart or is_ours(name):
                continue
            letter = column_letter(column)
            if not name and self._is_beyond(column):
                continue
            if not name:
                yield self._nameless(column)
                continue
            near = near_field(name)
            if near and near[0] not in self.header.found:
                remedy = f"Did you mean {near[1]}? Rename it, or map it under columns in the settings."
            else:
                remedy = "Nothing to do, unless it is one of ours: then map it under columns in the settings."
            words = "The column is none of ours; it is kept for templates."
            yield note(self.grid.name, letter, words, remedy, name)

    def _is_beyond(self, column: int) -> bool:
        """Whether not even an empty header stands above, which programs write where the column is meant."""
        return bool(self.grid.delimiter) and column >= len(self.header.names)

    def _nameless(self, column: int) -> Problem:
        """A column without a header, told at the first of its cells."""
        row = int(self.frame.index[self.frame[column] != ""][0])
        words = "The column has no header, so it is not read."
        place = self.grid.place(row, column)
        return note(self.grid.name, place, words, "Give it one, or clear it.", self.frame[column][row])

    def _used(self) -> list[int]:
        """Columns with anything in them."""
        return [int(column) for column in self.frame.columns[(self.frame != "").any(axis=0)]]

    def _groups(self, group_by: int | None) -> Iterator[tuple[int, ...]]:
        if group_by is None or group_by not in self.frame.columns:
            yield from ((int(number),) for number in self.frame.index)
            return
        keys = self.frame[group_by].map(as_word)
        # A row without a value belongs to nothing but itself.
        keys = keys.where(keys != "", "\0" + self.frame.index.astype(str))
        for _, group in keys.groupby(keys, sort=False):
            yield tuple(int(number) for number in group.index)

    def _entry(self, rows: tuple[int, ...], cells: Mapping[int, tuple[Cell, ...]]) -> Entry:
        fields: dict[str, list[Written]] = {}
        extra: dict[str, str] = {}
        faults: list[tuple[str, Written, str]] = []
        names, ours, grid = self.header.names, self.header.fields, self.grid
        for row in rows:
            for column, cell in enumerate(cells[row]):
                field = ours.get(column)
                if cell == "" or (isinstance(cell, str) and not cell.strip()):
                    if field and (row, column) in grid.faults:
                        written = Written("", grid.place(row, column), row)
                        faults.append((field, written, grid.faults[row, column]))
                elif field and isinstance(cell, str) and cell[0] in "#E " and _ERROR.fullmatch(cell):
                    faults.append((field, Written(cell, grid.place(row, column), row), AN_ERROR))
                elif field:
                    fields.setdefault(field, []).append(Written(cell, grid.place(row, column), row))
                elif column < len(names) and names[column] and not is_ours(names[column]):
                    extra.setdefault(names[column], as_prose(cell))
        return Entry(
            row=rows[0],
            rows=rows,
            fields={field: tuple(found) for field, found in fields.items()},
            extra=extra,
            faults=tuple(faults),
        )


def _fill_merged(grid: Grid, rows: Mapping[int, list[Cell]]) -> str:
    """Give the value of each cell merged downwards to all rows that it spans; the first such place."""
    filled = ""
    last = max(rows, default=0)
    for top, left, bottom, _ in grid.merges:
        above = rows.get(top, [])
        value = above[left] if left < len(above) else ""
        below = [rows[n] for n in range(top + 1, min(bottom, last) + 1) if n in rows] if value != "" else []
        for cells in below:
            cells += [""] * (left + 1 - len(cells))
            cells[left] = value
            filled = filled or grid.place(top, left)
    return filled
