"""A batch whose takes and renditions are made by the workers of the pools.

The store says what is there; Prefect says only which errands are over. What is missing then is sent again,
but not for ever.
"""

import logging
from collections.abc import Iterable, Sequence

from campaign.events import SpotDone, announce
from campaign.fleet_errors import LostWorkError
from campaign.report import RowState
from campaign.stops import Stops
from flows.line import FROM_RENDITIONS, FROM_TAKES, down_the_line
from tasks.dispatch import Fleet
from tasks.errands import MOST_TRIES, TAKE, Deployment, Errand, finishes_of, waves_of
from tasks.spot import Chunk, Failure, Spot
from tasks.workshop import Workshop

log = logging.getLogger(__name__)


def through_the_pools(spots: Sequence[Spot], content: str, workshop: Workshop) -> list[Spot]:
    """The spots at their ends. Takes go out in waves; what has its takes goes out in chunks to be finished.

    Raises:
        ServerError: the server cannot be used; what is under way goes on and is found by the next run.
    """
    now = {spot.id: spot for spot in spots}
    stops = Stops(workshop.setup.ledger)
    with Fleet(workshop.batch, workshop.setup.ledger) as fleet:

        def send(errands: Iterable[Errand]) -> None:
            for errand in errands:
                stops.forget(workshop.batch, errand.spots)
                fleet.send(errand)

        send(waves_of(spots, content, workshop))
        send(_finishes(spots, content, workshop))
        for ended in fleet.ended():
            further: list[Spot] = []
            for errand, state in ended:
                log.info("%s, attempt %d: %s", errand.name, errand.number, state)
                before = {name: now[name] for name in errand.spots}
                done = _gone_on(errand, before.values(), workshop)
                missing = [spot for spot in done if _still_lacks(spot, before[spot.id], errand)]
                known = stops.of(workshop.batch, [spot.id for spot in missing])
                lost = [spot for spot in missing if spot.id not in known]
                now |= {spot.id: spot for spot in done}
                now |= {spot.id: _stopped(spot, *known[spot.id]) for spot in missing if spot.id in known}
                if errand.tries < MOST_TRIES:
                    send([errand.again(spot.id for spot in lost)] if lost else [])
                else:
                    now |= {spot.id: _given_up(spot, errand, state) for spot in lost}
                further += [spot for spot in done if spot not in missing]
            send(waves_of(further, content, workshop))
            send(_finishes(further, content, workshop))
    stops.close()
    return [now[spot.id] for spot in spots]


def _finishes(spots: Sequence[Spot], content: str, workshop: Workshop) -> list[Errand]:
    ready = [spot for spot in spots if spot.failure and spot.failure.lacks not in ("", TAKE)]
    return finishes_of(ready, content, workshop.setup.chunk)


def _gone_on(errand: Errand, spots: Iterable[Spot], workshop: Workshop) -> tuple[Spot, ...]:
    """The spots from where they waited, with what is in the store."""
    stages = FROM_RENDITIONS if errand.deployment is Deployment.FINISH else FROM_TAKES
    chunk = Chunk(errand.number, tuple(spot.having(failure=None) for spot in spots))
    return down_the_line(chunk, workshop, stages).spots


def _still_lacks(spot: Spot, before: Spot, errand: Errand) -> bool:
    """Whether it lacks what the errand was to bring; a spot that has risen lacks something else."""
    if spot.failure is None or spot.rung is not before.rung:
        return False
    return bool(spot.failure.lacks) if errand.deployment is Deployment.FINISH else spot.failure.lacks == TAKE


def _stopped(spot: Spot, state: RowState, reason: str) -> Spot:
    announce(SpotDone(spot_id=spot.id, row_id=spot.brief.id, state=state, reason=reason))
    return spot.having(failure=Failure(state=state, reason=reason))


def _given_up(spot: Spot, errand: Errand, state: str) -> Spot:
    assert spot.failure
    error = LostWorkError(spot.failure.lacks, errand.tries, state)
    return _stopped(spot, RowState.FAILED, str(error))
