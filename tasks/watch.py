"""Takes past the policy, before they are finished."""

from prefect import task

from campaign.errors import ReelsheetError
from moderation.check import Material, Video
from moderation.finding import Stage
from tasks.judge import judge, prefetch
from tasks.policies import NOT_CACHED
from tasks.spot import Chunk, Spot, about
from tasks.workshop import Workshop


@task(name="watch", cache_policy=NOT_CACHED)
def watch(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Look at every take of each spot as the policy asks."""
    prefetch(((spot, Stage.TAKE, takes_of(spot)) for spot in chunk.going()), workshop)
    return chunk.with_spots(watch_spot(spot, workshop) for spot in chunk.going())


@about
def watch_spot(spot: Spot, workshop: Workshop) -> Spot:
    try:
        return judge(spot, Stage.TAKE, takes_of(spot), workshop.for_spot(spot))
    except ReelsheetError as error:
        return spot.failed(str(error))


def takes_of(spot: Spot) -> Material:
    """Every take, called by its shot and aspect: in the store all have one name."""
    assert spot.storyboard
    numbers = {shot.id: number for number, shot in enumerate(spot.storyboard.shots, 1)}
    takes = sorted(spot.takes.items())
    return Material(
        videos=tuple(
            Video(path=path, name=f"shot {numbers[shot]}, {aspect}") for (aspect, shot), path in takes
        )
    )
