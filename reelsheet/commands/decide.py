"""``reelsheet decide``."""

import getpass
from pathlib import Path

from rich.console import Console

from campaign.errors import SheetError
from campaign.ledger import Ledger
from flows.settings import load_settings
from reelsheet.commands.status import report_for


def run(sheet: Path, spot_id: str, answer: str, why: str) -> int:
    """Record a person's decision about a spot that waits for one."""
    settings = load_settings()
    report = report_for(settings, sheet)
    spots = {spot.spot_id: spot for row in report.rows for spot in row.spots}
    if spot_id not in spots or not spots[spot_id].verdict:
        known = ", ".join(name for name, spot in spots.items() if spot.verdict)
        raise SheetError(sheet, f"has no screened spot {spot_id!r}.", f"Spots: {known}.")
    if spots[spot_id].decision == "refuse":
        raise SheetError(
            sheet,
            f"{spot_id} was refused by the policy {report.policy}.",
            "A refusal is mended in the copy, not decided.",
        )
    ledger = Ledger(settings.ledger_url)
    ledger.decide(spots[spot_id].verdict, answer, getpass.getuser(), why)
    ledger.close()
    Console().print(f"{spot_id}: {answer} recorded. Run: reelsheet make {sheet}")
    return 0
