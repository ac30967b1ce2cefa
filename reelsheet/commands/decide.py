"""``reelsheet decide``."""

import getpass
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from campaign.deciding import chosen, record
from campaign.ledger import Ledger
from flows.settings import load_settings
from reelsheet.commands.status import report_for


def run(sheet: Path, names: Sequence[str], answer: str, why: str) -> int:
    """Record a person's decision about spots that wait for one."""
    settings = load_settings()
    spots = chosen(report_for(settings, sheet), names)
    ledger = Ledger(settings.ledger_url)
    try:
        record(ledger, spots, answer, getpass.getuser(), why)
    finally:
        ledger.close()
    console = Console()
    for spot in spots:
        what = f"its {spot.rung}" if spot.approval else "the policy's doubt"
        console.print(f"{escape(spot.spot_id)}: {answer} recorded for {what}")
    console.print(f"Run: reelsheet make {escape(str(sheet))}")
    return 0
