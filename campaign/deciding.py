"""What of a batch waits for a person, and what a decision about it is recorded under."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from campaign.errors import SheetError
from campaign.ledger import Ledger
from campaign.report import TO_DECIDE, BatchReport, RowState, SpotResult

ALL = "all"
"""Stands for every draft that waits; a doubt of the policy is decided by its name."""


def waiting(report: BatchReport) -> list[SpotResult]:
    """The spots that a person has to decide about, in the order of the sheet."""
    return [spot for row in report.rows for spot in row.spots if spot.state in TO_DECIDE]


def chosen(report: BatchReport, names: Sequence[str]) -> list[SpotResult]:
    """The spots that ``names`` mean: ids of spots, ids of rows for all of theirs that wait, or ``all``.

    Raises:
        SheetError: one means nothing that can be decided; says what can.
    """
    spots = {spot.spot_id: spot for name in names for spot in _named(report, name)}
    return list(spots.values())


def record(ledger: Ledger, spots: Sequence[SpotResult], answer: str, who: str, why: str) -> None:
    """Write the answer about each of them: the next run goes on from there."""
    for spot in spots:
        ledger.decide(spot.approval or spot.verdict, answer, who, why)


def _named(report: BatchReport, name: str) -> Iterator[SpotResult]:
    sheet = Path(report.sheet)
    if name == ALL:
        drafts = [spot for spot in waiting(report) if spot.state is RowState.WAITING]
        if not drafts:
            raise SheetError(sheet, "has no draft that waits for approval.", "Nothing is to be decided.")
        yield from drafts
        return
    for row in report.rows:
        for spot in row.spots:
            if spot.spot_id == name:
                yield _decidable(spot, report)
                return
    rows = [row for row in report.rows if row.id == name]
    found = [spot for row in rows for spot in row.spots if spot.state in TO_DECIDE]
    if not found:
        known = ", ".join(spot.spot_id for spot in waiting(report)) or "none"
        problem = "has nothing that waits for a person" if rows else "is no spot and no row of the last run"
        raise SheetError(sheet, f"{name!r} {problem}.", f"Waiting: {known}.")
    yield from found


def _decidable(spot: SpotResult, report: BatchReport) -> SpotResult:
    if spot.decision == "refuse":
        raise SheetError(
            Path(report.sheet),
            f"{spot.spot_id} was refused by the policy {report.policy}.",
            "A refusal is mended in the copy, not decided.",
        )
    if not (spot.approval or spot.verdict):
        known = ", ".join(one.spot_id for one in waiting(report)) or "none"
        raise SheetError(
            Path(report.sheet), f"{spot.spot_id} waits for nobody: {spot.state}.", f"Waiting: {known}."
        )
    return spot
