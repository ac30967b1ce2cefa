"""What attempts were expected to cost and what they cost, by row, model, brand, batch or day."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Label, case, func, or_, select

from campaign.attempt import FOR_A_PERSON, UNSETTLED, AttemptRow, AttemptState
from campaign.attempts import Attempts
from campaign.database import transaction
from campaign.ledger import BatchRow
from campaign.money import Money


class CostsBy(StrEnum):
    """What costs are added up by."""

    ROW = "row"
    MODEL = "model"
    BRAND = "brand"
    BATCH = "batch"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """The attempts of one row, model, …, in one currency."""

    name: str
    estimated: Money
    """Of every attempt that may have cost."""
    actual: Money
    """Of those that are over."""
    open: Money
    """Still set aside: under way, lost or ambiguous."""
    attempts: int
    succeeded: int
    for_a_person: int
    """Lost or ambiguous."""


_COLUMNS = {
    CostsBy.ROW: AttemptRow.row,
    CostsBy.MODEL: AttemptRow.vendor + ":" + AttemptRow.model,
    CostsBy.BRAND: AttemptRow.brand,
    CostsBy.BATCH: AttemptRow.batch,
    CostsBy.DAY: AttemptRow.day,
}


def costs(attempts: Attempts, by: CostsBy, batch: int | None = None, campaign: str = "") -> list[CostLine]:
    """Lines by name and currency, of a batch, of a campaign's batches, or of all.

    What never reached a vendor is in none of their sums.
    """
    begun = or_(AttemptRow.provider_id.is_not(None), func.coalesce(AttemptRow.actual, 0) > 0)
    counted = case((AttemptRow.state == AttemptState.FAILED, begun), else_=True)
    name: Label[Any] = _COLUMNS[by].label("name")
    query = (
        select(
            name,
            AttemptRow.currency,
            func.sum(case((counted, AttemptRow.estimated), else_=0)),
            func.sum(func.coalesce(AttemptRow.actual, 0)),
            func.sum(case((AttemptRow.state.in_(UNSETTLED), AttemptRow.reserved), else_=0)),
            func.count(),
            func.sum(case((AttemptRow.state == AttemptState.SUCCEEDED, 1), else_=0)),
            func.sum(case((AttemptRow.state.in_(FOR_A_PERSON), 1), else_=0)),
        )
        .group_by(name, AttemptRow.currency)
        .order_by(name, AttemptRow.currency)
    )
    if batch is not None:
        query = query.where(AttemptRow.batch == batch)
    if campaign:
        query = query.where(AttemptRow.batch.in_(select(BatchRow.id).where(BatchRow.campaign == campaign)))
    with transaction(attempts.engine) as session:
        return [
            CostLine(
                name=str(found),
                estimated=Money.of_micros(int(estimated), currency),
                actual=Money.of_micros(int(actual), currency),
                open=Money.of_micros(int(still_open), currency),
                attempts=count,
                succeeded=int(succeeded),
                for_a_person=int(waiting),
            )
            for found, currency, estimated, actual, still_open, count, succeeded, waiting in session.execute(
                query
            )
        ]
