import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.sound import RATE
from media.stretch import stretched


@settings(max_examples=25, deadline=None)
@given(st.integers(1, RATE), st.floats(1.0, 1.15))
def test_a_sound_is_exactly_as_much_shorter_as_asked(count: int, speed: float) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, count).astype(np.float32)
    faster = stretched(noise, speed)
    assert len(faster) == round(count / speed)
    assert np.isfinite(faster).all()


@pytest.mark.parametrize("speed", [1.01, 1.15])
def test_the_pitch_and_the_level_stay(speed: float) -> None:
    times = np.arange(2 * RATE) / RATE
    tone = (0.4 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)
    middle = stretched(tone, speed)[RATE // 4 : RATE]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 18))
    assert float(np.argmax(spectrum)) * RATE / (1 << 18) == pytest.approx(220, abs=1)
    assert float(np.sqrt(np.square(middle).mean())) == pytest.approx(0.4 / np.sqrt(2), rel=0.02)
