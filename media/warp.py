"""Flat pictures in space, seen by a moving camera: sub-pixel warps of Y, U and V planes.

A plate is drawn as the camera at rest sees it, and lies on a wall or a floor at some distance. The camera's pose
gives one homography per plate, so parallax and perspective are a pinhole's, and motion as smooth as its numbers.
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from media.draw import Box, Cel
from media.planes import Bytes, Floats, Planes, halve, yuv_from_rgb

Matrix = NDArray[np.float64]
"""3x3 homography."""

_TO_CHROMA: Matrix = np.array([[2.0, 0.0, 0.5], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
"""Chroma sample centres in luma pixels: each lies in the middle of its 2x2 block."""
_FROM_CHROMA: Matrix = np.linalg.inv(_TO_CHROMA)
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
    under: tuple[Bytes, Bytes] | None
    """What shows through, 255 for all, at luma's and at chroma's size; None for a plate that hides everything."""

    @classmethod
    def from_cel(cls, cel: Cel, rng: np.random.Generator, *, fills: bool = False) -> Self:
        """The cel as 8-bit planes, dithered; ``fills`` says that it is opaque and larger than any frame of it."""
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
        if fills:
            return cls(cel.left, cel.top, over, None)
        under = 255 * (1 - cel.alpha)
        return cls(cel.left, cel.top, over, (_bytes(under), _bytes(halve(under))))

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.left + self.over.width, self.top + self.over.height)


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
    corners: Matrix = np.array([[x, y, 1] for x in frame[::2] for y in frame[1::2]], np.float64).T
    points = np.concatenate([_project(np.linalg.inv(h), corners) for h in homographies], axis=1)
    return Box(*(float(v) for v in (*points.min(axis=1), *points.max(axis=1))))


def lay_plate(
    planes: Planes, plate: Plate, homography: Matrix, opacity: float = 1.0, clip: Box | None = None
) -> None:
    """Lay ``plate`` over ``planes``, in place, seen through ``homography``; only inside ``clip``.

    A floor's plate must end below its horizon: what is beyond has no place in the picture.
    """
    frame = Box(0, 0, planes.width, planes.height)
    area = frame if plate.under is None else _area(plate.box, homography, clip or frame, frame)
    if area.width <= 0 or area.height <= 0 or opacity <= 0:
        return
    inverse = np.linalg.inv(homography)
    luma = _shift(-plate.left, -plate.top) @ inverse @ _shift(area.left, area.top)
    chroma = (
        _shift(-plate.left / 2, -plate.top / 2)
        @ _FROM_CHROMA
        @ inverse
        @ _TO_CHROMA
        @ _shift(area.left / 2, area.top / 2)
    )
    for index, (target, over) in enumerate(zip(planes, plate.over, strict=True)):
        size = 2 if index else 1
        part = target[
            int(area.top) // size : int(area.bottom) // size, int(area.left) // size : int(area.right) // size
        ]
        matrix = chroma if index else luma
        if plate.under is None:
            _warp(over, matrix, part, 0, cv2.BORDER_REPLICATE)
            continue
        top = _warp(over, matrix, np.empty(part.shape, np.uint8), 0, cv2.BORDER_CONSTANT)
        if index < 2:
            under = _warp(
                plate.under[index], matrix, np.empty(part.shape, np.uint8), 255, cv2.BORDER_CONSTANT
            )
            if opacity < 1:
                under = cv2.convertScaleAbs(under, alpha=opacity, beta=255 * (1 - opacity))
        if opacity < 1:
            top = cv2.convertScaleAbs(top, alpha=opacity)
        cv2.add(cv2.multiply(part, under, scale=1 / 255), top, dst=part)


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
