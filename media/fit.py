"""A decoded picture to the delivery's size, aspect and colours."""

from dataclasses import dataclass
from typing import NamedTuple

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from campaign.finish import Fitting
from media.planes import new_frame, planes_of_frame

_SCALED = Interpolation.LANCZOS
"""VMAF 96.6 for 720p to 1080p, against 84.6 for bilinear. Accurate rounding would cost a fifth more."""
_CONVERTED = Interpolation.LANCZOS | Interpolation.ACCURATE_RND
HD_LINES = 720
"""Untagged pictures of fewer lines are BT.601, as players take them."""
TAGGED = {1: Colorspace.ITU709, 4: Colorspace.FCC, 5: Colorspace.ITU601, 6: Colorspace.ITU601}
TAGGED |= {7: Colorspace.SMPTE240M, 9: Colorspace.BT2020}
"""FFmpeg's AVColorSpace to what swscale calls it."""
_FULL = 2
_TAPS = 10
"""Of the filter that moves a picture by part of a pixel."""
_BLUR_SCALE = 8
"""The blurred surround is made at an eighth of the size: no eye sees the difference, and it costs a 64th."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of a picture that is kept, in its own pixels; all even."""

    left: int
    top: int
    width: int
    height: int


MIDDLE = (0.5, 0.5)


def crop_window(
    width: int, height: int, across: int, down: int, focus: tuple[float, float] = MIDDLE
) -> Window:
    """The largest part of ``width`` x ``height`` that has the aspect ``across`` : ``down``.

    It lies about ``focus``, shares of width and height, as nearly as the picture's edges allow.
    """
    kept_width = min(width, even(height * across / down))
    kept_height = min(height, even(width * down / across))
    return Window(
        left=_placed(width, kept_width, focus[0]),
        top=_placed(height, kept_height, focus[1]),
        width=kept_width,
        height=kept_height,
    )


def _placed(whole: int, kept: int, middle: float) -> int:
    start = min(max(whole * middle - kept / 2, 0), whole - kept)
    return int(start) // 2 * 2


def even(value: float) -> int:
    """The nearest even number, at least 0."""
    return max(round(value / 2) * 2, 0)


class To709:
    """Makes a yuv420p BT.709 limited frame with even sides of any decoded one."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The same frame where it is that already; an odd side loses its last line."""
        untagged = Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601
        matrix = TAGGED.get(int(frame.colorspace), untagged)
        full = int(frame.color_range) == _FULL or frame.format.name.startswith("yuvj")
        even_sides = frame.width % 2 == 0 and frame.height % 2 == 0
        if frame.format.name == "yuv420p" and matrix == Colorspace.ITU709 and not full and even_sides:
            return frame
        return self._reformatter.reformat(
            frame,
            width=frame.width // 2 * 2,
            height=frame.height // 2 * 2,
            format="yuv420p",
            src_colorspace=matrix,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=_CONVERTED,
        )


class Fitter:
    """Fits frames of one take; keeps the scalers that swscale sets up per size."""

    def __init__(
        self,
        width: int,
        height: int,
        fitting: Fitting = Fitting.CROP,
        focus: tuple[float, float] = MIDDLE,
    ) -> None:
        self.width = width
        self.height = height
        self.fitting = fitting
        self.focus = focus
        """What a crop keeps in its middle, as shares of width and height; may change from frame to frame."""
        self._to_709 = To709()
        self._scale = VideoReformatter()
        self._surround = VideoReformatter()
        self._last: tuple[av.VideoFrame, tuple[float, float], av.VideoFrame] | None = None

    def __call__(self, frame: av.VideoFrame) -> av.VideoFrame:
        """``frame`` as yuv420p BT.709 limited of the target's size; the same one where it is that already.

        A frame that comes twice running is fitted once for each focus.
        """
        if self._last is None or self._last[0] is not frame or self._last[1] != self.focus:
            self._last = (frame, self.focus, self._fitted(self._to_709(frame)))
        return self._last[2]

    def _fitted(self, picture: av.VideoFrame) -> av.VideoFrame:
        if (picture.width, picture.height) == (self.width, self.height):
            return picture
        window = crop_window(picture.width, picture.height, self.width, self.height, self.focus)
        whole = (window.width, window.height) == (picture.width, picture.height)
        if self.fitting is Fitting.FOLLOW and not whole:
            return self._followed(picture)
        if whole or self.fitting is Fitting.CROP:
            return self._scaled(picture if whole else crop_frame(picture, window), self.width, self.height)
        return self._padded(picture, window)

    def _scaled(self, frame: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
        if (frame.width, frame.height) == (width, height):
            return frame
        return self._scale.reformat(frame, width=width, height=height, interpolation=_SCALED)

    def _followed(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The part about the focus, to a fraction of a pixel: in whole ones a slow window would jerk."""
        scale = max(self.width / picture.width, self.height / picture.height)
        across = _stretch(picture.width, self.width, scale, self.focus[0])
        down = _stretch(picture.height, self.height, scale, self.focus[1])
        window = Window(left=across.start, top=down.start, width=across.length, height=down.length)
        wide = self._scaled(crop_frame(picture, window), across.scaled, down.scaled)
        result = new_frame(self.width, self.height)
        planes = zip(planes_of_frame(result), planes_of_frame(wide), (1, 2, 2), strict=True)
        for target, source, size in planes:
            (right, across_kernel), (below, down_kernel) = (
                _kernel(one.offset / size) for one in (across, down)
            )
            moved = cv2.sepFilter2D(source, -1, across_kernel, down_kernel, borderType=cv2.BORDER_REPLICATE)
            height, width = target.shape
            target[...] = moved[below : below + height, right : right + width]
        return result

    def _padded(self, picture: av.VideoFrame, window: Window) -> av.VideoFrame:
        small = (even(self.width / _BLUR_SCALE), even(self.height / _BLUR_SCALE))
        back = self._surround.reformat(
            crop_frame(picture, window), width=small[0], height=small[1], interpolation=Interpolation.AREA
        )
        result = new_frame(self.width, self.height)
        for target, source in zip(planes_of_frame(result), planes_of_frame(back), strict=True):
            blurred = cv2.GaussianBlur(source, (0, 0), min(source.shape) / 24)
            cv2.resize(blurred, target.shape[::-1], dst=target, interpolation=cv2.INTER_CUBIC)
        scale = min(self.width / picture.width, self.height / picture.height)
        front = self._scaled(picture, even(picture.width * scale), even(picture.height * scale))
        left, top = even((self.width - front.width) / 2 - 0.5), even((self.height - front.height) / 2 - 0.5)
        planes = zip(planes_of_frame(result), planes_of_frame(front), (1, 2, 2), strict=True)
        for target, source, size in planes:
            height, width = source.shape
            target[top // size : top // size + height, left // size : left // size + width] = source
        return result


class _Stretch(NamedTuple):
    """Along one side: what is cut out and scaled, and where in that the wanted part begins."""

    start: int
    length: int
    scaled: int
    offset: float
    """Pixels of the scaled part."""


def _stretch(whole: int, wanted: int, scale: float, middle: float) -> _Stretch:
    """About ``middle`` of a side of ``whole`` pixels; of one length wherever it is, lest it pulses."""
    kept = wanted / scale
    if whole - kept < 1:
        return _Stretch(0, whole, wanted, 0.0)
    place = min(max(whole * middle - kept / 2, 0.0), whole - kept)
    margin = _TAPS / 2 / scale + 2
    length = min(even(kept + 2 * margin), whole)
    start = min(max(int(place - margin) // 2 * 2, 0), whole - length)
    scaled = max(even(length * scale), wanted)
    return _Stretch(start, length, scaled, min((place - start) * scaled / length, scaled - wanted))


def _kernel(offset: float) -> tuple[int, NDArray[np.float32]]:
    """Whole pixels of a shift, and the filter for the rest: a windowed sinc, which keeps what is fine."""
    whole = int(offset)
    taps = np.arange(_TAPS + 1) - _TAPS // 2 - (offset - whole)
    kernel = np.sinc(taps) * np.sinc(np.clip(taps / (_TAPS // 2), -1, 1))
    return whole, (kernel / kernel.sum()).astype(np.float32)


def crop_frame(frame: av.VideoFrame, window: Window) -> av.VideoFrame:
    """The window of a yuv420p frame, in memory of its own."""
    part = new_frame(window.width, window.height)
    planes = zip(planes_of_frame(part), planes_of_frame(frame), (1, 2, 2), strict=True)
    for target, source, size in planes:
        top, left = window.top // size, window.left // size
        target[...] = source[top : top + target.shape[0], left : left + target.shape[1]]
    return part
