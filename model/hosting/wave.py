"""A wave of hosted takes: coroutines in the process's one loop, their outcomes in the caller's thread."""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from campaign.attempt import Intent
from campaign.attempts import Attempts
from campaign.errors import ReelsheetError
from campaign.hosted_errors import HostedError
from campaign.log_lines import bound
from model.backend import Progress, TakeOutcome, TakeRequest
from model.hosting.desk import Desk, Terms
from model.hosting.driver import take
from model.hosting.gate import Pace
from model.hosting.loop import HOLDER, HostedLoop, describe, hosted_loop
from model.hosting.submit import HOLD
from model.hosting.vendor import Job, Vendor

log = logging.getLogger(__name__)

Event = TakeOutcome | tuple[str, float] | None
"""An outcome, a shot's progress, or the end."""
Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a wave is made."""

    key: tuple[str, str]
    """Base URL and the key's digest: waves of the same account share its limits."""
    ledger: str
    """SQLAlchemy URL."""
    pace: Pace
    terms: Terms
    connect: Callable[[], Vendor]
    """Called in the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A take that can be asked for."""

    request: TakeRequest
    job: Job
    intent: Intent


def make_wave(
    account: Account, wave: Sequence[Asked], folder: Path, progress: Progress
) -> Iterator[TakeOutcome]:
    """Make the takes; outcomes come in the order of their ends, in the thread that asks for them.

    What is under way when the caller stops listening is left to a later call, which goes on with it.

    Raises:
        StoreError: the ledger cannot be opened.
    """
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    begun = threading.Event()
    with hosted_loop() as loop:
        work = _to_its_end(account, wave, folder, loop, events.put, begun)
        made = asyncio.run_coroutine_threadsafe(work, loop.loop)
        try:
            while (said := events.get()) is not None:
                if isinstance(said, TakeOutcome):
                    yield said
                else:
                    progress(said[0], round(said[1] * 100), 100)
            made.result()
        finally:
            # A coroutine that is cancelled before it has begun never says that it ends.
            begun.wait()
            if not made.done():
                made.cancel()
                while events.get() is not None:
                    pass


async def _to_its_end(
    account: Account,
    wave: Sequence[Asked],
    folder: Path,
    loop: HostedLoop,
    tell: Tell,
    begun: threading.Event,
) -> None:
    begun.set()
    try:
        await _make_all(account, wave, folder, loop, tell)
    finally:
        tell(None)


async def _make_all(
    account: Account, wave: Sequence[Asked], folder: Path, loop: HostedLoop, tell: Tell
) -> None:
    attempts = await loop.write(Attempts, account.ledger)
    vendor = account.connect()
    gate = loop.gate(account.key, account.pace)
    desk = Desk(terms=account.terms, vendor=vendor, attempts=attempts, loop=loop, gate=gate)
    keeping = asyncio.ensure_future(_keep(attempts, loop))
    try:
        open_ones = await loop.write(attempts.begun, [asked.intent.fingerprint for asked in wave])
        # What is open at the vendor counts against the account before anything new is begun.
        ordered = sorted(wave, key=lambda asked: asked.intent.fingerprint not in open_ones)
        async with asyncio.TaskGroup() as group:
            for asked in ordered:
                group.create_task(_make(desk, asked, folder, tell))
    finally:
        keeping.cancel()
        await vendor.close()
        await loop.write(attempts.close)


async def _make(desk: Desk, asked: Asked, folder: Path, tell: Tell) -> None:
    shot = asked.request.shot.id
    try:
        with bound(shot=shot):
            path = await take(desk, asked.job, asked.intent, lambda part: tell((shot, part)))
        given = await asyncio.to_thread(desk.terms.vault.hand_over, path, folder)
        tell(TakeOutcome(request=asked.request, path=given))
    except ReelsheetError as error:
        tell(TakeOutcome(request=asked.request, path=None, error=error))
    except Exception as error:
        # The edge of the batch: a fault of ours in one take must not end the others.
        log.exception("take of %s", shot)
        fault = HostedError(desk.terms.backend, f"a fault in reelsheet: {describe(error)}.", "See the log.")
        tell(TakeOutcome(request=asked.request, path=None, error=fault))


async def _keep(attempts: Attempts, loop: HostedLoop) -> None:
    """Say again and again that this process is still at work."""
    while True:
        await asyncio.sleep(HOLD.total_seconds() / 3)
        await loop.write(attempts.keep, HOLDER.name, HOLD)
