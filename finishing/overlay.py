"""Where things lie over a picture: the safe area, corners and what stands in them, and on which frames."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from campaign.errors import FinishError
from campaign.frames import Aspect
from campaign.kit_parts import Corner, SafeArea
from media.animation import Animation
from media.blend import Layer
from media.draw import Box
from media.text import Rgba

GAP = 0.022
"""Of the short side, between things that stand one above another."""
_TALL_FLOOR = 0.16
"""Words at the bottom of tall pictures stay above where every short-video app lays its own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerFilm:
    """A layer that changes: its pictures, each from its second on."""

    layers: tuple[Layer, ...]
    starts: tuple[float, ...]
    """Seconds; the first is 0."""
    seconds: float
    loops: bool
    """Else its last picture stays."""

    def at(self, seconds: float) -> Layer:
        # A picture that is due within a hundredth of a frame is due.
        passed = (seconds % self.seconds if self.loops else seconds) + 1e-4
        return self.layers[bisect_right(self.starts, passed) - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A layer and the frames on which it is seen."""

    layer: Layer
    first: int
    last: int
    """One after the last frame."""
    fade_in: int = 0
    """Frames until it is fully there."""
    fade_out: int = 0
    comes_from: tuple[int, int] = (0, 0)
    """Pixels right and down of its place from which it slides while it fades in, slower and slower."""
    goes_to: tuple[int, int] = (0, 0)
    """Likewise to where it slides while it fades out, faster and faster."""
    film: LayerFilm | None = None
    """Stands in for the layer, from its first frame on."""
    fps: int = 24
    """Frames a second, by which the film runs."""

    def opacity(self, frame: int) -> float:
        if not self.first <= frame < self.last:
            return 0.0
        rising = (frame - self.first + 1) / (self.fade_in + 1)
        falling = (self.last - frame) / (self.fade_out + 1)
        return min(rising, falling, 1.0)

    def placed(self, frame: int) -> Layer:
        """The layer where and as it is on ``frame``."""
        layer = self.film.at((frame - self.first) / self.fps) if self.film else self.layer
        to_come = max(1 - (frame - self.first + 1) / (self.fade_in + 1), 0.0)
        gone = max(1 - (self.last - frame) / (self.fade_out + 1), 0.0)
        right, down = (
            2 * round((come * to_come**2 + go * gone**2) / 2)
            for come, go in zip(self.comes_from, self.goes_to, strict=True)
        )
        return layer.moved(right, down) if right or down else layer


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """A delivery's frame and the part of it that type and marks may use."""

    width: int
    height: int
    margins: SafeArea

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)

    @property
    def aspect(self) -> Aspect:
        """The one that its shape is nearest to."""
        return _nearest(self.width, self.height)

    @cached_property
    def safe(self) -> Box:
        """In pixels."""
        m = self.margins
        return Box(
            m.left * self.width, m.top * self.height, (1 - m.right) * self.width, (1 - m.bottom) * self.height
        )

    @property
    def column(self) -> float:
        """Width in pixels of what may stand centred on the frame without leaving the safe area."""
        return 2 * min(self.width / 2 - self.safe.left, self.safe.right - self.width / 2)

    @property
    def floor(self) -> float:
        """The lowest that words may reach, in pixels from the top."""
        lowest = (1 - _TALL_FLOOR) * self.height if self.height > self.width else self.height
        return min(self.safe.bottom, lowest)


@lru_cache(maxsize=64)
def _nearest(width: int, height: int) -> Aspect:
    return min(Aspect, key=lambda a: abs(a.ratio[0] / a.ratio[1] - width / height))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Something drawn that stands in a corner, before it has its place."""

    name: str
    rgba: Rgba
    corner: Corner
    margin: int = 0
    """Pixels between it and the safe area's edges."""
    animation: Animation | None = None
    """Moves in the drawing's place; the drawing has its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where something lies on the frame."""

    name: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Area):
    """A drawing; its box is that of its ink."""

    rgba: Rgba
    origin: tuple[int, int]
    """Left and top of the drawing, transparent margins included."""
    animation: Animation | None = None

    @property
    def layer(self) -> Layer:
        """The drawing as it is blended; made on each call."""
        return Layer.from_rgba(self.rgba, *self.origin)

    def film(self, *, loops: bool) -> LayerFilm | None:
        """What moves in its place; None for a drawing that stands still."""
        if self.animation is None:
            return None
        odd = (self.origin[0] % 2, self.origin[1] % 2)
        steps = (self.origin[0] - odd[0], self.origin[1] - odd[1])
        return LayerFilm(
            layers=tuple(layer.moved(*steps) for layer in _layers(self.animation, *odd)),
            starts=self.animation.starts,
            seconds=self.animation.seconds,
            loops=loops,
        )

    @property
    def pixels(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the box."""
        return int(self.box.left), int(self.box.top), int(self.box.right), int(self.box.bottom)


@lru_cache(maxsize=2)
def _layers(animation: Animation, left: int, top: int) -> tuple[Layer, ...]:
    """Every picture of it as it is blended; renditions of one size share them."""
    return tuple(Layer.from_rgba(picture, left, top) for picture in animation.pictures)


def arrange(drawings: Sequence[Drawing], canvas: Canvas, words_from: float) -> tuple[Placed, ...]:
    """Each drawing in its corner of the safe area; what is in the way is passed by, inwards.

    ``words_from`` is the top of what captions and small print take, in pixels: the bottom corners lie above.
    """
    safe, gap, placed = canvas.safe, canvas.short_side * GAP, list[Placed]()
    for drawing in drawings:
        height, width = drawing.rgba.shape[:2]
        down = drawing.corner.startswith("top")
        x = safe.left + drawing.margin
        if drawing.corner.endswith("right"):
            x = safe.right - drawing.margin - width
        y = safe.top + drawing.margin if down else min(words_from, safe.bottom) - drawing.margin - height
        # Things in the way, of the same corner or of the one beside it, are passed by.
        while blocking := _blocking(Box(x, y, x + width, y + height), placed, gap):
            y = (
                max(box.bottom for box in blocking) + gap
                if down
                else min(box.top for box in blocking) - gap - height
            )
        placed.append(
            replace(put(drawing.name, drawing.rgba, round(x), round(y)), animation=drawing.animation)
        )
    return tuple(placed)


def _blocking(wanted: Box, placed: Sequence[Area], gap: float) -> list[Box]:
    """Boxes that ``wanted`` would lie over, or nearer to than ``gap``."""
    # A pixel less: places are rounded.
    near = gap - 1
    room = Box(wanted.left - near, wanted.top - near, wanted.right + near, wanted.bottom + near)
    return [area.box for area in placed if _overlap(room, area.box)]


def put(name: str, rgba: Rgba, left: int, top: int, ink: Box | None = None) -> Placed:
    """``rgba`` with its first pixel at (``left``, ``top``); ``ink`` is what of it counts, else all of it."""
    height, width = rgba.shape[:2]
    ink = ink or Box(0, 0, width, height)
    return Placed(
        name=name,
        rgba=rgba,
        origin=(left, top),
        box=Box(left + ink.left, top + ink.top, left + ink.right, top + ink.bottom),
    )


def check_layout(parts: Sequence[Area], canvas: Canvas) -> None:
    """Refuse what leaves the safe area or lies over something else.

    Raises:
        FinishError: names the parts, with their boxes in pixels.
    """
    safe = canvas.safe
    for part in parts:
        inside = (
            part.box.left >= safe.left - 1
            and part.box.top >= safe.top - 1
            and part.box.right <= safe.right + 1
            and part.box.bottom <= safe.bottom + 1
        )
        if not inside:
            raise FinishError(
                f"layout of {canvas.width}x{canvas.height}",
                f"{part.name} ({_shown(part.box)}) leaves the safe area ({_shown(safe)}). "
                "Make it smaller in the brand kit, or leave something out.",
            )
    for index, one in enumerate(parts):
        for other in parts[index + 1 :]:
            if _overlap(one.box, other.box):
                raise FinishError(
                    f"layout of {canvas.width}x{canvas.height}",
                    f"{one.name} ({_shown(one.box)}) lies over {other.name} ({_shown(other.box)}). "
                    "Give them other corners or sizes in the brand kit.",
                )


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )


def _shown(box: Box) -> str:
    return f"x {box.left:.0f} to {box.right:.0f}, y {box.top:.0f} to {box.bottom:.0f}"
