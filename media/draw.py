"""Drawing on transparent cels: masks made of shapes, light and noise, laid down in a colour.

A mask is (height, width) float32, 0 to 1. Places are pixels of the frame that the cel belongs to; a cel may
begin left of and above it.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from media.color import Rgb

Mask = NDArray[np.float32]
Points = Sequence[tuple[float, float]] | NDArray[np.float64]

_SUBPIXEL_BITS = 4
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


class Cel:
    """A sheet of colour and opacity; ``rgb`` is premultiplied, both are float32 of 0 to 1."""

    def __init__(self, box: Box, color: Rgb | None = None) -> None:
        """``box`` is widened to whole even pixels; without a colour the cel is clear."""
        self.left, self.top = (int(np.floor(side / 2)) * 2 for side in (box.left, box.top))
        self.width = int(np.ceil((box.right - self.left) / 2)) * 2
        self.height = int(np.ceil((box.bottom - self.top) / 2)) * 2
        self.rgb: NDArray[np.float32] = np.zeros((self.height, self.width, 3), np.float32)
        self.alpha: Mask = np.zeros((self.height, self.width), np.float32)
        if color is not None:
            self.rgb[...] = color
            self.alpha[...] = 1

    @classmethod
    def from_rgba(cls, rgba: NDArray[np.uint8], left: int, top: int) -> Self:
        """A layer of straight alpha whose first pixel lies at frame pixel (``left``, ``top``)."""
        height, width = rgba.shape[:2]
        cel = cls(Box(left, top, left + width, top + height))
        values = rgba.astype(np.float32) * np.float32(1 / 255)
        cel.stamp(values[..., :3], values[..., 3], left, top)
        return cel

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.left + self.width, self.top + self.height)

    def paint(self, color: Rgb | NDArray[np.float32], mask: Mask) -> None:
        """Lay ``color`` over the cel where ``mask`` says; a colour per pixel is (height, width, 3)."""
        rest = 1 - mask
        self.rgb *= rest[..., None]
        self.rgb += np.asarray(color, np.float32) * mask[..., None]
        self.alpha *= rest
        self.alpha += mask

    def stamp(self, color: Rgb | NDArray[np.float32], mask: Mask, left: int, top: int) -> None:
        """`paint` with a small mask whose first pixel lies at frame pixel (``left``, ``top``)."""
        x, y = left - self.left, top - self.top
        rows = slice(max(y, 0), min(y + mask.shape[0], self.height))
        columns = slice(max(x, 0), min(x + mask.shape[1], self.width))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        inside = (slice(rows.start - y, rows.stop - y), slice(columns.start - x, columns.stop - x))
        part = mask[inside]
        pixels = np.asarray(color, np.float32)
        pixels = pixels[inside] if pixels.ndim == 3 else pixels
        rest = 1 - part
        self.rgb[rows, columns] = self.rgb[rows, columns] * rest[..., None] + pixels * part[..., None]
        self.alpha[rows, columns] = self.alpha[rows, columns] * rest + part

    def fill(self, color: Rgb, points: Points, opacity: float = 1.0) -> None:
        """`paint` with a shape that is small beside the cel: only its surroundings are touched."""
        small = self._around(points, 2)
        self.stamp(color, small.polygon(points) * np.float32(opacity), small.left, small.top)

    def line(self, color: Rgb, points: Points, width: float, opacity: float = 1.0) -> None:
        """`paint` with a stroke; only its surroundings are touched."""
        small = self._around(points, width + 2)
        self.stamp(color, small.stroke(points, width) * np.float32(opacity), small.left, small.top)

    def _around(self, points: Points, margin: float) -> "Cel":
        (left, top), (right, bottom) = np.min(points, axis=0) - margin, np.max(points, axis=0) + margin
        return Cel(
            Box(
                min(max(left, self.left), self.left + self.width - 2),
                min(max(top, self.top), self.top + self.height - 2),
                max(min(right, self.left + self.width), self.left + 2),
                max(min(bottom, self.top + self.height), self.top + 2),
            )
        )

    def light(self, color: Rgb, mask: Mask) -> None:
        """Add light of ``color`` where the cel has something (screen)."""
        glow = np.asarray(color, np.float32) * (mask * self.alpha)[..., None]
        self.rgb += glow - self.rgb * glow

    def shade(self, mask: Mask, color: Rgb = (0.0, 0.0, 0.0)) -> None:
        """Darken towards ``color`` where the cel has something (multiply)."""
        self.rgb *= 1 - (1 - np.asarray(color, np.float32)) * mask[..., None]

    def cut(self, mask: Mask) -> None:
        """Keep only what ``mask`` shows."""
        self.rgb *= mask[..., None]
        self.alpha *= mask

    def blur(self, sigma: float) -> None:
        """Put the cel out of focus."""
        self.rgb = blurred(self.rgb, sigma)
        self.alpha = blurred(self.alpha, sigma)

    def polygon(self, points: Points) -> Mask:
        """A filled shape; ``points`` in frame pixels."""
        mask = np.zeros((self.height, self.width), np.uint8)
        moved = (np.asarray(points, np.float64) - (self.left, self.top)) * (1 << _SUBPIXEL_BITS)
        cv2.fillPoly(mask, [np.rint(moved).astype(np.int32)], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
        return _unit(mask)

    def stroke(self, points: Points, width: float) -> Mask:
        """An open line of round ends; widths of a pixel or less are drawn fainter."""
        mask = np.zeros((self.height, self.width), np.uint8)
        moved = (np.asarray(points, np.float64) - (self.left, self.top)) * (1 << _SUBPIXEL_BITS)
        line = [np.rint(moved).astype(np.int32).reshape(-1, 1, 2)]
        cv2.polylines(mask, line, False, 255, max(round(width), 1), cv2.LINE_AA, _SUBPIXEL_BITS)
        return _unit(mask) * np.float32(min(width, 1.0))

    def ellipse(self, x: float, y: float, rx: float, ry: float, angle: float = 0.0) -> Mask:
        """A filled ellipse about (x, y), turned by ``angle`` degrees."""
        return self.polygon(ellipse_points(x, y, rx, ry, angle))

    def rounded(self, box: Box, radius: float) -> Mask:
        """A filled rectangle with round corners."""
        return self.polygon(rounded_points(box, radius))

    def falloff(self, x: float, y: float, rx: float, ry: float, power: float = 2.0) -> Mask:
        """Light that fades from 1 at (x, y) to 0 at the ellipse of radii rx, ry."""
        columns = ((np.arange(self.width, dtype=np.float32) + self.left - x) / rx) ** 2
        rows = ((np.arange(self.height, dtype=np.float32) + self.top - y) / ry) ** 2
        near = 1 - np.minimum(np.sqrt(rows[:, None] + columns[None, :]), 1)
        soft: Mask = near * near * (3 - 2 * near)
        return soft if power == 2.0 else soft ** np.float32(power / 2)

    def ramp(self, start: tuple[float, float], end: tuple[float, float]) -> Mask:
        """0 at ``start`` to 1 at ``end``, eased at both."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        length = dx * dx + dy * dy
        columns = (np.arange(self.width, dtype=np.float32) + self.left - start[0]) * dx / length
        rows = (np.arange(self.height, dtype=np.float32) + self.top - start[1]) * dy / length
        share = np.clip(rows[:, None] + columns[None, :], 0, 1).astype(np.float32)
        eased: Mask = share * share * (3 - 2 * share)
        return eased


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
        result: NDArray[np.float32] = cv2.GaussianBlur(array, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        return result
    height, width = array.shape[:2]
    small = (max(width // shrink, 1), max(height // shrink, 1))
    reduced = cv2.resize(array, small, interpolation=cv2.INTER_AREA)
    reduced = cv2.GaussianBlur(reduced, (0, 0), sigma / shrink, borderType=cv2.BORDER_REPLICATE)
    result = cv2.resize(reduced, (width, height), interpolation=cv2.INTER_LINEAR)
    return result


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


def _unit(mask: NDArray[np.uint8]) -> Mask:
    result: Mask = mask.astype(np.float32) * np.float32(1 / 255)
    return result
