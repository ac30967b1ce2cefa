"""A picture between two, along the motion of what they show."""

from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from media.planes import Bytes, new_frame, planes_of_frame

_FLOW_LINES = 360
"""Lines at which motion is looked for; finer finds noise and costs in proportion."""
_DOUBT = 28.0
"""Luma difference of the two warped pictures from which motion is not believed and they are mixed instead."""

_CUT = 0.25
"""Share of the picture whose motion is believed below which the two show different things."""

# OpenCV's stubs do not allow the None that its functions take.
_BOTH: Any = None
"""Coordinates of both directions are in the first map."""
_UNKNOWN: Any = None
"""No flow to begin from."""


class Between:
    """Two pictures of one size, and the motion from the first to the second."""

    def __init__(self, first: av.VideoFrame, second: av.VideoFrame) -> None:
        self._frames = (first, second)
        self._first, self._second = planes_of_frame(first), planes_of_frame(second)
        height, width = self._first.y.shape
        self._size = (width, height)
        scale = min(_FLOW_LINES / min(height, width), 1.0)
        small = (round(width * scale), round(height * scale))
        one, two = (cv2.resize(p.y, small, interpolation=cv2.INTER_AREA) for p in (self._first, self._second))
        flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(one, two, _UNKNOWN)
        scaled = cv2.resize(flow, self._size, interpolation=cv2.INTER_LINEAR) / np.float32(scale)
        self._flow = np.asarray(scaled, dtype=np.float32)
        columns, rows = np.meshgrid(np.arange(width), np.arange(height))
        self._places = np.stack([columns, rows], axis=-1).astype(np.float32)

    def at(self, share: float) -> av.VideoFrame:
        """The picture at ``share`` (0 to 1) of the way; both are carried there along the motion and mixed.

        Across a cut inside the take there is no way between, so the nearer of the two is shown.
        """
        back = self._places - self._flow * np.float32(share)
        forth = self._places + self._flow * np.float32(1 - share)
        trust = self._trust(back, forth)
        if float(trust.mean()) < _CUT:
            return self._frames[round(share)]
        result = new_frame(*self._size)
        for target, one, two in zip(planes_of_frame(result), self._first, self._second, strict=True):
            size = target.shape[::-1]
            moved = cv2.addWeighted(_warped(one, back, size), 1 - share, _warped(two, forth, size), share, 0)
            mixed = cv2.addWeighted(one, 1 - share, two, share, 0)
            weight = cv2.resize(trust, size, interpolation=cv2.INTER_AREA)
            target[...] = np.rint(mixed + (moved.astype(np.float32) - mixed) * weight)
        return result

    def _trust(self, back: NDArray[np.float32], forth: NDArray[np.float32]) -> NDArray[np.float32]:
        one, two = _warped(self._first.y, back, self._size), _warped(self._second.y, forth, self._size)
        difference = cv2.GaussianBlur(cv2.absdiff(one, two), (0, 0), 3)
        trust = np.clip(2 - difference.astype(np.float32) / (_DOUBT / 2), 0, 1)
        return np.asarray(trust, dtype=np.float32)


def _warped(plane: Bytes, places: NDArray[np.float32], size: tuple[int, int]) -> Bytes:
    """``plane`` taken from ``places``, which are in pixels of the luma plane."""
    if size != places.shape[1::-1]:
        places = cv2.resize(places, size, interpolation=cv2.INTER_AREA) * np.float32(
            size[0] / places.shape[1]
        )
    warped = cv2.remap(plane, places, _BOTH, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)
