"""Play the scores into the kits' music files.

    python brand_kits/make_music.py

writes ``<kit>/music/*.ogg`` (Opus, stereo, 48 kHz): a whole number of bars, whose last echoes are folded into
the first bar, so that a track loops at its end without a seam. -16 LUFS, peaks under -1.5 dBFS.
"""

import re
from pathlib import Path

import av
import numpy as np
from instruments import INSTRUMENTS, RATE, noise
from numpy.typing import NDArray
from score import Part, Score
from scores import TRACKS

HERE = Path(__file__).parent
LOUDNESS = -16.0
"""LUFS."""
PEAK = 10 ** (-1.5 / 20)
BIT_RATE = 72_000
SEMITONES = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
Stereo = NDArray[np.float64]
"""``(2, samples)``."""


def hertz(pitch: str) -> float:
    """440 for "A4". Drums have no pitch."""
    match = re.fullmatch(r"([A-G])(#?)(\d)", pitch)
    if match is None:
        raise ValueError(pitch)
    name, sharp, octave = match.groups()
    return 440.0 * 2 ** ((SEMITONES[name] + len(sharp)) / 12 + int(octave) - 4)


def play(part: Part, bpm: int, length: int, rng: np.random.Generator) -> Stereo:
    """All bars of one part; what rings past the end comes in at the start."""
    track = np.zeros((2, length))
    beat = 60 / bpm
    angle = (part.pan + 1) * np.pi / 4
    sides = np.array([[np.cos(angle)], [np.sin(angle)]]) * 10 ** (part.level / 20)
    for number, bar in enumerate(part.bars):
        at = 4.0 * number
        for word in bar.split():
            accent, word = word.startswith(">"), word.removeprefix(">")
            pitches, _, beats = word.partition(":")
            duration = float(beats or 1)
            for order, pitch in enumerate(() if pitches == "-" else pitches.split("+")):
                sound = INSTRUMENTS[part.instrument](0.0 if pitch == "x" else hertz(pitch), duration * beat)
                # Hands are not machines: a little early or late, a little louder or softer.
                late = 0.004 * rng.standard_normal() + 0.006 * order
                strength = (1.0 if accent or pitch != "x" else 0.62) * (1 + 0.08 * rng.standard_normal())
                place = (round((at * beat + late) * RATE) + np.arange(len(sound))) % length
                track[:, place] += sides * sound * strength
            at += duration
        if at > 4 * (number + 1) + 1e-6:
            raise ValueError(f"{part.instrument}: bar {number + 1} has {at - 4 * number} beats")
    return track


def ducking(score: Score, length: int) -> NDArray[np.float64]:
    """Gain that dips at every stroke of the kick and comes back within the beat."""
    kicks = next((part for part in score.parts if part.instrument == "kick"), None)
    if kicks is None:
        return np.ones(length)
    hits = play(
        Part(instrument="kick", level=0, bars=kicks.bars), score.bpm, length, np.random.default_rng(0)
    )
    envelope = np.abs(hits).max(axis=0)
    window = round(0.16 * RATE)
    smooth = circular(envelope, np.hanning(window) / np.hanning(window).sum())
    return 1 - 0.55 * np.clip(smooth / max(float(smooth.max()), 1e-9), 0, 1)


def circular(sound: NDArray[np.float64], response: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convolution that wraps around the end."""
    length = sound.shape[-1]
    padded = np.zeros(length)
    padded[: len(response)] = response[:length]
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * np.fft.rfft(padded), length))


def room(decay: float, seed: int) -> NDArray[np.float64]:
    """An ear's side of a wooden room: noise that dies away, its treble first."""
    seconds = decay * 1.1
    t = np.arange(round(seconds * RATE)) / RATE
    low = noise(seconds, 180, 1600, seed)[: len(t)] * np.exp(-6.9 * t / decay)
    high = noise(seconds, 1600, 7000, seed + 50)[: len(t)] * np.exp(-6.9 * t / (decay * 0.55))
    response = (low + 0.7 * high) * np.minimum(1, np.maximum(0, t - 0.012) / 0.02)
    return np.asarray(response / np.sqrt((response**2).sum()))


def perform(score: Score) -> Stereo:
    bar = 4 * 60 / score.bpm
    length = round(max(len(part.bars) for part in score.parts) * bar * RATE)
    rng = np.random.default_rng(score.bpm)
    dip = ducking(score, length)
    dry, sent = np.zeros((2, length)), np.zeros((2, length))
    for part in score.parts:
        played = play(part, score.bpm, length, rng) * (dip if part.duck else 1.0)
        dry += played
        sent += played * part.room
    wet = np.stack(
        [circular(side, room(score.decay, seed)) for side, seed in zip(sent, (21, 34), strict=True)]
    )
    return np.roll(master(aired(dry + wet)), -round(score.opening * bar * RATE), axis=1)


def aired(sound: Stereo) -> Stereo:
    """5 dB more above 3.5 kHz: plucked and struck things lose their edge when spread over many parts."""
    squared = np.fft.rfftfreq(sound.shape[1], 1 / RATE) ** 2
    shelf = 1 + 0.8 * squared / (squared + 3500.0**2)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * shelf, sound.shape[1]))


def master(sound: Stereo) -> Stereo:
    """To ``LOUDNESS``, with peaks held under ``PEAK`` by a limiter of 5 ms."""
    for _ in range(3):
        sound = sound * 10 ** ((LOUDNESS - loudness(sound)) / 20)
        window = round(0.005 * RATE)
        wanted = np.minimum(1, PEAK / np.maximum(np.abs(sound).max(axis=0), 1e-9))
        around = np.lib.stride_tricks.sliding_window_view(
            np.pad(wanted, (window, window), mode="wrap"), window
        )
        least = around.min(axis=1)
        gain = np.convolve(np.pad(least, (0, 0)), np.ones(window) / window, mode="full")
        sound = sound * gain[window : window + sound.shape[1]]
    return sound


def loudness(sound: Stereo) -> float:
    """Integrated loudness in LUFS after ITU-R BS.1770, without its gate: the tracks have no silence."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(sound.shape[1], 1 / RATE) / RATE)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    weighted = np.fft.irfft(np.fft.rfft(sound) * shelf * high_pass, sound.shape[1])
    return float(-0.691 + 10 * np.log10((weighted**2).mean(axis=1).sum()))


def write(sound: Stereo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without bitexact the muxer draws a random serial number, and the same music would be another file.
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="stereo", bit_rate=BIT_RATE)
        samples = np.ascontiguousarray(sound.astype(np.float32).T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="stereo")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    for name, score in TRACKS.items():
        path = HERE / f"{name}.ogg"
        sound = perform(score)
        write(sound, path)
        seconds, peak = sound.shape[1] / RATE, 20 * np.log10(np.abs(sound).max())
        print(
            f"{path.relative_to(HERE)}: {seconds:.2f} s, {score.bpm} bpm, {loudness(sound):.1f} LUFS, "
            f"peak {peak:.1f} dBFS, {path.stat().st_size // 1024} KiB"
        )


if __name__ == "__main__":
    main()
