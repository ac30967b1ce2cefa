"""Shapes for the studio: distances of turned, boxed and bent things."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from studio import F, Points, Scalars, Solid, linear

Distance = Callable[[Points], Scalars]
Color = Callable[[Points, Points], Points]
Place = tuple[float, float, float]
GRID = 900


def spline(points: Sequence[tuple[float, float]], fine: int = 22) -> list[tuple[float, float]]:
    """A Catmull-Rom curve through ``points``; a point written twice is a corner."""
    p = [points[0], *points, points[-1]]
    out: list[tuple[float, float]] = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        if b == c:
            continue
        first, last = (b if a == b else a), (c if c == d else d)
        t = np.linspace(0, 1, fine, endpoint=False)[:, None]
        A, B, C, D = (np.array(q, float) for q in (first, b, c, last))  # noqa: N806
        curve = 0.5 * (
            2 * B + (C - A) * t + (2 * A - 5 * B + 4 * C - D) * t**2 + (3 * B - A - 3 * C + D) * t**3
        )
        out += [(float(x), float(y)) for x, y in curve]
    return [*out, points[-1]]


def turned(profile: Sequence[tuple[float, float]], rounding: float = 0.012) -> Distance:
    """What a lathe makes of a closed outline of ``(radius, height)``; the axis closes it."""
    outline = np.array(profile, float)
    outer = np.concatenate([outline, [[0, outline[-1][1]], [0, outline[0][1]]]])
    high = float(outline[:, 0].max()) + 0.3
    low, top = float(outline[:, 1].min()) - 0.3, float(outline[:, 1].max()) + 0.3
    r, y = np.meshgrid(np.linspace(0, high, GRID), np.linspace(low, top, GRID), indexing="ij")
    r, y = r.astype(F), y.astype(F)
    nearest = np.full(r.shape, 1e9)
    for (ax, ay), (bx, by) in pairwise(outline):
        ex, ey = bx - ax, by - ay
        t = np.clip(((r - ax) * ex + (y - ay) * ey) / max(ex * ex + ey * ey, 1e-12), 0, 1)
        nearest = np.minimum(nearest, (r - ax - t * ex) ** 2 + (y - ay - t * ey) ** 2)
    inside = np.zeros(r.shape, bool)
    for (ax, ay), (bx, by) in zip(outer, np.roll(outer, -1, axis=0), strict=True):
        crosses = (ay > y) != (by > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crosses & (r < (bx - ax) * (y - ay) / (by - ay) + ax)
    grid = (np.where(inside, -1, 1) * np.sqrt(nearest) - rounding).astype(F)

    def distance(p: Points) -> Scalars:
        radius = np.sqrt(p[0] ** 2 + p[2] ** 2)
        i = np.clip(radius / high * (GRID - 1), 0, GRID - 1.001)
        j = np.clip((p[1] - low) / (top - low) * (GRID - 1), 0, GRID - 1.001)
        i0, j0 = i.astype(np.int32), j.astype(np.int32)
        fi, fj = (i - i0).astype(F), (j - j0).astype(F)
        here = (
            grid[i0, j0] * (1 - fi) * (1 - fj)
            + grid[i0 + 1, j0] * fi * (1 - fj)
            + grid[i0, j0 + 1] * (1 - fi) * fj
            + grid[i0 + 1, j0 + 1] * fi * fj
        )
        beyond = np.maximum(radius - high, 0) + np.maximum(low - p[1], 0) + np.maximum(p[1] - top, 0)
        return np.asarray(here + beyond, F)

    return distance


def box(half: tuple[float, float, float], center: tuple[float, float, float], rounding: float) -> Distance:
    h, c = np.array(half, F)[:, None] - F(rounding), np.array(center, F)[:, None]

    def distance(p: Points) -> Scalars:
        q = np.abs(p - c) - h
        outside = np.sqrt((np.maximum(q, 0) ** 2).sum(axis=0))
        return np.asarray(outside + np.minimum(q.max(axis=0), 0) - F(rounding), F)

    return distance


def tube(path: Sequence[tuple[float, float, float]], radii: Sequence[float], flat: float = 1.0) -> Distance:
    """A round rod along a path, its radius changing; ``flat`` squeezes it in z."""
    joints = np.array(path, F)

    def distance(p: Points) -> Scalars:
        q = p * np.array([[1], [1], [1 / flat]], F)
        best = np.full(p.shape[1], 1e3, F)
        for a, b, ra, rb in zip(joints[:-1], joints[1:], radii[:-1], radii[1:], strict=True):
            edge = (b - a)[:, None]
            t = np.clip(((q - a[:, None]) * edge).sum(axis=0) / (edge * edge).sum(), 0, 1)
            d = np.sqrt(((q - a[:, None] - edge * t) ** 2).sum(axis=0)) - (ra + (rb - ra) * t)
            best = np.minimum(best, d.astype(F))
        return np.asarray(best * F(min(1.0, flat)), F)

    return distance


def blend(a: Scalars, b: Scalars, k: float) -> Scalars:
    """Smooth union over about ``k``."""
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0, 1)
    return np.asarray(b + (a - b) * h - k * h * (1 - h), F)


def union(*parts: Distance, smooth: float = 0.0) -> Distance:
    def distance(p: Points) -> Scalars:
        best = parts[0](p)
        for part in parts[1:]:
            best = blend(best, part(p), smooth) if smooth else np.minimum(best, part(p))
        return best

    return distance


def moved(solid: Distance, by: tuple[float, float, float], turn: float = 0.0, tilt: float = 0.0) -> Distance:
    """``solid`` turned about y, then tilted about z (radians), then moved."""
    inverse = placing(by, turn, tilt)
    return lambda p: solid(inverse(p))


def placing(by: tuple[float, float, float], turn: float, tilt: float = 0.0) -> Callable[[Points], Points]:
    """From the studio's space to the solid's own."""
    c, s, ct, st = np.cos(turn), np.sin(turn), np.cos(tilt), np.sin(tilt)
    about_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    about_z = np.array([[ct, -st, 0], [st, ct, 0], [0, 0, 1]])
    inverse = (about_z @ about_y).T.astype(F)
    offset = np.array(by, F)[:, None]
    return lambda p: np.asarray(inverse @ (p - offset), F)


def plain(color: str) -> Color:
    light = linear(color)
    return lambda p, _n: np.broadcast_to(light, p.shape).astype(F)


def sampled(image: Image.Image, u: Scalars, v: Scalars) -> tuple[Points, Scalars]:
    """Linear colour and alpha of ``image`` at ``u, v`` in 0..1 from its top left; alpha 0 outside."""
    pixels = np.asarray(image.convert("RGBA"), F) / 255
    height, width = pixels.shape[:2]
    x, y = np.clip(u * width - 0.5, 0, width - 1.001), np.clip(v * height - 0.5, 0, height - 1.001)
    x0, y0 = x.astype(np.int32), y.astype(np.int32)
    fx, fy = (x - x0)[:, None].astype(F), (y - y0)[:, None].astype(F)
    x1, y1 = np.minimum(x0 + 1, width - 1), np.minimum(y0 + 1, height - 1)
    value = (pixels[y0, x0] * (1 - fx) + pixels[y0, x1] * fx) * (1 - fy) + (
        pixels[y1, x0] * (1 - fx) + pixels[y1, x1] * fx
    ) * fy
    rgb = np.where(value[:, :3] <= 0.04045, value[:, :3] / 12.92, ((value[:, :3] + 0.055) / 1.055) ** 2.4)
    inside = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
    return rgb.T.astype(F), np.asarray(value[:, 3] * inside, F)


def pixels_of(color: NDArray[np.float32], over: Points, alpha: Scalars) -> Points:
    return np.asarray(color * (1 - alpha) + over * alpha, F)


def wrapped(base: Color, label: Image.Image, low: float, high: float, arc: float) -> Color:
    """``label`` around a turned thing, from height ``low`` to ``high``, ``arc`` radians wide, facing +z."""

    def color(p: Points, n: Points) -> Points:
        u = np.arctan2(p[0], p[2]) / arc + 0.5
        v = (high - p[1]) / (high - low)
        rgb, alpha = sampled(label, u.astype(F), v.astype(F))
        alpha = alpha * (np.hypot(n[0], n[2]) > 0.5)
        return pixels_of(base(p, n), rgb, alpha)

    return color


def grained(color: str, strength: float, scale: float, seed: int) -> Color:
    """A plain colour with soft cloudy variation, as of glaze, paper or clay."""
    rng = np.random.default_rng(seed)
    waves = rng.normal(0, scale, (9, 3)).astype(F)
    turns = rng.uniform(0, 2 * np.pi, 9).astype(F)
    light = linear(color)

    def shade(p: Points, _n: Points) -> Points:
        cloud = sum(np.sin(w @ p + t) for w, t in zip(waves, turns, strict=True)) / 9
        return np.asarray(light * (1 + F(strength) * cloud), F)

    return shade


def standing(
    shape: Distance,
    color: Color,
    at: Place,
    turn: float = 0.0,
    *,
    height: float,
    wide: float = 0.0,
    roughness: float = 0.12,
    mirror: float = 0.05,
    glow: float = 0.0,
) -> Solid:
    """A shape put at ``at`` and turned about its axis, its colour with it."""
    own, facing = placing(at, turn), placing((0, 0, 0), turn)
    return Solid(
        distance=lambda p: shape(own(p)),
        color=lambda p, n: color(own(p), facing(n)),
        center=(at[0], at[1] + height / 2, at[2]),
        radius=max(height * 0.62, wide),
        roughness=roughness,
        mirror=mirror,
        glow=glow,
    )
