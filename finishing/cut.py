"""Takes and end card in a row: hard cuts, or cross-fades where they are asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av

from media.decode import Retiming, mix_frames, take_frames
from media.fit import MIDDLE, Fitter, Fitting
from media.probe import probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """The part of a take that the cut uses, from its start."""

    path: Path
    num_frames: int
    """At the delivery's rate."""
    fade_in: int = 0
    """Frames in which the clip before gives way to this one; 0 is a hard cut."""
    focus: tuple[float, float] = MIDDLE
    """What a crop keeps in its middle, as shares of the take's width and height."""


def cut_frames(
    clips: Sequence[Clip], width: int, height: int, fps: int, fitting: Fitting, retiming: Retiming
) -> Iterator[av.VideoFrame]:
    """Every frame of the cut; see `media.decode.take_frames` for how to treat them.

    Under a cross-fade the clip before goes on as far as its take does; then its last frame is held.

    Raises:
        FinishError: a take is too short or cannot be read.
    """
    leaving: list[av.VideoFrame] = []
    for index, clip in enumerate(clips):
        fade = clips[index + 1].fade_in if index + 1 < len(clips) else 0
        more = min(fade, _frames_in(clip.path, fps) - clip.num_frames) if fade else 0
        count = clip.num_frames + max(more, 0)
        fitter = Fitter(width, height, fitting, clip.focus)
        frames = take_frames(clip.path, fps, count, fitter, retiming)
        for number, frame in enumerate(islice(frames, clip.num_frames)):
            last = frame
            if number < len(leaving):
                frame = mix_frames(leaving[number], frame, (number + 1) / (len(leaving) + 1))
            yield frame
        leaving = list(frames)
        leaving += [leaving[-1] if leaving else last] * (fade - len(leaving))


def _frames_in(path: Path, fps: int) -> int:
    video = probe(path).video
    return int(video.duration * fps + 1e-3) if video else 0
