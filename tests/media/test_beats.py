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


BAR = {
    "house": {"kick": (0, 1, 2, 3), "snare": (1, 3), "open hat": (0.5, 1.5, 2.5, 3.5)},
    "syncopated": {"kick": (0, 1.5, 2.5), "snare": (1, 3), "hat": tuple(n / 2 for n in range(8))},
    "tresillo": {"kick": (0, 1.5, 3), "snare": (1, 3), "hat": tuple(n / 4 for n in range(16))},
    "reggae": {"kick": (2,), "bass": (0, 1, 2, 3), "chord": (0.5, 1.5, 2.5, 3.5)},
    "arpeggio": {"pluck": tuple(n / 2 for n in range(8)), "bass": (0, 2)},
}
"""Beats of a bar on which each instrument is heard."""


def hit(instrument: str, rng: np.random.Generator) -> np.ndarray:
    times = np.arange(RATE // 4) / RATE
    noise = rng.normal(0, 1, len(times))
    match instrument:
        case "kick":
            return 0.9 * np.sin(2 * np.pi * (50 * times + 2 - 2 * np.exp(-30 * times))) * np.exp(-18 * times)
        case "snare":
            return (0.35 * noise + 0.3 * np.sin(2 * np.pi * 185 * times)) * np.exp(-22 * times)
        case "hat" | "open hat":
            return 0.3 * np.diff(noise, append=0) * np.exp(-(70 if instrument == "hat" else 16) * times)
        case "bass":
            return 0.5 * np.sin(2 * np.pi * 70 * times) * np.exp(-6 * times)
        case _:
            tones = [np.sin(2 * np.pi * hertz * times) for hertz in (220, 330, 495, 660)]
            return 0.15 * sum(tones) * np.exp(-12 * times)


def band(style: str, bpm: float, begins: float, seconds: float = 20.0) -> np.ndarray:
    rng, beat = np.random.default_rng(3), 60 / bpm
    mono = rng.normal(0, 0.001, round(seconds * RATE))
    for instrument, places in BAR[style].items():
        for bar in range(int((seconds - begins) / (4 * beat)) + 1):
            for place in places:
                start = round((begins + (4 * bar + place) * beat) * RATE)
                part = hit(instrument, rng)[: max(len(mono) - start, 0)]
                mono[start : start + len(part)] += part
    return np.repeat((mono / np.abs(mono).max())[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize("style", BAR)
@pytest.mark.parametrize("bpm", [76, 100, 112, 140])
def test_the_beat_is_told_from_what_sounds_between_the_beats(style: str, bpm: int) -> None:
    begins = 0.37
    beats = find_beats(band(style, bpm, begins), bpm)
    assert beats is not None
    assert distance(tuple(time - begins for time in beats.times), bpm) < 1 / 24


@pytest.mark.parametrize(
    ("track", "bpm"),
    [
        ("qinghe_tea/music/spring_mist", 90),
        ("qinghe_tea/music/first_flush", 112),
        ("harbor_ceramics/music/harbor_morning", 100),
        ("harbor_ceramics/music/clay_wheel", 118),
    ],
)
def test_the_beats_of_composed_music_are_found(track: str, bpm: int) -> None:
    beats = find_beats(read_sound(MUSIC / f"{track}.ogg"))
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


@pytest.mark.parametrize("sound", ["hiss", "pad", "rain"])
def test_what_has_no_pulse_has_no_beats(sound: str) -> None:
    rng, count = np.random.default_rng(0), 20 * RATE
    times = np.arange(count) / RATE
    mono = rng.normal(0, 0.1, count)
    if sound == "pad":
        # Breath, without which pure tones repeat themselves to the last digit.
        swell = 1 + 0.4 * np.sin(0.4 * times)
        mono = 0.05 * mono + swell * sum(np.sin(2 * np.pi * hertz * times) for hertz in (220, 277, 330))
    if sound == "rain":
        mono = np.zeros(count)
        for start in rng.integers(0, count - 2000, 120):
            mono[start : start + 2000] += rng.normal(0, 0.3, 2000) * np.exp(-np.arange(2000) / 300)
    assert find_beats(np.repeat(mono[:, None], 2, axis=1).astype(np.float32)) is None
