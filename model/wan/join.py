"""Where one segment of a long shot ends and the next begins: colours matched, drift measured."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Frames = NDArray[np.uint8]
_STRONGEST = 1.25
"""Limit of the correction of contrast: beyond it the segments show different things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far a later picture is from an earlier one, as statistics over all its pixels."""

    colour: float
    """Distance of the mean colours, 0 to 255, largest of the three channels."""
    contrast: float
    """Mean deviation of the later one's channels over that of the earlier one's."""
    sharpness: float
    """Mean square of the Laplacian of the later one over that of the earlier one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The correction of a segment: ``value * gain + offset`` a channel, and the drift that it mends."""

    gain: tuple[float, ...]
    offset: tuple[float, ...]
    drift: Drift

    def applied(self, frames: Frames) -> Frames:
        """(n, height, width, 3) with the colours of the segment before."""
        corrected = frames * np.array(self.gain, np.float32) + np.array(self.offset, np.float32)
        result: Frames = np.clip(np.rint(corrected), 0, 255).astype(np.uint8)
        return result


def join_to(last: Path, first: Frames) -> Join:
    """What brings the picture ``first`` (height, width, 3) to the colours of the one it repeats."""
    with Image.open(last) as image:
        before = np.asarray(image.convert("RGB"))
    means, deviations = (
        [function(picture.reshape(-1, 3).astype(np.float64), axis=0) for picture in (before, first)]
        for function in (np.mean, np.std)
    )
    gain = np.clip(deviations[0] / np.maximum(deviations[1], 1e-6), 1 / _STRONGEST, _STRONGEST)
    offset = means[0] - means[1] * gain
    return Join(gain=tuple(map(float, gain)), offset=tuple(map(float, offset)), drift=drift(before, first))


def drift(before: Frames, after: Frames) -> Drift:
    """From the picture ``before`` to ``after``, both (height, width, 3)."""
    first, second = before.astype(np.float64), after.astype(np.float64)
    colour = np.abs(first.mean(axis=(0, 1)) - second.mean(axis=(0, 1))).max()
    return Drift(
        colour=float(colour),
        contrast=float(_contrast(second) / max(_contrast(first), 1e-6)),
        sharpness=_sharpness(after) / max(_sharpness(before), 1e-6),
    )


def _contrast(picture: NDArray[np.float64]) -> float:
    return float(picture.std(axis=(0, 1)).mean())


def _sharpness(picture: Frames) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float((cv2.Laplacian(grey, cv2.CV_64F) ** 2).mean())
