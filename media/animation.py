"""Moving pictures with transparency as files hold them: GIF, APNG, WebP, and films with an alpha channel."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from campaign.errors import FinishError
from campaign.file_cache import cached_by_file
from media.fit import HD_LINES, TAGGED
from media.text import Rgba

LONGEST = 15.0
"""Seconds."""
LARGEST = 3840
"""Pixels of a side of the file's pictures."""
MOST_BYTES = 24 << 20
"""Of all pictures at the size at which they are shown; each worker holds them."""

_STILLS = (".gif", ".png", ".apng", ".webp")
_CLEAR = 4
"""Alpha of 255 up to which nothing is taken to be drawn: lossy films leave some."""
_UNSTATED = 0.1
"""Seconds that browsers show a picture for whose length is given as 0."""
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these leave the alpha channel out."""

Timed = tuple[float, float, Rgba]
"""When a picture begins and how long it stays, in seconds, and the picture."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Animation:
    """Pictures of one size, without the margins that are transparent in all of them."""

    pictures: tuple[Rgba, ...]
    starts: tuple[float, ...]
    """Seconds at which each begins; the first is 0."""
    seconds: float
    """Length of all of them."""

    @property
    def fullest(self) -> Rgba:
        """The picture of which most is to be seen."""
        return max(self.pictures, key=lambda picture: int(picture[..., 3].sum(dtype=np.int64)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimationFacts:
    """What a file of moving pictures holds."""

    num_pictures: int
    seconds: float
    box: tuple[int, int, int, int]
    """Left, top, right and bottom of what is drawn in any of its pictures, in its pixels."""
    clear: bool
    """Whether any of it is transparent."""


@cached_by_file(16)
def animation_facts(file: Path) -> AnimationFacts:
    """The same for every size.

    Raises:
        The same as `read_animation`.
    """
    count, end, clear = 0, 0.0, False
    drawn: NDArray[np.bool_] | None = None
    for start, length, picture in _pictures(file):
        count, end = count + 1, start + length
        if end > LONGEST + 1e-6:
            raise FinishError(str(file), f"lasts {end:.1f} s or more; {LONGEST:g} s is the most. Cut it.")
        alpha = picture[..., 3]
        clear = clear or bool(alpha.min() < 255)
        drawn = alpha > _CLEAR if drawn is None else drawn | (alpha > _CLEAR)
    if drawn is None or count < 2:
        raise FinishError(str(file), f"has {count} picture, so nothing moves. Take one with several.")
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if not rows.size:
        raise FinishError(str(file), "draws nothing: every pixel of it is transparent.")
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return AnimationFacts(num_pictures=count, seconds=end, box=box, clear=clear)


@cached_by_file(2)
def read_animation(file: Path, height: int, opacity: float = 1.0) -> Animation:
    """``file`` at ``height`` pixels, ``opacity`` of it; read once per process and size.

    Raises:
        FinishError: it cannot be read, does not move, draws nothing, or is too long or too large.
    """
    facts = animation_facts(file)
    left, top, right, bottom = facts.box
    width = max(round((right - left) * height / (bottom - top)), 1)
    needed = width * height * 4 * facts.num_pictures
    if needed > MOST_BYTES:
        raise FinishError(
            str(file),
            f"its {facts.num_pictures} pictures take {needed / 2**20:.0f} MB at {width}x{height} pixels; "
            f"{MOST_BYTES >> 20} MB is the most. Give it fewer pictures, or show it smaller.",
        )
    pictures, starts = [], []
    for start, _, picture in _pictures(file):
        pictures.append(_sized(picture[top:bottom, left:right], width, height, opacity))
        starts.append(start)
    return Animation(pictures=tuple(pictures), starts=tuple(starts), seconds=facts.seconds)


def _sized(picture: Rgba, width: int, height: int, opacity: float) -> Rgba:
    sized = np.array(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))
    sized[..., 3] = np.rint(sized[..., 3] * opacity)
    # Many renditions share it.
    sized.setflags(write=False)
    return sized


def _pictures(file: Path) -> Iterator[Timed]:
    return _of_picture(file) if file.suffix.casefold() in _STILLS else _of_film(file)


def _of_picture(file: Path) -> Iterator[Timed]:
    try:
        with Image.open(file) as opened:
            _check_size(file, *opened.size)
            start = 0.0
            for picture in ImageSequence.Iterator(opened):
                # Pillow knows how long a WebP's picture stays once it is decoded.
                pixels = np.array(picture.convert("RGBA"))
                length = float(picture.info.get("duration") or 0) / 1000 or _UNSTATED
                yield start, length, pixels
                start += length
    except (OSError, SyntaxError, ValueError) as error:
        raise FinishError(str(file), f"is not a moving picture that can be read ({error}).") from error


def _of_film(file: Path) -> Iterator[Timed]:
    try:
        with av.open(str(file)) as container:
            if not container.streams.video:
                raise FinishError(str(file), "has no pictures.")
            stream = container.streams.video[0]
            _check_size(file, stream.width, stream.height)
            rate = float(stream.average_rate or 0)
            first = None
            for frame in _frames(container, stream):
                first = frame.time if first is None else first
                length = float((frame.duration or 0) * (frame.time_base or 0)) or (
                    1 / rate if rate else _UNSTATED
                )
                yield frame.time - first, length, _rgba(frame)
    except (av.FFmpegError, OSError) as error:
        raise FinishError(str(file), f"is not a film that can be read ({error}).") from error


def _frames(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    name = _WITH_ALPHA.get(stream.codec_context.name)
    if name is None or stream.metadata.get("alpha_mode") != "1":
        yield from container.decode(stream)
        return
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    for packet in container.demux(stream):
        yield from decoder.decode(packet)


def _rgba(frame: av.VideoFrame) -> Rgba:
    matrix = TAGGED.get(
        int(frame.colorspace), Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601
    )
    converted = frame.reformat(format="rgba", src_colorspace=matrix, dst_color_range=ColorRange.JPEG)
    return np.asarray(converted.to_ndarray(), dtype=np.uint8)


def _check_size(file: Path, width: int, height: int) -> None:
    if max(width, height) > LARGEST:
        raise FinishError(
            str(file), f"is {width}x{height} pixels; {LARGEST} a side is the most. Make it smaller."
        )
