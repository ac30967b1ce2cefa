"""Takes: made by the backend that is wanted, or by the next of the rung's list who may stand in for it."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace

from prefect import task

from campaign.errors import ReelsheetError
from campaign.events import CapReached, Step, Stepped, Worked, announce
from campaign.frames import Aspect
from campaign.hosted_errors import BudgetError
from campaign.ladder import Rung
from model.backend import Backend, RunsOn, TakeOutcome
from tasks.builds import TAKE, kept
from tasks.policies import NOT_CACHED
from tasks.pool import BuildAll, Made, Wanted, left_to_others, obtain
from tasks.spot import Chunk, Spot
from tasks.takes import Turn, keep_notes, next_turn, turns
from tasks.workshop import Workshop

ShotName = tuple[str, str]
"""Spot id and shot id."""


@task(name="shoot", cache_policy=NOT_CACHED)
def shoot(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Make every take of the chunk that is not in the store; a shot that nobody can make stops its spot."""
    spots = {spot.id: spot for spot in chunk.going()}
    asked: list[Turn] = []
    for spot in tuple(spots.values()):
        try:
            asked += turns(spot, workshop)
        except ReelsheetError as error:
            spots[spot.id] = spot.failed(str(error))
    while asked:
        asked = [turn for turn in asked if spots[turn.spot_id].failure is None]
        asked = _round(asked, spots, workshop)
    return chunk.with_spots(spots.values())


def _round(asked: list[Turn], spots: dict[str, Spot], workshop: Workshop) -> list[Turn]:
    """One call of each backend for all whose turn it has; the turns that follow from what failed."""
    by_backend: dict[tuple[str, Rung], list[Turn]] = {}
    for turn in asked:
        by_backend.setdefault((turn.backend, turn.rung), []).append(turn)
    following: list[Turn] = []
    for (name, rung), mine in by_backend.items():
        wanted = {
            (turn.spot_id, turn.shot_id, aspect): want for turn in mine for aspect, want in turn.wants.items()
        }
        parts = {(turn.spot_id, turn.shot_id): _part(turn, spots) for turn in mine}
        failed: dict[ShotName, ReelsheetError] = {}
        build_all = _build_all(workshop.backend(name, rung), workshop)
        for (spot_id, shot, aspect), made in obtain(workshop.store, wanted, build_all):
            if isinstance(made, ReelsheetError):
                failed.setdefault((spot_id, shot), made)
            else:
                spots[spot_id] = _with_take(spots[spot_id], aspect, shot, made, parts[spot_id, shot])
        for turn in mine:
            error = failed.get((turn.spot_id, turn.shot_id))
            following += _settled(turn, error, spots, workshop)
    return following


def _settled(
    turn: Turn, error: ReelsheetError | None, spots: dict[str, Spot], workshop: Workshop
) -> list[Turn]:
    """Note in its spot what became of the turn; the next one, where there is one."""
    spot = spots[turn.spot_id]
    try:
        if error is not None:
            return [next_turn(turn, error, spot, workshop)] if spot.failure is None else []
        keep_notes(turn, spot, workshop)
    except ReelsheetError as last:
        if isinstance(last, BudgetError):
            announce(CapReached(spot_id=spot.id, reason=str(last)))
        spots[spot.id] = spot.failed_by(last, turn.shot_id)
        return []
    stood_in = {turn.shot_id: turn.why_degraded} if turn.before else {}
    spots[spot.id] = replace(
        spot, used={**spot.used, turn.shot_id: turn.backend}, stood_in={**spot.stood_in, **stood_in}
    )
    return []


def _part(turn: Turn, spots: Mapping[str, Spot]) -> float:
    board = spots[turn.spot_id].storyboard
    assert board
    return 1 / len(board.shots) / len(turn.requests)


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
        return workshop.store.make(want.kind, want.recipe, lambda folder: kept(outcome, folder))
    except ReelsheetError as error:
        return error


def _tell(shot: str, done: int, total: int, words: str = "", /) -> None:
    announce(Stepped(shot=shot, done=done, total=total, words=words))


def _with_take(spot: Spot, aspect: Aspect, shot: str, made: Made, part: float) -> Spot:
    assert not isinstance(made, ReelsheetError)
    announce(Worked(step=Step.SHOOT, spot_id=spot.id, what=shot, reused=made.reused, part=part))
    return spot.counting(made).having(takes={**spot.takes, (aspect, shot): made.file(TAKE)})
