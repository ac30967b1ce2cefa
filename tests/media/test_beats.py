from pathlib import Path

import numpy as np
import pytest

from media.beats import find_beats
from media.sound import RATE, read_sound

MUSIC = Path(__file__).parents[2] / "brand_kits"


def drums(bpm: float, seconds: float = 16.0) -> np.ndarray:
    rng, times = np.random.default_rng(5), np.arange(round(seconds * RATE)) / RATE
    beat = 60 / bpm
    kick = np.sin(2 * np.pi * 60 * times) * np.exp(-(times % beat) * 30)
    hat = rng.normal(0, 0.1, len(times)) * np.exp(-(times % (beat / 2)) * 120)
    mono = 0.6 * kick + hat + 0.05 * np.sin(2 * np.pi * 220 * times)
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


def distance(times: tuple[float, ...], bpm: float) -> float:
    """How far the beats lie from the true grid, at the worst, in seconds; the ends aside."""
    beat = 60 / bpm
    return float(np.abs((np.array(times[1:-1]) + beat / 2) % beat - beat / 2).max())


@pytest.mark.parametrize("bpm", [90, 100, 120, 128, 140])
def test_the_tempo_and_the_beats_of_drums_are_found(bpm: int) -> None:
    beats = find_beats(drums(bpm))
    assert beats is not None
    assert beats.bpm == pytest.approx(bpm, rel=0.005)
    assert distance(beats.times, bpm) < 1 / 24


@pytest.mark.parametrize(("track", "bpm"), [("spring_mist", 90), ("first_flush", 112)])
def test_the_beats_of_composed_music_are_found(track: str, bpm: int) -> None:
    beats = find_beats(read_sound(MUSIC / "qinghe_tea" / "music" / f"{track}.ogg"))
    assert beats is not None
    assert beats.bpm == pytest.approx(bpm, rel=0.005)
    assert distance(beats.times, bpm) < 1 / 24


def test_a_known_tempo_settles_an_octave_that_the_sound_leaves_open() -> None:
    beats = find_beats(drums(75), bpm=75)
    assert beats is not None
    assert beats.bpm == pytest.approx(75, rel=0.005)


def test_silence_and_scraps_have_no_beats() -> None:
    assert find_beats(np.zeros((10 * RATE, 2), dtype=np.float32)) is None
    assert find_beats(drums(120, 2.0)) is None
