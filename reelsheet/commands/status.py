"""``reelsheet status``."""

from pathlib import Path

from rich.console import Console

from campaign.errors import SheetError
from campaign.naming import campaign_folder
from campaign.report import BatchReport
from reelsheet.settings import Settings, load_settings
from reelsheet.table import print_report


def run(sheet: Path) -> int:
    """Print what the last run of the campaign came to."""
    settings = load_settings()
    report = report_for(settings, sheet)
    print_report(Console(), report, campaign_folder(settings.out, report.campaign))
    return 0


def report_for(settings: Settings, sheet: Path) -> BatchReport:
    """The last report of the campaign in ``sheet``.

    Raises:
        SheetError: it was never made.
    """
    path = campaign_folder(settings.out, sheet.stem) / "report.json"
    try:
        return BatchReport.read(path)
    except FileNotFoundError:
        problem = f"was not made yet: {path} is missing."
        raise SheetError(sheet, problem, f"Run: reelsheet make {sheet}") from None
