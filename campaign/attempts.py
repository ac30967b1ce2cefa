"""The ledger of attempts: every try at a take that costs money, written down before it is made.

A row is committed as INTENT, with its money set aside, before the paid request leaves. What follows is
committed as soon as it is known. `campaign.attempt.MOVES` is the whole of what can become of an attempt.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaign.attempt import (
    MOVES,
    TAKEN_OVER,
    UNSETTLED,
    Attempt,
    AttemptRow,
    AttemptState,
    Intent,
    as_attempt,
)
from campaign.budget import Caps, Scope, reconcile, reserve
from campaign.database import close_idle, now, open_engine, repeated, transaction
from campaign.errors import StoreBusyError, StoreError
from campaign.events import Settled, announce
from campaign.money import Money

S = AttemptState


class Attempts:
    """Reads and writes attempts. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)

    def close(self) -> None:
        close_idle(self.engine)

    @repeated
    def of(self, fingerprint: str) -> list[Attempt]:
        """All attempts at a take, oldest first."""
        query = select(AttemptRow).where(AttemptRow.fingerprint == fingerprint).order_by(AttemptRow.number)
        with transaction(self.engine) as session:
            return [as_attempt(row) for row in session.scalars(query)]

    @repeated
    def get(self, attempt: int) -> Attempt:
        """The attempt with that number.

        Raises:
            StoreError: there is none.
        """
        with transaction(self.engine) as session:
            row = session.get(AttemptRow, attempt)
            if row is None:
                raise StoreError("the ledger", f"knows no attempt {attempt}.", "Run `reelsheet resolve`.")
            return as_attempt(row)

    @repeated
    def find(self, states: Iterable[AttemptState] = (), batch: int | None = None) -> list[Attempt]:
        """Attempts in those states, or all, oldest first."""
        query = select(AttemptRow).order_by(AttemptRow.id)
        if chosen := list(states):
            query = query.where(AttemptRow.state.in_(chosen))
        if batch is not None:
            query = query.where(AttemptRow.batch == batch)
        with transaction(self.engine) as session:
            return [as_attempt(row) for row in session.scalars(query)]

    @repeated
    def begun(self, fingerprints: Iterable[str]) -> set[str]:
        """Those of the takes that have a task open at a vendor."""
        wanted = set(fingerprints)
        query = select(AttemptRow.fingerprint).where(AttemptRow.state == S.SUBMITTED)
        with transaction(self.engine) as session:
            return {found for found in session.scalars(query) if found in wanted}

    @repeated
    def provider_ids(self, vendor: str, place: str, since: datetime) -> set[str]:
        """Ids of the vendor's tasks that the ledger knows, of attempts begun after ``since``."""
        query = select(AttemptRow.provider_id).where(
            AttemptRow.vendor == vendor, AttemptRow.place == place, AttemptRow.created_at >= since
        )
        with transaction(self.engine) as session:
            return {found for found in session.scalars(query) if found}

    @repeated
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
        try:
            return self._intend(intent, number, caps, hold)
        except StoreBusyError:
            # It may have been cut off after it was written, and then it is ours.
            for attempt in self.of(intent.fingerprint):
                if (attempt.number, attempt.holder) == (number, intent.holder):
                    return attempt
            return self._intend(intent, number, caps, hold)

    def _intend(self, intent: Intent, number: int, caps: Caps, hold: timedelta) -> Attempt | None:
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
                    **{name: getattr(intent, name) for name in TAKEN_OVER},
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
                return as_attempt(row)
        except IntegrityError:
            return None

    @repeated
    def submitted(self, attempt: int, provider_id: str, estimate: Money | None = None) -> Attempt:
        """Keep the provider's id; a higher estimate of the vendor's is set aside too, whatever the caps.

        Raises:
            StoreError: another attempt has that id.
        """
        try:
            with transaction(self.engine) as session:
                if done := already(session, attempt, state=S.SUBMITTED, provider_id=provider_id):
                    return done
                row = moved(session, attempt, S.SUBMITTED)
                row.provider_id = provider_id
                if estimate and estimate.currency == row.currency and estimate.micros > row.reserved:
                    reconcile(session, _places(row), estimate.micros - row.reserved, 0, row.currency)
                    row.reserved = estimate.micros
                session.flush()
                return as_attempt(row)
        except IntegrityError as error:
            raise taken(provider_id) from error

    @repeated
    def unknown(self, attempt: int, note: str) -> Attempt:
        """Nobody knows whether the vendor began it; its money stays set aside."""
        with transaction(self.engine) as session:
            if done := already(session, attempt, state=S.SUBMIT_UNKNOWN, note=note):
                return done
            row = moved(session, attempt, S.SUBMIT_UNKNOWN)
            row.note = note
            session.flush()
            return as_attempt(row)

    @repeated
    def settle(
        self, attempt: int, state: AttemptState, note: str = "", actual: Money | None = None, sha256: str = ""
    ) -> Attempt:
        """The end of an attempt. ``actual`` is what it cost; None where nothing was ever begun.

        LOST is an end whose cost nobody knows: its money stays set aside.
        """
        with transaction(self.engine) as session:
            if done := already(
                session, attempt, state=state, note=note, **({"sha256": sha256} if sha256 else {})
            ):
                return done
            row = moved(session, attempt, state)
            row.note, row.sha256 = note, sha256 or row.sha256
            if state not in UNSETTLED:
                close_books(session, row, actual.micros if actual else 0)
            session.flush()
            settled = as_attempt(row)
        cost = actual or Money.of_micros(0, settled.estimated.currency)
        announce(
            Settled(
                vendor=settled.vendor,
                model=settled.model,
                shot=settled.shot,
                outcome=state.value,
                cost=cost,
            )
        )
        return settled

    def take_over(self, attempt: Attempt, holder: str, hold: timedelta) -> bool:
        """Become the one who works on ``attempt``; False when somebody took it meanwhile."""
        return self._hold((AttemptRow.id == attempt.id, AttemptRow.holder == attempt.holder), holder, hold)

    @repeated
    def keep(self, holder: str, hold: timedelta) -> bool:
        """Say that ``holder`` is still there; False when nothing is held."""
        return self._hold(
            (AttemptRow.holder == holder, AttemptRow.state.in_((S.INTENT, S.SUBMITTED))), holder, hold
        )

    def _hold(self, where: tuple[object, ...], holder: str, hold: timedelta) -> bool:
        change = update(AttemptRow).where(*where).values(holder=holder, held_until=now() + hold)  # type: ignore[arg-type]
        with transaction(self.engine) as session:
            return bool(session.scalars(change.returning(AttemptRow.id)).all())


def taken(provider_id: str | None) -> StoreError:
    """A vendor's task that two attempts would have."""
    return StoreError(
        "the ledger",
        f"task {provider_id} already belongs to another attempt.",
        "Look the id up with the vendor again.",
    )


def already(session: Session, attempt: int, **values: object) -> Attempt | None:
    """The attempt if it is so already, because it was written just before the connection was lost.

    An UPDATE that changes nothing, so that the write lock is taken before anything is read.
    """
    same = [getattr(AttemptRow, name) == value for name, value in values.items()]
    look = update(AttemptRow).where(AttemptRow.id == attempt, *same).values(id=attempt).returning(AttemptRow)
    row = session.scalars(look).one_or_none()
    return as_attempt(row) if row else None


def moved(session: Session, attempt: int, state: AttemptState) -> AttemptRow:
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


def close_books(session: Session, row: AttemptRow, actual: int) -> None:
    """Give back what is set aside for the row and count ``actual`` micros as spent."""
    reconcile(session, _places(row), -row.reserved, actual, row.currency)
    row.reserved, row.actual = 0, actual


def _places(row: AttemptRow) -> dict[Scope, str]:
    return {Scope.BATCH: str(row.batch), Scope.BRAND: row.brand, Scope.DAY: row.day}
