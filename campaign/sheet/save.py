"""Workbooks onto disk, whole or not at all, with no text that a spreadsheet program would run."""

import os
import re
import tempfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell

from campaign.errors import SheetError

_LONGEST_TEXT = 32_767
"""Characters in a cell, by the file format."""
# XML cannot hold these; the format has no way to write them that every program reads.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_text(cell: Cell | MergedCell, text: str) -> None:
    """Put ``text`` into ``cell`` as text, whatever it looks like."""
    if isinstance(cell, MergedCell):
        return
    shown = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)[:_LONGEST_TEXT]
    cell.value = shown or None
    if shown.startswith(_STARTS_FORMULA):
        cell.data_type = "s"
        # As if typed with an apostrophe before it, so that editing the cell keeps it text.
        cell.quotePrefix = True


def save_workbook(workbook: Workbook, target: Path) -> None:
    """Write beside ``target``, flush to disk, then take its place.

    Raises:
        SheetError: the folder or the file cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}.", suffix=target.suffix, dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                workbook.save(file)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp gives 0600; a sheet is shared as any file that the person makes.
            temporary.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise SheetError(
            target,
            f"cannot be written ({error.strerror}).",
            "Close it if it is open, or choose another folder.",
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
