"""Names of rows: as written, or derived from what a row says."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from campaign.brief import Problem
from campaign.content_key import content_key
from campaign.sheet.problems import fault
from campaign.sheet.table import Entry
from campaign.sheet.texts import as_text, as_word, listed
from campaign.sheet.values import LARGEST_SEED, CellError, row_id

SAYS = ("copy", "product", "brand", "language", "audience", "account")
"""What tells one row from another where a sheet has no ids. Changing the picture, the camera or the time of
publishing is another take of the same row, so those do not take part: the row keeps its name and its seed."""
_DIGITS = 10
"""40 bits: among 10,000 rows the chance of two alike is 1 in 20,000, and then both say so."""
_LONGEST_SLUG = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The name of one entry."""

    id: str | None
    """As shown; None when there is none that can be used."""
    unique: bool
    """False puts the entry out: its name, if any, is another's too."""


def name_entries(entries: Sequence[Entry], sheet: str) -> tuple[list[Named], list[Problem]]:
    """A name per entry, in order, and what is wrong with names.

    Where no row has an id, all are derived; where some have, the others are a problem.
    """
    problems: list[Problem] = []
    written = any("id" in entry.fields for entry in entries)
    ids = [_written_id(entry, sheet, problems) if written else derived_id(entry) for entry in entries]
    folded = pd.Series([name.casefold() if name else None for name in ids], dtype=object)
    twice = folded.notna() & folded.duplicated(keep=False)
    for _, group in folded[twice].groupby(folded[twice], sort=False):
        same = [entries[int(position)] for position in group.index]
        problems += [_twice(entry, same, sheet) for entry in same]
    named = [Named(id=name, unique=not again) for name, again in zip(ids, twice, strict=True)]
    return named, problems


def derived_id(entry: Entry) -> str:
    """A name that stays when rows are sorted, moved or inserted: a few words and a digest."""
    said = {
        field: unicodedata.normalize("NFKC", " ".join(as_text(entry.fields[field][0].cell).split()))
        for field in SAYS
        if field in entry.fields
    }
    words = said.get("product") or said.get("copy", "")
    slug = re.sub(r"[\W_]+", "-", words)[:_LONGEST_SLUG].strip("-")
    return f"{slug}-{content_key(said)[:_DIGITS]}".strip("-")


def derived_seed(name: str) -> int:
    """The seed of a row that names none: the same for the same id, on every machine."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % (LARGEST_SEED + 1)


def _written_id(entry: Entry, sheet: str, problems: list[Problem]) -> str | None:
    cells = entry.fields.get("id")
    if not cells:
        remedy = f"Write one that stays, like {derived_id(entry)}."
        problems.append(
            fault(sheet, str(entry.row), entry.row, "", "The row has no id, but other rows have one.", remedy)
        )
        return None
    try:
        return row_id(cells[0].cell)
    except CellError as error:
        problems.append(fault(sheet, cells[0].place, entry.row, cells[0].cell, error.expected, error.remedy))
        return None


def _twice(entry: Entry, same: Sequence[Entry], sheet: str) -> Problem:
    others = [other.row for other in same if other is not entry]
    rows = f"row {others[0]}" if len(others) == 1 else f"rows {listed(others)}"
    cells = entry.fields.get("id")
    if not cells:
        words = f"The row says the same as {rows}, so they cannot be told apart."
        return fault(sheet, str(entry.row), entry.row, "", words, "Delete it, or add an id column (编号).")
    spellings = {as_word(other.fields["id"][0].cell) for other in same}
    why = "; capitals do not tell ids apart" if len(spellings) > 1 else ""
    return fault(
        sheet,
        cells[0].place,
        entry.row,
        cells[0].cell,
        f"The same id stands in {rows}{why}.",
        "Give each row its own, or name a column as group_by if these rows are one product.",
    )
