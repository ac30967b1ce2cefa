"""Outlines, clouds and boxes in pixels: what drawing is made of."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]
Points = Sequence[tuple[float, float]] | NDArray[np.float64]


_LARGEST_BLUR = 6.0
"""Pixels of standard deviation beyond which blurring a smaller copy looks the same and costs less."""


class Box(NamedTuple):
    """A rectangle in pixels; ``right`` and ``bottom`` are outside it."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def ellipse_points(x: float, y: float, rx: float, ry: float, angle: float = 0.0) -> NDArray[np.float64]:
    """Points around an ellipse, dense enough to look smooth."""
    turn = np.linspace(0, 2 * np.pi, max(int(max(rx, ry)), 24), endpoint=False)
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    across, down = rx * np.cos(turn), ry * np.sin(turn)
    return np.stack([x + across * cos - down * sin, y + across * sin + down * cos], axis=1)


def rounded_points(box: Box, radius: float) -> NDArray[np.float64]:
    """Points around a rectangle whose corners are quarter circles."""
    radius = min(radius, box.width / 2, box.height / 2)
    quarter = np.linspace(0, np.pi / 2, 16)
    corners = (
        (box.right - radius, box.bottom - radius, 0.0),
        (box.left + radius, box.bottom - radius, np.pi / 2),
        (box.left + radius, box.top + radius, np.pi),
        (box.right - radius, box.top + radius, 3 * np.pi / 2),
    )
    parts = [
        np.stack([x + radius * np.cos(quarter + a), y + radius * np.sin(quarter + a)], axis=1)
        for x, y, a in corners
    ]
    return np.concatenate(parts)


def curve(points: Points, steps: int = 24, closed: bool = False) -> NDArray[np.float64]:
    """A smooth line through ``points`` (Catmull-Rom)."""
    knots = np.asarray(points, np.float64)
    ends = (knots[-1:], knots[:2]) if closed else (2 * knots[:1] - knots[1:2], 2 * knots[-1:] - knots[-2:-1])
    knots = np.concatenate([ends[0], knots, ends[1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        parts.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        )
    return np.concatenate(parts if closed else [*parts, knots[-2:-1]])


def blurred(array: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """``array`` under a Gaussian of standard deviation ``sigma`` pixels; borders repeat."""
    if sigma < 0.3:
        return array
    shrink = max(int(sigma / _LARGEST_BLUR), 1)
    if shrink == 1:
        return _floats(cv2.GaussianBlur(array, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))
    height, width = array.shape[:2]
    small = (max(width // shrink, 1), max(height // shrink, 1))
    reduced = cv2.resize(array, small, interpolation=cv2.INTER_AREA)
    reduced = cv2.GaussianBlur(reduced, (0, 0), sigma / shrink, borderType=cv2.BORDER_REPLICATE)
    return _floats(cv2.resize(reduced, (width, height), interpolation=cv2.INTER_LINEAR))


def noise(width: int, height: int, cell: float, rng: np.random.Generator, octaves: int = 3) -> Mask:
    """Smooth clouds between 0 and 1 whose largest features are ``cell`` pixels wide."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        step = cell / 2**octave
        grid = rng.random((int(height / step) + 4, int(width / step) + 4), dtype=np.float32)
        size = (int(grid.shape[1] * step), int(grid.shape[0] * step))
        layer = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC)
        total += layer[int(step) : int(step) + height, int(step) : int(step) + width] / 2**octave
    low, high = float(total.min()), float(total.max())
    result: Mask = (total - low) / max(high - low, 1e-6)
    return result


def ink_box(rgba: NDArray[np.uint8], threshold: int = 8) -> Box:
    """The smallest box around what is drawn on a layer; all zeros when nothing is."""
    drawn = rgba[..., 3] >= threshold
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if not rows.size:
        return Box(0, 0, 0, 0)
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _floats(array: cv2.typing.MatLike) -> NDArray[np.float32]:
    return np.asarray(array, np.float32)
