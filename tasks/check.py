"""Finished renditions past the policy, with their labels as read back, before they are published."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from typing import Any

from prefect import task

from campaign.content_key import file_digest
from campaign.errors import ReelsheetError
from campaign.ladder import Rung
from campaign.store import Artefact
from finishing.provenance import read_credentials
from finishing.rendition import VIDEO
from moderation.check import AssetUsed, Caption, LabelsSeen, Material, Video
from moderation.finding import Stage
from tasks.builds import UNSIGNED, see_labels
from tasks.doubts import shown_while_doubted
from tasks.judge import judge, prefetch
from tasks.policies import NOT_CACHED
from tasks.spot import Chunk, Spot, about
from tasks.workshop import Workshop


@task(name="check", cache_policy=NOT_CACHED)
def check(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Hold every rendition of each spot against the policy."""
    finals = chunk.on(Rung.FINAL).spots
    prefetch(((spot, Stage.FINAL, final_material(spot)) for spot in finals), workshop)
    return chunk.with_spots(check_spot(spot, workshop) for spot in finals)


@about
def check_spot(spot: Spot, workshop: Workshop) -> Spot:
    try:
        judged = judge(spot, Stage.FINAL, final_material(spot), workshop.for_spot(spot))
        return shown_while_doubted(judged, workshop)
    except ReelsheetError as error:
        return spot.failed(str(error))


def final_material(spot: Spot) -> Material:
    """All renditions of the spot, what is in them, and the licences of what was used."""
    assets = tuple(
        AssetUsed(where=where, file=asset.file, licence=asset.licence, expires=asset.expires)
        for where, asset in spot.kit.assets().items()
    )
    # Renditions come in the order in which they were finished; a verdict's key must not.
    renditions = [(spot.renditions[aspect], f"the {aspect} video") for aspect in spot.brief.aspects]
    return Material(
        videos=tuple(_video(made, name) for made, name in renditions),
        labels=tuple(replace(labels_seen(made), name=name) for made, name in renditions),
        assets=assets,
        day=date.today() if any(asset.expires for asset in assets) else None,
    )


def _video(made: Artefact, name: str) -> Video:
    captions = tuple(Caption(**caption) for caption in made.facts["captions"])
    return Video(path=made.file(VIDEO), captions=captions, name=name)


def labels_seen(made: Artefact) -> LabelsSeen:
    """The labels of the finished file: as they were read when it was made, or anew if it changed since.

    Raises:
        FinishError: the file changed and cannot be read.
        LabelError: likewise, for its credentials.
    """
    file = made.file(VIDEO)
    seen: Mapping[str, Any] = made.facts["seen"]
    if made.facts.get("sha256") != file_digest(file):
        box = made.facts["label_box"]
        credentials = read_credentials(file) if find_spec("c2pa") else UNSIGNED
        seen = see_labels(file, tuple(box) if box else None, credentials)
    return LabelsSeen(
        file=file,
        visible=tuple(seen["visible"]) if seen["visible"] else None,
        visible_problem=seen["visible_problem"],
        ink_height=seen["ink_height"],
        aigc=tuple(seen["aigc"]),
        c2pa=seen["c2pa"],
        c2pa_problems=tuple(seen["c2pa_problems"]),
        c2pa_source=seen["c2pa_source"],
    )
