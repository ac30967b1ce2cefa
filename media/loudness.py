"""Loudness and true peak (ITU-R BS.1770-5, EBU R 128), and a limiter that keeps a peak under a ceiling."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media.sound import RATE, Samples, decibels, drawn_out, gain_of

_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""K-weighting at 48 kHz: BS.1770-5, tables 1 and 2."""
_RING = 4096
"""Samples after which the filters' ringing is below 1e-5 of its start."""
_SPAN = 16384
"""Samples that are filtered at once: small enough for the processor's cache."""

HOP = RATE // 10
"""Samples; gating blocks are 400 ms long and 100 ms apart."""
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0

_TAPS = 24
_PHASES = 4
"""Oversampling that BS.1770-5 annex 2 asks for at 48 kHz."""
_NEAR_PEAK = 0.5
"""Only blocks whose samples come within 6 dB of the highest are oversampled: music overshoots by less."""
_AT_ONCE = 2048
"""Blocks that are oversampled together, so that a minute takes no more memory than a second."""
_BLOCK = 48
_HOLD = 6
"""Look-ahead and release of the limiter, in blocks of 1 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """What a meter shows."""

    integrated: float
    """LUFS, gated; -inf for silence."""
    true_peak: float
    """dBTP; -inf for silence."""


def measure_loudness(samples: Samples) -> Loudness:
    """Integrated loudness and true peak of (num_samples, 2) at 48 kHz."""
    return Loudness(integrated=integrated_loudness(samples), true_peak=decibels(true_peak(samples)))


def integrated_loudness(samples: Samples) -> float:
    """LUFS; -inf where nothing is louder than the absolute gate."""
    return gated_loudness(hop_powers(samples))


def hop_powers(samples: Samples) -> NDArray[np.float64]:
    """K-weighted power of each whole 100 ms, both channels together; those of a beginning are its own."""
    power = _k_weighted_power(samples)
    whole = len(power) // HOP
    if not whole:
        # Less than one hop is taken as repeating.
        return power.mean(keepdims=True, dtype=np.float64) if len(power) else np.zeros(0)
    hops: NDArray[np.float64] = power[: whole * HOP].reshape(whole, HOP).mean(axis=1, dtype=np.float64)
    return hops


def gated_loudness(powers: NDArray[np.float64]) -> float:
    """LUFS of a sound by its `hop_powers`."""
    if not powers.size:
        return float("-inf")
    blocks = (
        np.convolve(powers, np.full(4, 0.25), "valid") if len(powers) >= 4 else powers.mean(keepdims=True)
    )
    loud = blocks[_lufs(blocks) > _ABSOLUTE_GATE]
    if not loud.size:
        return float("-inf")
    gate = float(_lufs(loud.mean())) + _RELATIVE_GATE
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def true_peak(samples: Samples) -> float:
    """The highest point of the curve through the samples; full scale is 1.0."""
    if not samples.size:
        return 0.0
    return float(_peaks(samples, float(np.abs(samples).max()) * _NEAR_PEAK).max())


def limited(samples: Samples, ceiling: float) -> Samples:
    """``samples`` with a true peak of at most ``ceiling`` dBTP, the rest untouched.

    The gain goes down ahead of a peak and comes back after it within 6 ms each.
    """
    top = gain_of(ceiling)
    peaks = _peaks(samples, top * _NEAR_PEAK)
    if not peaks.size or peaks.max() <= top:
        return samples
    wanted = np.minimum(1.0, top / np.maximum(peaks, 1e-9))
    # A block's gain also holds for its neighbours, between which gains are drawn as a line.
    padded = np.pad(wanted, 2 * _HOLD + 1, mode="edge")
    held = np.lib.stride_tricks.sliding_window_view(padded, 2 * _HOLD + 3).min(axis=1)
    window = np.hanning(2 * _HOLD + 1)
    smooth = np.convolve(held, window / window.sum(), "valid")
    return samples * drawn_out(smooth, _BLOCK, len(samples))[:, None]


def _k_weighted_power(samples: Samples) -> NDArray[np.float32]:
    """The square of the K-weighted signal, both channels together; filtered by overlap-save."""
    power = np.zeros(len(samples), dtype=np.float32)
    response, step = _k_response(), _SPAN - _RING
    for channel in samples.T:
        padded = np.pad(channel, (_RING, -len(samples) % step))
        for start in range(0, len(samples), step):
            spectrum = np.fft.rfft(padded[start : start + _SPAN])
            spectrum *= response
            heard = np.fft.irfft(spectrum)[_RING : _RING + len(samples) - start]
            power[start : start + step] += np.square(heard, dtype=np.float32)
    return power


@lru_cache(maxsize=1)
def _k_response() -> NDArray[np.complex64]:
    """Of both filters as one of finite length, at the frequencies of `_SPAN` samples."""
    turn = np.exp(-2j * np.pi * np.arange(_SPAN * 2 + 1) / (_SPAN * 4))
    response = np.ones_like(turn)
    for above, below in (_SHELF, _HIGH_PASS):
        response *= np.polyval(above[::-1], turn) / np.polyval(below[::-1], turn)
    return np.fft.rfft(np.fft.irfft(response)[:_RING], _SPAN).astype(np.complex64)


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    level: NDArray[np.float64] = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    return level


def _peaks(samples: Samples, floor: float) -> NDArray[np.float64]:
    """The peak of each millisecond over both channels, oversampled where a sample is above ``floor``."""
    count = -(-len(samples) // _BLOCK)
    padded = np.pad(samples, ((0, count * _BLOCK - len(samples)), (0, 0)))
    tops = np.abs(padded).reshape(count, -1).max(axis=1)
    peaks: NDArray[np.float64] = tops.astype(np.float64)
    near = np.flatnonzero(peaks > floor)
    around = np.pad(padded, ((_TAPS, _TAPS), (0, 0)))
    for start in range(0, len(near), _AT_ONCE):
        part = near[start : start + _AT_ONCE]
        reach = part[:, None] * _BLOCK + _TAPS // 2 + np.arange(_BLOCK + _TAPS)[None, :]
        for channel in range(samples.shape[1]):
            windows = np.lib.stride_tricks.sliding_window_view(around[:, channel][reach], _TAPS, axis=1)
            between = np.abs(windows @ _interpolators()).max(axis=(1, 2))
            peaks[part] = np.maximum(peaks[part], between)
    return peaks


def _interpolators() -> NDArray[np.float32]:
    """(taps, phases - 1) windowed sincs for the points between two samples."""
    places = np.arange(_TAPS) - (_TAPS // 2 - 1)
    phases = np.arange(1, _PHASES) / _PHASES
    offsets = places[:, None] - phases[None, :]
    # A Kaiser window over the whole reach; 7 leaves the stop band below -70 dB.
    inside = np.clip(1 - (offsets / (_TAPS / 2)) ** 2, 0, None)
    kernel = np.sinc(offsets) * np.i0(7 * np.sqrt(inside)) / np.i0(7)
    kernel /= kernel.sum(axis=0)
    return np.asarray(kernel, dtype=np.float32)
