"""The cover picture: the sharpest of a spot's calm frames."""

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

from campaign.timing import Timeline
from media.blend import Layer, blend
from media.decode import copy_frame
from media.planes import planes_of_frame, rgb_from_planes

_PER_SECOND = 2
_EDGE = 0.3
"""Seconds at both ends of a shot that are not looked at: moves begin and settle there."""
_LOOKED_AT = 360
"""Lines at which sharpness is measured, so that grain does not count as detail."""
_QUALITY = 92


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
        """Measure frame ``number`` if it is a candidate; it is copied only when it is the best so far."""
        if number not in self._candidates:
            return
        sharpness = _sharpness(frame)
        if sharpness > self._best:
            self._best, self._frame, self.time = sharpness, copy_frame(frame), number / self._fps

    def write(self, path: Path, layers: Sequence[Layer]) -> None:
        """The best frame with ``layers`` over it, as JPEG."""
        assert self._frame is not None
        planes = planes_of_frame(self._frame)
        for layer in layers:
            blend(planes, layer)
        Image.fromarray(rgb_from_planes(planes)).save(path, quality=_QUALITY, subsampling=0)


def _candidates(timeline: Timeline) -> list[int]:
    step, edge = max(timeline.fps // _PER_SECOND, 1), round(_EDGE * timeline.fps)
    found: list[int] = []
    for shot in timeline.shots:
        calm = range(shot.first_frame + edge, shot.first_frame + shot.num_frames - edge, step)
        found += calm or [shot.first_frame + shot.num_frames // 2]
    return found


def _sharpness(frame: av.VideoFrame) -> float:
    """Variance of the Laplacian, the usual measure of focus (Pech-Pacheco et al., 2000)."""
    luma = planes_of_frame(frame).y
    scale = min(_LOOKED_AT / min(luma.shape), 1.0)
    small = cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return float(np.var(cv2.Laplacian(small, cv2.CV_32F)))
