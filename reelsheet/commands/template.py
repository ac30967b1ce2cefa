"""``reelsheet template``."""

from pathlib import Path

from rich.console import Console

from campaign.errors import SheetError
from campaign.sheet.template import write_template
from flows.settings import load_settings
from tasks.read import known


def run(target: Path) -> int:
    """Write a blank campaign sheet; an existing file is left alone."""
    if target.exists():
        raise SheetError(target, "is there already.", "Name another file.")
    write_template(target, known=known(load_settings().kit_folders(target)))
    Console().print(f"{target} is ready. Fill it in, then run: reelsheet plan {target}")
    return 0
