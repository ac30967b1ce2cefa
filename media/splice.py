"""Groups of encoded H.264 pictures taken from one file into another as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from campaign.errors import FinishError
from campaign.file_cache import cached_by_file
from media.mux import packets

_SEQUENCE, _PICTURE = 7, 8
"""NAL unit types of the parameter sets (ITU-T H.264, table 7-1)."""
_START = b"\x00\x00\x00\x01"

Header = frozenset[bytes]
"""A stream's parameter sets. Streams in which they are equal may follow one another in one track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """One encoded picture."""

    shown: int
    """Number of the frame, in order of display."""
    decoded: int
    """Its place in the order of decoding, in frames; starts below 0 where pictures are reordered."""
    key: bool
    data: bytes
    """NAL units, each led by a start code (annex B of H.264)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedFilm:
    """An H.264 film in closed groups at one steady rate."""

    path: Path
    width: int
    height: int
    fps: Fraction
    header: Header
    groups: tuple[int, ...]
    """Frames at which a group of pictures begins, and the number of all frames."""

    def part(self, first: int, end: int) -> Iterator[Coded]:
        """The pictures from one beginning of a group to another, in order of decoding."""
        return (picture for picture in _pictures(self.path) if first <= picture.shown < end)


def read_coded(path: Path) -> CodedFilm | None:
    """How an MP4 is encoded; None where it is in another way than a `CodedFilm`.

    Raises:
        FinishError: the file cannot be read.
    """
    try:
        return _read(path)
    except (av.FFmpegError, OSError) as error:
        raise FinishError(f"pictures of {path.name}", str(error)) from error


@cached_by_file(64)
def _read(path: Path) -> CodedFilm | None:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context, fps = stream.codec_context, stream.average_rate
        extradata = context.extradata or b""
        if context.name != "h264" or not fps or extradata[:1] != b"\x01":
            return None
        width, height = context.width, context.height
    try:
        keys = [(picture.shown, picture.key) for picture in _pictures(path)]
    except ValueError:
        return None
    if not _is_closed(keys):
        return None
    return CodedFilm(
        path=path,
        width=width,
        height=height,
        fps=Fraction(fps),
        header=header_of(extradata),
        groups=(*sorted(shown for shown, key in keys if key), len(keys)),
    )


def _pictures(path: Path) -> Iterator[Coded]:
    """Raises `ValueError` where one is not at a whole frame."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        length = ((stream.codec_context.extradata or b"")[4] & 3) + 1
        tick = (stream.time_base or Fraction(0)) * (stream.average_rate or 0)
        for packet in packets(container, stream):
            shown, decoded = (packet.pts or 0) * tick, (packet.dts or 0) * tick
            if shown.denominator != 1 or decoded.denominator != 1:
                raise ValueError(shown)
            yield Coded(
                shown=int(shown),
                decoded=int(decoded),
                key=bool(packet.is_keyframe),
                data=b"".join(_START + unit for unit in _units(bytes(packet), length)),
            )


def header_of(extradata: bytes) -> Header:
    """The parameter sets of an encoder (annex B) or of an MP4 (ISO/IEC 14496-15, 5.3.3.1)."""
    if extradata[:1] != b"\x01":
        units = [unit.strip(b"\x00") for unit in extradata.split(b"\x00\x00\x01")]
        return frozenset(unit for unit in units if unit and unit[0] & 31 in (_SEQUENCE, _PICTURE))
    found, place = [], 5
    for mask in (31, 255):
        count = extradata[place] & mask
        place += 1
        for _ in range(count):
            size = int.from_bytes(extradata[place : place + 2])
            found.append(extradata[place + 2 : place + 2 + size].strip(b"\x00"))
            place += 2 + size
    return frozenset(found)


def _units(data: bytes, length: int) -> Iterator[bytes]:
    place = 0
    while place < len(data):
        size = int.from_bytes(data[place : place + length])
        yield data[place + length : place + length + size]
        place += length + size


def _is_closed(pictures: list[tuple[int, bool]]) -> bool:
    """Whether each frame is there once, and each group's pictures lie together."""
    if not pictures or sorted(shown for shown, _ in pictures) != list(range(len(pictures))):
        return False
    begun = -1
    for shown, key in pictures:
        begun = shown if key else begun
        if shown < begun:
            return False
    return pictures[0][1]
