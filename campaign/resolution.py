"""What a person decides about attempts that neither the ledger nor the vendor can settle."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from campaign.attempt import (
    FOR_A_PERSON,
    Action,
    Attempt,
    AttemptRow,
    AttemptState,
    ResolutionRow,
    as_attempt,
)
from campaign.attempts import Attempts, close_books, moved, taken
from campaign.database import now, transaction, with_zone
from campaign.errors import StoreError
from campaign.money import Money

GOALS = {
    Action.ATTACH: AttemptState.SUBMITTED,
    Action.ABANDON: AttemptState.CANCELLED,
    Action.RESUBMIT: AttemptState.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """One decision, as the ledger keeps it."""

    attempt: int
    action: Action
    was: AttemptState
    """State before it."""
    provider_id: str | None
    who: str
    why: str
    at: datetime


def waiting(attempts: Attempts) -> list[Attempt]:
    """The attempts that wait for a person, oldest first, with all that is known of them."""
    return attempts.find(FOR_A_PERSON)


def attach(attempts: Attempts, attempt: int, provider_id: str, *, who: str, why: str) -> Attempt:
    """Go on with the vendor's task ``provider_id``; the next run fetches its file.

    Raises:
        StoreError: the attempt waits for nobody, or the task belongs to another one.
    """
    return _resolve(attempts, attempt, Action.ATTACH, who, why, provider_id=provider_id)


def abandon(attempts: Attempts, attempt: int, *, who: str, why: str, charged: Money | None = None) -> Attempt:
    """Give the take up. Without ``charged`` all that was set aside counts as spent, for it may have been.

    Raises:
        StoreError: the attempt waits for nobody.
    """
    return _resolve(attempts, attempt, Action.ABANDON, who, why, charged=charged)


def resubmit(
    attempts: Attempts, attempt: int, *, who: str, why: str, charged: Money | None = None
) -> Attempt:
    """Let the next run pay for the take again, beyond the cap of attempts too. ``charged`` as in `abandon`.

    Raises:
        StoreError: the attempt waits for nobody.
    """
    return _resolve(attempts, attempt, Action.RESUBMIT, who, why, charged=charged)


def resolutions(attempts: Attempts, attempt: int | None = None) -> list[Resolution]:
    """Every decision, oldest first, or those about one attempt."""
    query = select(ResolutionRow).order_by(ResolutionRow.id)
    if attempt is not None:
        query = query.where(ResolutionRow.attempt == attempt)
    with transaction(attempts.engine) as session:
        return [
            Resolution(
                attempt=row.attempt,
                action=row.action,
                was=row.was,
                provider_id=row.provider_id,
                who=row.who,
                why=row.why,
                at=with_zone(row.at),
            )
            for row in session.scalars(query)
        ]


def _resolve(
    attempts: Attempts,
    attempt: int,
    action: Action,
    who: str,
    why: str,
    provider_id: str | None = None,
    charged: Money | None = None,
) -> Attempt:
    if not why.strip():
        raise StoreError("the ledger", f"{action} needs a reason.", "Say why: the ledger keeps it.")
    try:
        with transaction(attempts.engine) as session:
            known = session.get(AttemptRow, attempt)
            if known is None or known.state not in FOR_A_PERSON:
                state = known.state.value if known else "not there"
                raise StoreError(
                    "the ledger",
                    f"attempt {attempt} is {state}; only lost and ambiguous ones wait for a person.",
                    "Run `reelsheet resolve` to see which do.",
                )
            was = known.state
            row = moved(session, attempt, GOALS[action])
            row.resolution, row.note = action.value, f"{action} by {who}: {why}"
            # Nobody works on it: the next run may take it over at once.
            row.held_until = now()
            if action is Action.ATTACH:
                row.provider_id = provider_id
            else:
                close_books(session, row, charged.micros if charged else row.reserved)
            session.add(
                ResolutionRow(
                    attempt=attempt,
                    action=action,
                    was=was,
                    provider_id=provider_id,
                    who=who,
                    why=why,
                    at=now(),
                )
            )
            session.flush()
            return as_attempt(row)
    except IntegrityError as error:
        raise taken(provider_id) from error
