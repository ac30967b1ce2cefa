"""A chunk of spots, finished on one worker."""

from prefect import flow

from flows.assigned import work_on
from flows.line import TO_RENDITIONS


@flow(name="finish-spots")
def spots(batch: int, spots: list[str], attempt: int = 1) -> dict[str, int]:  # noqa: ARG001  # It tells runs apart.
    """Make the renditions of these spots that are not in the store, and hold them against the policy.

    Args:
        batch: Number of the batch in the ledger.
        spots: Ids of its spots.
        attempt: How often the chunk was begun.
    """
    return work_on(batch, spots, TO_RENDITIONS)
