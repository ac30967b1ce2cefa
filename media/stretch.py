"""Sound made shorter or longer at the same pitch."""

from fractions import Fraction

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from media.sound import RATE

_PIECE = 4096


def stretched(samples: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    """(num_samples,) mono at 48 kHz, ``speed`` times as fast: ``num_samples / speed`` of them, rounded.

    By overlap-add of similar waves (ffmpeg's atempo), which keeps the pitch; ``speed`` is 0.5 to 2.
    """
    wanted = round(len(samples) / speed)
    graph = Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono", time_base=Fraction(1, RATE))
    tempo, sink = graph.add("atempo", f"{speed:.6f}"), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    pieces = []
    for start in range(0, len(samples), _PIECE):
        piece = np.ascontiguousarray(samples[None, start : start + _PIECE], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        source.push(frame)
        pieces += _ready(sink)
    source.push(None)
    pieces += _ready(sink)
    heard = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    # The filter's windows end a few milliseconds before or after the exact place.
    return np.asarray(np.pad(heard[:wanted], (0, max(wanted - len(heard), 0))), dtype=np.float32)


def _ready(sink: av.filter.context.FilterContext) -> list[NDArray[np.float32]]:
    pieces = []
    while True:
        try:
            frame = sink.pull()
            assert isinstance(frame, av.AudioFrame)
            pieces.append(np.asarray(frame.to_ndarray()[0], dtype=np.float32))
        except (av.error.BlockingIOError, av.error.EOFError):
            return pieces
