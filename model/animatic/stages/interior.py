"""Rooms and sets: a studio with an arch, a wall with window light, a table seen from above."""

import numpy as np

from media.cel import Cel
from media.color import Rgb, lighter, mix
from media.draw import Box, Mask, blurred, curve, noise, rounded_points
from model.animatic.shapes import corner_leaves, paint_sprig, soft_shadow
from model.animatic.site import EDGE, FLOOR, Piece, Site, Sway
from model.animatic.stages.stage import Stage

_WALL = 2.6
"""Distance of a room's back wall."""


def studio(site: Site) -> Stage:
    """A seamless set: lit wall, an arch or a disc behind the subject, a plinth below it."""
    p, unit = site.palette, site.unit
    x, base = site.product.center[0], site.product.bottom
    wall_color, floor_color = p.tint(0.10), p.tint(0.16)
    wall = _lit_wall(site, wall_color, x, site.product.center[1])
    shape = _backing(site, p.leaf(0.42) if p.dark else mix(p.paper, p.primary, 0.30))
    floor = site.ground(_WALL, floor_color)
    _lit_floor(site, floor, x, base)
    radius = min(site.product.width * 0.56, unit * 0.36)
    soft_shadow(floor, x + radius * 0.25, base + unit * 0.075, radius * 1.25, unit * 0.045, p.shadow, 0.42)
    plinth = _plinth(site, x, base, radius, mix(p.tint(0.22), p.light, 0.35 if not p.dark else 0.10))
    pieces = (
        Piece(cel=wall, depth=_WALL, hides_from=0),
        Piece(cel=shape, depth=_WALL * 0.92),
        Piece(cel=floor, depth=FLOOR, hides_from=EDGE),
        Piece(cel=plinth, depth=1.0),
    )
    leaf = p.leaf(0.45) if p.dark else p.leaf(0.25)
    side = 1 if site.rng.random() < 0.5 else -1
    return Stage(behind=pieces, before=(corner_leaves(site, side, leaf),))


def window(site: Site) -> Stage:
    """Morning in a room: panes of light and the shadow of leaves move over a wall and a table."""
    p, unit = site.palette, site.unit
    x, base = site.product.center[0], site.product.bottom
    warm = mix(p.paper, p.accent, 0.12)
    wall_color = p.tint(0.06) if p.dark else mix(p.paper, p.primary, 0.20)
    wall = site.backdrop(_WALL, wall_color)
    wall.paint(lighter(wall_color, -0.05), wall.ramp((0, site.height * 0.25), (0, site.seam(_WALL))))
    panes = _panes(site, wall, x, site.product.top - unit * 0.05)
    glow = warm if not p.dark else mix(p.primary, warm, 0.55)
    wall.paint(glow, panes * np.float32(0.86))
    wall.light(warm, blurred(panes, unit * 0.10) * np.float32(0.16))
    leaves = _leaf_shadow(site, x, wall, lighter(wall_color, -0.10))
    table_color = mix(p.ground, mix(p.accent, p.ink, 0.35), 0.34)
    table = site.ground(_WALL, table_color)
    _grain(site, table, lighter(table_color, -0.06))
    table.light(
        warm, table.falloff(x - unit * 0.10, base + unit * 0.04, unit * 0.75, unit * 0.22) * np.float32(0.42)
    )
    table.shade(table.ramp((0, site.height * 0.80), (0, site.height * 1.15)) * np.float32(0.35), p.shadow)
    edge = Box(table.left, site.seam(_WALL) - 1, table.left + table.width, site.seam(_WALL) + unit * 0.006)
    table.paint(lighter(table_color, 0.12), blurred(table.rounded(edge, 1), 0.8) * np.float32(0.8))
    return Stage(
        behind=(
            Piece(cel=wall, depth=_WALL, hides_from=0),
            leaves,
            Piece(cel=table, depth=FLOOR, hides_from=EDGE),
        ),
        before=(),
    )


def flatlay(site: Site) -> Stage:
    """A surface seen from straight above, with a branch's shadow across it."""
    p, unit = site.palette, site.unit
    color = p.tint(0.07)
    top = site.backdrop(1.04, color)
    top.paint(lighter(color, -0.05), noise(top.width, top.height, unit * 0.5, site.rng) * np.float32(0.35))
    cloth = _cloth(site, p.leaf(0.26) if p.dark else mix(p.paper, p.primary, 0.26))
    x, y = site.product.center
    top.light(
        p.light, top.falloff(x - unit * 0.25, y - unit * 0.3, unit * 0.9, unit * 0.9) * np.float32(0.22)
    )
    shadow = _leaf_shadow(site, x, top, p.shadow, opacity=0.20)
    return Stage(
        behind=(Piece(cel=top, depth=1.04, hides_from=0), Piece(cel=cloth, depth=1.03)), before=(shadow,)
    )


def _lit_wall(site: Site, color: Rgb, x: float, y: float) -> Cel:
    p, unit = site.palette, site.unit
    wall = site.backdrop(_WALL, color)
    wall.paint(lighter(color, -0.07), wall.ramp((x, y), (x + unit * 1.3, y + unit * 0.6)) * np.float32(0.9))
    wall.paint(lighter(color, -0.04), wall.ramp((x, y), (x - unit * 1.5, y - unit * 0.4)) * np.float32(0.8))
    wall.light(mix(p.light, p.accent, 0.12), wall.falloff(x, y, unit * 1.0, unit * 0.95) * np.float32(0.30))
    return wall


def _lit_floor(site: Site, floor: Cel, x: float, base: float) -> None:
    p, unit = site.palette, site.unit
    seam = site.seam(_WALL)
    floor.shade(
        1 - floor.ramp((0, seam - 2), (0, seam + unit * 0.10)) * np.float32(1.0), lighter(p.tint(0.16), 0.12)
    )
    floor.light(p.light, floor.falloff(x, base + unit * 0.05, unit * 0.95, unit * 0.28) * np.float32(0.24))
    floor.shade(floor.ramp((0, site.height * 0.78), (0, site.height * 1.15)) * np.float32(0.30), p.shadow)


def _backing(site: Site, color: Rgb) -> Cel:
    unit, (x, y) = site.unit, site.product.center
    wide, tall = site.product.width * 0.82, site.product.height * 0.70
    half = max(min(wide, unit * 0.40), unit * 0.20)
    bottom = site.seam(_WALL * 0.92) + 2
    top = max(y - tall - unit * 0.02, site.height * 0.10)
    if site.type_box.left < x < site.type_box.right:
        top = max(top, site.type_box.bottom + unit * 0.02)
    # Seen from above, the wall ends high up: type may reach below it.
    top = min(top, bottom - unit * 0.05)
    if site.rng.random() < 0.35:
        radius = min(max(half, (bottom - top) * 0.46), (bottom - top) * 0.5)
        box = Box(x - radius * 1.3, top - radius, x + radius * 1.3, bottom)
        cel = Cel(box)
        mask = cel.ellipse(x, bottom - radius * 0.98, radius, radius)
    else:
        cel = Cel(Box(x - half - unit * 0.1, top - unit * 0.1, x + half + unit * 0.1, bottom))
        mask = cel.polygon(rounded_points(Box(x - half, top, x + half, bottom + half), half))
    cel.paint(color, mask)
    shade = cel.ramp((x - half, top), (x + half * 1.1, bottom)) * np.float32(0.55)
    cel.paint(lighter(color, -0.06), shade * mask)
    cel.light(
        site.palette.light, cel.falloff(x - half * 0.5, top + half * 0.6, half, half * 1.2) * np.float32(0.16)
    )
    return cel


def _plinth(site: Site, x: float, base: float, radius: float, color: Rgb) -> Cel:
    unit = site.unit
    flat, tall = radius * 0.17, unit * 0.075
    cel = Cel(Box(x - radius * 1.1, base - flat * 1.4, x + radius * 1.1, base + tall + flat * 1.4))
    top_y = base - flat * 0.28
    body = np.maximum(cel.ellipse(x, top_y + tall, radius, flat), cel.ellipse(x, top_y, radius, flat))
    body = np.maximum(
        body, cel.polygon(rounded_points(Box(x - radius, top_y, x + radius, top_y + tall), 0.5))
    )
    across = np.clip((np.arange(cel.width) + cel.left - x + radius) / (2 * radius), 0, 1)
    light = 0.05 * np.exp(-(((across - 0.28) / 0.22) ** 2)) - 0.15 * across**2 - 0.02
    ramp = np.stack([np.array(lighter(color, float(v)), np.float32) for v in light])
    cel.paint(np.broadcast_to(ramp[None], (cel.height, cel.width, 3)), body)
    cel.paint(lighter(color, 0.045), cel.ellipse(x, top_y, radius, flat))
    return cel


def _panes(site: Site, wall: Cel, x: float, y: float) -> Mask:
    """Two by three panes of light, sheared as the sun throws them."""
    unit = site.unit
    wide, tall, gap, shear = unit * 0.25, unit * 0.24, unit * 0.028, 0.42
    left, top = x - unit * 0.46, max(y - unit * 0.02, site.height * 0.06)
    mask = np.zeros((wall.height, wall.width), np.float32)
    for row in range(3):
        for column in range(2):
            a, b = left + column * (wide + gap), top + row * (tall + gap)
            corners = [(a, b), (a + wide, b), (a + wide, b + tall), (a, b + tall)]
            mask += wall.polygon([(px + (py - top) * shear, py + (px - left) * 0.16) for px, py in corners])
    return blurred(np.minimum(mask, 1), unit * 0.007)


def _leaf_shadow(site: Site, x: float, wall: Cel, color: Rgb, opacity: float = 0.45) -> Piece:
    unit = site.unit
    side = 1 if site.rng.random() < 0.5 else -1
    root = (x + side * unit * 0.62, site.height * 0.10)
    cel = Cel(Box(x - unit * 0.75, -unit * 0.05, x + unit * 0.75, site.height * 0.62))
    for turn in (0.0, 0.5):
        path = curve(
            [
                (root[0], root[1] + unit * 0.25 * turn),
                (x + side * unit * 0.25, root[1] + unit * (0.10 + 0.28 * turn)),
                (x - side * unit * 0.12, root[1] + unit * (0.30 + 0.22 * turn)),
            ]
        )
        paint_sprig(cel, path, unit * 0.15, color, pairs=5)
    cel.rgb = np.float32(1) * np.asarray(color, np.float32) * cel.alpha[..., None]
    cel.blur(unit * 0.010)
    cel.cut(np.full_like(cel.alpha, opacity))
    sway = Sway(x=unit * 0.010, y=unit * 0.004, angle=1.3, period=4.6, phase=float(site.rng.random()))
    return Piece(cel=cel, depth=_WALL if wall.height else 1.0, sway=sway, pivot=root)


def _grain(site: Site, table: Cel, color: Rgb) -> None:
    """Wood: long streaks across."""
    height, width = table.alpha.shape
    fine = noise(max(width // 24, 8), height, max(site.unit * 0.012, 2), site.rng, octaves=2)
    streaks = blurred(np.repeat(fine, 24, axis=1)[:, :width], 3.0)
    if streaks.shape[1] < width:
        streaks = np.pad(streaks, ((0, 0), (0, width - streaks.shape[1])), mode="edge")
    table.paint(color, streaks * np.float32(0.5))


def _cloth(site: Site, color: Rgb) -> Cel:
    """A square of linen below the subject, a little turned."""
    unit, (x, y) = site.unit, site.product.center
    half = max(site.product.width, site.product.height) * 0.56
    cel = Cel(Box(x - half * 1.6, y - half * 1.6, x + half * 1.6, y + half * 1.6))
    angle = np.radians(site.rng.uniform(-12, 12))
    c, s = np.cos(angle), np.sin(angle)
    corners = rounded_points(Box(-half, -half, half, half), unit * 0.01)
    points = np.stack(
        [x + corners[:, 0] * c - corners[:, 1] * s, y + corners[:, 0] * s + corners[:, 1] * c], axis=1
    )
    mask = cel.polygon(points)
    cel.paint(
        site.palette.shadow, blurred(cel.polygon(points + unit * 0.012), unit * 0.014) * np.float32(0.35)
    )
    cel.paint(color, mask)
    weave = noise(cel.width, cel.height, max(unit * 0.006, 3), site.rng, octaves=1)
    cel.paint(lighter(color, 0.05), weave * mask * np.float32(0.35))
    return cel
