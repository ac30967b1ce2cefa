"""Which worksheet holds the rows, and what to say when none does."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from campaign.brief import Problem
from campaign.errors import SheetError
from campaign.sheet.columns import REQUIRED, find_field, near_field
from campaign.sheet.grid import Grid
from campaign.sheet.header import DEPTH, Header, find_header
from campaign.sheet.problems import note
from campaign.sheet.settings import CampaignSettings
from campaign.sheet.texts import as_text, as_word, listed, quoted

_WORDS_OF_COPY = re.compile(r"body|descri|caption|detail|summary|text|words|描述|详情|介绍|简介|说明|卖点|文")
"""In headers of feeds and lists whose words could be spoken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The worksheet with the rows."""

    grid: Grid
    header: Header
    notes: tuple[Problem, ...] = ()


def choose_worksheet(path: Path, grids: Sequence[Grid], settings: CampaignSettings) -> Chosen:
    """The worksheet that the settings name; else the visible one whose header says the most.

    Raises:
        SheetError: none has a column for the copy, or the named one is not there.
    """
    named = [grid for grid in grids if as_word(grid.name).casefold() == settings.worksheet.casefold()]
    if settings.worksheet and not named:
        raise SheetError(
            path,
            f"has no worksheet {settings.worksheet!r}, which the campaign's settings name.",
            f"Worksheets: {listed([grid.name for grid in grids])}.",
        )
    looked_at = named or grids
    candidates = [
        Chosen(grid=grid, header=header)
        for grid in looked_at
        if (header := find_header(grid, settings.columns)) and header.usable
    ]
    refused = [grid for grid in looked_at if grid.refusal]
    if not candidates and refused and refused[0].refusal:
        raise SheetError(path, *refused[0].refusal)
    if not candidates:
        raise _no_header(path, looked_at, settings)
    best = max(candidates, key=lambda c: (c.grid.visible, len(c.header.found)))
    return Chosen(grid=best.grid, header=best.header, notes=tuple(_notes(best, candidates, refused)))


def _notes(best: Chosen, candidates: Sequence[Chosen], refused: Sequence[Grid]) -> list[Problem]:
    name = best.grid.name
    notes = []
    others = [c.grid.name for c in candidates if c is not best and len(c.header.found) > 1]
    if others:
        notes.append(
            note(
                name,
                "",
                f"Only this worksheet is read; {listed(others)} looks like rows of a campaign too.",
                "Name the right one as worksheet in the campaign's settings.",
            )
        )
    for grid in refused:
        words = f"The worksheet {grid.name} is too large to be looked at."
        notes.append(note(name, "", words, "Nothing to do, unless it holds the rows."))
    if not best.grid.visible:
        notes.append(note(name, "", "The worksheet with the rows is hidden; it is read.", "Nothing to do."))
    return notes


def _no_header(path: Path, grids: Sequence[Grid], settings: CampaignSettings) -> SheetError:
    """Why no worksheet can be used, with what comes nearest."""
    filled = [grid for grid in grids if grid.rows]
    if not filled:
        return SheetError(path, "has no rows.", "Write a header (编号, 文案 …) and a row per video.")
    headers = [(grid, header) for grid in filled if (header := find_header(grid, settings.columns))]
    for grid in filled:
        header = next((header for other, header in headers if other is grid), None)
        number = header.row if header else next(iter(grid.rows))
        for name in _words(grid, number):
            near = near_field(name)
            if near and near[0] == "copy":
                return SheetError(
                    path,
                    f"{grid.name} row {number} says {quoted(name)!r} where 文案 (copy) is needed.",
                    f"Write {near[1]}.",
                )
    if headers:
        grid, header = headers[0]
        return SheetError(
            path,
            f"{grid.name} has a header in row {header.row} but no column for the copy (文案); "
            f"it has {listed(_words(grid, header.row))}.",
            "Rename the column with the words of the video to copy or 文案, "
            f"or map it in campaign.yaml beside the sheet: columns: {{{_likely(grid, header.row)}: copy}}.",
        )
    for number, cells in list(filled[0].rows.items())[:DEPTH]:
        wide = re.search("[，；、｜]", as_text(cells[0])) if len(cells) == 1 else None
        if wide and any(find_field(part) in REQUIRED for part in as_text(cells[0]).split(wide[0])):
            return SheetError(
                path,
                f"parts its columns with {wide[0]!r} in row {number}, which may as well be part of the copy.",
                "Part them with commas or tabs, or save it as .xlsx.",
            )
    number = next(iter(filled[0].rows))
    return SheetError(
        path,
        f"has no header in its first {DEPTH} rows; {filled[0].name} begins in row {number} "
        f"with {quoted(listed(_words(filled[0], number)))!r}.",
        "Write the names of the columns above the rows, at least 文案 (copy); "
        "`reelsheet template` writes a sheet to start from.",
    )


def _likely(grid: Grid, row: int) -> str:
    """The column that most likely holds the words of the video."""
    words = _words(grid, row)
    return next((word for word in words if _WORDS_OF_COPY.search(word.casefold())), words[-1])


def _words(grid: Grid, row: int) -> list[str]:
    return [as_word(cell) for cell in grid.rows[row] if as_word(cell)]
