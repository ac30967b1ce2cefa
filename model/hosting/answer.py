"""What a vendor's refusals mean: one question above all, whether a task may have been begun."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from campaign.database import now
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
                backend,
                f"gets too many requests ({said}).",
                "Run the same command again later; what it makes already is finished.",
                retry_after(answer.headers or {}),
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
    """Seconds that a ``Retry-After`` header asks for, in its plain form or as a date; None without one.

    RFC 9110, section 10.2.3.
    """
    text = {name.lower(): value for name, value in headers.items()}.get("retry-after", "").strip()
    if text.replace(".", "", 1).isdigit() and text.isascii():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((date.replace(tzinfo=date.tzinfo or UTC) - now()).total_seconds(), 0.0)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
