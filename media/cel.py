"""Transparent cels: colour and opacity laid down in masks made of shapes and light.

A mask is (height, width) float32, 0 to 1. Places are pixels of the frame that the cel belongs to; a cel may
begin left of and above it.
"""

from collections.abc import Callable
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from media.color import Rgb
from media.draw import Box, Mask, Points, blurred, ellipse_points, rounded_points

_SUBPIXEL_BITS = 4


_SAMPLES = 4
"""Samples a pixel in each direction for edges: 16 steps of opacity."""


_CLEAR = 0.003
"""Opacity below which 8 bits show nothing."""


Pixels = NDArray[np.uint8]


Dots = NDArray[np.int32]


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

    def trimmed(self) -> "Cel":
        """The cel without its clear margins; a copy."""
        drawn = self.alpha > _CLEAR
        rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
        if not rows.size:
            return Cel(Box(self.left, self.top, self.left + 2, self.top + 2))
        cel = Cel(
            Box(
                self.left + int(columns[0]),
                self.top + int(rows[0]),
                self.left + int(columns[-1]) + 1,
                self.top + int(rows[-1]) + 1,
            )
        )
        y, x = cel.top - self.top, cel.left - self.left
        rgb, alpha = (part[y : y + cel.height, x : x + cel.width] for part in (self.rgb, self.alpha))
        cel.rgb[: alpha.shape[0], : alpha.shape[1]] = rgb
        cel.alpha[: alpha.shape[0], : alpha.shape[1]] = alpha
        return cel

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

    def lay(self, other: "Cel") -> None:
        """Lay ``other`` over this cel where both are."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right = min(self.left + self.width, other.left + other.width)
        bottom = min(self.top + self.height, other.top + other.height)
        if left >= right or top >= bottom:
            return
        mine = (slice(top - self.top, bottom - self.top), slice(left - self.left, right - self.left))
        theirs = (slice(top - other.top, bottom - other.top), slice(left - other.left, right - other.left))
        rest = 1 - other.alpha[theirs]
        self.rgb[mine] = self.rgb[mine] * rest[..., None] + other.rgb[theirs]
        self.alpha[mine] = self.alpha[mine] * rest + other.alpha[theirs]

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
        return self._rasterized(
            points, 1.0, lambda mask, dots: cv2.fillPoly(mask, [dots], 255, 8, _SUBPIXEL_BITS)
        )

    def stroke(self, points: Points, width: float) -> Mask:
        """An open line of round ends."""
        thick = max(round(width * _SAMPLES), 1)
        return self._rasterized(
            points,
            width + 1,
            lambda mask, dots: cv2.polylines(mask, [dots], False, 255, thick, 8, _SUBPIXEL_BITS),
        )

    def _rasterized(self, points: Points, margin: float, draw: Callable[[Pixels, Dots], object]) -> Mask:
        # OpenCV's own anti-aliasing leaves waves along curves; drawing larger and averaging does not.
        mask = np.zeros((self.height, self.width), np.float32)
        moved = np.asarray(points, np.float64) - (self.left, self.top)
        low = np.maximum(np.floor(moved.min(axis=0) - margin), 0).astype(int)
        high = np.minimum(np.ceil(moved.max(axis=0) + margin), (self.width, self.height)).astype(int)
        if (high <= low).any():
            return mask
        large = np.zeros((int(high[1] - low[1]) * _SAMPLES, int(high[0] - low[0]) * _SAMPLES), np.uint8)
        # A pixel's samples lie around its centre.
        dots = ((moved - low) * _SAMPLES + (_SAMPLES - 1) / 2) * (1 << _SUBPIXEL_BITS)
        draw(large, np.rint(dots).astype(np.int32))
        size = (large.shape[1] // _SAMPLES, large.shape[0] // _SAMPLES)
        mask[low[1] : high[1], low[0] : high[0]] = cv2.resize(large, size, interpolation=cv2.INTER_AREA)
        mask *= np.float32(1 / 255)
        return mask

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
