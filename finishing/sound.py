"""One mix per spot: voice, music ducked under it, levelled for delivery and measured after encoding."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from campaign.content_key import Json, as_json
from campaign.errors import FinishError
from campaign.file_cache import cached_by_file
from finishing.film_sound import LEVEL as FILM_LEVEL
from finishing.film_sound import MOST_GAIN, PlacedFilm, film_sound, music_window
from finishing.film_sound import TAIL as FILM_TAIL
from media.heard import loudness_of
from media.loudness import HOP, gated_loudness, hop_powers, integrated_loudness, limited
from media.sound import (
    RATE,
    Samples,
    decibels,
    drawn_out,
    gain_of,
    read_sound,
    read_wav,
    seconds,
    silence,
    write_aac,
)

RECIPE_VERSION = 4

TARGET = -14.0
"""LUFS integrated, what Douyin, TikTok, YouTube and Reels play at."""
TOLERANCE = 0.5
CEILING = -1.0
"""dBTP on the finished file."""
DUCK = -9.0
"""dB that the music goes down under the voice."""
ATTACK, RELEASE = 0.08, 0.45
"""Seconds to go down and to come back."""
AHEAD = 0.12
"""Seconds that the music goes down before the voice is heard."""
_STEP = RATE // 200

FADE_IN = 0.15
FADE_OUT = 0.9
"""Shortest fade at the end, in seconds; where the tempo is known it begins on the beat before."""
_BEATS_PER_BAR = 4
_SEAM = 0.03
"""Seconds of cross-fade where the music is looped."""
_EDGE = 0.005
"""The same where the track has no sound after its last bar."""

_STRETCH = 15
"""Seconds in which a track is decoded: spots of about one length need the same of it. 6 MB each."""

_FIRST_CEILING = -2.2
"""AAC adds up to 2.5 dB of true peak on percussion and about 1 dB on speech; one encode is mostly enough."""
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """A voice line's sound and the second of the spot at which it begins."""

    path: Path
    start: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundJob:
    """Everything that decides a spot's sound."""

    lines: tuple[PlacedLine, ...]
    music: Path | None
    music_level: float
    """LUFS of the music where nobody speaks."""
    bpm: float | None = None
    """Tempo of the track, for loops and fades on the beat."""
    duration: float
    """Seconds, to the sample."""
    films: tuple[PlacedFilm, ...] = ()
    """Opening and ending films that are heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFacts:
    """The finished sound, as measured after encoding."""

    file: str
    """Name in the folder that was given."""
    duration: float
    """Seconds."""
    integrated: float | None
    """LUFS; None for silence."""
    true_peak: float | None
    """dBTP; None for silence."""
    findings: tuple[str, ...]
    """What a person should know: a track that is silent, or that there is nothing to hear at all."""


def sound_recipe(job: SoundJob) -> dict[str, Json]:
    """Everything that decides the bytes; files by digest."""
    what = as_json(job)
    assert isinstance(what, dict)
    films = what.pop("films")
    recipe: dict[str, Json] = {
        "sound": RECIPE_VERSION,
        "job": what,
        "levels": [TARGET, CEILING, DUCK, ATTACK, RELEASE, AHEAD, FADE_IN, FADE_OUT],
    }
    if films:
        recipe["films"] = [films, FILM_LEVEL, FILM_TAIL, MOST_GAIN]
    return recipe


def mix_sound(job: SoundJob, folder: Path) -> SoundFacts:
    """Write ``folder/sound.m4a``: AAC-LC, 48 kHz stereo, `TARGET` LUFS, at most `CEILING` dBTP.

    Raises:
        FinishError: a sound cannot be read, a line runs over the end, or the level cannot be reached.
    """
    path = folder / "sound.m4a"
    mix, findings = _mixed(job)
    if not mix.any():
        write_aac(path, silence(job.duration))
        return SoundFacts(
            file=path.name,
            duration=job.duration,
            integrated=None,
            true_peak=None,
            findings=(*findings, "There is nothing to hear: neither voice nor music."),
        )
    return replace(_mastered(mix, path), findings=tuple(findings))


def _mixed(job: SoundJob) -> tuple[Samples, list[str]]:
    """Everything together, not yet levelled, and what a person should know of it."""
    foreground, music = _voice(job), _music(job)
    _add_films(foreground, [film for film in job.films if not film.alone])
    findings = []
    if job.music is not None and not music.any():
        findings.append(f"Music {job.music.name} is silent. Take another track.")
    music *= _ducking(foreground)[:, None]
    mix = foreground + music
    _add_films(mix, [film for film in job.films if film.alone])
    return mix, findings


def _voice(job: SoundJob) -> Samples:
    bus = silence(job.duration)
    for line in job.lines:
        samples = read_wav(line.path)
        start = round(line.start * RATE)
        if start + len(samples) > len(bus) + RATE // 24:
            raise FinishError(
                f"voice line {line.path.name}",
                f"it ends at {line.start + seconds(samples):.2f} s, but the spot at {job.duration:.2f} s.",
            )
        part = samples[: len(bus) - start]
        bus[start : start + len(part)] += part
    return bus


def _add_films(bus: Samples, films: Sequence[PlacedFilm]) -> None:
    for film in films:
        samples = film_sound(film)
        if samples is not None:
            start = round(film.start * RATE)
            bus[start : start + len(samples)] += samples[: len(bus) - start]


def _music(job: SoundJob) -> Samples:
    music = silence(job.duration)
    if job.music is None:
        return music
    start, end = (round(time * RATE) for time in music_window(job.films, job.duration))
    try:
        bed = _bed(job.music, end - start, job.bpm) * np.float32(gain_of(job.music_level))
    except OSError as error:
        raise FinishError(f"music {job.music.name}", str(error)) from error
    rise = min(round(FADE_IN * RATE), len(bed))
    bed[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)[:, None]
    fall = min(round(_fade_out(len(bed) / RATE, job.bpm) * RATE), len(bed))
    bed[len(bed) - fall :] *= (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall, dtype=np.float32)))[:, None]
    music[start:end] = bed
    return music


def _bed(music: Path, wanted: int, bpm: float | None) -> Samples:
    """``wanted`` samples of the track at 0 LUFS."""
    track = _track(music, -(-wanted // (_STRETCH * RATE)) * _STRETCH)
    bed = _looped(track.samples[:wanted], wanted, bpm)
    is_beginning = HOP <= wanted <= len(track.samples)
    loudness = gated_loudness(track.powers[: wanted // HOP]) if is_beginning else integrated_loudness(bed)
    if loudness == float("-inf"):
        return silence(wanted / RATE)
    bed *= np.float32(gain_of(-loudness))
    return bed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Track:
    samples: Samples
    powers: NDArray[np.float64]
    """From `hop_powers`."""


@cached_by_file(1)
def _track(music: Path, most: int) -> _Track:
    """So many seconds of the track, if it has them; spots of one brand share them."""
    samples = read_sound(music, most)
    return _Track(samples=samples, powers=hop_powers(samples))


def _looped(track: Samples, wanted: int, bpm: float | None) -> Samples:
    """The track from its start, repeated at the last whole bar that it has."""
    if wanted <= len(track):
        return track[:wanted].copy()
    turn = loop_length(len(track), bpm)
    # A track that ends with its last bar has nothing to fade under the next one; the beat goes before.
    over = min(round(_SEAM * RATE), len(track) - turn)
    edge = max(over, round(_EDGE * RATE))
    rise = np.linspace(0, 1, edge, dtype=np.float32)[:, None]
    bed = np.zeros((wanted + turn + over, 2), dtype=np.float32)
    for start in range(0, wanted, turn):
        piece = track[: turn + over].copy()
        piece[-edge:] *= 1 - rise
        if start:
            piece[:edge] *= rise
        bed[start : start + len(piece)] += piece
    return bed[:wanted]


def loop_length(samples: int, bpm: float | None) -> int:
    """Samples after which a track of that many begins anew: its whole bars, or all of it."""
    if not bpm:
        return samples
    bar = _BEATS_PER_BAR * 60 / bpm * RATE
    return round(samples // bar * bar) or samples


def _fade_out(duration: float, bpm: float | None) -> float:
    if not bpm or duration <= 2 * FADE_OUT:
        return min(FADE_OUT, duration / 2)
    beat = 60 / bpm
    return duration - (duration - FADE_OUT) // beat * beat


def _ducking(voice: Samples) -> NDArray[np.float32]:
    """The music's gain per sample: a side chain that listens to the voice a little ahead."""
    count = -(-len(voice) // _STEP)
    padded = np.pad(voice.mean(axis=1), (0, count * _STEP - len(voice)))
    level = np.sqrt(np.square(padded.reshape(count, _STEP)).mean(axis=1))
    speaking = level > max(float(level.max()) * 0.03, 1e-5)
    ahead = round(AHEAD * RATE / _STEP)
    speaking = np.concatenate([speaking[ahead:], np.zeros(min(ahead, count), dtype=bool)])[:count]
    down, up = (1 - np.exp(-_STEP / RATE / (time / 3)) for time in (ATTACK, RELEASE))
    gain, curve = 0.0, np.empty(count)
    for index, heard in enumerate(speaking.tolist()):
        gain += ((DUCK if heard else 0.0) - gain) * (down if heard else up)
        curve[index] = gain
    return drawn_out(10 ** (curve / 20), _STEP, len(voice))


def _mastered(mix: Samples, path: Path) -> SoundFacts:
    gain, ceiling = TARGET - integrated_loudness(mix), _FIRST_CEILING
    for _ in range(_TRIES):
        loud = mix * np.float32(gain_of(gain))
        master = limited(loud, ceiling)
        lost = decibels(float(np.vdot(loud, loud) / np.vdot(master, master))) / 2
        loud *= np.float32(gain_of(lost))
        master = limited(loud, ceiling)
        write_aac(path, master)
        # A minute takes 23 MB in each stage.
        del loud, master
        heard = loudness_of(path)
        if heard.true_peak <= CEILING and abs(heard.integrated - TARGET) <= TOLERANCE:
            return SoundFacts(
                file=path.name,
                duration=seconds(mix),
                integrated=round(heard.integrated, 2),
                true_peak=round(heard.true_peak, 2),
                findings=(),
            )
        ceiling -= max(heard.true_peak - CEILING + 0.1, 0.0)
        gain += TARGET - heard.integrated
    raise FinishError(
        "sound level",
        f"after {_TRIES} tries it is {heard.integrated:.1f} LUFS with {heard.true_peak:.1f} dBTP, "
        f"not {TARGET:g} ± {TOLERANCE:g} with at most {CEILING:g}. Take less percussive music.",
    )
