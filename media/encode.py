"""Planes in, a tagged video out."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from campaign.errors import FinishError
from media.mux import MP4_OPTIONS
from media.planes import BT709, LIMITED, Planes, frame_of, planes_of_frame, tag
from media.refusals import saying
from media.splice import CodedFilm, Header, header_of


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

    def __str__(self) -> str:
        quality = CODECS[self.codec].quality if self.codec in CODECS else "crf"
        words = [self.codec, self.preset, f"{quality} {self.crf}" if quality else ""]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Codec:
    """How one of FFmpeg's encoders is asked."""

    options: Mapping[str, str]
    quality: str = "crf"
    """Its name for what `EncodeSettings.crf` says."""
    pixels: str = "yuv420p"
    container: str = "mp4"
    tag: str = ""
    """The container's name of the codec, where another than FFmpeg's first is wanted."""
    copies: bool = True
    """Whether it has copied a picture when it returns."""


_CLOSED = {"forced-idr": "1", "strict_gop": "1"}

CODECS: Mapping[str, _Codec] = {
    "libx264": _Codec(options={"x264-params": "open-gop=0:sliced-threads=0:stitchable=1", "profile": "high"}),
    "libx265": _Codec(
        tag="hvc1", options={"x265-params": "open-gop=0:log-level=error:pools=none:frame-threads=1"}
    ),
    "libsvtav1": _Codec(options={"svtav1-params": "enable-overlays=0:lp=1:tune=0"}),
    "prores_ks": _Codec(
        options={"profile": "hq", "vendor": "apl0"}, quality="", pixels="yuv422p10le", container="mov"
    ),
    "h264_nvenc": _Codec(options={"rc": "vbr", "profile": "high", **_CLOSED}, quality="cq", copies=False),
    "hevc_nvenc": _Codec(tag="hvc1", options={"rc": "vbr", **_CLOSED}, quality="cq", copies=False),
    "av1_nvenc": _Codec(options={"rc": "vbr", **_CLOSED}, quality="cq", copies=False),
    "h264_qsv": _Codec(
        options={"profile": "high", "forced_idr": "1"}, quality="global_quality", copies=False
    ),
    "hevc_qsv": _Codec(tag="hvc1", options={"forced_idr": "1"}, quality="global_quality", copies=False),
    "av1_qsv": _Codec(options={"forced_idr": "1"}, quality="global_quality", copies=False),
    "h264_videotoolbox": _Codec(options={"profile": "high"}, quality="q", copies=False),
    "hevc_videotoolbox": _Codec(tag="hvc1", options={}, quality="q", copies=False),
}
"""What each encoder needs beside preset and quality. Open groups would make stream copies start broken;
stitchable keeps the asked quality out of the headers, so that groups encoded at another crf may stand in the
same track."""
_AVX_512 = 13
"""OpenCV's number of that CPU feature (CV_CPU_AVX_512F)."""
_WITHOUT_AVX_512 = "asm=MMX2,SSE2Fast,SSSE3,SSE4.2,AVX,FMA3,BMI1,BMI2,AVX2"
"""x264's AVX-512 code for macroblock trees reads memory that nobody has set (libx264 in av 18.1.0), so that
the same pictures gave other bytes from run to run (docs/decisions/0003). Without it they are the same."""


def codec_options(codec: str) -> dict[str, str]:
    """What ``codec`` is told on this machine beside preset and crf."""
    options = dict(CODECS[codec].options)
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
        if settings.codec not in CODECS:
            known = ", ".join(CODECS)
            raise FinishError(f"codec {settings.codec!r}", f"is not known. Known: {known}.")
        if settings.codec not in av.codecs_available:
            raise FinishError(
                f"encoder {settings.codec}", "is not in this machine's FFmpeg. Take encoder: software."
            )
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
        self._codec = CODECS[self.settings.codec]
        self._convert = VideoReformatter()
        with saying(self._asked()):
            self._container = av.open(
                str(self.path), "w", format=self._codec.container, options=dict(MP4_OPTIONS)
            )
        self._stream = self._container.add_stream(self.settings.codec, rate=self.fps, options=self._options())
        assert isinstance(self._stream, VideoStream)
        self._first_context = self._set_up(self._stream.codec_context)
        try:
            self._container.start_encoding()
        except av.FFmpegError as error:
            self.abandon()
            raise FinishError(self._asked(), _refused(self.settings, error)) from error
        self._context: VideoCodecContext | None = None
        self._since = 0
        """Frames written before the encoder at work began."""

    @property
    def header(self) -> Header:
        """Of the file that is being written; empty for other codecs than H.264."""
        extradata = self._first_context.extradata if self.settings.codec == "libx264" else None
        return header_of(extradata) if extradata else frozenset()

    def finish(self) -> None:
        """Write what the encoder still holds, and close the file."""
        self._flush()
        with saying(self._asked()):
            self._container.close()

    def abandon(self) -> None:
        """Close the file as it is, whatever that says."""
        with suppress(av.FFmpegError, OSError):
            self._container.close()

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.finish()
        finally:
            self.abandon()

    def write(self, planes: Planes, *, begins_group: bool = False) -> None:
        """Add one frame; the planes are copied."""
        self.write_frame(frame_of(planes), begins_group=begins_group)

    def copy(self, film: CodedFilm, first: int, end: int) -> None:
        """Add the film's frames from ``first`` to before ``end`` as they are encoded; both begin a group.

        Its `header` must be this file's.
        """
        self._flush()
        with saying(self._asked()):
            self._take_over(film, first, end)
        self.frames += end - first

    def _take_over(self, film: CodedFilm, first: int, end: int) -> None:
        for picture in film.part(first, end):
            packet = Packet(picture.data)
            packet.time_base = self._frame_time
            packet.pts = self.frames + picture.shown - first
            packet.dts = self.frames + picture.decoded - first
            packet.duration = 1
            packet.is_keyframe = picture.key
            self._mux(packet)

    def write_frame(self, frame: av.VideoFrame, *, begins_group: bool = False) -> None:
        """Add one yuv420p frame as it is at this moment.

        The picture is copied before this returns, so the caller may take off
        again what it drew on it.
        """
        if self._context is None:
            # An encoder that was flushed takes no more frames.
            fresh = self._since == self.frames == 0
            self._context = self._first_context if fresh else self._new_context()
            self._since = self.frames
        frame.pts = self.frames - self._since
        frame.pict_type = PictureType.I if begins_group else PictureType.NONE
        frame.time_base = self._frame_time
        tag(frame)
        self._encode(frame)
        self.frames += 1

    def _flush(self) -> None:
        """Write what the encoder at work still holds; the next frame gets a new one."""
        if self._context is not None:
            self._encode(None)
            self._context = None

    def _encode(self, frame: av.VideoFrame | None) -> None:
        assert self._context is not None
        with saying(self._asked()):
            for packet in self._context.encode(self._handed_over(frame)):
                packet.pts = (packet.pts or 0) + self._since
                packet.dts = (packet.dts or 0) + self._since
                self._mux(packet)

    def _handed_over(self, frame: av.VideoFrame | None) -> av.VideoFrame | None:
        """The frame as the encoder wants it, and as one that nobody draws on where it keeps a reference."""
        if frame is None or (self._codec.copies and self._codec.pixels == "yuv420p"):
            return frame
        if self._codec.pixels == "yuv420p":
            given = frame_of(planes_of_frame(frame))
        else:
            given = self._convert.reformat(frame, format=self._codec.pixels)
        given.pts, given.time_base, given.pict_type = frame.pts, frame.time_base, frame.pict_type
        tag(given)
        return given

    def _mux(self, packet: "Packet[Any]") -> None:
        packet.stream = self._stream
        self._container.mux(packet)

    def _asked(self) -> str:
        settings = self.settings
        return (
            f"{settings} at frame {self.frames} of {self.path.name} "
            f"({self.width}x{self.height}, {float(self.fps):g} a second)"
        )

    def _options(self) -> dict[str, str]:
        settings = self.settings
        options = codec_options(settings.codec)
        if settings.preset:
            options["preset"] = settings.preset
        if self._codec.quality:
            options[self._codec.quality] = str(settings.crf)
        return options

    def _new_context(self) -> VideoCodecContext:
        context = av.CodecContext.create(self.settings.codec, "w")
        assert isinstance(context, VideoCodecContext)
        context.options = self._options()
        context.framerate = self.fps
        context.flags |= self._first_context.flags
        return self._set_up(context)

    def _set_up(self, context: VideoCodecContext) -> VideoCodecContext:
        context.width, context.height, context.pix_fmt = self.width, self.height, self._codec.pixels
        context.time_base = 1 / self.fps
        if self._codec.tag:
            context.codec_tag = self._codec.tag
        context.gop_size = max(int(self.fps * Fraction(self.settings.keyframe_seconds)), 1)
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED
        # PyAV asks for sliced threads otherwise, which cost quality (SEI sliced_threads=1).
        context.thread_type = "FRAME"
        context.thread_count = self.settings.threads
        return context


def _refused(settings: EncodeSettings, error: av.FFmpegError) -> str:
    if settings.codec.endswith(("_nvenc", "_qsv", "_videotoolbox")):
        return f"{error}. Is there such a chip in this machine, and its driver? Else take encoder: software."
    return str(error)
