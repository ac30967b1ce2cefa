"""The subject's shadow, cast from its own outline, so that it stands on the ground and does not hover."""

import cv2
import numpy as np
from numpy.typing import NDArray

from media.cel import Cel
from media.color import Rgb
from media.draw import Box, Mask, blurred

_FLAT = 0.15
"""Height of a cast shadow, of what casts it: a lamp high up on the left."""
_LEAN = 0.32
"""How far a shadow leans to the right over the height of what casts it."""


def standing_shadow(subject: Cel, box: Box, color: Rgb) -> Cel:
    """The subject over its shadow on level ground: dark where it touches, soft away from the light."""
    size = max(box.width, box.height)
    reach = box.height * _LEAN + size * 0.15
    cel = Cel(Box(box.left - size * 0.2, subject.top, box.right + reach, box.bottom + size * 0.22))
    foot = _foot(subject, box)
    tall = foot - subject.top
    flat = np.array(
        [
            [1.0, -_LEAN, subject.left - cel.left + _LEAN * tall],
            [0.0, _FLAT, foot - cel.top - _FLAT * tall],
        ]
    )
    thrown = _thrown(subject.alpha, flat, cel)
    cel.paint(color, blurred(thrown, size * 0.030) * np.float32(0.34))
    low = np.where(
        np.arange(subject.height)[:, None] + subject.top > foot - box.height * 0.10, subject.alpha, 0
    )
    squat = np.array([[1.0, 0.0, subject.left - cel.left], [0.0, 0.35, foot - cel.top - 0.35 * tall]])
    contact = _thrown(low.astype(np.float32), squat, cel)
    cel.paint(color, _shifted(blurred(contact, size * 0.022), size * 0.012) * np.float32(0.42))
    cel.paint(color, _shifted(blurred(contact, size * 0.006), size * 0.005) * np.float32(0.60))
    cel.lay(subject)
    return cel


def lying_shadow(subject: Cel, box: Box, color: Rgb) -> Cel:
    """The subject over its shadow on the surface that it lies on."""
    size = max(box.width, box.height)
    margin = size * 0.15
    cel = Cel(Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin))
    for away, soft, share in ((0.035, 0.030, 0.32), (0.010, 0.008, 0.35)):
        shadow = Cel(cel.box)
        shadow.stamp(
            color, subject.alpha, subject.left + round(size * away), subject.top + round(size * away)
        )
        cel.paint(color, blurred(shadow.alpha, size * soft) * np.float32(share))
    cel.lay(subject)
    return cel


def _foot(subject: Cel, box: Box) -> float:
    """The lowest row that the subject really fills: below it is only a soft rim."""
    rows = np.flatnonzero((subject.alpha > 0.5).sum(axis=1) > box.width * 0.02)
    return float(rows[-1] + 1 + subject.top) if rows.size else box.bottom


def _shifted(mask: Mask, down: float) -> Mask:
    return np.roll(mask, round(down), axis=0)


def _thrown(mask: Mask, matrix: NDArray[np.float64], cel: Cel) -> Mask:
    return np.asarray(cv2.warpAffine(mask, matrix, (cel.width, cel.height), flags=cv2.INTER_AREA), np.float32)
