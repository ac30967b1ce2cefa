"""Briefs to storyboards."""

from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from prefect import task
from pydantic import TypeAdapter

from campaign.brief import Brief
from campaign.content_key import Json, content_key
from campaign.errors import ReelsheetError
from campaign.events import Step, Worked, announce
from campaign.store import Artefact
from campaign.storyboard import Storyboard
from finishing.translation import with_translation
from tasks.policies import NOT_CACHED
from tasks.spot import Chunk, Spot, about
from tasks.takes import check_backends
from tasks.workshop import Workshop

FILE = "storyboard.json"


@task(name="expand", cache_policy=NOT_CACHED)
def expand(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Write each spot's storyboard, or take the one that was written from the same brief."""
    with suppress(ReelsheetError):  # Said by the spot that it concerns.
        workshop.store.prefetch(
            ("storyboard", content_key(workshop.expander.recipe(spot.brief, spot.kit, spot.variant)))
            for spot in chunk.going()
        )
    return chunk.with_spots(expand_spot(spot, workshop) for spot in chunk.going())


@about
def expand_spot(spot: Spot, workshop: Workshop) -> Spot:
    brief, kit, variant = spot.brief, spot.kit, spot.variant
    try:
        # Backends and voices that cannot be used are said before anything is made for them.
        check_backends(brief.ladder, workshop)
        workshop.check_voices(brief.voice or kit.voices.of(brief.language))
        made = workshop.store.make(
            "storyboard",
            workshop.expander.recipe(brief, kit, variant),
            lambda folder: _write(workshop.expander.expand(brief, kit, variant), brief, folder),
        )
        storyboard = read_board(made, brief)
    except ReelsheetError as error:
        return spot.failed(str(error))
    announce(Worked(step=Step.EXPAND, spot_id=spot.id, what=spot.id, reused=made.reused))
    return spot.counting(made).having(storyboard=storyboard)


def read_board(made: Artefact, brief: Brief) -> Storyboard:
    """A stored storyboard, with the row's pictures where they lie now: bytes decide, not paths.

    The translation is laid over it here, so that correcting it remakes no take.
    """
    board = _adapter().validate_json(made.file(FILE).read_bytes())
    moved = dict(zip(made.facts["images"], brief.images, strict=True))
    shots = (replace(shot, image=moved[str(shot.image)]) if shot.image else shot for shot in board.shots)
    return with_translation(replace(board, shots=tuple(shots)), brief.translation)


@cache
def _adapter() -> TypeAdapter[Storyboard]:
    return TypeAdapter(Storyboard)


def _write(storyboard: Storyboard, brief: Brief, folder: Path) -> dict[str, Json]:
    (folder / FILE).write_bytes(_adapter().dump_json(storyboard, indent=1))
    return {"shots": len(storyboard.shots), "images": [str(image) for image in brief.images]}
