"""The port behind the hosted backends: one vendor's account, asked through its official SDK."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from campaign.money import Money
from model.hosting.catalog import Mode, Model, Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One take as a vendor's model is asked for it, in our own units."""

    name: str
    """Of the model."""
    model: Model
    mode: Mode
    prompt: str
    negative: str
    """Empty where the model takes none."""
    width: int
    height: int
    num_frames: int
    fps: int
    seed: int | None
    """None where the model takes none."""
    image: Path | None
    """The first frame."""
    price: Price

    @property
    def seconds(self) -> int:
        """Whole seconds; only for models that are asked in seconds."""
        return self.num_frames // self.fps

    def cost(self, seconds: Decimal) -> Money:
        """Of that much video of this size."""
        tier, _ = self.model.tier_of(self.width, self.height, self.mode)
        return self.model.cost(tier, seconds, self.price)

    @property
    def estimate(self) -> Money:
        """Of one attempt, where the vendor charges what it publishes."""
        return self.cost(Decimal(self.num_frames) / self.fps)

    def fields(self) -> dict[str, str]:
        """The size in the vendor's own words."""
        tier, size = self.model.tier_of(self.width, self.height, self.mode)
        words = {"width": self.width, "height": self.height, "tier": tier, "ratio": size.ratio}
        return {name: pattern.format(**words) for name, pattern in self.model.fields[self.mode].items()}


class TaskStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The vendor's answer to a paid request."""

    task_id: str
    estimate: Money | None = None
    """The most that the vendor says it will charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a vendor says of a task."""

    task_id: str
    status: TaskStatus
    progress: float = 0.0
    """0 to 1."""
    reason: str = ""
    """The vendor's code and words, where it failed."""
    cost: Money | None = None
    """What the vendor says it charged; None where it does not say."""
    seconds: Decimal | None = None
    """Of video that it says it charged for; likewise."""
    url: str = ""
    """Of the result, signed and short-lived; empty where the SDK fetches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A task of the account as the vendor lists it."""

    task_id: str
    created_at: datetime
    prompt: str | None
    """None where the vendor does not say."""


class Vendor(Protocol):
    """One account of one vendor. No call is ever sent twice by it.

    Every method raises `campaign.hosted_errors.HostedError` and nothing else for what the vendor or the
    network does.
    """

    async def submit(self, job: Job) -> Begun:
        """The one paid request.

        Raises:
            SubmitAmbiguousError: it went out, and no answer with an id came back.
            HostedError: any other; the vendor certainly began nothing.
        """
        ...

    async def poll(self, task_id: str, job: Job) -> Report:
        """How the task is.

        Raises:
            VendorUnreachableError, RateLimitedError: nothing was learnt; ask again later.
            AuthError: the key is not, or no longer, good.
        """
        ...

    async def fetch(self, report: Report, part: Path, most_bytes: int) -> None:
        """The result of a succeeded task, whole, into ``part``.

        Raises:
            AssetUnreachableError: not whole, too large, expired or from where nothing is fetched.
        """
        ...

    async def cancel(self, task_id: str) -> bool:
        """Ask the vendor to stop; False when it will not, or cannot say."""
        ...

    async def find(self, job: Job, since: datetime, known: Container[str]) -> list[Found]:
        """Tasks of the account that may be ``job``, begun after ``since`` and not ``known`` by their ids.

        Only where the catalog says that the vendor lists its tasks.
        """
        ...

    async def balance(self) -> Money | None:
        """What is left on the account; None where the vendor does not say."""
        ...

    async def close(self) -> None: ...
