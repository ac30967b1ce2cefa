"""A spreadsheet file into a campaign."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from campaign.brief import Brief, Problem
from campaign.content_key import file_digest
from campaign.errors import SheetError
from campaign.naming import safe_name
from campaign.sheet.campaign import Campaign, Known, SheetRow
from campaign.sheet.choose import choose_worksheet
from campaign.sheet.container import Kind, file_kind
from campaign.sheet.delimited import read_delimited
from campaign.sheet.header import fold
from campaign.sheet.identity import name_entries
from campaign.sheet.problems import fault, in_reading_order, note
from campaign.sheet.read_settings import SettingsFound, find_settings, settings_worksheet
from campaign.sheet.rows import RowReader
from campaign.sheet.settings import CampaignSettings
from campaign.sheet.table import Entry, Table
from campaign.sheet.texts import listed
from campaign.sheet.values import nearest
from campaign.sheet.workbook import read_workbook

_ENDINGS = {
    Kind.XLSX: (".xlsx", ".xlsm", ".xltx", ".xltm"),
    Kind.XLS: (".xls", ".xlt", ".et"),
    Kind.ODS: (".ods", ".ots"),
    Kind.TEXT: (".csv", ".tsv", ".txt", ".tab"),
}


def read_campaign(path: Path, *, known: Known) -> Campaign:
    """Read the rows of ``path``, good and bad, and everything that is wrong with them.

    Raises:
        SheetError: the file as a whole is not usable: missing, damaged, protected, too large, no header.
    """
    path = path.absolute()
    kind = file_kind(path)
    digest = file_digest(path)
    grids = (read_delimited(path),) if kind is Kind.TEXT else tuple(read_workbook(path, kind))
    worksheet = settings_worksheet(grids)
    found = find_settings(path, worksheet, known)
    chosen = choose_worksheet(path, [grid for grid in grids if grid is not worksheet], found.settings)
    table = Table(chosen.grid, chosen.header)
    written = tuple(table.entries(_group_column(path, table, found.settings)))
    entries = tuple(entry for entry in written if entry.says_something)
    if not entries:
        raise SheetError(
            path, f"has a header in row {chosen.header.row} but no rows below it.", "Add a row per video."
        )
    names, problems = name_entries(entries, chosen.grid.name)
    problems += [*_kind_notes(path, kind), *found.problems, *chosen.notes, *table.notes()]
    problems += _mapping_notes(table, found)
    spilt = table.spilt()
    bare = [entry for entry in written if entry.extra and not entry.says_something]
    problems += [_beside(entry, chosen.grid.name) for entry in bare]
    reader = RowReader(chosen.grid.name, path.parent, known, found)
    briefs: list[Brief] = []
    sources = {}
    rows = [
        SheetRow(number=number, id=None, first=entry.row)
        for entry in bare
        if not entry.adds_up
        for number in entry.rows
    ]
    for entry, name in zip(entries, names, strict=True):
        rows += [SheetRow(number=number, id=name.id, first=entry.row) for number in entry.rows]
        brief, said, came_from = reader.read(entry, name.id or "")
        beyond = [replace(spilt[number], row=entry.row) for number in entry.rows if number in spilt]
        problems += [*said, *beyond]
        if brief and name.id and name.unique and not beyond:
            briefs.append(brief)
            sources[name.id] = came_from
    return Campaign(
        name=safe_name(path.stem),
        path=path,
        original=path,
        digest=digest,
        sheet=chosen.grid.name,
        header_row=chosen.header.row,
        briefs=tuple(briefs),
        problems=tuple(sorted(problems, key=in_reading_order)),
        settings=found.settings,
        sources=sources,
        places=found.places,
        rows=tuple(sorted(rows, key=lambda row: row.number)),
    )


def _beside(entry: Entry, sheet: str) -> Problem:
    """What is wrong with a row that only foreign columns say something in."""
    said = next(iter(entry.extra.values()))
    words = "The row says nothing in the columns that are read."
    if entry.adds_up:
        return note(
            sheet, str(entry.row), f"{words[:-1]}; as a total it is left out.", "Nothing to do.", said
        )
    return fault(
        sheet,
        str(entry.row),
        entry.row,
        said,
        words,
        "Write its copy (文案) if it is a video, else delete it.",
    )


def _kind_notes(path: Path, kind: Kind) -> list[Problem]:
    notes = []
    if path.suffix.casefold() not in _ENDINGS[kind]:
        words = f"The file is {kind.value} inside, whatever its name says; it is read as that."
        notes.append(note(path.name, "", words, f"Rename it to {path.stem}{_ENDINGS[kind][0]}."))
    if kind is Kind.XLS:
        words = "In this old format it cannot be told which rows and columns are hidden; all are taken."
        notes.append(note(path.name, "", words, "Save it as .xlsx to be told."))
    return notes


def _group_column(path: Path, table: Table, settings: CampaignSettings) -> int | None:
    """The column whose equal values make rows one product.

    Raises:
        SheetError: the settings name one that is not there.
    """
    if not settings.group_by:
        return None
    column = table.column_named(settings.group_by)
    if column is None:
        names = [name for name in table.header.names if name]
        near = nearest(settings.group_by, names)
        raise SheetError(
            path,
            f"has no column {settings.group_by!r}, by which the campaign's settings group rows.",
            f"Did you mean {near}?" if near else f"Columns: {listed(names)}.",
        )
    return column


def _mapping_notes(table: Table, found: SettingsFound) -> list[Problem]:
    """Mapped headers that the sheet does not have."""
    names: Sequence[str] = [name for name in table.header.names if name]
    folded = {fold(name) for name in names}
    notes = []
    for header in found.settings.columns:
        if fold(header) not in folded:
            near = nearest(header, names)
            words = f"The mapping names a column {header!r}, which the sheet does not have."
            remedy = f"Did you mean {near}?" if near else "Nothing to do, if it is for another sheet."
            notes.append(note(found.places.get("columns", ""), "", words, remedy))
    return notes
