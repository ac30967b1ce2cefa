"""The edge of a check with a model: what stops it from looking becomes part of its report."""

import logging
from collections.abc import Callable, Sequence

from campaign.errors import CheckFailedError, CheckMissingError, FinishError, InputError
from moderation.check import Check, Outcome, report
from moderation.finding import Coverage, Finding

_log = logging.getLogger(__name__)


def looked(check: Check, look: Callable[[], Sequence[Finding]]) -> Outcome:
    """The outcome of ``look``, whether it could look or not."""
    try:
        return Outcome(findings=tuple(look()), report=report(check, Coverage.RAN))
    except CheckMissingError as error:
        return Outcome(report=report(check, Coverage.UNAVAILABLE, str(error)))
    except (CheckFailedError, FinishError) as error:
        return Outcome(report=report(check, Coverage.ERROR, str(error)))
    except InputError:
        raise
    except Exception as error:  # A model's own failure (memory, a driver) must not end the batch.
        _log.exception("Check %s failed", check.name)
        reason = f"It failed ({type(error).__name__}: {str(error)[:200]}). Look at the log."
        return Outcome(report=report(check, Coverage.ERROR, reason))
