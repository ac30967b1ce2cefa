"""Frames out of a video file, at the rate that is asked for."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import av
import cv2

from campaign.errors import FinishError
from media.planes import new_frame, planes_of_frame

Fit = Callable[[av.VideoFrame], av.VideoFrame]
"""Makes a frame of its own (yuv420p, BT.709 limited, the target's size) from a decoded one."""

_ROUNDING = 1e-3
"""Seconds; time stamps are rounded to the container's clock, 1 ms in Matroska."""


class Retiming(StrEnum):
    """How a take of another frame rate comes to the delivery's."""

    DUPLICATE = "duplicate"
    """The latest frame is shown again: sharp, with the judder of the take's own rate."""
    BLEND = "blend"
    """Neighbours are mixed by nearness in time: smooth, with a soft double edge on fast motion."""


def decode(path: Path) -> Iterator[av.VideoFrame]:
    """Every frame in order of display.

    Raises:
        FinishError: no such file, no pictures in it, or they cannot be decoded.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise FinishError(f"pictures of {path.name}", "the file has no video stream.")
            stream = container.streams.video[0]
            # One worker per core: threads inside a worker only cost.
            stream.codec_context.thread_count = 1
            yield from container.decode(stream)
    except (av.FFmpegError, OSError) as error:
        raise FinishError(f"pictures of {path.name}", str(error)) from error


def take_frames(path: Path, fps: int, num_frames: int, fit: Fit, retiming: Retiming) -> Iterator[av.VideoFrame]:
    """Exactly ``num_frames`` frames at ``fps`` from the start of ``path``, each safe to draw on.

    Frames are placed by their own times, so a variable rate keeps its motion.

    Raises:
        FinishError: the take is too short; says by how much.
    """
    wanted = 0
    before: av.VideoFrame | None = None
    for frame, start, end in _timed(decode(path)):
        due = range(wanted, min(num_frames, _frames_before(end, fps)))
        if retiming is Retiming.BLEND and before is not None:
            raise NotImplementedError
        if due:
            fitted = fit(frame)
            yield from (_copy(fitted) for _ in due[1:])
            yield fitted
            wanted = due.stop
        if wanted == num_frames:
            return
        _ = start
    raise FinishError(
        f"take {path.name}",
        f"ends after {wanted / fps:.2f} s, but the cut needs {num_frames / fps:.2f} s. Make it longer.",
    )
