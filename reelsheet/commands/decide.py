"""``reelsheet decide``."""

import getpass
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from campaign.deciding import Answer, chosen, seen
from campaign.ledger import Ledger
from flows.settings import load_settings
from reelsheet.decisions import decide
from reelsheet.reports import report_for


def run(sheet: Path, names: Sequence[str], answer: str, why: str) -> int:
    """Record a person's decision about spots that wait for one.

    Raises:
        ReelsheetError: somebody else decided at the same moment, or the fleet could not be told.
    """
    settings = load_settings()
    report = report_for(settings, sheet)
    spots = chosen(report, names)
    ledger = Ledger(settings.ledger_url)
    try:
        mine = Answer(decision=answer, who=getpass.getuser(), why=why)
        outcome = decide(settings, ledger, report, seen(ledger, spots), mine, str(sheet))
    finally:
        ledger.close()
    console = Console()
    for spot in outcome.spots:
        what = f"its {spot.rung}" if spot.approval else "the policy's doubt"
        console.print(f"{escape(spot.spot_id)}: {answer} recorded for {what}")
    if outcome.following:
        console.print(escape(outcome.following))
    for error in (outcome.trouble, *outcome.refused):
        if error:
            raise error
    return 0
