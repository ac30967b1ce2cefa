"""Cues from what was spoken, and the files that carry them.

Lines are cut at clauses into cues of at most two lines in any aspect; each is on screen while it is heard.
"""

import html
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pysrt

from campaign.brief import Language
from campaign.cue import Cue
from campaign.storyboard import Storyboard
from campaign.timing import READING_RATE, TimedShot, Timeline
from finishing.voice import SpokenLine, SpokenWord
from media.kinsoku import units

MOST = {Language.ZH: 20, Language.EN: 46}
"""Characters of one cue; two lines of that hold in the narrowest safe area at 5.5 % of the short side."""
MOST_SECOND = {Language.ZH: 28, Language.EN: 56}
"""The same for the smaller line of the other language, at 3.6 % of the short side."""
SHORTEST = 5 / 6
"""Seconds (Netflix Timed Text Style Guide, minimum duration)."""
LONGEST = 7.0
"""Seconds (same guide, maximum duration)."""
FLASH = 0.5
"""A gap shorter than this flickers, so the earlier cue stays until the next (same guide, frame gap)."""
LINGER = 0.25
"""Seconds that a cue stays after its last word."""

_PAUSES = frozenset("，。！？；：、…,.!?;:—–")
_DROPPED = "，。、；：,;:"
"""Marks that end no cue: its end says as much. Question and exclamation marks and the English stop stay."""


def make_cues(
    storyboard: Storyboard, timeline: Timeline, spoken: Mapping[str, SpokenLine]
) -> tuple[Cue, ...]:
    """The cues of a spot in order, on whole frames.

    ``spoken`` is by shot id; a shot that is not in it is timed by reading speed over its length.
    """
    shots = {shot.shot_id: shot for shot in timeline.shots}
    cues: list[Cue] = []
    for shot in storyboard.shots:
        parts = split_line(shot.line, storyboard.language)
        if parts:
            timed = shots[shot.id]
            cues += _timed(parts, timed, timeline.fps, spoken.get(shot.id), storyboard.language)
    return tuple(_settled(cues, timeline.fps, timeline.pictures_end))


def make_second(storyboard: Storyboard, timeline: Timeline, cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
    """The cues of the other language: each shot's share, while the shot's own ``cues`` are seen.

    Where it needs as many cues as the first language they change together.
    """
    fps, second = timeline.fps, storyboard.language.other
    found: list[Cue] = []
    for shot, timed in zip(storyboard.shots, timeline.shots, strict=True):
        parts = split_line(shot.translation, second, MOST_SECOND[second])
        last = (timed.first_frame + timed.num_frames) / fps
        shown = [cue for cue in cues if timed.first_frame / fps <= cue.start < last]
        if not parts or not shown:
            continue
        start, whole = shown[0].start, shown[-1].end - shown[0].start
        marks = [0.0, *_shares(parts)]
        edges = [(start + a * whole, start + b * whole) for a, b in pairwise(marks)]
        if len(parts) == len(shown):
            edges = [(cue.start, cue.end) for cue in shown]
        found += [
            Cue(start=round(a * fps) / fps, end=round(b * fps) / fps, text=shown_text(part))
            for part, (a, b) in zip(parts, edges, strict=True)
        ]
    return tuple(found)


def cue_words(
    cues: tuple[Cue, ...], timeline: Timeline, spoken: Mapping[str, SpokenLine]
) -> tuple[tuple[SpokenWord, ...], ...]:
    """For each cue its words with their seconds in the spot, for captions that show the word being spoken."""
    heard = [
        SpokenWord(start=shot.voice_start + word.start, end=shot.voice_start + word.end, text=word.text)
        for shot in timeline.shots
        if shot.voice_start is not None and shot.shot_id in spoken
        for word in spoken[shot.shot_id].words
    ]
    return tuple(
        tuple(word for word in heard if cue.start <= (word.start + word.end) / 2 < cue.end) for cue in cues
    )


# A plan asks for a line's parts once for each variant that has it.
@lru_cache(maxsize=1024)
def split_line(line: str, language: Language, most: int | None = None) -> tuple[str, ...]:
    """The whole ``line`` in parts of at most ``most`` or `MOST` characters, cut at pauses where it can be."""
    most = most or MOST[language]
    parts: list[str] = []
    for clause in _clauses(line):
        joined = f"{parts[-1]}{clause}" if parts else clause
        if parts and len(joined.strip()) <= most and not _ends_sentence(parts[-1]):
            parts[-1] = joined
        else:
            parts += _halved(clause, most)
    return tuple(part.strip() for part in parts)


def shown_text(part: str) -> str:
    """A cue's words without the marks that its own end makes superfluous."""
    return part.rstrip(_DROPPED) or part


def write_srt(cues: tuple[Cue, ...], path: Path) -> None:
    """SubRip, UTF-8."""
    items = [
        pysrt.SubRipItem(
            index=number,
            start=pysrt.SubRipTime(milliseconds=round(cue.start * 1000)),
            end=pysrt.SubRipTime(milliseconds=round(cue.end * 1000)),
            text=cue.text,
        )
        for number, cue in enumerate(cues, start=1)
    ]
    pysrt.SubRipFile(items=items).save(str(path), encoding="utf-8")


def write_vtt(cues: tuple[Cue, ...], path: Path) -> None:
    """WebVTT; characters that would be markup are escaped."""
    blocks = [
        f"{_clock(cue.start)} --> {_clock(cue.end)}\n{html.escape(cue.text, quote=False)}" for cue in cues
    ]
    path.write_text("\n\n".join(["WEBVTT", *blocks]) + "\n", encoding="utf-8")


def _clauses(line: str) -> list[str]:
    """Pieces that end in a pause, which a figure's own point or comma is not; in all the whole line."""
    pieces, start = [], 0
    for place, mark in enumerate(line):
        if mark not in _PAUSES:
            continue
        following = line[place + 1 : place + 2]
        if following not in _PAUSES and not (mark in ",.:" and following.strip()):
            pieces.append(line[start : place + 1])
            start = place + 1
    return [piece for piece in (*pieces, line[start:]) if piece.strip()]


def _ends_sentence(part: str) -> bool:
    return part.rstrip()[-1:] in tuple("。！？!?.…")


def _halved(clause: str, most: int) -> list[str]:
    """``clause`` in as few even pieces as hold ``most`` characters, torn where it hurts least."""
    if len(clause.strip()) <= most:
        return [clause]
    words = units(clause)
    middle, sizes = len(clause.strip()) / 2, [len(unit.text + unit.space) for unit in words]
    best = min(
        range(1, len(words)),
        key=lambda cut: abs(sum(sizes[:cut]) - middle) / middle + words[cut - 1].cost * 0.15,
        default=None,
    )
    if best is None:
        return [clause]
    halves = ("".join(unit.text + unit.space for unit in part) for part in (words[:best], words[best:]))
    return [piece for half in halves for piece in _halved(half, most)]


def _timed(
    parts: tuple[str, ...], shot: TimedShot, fps: int, spoken: SpokenLine | None, language: Language
) -> list[Cue]:
    first = shot.first_frame / fps
    if spoken is not None and shot.voice_start is not None:
        edges = _spoken_edges(parts, spoken)
        first = shot.voice_start
    else:
        edges = _read_edges(parts, shot.num_frames / fps, language)
    return [
        Cue(start=first + start, end=first + end, text=shown_text(part))
        for part, (start, end) in zip(parts, edges, strict=True)
    ]


def _spoken_edges(parts: tuple[str, ...], spoken: SpokenLine) -> list[tuple[float, float]]:
    """When each part is heard, by its words; by its length where the voice tells none."""
    ends = _shares(parts)
    if not spoken.words:
        return [(a * spoken.duration, b * spoken.duration) for a, b in pairwise((0.0, *ends))]
    letters = [_letters(part) for part in parts]
    edges, word, carried = [], 0, 0
    for count in map(len, letters):
        start = spoken.words[min(word, len(spoken.words) - 1)].start
        end = start
        while word < len(spoken.words) and carried < count:
            carried += max(len(_letters(spoken.words[word].text)), 1)
            end = spoken.words[word].end
            word += 1
        carried -= count
        edges.append((start, end))
    return [*edges[:-1], (edges[-1][0], spoken.duration)]


def _read_edges(parts: tuple[str, ...], length: float, language: Language) -> list[tuple[float, float]]:
    """A silent shot's parts, each for its share of the shot but no longer than a slow reader needs."""
    needed = sum(len(part) for part in parts) / READING_RATE[language] * 2 + SHORTEST * len(parts)
    whole = min(length, needed)
    return [(a * whole, b * whole) for a, b in pairwise((0.0, *_shares(parts)))]


def _shares(parts: tuple[str, ...]) -> list[float]:
    sizes = [len(part) for part in parts]
    return [sum(sizes[: n + 1]) / sum(sizes) for n in range(len(sizes))]


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _settled(cues: list[Cue], fps: int, last_frame: int) -> list[Cue]:
    """Long enough to read, short enough to leave, without flicker between them, on whole frames."""
    settled: list[Cue] = []
    for index, cue in enumerate(cues):
        limit = cues[index + 1].start if index + 1 < len(cues) else last_frame / fps
        end = min(max(cue.end + LINGER, cue.start + SHORTEST), cue.start + LONGEST, limit)
        if limit - end < FLASH and limit - cue.start <= LONGEST:
            end = limit
        settled.append(Cue(start=round(cue.start * fps) / fps, end=round(end * fps) / fps, text=cue.text))
    return settled


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
