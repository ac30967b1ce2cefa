"""The last report of a campaign, as doors look it up."""

from datetime import datetime
from pathlib import Path

from campaign.errors import SheetError
from campaign.naming import campaign_folder
from campaign.report import REPORT, BatchReport
from flows.settings import Settings


def report_for(settings: Settings, sheet: Path) -> BatchReport:
    """The last report of the campaign in ``sheet``.

    Raises:
        SheetError: it was never made, or its report is of another version.
    """
    path = campaign_folder(settings.out, sheet.stem) / REPORT
    try:
        return read_report(path, sheet)
    except FileNotFoundError:
        problem = f"was not made yet: {path} is missing."
        raise SheetError(sheet, problem, f"Run: reelsheet make {sheet}") from None


def read_report(path: Path, sheet: Path) -> BatchReport:
    """The report in that file.

    Raises:
        FileNotFoundError: there is none.
        SheetError: it is broken, or was written by a version with other fields.
    """
    try:
        report = BatchReport.read(path)
        # Whoever shows it counts on a moment.
        datetime.fromisoformat(report.started_at)
        return report
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        problem = f"has a report that cannot be read here, written by another version or damaged: {path}."
        raise SheetError(sheet, problem, f"Run: reelsheet make {sheet}; what is made is kept.") from error
