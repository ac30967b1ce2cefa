"""The products as solids for the studio."""

from dataclasses import replace

import numpy as np
from prints import CELADON, GOLD, GREEN, gift_top, pouch_print, tin_label
from solids import (
    box,
    grained,
    moved,
    pixels_of,
    plain,
    sampled,
    spline,
    standing,
    tube,
    turned,
    union,
    wrapped,
)
from studio import F, Points, Solid, linear, smoothstep


def tin(at: tuple[float, float, float] = (0, 0, 0), turn: float = 0.0) -> list[Solid]:
    side = turned(
        [
            (0, 0),
            (0.74, 0),
            (0.8, 0.05),
            (0.8, 1.97),
            (0.775, 1.985),
            (0.775, 2.03),
            (0.815, 2.045),
            (0.815, 2.6),
            (0.77, 2.68),
            (0, 2.7),
        ]
    )
    body, label = grained("#214A36", 0.06, 3, 4), tin_label()

    def lacquer(p: Points, n: Points) -> Points:
        rim = ((np.abs(p[1] - 2.13) < 0.014) | (np.abs(p[1] - 0.13) < 0.014)) & (np.hypot(n[0], n[2]) > 0.5)
        return pixels_of(body(p, n), np.broadcast_to(linear(GOLD), p.shape), rim.astype(F) * F(0.9))

    return [
        standing(
            side, wrapped(lacquer, label, 0.3, 1.8, 2.0), at, turn, height=2.7, roughness=0.2, mirror=0.05
        )
    ]


BOWL = spline(
    [
        (0, 0.02),
        (0.4, 0.02),
        (0.4, 0.02),
        (0.43, 0.14),
        (0.43, 0.14),
        (0.52, 0.2),
        (0.82, 0.48),
        (1.0, 0.95),
        (1.14, 1.3),
        (1.17, 1.34),
        (1.13, 1.35),
        (1.06, 1.22),
        (0.93, 0.92),
        (0.74, 0.5),
        (0.4, 0.28),
        (0, 0.24),
    ]
)
SAUCER = spline(
    [
        (0, -0.1),
        (0.5, -0.1),
        (0.5, -0.1),
        (1.15, 0.06),
        (1.38, 0.2),
        (1.41, 0.24),
        (1.36, 0.25),
        (1.1, 0.13),
        (0.5, 0.0),
        (0, 0.0),
    ]
)
LID = spline(
    [
        (0, 0.0),
        (0.6, -0.06),
        (0.98, -0.2),
        (1.0, -0.24),
        (1.03, -0.2),
        (0.95, -0.06),
        (0.6, 0.14),
        (0.3, 0.22),
        (0.2, 0.26),
        (0.2, 0.26),
        (0.2, 0.36),
        (0.27, 0.42),
        (0.25, 0.44),
        (0.0, 0.42),
    ]
)


def gaiwan(at: tuple[float, float, float] = (0, 0, 0), *, lid: bool = True) -> list[Solid]:
    glaze = grained(CELADON, 0.07, 2.2, 7)
    rim = linear("#E9E4CF")

    def celadon(p: Points, n: Points) -> Points:
        # Celadon runs thin and pale over edges.
        edge = smoothstep(1.29, 1.345, p[1]) * F(0.8)
        return pixels_of(glaze(p, n), np.broadcast_to(rim, p.shape), edge)

    solids = [
        standing(
            turned(BOWL),
            celadon,
            (at[0], at[1] + 0.1, at[2]),
            0,
            height=1.4,
            wide=1.5,
            roughness=0.05,
            mirror=0.055,
        )
    ]
    solids += [
        standing(
            turned(SAUCER),
            glaze,
            (at[0], at[1] + 0.1, at[2]),
            0,
            height=0.3,
            wide=1.5,
            roughness=0.06,
            mirror=0.05,
        )
    ]
    solids += [
        standing(
            turned([(0, 0.9), (0.975, 0.9), (1.0, 1.06), (0, 1.06)], 0),
            plain("#B8A531"),
            (at[0], at[1] + 0.1, at[2]),
            0,
            height=1.1,
            wide=1.4,
            roughness=0.03,
            mirror=0.04,
            glow=0.18,
        )
    ]
    if lid:
        shape = moved(turned(LID), (at[0] + 1.5, at[1] + 0.98, at[2] + 0.28), 0.1, -1.05)
        solids.append(
            Solid(
                distance=shape,
                color=glaze,
                center=(at[0] + 1.5, at[1] + 0.98, at[2] + 0.28),
                radius=1.15,
                roughness=0.05,
                mirror=0.055,
            )
        )
    for number, (x, z, turn) in enumerate(
        ((-0.35, 0.2, 0.4), (0.3, 0.35, 2.0), (0.1, -0.3, 1.1), (-0.45, -0.25, 2.7))
    ):
        solids.append(tea_leaf((at[0] + x, at[1] + 1.16, at[2] + z), turn, 0.3, number))
    return solids


def tea_leaf(
    at: tuple[float, float, float],
    turn: float,
    size: float,
    kind: int,
    tilt: float = 0.0,
    plump: float = 0.25,
) -> Solid:
    """A steeped leaf, curled along its length."""
    along = np.linspace(-1, 1, 9)
    path = [
        (size * t, size * 0.2 * np.sin(2.2 * t + kind), size * 2 * plump * np.cos(1.7 * t + kind))
        for t in along
    ]
    girth = size * plump * np.cos(along * 1.35) ** 0.8 + 0.006
    shape = moved(tube(path, girth.tolist(), flat=0.32), at, turn, tilt)
    color = ("#6E8C2C", "#7F9B3A", "#5F7F2A", "#88A447")[kind % 4]
    return Solid(
        distance=shape,
        color=grained(color, 0.3, 9, kind),
        center=at,
        radius=size * 1.4,
        roughness=0.5,
        mirror=0.03,
        glow=0.12,
    )


def teapot(
    at: tuple[float, float, float] = (0, 0, 0), turn: float = 0.0, clay: str = "#7A3F2C"
) -> list[Solid]:
    body = turned(
        spline(
            [
                (0, 0.02),
                (0.62, 0.02),
                (0.62, 0.02),
                (0.66, 0.1),
                (1.0, 0.38),
                (1.2, 0.82),
                (1.08, 1.28),
                (0.7, 1.56),
                (0.6, 1.6),
                (0.6, 1.6),
                (0.58, 1.66),
                (0, 1.66),
            ]
        )
    )
    lid = turned(
        spline(
            [
                (0, 1.6),
                (0.64, 1.66),
                (0.66, 1.7),
                (0.5, 1.8),
                (0.2, 1.9),
                (0.1, 1.95),
                (0.1, 1.95),
                (0.2, 2.05),
                (0.2, 2.17),
                (0.1, 2.24),
                (0, 2.25),
            ]
        )
    )
    spout = tube([(0.95, 0.6, 0), (1.35, 0.75, 0), (1.62, 1.1, 0), (1.86, 1.5, 0)], [0.3, 0.22, 0.16, 0.11])
    loop = spline(
        [(-0.8, 1.4), (-1.2, 1.56), (-1.68, 1.46), (-1.86, 1.05), (-1.66, 0.62), (-1.05, 0.46)], fine=7
    )
    handle = tube([(x, y, 0) for x, y in loop], np.linspace(0.13, 0.1, len(loop)).tolist())
    whole = union(union(body, spout, handle, smooth=0.16), lid)
    return [
        standing(
            whole, grained(clay, 0.12, 5, 12), at, turn, height=2.3, wide=2.1, roughness=0.32, mirror=0.045
        )
    ]


def gift_box(at: tuple[float, float, float] = (0, 0, 0), turn: float = 0.5) -> list[Solid]:
    base = box((1.66, 0.35, 1.21), (0, 0.36, 0), 0.02)
    cover = box((1.72, 0.26, 1.27), (0, 0.82, 0), 0.025)
    top = gift_top()

    def printed(p: Points, n: Points) -> Points:
        rgb, alpha = sampled(top, (p[0] / 3.44 + 0.5).astype(F), (p[2] / 2.54 + 0.5).astype(F))
        color = np.broadcast_to(linear(GREEN), p.shape).astype(F)
        lower = (p[1] < 0.555).astype(F)
        color = pixels_of(color, np.broadcast_to(linear("#E9DFC4"), p.shape), lower)
        color = pixels_of(
            color,
            np.broadcast_to(linear(GOLD), p.shape),
            ((np.abs(p[1] - 0.62) < 0.014) & (n[1] < 0.5)).astype(F),
        )
        return pixels_of(color, rgb, alpha * (n[1] > 0.7))

    shape = union(base, cover)
    solids = [standing(shape, printed, at, turn, height=1.1, wide=2.25, roughness=0.4, mirror=0.035)]
    band = box((0.16, 0.545, 1.285), (1.1, 0.548, 0), 0.012)
    wax = turned(
        spline(
            [
                (0, 1.06),
                (0.3, 1.06),
                (0.3, 1.06),
                (0.34, 1.11),
                (0.3, 1.15),
                (0.24, 1.13),
                (0.22, 1.13),
                (0, 1.14),
            ]
        )
    )
    solids += [standing(band, plain("#C9AC68"), at, turn, height=1.3, wide=2.25, roughness=0.35, mirror=0.12)]
    solids += [
        standing(
            moved(wax, (1.1, 0, 0.35)),
            plain("#A8382A"),
            at,
            turn,
            height=1.3,
            wide=2.25,
            roughness=0.3,
            mirror=0.05,
        )
    ]
    return solids


def pouch(at: tuple[float, float, float] = (0, 0, 0), turn: float = 0.0) -> list[Solid]:
    art = pouch_print()

    def shape(p: Points) -> Points:
        x, y = p[0], p[1]
        upward = np.clip(y / 2.9, 0, 1)
        belly = 0.46 * np.sqrt(1 - upward) * (1.25 - 0.25 * upward) * smoothstep(2.58, 2.2, y)
        across = np.clip(1 - (np.abs(x) / 1.06) ** 3.2, 0, 1)
        creases = 0.012 * np.sin(17 * x + 6 * y) * np.exp(-((y - 2.1) ** 2) / 0.1) * across
        ribs = 0.004 * np.sin(y * 110) * (y > 2.55)
        thick = 0.02 + belly * across**0.75 + creases + ribs
        edge = np.maximum(np.abs(x) - 1.06, np.maximum(-y, y - 2.9))
        return np.asarray(np.maximum((np.abs(p[2]) - thick) * F(0.55), edge), F)

    def printed(p: Points, _n: Points) -> Points:
        rgb, alpha = sampled(art, (p[0] / 2.12 + 0.5).astype(F), (1 - p[1] / 2.9).astype(F))
        seal = (p[1] > 2.56).astype(F) * F(0.35)
        color = pixels_of(np.broadcast_to(linear("#DCE6C4"), p.shape).astype(F), rgb, alpha * (p[2] > -0.05))
        return pixels_of(color, np.broadcast_to(linear("#FFFFFF"), p.shape), seal)

    return [standing(shape, printed, at, turn, height=2.9, wide=1.9, roughness=0.3, mirror=0.05)]


TUMBLER = [
    (0, 0.0),
    (0.68, 0.0),
    (0.74, 0.05),
    (0.86, 2.5),
    (0.865, 2.53),
    (0.84, 2.54),
    (0.83, 2.5),
    (0.715, 0.2),
    (0, 0.18),
]


def glass(outline: list[tuple[float, float]], height: float) -> Solid:
    """What a glass mirrors; its thickness is `rim_of`."""
    return Solid(
        distance=turned(outline),
        color=plain("#DCE8E0"),
        center=(0, height / 2, 0),
        radius=height * 0.65,
        roughness=0.02,
        mirror=0.05,
    )


def rim_of(pane: Solid) -> Solid:
    """The same glass glowing where one looks along its wall, which is where it is thick and dark."""

    def thickness(_p: Points, n: Points) -> Points:
        along = 1 - np.abs(n[2] * 0.97 + n[1] * 0.24)
        return np.broadcast_to(along**3.0, n.shape).astype(F)

    return replace(pane, color=thickness, mirror=0.0, roughness=1.0, glow=1.0)


def liquid(radius_low: float, radius_high: float, low: float, high: float, deep: str, clear: str) -> Solid:
    """Tea in a glass, brighter where the light comes through its middle."""
    dark, bright = linear(deep), linear(clear)

    def color(p: Points, n: Points) -> Points:
        through = np.maximum(smoothstep(0.1, 0.98, n[2]), 0.9 * smoothstep(0.6, 0.9, n[1])) * (
            0.55 + 0.45 * smoothstep(low, high, p[1])
        )
        return np.asarray(dark + (bright - dark) * through, F)

    shape = turned([(0, low), (radius_low, low), (radius_high, high), (0, high)], 0.0)
    return Solid(
        distance=shape,
        color=color,
        center=(0, (low + high) / 2, 0),
        radius=high * 0.75,
        roughness=0.05,
        mirror=0.02,
        glow=0.3,
    )
