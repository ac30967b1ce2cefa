"""A wave: takes of one backend and size, made together on one worker."""

from prefect import flow

from flows.assigned import work_on
from flows.line import TO_TAKES


@flow(name="generate-wave")
def wave(batch: int, spots: list[str], errand: str) -> dict[str, int]:
    """Make the takes of these spots that are not in the store.

    Args:
        batch: Number of the batch in the ledger.
        spots: Ids of its spots.
        errand: Name under which the ledger hears that somebody is at it.
    """
    return work_on(batch, spots, errand, TO_TAKES)
