"""Where the eye goes in a take: the place that a crop should keep.

Faces, where a face model is given and they are seen in a third of the take; else what differs from the
picture's border, weighed by how finely it is drawn. A picture that is even all over has no subject.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from campaign.file_cache import cached_by_file
from media.decode import glance
from media.faces import Box, FaceFinder
from media.fit import even
from media.planes import rgb_of_frame

VERSION = 3
"""Of what is found. Raise it when the same take would be cropped elsewhere."""
_LOOKED_AT = 96
"""Pixels of the longer side at which it looks."""
_PER_SECOND = 3
_BORDER = 0.06
"""Of each side that counts as ground."""
_STANDS_OUT = 1.0
"""Standard deviations of the border's colours by which a colour must differ more than most do."""
_CUT_THROUGH = 0.2
"""How much of the window's length an edge's own weight counts for."""
_OFTEN = 1 / 3
"""Share of the looked-at pictures that must show a face for faces to decide."""
_CLEAR = 1.12
"""How much more of the subject the best window must hold than the middle one to be worth leaving it for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a crop should keep."""

    focus: tuple[float, float]
    """Middle of the best window, as shares of width and height."""
    faces: bool
    """Whether faces decided it."""


def find_subject(path: Path, width: int, height: int, face_model: Path | None = None) -> Subject | None:
    """The window of aspect ``width`` : ``height`` that holds most of the subject.

    One place for the whole take, so that the crop does not wander. None where no window is clearly better
    than the middle one and there are no faces in it.

    Raises:
        FinishError: the take cannot be decoded, or the face model not be loaded.
    """
    seen = _seen(path, face_model)
    if not seen.weight.any():
        return None
    rows, columns = seen.weight.shape
    across = min(columns, rows * width / height)
    down = min(rows, columns * height / width)
    x = _best(seen.weight.sum(axis=0), across)
    y = _best(seen.weight.sum(axis=1), down)
    if x is None and y is None and not seen.faces:
        return None
    return Subject(focus=(x or 0.5, y or 0.5), faces=seen.faces)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    weight: NDArray[np.float64]
    """How much each place of the picture draws the eye, summed over the take."""
    faces: bool
    """Whether it is faces that do."""


@cached_by_file(64)
def _seen(path: Path, face_model: Path | None) -> _Seen:
    finder = FaceFinder(face_model) if face_model else None
    pictures, heads, with_faces = [], [], 0
    due = 0.0
    for frame in glance(path):
        if frame.time < due:
            continue
        due = frame.time + 1 / _PER_SECOND
        pictures.append(standing_out(frame))
        if finder is not None:
            found = finder.find(rgb_of_frame(even_frame(frame)))
            with_faces += bool(found)
            heads.append(headed(pictures[-1].shape, found))
    if often_enough(with_faces, len(pictures)):
        return _Seen(weight=np.sum(heads, axis=0), faces=True)
    return _Seen(weight=np.sum(pictures, axis=0) if pictures else np.zeros((1, 1)), faces=False)


def often_enough(with_faces: int, looks: int) -> bool:
    """Whether faces decide, that so many of the looked-at pictures show."""
    return with_faces > 0 and with_faces >= _OFTEN * looks


def headed(shape: tuple[int, ...], boxes: Sequence[Box]) -> NDArray[np.float64]:
    """1 where faces are."""
    rows, columns = shape[:2]
    weight = np.zeros((rows, columns))
    for left, top, right, bottom in boxes:
        weight[
            int(top * rows) : math.ceil(bottom * rows), int(left * columns) : math.ceil(right * columns)
        ] = 1
    return weight


def standing_out(frame: av.VideoFrame) -> NDArray[np.float64]:
    """How much each place of the picture, 96 of them along its longer side, differs from its border."""
    scale = _LOOKED_AT / max(frame.width, frame.height)
    size = (max(even(frame.width * scale), 8), max(even(frame.height * scale), 8))
    small = even_frame(frame).reformat(width=size[0], height=size[1], interpolation=Interpolation.AREA)
    colors = cv2.cvtColor(rgb_of_frame(small), cv2.COLOR_RGB2LAB).astype(np.float64)
    ground = _border(colors)
    apart = np.sqrt((np.square(colors - ground.mean(axis=0)) / (ground.var(axis=0) + 60)).sum(axis=2))
    fine = cv2.GaussianBlur(np.abs(cv2.Laplacian(colors[..., 0], cv2.CV_64F)), (0, 0), 2)
    apart = np.maximum(apart - np.median(apart) - _STANDS_OUT, 0)
    weight: NDArray[np.float64] = apart * (1 + fine / (fine.mean() + 1e-6))
    return weight


def _border(colors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels along top and sides, (count, 3): on the lower edge stands who is seen from the waist up."""
    rows, columns = (max(round(side * _BORDER), 1) for side in colors.shape[:2])
    sides = (colors[:rows], colors[:, :columns], colors[:, -columns:])
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


def even_frame(frame: av.VideoFrame) -> av.VideoFrame:
    """``frame`` with the planes that `media.planes` reads."""
    return frame if frame.format.name == "yuv420p" else frame.reformat(format="yuv420p")
