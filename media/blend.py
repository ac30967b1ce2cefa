"""Layers that lie over a picture: drawn once as RGBA, kept as premultiplied planes, blended per frame."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from media.planes import Bytes, Floats, Planes, halve, yuv_from_rgb

Weights = NDArray[np.uint16]

ONE = 256
"""Full opacity in the fixed-point weights; a power of two, so that dividing is a shift."""


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """One plane of a layer: picture = (picture * under + over) >> 8."""

    over: Weights
    """The layer's value times its opacity, rounding included."""
    under: Weights
    """256 where the picture shows through, 0 where the layer hides it."""

    def at(self, opacity: float) -> "_Plane":
        over = np.rint(self.over * np.float32(opacity)).astype(np.uint16)
        under = ONE - np.rint((ONE - self.under) * np.float32(opacity)).astype(np.uint16)
        # The rounding half was scaled with the rest.
        return _Plane(over + np.uint16(round(ONE / 2 * (1 - opacity))), under)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A drawing at a fixed place over a picture."""

    left: int
    """Pixels from the picture's left edge; even."""
    top: int
    """Pixels from the picture's top edge; even."""
    width: int
    height: int
    planes: tuple[_Plane, _Plane, _Plane]
    _faded: dict[int, tuple[_Plane, _Plane, _Plane]] = field(default_factory=dict)
    """Planes by opacity in 1/256, for fades that many frames share."""

    @classmethod
    def from_rgba(cls, rgba: Bytes, left: int = 0, top: int = 0) -> Self:
        """``rgba`` is (height, width, 4) uint8 with straight alpha.

        Transparent margins are cut away; odd places and sizes are padded to even ones with transparency.
        """
        rows, columns = np.flatnonzero(rgba[..., 3].any(axis=1)), np.flatnonzero(rgba[..., 3].any(axis=0))
        if not rows.size:
            rows = columns = np.array([0, 1])
            rgba = np.zeros((2, 2, 4), dtype=np.uint8)
        rgba = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        top, left = top + int(rows[0]), left + int(columns[0])
        before = (top % 2, left % 2)
        after = tuple((size + odd) % 2 for size, odd in zip(rgba.shape[:2], before, strict=True))
        rgba = np.pad(rgba, ((before[0], after[0]), (before[1], after[1]), (0, 0)))
        alpha: Floats = rgba[..., 3].astype(np.float32) / np.float32(255)
        yuv: Floats = yuv_from_rgb(rgba[..., :3].astype(np.float32)) * alpha[..., None]
        planes = (
            _plane(yuv[..., 0], alpha),
            _plane(halve(yuv[..., 1]), halve(alpha)),
            _plane(halve(yuv[..., 2]), halve(alpha)),
        )
        return cls(left - before[1], top - before[0], rgba.shape[1], rgba.shape[0], planes)

    def moved(self, right: int, down: int) -> Self:
        """The same drawing elsewhere; both steps in pixels and even."""
        if right % 2 or down % 2:
            raise ValueError(
                f"A layer moves by even pixels (chroma is half as fine), not by ({right}, {down})."
            )
        return replace(self, left=self.left + right, top=self.top + down)

    def weights(self, opacity: float) -> tuple[_Plane, _Plane, _Plane]:
        step = round(opacity * ONE)
        if step >= ONE:
            return self.planes
        if step not in self._faded:
            self._faded[step] = tuple(plane.at(step / ONE) for plane in self.planes)  # type: ignore[assignment]
        return self._faded[step]


def blend(planes: Planes, layer: Layer, opacity: float = 1.0) -> None:
    """Lay ``layer`` over ``planes``, in place; parts outside the picture are left out.

    ``opacity`` is 0 to 1, on top of the layer's own, in steps of 1/256.
    """
    if opacity * ONE < 0.5:
        return
    sizes = (1, 2, 2)
    for picture, weights, size in zip(planes, layer.weights(opacity), sizes, strict=True):
        _blend_plane(picture, weights, layer.left // size, layer.top // size)


@contextmanager
def laid_over(planes: Planes, layers: Sequence[tuple[Layer, float]]) -> Iterator[None]:
    """``planes`` with layers over them, in order, each with its opacity; as they were when the block ends.

    Costs the layers' pixels, not the picture's: a frame need not be copied to be drawn on.
    """
    parts = [part for layer, _ in layers for part in _covered(planes, layer)]
    kept = [part.copy() for part in parts]
    try:
        for layer, opacity in layers:
            blend(planes, layer, opacity)
        yield
    finally:
        for part, before in zip(parts, kept, strict=True):
            part[...] = before


def _covered(planes: Planes, layer: Layer) -> Iterator[Bytes]:
    for plane, size in zip(planes, (1, 2, 2), strict=True):
        left, top = layer.left // size, layer.top // size
        bottom, right = top + layer.height // size, left + layer.width // size
        yield plane[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]


def _blend_plane(picture: Bytes, weights: _Plane, left: int, top: int) -> None:
    height, width = picture.shape
    rows = slice(max(top, 0), min(top + weights.over.shape[0], height))
    columns = slice(max(left, 0), min(left + weights.over.shape[1], width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    inside = (
        slice(rows.start - top, rows.stop - top),
        slice(columns.start - left, columns.stop - left),
    )
    target = picture[rows, columns]
    mixed = target.astype(np.uint16)
    mixed *= weights.under[inside]
    mixed += weights.over[inside]
    mixed >>= 8
    target[...] = mixed


def _plane(value: Floats, alpha: Floats) -> _Plane:
    over = np.rint(value * ONE + ONE / 2)
    return _Plane(over.astype(np.uint16), np.rint((1 - alpha) * ONE).astype(np.uint16))
