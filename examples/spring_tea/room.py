"""A table, a wall, and the sun through leaves."""

import numpy as np
from solids import box, grained
from studio import F, Points, Scalars, Solid, linear, smoothstep


def dappled(p: Points) -> Scalars:
    """Sun through leaves beside a window: soft dark blades drifting over everything."""
    rng = np.random.default_rng(14)
    key = np.array((-0.75, 0.75, 0.7), F)
    # Seen along the light, so that a shadow lies the same over things and table.
    u, v = p[0] - p[1] * key[0] / key[1], p[2] - p[1] * key[2] / key[1]
    light = np.ones(p.shape[1], F)
    for _ in range(46):
        x, y, lean = rng.uniform(-7, 5), rng.uniform(-6, 4), rng.normal(0.6, 0.5)
        along = (u - x) * np.cos(lean) + (v - y) * np.sin(lean)
        across = -(u - x) * np.sin(lean) + (v - y) * np.cos(lean)
        blade = (along / 1.25) ** 2 + (across / (0.2 * np.sqrt(np.clip(1.2 - along, 0.05, 2.4)))) ** 2
        light *= 1 - 0.72 * smoothstep(1.5, 0.35, blade.astype(F))
    return np.asarray(0.12 + 0.88 * light, F)


def planks(p: Points, _n: Points) -> Points:
    """An oiled table, its grain along x."""
    board = np.floor(p[2] / 1.9 + 0.35)
    wave = p[2] * 9 + 1.1 * np.sin(p[0] * 0.55 + board * 2.1) + 0.35 * np.sin(p[0] * 1.9 + board)
    grain = 0.5 + 0.5 * np.sin(wave * 2.3 + 0.8 * np.sin(wave * 0.9))
    fine = 0.5 + 0.5 * np.sin(p[2] * 130 + 7 * np.sin(p[0] * 0.8 + board))
    gap = smoothstep(0.018, 0.004, np.abs(p[2] / 1.9 + 0.35 - np.round(p[2] / 1.9 + 0.35)).astype(F) * F(1.9))
    tone = (0.80 + 0.13 * np.sin(board * 12.9)) * (0.86 + 0.12 * grain + 0.06 * fine) * (1 - 0.7 * gap)
    return np.asarray(linear("#9C7650") * tone, F)


def room_of(wall: str) -> list[Solid]:
    table = box((30, 1, 5.2), (0, -1, 0.4), 0.04)
    back = box((40, 30, 0.5), (0, 10, -6.2), 0.0)
    return [
        Solid(distance=table, color=planks, center=(0, 0, 0), radius=38, roughness=0.5, mirror=0.012),
        Solid(
            distance=back,
            color=grained(wall, 0.05, 1.2, 31),
            center=(0, 0, 0),
            radius=60,
            roughness=1,
            mirror=0.0,
        ),
    ]
