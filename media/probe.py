"""What a media file says it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from campaign.errors import FinishError
from campaign.file_cache import cached_by_file
from media.mux import UNDECODED

COLOR_NAMES = {1: "bt709", 2: "unknown", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
"""FFmpeg's colour numbers that are met in delivered video; others are shown as numbers."""
_UNSAID = 2
_FULL = 2
"""AVCOL_RANGE_JPEG."""
_RECORDED = frozenset((100, 110, 122, 144))
"""Profiles of H.264 whose record in an MP4 says what the pixels are: High and above."""
_CHROMA_420 = 1
_LARGEST = 1 << 48
"""Bytes of a box; a damaged file may claim more than any file has."""
RANGE_NAMES = {0: "unknown", 1: "limited", 2: "full"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    codec: str
    profile: str
    pixel_format: str
    width: int
    height: int
    fps: Fraction
    num_frames: int
    duration: float
    """Seconds."""
    bit_rate: int
    """Bits a second."""
    primaries: str
    transfer: str
    matrix: str
    color_range: str
    pixel_aspect: Fraction
    """Width over height of a pixel as it is to be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStreamFacts:
    codec: str
    profile: str
    sample_rate: int
    channels: int
    duration: float
    """Seconds, as the container's edit list shows it."""
    bit_rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """A file by its headers; nothing is decoded."""

    container: str
    duration: float
    """Seconds."""
    size: int
    """Bytes."""
    faststart: bool
    """An MP4 whose index comes before its data."""
    video: VideoFacts | None
    sound: SoundStreamFacts | None
    metadata: Mapping[str, str]


def probe(path: Path) -> MediaFacts:
    """Read the headers of ``path``.

    Raises:
        FinishError: no such file, no container that FFmpeg knows, or nothing in it.
    """
    try:
        return _probed(path)
    except OSError as error:
        raise FinishError(f"probe of {path.name}", str(error)) from error


@cached_by_file(256)
def _probed(path: Path) -> MediaFacts:
    """FFmpeg decodes a picture to learn what pictures are, 11 ms at 720p, unless it is left to the file."""
    try:
        with av.open(str(path), options=UNDECODED) as container:
            if all(map(_tells, container.streams.video[:1])):
                return _facts(path, container)
        with av.open(str(path)) as container:
            return _facts(path, container)
    except av.FFmpegError as error:
        raise FinishError(f"probe of {path.name}", str(error)) from error


def _facts(path: Path, container: InputContainer) -> MediaFacts:
    if not container.streams.video and not container.streams.audio:
        raise FinishError(f"probe of {path.name}", "it has neither pictures nor sound. Is it whole?")
    return MediaFacts(
        container=container.format.name,
        duration=(container.duration or 0) / av.time_base,
        size=container.size,
        faststart="mp4" in container.format.name and _index_comes_first(path),
        video=_video(container.streams.video[0]) if container.streams.video else None,
        sound=_sound(container.streams.audio[0]) if container.streams.audio else None,
        metadata=MappingProxyType(dict(container.metadata)),
    )


def _tells(stream: VideoStream) -> bool:
    """Whether its headers say what its pixels and colours are."""
    context = stream.codec_context
    colors = (context.color_primaries, context.color_trc, context.colorspace)
    unsaid = _UNSAID in map(int, colors) or not int(context.color_range)
    return not unsaid and bool(_pixel_format(stream))


def _pixel_format(stream: VideoStream) -> str:
    """As the decoder says, or an MP4's record of H.264 (ISO/IEC 14496-15, 5.3.3.1.2); else empty."""
    context = stream.codec_context
    record = context.extradata or b""
    if context.pix_fmt or context.name != "h264" or record[:1] != b"\x01" or record[1] not in _RECORDED:
        return context.pix_fmt or ""
    # It ends with chroma format, depth of luma, depth of chroma and the number of extensions, which is 0.
    is_usual = record[-4:] == bytes((0xFC | _CHROMA_420, 0xF8, 0xF8, 0))
    return "yuv420p" if is_usual and int(context.color_range) != _FULL else ""


def _video(stream: VideoStream) -> VideoFacts:
    context = stream.codec_context
    return VideoFacts(
        codec=context.name,
        profile=context.profile or "",
        pixel_format=_pixel_format(stream),
        width=context.width,
        height=context.height,
        fps=stream.average_rate or stream.guessed_rate or Fraction(0),
        num_frames=stream.frames,
        duration=float((stream.duration or 0) * (stream.time_base or 0)),
        bit_rate=stream.bit_rate or 0,
        primaries=_name(context.color_primaries),
        transfer=_name(context.color_trc),
        matrix=_name(context.colorspace),
        color_range=RANGE_NAMES.get(int(context.color_range), str(int(context.color_range))),
        pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
    )


def _sound(stream: av.audio.stream.AudioStream) -> SoundStreamFacts:
    context = stream.codec_context
    return SoundStreamFacts(
        codec=context.name,
        profile=context.profile or "",
        sample_rate=context.sample_rate,
        channels=context.channels,
        duration=float((stream.duration or 0) * (stream.time_base or 0)),
        bit_rate=stream.bit_rate or 0,
    )


def _name(number: int) -> str:
    return COLOR_NAMES.get(int(number), str(int(number)))


def _index_comes_first(path: Path) -> bool:
    """Whether ``moov`` lies before ``mdat`` in an ISO file's row of boxes (ISO/IEC 14496-12, 4.2)."""
    with path.open("rb") as file:
        while len(head := file.read(16)) >= 8:
            size, kind = int.from_bytes(head[:4]), head[4:8]
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            size = int.from_bytes(head[8:16]) if size == 1 else size
            if not 8 <= size <= _LARGEST:
                return False
            file.seek(size - len(head), 1)
    return False
