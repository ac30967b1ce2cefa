"""Planes in, a tagged video out."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
from av.video.stream import VideoStream

from campaign.errors import FinishError
from media.mux import MP4_OPTIONS
from media.planes import Planes, new_frame, planes_of_frame

_BT709 = 1
"""BT.709 in FFmpeg's AVColorPrimaries, AVColorTransferCharacteristic and AVColorSpace."""
_LIMITED = 1
"""AVCOL_RANGE_MPEG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeSettings:
    """How a picture is compressed."""

    codec: str = "libx264"
    preset: str = "veryfast"
    crf: int = 20
    keyframe_seconds: float = 2.0
    """Longest closed group of pictures."""
    threads: int = 1
    """Frame threads; 1 costs the least CPU where one worker runs per core."""


CODEC_OPTIONS = {
    "libx264": {"x264-params": "open-gop=0:sliced-threads=0", "profile": "high"},
    "libx265": {"x265-params": "open-gop=0:log-level=error", "tag": "hvc1"},
    "libsvtav1": {"svtav1-params": "enable-overlays=0"},
}
"""What each encoder needs beside preset and crf. Open groups would make stream copies start broken."""
_AVX_512 = 13
"""OpenCV's number of that CPU feature (CV_CPU_AVX_512F)."""
_WITHOUT_AVX_512 = "asm=MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,FMA3,BMI1,BMI2,AVX2"
"""x264's AVX-512 code for macroblock trees reads memory that nobody has set (libx264 in av 18.1.0), so that
the same pictures gave other bytes from run to run (docs/decisions/0003). Without it they are the same."""


def codec_options(codec: str) -> dict[str, str]:
    """What ``codec`` is told on this machine beside preset and crf."""
    options = dict(CODEC_OPTIONS[codec])
    if codec == "libx264" and cv2.checkHardwareSupport(_AVX_512):
        options["x264-params"] += f":{_WITHOUT_AVX_512}"
    return options


class VideoEncoder:
    """Writes frames of one size at one rate; rename the file when it is whole.

    As a context manager it begins, and finishes unless an error passes.

    Raises:
        FinishError: the encoder or the container refused; carries what was asked and FFmpeg's words.
    """

    def __init__(
        self, path: Path, width: int, height: int, fps: int | Fraction, settings: EncodeSettings
    ) -> None:
        if settings.codec not in CODEC_OPTIONS:
            known = ", ".join(CODEC_OPTIONS)
            raise FinishError(f"codec {settings.codec!r}", f"is not known. Known: {known}.")
        if width % 2 or height % 2:
            raise FinishError(f"frame {width}x{height}", "yuv420p needs even sides.")
        self.path = path
        self.width, self.height, self.fps = width, height, Fraction(fps)
        self._frame_time = 1 / self.fps
        self.settings = settings
        self.frames = 0
        """Frames written so far."""

    def begin(self) -> None:
        """Open the file."""
        self._container = av.open(str(self.path), "w", format="mp4", options=MP4_OPTIONS)
        self._stream = self._add_video()

    def finish(self) -> None:
        """Write what the encoder still holds, and close the file."""
        try:
            self._encode(None)
        finally:
            self._container.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._container.close()

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.finish()
        else:
            self.abandon()

    def write(self, planes: Planes) -> None:
        """Add one frame; the planes are copied."""
        frame = new_frame(self.width, self.height)
        for target, source in zip(planes_of_frame(frame), planes, strict=True):
            target[...] = source
        self.write_frame(frame)

    def write_frame(self, frame: av.VideoFrame) -> None:
        """Add one yuv420p frame as it is at this moment.

        Every encoder in `CODEC_OPTIONS` copies the picture before it returns, so the caller may take off
        again what it drew on it.
        """
        frame.pts = self.frames
        frame.time_base = self._frame_time
        frame.colorspace = frame.color_primaries = frame.color_trc = _BT709
        frame.color_range = _LIMITED
        self._encode(frame)
        self.frames += 1

    def _encode(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            where = f"{self.settings.codec} {self.settings.preset} at frame {self.frames} of {self.path.name}"
            raise FinishError(where, str(error)) from error

    def _add_video(self) -> VideoStream:
        settings = self.settings
        options = {"preset": settings.preset, "crf": str(settings.crf), **codec_options(settings.codec)}
        stream = self._container.add_stream(settings.codec, rate=self.fps, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = self.width, self.height, "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / self.fps
        context.gop_size = max(int(self.fps * Fraction(settings.keyframe_seconds)), 1)
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = _LIMITED
        # PyAV asks for sliced threads otherwise, which cost quality (SEI sliced_threads=1).
        context.thread_type = "FRAME"
        context.thread_count = settings.threads
        return stream
