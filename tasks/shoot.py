"""Takes: one per shot, for each aspect where the backend draws every aspect."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from prefect import task

from campaign.content_key import Json
from campaign.errors import GenerationError, ReelsheetError
from campaign.events import CapReached, Step, Stepped, Worked, announce
from campaign.frames import Aspect
from campaign.hosted_errors import BudgetError
from model.backend import Backend, RunsOn, TakeOutcome, TakeRequest
from model.registry import load_backend
from tasks.policies import NOT_CACHED
from tasks.pool import BuildAll, Made, Wanted, left_to_others, obtain
from tasks.spot import Chunk, Spot
from tasks.workshop import Workshop

FILE = "take.mp4"

Place = tuple[str, Aspect, str]
"""Spot id, aspect and shot id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeJob:
    backend: str
    request: TakeRequest


@task(name="shoot", cache_policy=NOT_CACHED)
def shoot(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Make every take of the chunk that is not in the store; one that fails stops its spot alone."""
    spots = {spot.id: spot for spot in chunk.going()}
    by_backend: dict[str, dict[Place, Wanted]] = {}
    parts: dict[str, float] = {}
    for spot in tuple(spots.values()):
        try:
            backend = workshop.backend(spot.brief.backend)
            wanted = {(spot.id, *place): want for place, want in wanted_takes(spot, backend).items()}
        except ReelsheetError as error:
            spots[spot.id] = spot.failed(str(error))
            continue
        by_backend.setdefault(backend.name, {}).update(wanted)
        parts[spot.id] = 1 / len(wanted)
    for name, wanted in by_backend.items():
        for (spot_id, aspect, shot), made in obtain(
            workshop.store, wanted, _build_all(workshop.backend(name), workshop)
        ):
            spots[spot_id] = _with_take(spots[spot_id], aspect, shot, made, parts[spot_id])
    return chunk.with_spots(spots.values())


def wanted_takes(spot: Spot, backend: Backend) -> dict[tuple[Aspect, str], Wanted]:
    """What the spot's takes are to be, by aspect and shot id.

    Raises:
        GenerationError: the backend cannot make one of them as asked.
    """
    return {
        place: Wanted(
            kind="take",
            recipe=backend.recipe(request),
            build=build_take,
            job=TakeJob(backend=spot.brief.backend, request=request),
        )
        for place, request in take_requests(spot, backend).items()
    }


def take_requests(spot: Spot, backend: Backend) -> dict[tuple[Aspect, str], TakeRequest]:
    """The takes that the cut needs: one per shot, in each aspect where the backend draws every aspect.

    Raises:
        GenerationError: the backend cannot make one of them as asked.
    """
    assert spot.storyboard
    assert spot.timeline
    aspects = spot.brief.aspects if backend.draws_every_aspect else spot.brief.aspects[:1]
    return {
        (aspect, shot.id): TakeRequest(
            shot=shot,
            language=spot.storyboard.language,
            spec=backend.frame_spec(aspect, spot.size, timed.num_frames / spot.timeline.fps),
            seed=spot.storyboard.seed + number,
            kit=spot.kit,
        )
        for aspect in aspects
        for number, (shot, timed) in enumerate(zip(spot.storyboard.shots, spot.timeline.shots, strict=True))
    }


def build_take(job: TakeJob, folder: Path) -> Mapping[str, Json]:
    """Make one take in this process."""
    for outcome in load_backend(job.backend).make([job.request], folder, lambda *_: None):
        return _kept(outcome, folder)
    raise GenerationError("The backend gave nothing back.")


def _build_all(backend: Backend, workshop: Workshop) -> BuildAll:
    if workshop.leaves:
        return left_to_others
    match backend.runs_on:
        case RunsOn.CPU_POOL:
            return workshop.pool.build_all
        case RunsOn.HERE:
            return lambda missing: _build_wave(backend, missing, workshop)


def _build_wave(
    backend: Backend, missing: Mapping[str, Wanted], workshop: Workshop
) -> Iterator[tuple[str, Made]]:
    """One call for all that is missing; each take is in the store as soon as it is made."""
    keys = {id(want.job.request): key for key, want in missing.items()}
    scratch = workshop.store.scratch()
    try:
        for outcome in backend.make([want.job.request for want in missing.values()], scratch, _tell):
            key = keys[id(outcome.request)]
            yield key, _stored(outcome, missing[key], workshop)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _stored(outcome: TakeOutcome, want: Wanted, workshop: Workshop) -> Made:
    try:
        return workshop.store.make(want.kind, want.recipe, lambda folder: _kept(outcome, folder))
    except ReelsheetError as error:
        return error


def _tell(shot: str, done: int, total: int) -> None:
    announce(Stepped(shot=shot, done=done, total=total))


def _kept(outcome: TakeOutcome, folder: Path) -> dict[str, Json]:
    if outcome.error:
        raise outcome.error
    assert outcome.path
    outcome.path.replace(folder / FILE)
    request = outcome.request
    return {
        "shot": request.shot.id,
        "seed": request.seed,
        "frames": request.spec.num_frames,
        "fps": request.spec.fps,
        **outcome.facts,
    }


def _with_take(spot: Spot, aspect: Aspect, shot: str, made: Made, part: float) -> Spot:
    if isinstance(made, BudgetError):
        announce(CapReached(spot_id=spot.id, reason=str(made)))
    if isinstance(made, ReelsheetError):
        return spot.failed_by(made, shot)
    announce(Worked(step=Step.SHOOT, spot_id=spot.id, what=shot, reused=made.reused, part=part))
    return replace(spot.counting(made), takes={**spot.takes, (aspect, shot): made.file(FILE)})
