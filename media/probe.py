"""What a media file says it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import av

from campaign.errors import FinishError
from campaign.file_cache import cached_by_file

COLOR_NAMES = {1: "bt709", 2: "unknown", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
"""FFmpeg's colour numbers that are met in delivered video; others are shown as numbers."""
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
    """FFmpeg decodes a picture to learn a stream's format: 10 ms at 720p, once per file and process."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video and not container.streams.audio:
                raise FinishError(f"probe of {path.name}", "it has neither pictures nor sound. Is it whole?")
            return MediaFacts(
                container=container.format.name,
                duration=(container.duration or 0) / av.time_base,
                size=container.size,
                faststart=_index_comes_first(path),
                video=_video(container.streams.video[0]) if container.streams.video else None,
                sound=_sound(container.streams.audio[0]) if container.streams.audio else None,
                metadata=MappingProxyType(dict(container.metadata)),
            )
    except av.FFmpegError as error:
        raise FinishError(f"probe of {path.name}", str(error)) from error


def _video(stream: av.video.stream.VideoStream) -> VideoFacts:
    context = stream.codec_context
    return VideoFacts(
        codec=context.name,
        profile=context.profile or "",
        pixel_format=context.pix_fmt or "",
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
            if size < 8:
                return False
            file.seek(size - len(head), 1)
    return False
