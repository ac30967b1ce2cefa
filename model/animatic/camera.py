"""Camera moves as smooth paths of poses, about a subject at distance 1."""

from collections.abc import Callable, Mapping
from math import cos, pi, radians, sin
from types import MappingProxyType

import numpy as np

from campaign.camera import CameraMove
from media.warp import Pose

Path = Callable[[float], Pose]
"""Pose at 0 (first frame) to 1 (last)."""

_EASE = 0.75
"""Share of the eased curve in a move; the rest is even speed, so that a short shot still travels."""
_ORBIT = 6.5
"""Degrees to each side. More shows that the subject is a flat picture."""
_SHAKE = ((0.31, 1.0), (0.73, 0.5), (1.27, 0.22))
"""Hertz and share of a hand's slow sway; above 1.5 Hz it reads as a fault."""

TRAVELS: Mapping[CameraMove, tuple[Pose, Pose]] = MappingProxyType(
    {
        CameraMove.STATIC: (Pose(), Pose()),
        CameraMove.PUSH_IN: (Pose(z=-0.05), Pose(z=0.10)),
        CameraMove.PULL_OUT: (Pose(z=0.10), Pose(z=-0.05)),
        CameraMove.PAN_LEFT: (Pose(yaw=1.5), Pose(yaw=-1.5)),
        CameraMove.PAN_RIGHT: (Pose(yaw=-1.5), Pose(yaw=1.5)),
        CameraMove.TILT_UP: (Pose(pitch=1.3), Pose(pitch=-1.1)),
        CameraMove.TILT_DOWN: (Pose(pitch=-1.3), Pose(pitch=1.1)),
        CameraMove.TRUCK_LEFT: (Pose(x=0.045), Pose(x=-0.045)),
        CameraMove.TRUCK_RIGHT: (Pose(x=-0.045), Pose(x=0.045)),
        CameraMove.CRANE_UP: (Pose(y=0.02, pitch=-0.7), Pose(y=-0.06, pitch=2.7)),
        CameraMove.CRANE_DOWN: (Pose(y=-0.06, pitch=2.7), Pose(y=0.02, pitch=-0.7)),
        CameraMove.FOLLOW: (Pose(x=-0.10), Pose(x=0.10)),
        CameraMove.AERIAL: (Pose(y=-0.07, z=-0.10, pitch=2.6), Pose(y=-0.02, z=0.10, pitch=0.6)),
        CameraMove.HANDHELD: (Pose(z=-0.015), Pose(z=0.02)),
    }
)
"""First and last pose; lengths are of the subject's distance, angles degrees. Orbit is an arc, below."""


def camera_path(move: CameraMove, seconds: float, seed: int) -> Path:
    """The path of ``move`` over a shot of that length; ``seed`` decides how a hand shakes."""
    if move is CameraMove.ORBIT:
        return _orbit
    first, last = TRAVELS[move]
    if move is CameraMove.HANDHELD:
        return _handheld(first, last, seconds, seed)
    return lambda share: _between(first, last, eased(share))


def eased(share: float) -> float:
    """0 to 1, slower at both ends."""
    return share - _EASE * sin(2 * pi * share) / (2 * pi)


def _between(first: Pose, last: Pose, share: float) -> Pose:
    return Pose(*(a + (b - a) * share for a, b in zip(first, last, strict=True)))


def _orbit(share: float) -> Pose:
    angle = _ORBIT * (2 * eased(share) - 1)
    return Pose(x=-sin(radians(angle)), z=1 - cos(radians(angle)), yaw=angle)


def _handheld(first: Pose, last: Pose, seconds: float, seed: int) -> Path:
    phases = np.random.default_rng(seed).random((5, len(_SHAKE))) * 2 * pi

    def path(share: float) -> Pose:
        time = share * seconds
        sway = [
            sum(
                part * sin(2 * pi * hertz * time + phase)
                for (hertz, part), phase in zip(_SHAKE, row, strict=True)
            )
            for row in phases
        ]
        pose = _between(first, last, eased(share))
        return Pose(
            x=pose.x + 0.006 * sway[0],
            y=pose.y + 0.005 * sway[1],
            z=pose.z,
            yaw=0.22 * sway[2],
            pitch=0.18 * sway[3],
            roll=0.22 * sway[4],
        )

    return path
