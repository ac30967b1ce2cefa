"""The shot's headline as moving type: set to fit, coloured to be read, drawn in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from campaign.errors import TextFitError
from media.color import Rgb, color_luminance, color_name, contrast, luminance, mix
from media.draw import Box, Cel, ink_box
from media.planes import Planes, rgb_from_planes
from media.text import TextStyle, check_glyphs, draw_text, fit_lines, text_width
from media.warp import Plate, lay_plate
from model.animatic.layout import Layout
from model.animatic.palette import Palette

READABLE = 4.5
"""Least contrast of type over its ground (WCAG 2.2, 1.4.3)."""
SIZES = (0.180, 0.165, 0.150, 0.132, 0.116, 0.102, 0.092, 0.083, 0.075, 0.068, 0.061, 0.055, 0.050)
"""Em heights to try, of the short side."""
_LINE = 1.26
_BREAKS = "，。、：；,;: "
"""Marks at which columns end; a column's end takes their place, as in printed vertical type."""

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
    """Type over a picture; lay it with `lay`."""

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
        if self.scrim is not None:
            lay_plate(planes, self.scrim, np.eye(3), _ease(time / 0.5) * (1 - going))
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


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    left: float
    top: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Type that fits, before it has a colour."""

    style: TextStyle
    lines: tuple[str, ...]
    places: tuple[_Line, ...]
    vertical: bool
    box: Box
    """Around the type block."""


def columns_of(text: str) -> tuple[str, ...]:
    """``text`` as vertical columns, or nothing where it cannot be set so."""
    parts = [text]
    for mark in _BREAKS:
        parts = [piece for part in parts for piece in part.split(mark)]
    parts = [part for part in parts if part]
    fits = 1 <= len(parts) <= 3 and all(2 <= len(part) <= 8 for part in parts)
    return tuple(parts) if fits and all("\u4e00" <= c <= "\u9fff" for part in parts for c in part) else ()


def set_headline(text: str, font: Path, layout: Layout, width: int, height: int) -> Setting:
    """The largest setting of ``text`` in the layout's box.

    Raises:
        GlyphError: the font lacks a character.
        TextFitError: it does not fit even in the smallest size.
    """
    check_glyphs(text, font)
    area = layout.box(layout.type_box, width, height)
    unit = min(width, height)
    if layout.vertical:
        return _set_columns(columns_of(text), font, area, unit)
    sizes = [size * unit for size in SIZES]
    error: TextFitError | None = None
    for size in sizes:
        lines_that_fit = max(int(area.height / (size * _LINE)), 1)
        try:
            _, lines = fit_lines(text, font, (size,), area.width, min(layout.max_lines, lines_that_fit))
        except TextFitError as reason:
            error = reason
            continue
        return _set_lines(lines, font, size, area, layout)
    assert error is not None
    raise error


def _set_lines(lines: tuple[str, ...], font: Path, size: float, area: Box, layout: Layout) -> Setting:
    style = TextStyle(font=font, size=size, color="#000000", align=layout.align, line_height=_LINE)
    tall = len(lines) * size * _LINE
    top = area.center[1] - tall / 2
    widths = [text_width(line, style) for line in lines]
    places = []
    for order, (line, wide) in enumerate(zip(lines, widths, strict=True)):
        # Hanging the closing mark keeps the line's ink in the middle.
        hang = size / 2 if line[-1] in "，。、：；！？" else 0.0
        left = area.left if layout.align == "left" else area.center[0] - (wide - hang) / 2
        places.append(_Line(line, left, top + order * size * _LINE))
    right = max(place.left + wide for place, wide in zip(places, widths, strict=True))
    box = Box(min(place.left for place in places), top, right, top + tall)
    return Setting(style=style, lines=lines, places=tuple(places), vertical=False, box=box)


def _set_columns(columns: tuple[str, ...], font: Path, area: Box, unit: float) -> Setting:
    longest = max(len(column) for column in columns)
    pitch, across = 1.10, 1.42
    size = min(area.height / (longest * pitch), area.width / (len(columns) * across), SIZES[0] * unit * 0.82)
    style = TextStyle(font=font, size=size, color="#000000", line_height=pitch)
    places = []
    block = ((len(columns) - 1) * across + 1) * size
    right = area.right - (area.width - block) / 2
    top = area.top
    for order, column in enumerate(columns):
        left = right - size - order * across * size
        # Each column starts a little lower than the one before, as couplets are hung.
        drop = (
            order * 0.5 * size if len(columns) > 1 and area.height > (longest + 0.5) * pitch * size else 0.0
        )
        for row, character in enumerate(column):
            places.append(_Line(character, left, top + drop + row * pitch * size))
    bottom = max(place.top for place in places) + size * pitch
    box = Box(min(place.left for place in places), top, right, bottom)
    return Setting(style=style, lines=columns, places=tuple(places), vertical=True, box=box)


def finish_headline(
    setting: Setting, palette: Palette, grounds: Sequence[Planes], seconds: float, rng: np.random.Generator
) -> Headline:
    """Colour the setting for what lies under it in ``grounds`` (pictures of the shot without type), and cut it up."""
    height, width = grounds[0].height, grounds[0].width
    unit = min(width, height)
    color, scrim_color, opacity, ratio = _readable(setting, palette, grounds, unit)
    scrim = _scrim(setting.box, scrim_color, opacity, (width, height), rng) if opacity else None
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
        whole.stamp(cel.rgb / np.maximum(cel.alpha, 1e-4)[..., None], cel.alpha, cel.left, cel.top)
    kind = int(rng.integers(3))
    slices = _slices(setting, style, cels, kind, rng)
    settled = max(piece.start for piece in slices) + _RISE
    leaves = seconds - _LEAVE - 0.04 if seconds >= max(_SHORT, settled + 0.6) else seconds + 1
    rule_color = palette.accent if _stands_out(palette.accent, setting, grounds) else color
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


def _line_cel(place: _Line, style: TextStyle) -> Cel:
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
            rows, columns = (
                slice(0, cel.height),
                slice(max(round(left) - cel.left, 0), round(right) - cel.left),
            )
            alpha = cel.alpha[rows, columns]
            part.stamp(
                cel.rgb[rows, columns] / np.maximum(alpha, 1e-4)[..., None],
                alpha,
                cel.left + columns.start,
                cel.top,
            )
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
    """A short line that leads into the type: above lines, beside columns."""
    thick = max(round(unit * 0.005), 2)
    if setting.vertical:
        x = setting.box.right + unit * 0.030
        box = Box(x, setting.box.top + setting.style.size * 0.1, x + thick, setting.box.top + unit * 0.16)
    else:
        wide, y = unit * 0.085, setting.box.top - unit * 0.030
        left = setting.box.left + setting.style.size * 0.04
        if setting.style.align == "center":
            left = setting.box.center[0] - wide / 2
        box = Box(left, y, left + wide, y + thick)
    cel = Cel(box)
    cel.paint(color, cel.rounded(Box(*(float(round(v)) for v in box)), 0.5))
    return Plate.from_cel(cel, rng)


def _readable(
    setting: Setting, palette: Palette, grounds: Sequence[Planes], unit: float
) -> tuple[Rgb, Rgb, float, float]:
    """Type colour, scrim colour, scrim opacity (0 for none) and the contrast reached."""
    dark, bright = _extremes(setting.box, grounds, unit)
    choices = [(palette.light, palette.deep), (palette.ink, mix(palette.paper, palette.light, 0.5))]
    if not palette.dark:
        choices.reverse()
    for color, scrim in choices:
        ratio = _worst(color, dark, bright)
        if ratio >= READABLE:
            return color, scrim, 0.0, ratio
    color, scrim = max(choices, key=lambda choice: _worst(choice[0], dark, bright))
    for opacity in (0.25, 0.40, 0.55, 0.70, 0.85, 0.95):
        # Luminance of a blend in sRGB is at most this far from its ends' blend in linear light.
        behind = [_through(level, scrim, opacity) for level in (dark, bright)]
        ratio = _worst(color, *behind)
        if ratio >= READABLE:
            return color, scrim, opacity, ratio
    return color, scrim, 0.95, ratio


def _extremes(box: Box, grounds: Sequence[Planes], unit: float) -> tuple[float, float]:
    """Nearly the darkest and brightest luminance under the type."""
    pad = unit * 0.015
    levels = []
    for planes in grounds:
        left, top = (max(int(v - pad) // 2 * 2, 0) for v in (box.left, box.top))
        right, bottom = (int(v + pad) // 2 * 2 for v in (box.right, box.bottom))
        part = Planes(
            planes.y[top:bottom, left:right],
            *(c[top // 2 : bottom // 2, left // 2 : right // 2] for c in (planes.u, planes.v)),
        )
        levels.append(luminance(rgb_from_planes(part))[::3, ::3].ravel())
    low, high = np.percentile(np.concatenate(levels), (2, 98))
    return float(low), float(high)


def _through(level: float, scrim: Rgb, opacity: float) -> float:
    grey = _encoded(level)
    blended = [grey * (1 - opacity) + part * opacity for part in scrim]
    return color_luminance((blended[0], blended[1], blended[2]))


def _encoded(level: float) -> float:
    return level * 12.92 if level <= 0.0031308 else 1.055 * level ** (1 / 2.4) - 0.055


def _worst(color: Rgb, dark: float, bright: float) -> float:
    own = color_luminance(color)
    return min(contrast(own, dark), contrast(own, bright))


def _stands_out(color: Rgb, setting: Setting, grounds: Sequence[Planes]) -> bool:
    dark, bright = _extremes(setting.box, grounds, min(grounds[0].width, grounds[0].height))
    return _worst(color, dark, bright) >= 1.8


def _scrim(box: Box, color: Rgb, opacity: float, frame: tuple[int, int], rng: np.random.Generator) -> Plate:
    """Shade from the frame's nearest edge to just past the type, fading out: a patch of it would look like a patch."""
    width, height = frame
    soft, pad = min(frame) * 0.20, min(frame) * 0.02
    reaches = {"top": box.bottom / height, "left": box.right / width, "right": 1 - box.left / width}
    side = min(reaches, key=lambda name: reaches[name])
    if side == "top":
        area, start, end = (
            Box(0, 0, width, box.bottom + pad + soft),
            (0.0, box.bottom + pad),
            (0.0, box.bottom + pad + soft),
        )
    elif side == "left":
        area, start, end = (
            Box(0, 0, box.right + pad + soft, height),
            (box.right + pad, 0.0),
            (box.right + pad + soft, 0.0),
        )
    else:
        area, start, end = (
            Box(box.left - pad - soft, 0, width, height),
            (box.left - pad, 0.0),
            (box.left - pad - soft, 0.0),
        )
    cel = Cel(area)
    mask = (1 - cel.ramp(start, end)) * np.float32(opacity)
    cel.paint(color, np.ascontiguousarray(np.broadcast_to(mask, cel.alpha.shape)))
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


def _moved(x: float, y: float) -> np.ndarray:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
