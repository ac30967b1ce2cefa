"""The port behind the hosted backends: one vendor's account, asked through its official SDK."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from campaign.hosted_errors import (
    AuthError,
    HostedError,
    InsufficientCreditError,
    InvalidRequestError,
    ProviderInternalError,
    RateLimitedError,
    RefusedError,
    SubmitAmbiguousError,
    TaskLostError,
    VendorUnreachableError,
)
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


_NEVER_LEFT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "LocalProtocolError"}
)
"""httpx's and httpx2's names for failures before the first byte of a request was sent."""
_NO_CREDIT = (
    "enough credits",
    "insufficient_quota",
    "arrearage",
    "insufficient balance",
    "billing_hard_limit",
)
_UNSAFE = ("datainspectionfailed", "moderation", "content_policy", "safety")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A vendor's refusal, without its SDK's types."""

    status: int | None
    """HTTP; None when no answer came."""
    code: str = ""
    message: str = ""
    headers: Mapping[str, str] | None = None
    cause: BaseException | None = None

    @property
    def words(self) -> str:
        return " ".join(part for part in (str(self.status or ""), self.code, self.message[:300]) if part)


def error_of(backend: str, answer: Answer, *, paid: bool, key_variable: str) -> HostedError:
    """What an answer means. ``paid``: it is the answer to a request that may have begun a task."""
    said = answer.words
    known = f"{answer.code} {answer.message}".casefold()
    if answer.status is None:
        if paid and not never_left(answer.cause):
            return SubmitAmbiguousError(
                backend, f"the connection broke after the request went out ({said}).", UNKNOWN
            )
        return VendorUnreachableError(
            backend, f"cannot be reached ({said}).", "Check the network and base_url."
        )
    if any(word in known for word in _NO_CREDIT):
        return InsufficientCreditError(
            backend, f"the account has no money left ({said}).", "Top it up and run the same command again."
        )
    match answer.status:
        case 401 | 403:
            return AuthError(backend, f"the key is not accepted ({said}).", f"Check {key_variable}.")
        case 402:
            return InsufficientCreditError(backend, f"wants to be paid ({said}).", "Top the account up.")
        case 429:
            return RateLimitedError(
                backend, f"gets too many requests ({said}).", "Wait.", retry_after(answer.headers or {})
            )
        case 404 | 410 if not paid:
            return TaskLostError(backend, f"does not know the task ({said}).", UNKNOWN)
        case code if 400 <= code < 500 and any(word in answer.code.casefold() for word in _UNSAFE):
            return RefusedError(
                backend,
                f"its safety check refused the request ({said}).",
                "Change the row's words or picture.",
            )
        case code if 400 <= code < 500:
            return InvalidRequestError(
                backend, f"does not accept the request ({said}).", "Correct the row or the catalog."
            )
    if paid:
        return SubmitAmbiguousError(backend, f"failed while it took the request ({said}).", UNKNOWN)
    return VendorUnreachableError(backend, f"fails ({said}).", "Wait; nothing is lost.")


UNKNOWN = "Look the task up with the vendor, then `reelsheet resolve` with attach, abandon or resubmit."


def no_id(backend: str, said: object) -> SubmitAmbiguousError:
    """The vendor said yes, but not to what."""
    return SubmitAmbiguousError(backend, f"answered without a task id ({str(said)[:120]!r}).", UNKNOWN)


def unreadable(backend: str, said: object) -> VendorUnreachableError:
    return VendorUnreachableError(backend, f"answered what is no answer ({str(said)[:120]!r}).", "Wait.")


def failed(backend: str, reason: str) -> ProviderInternalError:
    return ProviderInternalError(
        backend, f"could not make the take ({reason}).", "Run again: another try is another payment."
    )


def never_left(error: BaseException | None) -> bool:
    """Whether a request certainly did not reach the vendor."""
    return any(type(cause).__name__ in _NEVER_LEFT for cause in _chain(error))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a ``Retry-After`` header in its plain form; None without one."""
    text = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    try:
        return max(float(text), 0.0)
    except ValueError:
        return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
