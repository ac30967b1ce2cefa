"""A chunk of spots, finished on one worker."""

from prefect import flow

from flows.assigned import work_on
from flows.line import TO_RENDITIONS


@flow(name="finish-spots")
def spots(batch: int, spots: list[str], errand: str) -> dict[str, int]:
    """Make the renditions of these spots that are not in the store, and hold them against the policy.

    Args:
        batch: Number of the batch in the ledger.
        spots: Ids of its spots.
        errand: Name under which the ledger hears that somebody is at it.
    """
    return work_on(batch, spots, errand, TO_RENDITIONS)
