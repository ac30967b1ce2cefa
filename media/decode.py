"""Frames out of a video file, at the rate that is asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import av
import cv2

from campaign.errors import FinishError
from media.interpolate import Between
from media.planes import new_frame, planes_of_frame

Fit = Callable[[av.VideoFrame], av.VideoFrame]
"""Makes a yuv420p BT.709 limited frame of the target's size from a decoded one; may return it as it is."""

_ROUNDING = 1e-3
"""Seconds; time stamps are rounded to the container's clock, which in Matroska is 1 ms."""


class Retiming(StrEnum):
    """How a take of another frame rate comes to the delivery's."""

    DUPLICATE = "duplicate"
    """The latest frame is shown again: sharp, with the judder of the take's own rate."""
    BLEND = "blend"
    """Neighbours are mixed by nearness in time: smooth, with a soft double edge on fast motion."""
    FLOW = "flow"
    """Neighbours are carried along their motion: smooth and sharp, at about thrice the cost of encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A frame and the seconds, from the first frame, between which it is the one to see."""

    frame: av.VideoFrame
    start: float
    end: float
    following: av.VideoFrame | None

    @property
    def length(self) -> float:
        return self.end - self.start


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


def take_frames(
    path: Path, fps: int, num_frames: int, fit: Fit, retiming: Retiming
) -> Iterator[av.VideoFrame]:
    """Exactly ``num_frames`` frames at ``fps`` from the start of ``path``.

    They may be the decoder's own, which it still predicts from, and may come more than once: what is drawn on
    one must be taken off again (`media.blend.laid_over`).

    Frames are placed by their own times, so a variable rate keeps its motion.

    Raises:
        FinishError: the take is too short; says by how much.
    """
    done = 0
    ready: av.VideoFrame | None = None
    for span in _spans(path):
        shares = []
        while done < num_frames and done / fps < span.end - _ROUNDING:
            shares.append(max(done / fps - span.start, 0.0) / span.length)
            done += 1
        if shares:
            picture = ready or fit(span.frame)
            ready = None
            if retiming is not Retiming.DUPLICATE and span.following and shares[-1] * span.length > _ROUNDING:
                ready = fit(span.following)
            yield from _shown(picture, ready, shares, retiming)
        if done == num_frames:
            return
    raise FinishError(
        f"take {path.name}",
        f"it ends after {done / fps:.2f} s, but the cut needs {num_frames / fps:.2f} s of it. "
        "Make the take longer or the shot shorter.",
    )


def mix_frames(first: av.VideoFrame, second: av.VideoFrame, share: float) -> av.VideoFrame:
    """A new frame with ``share`` (0 to 1) of ``second``, the rest of ``first``."""
    mixed = new_frame(first.width, first.height)
    planes = zip(planes_of_frame(mixed), planes_of_frame(first), planes_of_frame(second), strict=True)
    for target, one, other in planes:
        cv2.addWeighted(one, 1 - share, other, share, 0, dst=target)
    return mixed


def _shown(
    picture: av.VideoFrame, following: av.VideoFrame | None, shares: list[float], retiming: Retiming
) -> Iterator[av.VideoFrame]:
    if following is None:
        yield from (picture for _ in shares)
        return
    between = Between(picture, following) if retiming is Retiming.FLOW else None
    for share in shares:
        if not share:
            yield picture
        else:
            yield between.at(share) if between else mix_frames(picture, following, share)


def _spans(path: Path) -> Iterator[_Span]:
    shown: av.VideoFrame | None = None
    zero, length = 0.0, 0.0
    for frame in decode(path):
        if shown is None:
            zero = frame.time
            # A lone frame lasts as long as its file says that frames do.
            length = _stated_length(frame)
        elif frame.time > shown.time:
            length = frame.time - shown.time
            yield _Span(frame=shown, start=shown.time - zero, end=frame.time - zero, following=frame)
        shown = frame
    if shown is not None:
        start = shown.time - zero
        yield _Span(frame=shown, start=start, end=start + length, following=None)


def _stated_length(frame: av.VideoFrame) -> float:
    return float((frame.duration or 0) * (frame.time_base or 0)) or 1 / 24
