"""What a voice gave, made a line of a spot: whatever its rate, its channels and its silence were."""

from io import BytesIO

import av
import numpy as np
from numpy.typing import NDArray

from campaign.errors import FinishError
from finishing.voice import LEVEL
from media.loudness import integrated_loudness
from media.sound import RATE, gain_of

RECORDING_VERSION = 1

_QUIET = 10 ** (-46 / 20)
"""Of the line's peak; what is softer at its ends is cut off."""
_EDGE = 0.02
"""Seconds kept around the sound."""
_FAINTEST = 10 ** (-60 / 20)
"""Of full scale; a line whose peak is below it holds no speech."""
_CLEAR = 0.98
"""Highest sample of a line, of full scale."""


def decoded(voice: str, data: bytes) -> NDArray[np.float32]:
    """(channels, num_samples) at 48 kHz from any sound file, WAVE with the length of a stream included.

    Raises:
        FinishError: it is no sound file that can be read.
    """
    try:
        with av.open(BytesIO(data), "r") as container:
            if not container.streams.audio:
                raise FinishError(f"voice {voice!r}", "gave a file without sound.")
            stream = container.streams.audio[0]
            layout = "mono" if stream.codec_context.channels == 1 else "stereo"
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=RATE)
            frames = [out for frame in container.decode(stream) for out in resampler.resample(frame)]
            pieces = [frame.to_ndarray() for frame in (*frames, *resampler.resample(None))]
    except av.FFmpegError as error:
        raise FinishError(
            f"voice {voice!r}", f"gave {len(data):,} bytes that are no sound file ({error.strerror})."
        ) from error
    return np.concatenate(pieces, axis=1, dtype=np.float32) if pieces else np.zeros((1, 0), np.float32)


def at_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """(num_samples,) mono at 48 kHz from (channels, num_samples) at ``rate``."""
    mono = np.ascontiguousarray(samples.mean(axis=0, dtype=np.float32))
    if rate == RATE:
        return mono
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    frame = av.AudioFrame.from_ndarray(mono[None, :], format="fltp", layout="mono")
    frame.sample_rate = rate
    pieces = [out.to_ndarray() for part in (frame, None) for out in resampler.resample(part)]
    return np.asarray(np.concatenate(pieces, axis=1)[0], dtype=np.float32)


def sounding(samples: NDArray[np.float32]) -> tuple[int, int]:
    """First and last sample of what is heard."""
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * _QUIET)
    margin = round(_EDGE * RATE)
    return max(int(loud[0]) - margin, 0), min(int(loud[-1]) + margin, len(samples))


def recorded(
    voice: str, text: str, samples: NDArray[np.float32], rate: int
) -> tuple[NDArray[np.float32], float]:
    """The line as mono at 48 kHz and at the port's level, and the seconds cut off before it.

    ``samples`` are (channels, num_samples), full scale 1.0.

    Raises:
        FinishError: there is no speech in it, or what is in it are no numbers.
    """
    if not np.isfinite(samples).all():
        raise FinishError(f"voice {voice!r}", f"gave samples for {text!r} that are not numbers.")
    mono = at_rate(samples, rate) if samples.size else np.zeros(0, np.float32)
    peak = float(np.abs(mono).max(initial=0.0))
    if peak < _FAINTEST:
        seconds = len(mono) / RATE
        raise FinishError(f"voice {voice!r}", f"gave {seconds:.1f} s of silence for {text!r}.")
    first, last = sounding(mono)
    line = mono[first:last]
    # A mono voice comes out of two speakers, so it is measured as two channels.
    gain = gain_of(LEVEL - integrated_loudness(np.repeat(line[:, None], 2, axis=1)))
    return (line * min(gain, _CLEAR / peak)).astype(np.float32), first / RATE
