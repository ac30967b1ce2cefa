"""``reelsheet status``."""

from pathlib import Path

from rich.console import Console

from campaign.errors import SheetError
from campaign.naming import campaign_folder
from campaign.sheet.status import write_in_place
from flows.settings import load_settings
from reelsheet.reports import report_for
from reelsheet.table import print_report
from tasks.read import read
from tasks.tell import statuses_of


def run(sheet: Path) -> int:
    """Print what the last run of the campaign came to."""
    settings = load_settings()
    report = report_for(settings, sheet)
    print_report(Console(), report, campaign_folder(settings.out, report.campaign))
    return 0


def write_back(sheet: Path) -> int:
    """Write the last run's outcome into the user's own sheet, which must be as it was then."""
    settings = load_settings()
    report = report_for(settings, sheet)
    campaign = read(sheet, settings.kit_folders(sheet))
    if campaign.digest != report.digest:
        raise SheetError(sheet, "changed since it was made.", f"Run: reelsheet make {sheet}")
    write_in_place(campaign, statuses_of(report, campaign, campaign_folder(settings.out, report.campaign)))
    Console().print(f"{sheet} has the status of its rows.")
    return 0
