"""The shot's headline as moving type: set to fit, coloured to be read, drawn in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from media.cel import Cel
from media.color import Rgb, color_name
from media.draw import Box, Mask, ink_box
from media.planes import Planes
from media.text import TextStyle, draw_text, text_width
from media.warp import Matrix, Plate, lay_plate
from model.animatic.legible import paint_scrim, readable, stands_out
from model.animatic.palette import Palette
from model.animatic.setting import Line, Setting, rule_box

_START, _STAGGER, _LINE_DELAY, _RISE = 0.22, 0.045, 0.10, 0.62
"""Seconds: before the first piece, between pieces, between lines, and of each piece's way in."""
_LEAVE = 0.34
"""Seconds of the way out."""
_SHORT = 1.8
"""Shots shorter than this keep their type to the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """A character or word, and when it begins to appear."""

    plate: Plate
    start: float
    spread: float
    """How far from the middle it comes when it appears, in pixels; 0 for type that only rises."""


@dataclass(frozen=True, slots=True, eq=False)
class Headline:
    """Type over a picture: `lay_scrim` behind the subject, `lay` over all."""

    box: Box
    """Around the ink."""
    color: Rgb
    ratio: float
    """Contrast over the ground it was measured on, scrim included."""
    block: Plate
    slices: tuple[Slice, ...]
    rule: Plate
    scrim: Plate | None
    clips: bool
    """Whether pieces rise out of their line, or fade in place."""
    settled: float
    """Seconds at which all of it stands."""
    leaves: float
    """Seconds at which it begins to go; after the end where it stays."""

    def lay(self, planes: Planes, time: float) -> None:
        """Draw it as it is at ``time`` seconds."""
        going = _ease((time - self.leaves) / _LEAVE)
        self._lay_rule(planes, time, 1 - going)
        rise = self.block.box.height * 0.06
        if time >= self.settled:
            lay_plate(planes, self.block, _moved(0, -rise * going), 1 - going)
            return
        for piece in self.slices:
            share = _ease((time - piece.start) / _RISE)
            if share <= 0:
                continue
            box = piece.plate.box
            down = (1 - share) * box.height * (0.55 if self.clips else 0.10)
            clip = box if self.clips else None
            lay_plate(planes, piece.plate, _moved((1 - share) * piece.spread, down), share, clip)

    def lay_scrim(self, planes: Planes, time: float) -> None:
        """Draw the shade that the type needs behind it, before the subject is drawn."""
        if self.scrim is not None:
            share = _ease(time / 0.5) * (1 - _ease((time - self.leaves) / _LEAVE))
            lay_plate(planes, self.scrim, np.eye(3), share)

    def _lay_rule(self, planes: Planes, time: float, opacity: float) -> None:
        box = self.rule.box
        grown = _ease(time / 0.7)
        wide = box.width >= box.height
        clip = (
            Box(box.left, box.top, box.left + box.width * grown, box.bottom)
            if wide
            else Box(box.left, box.top, box.right, box.top + box.height * grown)
        )
        lay_plate(planes, self.rule, np.eye(3), opacity, clip)


def finish_headline(
    setting: Setting, palette: Palette, grounds: Sequence[Planes], seconds: float, rng: np.random.Generator
) -> Headline:
    """Colour the setting for what lies under it in ``grounds``, the shot without type, and cut it up."""
    height, width = grounds[0].height, grounds[0].width
    unit = min(width, height)
    color, scrim_color, opacity, ratio = readable(setting.box, palette, grounds, unit)
    scrim = paint_scrim(setting.box, scrim_color, opacity, (width, height), rng) if opacity else None
    style = TextStyle(
        font=setting.style.font,
        size=setting.style.size,
        color=color_name(color),
        align="left",
        line_height=setting.style.line_height,
    )
    cels = [_line_cel(place, style) for place in setting.places]
    whole = Cel(Box(*(f(getattr(c.box, side) for c in cels) for side, f in _SIDES)))
    for cel in cels:
        whole.lay(cel)
    kind = int(rng.integers(3))
    slices = _slices(setting, style, cels, kind, rng)
    settled = max(piece.start for piece in slices) + _RISE
    leaves = seconds - _LEAVE - 0.04 if seconds >= max(_SHORT, settled + 0.6) else seconds + 1
    rule_color = palette.accent if stands_out(palette.accent, setting.box, grounds) else color
    return Headline(
        box=_ink(whole),
        color=color,
        ratio=ratio,
        block=Plate.from_cel(whole, rng),
        slices=slices,
        rule=_rule(setting, rule_color, unit, rng),
        scrim=scrim,
        clips=kind == 0 and not setting.vertical,
        settled=settled,
        leaves=leaves,
    )


_SIDES = (("left", min), ("top", min), ("right", max), ("bottom", max))


def _line_cel(place: Line, style: TextStyle) -> Cel:
    drawn = draw_text((place.text,), style)
    return Cel.from_rgba(drawn, round(place.left) - style.padding, round(place.top) - style.padding)


def _slices(
    setting: Setting, style: TextStyle, cels: list[Cel], kind: int, rng: np.random.Generator
) -> tuple[Slice, ...]:
    pieces, clock = [], _START
    for place, cel in zip(setting.places, cels, strict=True):
        # A mark may reach over its neighbour's edge, so cuts go through the gaps between advances.
        cuts = _cuts(place.text)
        edges = [round(place.left) + text_width(place.text[:at], style) for at in cuts]
        edges[0], edges[-1] = cel.box.left, cel.box.right
        middle = (edges[0] + edges[-1]) / 2
        for left, right in pairwise(edges):
            part = Cel(Box(round(left), cel.box.top, round(right), cel.box.bottom))
            part.lay(cel)
            # Cels begin at even pixels: what reaches past the cut belongs to the neighbour.
            part.cut(_columns(part, round(left), round(right)))
            spread = ((left + right) / 2 - middle) * 0.10 if kind == 1 and not setting.vertical else 0.0
            pieces.append(Slice(Plate.from_cel(part, rng), clock, spread))
            clock += _STAGGER
        clock += 0.0 if setting.vertical else _LINE_DELAY
    return tuple(pieces)


def _cuts(text: str) -> list[int]:
    """Where a line may come apart: between ideographs, and between Latin words."""
    cuts = [0]
    for at in range(1, len(text)):
        if text[at - 1] == " " or (ord(text[at]) > 0x2E7F and text[at] not in "，。、：；！？"):
            cuts.append(at)
    return [*cuts, len(text)]


def _rule(setting: Setting, color: Rgb, unit: float, rng: np.random.Generator) -> Plate:
    """A short line by the type."""
    box = rule_box(setting, unit)
    cel = Cel(box)
    cel.paint(color, cel.rounded(Box(*(float(round(v)) for v in box)), 0.5))
    return Plate.from_cel(cel, rng)


def _ink(cel: Cel) -> Box:
    layer = np.zeros((cel.height, cel.width, 4), np.uint8)
    layer[..., 3] = np.rint(cel.alpha * 255).astype(np.uint8)
    box = ink_box(layer)
    return Box(box.left + cel.left, box.top + cel.top, box.right + cel.left, box.bottom + cel.top)


def _ease(share: float) -> float:
    """0 to 1, fast first (cubic)."""
    rest = 1 - min(max(share, 0.0), 1.0)
    return 1 - rest * rest * rest


def _moved(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _columns(cel: Cel, left: int, right: int) -> Mask:
    mask = np.zeros_like(cel.alpha)
    mask[:, left - cel.left : right - cel.left] = 1
    return mask
