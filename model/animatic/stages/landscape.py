"""Outdoors, as ink wash and cut paper: mountains, tea terraces, sea, a grove."""

import numpy as np
from numpy.typing import NDArray

from media.color import Rgb, lighter, mix
from media.draw import Box, Cel, blurred, curve, ellipse_points, noise
from model.animatic.shapes import corner_leaves, disc, paint_leaf, paint_ridge, ridge_line, slab, wash
from model.animatic.site import FLOOR, Piece, Site, Sway
from model.animatic.stages.stage import Stage


def ridges(site: Site) -> Stage:
    """Ink-wash mountains in mist over still water, with a sun."""
    p, unit = site.palette, site.unit
    horizon = site.seam(9.0)
    sky = _sky(site, 12.0, horizon)
    hills = (
        _ridge(site, 8.0, horizon + unit * 0.02, unit * 0.34, 0.24),
        _ridge(site, 5.0, horizon + unit * 0.04, unit * 0.25, 0.48),
        _ridge(site, 3.2, horizon + unit * 0.05, unit * 0.15, 0.80),
    )
    water = _water(site, mix(p.sky, p.tint(0.5), 0.30))
    mist = _mist(site, horizon, 4.0)
    return Stage(
        behind=(
            Piece(cel=sky, depth=12.0, fills=True),
            Piece(cel=hills[0], depth=8.0),
            Piece(cel=hills[1], depth=5.0),
            mist,
            Piece(cel=hills[2], depth=3.2),
            Piece(cel=water, depth=FLOOR),
            slab(site, mix(p.sky, p.deep, 0.62)),
        ),
    )


def terraces(site: Site) -> Stage:
    """Rows of tea bushes that curve over hills in the morning."""
    p, unit = site.palette, site.unit
    horizon = site.seam(7.0)
    sky = _sky(site, 12.0, horizon)
    green = p.leaf(0.22)
    far = _ridge(site, 6.5, horizon + unit * 0.02, unit * 0.20, 0.34)
    middle = _tea_hill(site, 3.6, unit * 0.13, mix(green, p.sky, 0.34))
    field = _tea_rows(site, green)
    side = 1 if site.product.center[0] < site.width / 2 else -1
    return Stage(
        behind=(
            Piece(cel=sky, depth=12.0, fills=True),
            Piece(cel=far, depth=6.5),
            Piece(cel=middle, depth=3.6),
            Piece(cel=field, depth=FLOOR),
            slab(site, mix(p.paper, p.deep, 0.55 if p.dark else 0.40)),
        ),
        before=(corner_leaves(site, side, p.deep),),
    )


def sea(site: Site) -> Stage:
    """A sun over open water, with light that glitters towards the viewer."""
    p, unit = site.palette, site.unit
    horizon = site.seam(30.0)
    sky = _sky(site, 30.0, horizon, sun_drop=0.16)
    deep = mix(p.primary, p.sky, 0.20)
    water = site.ground(30.0, mix(p.sky, p.primary, 0.42))
    water.paint(deep, water.ramp((0, horizon), (0, site.height * 0.95)))
    x = site.width * 0.5
    water.light(p.accent, water.falloff(x, horizon, unit * 0.42, site.height * 0.55) * np.float32(0.22))
    glitter = _glitter(site, horizon)
    return Stage(
        behind=(
            Piece(cel=sky, depth=30.0, fills=True),
            Piece(cel=water, depth=FLOOR),
            Piece(cel=glitter, depth=FLOOR, sway=Sway(x=unit * 0.012, y=unit * 0.003, period=3.1)),
            Piece(cel=_shore(site), depth=FLOOR),
        ),
    )


def grove(site: Site) -> Stage:
    """Bamboo in three distances, with light falling through it."""
    p, unit = site.palette, site.unit
    air = mix(p.sky, p.primary, 0.14)
    back = site.backdrop(7.0, air)
    back.light(
        p.light,
        back.falloff(site.width * 0.62, site.height * 0.22, unit * 1.0, unit * 0.9) * np.float32(0.55),
    )
    x = site.product.center[0]
    far = _stems(site, 4.2, round(11 * site.width / unit), unit * 0.021, mix(p.leaf(0.1), air, 0.72), x, 0.0)
    near = _stems(
        site, 2.2, round(7 * site.width / unit), unit * 0.042, mix(p.leaf(0.2), air, 0.34), x, unit * 0.24
    )
    floor = site.ground(4.2, mix(p.primary, air, 0.30))
    floor.paint(air, 1 - floor.ramp((0, site.seam(4.2)), (0, site.seam(4.2) + unit * 0.14)))
    floor.light(p.accent, floor.falloff(x, site.product.bottom, unit * 0.7, unit * 0.2) * np.float32(0.25))
    rays = _rays(site)
    return Stage(
        behind=(
            Piece(cel=back, depth=7.0, fills=True),
            Piece(cel=far, depth=4.2),
            Piece(cel=floor, depth=FLOOR),
            Piece(cel=near, depth=2.2),
            rays,
        ),
        before=(corner_leaves(site, 1 if x < site.width / 2 else -1, p.leaf(0.25)),),
    )


def _sky(site: Site, depth: float, horizon: float, *, sun_drop: float = 0.30) -> Cel:
    p, unit = site.palette, site.unit
    sky = site.backdrop(depth, p.sky)
    high = mix(p.primary, p.sky, 0.35) if p.dark else mix(p.sky, p.primary, 0.16)
    sky.paint(high, 1 - sky.ramp((0, -site.height * 0.05), (0, horizon * 0.9)))
    wash(sky, lighter(high, -0.03), unit * 0.9, 0.30, site.rng)
    sky.light(mix(p.light, p.accent, 0.3), sky.ramp((0, horizon * 0.35), (0, horizon)) * np.float32(0.35))
    beside = site.width * (0.70 if site.product.center[0] < site.width * 0.55 else 0.30)
    row, radius = max(horizon - unit * sun_drop, site.height * 0.24), unit * 0.085
    if site.type_box.left < beside + radius and site.type_box.right > beside - radius:
        row = max(row, site.type_box.bottom + radius * 0.9)
    disc(sky, beside, row, radius, p.glow(0.85), 0.35)
    return sky


def _ridge(site: Site, depth: float, base: float, height: float, weight: float) -> Cel:
    p = site.palette
    cel = site.wall(depth, base - height * 1.05, base + site.unit * 0.12)
    left, right = cel.left, cel.left + cel.width
    line = ridge_line(left, right, base, height, site.rng)
    paint_ridge(cel, line, mix(p.sky, p.deep, weight), mix(p.sky, p.deep, weight * 0.16), height * 1.05)
    wash(cel, mix(p.sky, p.deep, min(weight + 0.15, 1)), height * 0.5, 0.16, site.rng)
    return cel


def _mist(site: Site, horizon: float, depth: float) -> Piece:
    unit = site.unit
    cel = site.wall(depth, horizon - unit * 0.12, horizon + unit * 0.10, margin=unit * 0.12)
    clouds = noise(cel.width, cel.height, unit * 0.30, site.rng)
    band = cel.ramp((0, horizon - unit * 0.12), (0, horizon)) * (
        1 - cel.ramp((0, horizon), (0, horizon + unit * 0.10))
    )
    cel.paint(site.palette.sky, band * clouds * np.float32(0.85))
    return Piece(cel=cel, depth=depth, sway=Sway(drift=(unit * 0.008, 0.0)))


def _water(site: Site, color: Rgb) -> Cel:
    p, unit = site.palette, site.unit
    seam = site.seam(3.2)
    water = site.ground(3.2, color)
    water.paint(mix(p.sky, p.deep, 0.34), 1 - water.ramp((0, seam), (0, seam + unit * 0.16)))
    water.paint(mix(color, p.deep, 0.30), water.ramp((0, site.height * 0.72), (0, site.height * 1.1)))
    for _ in range(26):
        y = seam + (site.height - seam) * site.rng.random() ** 1.6
        near = (y - seam) / (site.height - seam)
        length = unit * (0.06 + 0.34 * near) * site.rng.uniform(0.5, 1.2)
        x = site.rng.uniform(water.left, water.left + water.width)
        line = curve([(x - length, y), (x, y + unit * 0.003), (x + length, y)])
        water.paint(
            p.light, blurred(water.stroke(line, 1 + 2.0 * near), 0.8) * np.float32(0.20 + 0.18 * near)
        )
    return water


def _tea_hill(site: Site, depth: float, height: float, color: Rgb) -> Cel:
    unit = site.unit
    base = site.seam(depth) + unit * 0.05
    cel = site.wall(depth, base - height * 1.3, base + unit * 0.03)
    left, right = cel.left, cel.left + cel.width
    line = ridge_line(left, right, base - unit * 0.02, height, site.rng, rough=0.30)
    paint_ridge(cel, line, color, lighter(color, -0.03), height * 2)
    for step in range(1, 9):
        drop = height * 0.16 * step
        row = line + np.array([0.0, drop])
        shade = cel.stroke(row, max(unit * 0.006, 1)) * cel.alpha
        cel.paint(lighter(color, -0.08), blurred(shade, 0.7) * np.float32(0.55))
    return cel


def _tea_rows(site: Site, color: Rgb) -> Cel:
    """Bush rows on the floor, drawn to the vanishing point, with round tops that catch the light."""
    p, unit = site.palette, site.unit
    seam = site.seam(3.6)
    field = site.ground(3.6, lighter(color, -0.10))
    rows = np.arange(field.height, dtype=np.float32)[:, None] + field.top
    columns = np.arange(field.width, dtype=np.float32)[None, :] + field.left
    distance = (site.product.bottom - site.lens.y) / np.maximum(rows - site.lens.y, 1.0)
    world = (columns - site.width * 0.5) * distance / unit
    bend = 0.34 * np.sin(distance * 2.1 + site.rng.uniform(0, 6)) + 0.22 * distance
    wave = (world + bend) * 5.2
    top = np.cos(2 * np.pi * wave)
    fine = noise(field.width, field.height, unit * 0.016, site.rng, octaves=2)
    lit = np.clip(0.5 + 0.62 * np.sin(2 * np.pi * wave + 0.9) + 0.5 * (fine - 0.5), 0, 1).astype(np.float32)
    bush = (1 / (1 + np.exp(-(top + 0.35) * 5.5))).astype(np.float32)
    near = np.clip((rows - seam) / (site.height - seam), 0, 1).astype(np.float32)
    field.paint(lighter(color, 0.015), bush)
    field.paint(mix(lighter(color, 0.16), p.accent, 0.30), bush * lit * np.float32(0.75))
    field.paint(mix(color, p.sky, 0.62), np.broadcast_to((1 - near) ** 2.2 * 0.85, bush.shape))
    field.shade(field.ramp((0, site.height * 0.80), (0, site.height * 1.12)) * np.float32(0.45), p.shadow)
    return field


def _glitter(site: Site, horizon: float) -> Cel:
    p, unit = site.palette, site.unit
    box = site.ground(30.0, p.sky)
    cel = Cel(Box(box.left, horizon + 2, box.left + box.width, box.top + box.height))
    for _ in range(150):
        near = site.rng.random() ** 1.4
        y = horizon + 4 + (site.height * 1.05 - horizon) * near
        spread = unit * (0.06 + 0.75 * near)
        x = site.width * 0.5 + site.rng.normal() * spread * 0.6
        length = unit * (0.010 + 0.10 * near) * site.rng.uniform(0.4, 1.2)
        tall = unit * (0.0012 + 0.006 * near)
        small = Cel(Box(x - length * 1.2, y - tall * 4, x + length * 1.2, y + tall * 4))
        mask = blurred(small.ellipse(x, y, length, tall), max(tall * 0.4, 0.5))
        color = p.light if site.rng.random() < 0.5 else mix(p.accent, p.light, 0.3)
        cel.stamp(color, mask * np.float32(site.rng.uniform(0.15, 0.6)), small.left, small.top)
    return cel


def _stems(site: Site, depth: float, count: int, width: float, color: Rgb, x: float, clear: float) -> Cel:
    """Bamboo from the ground to above the frame, jointed, lit from the left; none within ``clear`` of ``x``."""
    cover = site.cover(depth)
    foot = site.seam(depth) + site.unit * 0.02
    cel = site.wall(depth, cover.top, foot)
    for order in range(count):
        left = cover.left + cover.width * (order + site.rng.uniform(0.1, 0.9)) / count
        if abs(left - x) < clear:
            continue
        thick, lean = width * site.rng.uniform(0.65, 1.15), site.rng.uniform(-0.05, 0.05) * cel.height
        tone = lighter(color, site.rng.uniform(-0.025, 0.025))
        head = left + lean

        def strip(
            a: float, b: float, *, foot_x: float = left, head_x: float = head, wide: float = thick
        ) -> list[tuple[float, float]]:
            return [
                (foot_x + a * wide, foot),
                (foot_x + b * wide, foot),
                (head_x + b * wide, cover.top),
                (head_x + a * wide, cover.top),
            ]

        cel.fill(tone, strip(-0.5, 0.5))
        cel.fill(lighter(tone, -0.05), strip(0.18, 0.5))
        cel.fill(lighter(tone, 0.06), strip(-0.36, -0.12), 0.8)
        y = foot - thick * site.rng.uniform(1.0, 5.0)
        while y > cover.top:
            middle = left + lean * (foot - y) / cel.height
            cel.fill(lighter(tone, -0.07), ellipse_points(middle, y, thick * 0.56, max(thick * 0.10, 1.2)))
            cel.line(
                lighter(tone, 0.08),
                [(middle - thick * 0.5, y + thick * 0.15), (middle + thick * 0.5, y + thick * 0.15)],
                1.5,
                0.6,
            )
            if site.rng.random() < 0.16:
                _bamboo_leaves(site, cel, (middle, y), thick * 4.2, lighter(tone, -0.02))
            y -= thick * site.rng.uniform(5.5, 7.5)
    cel.blur(site.soft * min(depth / 4, 1) + (site.unit * 0.002 if depth > 3 else 0))
    return cel


def _bamboo_leaves(site: Site, cel: Cel, root: tuple[float, float], length: float, color: Rgb) -> None:
    side = 1 if site.rng.random() < 0.5 else -1
    for angle in (-12, -38, -62):
        heading = angle if side > 0 else 180 - angle
        paint_leaf(cel, root, length * site.rng.uniform(0.7, 1.1), heading + site.rng.uniform(-8, 8), color)


def _shore(site: Site) -> Cel:
    """Sand under the subject, wet along its edge, with the foam of the last wave."""
    p, unit = site.palette, site.unit
    rows = (site.product.bottom - site.lens.y) * 0.86 + site.lens.y
    ground = site.ground(1.9, p.paper)
    left, right = float(ground.left), float(ground.left + ground.width)
    bottom = float(ground.top + ground.height)
    x = np.linspace(left, right, 60)
    wave = unit * 0.014 * np.sin(x / unit * 5.2 + site.rng.uniform(0, 6)) + unit * 0.007 * np.sin(
        x / unit * 13
    )
    edge = np.stack([x, rows + wave], axis=1)
    cel = Cel(Box(left, float(edge[:, 1].min()) - unit * 0.04, right, bottom))
    sand = mix(p.primary, p.paper, 0.42) if p.dark else mix(p.paper, p.accent, 0.16)

    def beach(down: float) -> NDArray[np.float32]:
        return cel.polygon(np.concatenate([edge + np.array([0.0, down]), [(right, bottom), (left, bottom)]]))

    cel.paint(p.light, blurred(beach(-unit * 0.020), unit * 0.004) * np.float32(0.55))
    cel.paint(mix(sand, p.primary, 0.30), blurred(beach(-unit * 0.008), unit * 0.003))
    cel.paint(sand, blurred(beach(unit * 0.030), unit * 0.012))
    cel.paint(
        lighter(sand, -0.05),
        noise(cel.width, cel.height, unit * 0.01, site.rng, octaves=2) * cel.alpha * np.float32(0.35),
    )
    cel.shade(cel.ramp((0, site.height * 0.80), (0, site.height * 1.15)) * np.float32(0.30), p.shadow)
    return cel


def _rays(site: Site) -> Piece:
    p, unit = site.palette, site.unit
    cel = Cel(Box(-unit * 0.1, -unit * 0.1, site.width + unit * 0.1, site.height * 0.72))
    mask = np.zeros_like(cel.alpha)
    source = (site.width * 0.72, -unit * 0.35)
    for turn in (18, 27, 33, 45):
        spread = site.rng.uniform(1.6, 3.6)
        reach = unit * 2.4
        ends = [
            (source[0] - reach * np.sin(np.radians(a)), source[1] + reach * np.cos(np.radians(a)))
            for a in (turn - spread, turn + spread)
        ]
        mask += cel.polygon([source, *ends]) * np.float32(site.rng.uniform(0.5, 1.0))
    fade = 1 - cel.ramp((0, site.height * 0.05), (0, site.height * 0.70))
    cel.paint(p.light, blurred(np.minimum(mask, 1), unit * 0.014) * fade * np.float32(0.30))
    return Piece(cel=cel, depth=2.0, sway=Sway(angle=0.8, period=7.0), pivot=source)
