"""Where the table of a worksheet begins, and what its columns mean."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from campaign.sheet.columns import EXTRA, REQUIRED, find_field, is_ours
from campaign.sheet.grid import Grid
from campaign.sheet.texts import Cell, as_word

DEPTH = 25
"""Rows that hold something in which a header is looked for: logos, titles and notes stand above tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of a table, one row or two."""

    row: int
    """The last row of it; data begins below."""
    names: tuple[str, ...]
    """Each column's words; empty where there are none."""
    fields: Mapping[int, str]
    """Column to our field, for columns that are ours."""
    apart: frozenset[int] = frozenset()
    """Columns that the settings keep apart on purpose."""
    repeats: frozenset[int] = frozenset()
    """Rows below that say the header again, in the same or in the other language."""

    @property
    def found(self) -> frozenset[str]:
        return frozenset(self.fields.values())

    @property
    def usable(self) -> bool:
        return self.found.issuperset(REQUIRED)


def find_header(grid: Grid, mapping: Mapping[str, str]) -> Header | None:
    """The row among the first ones that names the most of our columns; None when no row names any.

    ``mapping`` gives the field for a foreign header, before our own words count.
    """
    folded = {fold(header): field for header, field in mapping.items()}
    head = list(grid.rows.items())[:DEPTH]
    best: Header | None = None
    for index, (number, cells) in enumerate(head):
        single = _header(number, _names(cells), folded)
        candidates: list[Header | None] = [single]
        if index + 1 < len(head) and head[index + 1][0] == number + 1:
            candidates.append(_stacked(single, head[index + 1][1], folded))
        for candidate in candidates:
            if candidate and candidate.found and (best is None or _rank(candidate) > _rank(best)):
                best = candidate
    return _with_repeats(best, grid, folded) if best else None


def fold(header: str) -> str:
    """For comparing headers: case, width and spaces do not count."""
    return as_word(header).casefold()


def _rank(header: Header) -> tuple[bool, int]:
    return header.usable, len(header.found)


def _names(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    return tuple(as_word(cell) if isinstance(cell, str) else "" for cell in cells)


def _header(row: int, names: tuple[str, ...], folded: Mapping[str, str]) -> Header:
    fields = {
        column: field
        for column, name in enumerate(names)
        if name
        and not is_ours(name)
        and (field := folded.get(fold(name)) or find_field(name))
        and field != EXTRA
    }
    apart = frozenset(column for column, name in enumerate(names) if folded.get(fold(name)) == EXTRA)
    return Header(row=row, names=names, fields=fields, apart=apart)


def _stacked(above: Header, cells: tuple[Cell, ...], folded: Mapping[str, str]) -> Header | None:
    """Two rows as one header: groups above (画面, often merged), columns below.

    Only where every word of the lower row is a header of ours that the upper row lacks; data never is that.
    """
    lower = _header(above.row + 1, _names(cells), folded)
    written = sum(1 for cell in cells if cell != "")
    if not lower.fields or len(lower.fields) < written or lower.found & above.found:
        return None
    width = max(len(above.names), len(lower.names))
    pad_above, pad_lower = (names + ("",) * (width - len(names)) for names in (above.names, lower.names))
    return Header(
        row=lower.row,
        names=tuple(low or high for high, low in zip(pad_above, pad_lower, strict=True)),
        fields={**{c: f for c, f in above.fields.items() if c not in lower.fields}, **lower.fields},
        apart=above.apart | lower.apart,
    )


def _with_repeats(header: Header, grid: Grid, folded: Mapping[str, str]) -> Header:
    """Find rows that say the header again: a translated second header row, or one pasted along."""
    repeats = set()
    least = max(2, len(header.fields) // 2)
    copies = [column for column, field in header.fields.items() if field in REQUIRED]
    for number, cells in grid.rows.items():
        # Almost every row ends here: its copy is no header's word.
        if number <= header.row or not any(_says(cells, column, header, folded) for column in copies):
            continue
        agreeing = sum(_says(cells, column, header, folded) for column in header.fields)
        if agreeing >= least or agreeing == len(header.fields):
            repeats.add(number)
    return replace(header, repeats=frozenset(repeats))


def _says(cells: tuple[Cell, ...], column: int, header: Header, folded: Mapping[str, str]) -> bool:
    cell = cells[column] if column < len(cells) else ""
    if not isinstance(cell, str) or not 0 < len(cell) <= 40:
        return False
    return (folded.get(fold(cell)) or find_field(cell)) == header.fields[column]
