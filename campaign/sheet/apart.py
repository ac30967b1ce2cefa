"""Reads an .xls in a process of its own: ``python apart.py FILE`` pickles its worksheets to standard output.

Damaged files of the old format can make calamine ask for gigabytes, and a Rust program that does not get them
aborts, taking its process along. Here that costs a child with bounded memory. Run by path, so it imports
nothing of ours.
"""

import pickle
import resource
import sys
from contextlib import suppress

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

MOST_MEMORY = 3 * 1024**3
"""Bytes of address space. A full worksheet of the format, 65,536 rows of 256 cells, takes half a gigabyte."""
PROTECTED = 3
"""Exit code for a file with a password."""


def main(path: str) -> int:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = MOST_MEMORY if most == resource.RLIM_INFINITY else min(MOST_MEMORY, most)
    # macOS knows the limit but refuses to set it.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError:
        return PROTECTED
    sheets = []
    for meta in book.sheets_metadata:
        if meta.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        rows = {
            number: tuple(row)
            for number, row in enumerate(sheet.iter_rows(), start=1)
            if any(cell != "" for cell in row)
        }
        left = sheet.start[1] if sheet.start else 0
        visible = meta.visible is SheetVisibleEnum.Visible
        sheets.append((meta.name, visible, left, rows, sheet.merged_cell_ranges or []))
    pickle.dump(sheets, sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
