"""Instruments in numpy: each returns one note as mono float64 at 48 kHz, near unit peak."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Sound = NDArray[np.float64]


def _time(seconds: float) -> Sound:
    return np.arange(round(seconds * RATE)) / RATE


def _unit(sound: Sound) -> Sound:
    return sound / max(float(np.abs(sound).max()), 1e-9)


def _release(sound: Sound, seconds: float) -> Sound:
    """Fade the end out, so that no note clicks."""
    count = min(len(sound), round(seconds * RATE))
    sound[-count:] *= np.cos(np.linspace(0, np.pi / 2, count)) ** 2
    return sound


def noise(seconds: float, low: float, high: float, seed: int) -> Sound:
    """White noise between two frequencies, with soft edges in the spectrum."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    spectrum = np.fft.rfft(white)
    hertz = np.fft.rfftfreq(len(white), 1 / RATE)
    spectrum *= 1 / (1 + (low / np.maximum(hertz, 1)) ** 6) / (1 + (hertz / high) ** 6)
    return _unit(np.fft.irfft(spectrum, len(white)))


@lru_cache(maxsize=512)
def _string(hertz: float, seconds: float, bright: float, ring: float) -> Sound:
    """Karplus and Strong's plucked string; ``bright`` 0 to 1, ``ring`` is seconds to -60 dB."""
    smoothing = 0.5 - 0.35 * bright
    period = int(RATE / hertz - smoothing)
    length = round((seconds + 0.1) * RATE)
    string = np.zeros(length + period)
    burst = noise(period / RATE + 1e-9, 40, 2500 + 9000 * bright, seed=int(hertz * 7))[:period]
    burst = burst - np.roll(burst, max(1, period // 6))
    string[: len(burst)] = burst - burst.mean()
    loss = 10 ** (-3 * period / RATE / ring)
    for start in range(period + 1, length, period):
        stop = min(start + period, length)
        back = slice(start - period, stop - period)
        before = slice(start - period - 1, stop - period - 1)
        string[start:stop] = loss * ((1 - smoothing) * string[back] + smoothing * string[before])
    # The loop is a whole number of samples long; reading it a little faster or slower tunes it.
    tuned = np.arange(round(seconds * RATE)) * (hertz * (period + smoothing) / RATE)
    return _unit(np.interp(tuned, np.arange(len(string)), string))


def guzheng(hertz: float, seconds: float) -> Sound:
    """A zither's string; long notes get the left hand's vibrato after the pluck."""
    plain = _string(hertz, max(seconds, 0.5) + 1.8, 0.72, 4.2)
    t = np.arange(len(plain)) / RATE
    depth = 0.00035 * np.clip((t - 0.28) / 0.4, 0, 1) * (seconds > 0.6)
    bent = np.interp(t + depth * np.sin(2 * np.pi * 5.3 * t), t, plain)
    return _release(bent, 0.9)


def guitar(hertz: float, seconds: float) -> Sound:
    """A nylon string, warmer and shorter."""
    return _release(_string(hertz, max(seconds, 0.4) + 1.0, 0.3, 2.8).copy(), 0.5)


def marimba(hertz: float, _: float) -> Sound:
    """A rosewood bar: its tuned modes at 1, 4 and about 9.8, and the mallet's knock."""
    t = _time(1.1)
    ring = 0.42 * (330 / hertz) ** 0.4
    modes = ((1.0, 1.0, ring), (4.0, 0.22, ring * 0.3), (9.8, 0.07, ring * 0.1))
    bar = sum(
        level * np.sin(2 * np.pi * hertz * ratio * t) * np.exp(-t / fall) for ratio, level, fall in modes
    )
    knock = noise(1.1, 300, 2500, seed=3) * np.exp(-t / 0.006) * 0.15
    return _release(_unit(np.asarray(bar) + knock) * np.minimum(1, t / 0.002), 0.2)


def flute(hertz: float, seconds: float) -> Sound:
    """A xiao: few harmonics, breath, and a vibrato that comes late."""
    t = _time(seconds + 0.25)
    sway = 0.0032 * np.clip((t - 0.35) / 0.6, 0, 1) * np.sin(2 * np.pi * 4.9 * t)
    phase = 2 * np.pi * hertz * np.cumsum(1 + sway - 0.012 * np.exp(-t / 0.05)) / RATE
    tone = sum(
        level * np.sin(k * phase) for k, level in ((1, 1.0), (2, 0.26), (3, 0.13), (4, 0.035), (5, 0.02))
    )
    breath = noise(len(t) / RATE, hertz * 0.8, hertz * 3, seed=11)[: len(t)] * 0.06
    envelope = np.minimum(1, t / 0.09) * (0.82 + 0.18 * np.sin(np.pi * np.clip(t / seconds, 0, 1)))
    return _release((np.asarray(tone) + breath) * envelope / 1.25, 0.3)


def electric_piano(hertz: float, seconds: float) -> Sound:
    """Two-operator FM: a soft bark at the start, then nearly a sine, with a tine above."""
    t = _time(seconds + 0.35)
    bark = 1.25 * np.exp(-t / 0.35) + 0.18
    body = np.sin(2 * np.pi * hertz * t + bark * np.sin(2 * np.pi * hertz * t))
    tine = 0.1 * np.sin(2 * np.pi * hertz * 7 * t) * np.exp(-t / 0.12)
    fall = np.exp(-t / (1.9 * (220 / hertz) ** 0.3))
    return _release((body + tine) * fall * np.minimum(1, t / 0.004) * 0.9, 0.3)


def bass(hertz: float, seconds: float) -> Sound:
    t = _time(seconds + 0.08)
    tone = sum(level * np.sin(2 * np.pi * hertz * k * t) for k, level in ((1, 1.0), (2, 0.45), (3, 0.14)))
    return _release(np.tanh(1.3 * np.asarray(tone)) * np.exp(-t / 1.4) * np.minimum(1, t / 0.006), 0.09)


def pad(hertz: float, seconds: float) -> Sound:
    """Slow strings: three detuned voices, harmonics falling steeply."""
    t = _time(seconds + 0.9)
    voices = np.zeros(len(t))
    for detune, turn in ((0.9975, 0.1), (1.0, 0.37), (1.0027, 0.71)):
        for k in range(1, 9):
            wave = np.sin(2 * np.pi * (hertz * detune * k * t + turn * k))
            voices += wave / k**2.1 * (1 + 0.25 * np.sin(2 * np.pi * (0.21 * t + turn)))
    return _release(_unit(voices) * np.clip(t / 0.55, 0, 1), 1.1)


def kick(_: float, __: float) -> Sound:
    t = _time(0.34)
    phase = 2 * np.pi * np.cumsum(47 + 95 * np.exp(-t / 0.028)) / RATE
    return _release(np.sin(phase) * np.exp(-t / 0.11) + 0.12 * np.exp(-t / 0.002), 0.05)


def drum(_: float, __: float) -> Sound:
    """A frame drum struck with the hand."""
    t = _time(0.7)
    phase = 2 * np.pi * np.cumsum(68 + 26 * np.exp(-t / 0.05)) / RATE
    skin = noise(0.7, 120, 700, seed=5) * np.exp(-t / 0.03) * 0.3
    return _release(np.sin(phase) * np.exp(-t / 0.2) + skin, 0.1)


def clap(_: float, __: float) -> Sound:
    t = _time(0.22)
    hands = sum(
        np.where(t >= at, np.exp(-(t - at) / fall), 0)
        for at, fall in ((0, 0.006), (0.011, 0.006), (0.021, 0.05))
    )
    return _unit(noise(0.22, 900, 3200, seed=8) * np.asarray(hands))


def hat(_: float, __: float) -> Sound:
    t = _time(0.12)
    return noise(0.12, 6500, 15000, seed=9) * np.exp(-t / 0.022)


def shaker(_: float, __: float) -> Sound:
    t = _time(0.16)
    return noise(0.16, 4200, 9500, seed=10) * np.minimum(1, t / 0.018) * np.exp(-t / 0.035)


def block(_: float, __: float) -> Sound:
    """A wood block, small and dry."""
    t = _time(0.12)
    return (np.sin(2 * np.pi * 1130 * t) + 0.5 * np.sin(2 * np.pi * 1710 * t)) * np.exp(-t / 0.018) / 1.5


INSTRUMENTS: dict[str, Callable[[float, float], Sound]] = {
    "guzheng": guzheng,
    "guitar": guitar,
    "marimba": marimba,
    "flute": flute,
    "electric piano": electric_piano,
    "bass": bass,
    "pad": pad,
    "kick": kick,
    "drum": drum,
    "clap": clap,
    "hat": hat,
    "shaker": shaker,
    "block": block,
}
