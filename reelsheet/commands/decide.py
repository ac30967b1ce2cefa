"""``reelsheet decide``."""

import getpass
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from campaign.deciding import chosen, record
from campaign.ledger import Ledger
from campaign.report import BatchReport
from flows.settings import Settings, load_settings
from reelsheet.commands.status import report_for
from reelsheet.environment import prepare_prefect
from tasks.setup import Dispatch


def run(sheet: Path, names: Sequence[str], answer: str, why: str) -> int:
    """Record a person's decision about spots that wait for one."""
    settings = load_settings()
    report = report_for(settings, sheet)
    spots = chosen(report, names)
    ledger = Ledger(settings.ledger_url)
    try:
        record(ledger, spots, answer, getpass.getuser(), why)
        following = _go_on(report, ledger, settings, sheet)
    finally:
        ledger.close()
    console = Console()
    for spot in spots:
        what = f"its {spot.rung}" if spot.approval else "the policy's doubt"
        console.print(f"{escape(spot.spot_id)}: {answer} recorded for {what}")
    console.print(escape(following))
    return 0


def _go_on(report: BatchReport, ledger: Ledger, settings: Settings, sheet: Path) -> str:
    if settings.dispatch is Dispatch.HERE:
        return f"Run: reelsheet make {sheet}"
    prepare_prefect(settings.home, settings.log)
    from flows.decided import go_on  # noqa: PLC0415  # After the environment: Prefect reads it at import.

    return go_on(report, ledger)
