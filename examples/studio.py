"""A small photographer's studio in numpy: sphere-traced solids under softboxes.

Solids are signed distance functions of points ``(3, n) float32``; lengths are in units of about 5 cm, y is
up and the table is ``y = 0``. Light is linear until ``develop``. Enough for product pictures, and no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

F = np.float32
Points = NDArray[np.float32]
"""``(3, n)``."""
Scalars = NDArray[np.float32]
"""``(n,)``."""
FAR = 40.0
NEAR_ENOUGH = 6e-4


def linear(color: str) -> NDArray[np.float32]:
    """``(3, 1)`` linear light of "#RRGGBB"."""
    srgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(F)[:, None]


def smoothstep(low: float, high: float, x: Scalars) -> Scalars:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), F)


def unit(v: Points) -> Points:
    return np.asarray(v / np.maximum(np.sqrt((v * v).sum(axis=0)), 1e-9), F)


@dataclass(frozen=True, kw_only=True)
class Solid:
    """One thing in the studio."""

    distance: Callable[[Points], Scalars]
    color: Callable[[Points, Points], Points]
    """Linear colour at points with their normals."""
    center: tuple[float, float, float] = (0.0, 1.0, 0.0)
    radius: float = 2.0
    """Of a sphere around all of it."""
    roughness: float = 0.12
    mirror: float = 0.05
    """Share of light reflected head-on: 0.04 glaze, 0.3 and more metal."""
    glow: float = 0.0
    """Light that comes through from behind, of thin or milky things."""


@dataclass(frozen=True, kw_only=True)
class Camera:
    eye: tuple[float, float, float]
    at: tuple[float, float, float]
    lens: float
    """Width of the picture over its distance."""


@dataclass(frozen=True, kw_only=True)
class Light:
    """A softbox: a soft rectangle in the directions around ``towards``."""

    towards: tuple[float, float, float]
    size: tuple[float, float]
    """Tangents of its half width and half height."""
    strength: float
    color: str = "#FFFFFF"
    panes: int = 1
    """Bars across, as of a window."""


@dataclass(frozen=True, kw_only=True)
class Studio:
    solids: Sequence[Solid]
    lights: Sequence[Light] = field(
        default_factory=lambda: (
            Light(towards=(-0.75, 0.75, 0.7), size=(0.42, 0.5), strength=4.6, color="#FFF6E8", panes=2),
            Light(towards=(-0.95, 0.0, 0.42), size=(0.13, 1.3), strength=2.6, color="#FFF9F0"),
            Light(towards=(0.97, 0.0, -0.12), size=(0.1, 1.3), strength=3.4, color="#F1F6FF"),
        )
    )
    above: str = "#E9E6DD"
    below: str = "#8F8877"
    ambient: float = 0.5
    key: float = 1.35
    shade: Callable[[Points], Scalars] | None = None
    """What stands between the key light and a point, 0 to 1; leaves at a window."""

    def nearest(self, p: Points, reach: float = 0.12) -> tuple[Scalars, NDArray[np.int32]]:
        """Distance to the nearest solid, and which it is; exact up to ``reach``, beyond it too short."""
        best = np.full(p.shape[1], FAR, F)
        which = np.zeros(p.shape[1], np.int32)
        for number, solid in enumerate(self.solids):
            away = np.sqrt(((p - np.array(solid.center, F)[:, None]) ** 2).sum(axis=0)) - F(solid.radius)
            near = (away < reach) & (away < best)
            distance = np.maximum(away, 0.1).astype(F)
            if near.any():
                distance[near] = solid.distance(p[:, near])
            closer = distance < best
            best[closer], which[closer] = distance[closer], number
        return best, which

    def trace(
        self, origin: Points, ray: Points, steps: int, start: float = 0.0
    ) -> tuple[Scalars, NDArray[np.int32]]:
        """Length of each ray to what it hits, ``FAR`` where nothing, and what that is."""
        length = np.full(ray.shape[1], start, F)
        hit = np.full(ray.shape[1], -1, np.int32)
        going = np.arange(ray.shape[1])
        distance, which = np.full(len(going), FAR, F), np.zeros(len(going), np.int32)
        for _ in range(steps):
            distance, which = self.nearest(origin[:, going] + ray[:, going] * length[going])
            arrived = distance < NEAR_ENOUGH * np.maximum(1, length[going] * 0.3)
            hit[going[arrived]] = which[arrived]
            length[going] += np.where(arrived, 0, distance * F(0.92))
            on = ~arrived & (length[going] < FAR)
            going, distance, which = going[on], distance[on], which[on]
            if not len(going):
                break
        # A ray that grazes an edge creeps; when its steps run out it has as good as arrived.
        crept = distance < 0.02
        hit[going[crept]] = which[crept]
        length[hit < 0] = FAR
        return length, hit

    def normals(self, p: Points, step: float = 8e-3) -> Points:
        corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], F)
        return unit(sum(c[:, None] * self.nearest(p + F(step) * c[:, None])[0] for c in corners))  # type: ignore[arg-type]

    def surroundings(self, ray: Points, roughness: float) -> Points:
        """What a mirror would show: the room's gradient and the softboxes, blurred by roughness."""
        up = smoothstep(-0.25, 0.75, ray[1])
        light = linear(self.below) * (1 - up) * F(0.45) + linear(self.above) * up * F(0.75)
        for box in self.lights:
            axis = unit(np.array(box.towards, F)[:, None])
            across = unit(np.cross(np.array([0, 1, 0], F), axis[:, 0])[:, None].astype(F))
            upward = np.cross(axis[:, 0], across[:, 0])[:, None].astype(F)
            ahead = np.maximum((ray * axis).sum(axis=0), 1e-4)
            u, v = (ray * across).sum(axis=0) / ahead, (ray * upward).sum(axis=0) / ahead
            soft = 0.05 + 1.1 * roughness
            mask = (1 - smoothstep(box.size[0] - soft, box.size[0] + soft, np.abs(u))) * (
                1 - smoothstep(box.size[1] - soft, box.size[1] + soft, np.abs(v))
            )
            if box.panes > 1 and roughness < 0.25:
                for bar in (u, v):
                    mask = mask * smoothstep(0.012, 0.03 + roughness, np.abs(bar))
            thinner = box.size[0] * box.size[1] / ((box.size[0] + soft / 2) * (box.size[1] + soft / 2))
            light = light + linear(box.color) * mask * ((ray * axis).sum(axis=0) > 0) * F(
                box.strength * thinner
            )
        return np.asarray(light, F)

    def shadow(self, p: Points, towards: Points, softness: float = 9.0) -> Scalars:
        """How much of the key light reaches a point: 1 all, 0 none."""
        seen = np.ones(p.shape[1], F)
        length = np.full(p.shape[1], 0.03, F)
        for _ in range(26):
            distance, _which = self.nearest(p + towards * length, reach=0.6)
            seen = np.minimum(seen, np.clip(0.5 + 0.5 * softness * distance / length, 0, 1))
            length += np.clip(distance, 0.03, 0.4)
        return np.asarray(seen * seen * (3 - 2 * seen), F)

    def openness(self, p: Points, n: Points) -> Scalars:
        """Ambient occlusion from five probes along the normal."""
        closed = np.zeros(p.shape[1], F)
        for reach, weight in ((0.03, 1.0), (0.08, 0.8), (0.18, 0.6), (0.36, 0.45), (0.7, 0.25)):
            closed += (
                F(weight) * np.maximum(0, reach - self.nearest(p + n * F(reach), reach=0.8)[0]) / F(reach)
            )
        return np.asarray(np.clip(1 - closed * F(0.36), 0.05, 1), F)

    def shine(self, p: Points, ray: Points, hit: NDArray[np.int32], bounces: int) -> Points:
        """Light from points ``p`` back along ``ray``."""
        n = self.normals(p)
        facing = np.clip(-(n * ray).sum(axis=0), 0, 1)
        key = unit(np.array(self.lights[0].towards, F)[:, None])
        toward = np.clip((n * key).sum(axis=0), 0, 1)
        lit = toward * self.shadow(p + n * F(0.01), key)
        if self.shade is not None:
            lit = lit * self.shade(p)
        open_to = self.openness(p, n)
        around = linear(self.below) * (0.5 - 0.5 * n[1]) * F(0.55) + linear(self.above) * (0.5 + 0.5 * n[1])
        fall = linear(self.lights[0].color) * lit * F(self.key) + around * open_to * F(self.ambient)
        mirrored = ray + 2 * facing * n
        out = np.zeros_like(p)
        for number, solid in enumerate(self.solids):
            mine = hit == number
            if not mine.any():
                continue
            color = solid.color(p[:, mine], n[:, mine])
            body = color * (fall[:, mine] + F(solid.glow))
            fresnel = solid.mirror + (1 - solid.mirror) * (1 - facing[mine]) ** 5 * (
                1 - 0.8 * solid.roughness
            )
            room = self.surroundings(mirrored[:, mine], solid.roughness) * (0.25 + 0.75 * open_to[mine])
            if bounces and solid.mirror > 0.02:
                room = self._mirror(p[:, mine] + n[:, mine] * F(0.02), mirrored[:, mine], room)
            tint = color if solid.mirror > 0.2 else F(1)
            out[:, mine] = body * (1 - fresnel) + room * fresnel * tint
        return out

    def _mirror(self, p: Points, ray: Points, room: Points) -> Points:
        length, hit = self.trace(p, ray, 36)
        seen = hit >= 0
        if seen.any():
            room = room.copy()
            room[:, seen] = self.shine(p[:, seen] + ray[:, seen] * length[seen], ray[:, seen], hit[seen], 0)
        return room


def photograph(
    studio: Studio, camera: Camera, size: tuple[int, int], *, fine: int = 2, bounces: int = 1
) -> NDArray[np.float32]:
    """``(height, width, 4)`` linear premultiplied light; alpha is what the solids cover."""
    width, height = size[0] * fine, size[1] * fine
    eye, at = np.array(camera.eye, F), np.array(camera.at, F)
    forward = unit((at - eye)[:, None])[:, 0]
    right = unit(np.cross(forward, [0, 1, 0])[:, None].astype(F))[:, 0]
    up = np.cross(right, forward).astype(F)
    picture = np.zeros((4, height * width), F)
    rows = max(1, 400_000 // width)
    for top in range(0, height, rows):
        ys, xs = np.mgrid[top : min(top + rows, height), 0:width].astype(F)
        u = (xs.ravel() + F(0.5) - width / 2) / width * F(camera.lens)
        v = (height / 2 - ys.ravel() - F(0.5)) / width * F(camera.lens)
        ray = unit(forward[:, None] + right[:, None] * u + up[:, None] * v)
        origin = np.broadcast_to(eye[:, None], ray.shape)
        length, hit = studio.trace(origin, ray, 110, start=1.0)
        seen = np.flatnonzero(hit >= 0)
        part = np.zeros((4, ray.shape[1]), F)
        if len(seen):
            points = origin[:, seen] + ray[:, seen] * length[seen]
            part[:3, seen] = studio.shine(points, ray[:, seen], hit[seen], bounces)
            part[3, seen] = 1
        picture[:, top * width : top * width + ray.shape[1]] = part
    # A softbox in a glaze is far brighter than paper white; held back before averaging, edges stay smooth.
    picture[:3] = np.minimum(picture[:3], 4)
    square = picture.reshape(4, size[1], fine, size[0], fine).mean(axis=(2, 4))
    return np.asarray(square.transpose(1, 2, 0), F)


def develop(picture: NDArray[np.float32], exposure: float = 1.0) -> Image.Image:
    """RGBA 8 bit of linear premultiplied light, highlights rolled off."""
    alpha = picture[..., 3:]
    light = picture[..., :3] / np.maximum(alpha, 1e-4) * exposure
    knee = 0.72
    light = np.where(light > knee, knee + (1 - knee) * (1 - np.exp(-(light - knee) / (1 - knee))), light)
    srgb = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    rgba = np.concatenate([srgb, alpha], axis=2)
    return Image.fromarray((np.clip(rgba, 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA")
