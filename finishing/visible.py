"""The visible AI-content label as a viewer sees it: measured on decoded frames, where it was put."""

from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from campaign.errors import FinishError
from media.mux import UNDECODED, packets
from media.planes import planes_of_frame

PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_ROW_SHARE = 0.01
"""Of the box's width that must be ink for a row to count as part of the letters."""
_MARGINS = (0.2, 0.1)
"""Of the plate's height, at its sides and above and below: less than the room around the letters."""
_FILLED = (0.04, 0.5)
"""Share of the box that letters cover; a bright picture covers more, noise less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSight:
    """Light letters on their plate, at one moment."""

    time: float
    """Seconds."""
    ink_height: int
    """Pixels from the top of the highest to the bottom of the lowest letter."""
    ink_share: float
    """The same, of the frame's short side."""
    contrast: float
    """Luma of the letters less that of their plate, 0 to 219."""
    letters: NDArray[np.bool_]
    """Which pixels of the plate are ink."""

    @property
    def plausible(self) -> bool:
        """Whether this can be type on a plate at all."""
        low, high = _FILLED
        # Letters have plate above and below them; a busy picture goes on to the edges.
        framed = self.letters[0].mean() < _ROW_SHARE and self.letters[-1].mean() < _ROW_SHARE
        return bool(framed and low <= float(self.letters.mean()) <= high)


def see_label(path: Path, box: PixelBox, times: tuple[float, ...]) -> tuple[LabelSight, ...]:
    """What is in ``box`` at each of ``times``, which rise; shorter files give fewer.

    Raises:
        FinishError: the file cannot be decoded.
    """
    return tuple(_sight(frame, box, time) for time, frame in frames_at(path, times))


def likeness(one: LabelSight, other: LabelSight) -> float:
    """How much the same letters are seen twice: intersection over union, 0 to 1."""
    union = int((one.letters | other.letters).sum())
    return int((one.letters & other.letters).sum()) / union if union else 0.0


def _sight(frame: av.VideoFrame, box: PixelBox, time: float) -> LabelSight:
    left, top, right, bottom = _inside(box)
    luma = np.ascontiguousarray(planes_of_frame(frame).y[top:bottom, left:right])
    threshold, _ = cv2.threshold(luma, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    letters = luma > threshold
    rows = np.flatnonzero(letters.mean(axis=1) >= _ROW_SHARE)
    height = int(rows[-1] - rows[0]) + 1 if rows.size else 0
    whole = bool(letters.any()) and not bool(letters.all())
    contrast = float(luma[letters].mean() - luma[~letters].mean()) if whole else 0.0
    return LabelSight(
        time=time,
        ink_height=height,
        ink_share=height / min(frame.width, frame.height),
        contrast=contrast,
        letters=letters,
    )


def _inside(box: PixelBox) -> PixelBox:
    """The plate without its round corners, through which a bright picture would pass for letters."""
    left, top, right, bottom = box
    across, down = (round(share * (bottom - top)) for share in _MARGINS)
    return left + across, top + down, right - across, bottom - down


def frames_at(path: Path, times: tuple[float, ...]) -> list[tuple[float, av.VideoFrame]]:
    """The frame at each of ``times``, as `see_label` takes it.

    Raises:
        FinishError: the file cannot be decoded.
    """
    found: list[tuple[float, av.VideoFrame]] = []
    try:
        with av.open(str(path), stream_options=[UNDECODED]) as container:  # type: ignore[list-item]  # Typed as text.
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            half = float(1 / (stream.average_rate or 24)) / 2
            for time in times:
                container.seek(round(time * av.time_base), backward=True)
                frame = _first_from(container, stream, time - half)
                if frame is not None:
                    found.append((time, frame))
    except (av.FFmpegError, OSError, IndexError) as error:
        raise FinishError(f"pictures of {path.name}", str(error)) from error
    return found


def _first_from(container: InputContainer, stream: VideoStream, earliest: float) -> av.VideoFrame | None:
    """The first frame from that second on, decoding nothing that comes after it.

    A decoder holds a frame back until it has seen which others are shown before it. Where a closed group
    begins nothing is, so that one picture does.
    """
    tick, frames = float(stream.time_base or 0), list[av.VideoFrame]()
    for packet in packets(container, stream):
        frames += stream.codec_context.decode(packet)
        begins = packet.is_keyframe and (packet.pts or 0) * tick >= earliest
        if begins or (packet.dts or 0) * tick > earliest:
            break
    frames += stream.codec_context.decode(None)
    return next((frame for frame in frames if (frame.pts or 0) * tick >= earliest), None)
