"""The edge of a check with a model: what stops it from looking becomes part of its report."""

from collections.abc import Callable, Sequence

from campaign.errors import CheckFailedError, CheckMissingError, FinishError
from moderation.check import Check, Outcome, report
from moderation.finding import Coverage, Finding


def looked(check: Check, look: Callable[[], Sequence[Finding]]) -> Outcome:
    """The outcome of ``look``, whether it could look or not."""
    try:
        return Outcome(findings=tuple(look()), report=report(check, Coverage.RAN))
    except CheckMissingError as error:
        return Outcome(report=report(check, Coverage.UNAVAILABLE, str(error)))
    except (CheckFailedError, FinishError) as error:
        return Outcome(report=report(check, Coverage.ERROR, str(error)))
