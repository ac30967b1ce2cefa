"""What the page can show: campaigns that were made or are being made, looked up by name and never by path."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from campaign.errors import SheetError
from campaign.file_cache import cached_by_file
from campaign.ledger import Batch, BatchState, Ledger
from campaign.naming import campaign_folder, safe_name
from campaign.report import REPORT, BatchReport
from flows.settings import Settings
from reelsheet.reports import read_report

READ = 32
"""Reports that are kept in memory; one that is written anew is read again."""
MOST_BATCHES = 500
"""Of the ledger, newest first, in which a campaign without a report is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One campaign as it stands now."""

    id: str
    """As it stands in addresses: the name of its output folder."""
    name: str
    folder: Path
    sheet: str
    """As the next command names it."""
    report: BatchReport | None
    """None before its first batch has ended."""
    trouble: str
    """Why its report cannot be read; empty where it can or there is none."""
    batch: Batch | None
    """The one under way, or the last; None where the ledger knows of none."""


class Shelf:
    """Looks campaigns up: those that were named, or all."""

    def __init__(self, settings: Settings, ledger: Ledger, sheets: Sequence[Path]) -> None:
        self._out = settings.out
        self._ledger = ledger
        self._named = {safe_name(sheet.stem): sheet for sheet in sheets}

    def check(self) -> None:
        """See that every campaign that was named is known.

        Raises:
            SheetError: one has neither a report nor a batch.
        """
        known = self._batches()
        for name, sheet in self._named.items():
            if self._entry(name, known.get(name)) is None:
                where = campaign_folder(self._out, sheet.stem) / REPORT
                problem = f"was not made yet: {where} is missing, and no batch of it has begun."
                raise SheetError(sheet, problem, f"Run: reelsheet make {sheet}")

    def entries(self) -> list[Entry]:
        """All of them; those that run first, then those that were made last."""
        batches = self._batches()
        names = self._named or {*batches, *self._made()}
        found = (self._entry(name, batches.get(name)) for name in names)
        return sorted((entry for entry in found if entry), key=_order, reverse=True)

    def entry(self, name: str) -> Entry | None:
        """The campaign of that id; None where there is none to show."""
        batches = self._batches()
        if name not in (self._named or {*batches, *self._made()}):
            return None
        return self._entry(name, batches.get(name))

    def _batches(self) -> dict[str, Batch]:
        """The batch under way of each campaign, or the last, by the campaign's id."""
        batches: dict[str, Batch] = {}
        for batch in self._ledger.batches(most=MOST_BATCHES):
            batches.setdefault(safe_name(batch.campaign), batch)
        return batches

    def _made(self) -> Iterator[str]:
        if self._out.is_dir():
            yield from (path.parent.name for path in self._out.glob(f"*/{REPORT}"))

    def _entry(self, name: str, batch: Batch | None) -> Entry | None:
        folder, trouble, report = self._out / name, "", None
        try:
            report = _read(folder / REPORT)
        except FileNotFoundError:
            if batch is None:
                return None
        except SheetError as error:
            trouble = f"{error.problem} {error.remedy}"
        given = self._named.get(name)
        sheet = str(given) if given else _short(batch.sheet) if batch else report.sheet if report else name
        title = report.campaign if report else batch.campaign if batch else name
        return Entry(
            id=name, name=title, folder=folder, sheet=sheet, report=report, trouble=trouble, batch=batch
        )


@cached_by_file(READ)
def _read(path: Path) -> BatchReport:
    return read_report(path, Path(path.parent.name))


def _short(sheet: str) -> str:
    """From the working folder, where it lies in there: commands are run where the settings are."""
    path = Path(sheet)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else sheet


def _order(entry: Entry) -> tuple[bool, float, str]:
    started = datetime.fromisoformat(entry.report.started_at).timestamp() if entry.report else 0.0
    batch = entry.batch
    runs = batch is not None and batch.state is BatchState.RUNNING
    return runs, max(started, batch.started_at.timestamp() if batch else 0.0), entry.name
