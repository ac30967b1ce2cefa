"""Videos of one colour after another."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_video(path: Path, colors: list[tuple[int, int, int]], *, fps: int = 10) -> Path:
    """One frame of 64x64 pixels for each of the (red, green, blue) ``colors``."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.time_base = Fraction(1, fps)
        for color in colors:
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), color, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
