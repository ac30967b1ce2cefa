"""Frames of a picture or a video worth looking at, and saving them as evidence."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from campaign.errors import CheckFailedError
from media.decode import decode
from moderation.check import Ask, Material, Video
from moderation.finding import Still

CUT = 0.35
"""Bhattacharyya distance of two frames' colour histograms from which a new shot begins."""
WIDE = 64
"""Pixels; frames are made this wide before their colours are counted."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame to look at."""

    where: str
    """What people know the picture or video by; of two in one material never the same."""
    rgb: NDArray[np.uint8] = field(repr=False)
    """(height, width, 3)."""
    frame: int | None = None
    time: float | None = None
    """Seconds; None for a picture."""


def samples(material: Material, every: float) -> Iterator[Sample]:
    """All images, and of each video the frames ``every`` so many seconds and after each cut.

    Raises:
        CheckFailedError: a picture cannot be read, or a video has no frame.
        FinishError: a video cannot be decoded.
    """
    yield from sample_images(material)
    for video in material.videos:
        yield from sample_video(video, every)


def sample_images(material: Material) -> Iterator[Sample]:
    """All images, by their files' names; the second of one name has its place among them behind it.

    Raises:
        CheckFailedError: a picture cannot be read.
    """
    named: set[str] = set()
    for number, path in enumerate(material.images, 1):
        name = f"{path.name} ({number})" if path.name in named else path.name
        named.add(name)
        yield Sample(name, read_image(path))


def sample_video(video: Video, every: float, also: Sequence[float] = ()) -> Iterator[Sample]:
    """The frames ``every`` so many seconds, after each cut, and at the times ``also``.

    Raises:
        CheckFailedError: there is no frame, or none at one of the asked times.
        FinishError: the file cannot be decoded.
    """
    asked = sorted(also)
    due, zero, before = 0.0, None, None
    for number, frame in enumerate(decode(video.path)):
        seconds = float(frame.time or 0.0)
        zero = seconds if zero is None else zero
        time = seconds - zero
        rgb = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        colors = _colors(rgb)
        cut = before is not None and cv2.compareHist(before, colors, cv2.HISTCMP_BHATTACHARYYA) > CUT
        before = colors
        wanted = bool(asked) and time >= asked[0] - 1e-6
        while asked and time >= asked[0] - 1e-6:
            asked.pop(0)
        if time >= due - 1e-6 or cut or wanted:
            due = max(due, time - time % every + every) if every > 0 else due
            yield Sample(video.where, rgb, number, time)
    if zero is None:
        raise CheckFailedError(f"{video.where} has no frame.", "Make it again.")
    if asked:
        raise CheckFailedError(
            f"{video.where} ends before {asked[0]:.1f} s, where it had to be looked at.", "Make it again."
        )


def read_image(path: Path) -> NDArray[np.uint8]:
    """A picture as (height, width, 3) uint8 RGB; transparency lies on white.

    Raises:
        CheckFailedError: it is not there or is not a picture.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise CheckFailedError(f"{path.name} cannot be read.", "Put the picture there.") from error
    image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if image is None:
        raise CheckFailedError(
            f"{path.name} is not a picture that can be read.", "Save it again as PNG or JPEG."
        )
    if image.dtype == np.uint16:
        image = (image // 257).astype(np.uint8)
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), np.uint8)
    if image.shape[2] == 4:
        alpha = image[:, :, 3:].astype(np.float32) / 255
        image = (image[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def keep(sample: Sample, ask: Ask, box: tuple[int, int, int, int] | None = None) -> Still:
    """The frame as evidence; saved where the caller gave a folder."""
    file = None
    if ask.stills is not None:
        ok, data = cv2.imencode(
            ".jpg", cv2.cvtColor(sample.rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88]
        )
        assert ok
        ask.stills.mkdir(parents=True, exist_ok=True)
        file = ask.stills / f"{hashlib.sha256(data.tobytes()).hexdigest()[:16]}.jpg"
        file.write_bytes(data.tobytes())
    return Still(where=sample.where, frame=sample.frame, time=sample.time, box=box, file=file)


def _colors(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    small = cv2.resize(rgb, (WIDE, WIDE), interpolation=cv2.INTER_AREA)
    counts = cv2.calcHist([small], [0, 1, 2], None, [6, 6, 6], [0, 256] * 3)
    return np.asarray(cv2.normalize(counts, counts, 1.0, 0.0, cv2.NORM_L1), np.float32)
