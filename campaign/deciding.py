"""What of a batch waits for a person, and what a decision about it is recorded under."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from campaign.errors import ReelsheetError, SheetError
from campaign.fleet_errors import ChangedError, DecidedError
from campaign.ledger import Ledger
from campaign.report import TO_DECIDE, BatchReport, RowState, SpotResult

ALL = "all"
"""Stands for every draft that waits; a doubt of the policy is decided by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A spot as a person saw it when they decided."""

    spot_id: str
    about: str
    """Key of the takes and words, or of the doubt, that were looked at."""
    last: int
    """Number of the last decision about it that they knew of; 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person decides."""

    decision: str
    """``approve`` or ``refuse``."""
    who: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of an answer about several spots."""

    spots: list[SpotResult]
    """It is recorded for these."""
    refused: list[ReelsheetError]
    """Why it is not for the others."""


def waiting(report: BatchReport) -> list[SpotResult]:
    """The spots that a person has to decide about, in the order of the sheet."""
    return [spot for row in report.rows for spot in row.spots if spot.state in TO_DECIDE]


def about(spot: SpotResult) -> str:
    """What a decision about the spot is recorded under; empty where nobody has to decide."""
    return spot.approval or spot.verdict


def chosen(report: BatchReport, names: Sequence[str]) -> list[SpotResult]:
    """The spots that ``names`` mean: ids of spots, ids of rows for all of theirs that wait, or ``all``.

    Raises:
        SheetError: one means nothing that can be decided; says what can.
    """
    spots = {spot.spot_id: spot for name in names for spot in _named(report, name)}
    return list(spots.values())


def seen(ledger: Ledger, spots: Sequence[SpotResult]) -> list[Seen]:
    """The spots as whoever looks at them this moment sees them."""
    known = ledger.decisions(about(spot) for spot in spots)
    return [
        Seen(spot_id=s.spot_id, about=about(s), last=known[about(s)].id if about(s) in known else 0)
        for s in spots
    ]


def record(ledger: Ledger, report: BatchReport, looked_at: Sequence[Seen], answer: Answer) -> Recorded:
    """Write the answer about each spot that is still as it was seen: the next run goes on from there.

    A spot whose takes have changed, and one about which somebody else has decided meanwhile, are left.
    """
    spots, refused = list[SpotResult](), list[ReelsheetError]()
    written = set[str]()
    for one in looked_at:
        try:
            spot = _as_seen(report, one)
            # Spots of the same content have one key, and one decision.
            if one.about not in written:
                ledger.decide(one.about, answer.decision, answer.who, answer.why, known=one.last)
        except DecidedError as error:
            refused.append(DecidedError(one.spot_id, error.decision, error.who, error.why))
        except (SheetError, ChangedError) as error:
            refused.append(error)
        else:
            spots.append(spot)
            written.add(one.about)
    return Recorded(spots=spots, refused=refused)


def _as_seen(report: BatchReport, one: Seen) -> SpotResult:
    """The spot, if it can be decided and nothing of it has changed."""
    here = next((s for row in report.rows for s in row.spots if s.spot_id == one.spot_id), None)
    if here is None:
        raise ChangedError(one.spot_id)
    spot = _decidable(here, report)
    if about(spot) != one.about:
        raise ChangedError(one.spot_id)
    return spot


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
    if not about(spot):
        known = ", ".join(one.spot_id for one in waiting(report)) or "none"
        raise SheetError(
            Path(report.sheet), f"{spot.spot_id} waits for nobody: {spot.state}.", f"Waiting: {known}."
        )
    return spot
