"""The data rows below a header: merged values filled in, rows of one product put together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from campaign.brief import Problem, Severity
from campaign.sheet.columns import ALIASES, find_field, is_ours, near_field
from campaign.sheet.grid import Grid
from campaign.sheet.header import Header, fold
from campaign.sheet.texts import Cell, as_word, column_letter, listed, quoted


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
    faults: tuple[tuple[Written, str], ...]
    """Cells of our columns that hold something without a value, and why."""


class Table:
    """The rows of a worksheet under its header."""

    def __init__(self, grid: Grid, header: Header) -> None:
        self.grid = grid
        self.header = header
        width = len(header.names)
        data = {
            number: (*cells, *("",) * (width - len(cells)))
            for number, cells in grid.rows.items()
            if number > header.row and number not in header.repeats
        }
        self.frame = pd.DataFrame(list(data.values()), index=list(data), dtype=object).fillna("")
        """Cells, ``""`` where blank; index: row numbers from 1; columns: from 0."""
        self.merged = self._fill_merged()
        """Whether a merged value was given to the rows it spans."""

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

    def notes(self) -> list[Problem]:
        """What a person should know about the table as a whole."""
        grid, rows = self.grid, list(self.frame.index)
        notes = []
        hidden_rows = [n for n in rows if n in grid.hidden_rows]
        if hidden_rows:
            notes.append(
                self._note(str(hidden_rows[0]), "", f"Hidden rows are taken as well: {listed(hidden_rows)}.",
                           "Delete those that should not be made.")
            )  # fmt: skip
        hidden_columns = [column_letter(c) for c in self._used() if c in grid.hidden_columns]
        if hidden_columns:
            notes.append(
                self._note(hidden_columns[0], "", f"Hidden columns are taken as well: {listed(hidden_columns)}.",
                           "Clear those that should not count.")
            )  # fmt: skip
        if self.merged:
            notes.append(
                self._note(self.merged, "", "A merged cell counts for every row that it spans.",
                           "Split it where that is not meant.")
            )  # fmt: skip
        for number in sorted(self.header.repeats):
            notes.append(
                self._note(
                    str(number),
                    "",
                    "The row says the header again and is left out.",
                    "Delete it to be rid of this note.",
                )
            )
        return [*notes, *self._column_notes()]

    def _column_notes(self) -> Iterator[Problem]:
        """Each foreign column, once."""
        taken = self.header.found
        for column in self._used():
            name = self.header.names[column] if column < len(self.header.names) else ""
            if column in self.header.fields or is_ours(name):
                continue
            letter = column_letter(column)
            if not name:
                yield self._note(letter, "", "The column has no header, so it is not read.", "Give it one.")
                continue
            near = near_field(name)
            hint = f"Did you mean {near[1]}? " if near and near[0] not in taken else ""
            yield self._note(
                letter,
                name,
                "The column is none of ours; it is kept for templates.",
                f"{hint}Rename it, or map it under columns in the campaign's settings."
                if hint
                else "Nothing to do, unless it was meant as one: then map it under columns.",
            )

    def _used(self) -> list[int]:
        """Columns with anything in them."""
        return [int(c) for c in self.frame.columns[(self.frame != "").any(axis=0)]]

    def _fill_merged(self) -> str:
        filled = ""
        for top, left, bottom, _ in self.grid.merges:
            if top in self.frame.index and left in self.frame.columns:
                below = self.frame.loc[top + 1 : bottom].index
                value = self.frame.at[top, left]
                if len(below) and value != "":
                    self.frame.loc[below, left] = value
                    filled = filled or self.grid.place(top, left)
        return filled

    def _groups(self, group_by: int | None) -> Iterator[tuple[int, ...]]:
        if group_by is None:
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
        faults: list[tuple[Written, str]] = []
        names, ours = self.header.names, self.header.fields
        for row in rows:
            for column, cell in enumerate(cells[row]):
                field = ours.get(column)
                if cell == "" or (isinstance(cell, str) and not cell.strip()):
                    if field and (row, column) in self.grid.faults:
                        written = Written("", self.grid.place(row, column), row)
                        faults.append((written, self.grid.faults[row, column]))
                elif field:
                    fields.setdefault(field, []).append(Written(cell, self.grid.place(row, column), row))
                elif column < len(names) and names[column] and not is_ours(names[column]):
                    extra.setdefault(names[column], as_word(cell))
        return Entry(
            row=rows[0],
            rows=rows,
            fields={field: tuple(found) for field, found in fields.items()},
            extra=extra,
            faults=tuple(faults),
        )

    def _note(self, cell: str, value: str, expected: str, remedy: str) -> Problem:
        return Problem(
            sheet=self.grid.name,
            cell=cell,
            value=quoted(value),
            expected=expected,
            remedy=remedy,
            severity=Severity.NOTE,
        )


def known_fields() -> tuple[str, ...]:
    return tuple(ALIASES)
