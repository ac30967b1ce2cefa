"""``reelsheet make``."""

import os
from pathlib import Path

from rich.console import Console

from campaign.fleet_errors import ServerLostError
from campaign.naming import campaign_folder
from campaign.report import WELL_ENDED, BatchReport
from campaign.sheet.container import file_kind
from flows.settings import load_settings
from reelsheet.environment import prepare_prefect
from reelsheet.own_server import prefect_ready
from reelsheet.table import print_report


def run(sheet: Path) -> int:
    """Make the campaign; returns the exit code.

    Raises:
        SheetError: there is no spreadsheet.
        ServerError: the Prefect server cannot be used.
        ServerLostError: it went away while the campaign was made.
    """
    # What is no spreadsheet is said at once, and not when a server has started for it.
    file_kind(sheet)
    settings = load_settings()
    prepare_prefect(settings.home, settings.log, settings.log_lines)
    console = Console()
    with prefect_ready(settings.dispatch):
        # After the environment, which Prefect reads at its import, and not before the server is on its way.
        import httpx  # noqa: PLC0415

        from flows.batch import make  # noqa: PLC0415
        from reelsheet.progress import showing  # noqa: PLC0415

        try:
            with showing(console):
                report = make(str(sheet)).report
        except httpx.TransportError as error:
            raise ServerLostError(
                os.environ.get("PREFECT_API_URL", "(the one that make had started)"),
                f"it was lost while the campaign was made ({type(error).__name__}: {error}).",
                "Run the same command again: what is made is kept, and what is out stays out.",
            ) from error
    folder = campaign_folder(settings.out, report.campaign)
    print_report(console, report, folder)
    return exit_code(report)


def exit_code(report: BatchReport) -> int:
    """0 when every row is done, scheduled or waits for approval, 1 when some are, 2 when none is."""
    done = sum(report.counts.get(state.value, 0) for state in WELL_ENDED)
    if done == len(report.rows):
        return 0
    return 1 if done else 2
