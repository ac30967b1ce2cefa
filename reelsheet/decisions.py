"""People's decisions, for every door that takes them: recorded, then what they start is started."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from campaign.deciding import Answer, Seen, record
from campaign.errors import ReelsheetError, StoreError
from campaign.ledger import Ledger
from campaign.report import BatchReport, SpotResult
from flows.settings import Settings
from reelsheet.environment import prepare_prefect
from tasks.setup import Dispatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an answer."""

    answer: Answer
    spots: list[SpotResult]
    """It is recorded for these."""
    refused: list[ReelsheetError]
    """Why it was not, for each of the others."""
    following: str
    """What happens next, or what to run; empty where nothing was recorded."""
    trouble: ReelsheetError | None = None
    """Why the fleet was not told; the answers are recorded all the same."""


def decide(
    settings: Settings, ledger: Ledger, report: BatchReport, seen: Sequence[Seen], answer: Answer, sheet: str
) -> Outcome:
    """Record the answer about what was seen; on the pools, have the next run sent once nothing waits.

    ``sheet`` is the campaign's, as the next command would name it.
    """
    done = record(ledger, report, seen, answer)
    following, trouble = "", None
    if done.spots:
        try:
            following = _go_on(report, ledger, settings, sheet)
        except ReelsheetError as error:
            trouble = error
    return Outcome(
        answer=answer, spots=done.spots, refused=done.refused, following=following, trouble=trouble
    )


def next_command(sheet: str) -> str:
    """What makes the campaign go on, on one machine."""
    return f"reelsheet make {shlex.quote(sheet)}"


def _go_on(report: BatchReport, ledger: Ledger, settings: Settings, sheet: str) -> str:
    if settings.dispatch is Dispatch.HERE:
        return f"Run: {next_command(sheet)}"
    if not ledger.batches(report.campaign, most=1):
        problem = f"knows of no batch of {report.campaign}, so the fleet cannot go on with it."
        raise StoreError("The ledger", problem, f"Run: {next_command(sheet)}")
    prepare_prefect(settings.home, settings.log)
    from flows.decided import go_on  # noqa: PLC0415  # After the environment: Prefect reads it at import.

    return go_on(report, ledger)
