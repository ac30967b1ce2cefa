"""The paid request: announced before it leaves, written down when answered, looked for when not."""

import asyncio
from datetime import timedelta

from campaign.attempt import Attempt, AttemptState, Intent
from campaign.database import now
from campaign.hosted_errors import (
    AuthError,
    HostedError,
    InsufficientCreditError,
    RateLimitedError,
    RefusedError,
    SubmitAmbiguousError,
    VendorUnreachableError,
)
from model.hosting.answer import UNKNOWN
from model.hosting.desk import Desk
from model.hosting.vendor import Job

HOLD = timedelta(seconds=90)
"""How long an attempt is its holder's without a sign of life."""
SUBMITS = 6
"""Tries to get a request to the vendor at all: none of them was paid."""
CLOCKS_DIFFER = timedelta(minutes=2)

S = AttemptState


async def submit(desk: Desk, number: int, job: Job, intent: Intent) -> Attempt | None:
    """The attempt with its provider's id committed; None when the ledger has to be read again."""
    for tried in range(SUBMITS):
        await desk.gate.may_submit()
        if desk.gate.closed:
            raise desk.gate.closed
        # Not to be torn apart: once it is announced, the answer is written down whatever happens here.
        sent = asyncio.ensure_future(_send(desk, number + tried, job, intent))
        try:
            return await asyncio.shield(sent)
        except asyncio.CancelledError:
            await asyncio.wait([sent])
            raise
        except RateLimitedError as error:
            if tried == SUBMITS - 1:
                raise
            desk.gate.rest_from_submits(error)
        except VendorUnreachableError:
            if tried == SUBMITS - 1:
                raise
            await desk.back_off(tried)
    raise AssertionError("the last try returns or raises")


async def _send(desk: Desk, number: int, job: Job, intent: Intent) -> Attempt | None:
    async with desk.gate.submitting():
        attempt = await desk.write(desk.attempts.intend, intent, number, desk.terms.caps, HOLD)
        if attempt is None:
            return None
        try:
            begun = await desk.vendor.submit(job)
        except SubmitAmbiguousError as error:
            await desk.write(desk.attempts.unknown, attempt.id, error.problem)
            return None
        except RefusedError as error:
            await desk.write(desk.attempts.settle, attempt.id, S.REFUSED, error.problem)
            raise
        except HostedError as error:
            await desk.write(desk.attempts.settle, attempt.id, S.FAILED, error.problem)
            if isinstance(error, InsufficientCreditError | AuthError):
                desk.gate.closed = error
            raise
        return await desk.write(desk.attempts.submitted, attempt.id, begun.task_id, begun.estimate)


async def look_for(desk: Desk, attempt: Attempt, job: Job) -> None:
    """Find out from the vendor's list what became of a request whose answer was lost.

    Raises:
        SubmitAmbiguousError: the vendor has no list, or it does not tell.
    """
    if not desk.terms.account.lists:
        raise SubmitAmbiguousError(desk.terms.backend, f"{attempt.note.rstrip('.')}.", UNKNOWN)
    wait = desk.gate.pace.list_after - (now() - attempt.changed_at).total_seconds()
    await asyncio.sleep(max(wait, 0.0))
    since = attempt.created_at - CLOCKS_DIFFER
    async with desk.gate.quiet():
        before = await _known(desk, attempt)
        found = await desk.patiently(lambda: desk.vendor.find(job, since, before))
        # Read again: what another process has begun meanwhile is no stranger.
        known = await _known(desk, attempt)
    strangers = [task for task in found if task.task_id not in known and task.prompt in (job.prompt, None)]
    rivals = await desk.write(desk.attempts.unresolved_like, attempt)
    if not strangers:
        note = f"not created: the vendor's list does not have it ({attempt.note})"
        await desk.write(desk.attempts.settle, attempt.id, S.FAILED, note)
    elif len(strangers) == 1 and strangers[0].prompt is not None and rivals == 1:
        await desk.write(desk.attempts.submitted, attempt.id, strangers[0].task_id)
    else:
        ids = ", ".join(task.task_id for task in strangers)
        raise SubmitAmbiguousError(
            desk.terms.backend, f"{attempt.note}; the vendor's list shows {ids}.", UNKNOWN
        )


async def _known(desk: Desk, attempt: Attempt) -> set[str]:
    """The vendor's ids that the ledger has."""
    return await desk.write(
        desk.attempts.provider_ids, attempt.vendor, attempt.place, attempt.created_at - timedelta(days=1)
    )
