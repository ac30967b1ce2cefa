"""Cuts on the beat: shot lengths moved so that each cut falls on the music, and no voice line is broken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from campaign.content_key import Json, as_json
from campaign.storyboard import Storyboard
from campaign.timing import LEAD_IN, TimedShot, Timeline, shot_need
from finishing.sound import loop_length
from media.beats import find_beats
from media.sound import RATE, read_sound

RECIPE_VERSION = 2
END_CARD_GIVES = 0.25
"""Share of the end card that it may lose so that its own cut falls on a beat within an asked duration."""

FURTHEST = 1.2
"""Seconds that a cut may move: a little more than the slowest beat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackJob:
    """A track whose beats are looked for."""

    music: Path
    bpm: float | None
    """As the brand kit states it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackBeats:
    """The beats of one track."""

    bpm: float | None
    """Stated or found; None where there is no beat."""
    times: tuple[float, ...]
    """Seconds from the track's start, rising."""
    samples: int
    """Length of the track at `media.sound.RATE`."""

    def in_bed(self, duration: float) -> list[float]:
        """Seconds of the beats in ``duration`` seconds of the track, repeated as the mix repeats it."""
        if duration <= self.samples / RATE or not self.times:
            return [time for time in self.times if time <= duration]
        turn = loop_length(self.samples, self.bpm) / RATE
        rounds = int(duration // turn) + 1
        times = [n * turn + time for n in range(rounds) for time in self.times if time < turn]
        return [time for time in times if time <= duration]


def beats_recipe(job: TrackJob) -> dict[str, Json]:
    return {"beats": RECIPE_VERSION, "music": as_json(job.music), "bpm": job.bpm}


def track_beats(job: TrackJob) -> TrackBeats:
    """Listen to a whole track. A tempo that the kit states settles what is a beat and what half of one.

    Raises:
        FinishError: it cannot be read.
    """
    samples = read_sound(job.music)
    beats = find_beats(samples, job.bpm)
    if beats is None:
        return TrackBeats(bpm=job.bpm, times=(), samples=len(samples))
    return TrackBeats(bpm=job.bpm or round(beats.bpm, 3), times=beats.times, samples=len(samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapped:
    """A timeline on the beat."""

    timeline: Timeline
    off: tuple[int, ...]
    """Cuts, counted from 1, that no beat could be found for; they stay where they were needed."""


def snap_to_beats(timeline: Timeline, storyboard: Storyboard, beats: Sequence[float]) -> Snapped:
    """The same shots with each cut on the frame nearest to a beat, where one can be reached.

    A cut moves to the beat nearest to where it was that leaves its shot the time for its voice and caption,
    and the shots after it theirs. Without an asked duration the spot grows to its last cut's beat; with one
    it keeps its length, and the end card gives or takes what is missing.
    """
    fps, asked = timeline.fps, storyboard.duration is not None
    # As it was laid out, a shot may be a frame shorter than it needs.
    needs = [
        min(-int(-shot_need(shot, storyboard.language, timed.voice_duration) * fps // 1), timed.num_frames)
        for shot, timed in zip(storyboard.shots, timeline.shots, strict=True)
    ]
    frames = sorted({round(beat * fps) for beat in beats})
    card, end = timeline.end_card_frames, timeline.pictures_end
    followed = bool(card or timeline.outro_frames)
    furthest = end + round(card * END_CARD_GIVES) if asked else max([end, *frames])
    cuts, off = [timeline.intro_frames], []
    for number in range(1, len(needs) + 1):
        last = number == len(needs)
        if last and (not followed or (asked and not card)):
            # What has no picture after it is no cut, and an outro gives nothing.
            cuts.append(max(end, cuts[-1] + needs[-1]))
            off += [number] if followed and end not in frames else []
            break
        wanted = end if last else timeline.shots[number].first_frame
        earliest = cuts[-1] + needs[number - 1]
        latest = furthest - sum(needs[number:])
        place = min(max(wanted, earliest), latest)
        reachable = [
            frame for frame in frames if earliest <= frame <= latest and abs(frame - place) <= FURTHEST * fps
        ]
        if not reachable:
            off.append(number)
        cuts.append(min(reachable, key=lambda frame: abs(frame - wanted), default=place))
    shots = tuple(
        _moved(timed, first, after - first, fps)
        for timed, first, after in zip(timeline.shots, cuts, cuts[1:], strict=False)
    )
    rest = card + end - cuts[-1] if asked and card else card
    return Snapped(timeline=replace(timeline, shots=shots, end_card_frames=rest), off=tuple(off))


def _moved(timed: TimedShot, first: int, count: int, fps: int) -> TimedShot:
    start = None if timed.voice_start is None else first / fps + LEAD_IN
    return replace(timed, first_frame=first, num_frames=count, voice_start=start)
