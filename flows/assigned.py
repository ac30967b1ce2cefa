"""What a worker of a pool does for a batch that another machine holds."""

from collections import Counter
from pathlib import Path

from campaign.errors import StoreError
from campaign.lease import Leases, holding
from campaign.stops import Stops
from flows.leaving import leaving_when_asked
from flows.line import Stage, down_the_line
from flows.machine import setup_for
from flows.seen import seen
from flows.settings import load_settings
from tasks.audience import Audience
from tasks.backends import caps_of
from tasks.content import restore
from tasks.setup import Setup
from tasks.spot import Chunk, Spot
from tasks.workshop import Workshop, open_store


def work_on(batch: int, spots: list[str], errand: str, stages: tuple[Stage, ...]) -> dict[str, int]:
    """Send the spots of that batch through ``stages``; how many came through, and how many ended how.

    Meanwhile the errand's lease in the ledger says that somebody is at it.

    Raises:
        BusyError: somebody else does this errand.
        StoreError: the ledger does not know the batch, or the store not what it is made from.
    """
    setup = setup_for(load_settings(), Path())
    campaign, known, _ = restore(open_store(setup), _content_of(batch, setup))
    wanted = set(spots)
    chunk = Chunk(batch, tuple(spot for spot in known if spot.id in wanted))
    workshop = Workshop(setup, campaign.name, campaign.settings.policy, caps_of(campaign, setup))
    workshop.batch = batch
    try:
        with (
            holding(setup.ledger, errand, setup.who),
            leaving_when_asked(),
            seen(stages[-1].__name__, campaign, batch, setup),
            Audience(workshop, campaign).helping(),
        ):
            done = down_the_line(chunk, workshop, stages).spots
    finally:
        workshop.close()
    _note(batch, done, setup)
    return dict(Counter(spot.failure.state.value if spot.failure else "made" for spot in done))


def _content_of(batch: int, setup: Setup) -> str:
    leases = Leases(setup.ledger)
    lease = leases.of_batch(batch)
    leases.close()
    if lease is None:
        raise StoreError(
            "the ledger",
            f"knows no batch {batch} under way.",
            "Let all machines use one ledger; a batch that another one followed needs no worker.",
        )
    return lease.content


def _note(batch: int, spots: tuple[Spot, ...], setup: Setup) -> None:
    stops = Stops(setup.ledger)
    stops.note(batch, {s.id: (s.failure.state, s.failure.reason) for s in spots if s.failure})
    stops.close()
