"""Briefs to storyboards."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from prefect import task
from pydantic import TypeAdapter

from campaign.content_key import Json
from campaign.errors import ReelsheetError
from campaign.events import Step, Worked, announce
from campaign.storyboard import Storyboard
from tasks.policies import NOT_CACHED
from tasks.spot import Chunk, Spot
from tasks.workshop import Workshop

FILE = "storyboard.json"


@task(name="expand", cache_policy=NOT_CACHED)
def expand(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Write each spot's storyboard, or take the one that was written from the same brief."""
    return chunk.with_spots(expand_spot(spot, workshop) for spot in chunk.going())


def expand_spot(spot: Spot, workshop: Workshop) -> Spot:
    brief, kit, variant = spot.brief, spot.kit, spot.variant
    try:
        made = workshop.store.make(
            "storyboard",
            workshop.expander.recipe(brief, kit, variant),
            lambda folder: _write(workshop.expander.expand(brief, kit, variant), folder / FILE),
        )
        storyboard = adapter().validate_json(made.file(FILE).read_bytes())
    except ReelsheetError as error:
        return spot.failed(str(error))
    announce(Worked(step=Step.EXPAND, spot_id=spot.id, what=spot.id, reused=made.reused))
    return replace(spot.counting(made), storyboard=storyboard)


@cache
def adapter() -> TypeAdapter[Storyboard]:
    """Reads and writes storyboards as JSON."""
    return TypeAdapter(Storyboard)


def _write(storyboard: Storyboard, path: Path) -> dict[str, Json]:
    path.write_bytes(adapter().dump_json(storyboard))
    return {"spot": storyboard.spot_id, "shots": len(storyboard.shots)}
