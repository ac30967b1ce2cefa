import re
from pathlib import Path

import numpy as np
import pytest

from media.command import run_ffmpeg
from media.loudness import (
    HOP,
    gated_loudness,
    hop_powers,
    integrated_loudness,
    limited,
    measure_loudness,
    true_peak,
)
from media.sound import RATE, decibels, write_wav


def sine(hertz: float, level: float, seconds: float = 3.0, phase: float = 0.0) -> np.ndarray:
    times = np.arange(round(seconds * RATE)) / RATE
    wave = 10 ** (level / 20) * np.sin(2 * np.pi * hertz * times + phase)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def bursts(seconds: float = 4.0) -> np.ndarray:
    rng, times = np.random.default_rng(3), np.arange(round(seconds * RATE)) / RATE
    decay = np.exp(-((times % 0.5) * 25))
    return (rng.normal(0, 0.3, (len(times), 2)) * decay[:, None]).astype(np.float32)


def test_a_stereo_sine_at_minus_23_dbfs_is_minus_23_lufs() -> None:
    # EBU Tech 3341, case 1.
    assert integrated_loudness(sine(1000, -23, 20)) == pytest.approx(-23.0, abs=0.1)


def test_quiet_parts_are_gated_away() -> None:
    # EBU Tech 3341, case 3: 10 s at -36, 60 s at -23, 10 s at -36.
    quiet, loud = sine(1000, -36, 10), sine(1000, -23, 60)
    assert integrated_loudness(np.concatenate([quiet, loud, quiet])) == pytest.approx(-23.0, abs=0.1)


def test_ffmpeg_measures_the_same(tmp_path: Path) -> None:
    samples = np.clip(bursts() + sine(180, -30, 4.0), -1, 1)
    write_wav(tmp_path / "b.wav", samples)
    log = run_ffmpeg(("-i", str(tmp_path / "b.wav"), "-af", "ebur128=peak=true", "-f", "null", "-"))
    summary = log[log.rindex("Summary") :]
    integrated, peak = (float(re.search(f"{name}: +(\\S+)", summary)[1]) for name in ("I", "Peak"))
    measured = measure_loudness(samples)
    assert measured.integrated == pytest.approx(integrated, abs=0.1)
    assert measured.true_peak == pytest.approx(peak, abs=0.3)


def test_the_true_peak_lies_between_the_samples() -> None:
    between = sine(RATE / 4, -6, 0.5, phase=np.pi / 4)
    assert decibels(float(np.abs(between).max())) == pytest.approx(-9.0, abs=0.1)
    assert decibels(true_peak(between)) == pytest.approx(-6.0, abs=0.5)


def test_silence_and_nothing_at_all_have_no_loudness() -> None:
    for samples in (np.zeros((RATE, 2), dtype=np.float32), np.zeros((0, 2), dtype=np.float32)):
        assert measure_loudness(samples).integrated == float("-inf")
        assert measure_loudness(samples).true_peak == float("-inf")


def test_less_than_one_gating_block_is_measured_too() -> None:
    assert integrated_loudness(sine(1000, -20, 0.2)) == pytest.approx(-20, abs=1.5)


@pytest.mark.parametrize("gain", [1.0, 4.0])
def test_the_limiter_holds_the_ceiling_and_leaves_quiet_parts_alone(gain: float) -> None:
    loud = bursts() * np.float32(gain)
    held = limited(loud, -3.0)
    assert decibels(true_peak(held)) <= -2.9
    before_next_burst = slice(round(0.4 * RATE), round(0.45 * RATE))
    assert np.allclose(held[before_next_burst], loud[before_next_burst])


def test_what_is_under_the_ceiling_is_not_touched() -> None:
    quiet = sine(300, -20)
    assert limited(quiet, -1.0) is quiet


def test_a_beginnings_loudness_is_told_by_the_powers_of_the_whole() -> None:
    whole = np.concatenate([bursts(), sine(180, -30, 4.0)])
    powers = hop_powers(whole)
    for length in (HOP, 3 * HOP + 17, 5 * RATE + 1, len(whole)):
        told = gated_loudness(powers[: length // HOP])
        assert told == pytest.approx(integrated_loudness(whole[:length]), abs=1e-4)
