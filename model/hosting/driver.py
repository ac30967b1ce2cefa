"""From a wanted take to a paid file, from wherever the ledger stands.

What it promises: no paid request without a committed intent; no second one while it is not known what became
of the first; a task that was begun is followed to its end by this run or a later one.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from campaign.attempt import Attempt, AttemptState, Intent
from campaign.database import now
from campaign.hosted_errors import AbandonedError, ProviderInternalError, RefusedError, TaskLostError
from campaign.log_lines import bound
from model.hosting.answer import UNKNOWN
from model.hosting.desk import Desk
from model.hosting.follow import fetch_again, follow
from model.hosting.loop import HOLDER, is_gone
from model.hosting.submit import HOLD, look_for, submit
from model.hosting.vendor import Job

LOOK_AGAIN = 2.0
"""Seconds until the ledger is read again for an attempt that another process works on."""

S = AttemptState


async def take(desk: Desk, job: Job, intent: Intent, progress: Callable[[float], None]) -> Path:
    """The finished file of one take, in the vault.

    Raises:
        HostedError: there is none; the ledger says why.
    """
    async with desk.gate.takes[intent.fingerprint]:
        while True:
            past = await desk.write(desk.attempts.of, intent.fingerprint)
            file = await _go_on(desk, past, job, intent, progress)
            if file:
                return file


async def _go_on(
    desk: Desk, past: list[Attempt], job: Job, intent: Intent, progress: Callable[[float], None]
) -> Path | None:
    """One step from where the ledger stands; None when it stands elsewhere now."""
    if not past:
        return await _begin(desk, 1, job, intent, progress)
    last = past[-1]
    match last.state:
        case S.SUCCEEDED:
            return await fetch_again(desk, last, job, progress)
        case S.REFUSED:
            problem = f"its safety check refused this take before ({last.note})."
            raise RefusedError(desk.terms.backend, problem, "Change the row's words or picture.")
        case S.LOST:
            problem = f"task {last.provider_id} is lost ({last.note})."
            raise TaskLostError(desk.terms.backend, problem, UNKNOWN)
        case S.FAILED | S.CANCELLED:
            _check_tries(desk, past)
            return await _begin(desk, last.number + 1, job, intent, progress)
        case S.SUBMITTED:
            async with desk.gate.following():
                if not await _ours(desk, last):
                    return None
                with bound(attempt=last.id):
                    return await follow(desk, last, job, progress)
        case S.INTENT:
            if not await _ours(desk, last):
                return None
            note = "the process ended between intent and the vendor's answer"
            await desk.write(desk.attempts.unknown, last.id, note)
            return None
        case S.SUBMIT_UNKNOWN:
            await look_for(desk, last, job)
            return None
        case unknown:
            assert_never(unknown)


def _check_tries(desk: Desk, past: list[Attempt]) -> None:
    last = past[-1]
    if last.resolution == "abandon":
        raise AbandonedError(desk.terms.backend, f"the take was given up ({last.note}).", "")
    paid = sum(attempt.may_have_cost for attempt in past)
    if paid >= desk.terms.most_attempts and last.resolution != "resubmit":
        raise ProviderInternalError(
            desk.terms.backend,
            f"{paid} tries at this take were begun and none succeeded ({last.note}).",
            f"Change the row, or allow more than {desk.terms.most_attempts} tries.",
        )


async def _ours(desk: Desk, attempt: Attempt) -> bool:
    if attempt.holder == HOLDER.name:
        return True
    if not is_gone(attempt.holder) and attempt.held_until > now():
        # Another process is at it; its end is in the ledger before its lease is over.
        await asyncio.sleep(LOOK_AGAIN)
        return False
    return await desk.write(desk.attempts.take_over, attempt, HOLDER.name, HOLD)


async def _begin(
    desk: Desk, number: int, job: Job, intent: Intent, progress: Callable[[float], None]
) -> Path | None:
    """A new attempt, announced, sent and followed to its end."""
    async with desk.gate.slot():
        attempt = await submit(desk, number, job, intent)
        if attempt is None:
            return None
        # No vendor is done at once, and each has a pace at which it wants to be asked.
        await asyncio.sleep(desk.gate.next_look())
        with bound(attempt=attempt.id):
            return await follow(desk, attempt, job, progress)
