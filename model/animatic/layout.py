"""Where type and subject stand in a frame, by its shape.

The lower 26 % is left to captions and the top corners to logo and AI label; boxes are shares of the frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Literal

from campaign.kit_parts import SafeArea
from media.draw import Box

CAPTIONS_FROM = 0.74
"""Captions stand below this share of the height."""
_EDGE, _COVERED = 0.045, 0.16
"""What the arrangements below leave free at every edge, and at the bottom below captions."""

_GAP, _LEAST = 0.02, 0.12
"""Of the height: between type and a mark, and what type needs."""
_RULE = 0.036
"""Of the short side: between a mark and type beside it, whose rule stands out by that."""

_YIELDS = 0.4
"""Of a subject's height: what it gives up for type that finds no other place."""

Part = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One arrangement."""

    name: str
    type_box: Part
    align: Literal["left", "center"]
    product: Part
    max_lines: int = 3
    vertical: bool = False
    """Chinese columns, from right to left."""
    tight: bool = False
    """Whether marks stand at the type's edges, so that not even a single line may be higher than its box."""

    def box(self, part: Part, width: int, height: int) -> Box:
        return Box(part[0] * width, part[1] * height, part[2] * width, part[3] * height)


LAYOUTS: dict[str, tuple[Layout, ...]] = {
    "wide": (
        Layout(
            name="type left",
            type_box=(0.075, 0.19, 0.50, 0.56),
            align="left",
            product=(0.56, 0.15, 0.91, 0.73),
        ),
        Layout(
            name="type right",
            type_box=(0.535, 0.19, 0.925, 0.56),
            align="left",
            product=(0.10, 0.19, 0.45, 0.73),
        ),
        Layout(
            name="columns right",
            type_box=(0.58, 0.17, 0.91, 0.70),
            align="left",
            product=(0.16, 0.19, 0.54, 0.73),
            vertical=True,
        ),
    ),
    "tall": (
        Layout(
            name="type above",
            type_box=(0.09, 0.15, 0.91, 0.35),
            align="center",
            product=(0.14, 0.40, 0.86, 0.725),
        ),
        Layout(
            name="type above, left",
            type_box=(0.09, 0.15, 0.91, 0.35),
            align="left",
            product=(0.20, 0.40, 0.92, 0.725),
        ),
        Layout(
            name="columns right",
            type_box=(0.48, 0.145, 0.92, 0.52),
            align="left",
            product=(0.06, 0.36, 0.70, 0.725),
            vertical=True,
        ),
    ),
    "square": (
        Layout(
            name="type above",
            type_box=(0.09, 0.165, 0.91, 0.345),
            align="center",
            product=(0.18, 0.385, 0.82, 0.73),
            max_lines=2,
        ),
        Layout(
            name="type left",
            type_box=(0.08, 0.19, 0.53, 0.56),
            align="left",
            product=(0.53, 0.24, 0.95, 0.73),
            max_lines=4,
        ),
        Layout(
            name="columns right",
            type_box=(0.58, 0.165, 0.92, 0.60),
            align="left",
            product=(0.08, 0.26, 0.68, 0.73),
            vertical=True,
        ),
    ),
}
"""Arrangements by the frame's shape."""

OPEN = {
    "wide": Layout(
        name="open", type_box=(0.14, 0.22, 0.86, 0.66), align="center", product=(0.36, 0.30, 0.64, 0.73)
    ),
    "tall": Layout(
        name="open", type_box=(0.09, 0.19, 0.91, 0.52), align="center", product=(0.28, 0.46, 0.72, 0.725)
    ),
    "square": Layout(
        name="open", type_box=(0.10, 0.20, 0.90, 0.60), align="center", product=(0.3, 0.38, 0.7, 0.73)
    ),
}
"""A place without a subject, seen from afar, with type across it."""

ALONE = {
    "wide": Layout(name="alone", type_box=(0, 0, 0, 0), align="center", product=(0.28, 0.17, 0.72, 0.73)),
    "tall": Layout(name="alone", type_box=(0, 0, 0, 0), align="center", product=(0.12, 0.30, 0.88, 0.725)),
    "square": Layout(name="alone", type_box=(0, 0, 0, 0), align="center", product=(0.18, 0.22, 0.82, 0.73)),
}
"""A subject without type."""


def inset(layout: Layout, margins: SafeArea | None) -> Layout:
    """``layout`` moved and shrunk into what apps leave free, above where captions then stand."""
    if margins is None:
        return layout
    left, right = margins.left, 1 - margins.right
    top, bottom = margins.top, 1 - max(margins.bottom, _COVERED) - (1 - CAPTIONS_FROM - _COVERED)
    across = (right - left) / (1 - 2 * _EDGE)
    down = (bottom - top) / (CAPTIONS_FROM - _EDGE)

    def moved(part: Part) -> Part:
        xs = [left + (x - _EDGE) * across for x in part[::2]]
        ys = [top + (y - _EDGE) * down for y in part[1::2]]
        return xs[0], ys[0], xs[1], ys[1]

    return replace(
        layout,
        type_box=moved(layout.type_box) if any(layout.type_box) else layout.type_box,
        product=moved(layout.product),
    )


def touched(part: Part, marks: Sequence[Part]) -> bool:
    """Whether a mark lies over ``part``."""
    left, top, right, bottom = part
    return any(m[0] < right and m[2] > left and m[1] < bottom and m[3] > top for m in marks)


def clear_of(layout: Layout, marks: Sequence[Part]) -> Layout | None:
    """``layout`` with its type above, or below, marks that will lie over the picture; None without room."""
    left, top, right, bottom = layout.type_box
    for mark in marks:
        if not touched((left, top, right, bottom), (mark,)):
            continue
        if mark[1] + mark[3] > top + bottom:
            bottom = min(bottom, mark[1] - _GAP)
        else:
            top = max(top, mark[3] + _GAP)
    if (left, top, right, bottom) != layout.type_box and bottom - top < _LEAST:
        return None
    return replace(layout, type_box=(left, top, right, bottom))


def beside(layout: Layout, marks: Sequence[Part], width: int, height: int) -> list[Layout]:
    """``layout`` with its type in each part of its place that marks leave free; none lies in another."""
    left, top, right, bottom = layout.type_box
    x_gap, y_gap = (_RULE * min(width, height) / side for side in (width, height))
    wide = [(m[0] - x_gap, m[1] - y_gap, m[2] + x_gap, m[3] + y_gap) for m in marks]
    xs = sorted({left, right, *(x for m in wide for x in m[::2] if left < x < right)})
    ys = sorted({top, bottom, *(y for m in wide for y in m[1::2] if top < y < bottom)})
    free = [
        (x0, y0, x1, y1)
        for (x0, x1), (y0, y1) in product(combinations(xs, 2), combinations(ys, 2))
        if not touched((x0, y0, x1, y1), wide)
    ]
    whole = [part for part in free if not any(_inside(part, other) for other in free if other != part)]
    return [replace(layout, type_box=part, tight=True) for part in whole]


def lowered(layout: Layout) -> Layout:
    """``layout`` with its type reaching into the subject's place, which then keeps most of its height."""
    left, top, right, bottom = layout.type_box
    head, foot = layout.product[1::2]
    return replace(layout, type_box=(left, top, right, max(bottom, head + _YIELDS * (foot - head))))


def _inside(part: Part, other: Part) -> bool:
    return other[0] <= part[0] and other[1] <= part[1] and part[2] <= other[2] and part[3] <= other[3]


def shape_of(width: int, height: int) -> str:
    """Which set of arrangements a frame has."""
    ratio = width / height
    return "wide" if ratio > 1.25 else "tall" if ratio < 0.7 else "square"


def within(box: Box, proportion: float, scale: float) -> Box:
    """The largest rectangle of that width over height on ``box``'s floor, scaled about its foot."""
    width = min(box.width, box.height * proportion) * scale
    height = width / proportion
    x = box.center[0]
    return Box(x - width / 2, box.bottom - height, x + width / 2, box.bottom)
