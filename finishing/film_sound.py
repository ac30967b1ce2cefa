"""The sound of a kit's opening and ending films, and what it leaves of the spot to the music."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from campaign.file_cache import cached_by_file
from media.loudness import integrated_loudness
from media.probe import probe
from media.sound import RATE, Samples, gain_of, read_sound

LEVEL = -16.0
"""LUFS that a film's sound is brought to, which is a voice's."""
MOST_GAIN = 12.0
"""dB; a film that whispers is not made to shout."""
TAIL = 0.25
"""Seconds in which a film's sound dies away, past its last picture where there is more of it."""
_EDGE = 0.005
"""Seconds of fade where it begins, so that nothing clicks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFilm:
    """A film whose sound is heard, and where."""

    path: Path
    start: float
    """Seconds."""
    seconds: float
    """Of its pictures."""
    alone: bool
    """No music beside it; else the music goes down under it."""


def film_sound(film: PlacedFilm) -> Samples | None:
    """What is heard of it, levelled and faded at both ends; None for a film without sound.

    Raises:
        FinishError: it cannot be read.
    """
    return _heard(film.path, film.seconds)


@cached_by_file(8)
def _heard(path: Path, length: float) -> Samples | None:
    if probe(path).sound is None:
        return None
    samples = read_sound(path, length + TAIL)
    loudness = integrated_loudness(samples)
    if loudness == float("-inf"):
        return None
    samples = samples * np.float32(gain_of(min(LEVEL - loudness, MOST_GAIN)))
    edge, tail = (min(round(part * RATE), len(samples)) for part in (_EDGE, TAIL))
    samples[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)[:, None]
    samples[-tail:] *= (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, tail, dtype=np.float32)))[:, None]
    samples.setflags(write=False)
    return samples


def music_window(films: Sequence[PlacedFilm], duration: float) -> tuple[float, float]:
    """From which second of the spot the music plays, and to which: it gives way to films heard alone.

    Raises:
        FinishError: a film cannot be read.
    """
    start, end = 0.0, duration
    for film in films:
        if not film.alone or film_sound(film) is None:
            continue
        if film.start > 0:
            end = film.start
        else:
            start = film.seconds
    return start, end
