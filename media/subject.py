"""Where the eye goes in a take: the place that a crop should keep.

What differs from the picture's border, weighed by how finely it is drawn, over the whole take. Knows no faces
and no objects; a picture that is even all over has no subject, and says so.
"""

from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from media.decode import decode
from media.planes import rgb_of_frame

_LOOKED_AT = 96
"""Pixels of the longer side at which it looks."""
_PER_SECOND = 3
_BORDER = 0.06
"""Of each side that counts as ground."""
_STANDS_OUT = 1.0
"""Standard deviations of the border's colours by which a colour must differ more than most do."""
_CUT_THROUGH = 0.2
"""How much of the window's length an edge's own weight counts for."""
_CLEAR = 1.12
"""How much more of the subject the best window must hold than the middle one to be worth leaving it for."""


def find_window(path: Path, width: int, height: int) -> tuple[float, float] | None:
    """Middle of the window of aspect ``width`` : ``height`` that holds most of the subject, as shares.

    One place for the whole take, so that the crop does not wander. None where no window is clearly better
    than the middle one.

    Raises:
        FinishError: the take cannot be decoded.
    """
    seen = _seen(path, path.stat().st_mtime_ns)
    if not seen.any():
        return None
    rows, columns = seen.shape
    across = min(columns, rows * width / height)
    down = min(rows, columns * height / width)
    x = _best(seen.sum(axis=0), across)
    y = _best(seen.sum(axis=1), down)
    return None if x is None and y is None else (x or 0.5, y or 0.5)


@lru_cache(maxsize=64)
def _seen(path: Path, changed: int) -> NDArray[np.float64]:  # noqa: ARG001  # It is the cache's key.
    """How much each place of the picture draws the eye, summed over the take."""
    total: NDArray[np.float64] | None = None
    due = 0.0
    for frame in decode(path):
        if frame.time < due:
            continue
        due = frame.time + 1 / _PER_SECOND
        drawn = _drawn(frame)
        total = drawn if total is None else total + drawn
    return np.zeros((1, 1)) if total is None else total


def _drawn(frame: av.VideoFrame) -> NDArray[np.float64]:
    scale = _LOOKED_AT / max(frame.width, frame.height)
    size = (max(round(frame.width * scale), 8), max(round(frame.height * scale), 8))
    small = cv2.resize(rgb_of_frame(_even(frame)), size, interpolation=cv2.INTER_AREA)
    colors = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float64)
    ground = _border(colors)
    apart = np.sqrt((np.square(colors - ground.mean(axis=0)) / (ground.var(axis=0) + 60)).sum(axis=2))
    fine = cv2.GaussianBlur(np.abs(cv2.Laplacian(colors[..., 0], cv2.CV_64F)), (0, 0), 2)
    standing_out = np.maximum(apart - np.median(apart) - _STANDS_OUT, 0)
    weight: NDArray[np.float64] = standing_out * (1 + fine / (fine.mean() + 1e-6))
    return weight


def _border(colors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels along the four sides, (count, 3)."""
    rows, columns = (max(round(side * _BORDER), 1) for side in colors.shape[:2])
    sides = (colors[:rows], colors[-rows:], colors[:, :columns], colors[:, -columns:])
    return np.concatenate([side.reshape(-1, 3) for side in sides])


def _best(profile: NDArray[np.float64], length: float) -> float | None:
    """Middle of the stretch of ``length`` that holds most of ``profile``; None for about the middle."""
    size = round(length)
    if size >= len(profile) or not profile.any():
        return None
    held = np.convolve(profile, np.ones(size), "valid")
    # An edge that goes through the subject is worse than a window that holds a little less of it.
    held -= _CUT_THROUGH * size * (profile[: len(held)] + profile[size - 1 :])
    middle = held[(len(profile) - size) // 2]
    best = held.max()
    if best < middle * _CLEAR:
        return None
    # The middle of its neighbours that are as good, so that the subject has air on both sides.
    worse, top = np.flatnonzero(held < best * 0.98), int(held.argmax())
    first = worse[worse < top].max(initial=-1) + 1
    last = worse[worse > top].min(initial=len(held)) - 1
    return float(((first + last) / 2 + size / 2) / len(profile))


def _even(frame: av.VideoFrame) -> av.VideoFrame:
    return frame if frame.format.name == "yuv420p" else frame.reformat(format="yuv420p")
