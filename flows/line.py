"""The line: the stages that every spot passes through, in order."""

import time
from collections.abc import Callable
from dataclasses import replace

from campaign.events import Staged, announce
from tasks.check import check
from tasks.climb import approve, climb
from tasks.deliver import deliver
from tasks.expand import expand
from tasks.finish import finish
from tasks.screen import screen
from tasks.shoot import shoot
from tasks.speak import speak
from tasks.spot import Chunk
from tasks.watch import watch
from tasks.workshop import Workshop

Stage = Callable[[Chunk, Workshop], Chunk]

ON_A_RUNG: tuple[Stage, ...] = (shoot, watch, finish, approve)
"""What a spot passes through on each rung that it stands on; approval lifts it to the next."""
STAGES: tuple[Stage, ...] = (expand, screen, speak, climb, *ON_A_RUNG, check, deliver)
UNTOLD: tuple[Stage, ...] = tuple(getattr(stage, "fn", stage) for stage in STAGES)
"""The same without a task run for each, which cost more than to look for what is there."""
TO_TAKES = STAGES[: STAGES.index(shoot) + 1]
"""What a worker does that makes takes; what is there already is found."""
TO_RENDITIONS = tuple(stage for stage in STAGES if stage not in (approve, deliver))
"""What a worker does that finishes: all but showing and delivering, which only the holder of the batch may
do."""
FROM_TAKES = STAGES[STAGES.index(shoot) :]
FROM_RENDITIONS = STAGES[STAGES.index(finish) :]


def down_the_line(chunk: Chunk, workshop: Workshop, stages: tuple[Stage, ...] = STAGES) -> Chunk:
    """The chunk after ``stages``.

    A spot that lacks what other machines make stays as it was before that stage.
    """
    for stage in stages:
        began, clock, coming = time.time(), time.monotonic(), len(chunk.going())
        done = stage(chunk, workshop)
        seconds = time.monotonic() - clock
        announce(Staged(stage=stage.__name__, chunk=chunk.number, spots=coming, began=began, seconds=seconds))
        left = done.with_spots(
            replace(before, failure=after.failure)
            for before, after in zip(chunk.spots, done.spots, strict=True)
            if after.failure and after.failure.lacks
        )
        chunk = _risen(chunk, left, workshop) if stage is approve else left
    return chunk


def _risen(before: Chunk, after: Chunk, workshop: Workshop) -> Chunk:
    """With those that approval has lifted sent through the stages of their new rung."""
    pairs = zip(before.spots, after.spots, strict=True)
    risen = tuple(new for old, new in pairs if new.failure is None and new.rung is not old.rung)
    if not risen:
        return after
    return after.with_spots(down_the_line(Chunk(after.number, risen), workshop, ON_A_RUNG).spots)
