"""Photograph the example's products: every picture is made here, none is anybody else's.

    python examples/spring_tea/make_images.py [picture …]

writes ``images/*.png`` (cut-outs with alpha) and ``images/*.jpg`` (whole pictures). Needs the kit's fonts.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from prints import bottle_label  # noqa: E402  # The studio lies one folder up and is no package.
from products import TUMBLER, gaiwan, gift_box, glass, liquid, pouch, rim_of, tea_leaf, teapot, tin  # noqa: E402
from room import dappled, room_of  # noqa: E402
from solids import grained, plain, spline, turned, wrapped  # noqa: E402
from studio import Camera, F, Solid, Studio, develop, linear, photograph, smoothstep  # noqa: E402


def over(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Premultiplied light ``above`` over ``below``."""
    return np.asarray(above + below * (1 - above[..., 3:]), F)


def pane(solid: Solid, camera: Camera, area: tuple[int, int], fine: int) -> np.ndarray:
    """A glass as a layer: its highlights, its darker edges, and little else."""
    shine = photograph(Studio(solids=[solid]), camera, area, fine=fine)
    unlit = Studio(solids=[rim_of(solid)], key=0.0, ambient=0.0)
    edge = photograph(unlit, camera, area, fine=fine, bounces=0)[..., :1]
    alpha, light = shine[..., 3:], shine[..., :3]
    bright = np.clip((light.mean(axis=2, keepdims=True) - 0.62) / 0.6, 0, 1) * 0.75
    wall = np.clip(edge, 0, 1) * 0.6
    cover = np.clip(0.04 + bright + wall, 0, 1) * alpha
    tint = linear("#5E7F70")[:, 0]
    body = light * (0.04 + bright) * alpha + tint * wall * alpha
    return np.concatenate([np.minimum(body, cover * 1.6), cover], axis=2).astype(F)


def with_steam(
    picture: Image.Image, center: tuple[float, float], width: float, height: float, seed: int
) -> Image.Image:
    """Wisps rising from ``center``, in fractions of the picture."""
    w, h = picture.size
    layer = np.zeros((h, w), F)
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 1, 700)
    for _ in range(7):
        sway = sum(rng.normal(0, 0.3 / k) * np.sin(k * 3.1 * t + rng.uniform(0, 6)) for k in (1, 2, 3))
        x = (center[0] + width * (rng.uniform(-0.5, 0.5) + sway * (0.15 + t) * 0.6)) * w
        y = (center[1] - height * t) * h
        strength = np.sin(np.pi * t) ** 1.5 * rng.uniform(0.4, 1)
        inside = (x > 2) & (x < w - 2) & (y > 2)
        np.add.at(layer, (y[inside].astype(int), x[inside].astype(int)), strength[inside])
    soft = sum(cv2.GaussianBlur(layer, (0, 0), r * w) * r for r in (0.006, 0.012, 0.024))
    soft = soft / soft.max() * 0.42
    steam = Image.new("RGBA", picture.size, "#FFFFFF")
    steam.putalpha(Image.fromarray((soft * 255).astype(np.uint8)))
    result = picture.copy()
    result.alpha_composite(steam)
    return result


def front(lens: float, height: float, at: float, far: float = 12.0, x: float = 0.0) -> Camera:
    return Camera(eye=(x, height, far), at=(0, at, 0), lens=lens)


def tea_tin(size: float, fine: int) -> Image.Image:
    shot = photograph(Studio(solids=tin(turn=-0.22)), front(0.17, 3.6, 1.3), px(1000, 1500, size), fine=fine)
    return develop(shot)


def gaiwan_set(size: float, fine: int) -> Image.Image:
    shot = photograph(
        Studio(solids=gaiwan()),
        Camera(eye=(-0.6, 5.6, 10), at=(0.25, 1.0, 0), lens=0.37),
        px(1400, 1250, size),
        fine=fine,
    )
    return with_steam(develop(shot), (0.41, 0.42), 0.22, 0.40, 5)


def clay_teapot(size: float, fine: int) -> Image.Image:
    shot = photograph(
        Studio(solids=teapot(turn=0.35)),
        Camera(eye=(0, 4.0, 11), at=(0.05, 1.05, 0), lens=0.37),
        px(1400, 950, size),
        fine=fine,
    )
    return develop(shot)


def spring_gift(size: float, fine: int) -> Image.Image:
    shot = photograph(
        Studio(solids=gift_box(turn=0.42)),
        Camera(eye=(0, 7.5, 10), at=(0, 0.5, 0.05), lens=0.40),
        px(1400, 1000, size),
        fine=fine,
    )
    return develop(shot)


def tea_bags(size: float, fine: int) -> Image.Image:
    shot = photograph(
        Studio(solids=pouch(turn=-0.3)), front(0.215, 3.2, 1.42), px(1050, 1400, size), fine=fine
    )
    return develop(shot)


def glass_cup(size: float, fine: int) -> Image.Image:
    camera, area = front(0.17, 4.0, 1.25), px(1000, 1450, size)
    tea = liquid(0.715, 0.835, 0.16, 2.2, "#59690F", "#C3C763")
    rng = np.random.default_rng(8)
    leaves = []
    for number in range(44):
        sunk = number < 27
        y = rng.uniform(0.3, 0.8) if sunk else rng.uniform(1.72, 2.0)
        angle, reach = rng.uniform(0, 2 * np.pi), 0.56 * np.sqrt(rng.uniform(0, 1))
        place = (reach * np.cos(angle), y, reach * np.sin(angle))
        tilt = np.pi / 2 + rng.normal(0, 0.2)
        leaves.append(tea_leaf(place, rng.uniform(0, 6), rng.uniform(0.16, 0.26), number, tilt, plump=0.14))
    tea_shot = photograph(Studio(solids=[tea]), camera, area, fine=fine, bounces=0)
    leaf_shot = photograph(Studio(solids=leaves), camera, area, fine=fine, bounces=0)
    shell = pane(glass(TUMBLER, 2.54), camera, area, fine)
    picture = over(over(over(tea_shot * F(0.94), leaf_shot), tea_shot * F(0.3)), shell)
    return with_steam(develop(picture), (0.5, 0.20), 0.2, 0.2, 3)


def cold_brew(size: float, fine: int) -> Image.Image:
    camera, area = front(0.2, 3.2, 1.85), px(900, 1600, size)
    outline = spline(
        [
            (0, 0),
            (0.66, 0),
            (0.74, 0.08),
            (0.74, 0.08),
            (0.74, 1.0),
            (0.74, 1.9),
            (0.7, 2.2),
            (0.5, 2.58),
            (0.34, 2.82),
            (0.32, 2.95),
            (0.32, 2.95),
            (0.32, 3.2),
            (0, 3.2),
        ]
    )
    tea_line = spline(
        [
            (0, 0.06),
            (0.66, 0.06),
            (0.72, 0.12),
            (0.72, 0.12),
            (0.72, 1.0),
            (0.72, 1.9),
            (0.68, 2.2),
            (0.5, 2.55),
            (0.48, 2.58),
            (0.48, 2.58),
            (0, 2.58),
        ]
    )
    tea = liquid(0.6, 0.6, 0.1, 2.6, "#6E4A04", "#D8A82C")
    tea = Solid(
        distance=turned(tea_line, 0),
        color=tea.color,
        center=(0, 1.3, 0),
        radius=1.6,
        roughness=0.05,
        mirror=0.02,
        glow=0.28,
    )
    cap = Solid(
        distance=turned([(0, 3.02), (0.36, 3.02), (0.38, 3.05), (0.38, 3.42), (0.35, 3.46), (0, 3.46)]),
        color=grained("#C49A62", 0.2, 7, 2),
        center=(0, 3.25, 0),
        radius=0.6,
        roughness=0.5,
        mirror=0.03,
    )
    label = Solid(
        distance=turned([(0, 0.42), (0.752, 0.42), (0.752, 1.82), (0, 1.82)], 0),
        color=wrapped(plain("#F7F3E6"), bottle_label(), 0.42, 1.82, 1.75),
        center=(0, 1.1, 0),
        radius=1.1,
        roughness=0.45,
        mirror=0.04,
    )
    inside = photograph(Studio(solids=[tea]), camera, area, fine=fine, bounces=0)
    shell = pane(glass(outline, 3.2), camera, area, fine)
    paper = photograph(Studio(solids=[label]), camera, area, fine=fine)
    mask = label_mask(paper, camera, area, fine)
    wood = photograph(Studio(solids=[cap]), camera, area, fine=fine)
    return develop(over(over(over(inside * F(0.96), shell), paper * mask), wood))


def label_mask(paper: np.ndarray, camera: Camera, area: tuple[int, int], fine: int) -> np.ndarray:
    """Where the label's paper is, not the bare glass around it: the label's own alpha, wrapped."""
    art = bottle_label().getchannel("A")
    white = Image.merge("RGBA", (art, art, art, Image.new("L", art.size, 255)))
    shape = turned([(0, 0.42), (0.752, 0.42), (0.752, 1.82), (0, 1.82)], 0)
    flat = Studio(
        solids=[
            Solid(
                distance=shape,
                color=wrapped(plain("#000000"), white, 0.42, 1.82, 1.75),
                center=(0, 1.1, 0),
                radius=1.1,
                mirror=0.0,
                glow=1.0,
                roughness=1,
            )
        ],
        lights=Studio(solids=[]).lights,
        key=0.0,
        ambient=0.0,
    )
    shot = photograph(flat, camera, area, fine=fine, bounces=0)
    return np.clip(shot[..., :1] * 1.05, 0, 1) * (paper[..., 3:] > 0)


def still_life(size: float, fine: int) -> Image.Image:
    rng = np.random.default_rng(4)
    dry = [
        tea_leaf((x, 0.05, z), rng.uniform(0, 6), rng.uniform(0.14, 0.2), k)
        for k, (x, z) in enumerate(zip(rng.normal(0.9, 0.55, 22), rng.normal(3.0, 0.3, 22), strict=True))
    ]
    things = [*tin((-2.7, 0, -0.2), -0.1), *teapot((2.35, 0, -0.7), 0.45), *gaiwan((-0.35, 0, 1.7)), *dry]
    studio = Studio(solids=[*room_of("#B9B59F"), *things], shade=dappled, key=1.7, ambient=0.42)
    shot = photograph(
        studio, Camera(eye=(0.2, 4.4, 13), at=(0.1, 1.05, 0), lens=0.60), px(1280, 880, size), fine=fine
    )
    return graded(develop(shot, 1.05))


def tea_hills(size: float, fine: int) -> Image.Image:
    """Terraces in the morning, painted: ridge behind ridge, paler with distance."""
    width, height = px(1280 * fine, 880 * fine, size)
    x = np.linspace(0, 1, width, dtype=F)
    y = np.linspace(0, 1, height, dtype=F)[:, None]
    sun = np.exp(-(((x - 0.68) / 0.5) ** 2 + ((y - 0.22) / 0.3) ** 2))[..., None]
    sky = linear("#BFD3D6")[:, 0] * (1 - y[..., None]) + linear("#F6E7CC")[:, 0] * y[..., None] * 1.1
    light = np.broadcast_to(sky, (height, width, 3)) * 0.85 + sun * linear("#FFE3AE")[:, 0] * 0.5
    rng = np.random.default_rng(23)
    for ridge in range(7):
        near = ridge / 6
        top = 0.36 + 0.075 * ridge + 0.018 * near * ridge
        for wave in range(1, 7):
            top = top + (0.075 - 0.03 * near) / wave**1.25 * np.sin(
                wave * (2.1 + 1.3 * near) * x * 2.4 + rng.uniform(0, 6.3)
            )
        below = (y - top) / (0.10 + 0.30 * near)
        rows = 0.0 * x
        if ridge >= 2:
            # Tea is planted in rows along the contour; they crowd together towards the crest.
            bend = np.sqrt(np.clip(below, 0, None))
            phase = (
                bend * (9 + 7 * near)
                + 1.3 * np.sin(x * (5 + 3 * near) + ridge)
                + 0.10 * np.sin(x * 160 + ridge * 9) * near
            )
            rows = (0.5 + 0.5 * np.sin(phase * 2 * np.pi)) ** 0.7
            bush = cv2.GaussianBlur(
                rng.normal(0, 1, (height // 2, width // 2)).astype(F),
                (0, 0),
                (1.5 + 2.5 * near) * size * fine,
            )
            rows = rows + near * 2.2 * cv2.resize(bush, (width, height)) * (rows > 0.35)
        slope = np.gradient(np.asarray(top, F)) * width
        lit = 0.74 - 0.16 * np.tanh(slope * 2.2)
        green = (
            linear("#1F4A22")[:, 0]
            + (linear("#A9C95A")[:, 0] - linear("#1F4A22")[:, 0])
            * np.clip(rows * 0.75 + 0.08, 0, 1)[..., None]
        )
        color = green * np.broadcast_to(lit, (height, width))[..., None] * 1.25
        haze = (1 - near) ** 1.25 * 0.88
        mist = np.clip(haze + (1 - near) * 0.42 * np.clip(below * 1.3, 0, 1), 0, 0.96)[..., None]
        air = linear("#DCE6DC")[:, 0] * 0.85 + sun * linear("#FFE9C4")[:, 0] * 0.25
        color = color * (1 - mist) + air * mist
        cover = smoothstep(-0.0012, 0.0012, np.asarray(y - top, F))[..., None]
        light = light * (1 - cover) + color * cover
    shot = np.concatenate([light, np.ones((height, width, 1), F)], axis=2).astype(F)
    return graded(develop(shot, 0.95).resize(px(1280, 880, size), Image.Resampling.LANCZOS))


def graded(picture: Image.Image) -> Image.Image:
    """Darker corners, a little grain and glow: what a lens and a film add."""
    light = np.asarray(picture.convert("RGB"), F) / 255
    height, width = light.shape[:2]
    glow = cv2.GaussianBlur(np.maximum(light - 0.75, 0), (0, 0), width * 0.015)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    corners = 1 - 0.2 * smoothstep(0.5, 1.5, np.hypot(x, y).astype(F))[..., None]
    grain = np.random.default_rng(2).normal(0, 0.008, (height, width, 1))
    return Image.fromarray((np.clip((light + 0.7 * glow) * corners + grain, 0, 1) * 255).astype(np.uint8))


def px(width: int, height: int, size: float) -> tuple[int, int]:
    return round(width * size), round(height * size)


PICTURES: dict[str, Callable[[float, int], Image.Image]] = {
    "tea_tin.png": tea_tin,
    "gaiwan.png": gaiwan_set,
    "teapot.png": clay_teapot,
    "gift_box.png": spring_gift,
    "tea_bags.png": tea_bags,
    "glass_cup.png": glass_cup,
    "cold_brew.png": cold_brew,
    "still_life.jpg": still_life,
    "tea_hills.jpg": tea_hills,
}


def main(names: list[str], size: float = 0.8, fine: int = 2) -> None:
    (HERE / "images").mkdir(exist_ok=True)
    for name in names or PICTURES:
        picture = PICTURES[name](size if name.endswith(".png") else 1.0, fine)
        path = HERE / "images" / name
        if path.suffix == ".png":
            picture = picture.crop(picture.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox())
            picture.save(path, optimize=True)
        else:
            picture.convert("RGB").save(path, quality=88, optimize=True, progressive=True)
        print(f"{name}: {picture.width} x {picture.height}, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
