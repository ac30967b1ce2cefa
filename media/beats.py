"""Beats of a piece of music: spectral flux, autocorrelation, dynamic programming.

The tracker is that of Ellis, "Beat Tracking by Dynamic Programming", 2007. It assumes one steady tempo.
Which of two even rows of onsets is the beat is told by the bass: hats and strummed chords come between.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.sound import RATE, Samples

_HOP = 480
_WINDOW = 2048
_BANDS = 48
_SLOWEST, _FASTEST = 60.0, 180.0
"""Beats a minute."""
_BASS = (30.0, 180.0)
"""Hz in which drums and basses mark the beat."""
_BASS_WEIGHT = 1.0
_FAINT = 0.02
"""A bass below this share of the whole is noise, and tells nothing."""
_USUAL = 110.0
"""Beats a minute to which doubtful tempos lean, within about an octave (Parncutt's preferred tempo)."""
_PULSE = 0.15
"""How like itself a beat later music is at least: noise, pads and rain come to 0.06, music with a beat to
0.56 and more (synthetic patterns and the kits' tracks)."""
_TIGHTNESS = 680.0
"""How much a beat's distance from the tempo weighs against how strong it is."""
_ATTACK = 0.012
"""Seconds by which an onset's flux comes before the ear hears the beat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beats:
    bpm: float
    times: tuple[float, ...]
    """Seconds, rising."""


def find_beats(samples: Samples, bpm: float | None = None) -> Beats | None:
    """The beats of (num_samples, 2) at 48 kHz; None for less than four seconds, and where there is no pulse.

    ``bpm`` is the tempo where it is known; the tracker may find a song's double or half otherwise.
    """
    if len(samples) < 4 * RATE or not samples.any():
        return None
    spectrum = _spectrum(samples.mean(axis=1))
    flux = _flux(spectrum)
    # The tempo is not asked of the bass: kicks that come between the beats would mislead it.
    period = 60 * RATE / _HOP / bpm if bpm else _period(flux)
    if period is None:
        return None
    frames = _tracked(flux + _BASS_WEIGHT * _bass(spectrum), period)
    times = np.array(frames) * _HOP / RATE + _ATTACK
    # The beats themselves tell the tempo more finely than the autocorrelation's steps.
    slope = np.polyfit(np.arange(len(times)), times, 1)[0]
    return Beats(bpm=float(60 / slope), times=tuple(float(time) for time in times))


def _spectrum(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """(hops, frequencies) magnitudes."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(mono, _WINDOW // 2), _WINDOW)[::_HOP]
    spectrum = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW).astype(np.float32), axis=1))
    return np.asarray(spectrum, dtype=np.float32)


def _flux(spectrum: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much louder each band has become, by hop, with its own average taken off."""
    edges = np.unique(np.geomspace(2, spectrum.shape[1] - 1, _BANDS).astype(int))
    bands = np.log1p(20 * np.add.reduceat(spectrum, edges, axis=1))
    return _sharp(np.maximum(np.diff(bands, axis=0, prepend=bands[:1]), 0).sum(axis=1), 1e-9)


def _bass(spectrum: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same of the bass alone, by strength and not its logarithm: a chord's low strings are no drum."""
    first, last = (round(hertz * _WINDOW / RATE) for hertz in _BASS)
    low = spectrum[:, first : last + 1].sum(axis=1)
    rise = np.maximum(np.diff(low, prepend=low[:1]), 0)
    return _sharp(rise, _FAINT * float(spectrum.sum(axis=1).mean()))


def _sharp(rise: NDArray[np.float32], least: float) -> NDArray[np.float64]:
    local = np.convolve(np.pad(rise, 50, mode="reflect"), np.full(101, 1 / 101), "valid")
    sharp: NDArray[np.float64] = np.maximum(rise - local, 0).astype(np.float64)
    return sharp / max(float(sharp.std()), least)


def _period(flux: NDArray[np.float64]) -> float | None:
    """Hops between beats; None where nothing comes again and again."""
    correlation = _correlation(flux)
    lags = np.arange(int(60 * RATE / _HOP / _FASTEST), int(60 * RATE / _HOP / _SLOWEST) + 1)
    lags = lags[2 * lags + 1 < len(flux)]
    tempo = 60 * RATE / _HOP / lags
    leaning = np.exp(-0.5 * (np.log2(tempo / _USUAL) / 0.9) ** 2)
    # A beat's period has strength at its double too; half a beat's has it only there.
    strength = correlation[lags] + 0.5 * np.maximum.reduce([correlation[2 * lags + d] for d in (-1, 0, 1)])
    best = int(lags[np.argmax(strength * leaning)])
    # Of what varies alone: a steady hiss is like itself at any distance.
    pulse = _correlation(flux - flux.mean())
    return float(best) if pulse[best - 2 : best + 3].max() >= _PULSE * pulse[0] else None


def _correlation(flux: NDArray[np.float64]) -> NDArray[np.float64]:
    size = 1 << (2 * len(flux)).bit_length()
    return np.fft.irfft(np.abs(np.fft.rfft(flux, size)) ** 2)[: len(flux)]


def _tracked(flux: NDArray[np.float64], period: float) -> list[int]:
    """The row of hops that are strong and one period apart, as a whole."""
    score, before = flux.copy(), np.full(len(flux), -1)
    back = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -_TIGHTNESS * np.log(-back / period) ** 2
    for now in range(-int(back[0]), len(flux)):
        choices = score[now + back] + cost
        best = int(np.argmax(choices))
        if choices[best] > 0:
            score[now] += choices[best]
            before[now] = now + back[best]
    last = len(flux) - round(period) + int(np.argmax(score[-round(period) :]))
    frames = [last]
    while before[frames[-1]] >= 0:
        frames.append(int(before[frames[-1]]))
    return frames[::-1]
