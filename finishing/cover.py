"""Pictures kept while frames pass to the encoder: the cover and a strip that shows the whole spot."""

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from campaign.timing import Timeline
from media.blend import Layer, laid_over
from media.fit import even
from media.planes import Bytes, Planes, planes_of_frame, rgb_from_planes, rgb_of_frame

_PER_SECOND = 2
_EDGE = 0.3
"""Seconds at both ends of a shot that are not looked at: moves begin and settle there."""
_LOOKED_AT = 360
"""About as many lines are enough to measure sharpness."""
_QUALITY = 92
_STRIP = 8
_STRIP_SIDE = 320
"""Pixels of the longer side of a picture in the strip."""


class CoverPicker:
    """Looks at frames as they pass and keeps the best."""

    def __init__(self, timeline: Timeline) -> None:
        self._fps = timeline.fps
        self._candidates = frozenset(_candidates(timeline))
        self._best = -1.0
        self._frame: av.VideoFrame | None = None
        self.time = 0.0
        """Seconds into the spot of the best frame so far."""

    def consider(self, number: int, frame: av.VideoFrame) -> None:
        """Measure frame ``number`` if it is a candidate."""
        if number not in self._candidates:
            return
        sharpness = _sharpness(frame)
        if sharpness > self._best:
            self._best, self._frame, self.time = sharpness, frame, number / self._fps

    def write(self, path: Path, layers: Sequence[Layer]) -> None:
        """The best frame with ``layers`` over it, as JPEG."""
        assert self._frame is not None
        with laid_over(planes_of_frame(self._frame), [(layer, 1.0) for layer in layers]):
            Image.fromarray(rgb_of_frame(self._frame)).save(path, quality=_QUALITY)


class FilmStrip:
    """A row of small pictures at even times, as they are delivered."""

    def __init__(self, num_frames: int) -> None:
        count = min(_STRIP, num_frames)
        self._wanted = frozenset(int((index + 0.5) * num_frames / count) for index in range(count))
        self._pictures: list[Bytes] = []

    def consider(self, number: int, frame: av.VideoFrame) -> None:
        """Keep a small copy of frame ``number`` if it is one of the strip's."""
        if number in self._wanted:
            scale = _STRIP_SIDE / max(frame.width, frame.height)
            width, height = even(frame.width * scale), even(frame.height * scale)
            sizes = ((width, height), (width // 2, height // 2), (width // 2, height // 2))
            y, u, v = (
                np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
                for plane, size in zip(planes_of_frame(frame), sizes, strict=True)
            )
            self._pictures.append(rgb_from_planes(Planes(y, u, v)))

    def write(self, path: Path) -> None:
        """The row as JPEG."""
        Image.fromarray(np.concatenate(self._pictures, axis=1)).save(path, quality=_QUALITY)


def _candidates(timeline: Timeline) -> list[int]:
    step, edge = max(timeline.fps // _PER_SECOND, 1), round(_EDGE * timeline.fps)
    found: list[int] = []
    for shot in timeline.shots:
        calm = range(shot.first_frame + edge, shot.first_frame + shot.num_frames - edge, step)
        found += calm or [shot.first_frame + shot.num_frames // 2]
    return found


def _sharpness(frame: av.VideoFrame) -> float:
    """Spread of the Laplacian, the usual measure of focus (Pech-Pacheco et al., 2000)."""
    luma = planes_of_frame(frame).y
    step = max(min(luma.shape) // _LOOKED_AT, 1)
    edges = cv2.Laplacian(np.ascontiguousarray(luma[::step, ::step]), cv2.CV_16S)
    return float(cv2.meanStdDev(edges)[1][0, 0])
