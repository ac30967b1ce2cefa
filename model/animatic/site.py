"""Where a shot is composed: its size, colours, geometry, and the pieces that stages put there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import cos, pi, sin

import numpy as np

from media.cel import Cel
from media.color import Rgb
from media.draw import Box
from media.warp import Lens, Matrix, Pose, Surface, plate_homography, seen_box
from model.animatic.palette import Palette

EDGE = 4
"""Rows at a floor's far edge, where it is blended with what is behind."""
_FARTHEST = 30.0
"""Depth from which a floor may begin: the sea's."""
_LARGEST = 4.0
"""A floor's plate, of the frame's area; half a frame to two where the feet stand well below the horizon."""
_RISE = 0.01
"""Of the frame's height: steps in which a horizon is raised."""
FLOOR = "floor"
"""Stands for a depth where a piece lies on the floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sway:
    """A piece's own slow movement, in pixels and degrees about its centre."""

    x: float = 0.0
    y: float = 0.0
    angle: float = 0.0
    period: float = 5.0
    """Seconds."""
    phase: float = 0.0
    """Of a whole turn."""
    drift: tuple[float, float] = (0.0, 0.0)
    """Pixels a second."""

    def at(self, time: float, center: tuple[float, float]) -> Matrix:
        """The movement at ``time`` seconds as a transform of frame pixels."""
        wave = sin(2 * pi * (time / self.period + self.phase))
        other = sin(2 * pi * (time / (self.period * 1.37) + self.phase + 0.21))
        turn = np.radians(self.angle * wave)
        (x, y), c, s = center, cos(turn), sin(turn)
        dx = self.x * wave + self.drift[0] * time
        dy = self.y * other + self.drift[1] * time
        return np.array([[c, -s, x - c * x + s * y + dx], [s, c, y - s * x - c * y + dy], [0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """One cel and how it stands and moves. Pieces are laid in the order they are given."""

    cel: Cel
    depth: float | str
    """Of the subject's distance; `FLOOR` for what lies on the floor."""
    sway: Sway | None = None
    pivot: tuple[float, float] | None = None
    """Frame pixels that the sway turns about; None for the cel's centre."""
    carried: bool = False
    """True for what the camera follows."""
    hides_from: int | None = None
    """The cel's row from which on it hides all that the shot sees: 0 for a backdrop, `EDGE` for a floor."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """The place of one shot. Rows and columns are frame pixels of the camera at rest."""

    width: int
    height: int
    palette: Palette
    lens: Lens
    poses: Sequence[Pose]
    """Poses that the shot passes through, close enough together to know what it will see."""
    product: Box
    """Where the subject stands; its bottom is where it touches the ground."""
    type_box: Box
    """Where the headline may stand; empty where there is none."""
    grounded: bool
    """Whether something stands on the ground; not so where the place itself is the subject."""
    soft: float
    """Standard deviation, in pixels, of what lies far behind the subject."""
    seed: int
    rng: np.random.Generator = field(repr=False)

    @property
    def unit(self) -> float:
        """The short side, in pixels: the measure of everything drawn."""
        return float(min(self.width, self.height))

    @property
    def frame(self) -> Box:
        return Box(0, 0, self.width, self.height)

    @property
    def floor(self) -> Surface:
        return Surface((self.product.bottom - self.lens.y) / self.lens.focal, level=True)

    def seam(self, depth: float) -> float:
        """The row where a wall at ``depth`` meets the floor."""
        return self.lens.y + (self.product.bottom - self.lens.y) / depth

    def surface(self, depth: float | str) -> Surface:
        return self.floor if isinstance(depth, str) else Surface(depth)

    def cover(self, depth: float, margin: float = 0.0) -> Box:
        """What the shot sees of a wall at ``depth``, and ``margin`` pixels more."""
        seen = seen_box([plate_homography(p, Surface(depth), self.lens) for p in self.poses], self.frame)
        return Box(
            seen.left - margin - 2, seen.top - margin - 2, seen.right + margin + 2, seen.bottom + margin + 2
        )

    def backdrop(self, depth: float, color: Rgb) -> Cel:
        """A filled cel that covers all the shot sees at ``depth``."""
        return Cel(self.cover(depth), color)

    def wall(self, depth: float, top: float, bottom: float, margin: float = 0.0) -> Cel:
        """A clear cel between two rows, as wide as the shot sees at ``depth``."""
        seen = self.cover(depth, margin)
        return Cel(Box(seen.left, max(top, seen.top), seen.right, min(bottom, seen.bottom)))

    def ground(self, depth: float, color: Rgb) -> Cel:
        """A filled cel on the floor, from the wall at ``depth`` to the bottom of all the shot sees."""
        box = floor_box(self.lens, self.poses, self.product.bottom, depth, self.frame)
        assert box is not None
        return Cel(box, color)

    def with_rng(self, salt: int) -> "Site":
        """The same place with random numbers of its own."""
        return replace(self, rng=np.random.default_rng([self.seed, salt]))


def floor_box(lens: Lens, poses: Sequence[Pose], feet: float, depth: float, frame: Box) -> Box | None:
    """The floor's plate from the wall at ``depth`` to the bottom of all the shot sees; ``feet`` touch it.

    None where it has no picture: a pose is under the floor, or sees what lies behind the camera at rest.
    """
    floor, seam = Surface((feet - lens.y) / lens.focal, level=True), lens.y + (feet - lens.y) / depth
    boxes = []
    for pose in poses:
        if floor.distance - pose.y <= 0:
            return None
        homography = plate_homography(pose, floor, lens)
        middle = homography @ np.array([lens.x, seam, 1.0])
        visible = frame._replace(top=max(float(middle[1] / middle[2]) + 1, 0))
        lowest = np.array([[x, frame.bottom, 1.0] for x in (frame.left, frame.right)])
        if (np.linalg.solve(homography, lowest.T)[2] <= 0).any():
            return None
        boxes.append(seen_box([homography], visible))
    left, right = min(box.left for box in boxes) - 4, max(box.right for box in boxes) + 4
    bottom = max(box.bottom for box in boxes) + 4
    return Box(min(left, 0), seam, max(right, frame.width), max(bottom, frame.height))


def over_floor(lens: Lens, poses: Sequence[Pose], feet: float, frame: Box) -> Lens:
    """``lens`` with its horizon as much higher as the eye must be to see a floor of bounded size.

    Where apps leave little room below, feet come near the horizon or above it: the floor is then seen on
    edge, and what a moving camera sees of it grows without bound.
    """
    while True:
        box = floor_box(lens, poses, feet, _FARTHEST, frame)
        if box is not None and box.width * box.height <= _LARGEST * frame.width * frame.height:
            return lens
        lens = lens._replace(y=lens.y - _RISE * frame.height)
