"""Cuts on the beat: shot lengths moved so that each cut falls on the music, and no voice line is broken."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from campaign.storyboard import Storyboard
from campaign.timing import LEAD_IN, TimedShot, Timeline, shot_need
from media.beats import find_beats
from media.sound import read_sound


def track_beats(music: Path, bpm: float | None, duration: float) -> tuple[float, ...]:
    """Seconds of the beats in the first ``duration`` seconds of a track.

    A kit that states a tempo says with it that the track begins on a beat; otherwise beats are found, once
    per track and process, and a track without any gives none.
    """
    if bpm:
        return tuple(number * 60 / bpm for number in range(int(duration * bpm / 60) + 1))
    return tuple(time for time in _found(music, music.stat().st_mtime_ns) if time <= duration)


def snap_to_beats(timeline: Timeline, storyboard: Storyboard, beats: Sequence[float]) -> Timeline:
    """The same timeline with each cut on the frame nearest to a beat, where one can be reached.

    A cut moves to the nearest beat that leaves its shot the time for its voice and caption, and the shots
    after it theirs. Where no beat does, it stays. The whole keeps its length, and so its last cut.
    """
    fps = timeline.fps
    needs = [
        -int(-shot_need(shot, storyboard.language, timed.voice_duration) * fps // 1)
        for shot, timed in zip(storyboard.shots, timeline.shots, strict=True)
    ]
    frames = sorted({round(beat * fps) for beat in beats})
    end = timeline.pictures_end
    firsts = [timeline.intro_frames]
    for index, timed in enumerate(timeline.shots[1:], start=1):
        earliest = firsts[-1] + needs[index - 1]
        latest = end - sum(needs[index:])
        wanted = max(timed.first_frame, earliest)
        reachable = [frame for frame in frames if earliest <= frame <= latest]
        firsts.append(min(reachable, key=lambda frame: abs(frame - wanted), default=min(wanted, latest)))
    lasts = [*firsts[1:], end]
    shots = tuple(
        _moved(timed, first, last - first, fps)
        for timed, first, last in zip(timeline.shots, firsts, lasts, strict=True)
    )
    return replace(timeline, shots=shots)


def _moved(timed: TimedShot, first: int, count: int, fps: int) -> TimedShot:
    start = None if timed.voice_start is None else first / fps + LEAD_IN
    return replace(timed, first_frame=first, num_frames=count, voice_start=start)


@lru_cache(maxsize=64)
def _found(music: Path, changed: int) -> tuple[float, ...]:  # noqa: ARG001  # It is the cache's key.
    beats = find_beats(read_sound(music))
    return beats.times if beats else ()
