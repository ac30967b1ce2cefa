"""How fast one account is used: open tasks, pace of submits and looks, and what stops new attempts."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from campaign.hosted_errors import HostedError, RateLimitedError
from model.hosting.catalog import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Limits of an account, from the catalog or from its owner."""

    open_tasks: int
    submits_per_second: float
    polls_per_second: float
    poll_every: float
    """Seconds between two looks at the same task."""
    back_off: float = 1.0
    """Seconds after a first failure to reach the vendor; doubled after each more."""
    list_after: float = 20.0
    """Seconds that a vendor's list is given to show a task whose answer was lost."""
    patience: float = 900.0
    """Seconds without any usable answer after which a take is left for the next run."""


def pace_of(account: Account, open_tasks: int | None = None) -> Pace:
    """The catalog's pace, with as many open tasks as the account's tier allows."""
    return Pace(
        open_tasks=open_tasks or account.open_tasks,
        submits_per_second=account.submits_per_minute / 60,
        polls_per_second=account.polls_per_second,
        poll_every=account.poll_every,
    )


class Gate:
    """One account's, shared by every wave in this process. Lives in one event loop."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.closed: HostedError | None = None
        """Why no new attempt may be begun; running ones go on."""
        self.takes: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By fingerprint: the same take wanted twice is made once."""
        self.open = 0
        self._room = asyncio.Condition()
        self._submits = _Ticker(pace.submits_per_second)
        self._looks = _Ticker(pace.polls_per_second)
        self._traffic = asyncio.Condition()
        self._submitting = 0
        self._looking = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """One of the open tasks that the account may have; waits until there is one."""
        async with self._room:
            await self._room.wait_for(lambda: self.open < self.pace.open_tasks)
            self.open += 1
        try:
            yield
        finally:
            await self._left()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """A task that is open at the vendor already: it counts, but waits for nobody."""
        self.open += 1
        try:
            yield
        finally:
            await self._left()

    async def _left(self) -> None:
        async with self._room:
            self.open -= 1
            self._room.notify()

    @asynccontextmanager
    async def submitting(self) -> AsyncIterator[None]:
        """A paid request on its way, from before it is announced until its id is committed."""
        async with self._traffic:
            await self._traffic.wait_for(lambda: not self._looking)
            self._submitting += 1
        try:
            yield
        finally:
            async with self._traffic:
                self._submitting -= 1
                self._traffic.notify_all()

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """While nothing is submitted from here: the ledger knows every task that this process began."""
        async with self._traffic:
            self._looking += 1
            await self._traffic.wait_for(lambda: not self._submitting)
        try:
            yield
        finally:
            async with self._traffic:
                self._looking -= 1
                self._traffic.notify_all()

    async def may_submit(self) -> None:
        await self._submits.tick()

    async def may_ask(self) -> None:
        await self._looks.tick()

    def rest_from_submits(self, error: RateLimitedError) -> None:
        """The vendor wants fewer paid requests. What it makes already is looked at as before.

        Raises:
            RateLimitedError: it wants none for longer than our patience, as when a day's quota is used up.
        """
        if error.retry_after is not None and error.retry_after > self.pace.patience:
            self.closed = error
            raise error
        self._submits.rest(self._pause(error))

    def rest_from_looks(self, error: RateLimitedError) -> None:
        """The vendor wants fewer questions; results that expire are not left for longer than our patience."""
        self._looks.rest(min(self._pause(error), self.pace.patience))

    def _pause(self, error: RateLimitedError) -> float:
        """Seconds; without a figure of the vendor's, a look's time."""
        return self.pace.poll_every if error.retry_after is None else error.retry_after

    def next_look(self) -> float:
        """Seconds until the same task is looked at again: the vendor's pace, or what all open tasks leave."""
        fair = max(self.pace.poll_every, self.open / self.pace.polls_per_second)
        return fair * random.uniform(0.85, 1.15)


class _Ticker:
    """Lets one through every ``1 / rate`` seconds, in the order of asking, and none while it rests."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate
        self._next = 0.0
        self._quiet_until = 0.0

    def rest(self, seconds: float) -> None:
        self._quiet_until = max(self._quiet_until, asyncio.get_running_loop().time() + seconds)

    async def tick(self) -> None:
        while (wait := self._quiet_until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(wait * random.uniform(1.0, 1.1))
        now = asyncio.get_running_loop().time()
        at = max(self._next, now)
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)
