"""A wave: takes of one backend and size, made together on one worker."""

from prefect import flow

from flows.assigned import work_on
from flows.line import TO_TAKES


@flow(name="generate-wave")
def wave(batch: int, spots: list[str], attempt: int = 1) -> dict[str, int]:  # noqa: ARG001  # It tells runs apart.
    """Make the takes of these spots that are not in the store.

    Args:
        batch: Number of the batch in the ledger.
        spots: Ids of its spots.
        attempt: How often the wave was begun.
    """
    return work_on(batch, spots, TO_TAKES)
