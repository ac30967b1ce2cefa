"""What is done to a synthetic voice so that it sits well over music: tone, evenness and a little room."""

import numpy as np
from numpy.typing import NDArray

from finishing.voice import LEVEL
from media.loudness import integrated_loudness
from media.sound import RATE, Samples, drawn_out, gain_of

POLISH_VERSION = 1

_HERTZ = (0, 60, 90, 130, 260, 500, 1200, 2200, 3200, 4500, 6500, 8500, 11000, 24000)
_GAINS = (-60, -24, -3, 0.5, 1.5, 0, -0.5, -1.5, -3, -1, 0.5, -2, -14, -60)
"""Gain in dB by Hz: no rumble, some body, the synthesiser's rasp around 3 kHz held back."""
_THRESHOLD = -16.0
"""dB under the loudest 10 ms above which the voice is evened out."""
_RATIO = 2.2
_STEP = RATE // 100
_ROOM = 0.11
"""Seconds of a small, soft room; a dry synthesiser sounds as if it were inside the ear."""
_ROOM_LEVEL = -21.0


def polish(voice: NDArray[np.float32]) -> NDArray[np.float32]:
    """(num_samples,) mono at 48 kHz, same length, at the port's level."""
    even = _evened(_toned(voice))
    stereo: Samples = np.repeat(even[:, None], 2, axis=1)
    # A mono voice comes out of two speakers, so it is measured as two channels.
    gain = gain_of(LEVEL - integrated_loudness(stereo))
    peak = float(np.abs(even).max()) * gain
    return (even * min(gain, gain * 0.98 / peak)).astype(np.float32)


def _toned(voice: NDArray[np.float32]) -> NDArray[np.float32]:
    size = 1 << (len(voice) + RATE).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    curve = 10 ** (np.interp(hertz, _HERTZ, _GAINS) / 20)
    spectrum = np.fft.rfft(voice, size) * curve * np.fft.rfft(_room(), size)
    return np.asarray(np.fft.irfft(spectrum, size)[: len(voice)], dtype=np.float32)


def _room() -> NDArray[np.float64]:
    """An impulse, then noise that dies away by 60 dB within `_ROOM`."""
    count = round(_ROOM * RATE)
    times = np.arange(count) / _ROOM / RATE
    tail = np.random.default_rng(1).normal(size=count) * 10 ** (-3 * times)
    tail[: RATE // 250] = 0
    tail *= gain_of(_ROOM_LEVEL) / np.sqrt(np.square(tail).sum())
    tail[0] = 1
    return tail


def _evened(voice: NDArray[np.float32]) -> NDArray[np.float32]:
    """A feed-forward compressor on 10 ms steps, its gain drawn as a line between them."""
    count = -(-len(voice) // _STEP)
    padded = np.pad(voice, (0, count * _STEP - len(voice)))
    level = 20 * np.log10(np.sqrt(np.square(padded.reshape(count, _STEP)).mean(axis=1)) + 1e-6)
    smooth = np.convolve(np.pad(level, 3, mode="edge"), np.hanning(9)[1:-1] / np.hanning(9).sum(), "valid")
    over = np.maximum(smooth - (smooth.max() + _THRESHOLD), 0)
    gain = 10 ** (-over * (1 - 1 / _RATIO) / 20)
    return voice * drawn_out(gain, _STEP, len(voice))
