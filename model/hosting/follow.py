"""A task that was begun, followed to its end: to a file in the vault, or to the reason why there is none."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from campaign.attempt import Attempt, AttemptState
from campaign.database import now
from campaign.hosted_errors import AssetUnreachableError, RefusedError, TaskLostError
from campaign.money import Money
from model.hosting.answer import UNKNOWN, failed
from model.hosting.desk import Desk
from model.hosting.vault import keep
from model.hosting.vendor import Job, Report, TaskStatus

log = logging.getLogger(__name__)

FETCHES = 5
"""Tries to get a finished file, each with a fresh look at its task."""
SHORT = 0.5
"""Seconds that a file may be shorter than asked; containers round."""

S = AttemptState
ENDS = {
    TaskStatus.FAILED: S.FAILED,
    TaskStatus.REFUSED: S.REFUSED,
    TaskStatus.CANCELLED: S.CANCELLED,
    TaskStatus.LOST: S.LOST,
}


async def follow(desk: Desk, attempt: Attempt, job: Job, progress: Callable[[float], None]) -> Path | None:
    """Look at a task until it is over; its file, or None after a failure that another try may mend."""
    assert attempt.provider_id
    deadline = attempt.created_at + timedelta(hours=desk.terms.account.deadline_hours)
    fetched = 0
    while True:
        report = await desk.look(attempt.provider_id, job)
        progress(1.0 if report.status is TaskStatus.SUCCEEDED else report.progress)
        match report.status:
            case TaskStatus.SUCCEEDED:
                try:
                    return await _finish(desk, attempt, job, report)
                except AssetUnreachableError:
                    fetched += 1
                    if fetched == FETCHES:
                        raise
                    await desk.back_off(fetched)
                    continue
            case TaskStatus.FAILED | TaskStatus.CANCELLED | TaskStatus.REFUSED | TaskStatus.LOST:
                await _close(desk, attempt, job, report)
                return None
            case TaskStatus.QUEUED | TaskStatus.RUNNING:
                if now() > deadline:
                    late = f"no result after {desk.terms.account.deadline_hours:g} hours ({report.reason})"
                    lost = Report(task_id=report.task_id, status=TaskStatus.LOST, reason=late)
                    await _close(desk, attempt, job, lost)
                    return None
        await asyncio.sleep(desk.gate.next_look())


async def _finish(desk: Desk, attempt: Attempt, job: Job, report: Report) -> Path | None:
    """The file in the vault, then the end in the ledger."""
    path, digest, seconds = await _save(desk, attempt, report)
    cost = _cost(attempt, job, report)
    if seconds < job.num_frames / job.fps - SHORT:
        reason = f"the file has {seconds:.1f} s instead of {job.num_frames / job.fps:.1f}"
        await desk.write(desk.attempts.settle, attempt.id, S.FAILED, reason, cost, digest)
        return None
    await desk.write(desk.attempts.settle, attempt.id, S.SUCCEEDED, "", cost, digest)
    log.info("%s, attempt %d: %.1f s of video for %s", attempt.shot, attempt.number, seconds, cost)
    return path


async def fetch_again(desk: Desk, attempt: Attempt, job: Job, progress: Callable[[float], None]) -> Path:
    """The file of a take that was paid before: from the vault, else from the vendor once more."""
    vault = desk.terms.vault
    if await asyncio.to_thread(vault.has, attempt):
        return vault.file(attempt)
    assert attempt.provider_id
    report = await desk.look(attempt.provider_id, job)
    if report.status is not TaskStatus.SUCCEEDED:
        reason = f"paid and fetched once, but the file is gone, and the vendor says {report.status}"
        await desk.write(desk.attempts.settle, attempt.id, S.LOST, reason)
        raise TaskLostError(desk.terms.backend, f"{reason}.", UNKNOWN)
    progress(1.0)
    return (await _save(desk, attempt, report))[0]


async def _save(desk: Desk, attempt: Attempt, report: Report) -> tuple[Path, str, float]:
    """Fetch and keep: path, digest, and seconds of video."""
    path = desk.terms.vault.file(attempt)
    part = path.with_suffix(".part")
    await desk.gate.may_ask()
    await desk.vendor.fetch(report, part, desk.terms.most_bytes)
    seconds, digest = await asyncio.to_thread(keep, part, path, desk.terms.backend)
    return path, digest, seconds


async def _close(desk: Desk, attempt: Attempt, job: Job, report: Report) -> None:
    """Write an end without a file down, and raise it; a failure that may be tried again is not raised."""
    cost = None if report.status is TaskStatus.LOST else _cost(attempt, job, report)
    await desk.write(desk.attempts.settle, attempt.id, ENDS[report.status], report.reason, cost)
    log.warning("%s, attempt %d: %s", attempt.shot, attempt.number, report.status.value)
    match report.status:
        case TaskStatus.REFUSED:
            problem = f"its safety check refused the take ({report.reason})."
            raise RefusedError(desk.terms.backend, problem, "Change the row's words or picture.")
        case TaskStatus.LOST:
            problem = f"task {attempt.provider_id} has no result: {report.reason}."
            raise TaskLostError(desk.terms.backend, problem, UNKNOWN)
        case TaskStatus.CANCELLED:
            raise failed(desk.terms.backend, f"task {attempt.provider_id} was cancelled at the vendor")


def _cost(attempt: Attempt, job: Job, report: Report) -> Money:
    """What an attempt cost: as the vendor says, else by the catalog."""
    if report.cost:
        return report.cost
    if report.seconds is not None:
        return job.cost(report.seconds)
    billed = {
        TaskStatus.SUCCEEDED: True,
        TaskStatus.CANCELLED: True,
        TaskStatus.REFUSED: job.model.billed_on_failure.moderation,
    }.get(report.status, job.model.billed_on_failure.internal)
    return attempt.estimated if billed else Money.of_micros(0, attempt.estimated.currency)
