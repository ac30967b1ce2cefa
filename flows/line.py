"""The line: the stages that every spot passes through, in order."""

from collections.abc import Callable
from dataclasses import replace

from tasks.check import check
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

STAGES: tuple[Stage, ...] = (expand, screen, speak, shoot, watch, finish, check, deliver)
TO_TAKES = STAGES[: STAGES.index(shoot) + 1]
"""What a worker does that makes takes; what is there already is found."""
TO_RENDITIONS = STAGES[: STAGES.index(deliver)]
"""What a worker does that finishes: all but delivering, which only the holder of the batch may do."""
FROM_TAKES = STAGES[STAGES.index(shoot) :]
FROM_RENDITIONS = STAGES[STAGES.index(finish) :]


def down_the_line(chunk: Chunk, workshop: Workshop, stages: tuple[Stage, ...] = STAGES) -> Chunk:
    """The chunk after ``stages``.

    A spot that lacks what other machines make stays as it was before that stage.
    """
    for stage in stages:
        done = stage(chunk, workshop)
        chunk = done.with_spots(
            replace(before, failure=after.failure)
            for before, after in zip(chunk.spots, done.spots, strict=True)
            if after.failure and after.failure.lacks
        )
    return chunk
