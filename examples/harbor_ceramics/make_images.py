"""Photograph the pottery: every picture is made here, none is anybody else's.

    python examples/harbor_ceramics/make_images.py [picture …]

writes ``images/*.png``, cut-outs with alpha.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from solids import Color, Distance, grained, pixels_of, spline, tube, turned, union  # noqa: E402  # One folder up.
from studio import Camera, F, Points, Solid, Studio, develop, linear, photograph, smoothstep  # noqa: E402

CLAY, DEEP, SAND, SHORE = "#B4714A", "#1F4A72", "#E6D9C2", "#7FA3B5"


def dipped(clay: str, glaze: str, line: float, drip: float, seed: int) -> Color:
    """Bare clay below, glaze above a line that ran while wet; it thins at its edge."""
    bare, over, pale = grained(clay, 0.16, 7, seed), grained(glaze, 0.14, 2.4, seed + 1), linear("#F3E6CF")
    speckle = np.random.default_rng(seed).normal(0, 60, (7, 3)).astype(F)

    def color(p: Points, n: Points) -> Points:
        around = np.arctan2(p[0], p[2])
        edge = (
            p[1]
            - line
            - drip * (np.sin(3 * around + seed) + 0.5 * np.sin(7 * around) + 0.25 * np.sin(13 * around))
        )
        glazed = smoothstep(-0.012, 0.012, edge.astype(F))
        thin = smoothstep(0.07, 0.0, np.abs(edge).astype(F)) * glazed
        spots = smoothstep(3.9, 4.3, np.abs(sum(np.sin(w @ p) for w in speckle)).astype(F)) * F(0.45)
        body = pixels_of(bare(p, n), over(p, n), glazed)
        body = pixels_of(body, np.broadcast_to(pale, p.shape), thin * F(0.55))
        return pixels_of(body, np.broadcast_to(linear("#2B2119"), p.shape), spots)

    return color


def piece(shape: Distance, color: Color, height: float, wide: float, roughness: float = 0.16) -> Solid:
    return Solid(
        distance=shape,
        color=color,
        center=(0, height / 2, 0),
        radius=max(wide, height * 0.62),
        roughness=roughness,
        mirror=0.05,
    )


def mug(size: float, fine: int) -> Image.Image:
    cup = turned(
        spline(
            [
                (0, 0),
                (0.78, 0),
                (0.78, 0),
                (0.9, 0.08),
                (0.97, 0.5),
                (0.98, 1.2),
                (0.95, 1.86),
                (0.93, 1.9),
                (0.89, 1.88),
                (0.89, 1.2),
                (0.86, 0.5),
                (0.7, 0.22),
                (0, 0.18),
            ]
        )
    )
    loop = spline([(0.9, 1.62), (1.3, 1.7), (1.66, 1.42), (1.66, 0.98), (1.4, 0.6), (0.92, 0.42)], fine=6)
    handle = tube([(x, y, 0) for x, y in loop], np.linspace(0.12, 0.1, len(loop)).tolist(), flat=1.35)
    whole = piece(turn(union(cup, handle, smooth=0.08), -0.5), dipped(CLAY, DEEP, 0.62, 0.05, 3), 1.95, 2.0)
    coffee = piece(
        turned([(0, 1.4), (0.9, 1.4), (0.9, 1.55), (0, 1.55)], 0),
        grained("#3A2113", 0.1, 4, 9),
        1.6,
        1.4,
        0.03,
    )
    return shot(
        whole,
        coffee,
        camera=Camera(eye=(0.1, 5.2, 11), at=(0.2, 0.93, 0), lens=0.285),
        size=px(1300, 1050, size),
        fine=fine,
    )


def bowl(size: float, fine: int) -> Image.Image:
    shape = turned(
        spline(
            [
                (0, 0.02),
                (0.62, 0.02),
                (0.62, 0.02),
                (0.64, 0.16),
                (0.64, 0.16),
                (1.2, 0.42),
                (1.75, 0.95),
                (1.9, 1.22),
                (1.92, 1.26),
                (1.86, 1.27),
                (1.68, 0.98),
                (1.15, 0.52),
                (0.5, 0.32),
                (0, 0.3),
            ]
        )
    )
    spiral = dipped(CLAY, SHORE, 0.2, 0.02, 8)

    def thrown(p: Points, n: Points) -> Points:
        # The wheel leaves a spiral on the inside, where the potter's finger went.
        radius = np.hypot(p[0], p[2])
        ring = 0.5 + 0.5 * np.sin(radius * 34 - np.arctan2(p[0], p[2]))
        return np.asarray(spiral(p, n) * (1 - 0.13 * ring * (n[1] > 0.2)), F)

    return shot(
        piece(shape, thrown, 1.3, 2.1, 0.1),
        camera=Camera(eye=(0, 6.2, 10.5), at=(0, 0.6, 0), lens=0.37),
        size=px(1400, 900, size),
        fine=fine,
    )


def vase(size: float, fine: int) -> Image.Image:
    shape = turned(
        spline(
            [
                (0, 0),
                (0.6, 0),
                (0.6, 0),
                (0.72, 0.1),
                (1.05, 0.7),
                (1.16, 1.3),
                (1.0, 1.95),
                (0.6, 2.45),
                (0.4, 2.8),
                (0.4, 3.1),
                (0.52, 3.34),
                (0.54, 3.38),
                (0.49, 3.38),
                (0.36, 3.12),
                (0.34, 2.8),
                (0.2, 2.4),
                (0, 2.3),
            ]
        )
    )
    return shot(
        piece(shape, dipped(SAND, DEEP, 1.55, 0.07, 5), 3.4, 2.1),
        camera=Camera(eye=(0, 4.4, 12), at=(0, 1.68, 0), lens=0.235),
        size=px(1000, 1450, size),
        fine=fine,
    )


def turn(shape: Distance, angle: float) -> Distance:
    c, s = np.cos(angle), np.sin(angle)
    matrix = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]], F)
    return lambda p: shape((matrix @ p).astype(F))


def shot(*solids: Solid, camera: Camera, size: tuple[int, int], fine: int) -> Image.Image:
    return develop(photograph(Studio(solids=solids), camera, size, fine=fine))


def px(width: int, height: int, size: float) -> tuple[int, int]:
    return round(width * size), round(height * size)


PICTURES: dict[str, Callable[[float, int], Image.Image]] = {
    "mug.png": mug,
    "bowl.png": bowl,
    "vase.png": vase,
}


def main(names: list[str], size: float = 0.8, fine: int = 2) -> None:
    (HERE / "images").mkdir(exist_ok=True)
    for name in names or PICTURES:
        picture = PICTURES[name](size, fine)
        picture = picture.crop(picture.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox())
        path = HERE / "images" / name
        picture.save(path, optimize=True)
        print(f"{name}: {picture.width} x {picture.height}, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
