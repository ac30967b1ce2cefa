"""Flat pictures in space, seen by a moving camera: sub-pixel warps of Y, U and V planes.

A plate is drawn as the camera at rest sees it, and lies on a wall or a floor at some distance. The camera's
pose gives one homography per plate, so parallax and perspective are a pinhole's, and motion as smooth.
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from media.cel import Cel
from media.draw import Box
from media.planes import Bytes, Floats, Planes, halve, yuv_from_rgb

Matrix = NDArray[np.float64]
"""3x3 homography."""

_TO_CHROMA: Matrix = np.array([[2.0, 0.0, 0.5], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
"""Chroma sample centres in luma pixels: each lies in the middle of its 2x2 block."""
_FROM_CHROMA: Matrix = np.array([[0.5, 0.0, -0.25], [0.0, 0.5, -0.25], [0.0, 0.0, 1.0]])
_GRAIN = 0.6
"""Standard deviation in 8-bit steps of what dithers a plate, so that its gradients do not band."""


class Pose(NamedTuple):
    """Where a camera is and looks, from its place at rest. Lengths in units of the distance at rest."""

    x: float = 0.0
    """To the right."""
    y: float = 0.0
    """Down."""
    z: float = 0.0
    """Forward; the plate of depth 1 is reached at 1."""
    yaw: float = 0.0
    """Degrees to the right."""
    pitch: float = 0.0
    """Degrees down."""
    roll: float = 0.0
    """Degrees clockwise."""


class Surface(NamedTuple):
    """What a plate lies on."""

    distance: float
    """From the camera at rest: forward to a wall, down to a floor."""
    level: bool = False
    """True for a floor, False for a wall that faces the camera."""


class Lens(NamedTuple):
    """What turns directions into pixels."""

    focal: float
    """Pixels."""
    x: float
    """Principal point, pixels."""
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """A picture for warping, premultiplied; its first pixel lies at frame pixel (``left``, ``top``)."""

    left: int
    top: int
    over: Planes
    under: tuple[Bytes, Bytes]
    """What shows through, 255 for all, at luma's and at chroma's size."""
    hides_from: int | None
    """Rows of the plate from this one on hide all that is behind, out to the frame's edges; None for none."""

    @classmethod
    def from_cel(cls, cel: Cel, rng: np.random.Generator, *, hides_from: int | None = None) -> Self:
        """The cel as 8-bit planes, dithered; one that hides nothing is trimmed to what is drawn."""
        if hides_from is None:
            cel = cel.trimmed()
        yuv = yuv_from_rgb(cel.rgb * np.float32(255))
        # yuv_from_rgb adds the offsets of black and grey whole; premultiplied colour has its share of them.
        offset: Floats = np.array([16, 128, 128], np.float32)
        yuv += offset * (cel.alpha[..., None] - 1)
        yuv[..., 0] += rng.standard_normal(cel.alpha.shape, dtype=np.float32) * (
            cel.alpha * np.float32(_GRAIN)
        )
        chroma = halve(yuv[..., 1:])
        chroma += rng.standard_normal(chroma.shape, dtype=np.float32) * (
            halve(cel.alpha)[..., None] * np.float32(_GRAIN / 2)
        )
        over = Planes(_bytes(yuv[..., 0]), _bytes(chroma[..., 0]), _bytes(chroma[..., 1]))
        under = 255 * (1 - cel.alpha)
        unders = (_dithered(under, rng), _dithered(halve(under), rng))
        return cls(cel.left, cel.top, over, unders, hides_from)

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.left + self.over.width, self.top + self.over.height)

    def hidden_below(self, homography: Matrix) -> float:
        """The frame row from which on nothing behind the plate is seen; infinite where all may be."""
        if self.hides_from is None:
            return np.inf
        row = self.top + self.hides_from
        ends = np.array([[self.box.left, row, 1.0], [self.box.right, row, 1.0]]).T
        return float(_project(homography, ends)[1].max()) + 1


def plate_homography(pose: Pose, surface: Surface, lens: Lens) -> Matrix:
    """Where the frame pixels of a plate on ``surface`` are seen from ``pose``: K R (I - C n'/d) K^-1.

    Hartley and Zisserman, Multiple View Geometry, 2nd ed., equation 13.2.
    """
    camera: Matrix = np.array([[lens.focal, 0, lens.x], [0, lens.focal, lens.y], [0, 0, 1.0]])
    normal = np.array([0.0, 1.0, 0.0] if surface.level else [0.0, 0.0, 1.0])
    shift = np.eye(3) - np.outer([pose.x, pose.y, pose.z], normal) / surface.distance
    result: Matrix = camera @ _rotation(pose) @ shift @ np.linalg.inv(camera)
    return result


def seen_box(homographies: list[Matrix], frame: Box) -> Box:
    """The part of a plate that ``frame`` shows under any of ``homographies``, in the plate's own pixels."""
    corners: Matrix = np.array([[x, y, 1.0] for x in frame[::2] for y in frame[1::2]]).T
    points = np.concatenate([_project(_inverse(h), corners) for h in homographies], axis=1)
    return Box(*(float(v) for v in (*points.min(axis=1), *points.max(axis=1))))


def lay_plate(
    planes: Planes, plate: Plate, homography: Matrix, opacity: float = 1.0, clip: Box | None = None
) -> None:
    """Lay ``plate`` over ``planes``, in place, seen through ``homography``; only inside ``clip``.

    A floor's plate must end below its horizon: what is beyond has no place in the picture.
    """
    frame = Box(0, 0, planes.width, planes.height)
    area = _area(plate.box, homography, clip or frame, frame)
    if area.width <= 0 or area.height <= 0 or opacity <= 0:
        return
    solid = np.ceil(plate.hidden_below(homography) / 2) * 2
    if solid < area.bottom and opacity >= 1:
        bounds = clip or frame
        full = Box(bounds.left, max(solid, bounds.top, 0), bounds.right, min(bounds.bottom, frame.bottom))
        _replace(planes, plate, homography, full)
        area = area._replace(bottom=max(solid, area.top))
    if area.height > 0:
        _blend(planes, plate, homography, area, opacity)


def _replace(planes: Planes, plate: Plate, homography: Matrix, area: Box) -> None:
    for target, over, matrix in zip(
        _parts(planes, area), plate.over, _matrices(plate, homography, area), strict=True
    ):
        _warp(over, matrix, target, 0, cv2.BORDER_REPLICATE)


def _blend(planes: Planes, plate: Plate, homography: Matrix, area: Box, opacity: float) -> None:
    luma, chroma, _ = _matrices(plate, homography, area)
    parts = _parts(planes, area)
    unders = [
        _warp(under, matrix, np.empty(part.shape, np.uint8), 255, cv2.BORDER_CONSTANT)
        for under, matrix, part in zip(plate.under, (luma, chroma), parts, strict=False)
    ]
    if opacity < 1:
        unders = [_faded(under, opacity, 255 * (1 - opacity)) for under in unders]
    for part, over, under, matrix in zip(
        parts, plate.over, (*unders, unders[1]), (luma, chroma, chroma), strict=True
    ):
        top = _warp(over, matrix, np.empty(part.shape, np.uint8), 0, cv2.BORDER_CONSTANT)
        if opacity < 1:
            top = _faded(top, opacity, 0)
        cv2.add(cv2.multiply(part, under, scale=1 / 255), top, dst=part)


def _parts(planes: Planes, area: Box) -> list[Bytes]:
    left, top, right, bottom = (int(side) for side in area)
    halves = (slice(top // 2, bottom // 2), slice(left // 2, right // 2))
    return [planes.y[top:bottom, left:right], planes.u[halves], planes.v[halves]]


def _matrices(plate: Plate, homography: Matrix, area: Box) -> tuple[Matrix, Matrix, Matrix]:
    """From pixels of ``area`` to pixels of the plate, for Y, U and V."""
    inverse = _inverse(homography)
    luma = _shift(-plate.left, -plate.top) @ inverse @ _shift(area.left, area.top)
    half = (
        _shift(-plate.left / 2, -plate.top / 2)
        @ _FROM_CHROMA
        @ inverse
        @ _TO_CHROMA
        @ _shift(area.left / 2, area.top / 2)
    )
    return luma, half, half


def _dithered(under: Floats, rng: np.random.Generator) -> Bytes:
    """Rounded with noise where something half shows: a soft shade has so few steps that they would show."""
    half = ((under > 0.5) & (under < 254.5)).astype(np.float32)
    return _bytes(under + rng.standard_normal(under.shape, dtype=np.float32) * (half * np.float32(_GRAIN)))


def _faded(plane: Bytes, opacity: float, rest: float) -> Bytes:
    return np.asarray(cv2.convertScaleAbs(plane, alpha=opacity, beta=rest), np.uint8)


def _warp(source: Bytes, matrix: Matrix, target: Bytes, border: int, mode: int) -> Bytes:
    size = (target.shape[1], target.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cv2.warpPerspective(source, matrix, size, target, flags, mode, border)
    return target


def _area(box: Box, homography: Matrix, clip: Box, frame: Box) -> Box:
    """Even-sided part of the frame that the plate may touch."""
    corners: Matrix = np.array(
        [[x, y, 1] for x in (box.left - 2, box.right + 2) for y in (box.top - 2, box.bottom + 2)]
    ).T
    points = _project(homography, corners)
    left, top = np.floor(np.maximum(points.min(axis=1), (clip.left, clip.top)) / 2) * 2
    right, bottom = np.ceil(np.minimum(points.max(axis=1), (clip.right, clip.bottom)) / 2) * 2
    return Box(max(left, 0), max(top, 0), min(right, frame.right), min(bottom, frame.bottom))


def _project(homography: Matrix, points: Matrix) -> Matrix:
    seen = homography @ points
    result: Matrix = seen[:2] / seen[2]
    return result


def _inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _rotation(pose: Pose) -> Matrix:
    yaw, pitch, roll = np.radians([pose.yaw, pose.pitch, pose.roll])
    across: Matrix = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    down: Matrix = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    around: Matrix = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    result: Matrix = around @ down @ across
    return result


def _bytes(values: Floats) -> Bytes:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
