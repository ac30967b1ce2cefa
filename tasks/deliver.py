"""Finished renditions to the publisher, each through its release in the ledger."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from prefect import task

from campaign.content_key import Json, as_json
from campaign.errors import ReelsheetError
from campaign.events import SpotDone, Step, Worked, announce
from campaign.frames import Aspect
from campaign.ladder import Rung
from campaign.ledger import Release
from campaign.naming import rendition_stem
from campaign.report import RowState
from campaign.store import Artefact
from publishing.publisher import Delivery, already_out, release
from tasks.policies import NOT_CACHED
from tasks.proof import proof_of, write_proof
from tasks.schedule import files_of, held_back, no_longer_shown
from tasks.spot import Chunk, Failure, Spot, about
from tasks.workshop import Workshop

PROOF_ENDING = "_proof.json"
"""Of the proof, which is about this delivery and is written for it."""


@task(name="deliver", cache_policy=NOT_CACHED)
def deliver(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Release every rendition of every spot that came through whole; announce every spot's end."""
    going = chunk.going()
    known = _released(going, workshop)
    with tempfile.TemporaryDirectory() as folder:
        done = chunk.with_spots(deliver_spot(spot, workshop, Path(folder), known) for spot in going)
    for spot in done.spots:
        if spot.failure and spot.failure.lacks:
            continue
        end = spot.failure or Failure(state=RowState.DONE, reason="")
        announce(SpotDone(spot_id=spot.id, row_id=spot.brief.id, state=end.state, reason=end.reason))
    return done


def _released(going: Sequence[Spot], workshop: Workshop) -> Sequence[Release]:
    """What the ledger knows of all their renditions, in one question."""
    try:
        return workshop.ledger.releases_of(made.key for spot in going for made in spot.renditions.values())
    except ReelsheetError:
        # Each spot asks for itself then, and says what is wrong.
        return ()


@about
def deliver_spot(spot: Spot, workshop: Workshop, folder: Path, known: Sequence[Release]) -> Spot:
    assert spot.rung is Rung.FINAL, "what is only to be looked at is never published"
    try:
        waiting = held_back(spot, workshop)
    except ReelsheetError as error:
        return spot.failed(str(error))
    return waiting or _delivered(spot, workshop, folder, known)


def _delivered(spot: Spot, workshop: Workshop, folder: Path, known: Sequence[Release]) -> Spot:
    """Released, where none of the ``known`` has done it; what it writes to ``folder`` need not stay."""
    for aspect, rendition in spot.renditions.items():
        place = rendition_stem(spot.id, aspect)
        try:
            proof = folder / f"{place}{PROOF_ENDING}"
            write_proof(proof_of(spot, aspect, rendition, workshop), proof)
            delivery = delivery_of(spot, aspect, rendition, proof)
            entry = already_out(delivery, workshop.publisher, known) or release(
                delivery, workshop.publisher, workshop.ledger, workshop.batch
            )
        except ReelsheetError as error:
            return spot.failed(str(error))
        except OSError as error:
            return spot.failed(f"Its proof cannot be written: {error}.")
        part = 1 / len(spot.renditions)
        announce(Worked(step=Step.PUBLISH, spot_id=spot.id, what=place, reused=rendition.reused, part=part))
        spot = spot.having(delivered={**spot.delivered, aspect: entry})
    no_longer_shown(spot, workshop)
    return spot


def delivery_of(spot: Spot, aspect: Aspect, rendition: Artefact, proof: Path) -> Delivery:
    return Delivery(
        rendition=rendition.key,
        place=rendition_stem(spot.id, aspect),
        folder=spot.id,
        files={**files_of(rendition), **spot.handed.get(aspect, {}), PROOF_ENDING: proof},
        account=spot.brief.account,
        about=_about(spot, aspect),
    )


def _about(spot: Spot, aspect: Aspect) -> Mapping[str, Json]:
    assert spot.storyboard
    brief = spot.brief
    return {
        "title": spot.storyboard.title,
        "hashtags": list(brief.hashtags),
        "publish_at": brief.publish_at.isoformat() if brief.publish_at else None,
        "aspect": aspect.value,
        "language": brief.language.value,
        "backend": ", ".join(dict.fromkeys(spot.used.values())),
        "seed": spot.storyboard.seed,
        "prompts": [as_json(shot.prompt) for shot in spot.storyboard.shots],
        "ai_generated": True,
    }
