"""What a rendition is cut from: clips in a row, with hard cuts or cross-fades between them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import av

from campaign.errors import FinishError
from campaign.finish import Retiming
from finishing.rendition import RenditionJob
from media.decode import take_frames
from media.probe import probe

DISSOLVE = 0.25
"""Seconds in which the last picture gives way to the end card, and the intro to the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """The part of a take that the cut uses, from its start."""

    name: str
    path: Path
    num_frames: int
    """At the delivery's rate."""
    fade_in: int = 0
    """Frames in which the clip before gives way to this one; 0 is a hard cut."""
    fade_out: int = 0
    """Frames in which it goes on under the one that follows."""


def clips_of(job: RenditionJob) -> tuple[Clip, ...]:
    """The intro, the shots in order, the end card and the outro.

    Raises:
        FinishError: ``job`` has not what its timeline says.
    """
    _check(job)
    fps, timeline = job.timeline.fps, job.timeline
    clips = []
    if job.intro is not None and timeline.intro_frames:
        clips.append(Clip(name="intro", path=job.intro, num_frames=timeline.intro_frames))
    fades = (DISSOLVE if clips else 0.0, *(job.crossfades or (0.0,) * (len(job.clips) - 1)))
    clips += [
        Clip(name=shot.shot_id, path=path, num_frames=shot.num_frames, fade_in=round(fade * fps))
        for path, shot, fade in zip(job.clips, timeline.shots, fades, strict=True)
    ]
    if job.end_card is not None and timeline.end_card_frames:
        length = min(round(DISSOLVE * fps), timeline.end_card_frames)
        clips.append(
            Clip(name="end card", path=job.end_card, num_frames=timeline.end_card_frames, fade_in=length)
        )
    if job.outro is not None and timeline.outro_frames:
        clips.append(Clip(name="outro", path=job.outro, num_frames=timeline.outro_frames))
    return (
        *(replace(clip, fade_out=following.fade_in) for clip, following in pairwise(clips)),
        clips[-1],
    )


def _check(job: RenditionJob) -> None:
    if len(job.clips) != len(job.timeline.shots):
        raise FinishError(
            "rendition",
            f"there are {len(job.clips)} takes for {len(job.timeline.shots)} shots. Give one each.",
        )
    if job.crossfades and len(job.crossfades) != len(job.clips) - 1:
        raise FinishError(
            "rendition",
            f"{len(job.crossfades)} cross-fades are named for {len(job.clips) - 1} cuts. Give one each.",
        )
    if job.words and len(job.words) != len(job.cues):
        raise FinishError("rendition", f"words are given for {len(job.words)} of {len(job.cues)} cues.")
    timeline = job.timeline
    for part, frames, film in (
        ("an end card", timeline.end_card_frames, job.end_card),
        ("an intro", timeline.intro_frames, job.intro),
        ("an outro", timeline.outro_frames, job.outro),
    ):
        if frames and film is None:
            raise FinishError("rendition", f"the timeline has {part}, but none was given.")


def clip_frames(clip: Clip, fps: int, retiming: Retiming) -> Iterator[av.VideoFrame]:
    """The clip's frames and then those of its fade; see `media.decode.take_frames` for how to treat them.

    Under the fade it goes on as far as its take does; then its last frame is held.

    Raises:
        FinishError: the take is too short or cannot be read.
    """
    there = min(clip.fade_out, _frames_in(clip.path, fps) - clip.num_frames) if clip.fade_out else 0
    count = clip.num_frames + max(there, 0)
    for frame in take_frames(clip.path, fps, count, retiming):
        last = frame
        yield frame
    for _ in range(clip.num_frames + clip.fade_out - count):
        yield last


def _frames_in(path: Path, fps: int) -> int:
    video = probe(path).video
    return int(video.duration * fps + 1e-3) if video else 0
