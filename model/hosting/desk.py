"""Where one account's takes are worked on: what all steps need, and how a question is asked."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from campaign.attempts import Attempts
from campaign.budget import Caps
from campaign.hosted_errors import RateLimitedError, TaskLostError, VendorUnreachableError
from model.hosting.catalog import Account
from model.hosting.gate import Gate
from model.hosting.loop import HostedLoop
from model.hosting.vault import Vault
from model.hosting.vendor import Job, Report, TaskStatus, Vendor

P = ParamSpec("P")
T = TypeVar("T")

LONGEST_PAUSE = 60.0
"""Seconds, after failures to reach the vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How takes of one account are made."""

    backend: str
    """As the campaign writes it."""
    account: Account
    caps: Caps
    most_attempts: int
    """Paid tries at one take."""
    vault: Vault
    most_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One account, its ledger and its limits."""

    terms: Terms
    vendor: Vendor
    attempts: Attempts
    loop: HostedLoop
    gate: Gate

    async def write(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read or write the ledger, off the event loop."""
        return await self.loop.write(call, *args, **kwargs)

    async def look(self, task_id: str, job: Job) -> Report:
        try:
            return await self.patiently(lambda: self.vendor.poll(task_id, job))
        except TaskLostError as error:
            return Report(task_id=task_id, status=TaskStatus.LOST, reason=error.problem)

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to a request that spends nothing, however often it takes.

        Raises:
            VendorUnreachableError, RateLimitedError: none within the pace's patience.
        """
        clock = asyncio.get_running_loop().time
        began, tried = clock(), 0
        while True:
            await self.gate.may_ask()
            try:
                return await ask()
            except RateLimitedError as error:
                self.gate.rest_from_looks(error)
                if clock() - began > self.gate.pace.patience:
                    raise
            except VendorUnreachableError:
                if clock() - began > self.gate.pace.patience:
                    raise
                await self.back_off(tried)
            tried += 1

    async def back_off(self, failures: int) -> None:
        wait = min(self.gate.pace.back_off * 2.0**failures, LONGEST_PAUSE)
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))
