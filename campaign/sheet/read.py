"""A spreadsheet file into a campaign."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from campaign.brief import Problem, Severity
from campaign.content_key import file_digest
from campaign.errors import SheetError
from campaign.naming import safe_name
from campaign.sheet.campaign import Campaign, Known, SheetRow
from campaign.sheet.columns import near_field
from campaign.sheet.container import Kind, file_kind
from campaign.sheet.delimited import read_delimited
from campaign.sheet.grid import Grid
from campaign.sheet.header import DEPTH, Header, find_header
from campaign.sheet.identity import derived_id
from campaign.sheet.read_settings import (
    FILE,
    WORKSHEETS,
    SettingsFound,
    settings_of_file,
    settings_of_worksheet,
)
from campaign.sheet.rows import RowReader
from campaign.sheet.settings import CampaignSettings
from campaign.sheet.table import Entry, Table
from campaign.sheet.texts import as_word, listed, quoted
from campaign.sheet.values import CellError, nearest, row_id
from campaign.sheet.workbook import read_workbook

OURS = frozenset({"reelsheet", "notes", "notes 说明", "说明"})
"""Worksheets that the template and the status copy add; never read for rows."""


def read_campaign(path: Path, *, known: Known) -> Campaign:
    """Read the rows of ``path``, good and bad, and everything that is wrong with them.

    Raises:
        SheetError: the file as a whole is not usable: missing, damaged, protected, too large, no header.
    """
    path = path.absolute()
    kind = file_kind(path)
    digest = file_digest(path)
    grids = (read_delimited(path),) if kind is Kind.TEXT else tuple(read_workbook(path, kind))
    found, notes = _settings(path, grids, known)
    grid, header, more = _choose(path, grids, found.settings)
    table = Table(grid, header)
    problems = [*_ending_note(path, kind), *found.problems, *notes, *more, *table.notes()]
    entries = tuple(table.entries(_group_column(table, found, problems)))
    rows, ids = _names(table, entries, problems)
    reader = RowReader(grid.name, path.parent, known, found)
    briefs, sources = [], {}
    for entry, name in zip(entries, ids, strict=True):
        brief, said, came_from = reader.read(entry, name or "unnamed")
        problems += said
        if brief and name:
            briefs.append(brief)
            sources[name] = came_from
    if not entries:
        raise SheetError(
            path, f"has a header in row {header.row} but no rows below it.", "Add a row per video."
        )
    return Campaign(
        name=safe_name(path.stem),
        path=path,
        digest=digest,
        sheet=grid.name,
        header_row=header.row,
        briefs=tuple(briefs),
        problems=tuple(problems),
        settings=found.settings,
        sources=sources,
        rows=rows,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    grid: Grid
    header: Header


def _settings(path: Path, grids: Sequence[Grid], known: Known) -> tuple[SettingsFound, list[Problem]]:
    beside = [p for p in (path.with_suffix(".yaml"), path.with_name(FILE)) if p.is_file()]
    for grid in grids:
        header = find_header(grid, {})
        if as_word(grid.name).casefold() in WORKSHEETS and not (header and header.usable):
            notes = [
                _note(
                    p.name,
                    "",
                    f"The workbook has a {grid.name} worksheet, so {p.name} is not read.",
                    "Keep one.",
                )
                for p in beside
            ]
            return settings_of_worksheet(grid, known), notes
    if beside:
        return settings_of_file(beside[0], known), []
    return SettingsFound(settings=CampaignSettings()), []


def _choose(
    path: Path, grids: Sequence[Grid], settings: CampaignSettings
) -> tuple[Grid, Header, list[Problem]]:
    """The worksheet with the rows."""
    named = [g for g in grids if as_word(g.name).casefold() == as_word(settings.worksheet).casefold()]
    if settings.worksheet and not named:
        raise SheetError(
            path,
            f"has no worksheet {settings.worksheet!r}, which the campaign's settings name.",
            f"Worksheets: {listed([g.name for g in grids])}.",
        )
    looked_at = named or [g for g in grids if as_word(g.name).casefold() not in OURS]
    candidates = [
        _Candidate(grid=grid, header=header)
        for grid in looked_at
        if (header := find_header(grid, settings.columns)) and header.usable
    ]
    if not candidates:
        raise _no_header(path, looked_at, settings)
    best = max(candidates, key=lambda c: (c.grid.visible, len(c.header.found)))
    others = [c.grid.name for c in candidates if c is not best and len(c.header.found) > 1]
    notes = []
    if others:
        notes.append(
            _note(best.grid.name, "", f"Only {best.grid.name} is read; {listed(others)} also looks like a campaign.",
                  "Name the right one as worksheet in the campaign's settings.")
        )  # fmt: skip
    if not best.grid.visible:
        notes.append(
            _note(best.grid.name, "", f"The worksheet {best.grid.name} is hidden; it is read.", "Show it.")
        )
    return best.grid, best.header, notes


def _no_header(path: Path, grids: Iterable[Grid], settings: CampaignSettings) -> SheetError:
    """Why no worksheet can be used, with what comes nearest."""
    grids = [grid for grid in grids if grid.rows]
    if not grids:
        return SheetError(path, "has no rows.", "Write a header (编号, 文案 …) and a row per video.")
    for grid in grids:
        header = find_header(grid, settings.columns)
        number, cells = (header.row, grid.rows[header.row]) if header else next(iter(grid.rows.items()))
        names = [as_word(cell) for cell in cells if isinstance(cell, str) and cell.strip()]
        for name in names:
            near = near_field(name)
            if near and near[0] == "copy":
                return SheetError(
                    path,
                    f"{grid.name} row {number} says {quoted(name)!r} where 文案 (copy) is needed.",
                    f"Write {near[1]}.",
                )
        if header:
            return SheetError(
                path,
                f"{grid.name} has a header in row {number} but no column for the copy (文案); it has {listed(names)}.",
                "Rename the column with the words of the video to copy or 文案, or map it: columns: {Body: copy}.",
            )
    first = grids[0]
    number, cells = next(iter(first.rows.items()))
    return SheetError(
        path,
        f"has no header in its first {DEPTH} rows; {first.name} begins in row {number} with {quoted(cells[0] or listed(list(cells)))!r}.",
        "Write the names of the columns above the rows: at least 文案 (copy). `reelsheet template` writes a sheet to start from.",
    )


def _ending_note(path: Path, kind: Kind) -> list[Problem]:
    endings = {
        Kind.XLSX: (".xlsx", ".xlsm", ".xltx", ".xltm"),
        Kind.XLS: (".xls", ".xlt", ".et"),
        Kind.ODS: (".ods",),
    }
    right = endings.get(kind, (".csv", ".tsv", ".txt", ".tab"))
    if path.suffix.casefold() in right:
        return []
    return [
        _note(path.name, "", f"The file is {kind.value} inside, whatever its name says; it is read as that.",
              f"Rename it to {path.stem}{right[0]}.")
    ]  # fmt: skip


def _group_column(table: Table, found: SettingsFound, problems: list[Problem]) -> int | None:
    asked = found.settings.group_by
    if not asked:
        return None
    column = table.column_named(asked)
    if column is None:
        names = [name for name in table.header.names if name]
        near = nearest(asked, names)
        raise SheetError(
            Path(found.places.get("group_by", "settings")),
            f"group_by names the column {asked!r}, which the sheet does not have.",
            f"Did you mean {near}?" if near else f"Columns: {listed(names)}.",
        )
    return column


def _names(
    table: Table, entries: Sequence[Entry], problems: list[Problem]
) -> tuple[tuple[SheetRow, ...], list[str | None]]:
    """An id per entry, None where it has no usable one; and the id of every row."""
    has_ids = "id" in table.header.found and any("id" in entry.fields for entry in entries)
    ids = [_written_id(table, entry, problems) if has_ids else derived_id(entry) for entry in entries]
    folded = pd.Series([name.casefold() if name else None for name in ids], dtype=object)
    twice = folded.notna() & folded.duplicated(keep=False)
    for _, group in folded[twice].groupby(folded[twice], sort=False):
        same = [entries[position] for position in group.index]
        problems += [_twice(table, entry, same, has_ids) for entry in same]
    rows = [SheetRow(number=n, id=name) for entry, name in zip(entries, ids, strict=True) for n in entry.rows]
    usable = [None if again else name for name, again in zip(ids, twice, strict=True)]
    return tuple(sorted(rows, key=lambda row: row.number)), usable


def _written_id(table: Table, entry: Entry, problems: list[Problem]) -> str | None:
    cells = entry.fields.get("id")
    if not cells:
        suggestion = derived_id(entry)
        problems.append(
            _row_problem(table, str(entry.row), entry.row, "", "The row has no id, but other rows have one.",
                         f"Write one that stays, like {suggestion}.")
        )  # fmt: skip
        return None
    try:
        return row_id(cells[0].cell)
    except CellError as error:
        problems.append(
            _row_problem(
                table, cells[0].place, entry.row, quoted(cells[0].cell), error.expected, error.remedy
            )
        )
        return None


def _twice(table: Table, entry: Entry, same: Sequence[Entry], has_ids: bool) -> Problem:
    others = [other.row for other in same if other is not entry]
    cells = entry.fields.get("id")
    if has_ids and cells:
        words = f"The id is also in row {listed(others)}; capitals do not tell ids apart."
        remedy = "Give each row its own, or set group_by if these rows are one product."
        return _row_problem(table, cells[0].place, entry.row, quoted(cells[0].cell), words, remedy)
    words = f"The row says the same as row {listed(others)}, so the two cannot be told apart."
    return _row_problem(
        table, str(entry.row), entry.row, "", words, "Delete one, or add an id column (编号)."
    )


def _row_problem(table: Table, cell: str, row: int, value: str, expected: str, remedy: str) -> Problem:
    return Problem(sheet=table.grid.name, cell=cell, row=row, value=value, expected=expected, remedy=remedy)


def _note(sheet: str, cell: str, expected: str, remedy: str) -> Problem:
    return Problem(sheet=sheet, cell=cell, value="", expected=expected, remedy=remedy, severity=Severity.NOTE)
