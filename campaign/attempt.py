"""An attempt: one try at a take that costs money, and all that can become of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.database import Base, with_zone
from campaign.money import Money


class AttemptState(StrEnum):
    INTENT = "intent"
    """Announced; the paid request may be on its way."""
    SUBMITTED = "submitted"
    """The provider's id is known."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    """By the vendor's safety check."""
    CANCELLED = "cancelled"
    LOST = "lost"
    """Begun, and the vendor has no result; a person decides."""
    SUBMIT_UNKNOWN = "submit unknown"
    """Nobody knows whether the vendor began it; a person decides where the vendor's list does not."""


S = AttemptState
MOVES: Mapping[S, frozenset[S]] = {
    S.INTENT: frozenset({S.SUBMITTED, S.SUBMIT_UNKNOWN, S.FAILED, S.REFUSED}),
    S.SUBMITTED: frozenset({S.SUCCEEDED, S.FAILED, S.REFUSED, S.CANCELLED, S.LOST}),
    S.SUBMIT_UNKNOWN: frozenset({S.SUBMITTED, S.FAILED, S.CANCELLED}),
    S.LOST: frozenset({S.SUBMITTED, S.FAILED, S.CANCELLED}),
    S.SUCCEEDED: frozenset({S.LOST}),
    S.FAILED: frozenset(),
    S.REFUSED: frozenset(),
    S.CANCELLED: frozenset(),
}
UNSETTLED = frozenset({S.INTENT, S.SUBMITTED, S.SUBMIT_UNKNOWN, S.LOST})
"""States whose money stays set aside."""
FOR_A_PERSON = frozenset({S.SUBMIT_UNKNOWN, S.LOST})


class AttemptRow(Base):
    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("fingerprint", "number"),
        UniqueConstraint("vendor", "place", "provider_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    batch: Mapped[int] = mapped_column(index=True)
    brand: Mapped[str]
    row: Mapped[str]
    shot: Mapped[str]
    backend: Mapped[str]
    vendor: Mapped[str]
    place: Mapped[str]
    model: Mapped[str]
    likeness: Mapped[str] = mapped_column(String(64))
    day: Mapped[str]
    currency: Mapped[str] = mapped_column(String(3))
    estimated: Mapped[int] = mapped_column(BigInteger)
    reserved: Mapped[int] = mapped_column(BigInteger)
    actual: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[AttemptState] = mapped_column(index=True)
    provider_id: Mapped[str | None]
    sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str]
    resolution: Mapped[str]
    holder: Mapped[str]
    held_until: Mapped[datetime]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Action(StrEnum):
    ATTACH = "attach"
    """The vendor has the task: go on with it."""
    ABANDON = "abandon"
    """Nothing more is tried for this take."""
    RESUBMIT = "resubmit"
    """The next run may pay again."""


class ResolutionRow(Base):
    __tablename__ = "attempt_resolutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(index=True)
    action: Mapped[Action]
    was: Mapped[AttemptState]
    provider_id: Mapped[str | None]
    who: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A paid request that is about to be sent."""

    fingerprint: str
    """Content key of the take."""
    batch: int
    """The ledger's number of the batch; 0 outside one."""
    brand: str
    row: str
    shot: str
    backend: str
    """As a campaign writes it."""
    vendor: str
    place: str
    """Base URL: a provider's id means nothing elsewhere."""
    model: str
    likeness: str
    """Digest of what a vendor's list shows of a task: alike attempts cannot be told apart there."""
    estimate: Money
    """The most that it may cost."""
    holder: str
    """Who works on it; see `campaign.attempts.Attempts.take_over`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt as the ledger knows it."""

    id: int
    fingerprint: str
    number: int
    """From 1, within the take."""
    batch: int
    brand: str
    row: str
    shot: str
    backend: str
    vendor: str
    place: str
    model: str
    likeness: str
    estimated: Money
    actual: Money | None
    state: AttemptState
    provider_id: str | None
    sha256: str
    """Of the file that came of it; empty until there is one."""
    note: str
    resolution: str
    """What a person decided: ``attach``, ``abandon`` or ``resubmit``; else empty."""
    holder: str
    held_until: datetime
    created_at: datetime
    changed_at: datetime

    @property
    def may_have_cost(self) -> bool:
        """False only where the vendor certainly began nothing."""
        return (
            self.provider_id is not None
            or self.resolution == "resubmit"
            or self.state in (S.INTENT, S.SUBMIT_UNKNOWN, S.CANCELLED)
        )


TAKEN_OVER = (
    "fingerprint", "batch", "brand", "row", "shot", "backend", "vendor", "place", "model", "likeness",
    "holder",
)  # fmt: skip
"""Fields that a row has from its intent as they are."""


def as_attempt(row: AttemptRow) -> Attempt:
    names = (*TAKEN_OVER, "id", "number", "state", "provider_id", "sha256", "note", "resolution")
    return Attempt(
        **{name: getattr(row, name) for name in names},
        estimated=Money.of_micros(row.estimated, row.currency),
        actual=None if row.actual is None else Money.of_micros(row.actual, row.currency),
        held_until=with_zone(row.held_until),
        created_at=with_zone(row.created_at),
        changed_at=with_zone(row.changed_at),
    )
