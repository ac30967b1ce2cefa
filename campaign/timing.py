"""When each shot, line and the end card begin, in whole frames of the delivery rate."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise

from campaign.brief import Language
from campaign.errors import InputError, TimingError
from campaign.finish import VoiceOverrun
from campaign.storyboard import Shot, Storyboard

READING_RATE = {Language.ZH: 9.0, Language.EN: 17.0}
"""Most characters a second that a caption may ask of a reader (Netflix Timed Text Style Guide, zh-Hans and
en; in English its limit for children's programmes: an advertisement is read on a phone, once)."""
LEAD_IN = 0.15
"""Seconds of picture before a shot's voice, so that the cut is seen before it is spoken over."""
TAIL = 0.25
"""Seconds of picture after a shot's voice."""
SHORTEST_SHOT = 1.2
"""Seconds; less reads as a flicker."""
FASTEST_VOICE = 1.15
"""A voice may be sped up this much before it sounds hurried."""
SMALLEST_OVERRUN = 0.02
"""Seconds by which a line may run into the air after it: half a frame, which no ear tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedShot:
    """Where a shot lies in the cut."""

    shot_id: str
    first_frame: int
    num_frames: int
    voice_start: float | None
    """Seconds from the start of the spot; None where nothing is said."""
    voice_duration: float
    """Seconds; 0 where nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The cut of one spot."""

    fps: int
    shots: tuple[TimedShot, ...]
    end_card_frames: int
    intro_frames: int = 0
    outro_frames: int = 0

    @property
    def num_frames(self) -> int:
        return self.pictures_end + self.end_card_frames + self.outro_frames

    @property
    def pictures_end(self) -> int:
        """One after the last frame of the last shot."""
        return self.intro_frames + sum(shot.num_frames for shot in self.shots)

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.num_frames / self.fps


class OverrunError(InputError):
    """A voice line is longer than its shot, and the row does not let the cut move."""

    def __init__(self, line: str, spoken: float, room: float, most: float) -> None:
        super().__init__(line, spoken, room, most)
        self.line = line
        self.spoken = spoken
        self.room = room
        self.most = most
        """Times as fast as the voice may be made."""

    def __str__(self) -> str:
        keep = int(len(self.line) * self.room * self.most / self.spoken)
        faster = f", and {self.most:g} times as fast is the most" if self.most > 1 else ""
        return (
            f"The voice takes {self.spoken:.2f} s for {self.line!r}, but its shot has {self.room:.2f} s for "
            f"it{faster}. Shorten the line to about {keep} characters (it has {len(self.line)}), "
            "or set voice overrun to extend, which moves the cut."
        )


def shot_need(shot: Shot, language: Language, spoken: float) -> float:
    """Seconds that a shot cannot go below: its voice with air around it, and its captions read."""
    voice = LEAD_IN + spoken + TAIL if spoken else 0.0
    second = len(shot.translation) / READING_RATE[language.other]
    return max(voice, len(shot.line) / READING_RATE[language], second, SHORTEST_SHOT)


def line_speeds(
    storyboard: Storyboard, spoken: Mapping[str, float], overrun: VoiceOverrun
) -> dict[str, float]:
    """How much faster than normal lines must be heard, by shot id; one that fits as it is is not in it.

    ``spoken`` is seconds of voice by shot id, at normal speed.

    Raises:
        TimingError: even the fastest voice does not fit the asked duration.
        OverrunError: a line does not fit its shot, where the cut may not move.
    """
    if overrun is VoiceOverrun.EXTEND:
        speed = _common_speed(storyboard, spoken)
        return dict.fromkeys(spoken, speed) if speed > 1.0 else {}
    most = FASTEST_VOICE if overrun is VoiceOverrun.FASTER else 1.0
    speeds = {}
    for shot in storyboard.shots:
        seconds, room = spoken.get(shot.id, 0.0), shot.duration - LEAD_IN - TAIL
        if seconds <= room + SMALLEST_OVERRUN:
            continue
        if room <= 0 or seconds / room > most + 1e-6:
            raise OverrunError(shot.line, seconds, max(room, 0.0), most)
        speeds[shot.id] = min(math.ceil(seconds / room * 100) / 100, most)
    return speeds


def _common_speed(storyboard: Storyboard, spoken: Mapping[str, float]) -> float:
    """Of all lines alike, for the asked duration."""
    if storyboard.duration is None:
        return 1.0
    room = storyboard.duration - storyboard.around
    speed = 1.0
    while (needed := _needed(storyboard, spoken, speed)) > room + 1e-6:
        speed = round(speed + 0.01, 2)
        if speed > FASTEST_VOICE:
            raise _too_long(storyboard, needed)
    return speed


def _needed(storyboard: Storyboard, spoken: Mapping[str, float], speed: float) -> float:
    return sum(shot_need(s, storyboard.language, spoken.get(s.id, 0.0) / speed) for s in storyboard.shots)


def _too_long(storyboard: Storyboard, needed: float) -> TimingError:
    asked = storyboard.duration or 0.0
    characters = sum(len(shot.line) for shot in storyboard.shots)
    return TimingError(needed + storyboard.around, asked, characters)


def fit(storyboard: Storyboard, spoken: Mapping[str, float], fps: int) -> Timeline:
    """Lay the shots out: each as long as planned or as it needs, all together as long as was asked.

    ``spoken`` is seconds of voice by shot id, as it will be heard. A shot may be up to one frame shorter than
    it needs, which its tail has room for: were every need rounded up to a frame, copy that fits in seconds
    would not fit in frames.

    Raises:
        TimingError: the shots need more than the asked duration.
    """
    needs = [shot_need(s, storyboard.language, spoken.get(s.id, 0.0)) for s in storyboard.shots]
    least = _frames_between(needs, fps)
    counts = [max(n, round(s.duration * fps)) for n, s in zip(least, storyboard.shots, strict=True)]
    intro, end_card, outro = (
        round(part * fps) for part in (storyboard.intro, storyboard.end_card, storyboard.outro)
    )
    if storyboard.duration is not None:
        room = round(storyboard.duration * fps) - intro - end_card - outro
        if sum(least) > room + 1:
            raise _too_long(storyboard, sum(needs))
        if sum(least) > room:
            # Duration and end card were each rounded to a frame; the longest shot can spare the odd one.
            least[least.index(max(least))] -= sum(least) - room
        counts = _share(room, least, counts)
    shots, first = [], intro
    for shot, count in zip(storyboard.shots, counts, strict=True):
        voice = spoken.get(shot.id, 0.0)
        start = first / fps + LEAD_IN if voice else None
        shots.append(
            TimedShot(
                shot_id=shot.id, first_frame=first, num_frames=count, voice_start=start, voice_duration=voice
            )
        )
        first += count
    return Timeline(
        fps=fps, shots=tuple(shots), end_card_frames=end_card, intro_frames=intro, outro_frames=outro
    )


def _frames_between(seconds: list[float], fps: int) -> list[int]:
    """Frames of each stretch when the running total is rounded, so that rounding never adds up."""
    marks = [0, *(round(total * fps) for total in accumulate(seconds))]
    return [end - start for start, end in pairwise(marks)]


def _share(room: int, least: list[int], wanted: list[int]) -> list[int]:
    """``least`` plus what is left of ``room``, dealt out in proportion to what each wanted above that."""
    spare = room - sum(least)
    wishes = [max(w - n, 0) + 1 for w, n in zip(wanted, least, strict=True)]
    total, dealt, running = sum(wishes), 0, 0
    result = []
    for need, wish in zip(least, wishes, strict=True):
        running += wish
        upto = spare * running // total
        result.append(need + upto - dealt)
        dealt = upto
    return result
