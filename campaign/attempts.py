"""Attempts: every try at a take that costs money, written down before it is made.

A row is committed as INTENT, with its money set aside, before the paid request leaves. What follows is
committed as soon as it is known. ``MOVES`` is the whole of what can become of an attempt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger, String, UniqueConstraint, func, or_, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaign.budget import Caps, Scope, reconcile, reserve
from campaign.database import Base, now, open_engine, transaction, with_zone
from campaign.errors import StoreError
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


class ResolutionRow(Base):
    __tablename__ = "attempt_resolutions"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(index=True)
    action: Mapped[str]
    was: Mapped[str]
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


class Attempts:
    """Reads and writes attempts. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)

    def close(self) -> None:
        self.engine.dispose()

    def of(self, fingerprint: str) -> list[Attempt]:
        """All attempts at a take, oldest first."""
        query = select(AttemptRow).where(AttemptRow.fingerprint == fingerprint).order_by(AttemptRow.number)
        with transaction(self.engine) as session:
            return [_attempt(row) for row in session.scalars(query)]

    def get(self, attempt: int) -> Attempt:
        """The attempt with that number.

        Raises:
            StoreError: there is none.
        """
        with transaction(self.engine) as session:
            row = session.get(AttemptRow, attempt)
            if row is None:
                raise StoreError("the ledger", f"knows no attempt {attempt}.", "Run `reelsheet resolve`.")
            return _attempt(row)

    def find(self, states: Iterable[AttemptState] = (), batch: int | None = None) -> list[Attempt]:
        """Attempts in those states, or all, oldest first."""
        query = select(AttemptRow).order_by(AttemptRow.id)
        if chosen := list(states):
            query = query.where(AttemptRow.state.in_(chosen))
        if batch is not None:
            query = query.where(AttemptRow.batch == batch)
        with transaction(self.engine) as session:
            return [_attempt(row) for row in session.scalars(query)]

    def begun(self, fingerprints: Iterable[str]) -> set[str]:
        """Those of the takes that have a task open at a vendor."""
        wanted = set(fingerprints)
        query = select(AttemptRow.fingerprint).where(AttemptRow.state == S.SUBMITTED)
        with transaction(self.engine) as session:
            return {found for found in session.scalars(query) if found in wanted}

    def provider_ids(self, vendor: str, place: str, since: datetime) -> set[str]:
        """Ids of the vendor's tasks that the ledger knows, of attempts begun after ``since``."""
        query = select(AttemptRow.provider_id).where(
            AttemptRow.vendor == vendor, AttemptRow.place == place, AttemptRow.created_at >= since
        )
        with transaction(self.engine) as session:
            return {found for found in session.scalars(query) if found}

    def unresolved_like(self, attempt: Attempt) -> int:
        """How many attempts, this one included, a vendor's list could show as one and the same."""
        query = select(func.count()).where(
            AttemptRow.likeness == attempt.likeness,
            or_(AttemptRow.id == attempt.id, AttemptRow.state.in_((S.INTENT, S.SUBMIT_UNKNOWN))),
        )
        with transaction(self.engine) as session:
            return session.scalars(query).one()

    def intend(self, intent: Intent, number: int, caps: Caps, hold: timedelta) -> Attempt | None:
        """Announce attempt ``number`` and set its money aside; None when another process was first.

        Raises:
            BudgetError: a cap would be passed; nothing is written.
        """
        at = now()
        day = at.date().isoformat()
        try:
            with transaction(self.engine) as session:
                places = {
                    Scope.BATCH: str(intent.batch),
                    Scope.BRAND: intent.brand,
                    Scope.DAY: day,
                }
                reserve(session, places, intent.estimate, caps, intent.backend)
                row = AttemptRow(
                    **{name: getattr(intent, name) for name in _TAKEN_OVER},
                    number=number,
                    day=day,
                    currency=intent.estimate.currency,
                    estimated=intent.estimate.micros,
                    reserved=intent.estimate.micros,
                    actual=None,
                    state=S.INTENT,
                    provider_id=None,
                    sha256="",
                    note="",
                    resolution="",
                    held_until=at + hold,
                    created_at=at,
                    changed_at=at,
                )
                session.add(row)
                session.flush()
                return _attempt(row)
        except IntegrityError:
            return None

    def submitted(self, attempt: int, provider_id: str, estimate: Money | None = None) -> Attempt:
        """Keep the provider's id; a higher estimate of the vendor's is set aside too, whatever the caps."""
        with transaction(self.engine) as session:
            row = _moved(session, attempt, S.SUBMITTED)
            row.provider_id = provider_id
            if estimate and estimate.currency == row.currency and estimate.micros > row.reserved:
                reconcile(session, _places(row), estimate.micros - row.reserved, 0, row.currency)
                row.reserved = estimate.micros
            session.flush()
            return _attempt(row)

    def unknown(self, attempt: int, note: str) -> Attempt:
        """Nobody knows whether the vendor began it; its money stays set aside."""
        with transaction(self.engine) as session:
            row = _moved(session, attempt, S.SUBMIT_UNKNOWN)
            row.note = note
            session.flush()
            return _attempt(row)

    def settle(
        self, attempt: int, state: AttemptState, note: str = "", actual: Money | None = None, sha256: str = ""
    ) -> Attempt:
        """The end of an attempt. ``actual`` is what it cost; None where nothing was ever begun.

        LOST is an end whose cost nobody knows: its money stays set aside.
        """
        with transaction(self.engine) as session:
            row = _moved(session, attempt, state)
            row.note, row.sha256 = note, sha256 or row.sha256
            if state not in UNSETTLED:
                _close(session, row, actual.micros if actual else 0)
            session.flush()
            return _attempt(row)

    def take_over(self, attempt: Attempt, holder: str, hold: timedelta) -> bool:
        """Become the one who works on ``attempt``; False when somebody else has taken it since it was read."""
        return self._hold((AttemptRow.id == attempt.id, AttemptRow.holder == attempt.holder), holder, hold)

    def keep(self, holder: str, hold: timedelta) -> bool:
        """Say that ``holder`` is still there; False when nothing is held."""
        return self._hold(
            (AttemptRow.holder == holder, AttemptRow.state.in_((S.INTENT, S.SUBMITTED))), holder, hold
        )

    def resolve(
        self,
        attempt: int,
        action: str,
        *,
        who: str,
        why: str,
        provider_id: str | None = None,
        actual: Money | None = None,
    ) -> Attempt:
        """Write down a person's decision about a lost or ambiguous attempt, and follow it.

        ``attach`` goes on with the vendor's task ``provider_id``; ``abandon`` tries nothing more;
        ``resubmit`` lets the next run pay again. Without ``actual`` the two latter count the whole estimate as
        spent, since it may have been.

        Raises:
            StoreError: the attempt needs no decision, or the id belongs to another.
        """
        goal = {"attach": S.SUBMITTED, "abandon": S.CANCELLED, "resubmit": S.FAILED}[action]
        try:
            with transaction(self.engine) as session:
                row = session.get(AttemptRow, attempt)
                if row is None or row.state not in FOR_A_PERSON:
                    state = row.state.value if row else "not in the ledger"
                    raise StoreError(
                        "the ledger",
                        f"attempt {attempt} is {state}; only lost and ambiguous ones wait for a person.",
                        "Run `reelsheet resolve` to see which do.",
                    )
                was = row.state
                row = _moved(session, attempt, goal)
                row.resolution, row.note = action, f"{action} by {who}: {why}"
                row.held_until = now()
                if action == "attach":
                    row.provider_id = provider_id or row.provider_id
                else:
                    _close(session, row, actual.micros if actual else row.reserved)
                session.add(
                    ResolutionRow(
                        attempt=attempt,
                        action=action,
                        was=was.value,
                        provider_id=provider_id,
                        who=who,
                        why=why,
                        at=now(),
                    )
                )
                session.flush()
                return _attempt(row)
        except IntegrityError as error:
            raise StoreError(
                "the ledger",
                f"task {provider_id} already belongs to another attempt.",
                "Look the id up with the vendor again; `reelsheet costs` lists those that are taken.",
            ) from error

    def _hold(self, where: tuple[object, ...], holder: str, hold: timedelta) -> bool:
        change = update(AttemptRow).where(*where).values(holder=holder, held_until=now() + hold)  # type: ignore[arg-type]
        with transaction(self.engine) as session:
            return bool(session.scalars(change.returning(AttemptRow.id)).all())


_TAKEN_OVER = (
    "fingerprint", "batch", "brand", "row", "shot", "backend", "vendor", "place", "model", "likeness",
    "holder",
)  # fmt: skip


def _moved(session: Session, attempt: int, state: AttemptState) -> AttemptRow:
    """The row, moved; one UPDATE that takes the write lock before anything is read."""
    sources = [source for source, goals in MOVES.items() if state in goals]
    change = (
        update(AttemptRow)
        .where(AttemptRow.id == attempt, AttemptRow.state.in_(sources))
        .values(state=state, changed_at=now())
        .returning(AttemptRow)
    )
    row = session.scalars(change, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        raise StoreError(
            "the ledger",
            f"attempt {attempt} cannot become {state}: it is over, or it never was.",
            "Run the same command again; if it stays, report it with the log.",
        )
    return row


def _close(session: Session, row: AttemptRow, actual: int) -> None:
    reconcile(session, _places(row), -row.reserved, actual, row.currency)
    row.reserved, row.actual = 0, actual


def _places(row: AttemptRow) -> dict[Scope, str]:
    return {Scope.BATCH: str(row.batch), Scope.BRAND: row.brand, Scope.DAY: row.day}


def _attempt(row: AttemptRow) -> Attempt:
    names = (*_TAKEN_OVER, "id", "number", "state", "provider_id", "sha256", "note", "resolution")
    return Attempt(
        **{name: getattr(row, name) for name in names},
        estimated=Money.of_micros(row.estimated, row.currency),
        actual=None if row.actual is None else Money.of_micros(row.actual, row.currency),
        held_until=with_zone(row.held_until),
        created_at=with_zone(row.created_at),
        changed_at=with_zone(row.changed_at),
    )
