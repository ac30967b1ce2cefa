"""Pictures as the encoder takes them: 8-bit yuv420p, BT.709, limited range."""

from typing import NamedTuple

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

BT709 = 1
"""BT.709 in FFmpeg's AVColorPrimaries, AVColorTransferCharacteristic and AVColorSpace."""
LIMITED = 1
"""AVCOL_RANGE_MPEG."""
KR, KB = 0.2126, 0.0722
"""Luma weights of red and blue, ITU-R BT.709-6 item 3.2."""
_KG = 1 - KR - KB
_EXACT = (
    np.array(
        [
            [219 * KR, 219 * _KG, 219 * KB],
            [-112 * KR / (1 - KB), -112 * _KG / (1 - KB), 112.0],
            [112.0, -112 * _KG / (1 - KR), -112 * KB / (1 - KR)],
        ]
    )
    / 255
)
_TO_YUV: Floats = _EXACT.astype(np.float32)
_ZERO = np.array([16, 128, 128], dtype=np.float32)
_TO_RGB: Floats = np.linalg.inv(_EXACT).astype(np.float32)


class Planes(NamedTuple):
    """One picture; ``y`` is (height, width) uint8, ``u`` and ``v`` are half of that in both directions."""

    y: Bytes
    u: Bytes
    v: Bytes

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])

    def copy(self) -> "Planes":
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())


def blank_planes(width: int, height: int, rgb: tuple[int, int, int] = (0, 0, 0)) -> Planes:
    """A picture of one colour."""
    y, u, v = np.rint(yuv_from_rgb(np.array(rgb, dtype=np.float32))).astype(np.uint8)
    half = (height // 2, width // 2)
    return Planes(np.full((height, width), y), np.full(half, u), np.full(half, v))


def yuv_from_rgb(rgb: Floats) -> Floats:
    """(..., 3) RGB of 0 to 255 as (..., 3) limited-range YUV, not yet rounded."""
    result: Floats = rgb @ _TO_YUV.T + _ZERO
    return result


def planes_from_rgb(rgb: Bytes) -> Planes:
    """``rgb`` is (height, width, 3) uint8 with even sides; chroma is the mean of each 2x2 block."""
    yuv = yuv_from_rgb(rgb.astype(np.float32))
    chroma = halve(yuv[..., 1:])
    return Planes(_round(yuv[..., 0]), _round(chroma[..., 0]), _round(chroma[..., 1]))


def rgb_from_planes(planes: Planes) -> Bytes:
    """(height, width, 3) uint8 RGB; chroma is repeated over its 2x2 block."""
    u, v = (plane.repeat(2, axis=0).repeat(2, axis=1) for plane in (planes.u, planes.v))
    yuv: Floats = np.stack([planes.y, u, v], axis=-1).astype(np.float32) - _ZERO
    rgb: Floats = yuv @ _TO_RGB.T
    return _round(rgb)


def halve(array: Floats) -> Floats:
    """(height, width, ...) with even sides as the mean of each 2x2 block."""
    quarter = array[0::2, 0::2] + array[0::2, 1::2] + array[1::2, 0::2] + array[1::2, 1::2]
    return quarter * np.float32(0.25)


def planes_of_frame(frame: av.VideoFrame) -> Planes:
    """Views into a yuv420p frame's own memory; writing to them changes the frame."""
    width, height = frame.width, frame.height
    sizes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    return Planes(*(_view(plane, *size) for plane, size in zip(frame.planes, sizes, strict=True)))


def rgb_of_frame(frame: av.VideoFrame) -> Bytes:
    """(height, width, 3) uint8 RGB of a BT.709 limited frame, by swscale: eight times as fast as numpy."""
    # Into planes swscale has vector code, into packed RGB none: the same values in half the time.
    rgb = frame.reformat(
        format="gbrp",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
    )
    green, blue, red = (_view(plane, rgb.height, rgb.width) for plane in rgb.planes)
    return np.asarray(cv2.merge([red, green, blue]), dtype=np.uint8)


def new_frame(width: int, height: int) -> av.VideoFrame:
    """A yuv420p BT.709 limited frame whose pixels are not set yet."""
    frame = av.VideoFrame(width, height, "yuv420p")
    tag(frame)
    return frame


def frame_of(planes: Planes) -> av.VideoFrame:
    """A frame with a copy of ``planes``."""
    frame = new_frame(planes.width, planes.height)
    for target, source in zip(planes_of_frame(frame), planes, strict=True):
        target[...] = source
    return frame


def tag(frame: av.VideoFrame) -> None:
    """Say that ``frame`` is BT.709 limited."""
    frame.colorspace = frame.color_primaries = frame.color_trc = BT709
    frame.color_range = LIMITED


def _view(plane: av.video.plane.VideoPlane, height: int, width: int) -> Bytes:
    rows = np.frombuffer(plane, dtype=np.uint8)  # type: ignore[call-overload]  # A plane is a buffer.
    view: Bytes = rows[: height * plane.line_size].reshape(height, plane.line_size)[:, :width]
    return view


def _round(values: Floats) -> Bytes:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
