"""What emblems are made of."""

import numpy as np

from media.cel import Cel
from media.color import Rgb, lighter, mix
from model.animatic.palette import Palette


def porcelain(palette: Palette) -> Rgb:
    return mix(palette.light, palette.primary, 0.06)


def strong(palette: Palette) -> Rgb:
    return palette.leaf(0.30) if palette.dark else palette.primary


def sphere(cel: Cel, x: float, y: float, radius: float, color: Rgb, palette: Palette) -> None:
    ball = cel.ellipse(x, y, radius, radius)
    cel.paint(color, ball)
    far = np.sqrt(
        np.clip(
            1 - cel.falloff(x - radius * 0.35, y - radius * 0.40, radius * 1.75, radius * 1.75, 1.0), 0, 1
        )
    )
    cel.paint(lighter(color, -0.16), ball * far * np.float32(0.85))
    shine = cel.falloff(x - radius * 0.36, y - radius * 0.42, radius * 0.62, radius * 0.62)
    cel.paint(mix(color, palette.light, 0.75), ball * shine * np.float32(0.55))
    bounce = cel.falloff(x + radius * 0.45, y + radius * 0.75, radius * 0.6, radius * 0.4)
    cel.paint(lighter(color, 0.02), ball * bounce * np.float32(0.5))
