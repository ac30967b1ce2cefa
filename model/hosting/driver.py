"""From a wanted take to a paid file: intent, submit, id, poll, fetch, each written down before the next.

What it promises: no paid request without a committed intent; no second one while it is not known what became
of the first; a task that was begun is followed to its end by this run or a later one.
"""

import asyncio
import hashlib
import logging
import os
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, assert_never

from campaign.attempts import Attempt, Attempts, AttemptState, Intent
from campaign.budget import Caps
from campaign.database import now
from campaign.errors import FinishError
from campaign.hosted_errors import (
    AbandonedError,
    AssetUnreachableError,
    AuthError,
    HostedError,
    InsufficientCreditError,
    ProviderInternalError,
    RateLimitedError,
    RefusedError,
    SubmitAmbiguousError,
    TaskLostError,
    VendorUnreachableError,
)
from campaign.money import Money
from media.probe import probe
from model.hosting.catalog import Account
from model.hosting.gate import Gate
from model.hosting.loop import HOLDER, HostedLoop, is_gone
from model.hosting.vendor import UNKNOWN, Job, Report, TaskStatus, Vendor, failed

log = logging.getLogger(__name__)

HOLD = timedelta(seconds=90)
"""How long an attempt is its holder's without a sign of life."""
LOOK_AGAIN = 2.0
"""Seconds until the ledger is read again for an attempt that another process works on."""
SUBMITS = 6
"""Tries to get a request to the vendor at all: none of them was paid."""
FETCHES = 5
"""Tries to get a finished file, each with a fresh look at its task."""
SHORT = 0.5
"""Seconds that a file may be shorter than asked; containers round."""
CLOCKS_DIFFER = timedelta(minutes=2)

S = AttemptState
T = TypeVar("T")


ENDS = {
    TaskStatus.FAILED: S.FAILED,
    TaskStatus.REFUSED: S.REFUSED,
    TaskStatus.CANCELLED: S.CANCELLED,
    TaskStatus.LOST: S.LOST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How takes of one account are made."""

    backend: str
    """As the campaign writes it."""
    account: Account
    caps: Caps
    most_attempts: int
    """Paid tries at one take."""
    vault: Path
    """Folder where paid files stay until they are in the store, and a few days longer."""
    most_bytes: int


class Driver:
    """Makes takes with one vendor's account."""

    def __init__(
        self, terms: Terms, vendor: Vendor, attempts: Attempts, loop: HostedLoop, gate: Gate
    ) -> None:
        self._terms = terms
        self._vendor = vendor
        self._attempts = attempts
        self._loop = loop
        self._gate = gate

    async def take(self, job: Job, intent: Intent, progress: Callable[[float], None]) -> Path:
        """The finished file of one take, in the vault.

        Raises:
            HostedError: there is none; the ledger says why.
        """
        async with self._gate.takes[intent.fingerprint]:
            while True:
                past = await self._loop.write(self._attempts.of, intent.fingerprint)
                file = await self._go_on(past, job, intent, progress)
                if file:
                    return file

    async def _go_on(
        self, past: list[Attempt], job: Job, intent: Intent, progress: Callable[[float], None]
    ) -> Path | None:
        """One step from where the ledger stands; None when it stands elsewhere now."""
        if not past:
            return await self._begin(1, job, intent, progress)
        last = past[-1]
        match last.state:
            case S.SUCCEEDED:
                return await self._again(last, job, progress)
            case S.REFUSED:
                raise RefusedError(self._terms.backend, last.note, "Change the row's words or picture.")
            case S.LOST:
                raise TaskLostError(self._terms.backend, last.note, UNKNOWN)
            case S.FAILED | S.CANCELLED:
                self._check_tries(past)
                return await self._begin(last.number + 1, job, intent, progress)
            case S.SUBMITTED:
                async with self._gate.following():
                    if not await self._ours(last):
                        return None
                    return await self._follow(last, job, progress)
            case S.INTENT:
                if not await self._ours(last):
                    return None
                note = "the process ended between intent and the vendor's answer"
                await self._loop.write(self._attempts.unknown, last.id, note)
                return None
            case S.SUBMIT_UNKNOWN:
                await self._look_for(last, job)
                return None
            case unknown:
                assert_never(unknown)

    def _check_tries(self, past: list[Attempt]) -> None:
        last = past[-1]
        if last.resolution == "abandon":
            raise AbandonedError(self._terms.backend, f"the take was given up ({last.note}).", "")
        paid = sum(attempt.may_have_cost for attempt in past)
        if paid >= self._terms.most_attempts and last.resolution != "resubmit":
            raise ProviderInternalError(
                self._terms.backend,
                f"{paid} tries at this take were begun and none succeeded ({last.note}).",
                f"Change the row, or allow more than {self._terms.most_attempts} tries.",
            )

    async def _ours(self, attempt: Attempt) -> bool:
        if attempt.holder == HOLDER.name:
            return True
        if not is_gone(attempt.holder) and attempt.held_until > now():
            # Another process is at it; its end is in the ledger before its lease is over.
            await asyncio.sleep(LOOK_AGAIN)
            return False
        return await self._loop.write(self._attempts.take_over, attempt, HOLDER.name, HOLD)

    async def _begin(
        self, number: int, job: Job, intent: Intent, progress: Callable[[float], None]
    ) -> Path | None:
        """A new attempt, announced, sent and followed to its end."""
        async with self._gate.slot():
            attempt = await self._submit(number, job, intent)
            return await self._follow(attempt, job, progress) if attempt else None

    async def _submit(self, number: int, job: Job, intent: Intent) -> Attempt | None:
        """The attempt with its provider's id committed; None when the ledger has to be read again."""
        for tried in range(SUBMITS):
            await self._gate.may_submit()
            if self._gate.closed:
                raise self._gate.closed
            # Not to be torn apart: once it is announced, the answer is written down whatever happens here.
            sent = asyncio.ensure_future(self._send(number + tried, job, intent))
            try:
                return await asyncio.shield(sent)
            except asyncio.CancelledError:
                await asyncio.wait([sent])
                raise
            except RateLimitedError as error:
                if tried == SUBMITS - 1:
                    raise
                self._gate.rest(error.retry_after)
            except VendorUnreachableError:
                if tried == SUBMITS - 1:
                    raise
                await asyncio.sleep(min(2.0**tried, 30.0) * random.uniform(0.5, 1.0))
        raise AssertionError("the last try returns or raises")

    async def _send(self, number: int, job: Job, intent: Intent) -> Attempt | None:
        async with self._gate.submitting():
            attempt = await self._loop.write(self._attempts.intend, intent, number, self._terms.caps, HOLD)
            if attempt is None:
                return None
            try:
                begun = await self._vendor.submit(job)
            except SubmitAmbiguousError as error:
                await self._loop.write(self._attempts.unknown, attempt.id, error.problem)
                return None
            except RefusedError as error:
                await self._loop.write(self._attempts.settle, attempt.id, S.REFUSED, error.problem)
                raise
            except HostedError as error:
                await self._loop.write(self._attempts.settle, attempt.id, S.FAILED, error.problem)
                if isinstance(error, InsufficientCreditError | AuthError):
                    self._gate.closed = error
                raise
            return await self._loop.write(self._attempts.submitted, attempt.id, begun.task_id, begun.estimate)

    async def _look_for(self, attempt: Attempt, job: Job) -> None:
        """Find out from the vendor's list what became of a request whose answer was lost.

        Raises:
            SubmitAmbiguousError: the vendor has no list, or it does not tell.
        """
        if not self._terms.account.lists:
            raise SubmitAmbiguousError(self._terms.backend, f"{attempt.note}.", UNKNOWN)
        wait = self._gate.pace.list_after - (now() - attempt.changed_at).total_seconds()
        await asyncio.sleep(max(wait, 0.0))
        await self._gate.none_submitting()
        since = attempt.created_at - CLOCKS_DIFFER
        found = await self._patiently(lambda: self._vendor.find(job, since))
        known = await self._loop.write(
            self._attempts.provider_ids, attempt.vendor, attempt.place, since - timedelta(days=1)
        )
        strangers = [
            task for task in found if task.task_id not in known and task.prompt in (job.prompt, None)
        ]
        rivals = await self._loop.write(self._attempts.unresolved_like, attempt)
        if not strangers:
            note = f"not created: the vendor's list does not have it ({attempt.note})"
            await self._loop.write(self._attempts.settle, attempt.id, S.FAILED, note)
        elif len(strangers) == 1 and strangers[0].prompt is not None and rivals == 1:
            await self._loop.write(self._attempts.submitted, attempt.id, strangers[0].task_id)
        else:
            ids = ", ".join(task.task_id for task in strangers)
            raise SubmitAmbiguousError(
                self._terms.backend, f"{attempt.note}; the vendor's list shows {ids}.", UNKNOWN
            )

    async def _follow(self, attempt: Attempt, job: Job, progress: Callable[[float], None]) -> Path | None:
        """Look at a task until it is over; its file, or None after a failure that another try may mend."""
        assert attempt.provider_id
        deadline = attempt.created_at + timedelta(hours=self._terms.account.deadline_hours)
        fetched = 0
        while True:
            report = await self._look(attempt.provider_id, job)
            progress(1.0 if report.status is TaskStatus.SUCCEEDED else report.progress)
            match report.status:
                case TaskStatus.SUCCEEDED:
                    try:
                        return await self._finish(attempt, job, report)
                    except AssetUnreachableError:
                        fetched += 1
                        if fetched == FETCHES:
                            raise
                        await asyncio.sleep(min(self._gate.pace.poll_every, 2.0**fetched))
                        continue
                case TaskStatus.FAILED | TaskStatus.CANCELLED | TaskStatus.REFUSED | TaskStatus.LOST:
                    await self._close(attempt, job, report)
                    return None
                case TaskStatus.QUEUED | TaskStatus.RUNNING:
                    if now() > deadline:
                        late = (
                            f"no result after {self._terms.account.deadline_hours:g} hours ({report.reason})"
                        )
                        lost = Report(task_id=report.task_id, status=TaskStatus.LOST, reason=late)
                        await self._close(attempt, job, lost)
                        return None
            await asyncio.sleep(self._gate.next_look())

    async def _finish(self, attempt: Attempt, job: Job, report: Report) -> Path | None:
        """The file in the vault, then the end in the ledger."""
        path, digest, seconds = await self._save(attempt, report)
        cost = self._cost(attempt, job, report)
        if seconds < job.num_frames / job.fps - SHORT:
            reason = f"the file has {seconds:.1f} s instead of {job.num_frames / job.fps:.1f}"
            await self._loop.write(self._attempts.settle, attempt.id, S.FAILED, reason, cost, digest)
            return None
        await self._loop.write(self._attempts.settle, attempt.id, S.SUCCEEDED, "", cost, digest)
        log.info("%s, attempt %d: %.1f s of video for %s", attempt.shot, attempt.number, seconds, cost)
        return path

    async def _again(self, attempt: Attempt, job: Job, progress: Callable[[float], None]) -> Path:
        """The file of a take that was paid before: from the vault, else from the vendor once more."""
        path = self._file(attempt)
        if path.is_file() and await asyncio.to_thread(_digest, path) == attempt.sha256:
            return path
        assert attempt.provider_id
        report = await self._look(attempt.provider_id, job)
        if report.status is not TaskStatus.SUCCEEDED:
            reason = f"paid and fetched once, but the file is gone, and the vendor says {report.status}"
            await self._loop.write(self._attempts.settle, attempt.id, S.LOST, reason)
            raise TaskLostError(self._terms.backend, f"{reason}.", UNKNOWN)
        progress(1.0)
        return (await self._save(attempt, report))[0]

    async def _save(self, attempt: Attempt, report: Report) -> tuple[Path, str, float]:
        """Fetch, check, sync, rename: path, digest, and seconds of video."""
        path = self._file(attempt)
        part = path.with_suffix(".part")
        await self._gate.may_ask()
        await self._vendor.fetch(report, part, self._terms.most_bytes)
        seconds, digest = await asyncio.to_thread(_checked, part, self._terms.backend)
        part.replace(path)
        return path, digest, seconds

    async def _close(self, attempt: Attempt, job: Job, report: Report) -> None:
        """Write an end without a file down, and raise it; a failure that may be tried again is not raised."""
        cost = None if report.status is TaskStatus.LOST else self._cost(attempt, job, report)
        await self._loop.write(self._attempts.settle, attempt.id, ENDS[report.status], report.reason, cost)
        log.warning("%s, attempt %d: %s", attempt.shot, attempt.number, report.status.value)
        match report.status:
            case TaskStatus.REFUSED:
                problem = f"its safety check refused the take ({report.reason})."
                raise RefusedError(self._terms.backend, problem, "Change the row's words or picture.")
            case TaskStatus.LOST:
                problem = f"task {attempt.provider_id} has no result: {report.reason}."
                raise TaskLostError(self._terms.backend, problem, UNKNOWN)
            case TaskStatus.CANCELLED:
                raise failed(self._terms.backend, f"task {attempt.provider_id} was cancelled at the vendor")

    def _cost(self, attempt: Attempt, job: Job, report: Report) -> Money:
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

    async def _look(self, task_id: str, job: Job) -> Report:
        try:
            return await self._patiently(lambda: self._vendor.poll(task_id, job))
        except TaskLostError as error:
            return Report(task_id=task_id, status=TaskStatus.LOST, reason=error.problem)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a request that spends nothing, however often it takes.

        Raises:
            VendorUnreachableError, RateLimitedError: none within the pace's patience.
        """
        clock = asyncio.get_running_loop().time
        began, tried = clock(), 0
        while True:
            await self._gate.may_ask()
            try:
                return await ask()
            except RateLimitedError as error:
                self._gate.rest(error.retry_after)
                if clock() - began > self._gate.pace.patience:
                    raise
            except VendorUnreachableError:
                if clock() - began > self._gate.pace.patience:
                    raise
                await asyncio.sleep(min(self._gate.pace.poll_every, 2.0**tried) * random.uniform(0.5, 1.0))
            tried += 1

    def _file(self, attempt: Attempt) -> Path:
        return self._terms.vault / f"{attempt.fingerprint}-{attempt.number}.mp4"


def _checked(part: Path, backend: str) -> tuple[float, str]:
    """Seconds of video and digest of a fetched file, which is on the disk afterwards.

    Raises:
        AssetUnreachableError: it is no video.
    """
    try:
        facts = probe(part)
    except FinishError as error:
        raise AssetUnreachableError(backend, f"its result is no video ({error.cause}).", _KEPT) from error
    if facts.video is None:
        raise AssetUnreachableError(backend, "its result has no picture.", _KEPT)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    return facts.video.duration or facts.duration, _digest(part)


_KEPT = "Run the same command again: the paid task is kept."


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
