"""Finished renditions past the policy, with their labels as read back, before they are published."""

from datetime import date
from typing import Any

from prefect import task

from campaign.errors import ReelsheetError
from campaign.store import Artefact
from moderation.check import AssetUsed, Caption, LabelsSeen, Material, Video
from moderation.finding import Stage
from tasks.judge import judge
from tasks.policies import NOT_CACHED
from tasks.spot import Chunk, Spot
from tasks.workshop import Workshop


@task(name="check", cache_policy=NOT_CACHED)
def check(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Hold every rendition of each spot against the policy."""
    return chunk.with_spots(check_spot(spot, workshop) for spot in chunk.going())


def check_spot(spot: Spot, workshop: Workshop) -> Spot:
    try:
        return judge(spot, Stage.FINAL, final_material(spot), workshop)
    except ReelsheetError as error:
        return spot.failed(str(error))


def final_material(spot: Spot) -> Material:
    """All renditions of the spot, what is in them, and the licences of what was used."""
    assets = tuple(
        AssetUsed(where=where, file=asset.file, licence=asset.licence, expires=asset.expires)
        for where, asset in spot.kit.assets().items()
    )
    return Material(
        videos=tuple(_video(made) for made in spot.renditions.values()),
        labels=tuple(_labels(made) for made in spot.renditions.values()),
        assets=assets,
        day=date.today() if any(asset.expires for asset in assets) else None,
    )


def _video(made: Artefact) -> Video:
    captions = tuple(Caption(**caption) for caption in made.facts["captions"])
    return Video(path=made.file("video.mp4"), captions=captions)


def _labels(made: Artefact) -> LabelsSeen:
    seen: dict[str, Any] = made.facts["seen"]
    return LabelsSeen(
        file=made.file("video.mp4"),
        visible=tuple(seen["visible"]) if seen["visible"] else None,
        visible_problem=seen["visible_problem"],
        ink_height=seen["ink_height"],
        aigc=tuple(seen["aigc"]),
    )
