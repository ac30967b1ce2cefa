"""Work for the pools: takes of one backend and size together, and chunks of spots to finish."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from campaign.content_key import content_key
from campaign.errors import ReelsheetError
from model.backend import RunsOn
from model.registry import HOSTED
from tasks.spot import Spot
from tasks.takes import Turn, turns
from tasks.workshop import Workshop

TAKE = "take"
WAVE_SECONDS = 20 * 60
"""Estimated work of a wave: long beside loading the weights, short beside a night."""
MOST_TAKES = 32
"""Of a wave; also where no time can be foreseen."""
MOST_TRIES = 3


class Deployment(StrEnum):
    """What workers know how to do, as ``<flow>/<deployment>``."""

    GPU_WAVE = "generate-wave/gpu"
    CPU_WAVE = "generate-wave/cpu"
    FINISH = "finish-spots/cpu"
    MAKE = "make/cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One piece of work for one worker."""

    deployment: Deployment
    name: str
    """The same for the same spots of the same campaign, whichever of them are still wanted."""
    spots: tuple[str, ...]
    """Ids of those that are."""
    number: int = 1
    """Of the attempt, over all runs of the batch."""
    tries: int = 1
    """In this run of the batch."""

    def again(self, spots: Iterable[str]) -> Self:
        return replace(self, spots=tuple(spots), number=self.number + 1, tries=self.tries + 1)


def waves_of(spots: Sequence[Spot], content: str, workshop: Workshop) -> list[Errand]:
    """The takes that ``spots`` lack, in waves of one backend and size.

    Waves are cut over all spots that have a timeline, lacking or not, so that a batch that is gone on with is
    cut at the same places and finds the waves of its former run.
    """
    together: dict[tuple[object, ...], list[tuple[Spot, float, int]]] = {}
    for spot in spots:
        if spot.timeline is None:
            continue
        try:
            kind, seconds, takes = _work_of(spot, workshop)
        except ReelsheetError:
            # Its row says why: the stage that would make the takes has met the same.
            continue
        together.setdefault(kind, []).append((spot, seconds, takes))
    errands = []
    for (deployment, *_), works in together.items():
        for wave in _cut(works):
            lacking = [spot.id for spot in wave if spot.failure and spot.failure.lacks == TAKE]
            if lacking:
                errands.append(_errand(Deployment(str(deployment)), wave, lacking, content))
    return errands


def finishes_of(spots: Sequence[Spot], content: str, size: int) -> list[Errand]:
    """Chunks of so many spots that lack anything but takes."""
    chunks = [spots[start : start + size] for start in range(0, len(spots), size)]
    return [_errand(Deployment.FINISH, chunk, [spot.id for spot in chunk], content) for chunk in chunks]


def _errand(deployment: Deployment, spots: Sequence[Spot], wanted: Sequence[str], content: str) -> Errand:
    name = content_key([content, deployment.value, [spot.id for spot in spots]])[:12]
    return Errand(deployment=deployment, name=name, spots=tuple(wanted))


def _work_of(spot: Spot, workshop: Workshop) -> tuple[tuple[object, ...], float, int]:
    """Which waves it fits into, its estimated seconds, and how many takes it has."""
    asked = tuple(turns(spot, workshop))
    own_gpu = any(_needs_gpu(turn) for turn in asked)
    seconds, sizes = 0.0, set()
    for turn in asked:
        for request in turn.requests.values():
            estimate = turn.maker.estimate(request)
            seconds += estimate.gpu_seconds if own_gpu else estimate.cpu_seconds
            sizes.add((request.spec.width, request.spec.height))
    deployment = Deployment.GPU_WAVE if own_gpu else Deployment.CPU_WAVE
    makers = frozenset(turn.backend for turn in asked)
    takes = sum(len(turn.requests) for turn in asked)
    return (deployment, spot.rung, makers, frozenset(sizes)), seconds, takes


def _needs_gpu(turn: Turn) -> bool:
    return turn.maker.runs_on is RunsOn.HERE and turn.backend.partition(":")[0] not in HOSTED


def _cut(works: Iterable[tuple[Spot, float, int]]) -> list[list[Spot]]:
    waves: list[list[Spot]] = []
    left, room = 0.0, 0
    for spot, seconds, takes in works:
        if not waves or seconds > left or takes > room:
            waves.append([])
            left, room = float(WAVE_SECONDS), MOST_TAKES
        waves[-1].append(spot)
        left, room = left - seconds, room - takes
    return waves
