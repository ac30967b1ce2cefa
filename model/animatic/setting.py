"""The headline set to fit its place: its size, its lines or columns, and where each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from campaign.errors import TextFitError
from media.draw import Box
from media.text import TextStyle, check_glyphs, fit_lines, text_width
from model.animatic.layout import Layout, Part, touched

SIZES = (0.180, 0.165, 0.150, 0.132, 0.116, 0.102, 0.092, 0.083, 0.075, 0.068, 0.061, 0.055, 0.050)
"""Em heights to try, of the short side."""


_LINE = 1.26
_STROKES = "一二三十"
"""Characters that a line above them would turn into others."""

_BREAKS = "，。、：；,;: "
"""Marks at which columns end; a column's end takes their place, as in printed vertical type."""


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    left: float
    top: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Type that fits, before it has a colour."""

    style: TextStyle
    lines: tuple[str, ...]
    places: tuple[Line, ...]
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
    sizes = [size * unit for size in SIZES if not layout.tight or size * unit * _LINE <= area.height]
    if not sizes:
        raise TextFitError(
            text, SIZES[-1] * unit, area.width, 1, f"is {SIZES[-1] * unit * _LINE:.0f} px high"
        )
    size, lines = fit_lines(
        text,
        font,
        sizes,
        area.width,
        lambda size: min(layout.max_lines, max(int(area.height / (size * _LINE)), 1)),
    )
    return _set_lines(lines, font, size, area, layout)


def rule_box(setting: Setting, unit: float) -> Box:
    """Where the short line by the type stands: above lines, beside columns."""
    thick = max(round(unit * 0.005), 2)
    if setting.vertical:
        x = setting.box.right + unit * 0.030
        return Box(x, setting.box.top + setting.style.size * 0.1, x + thick, setting.box.top + unit * 0.16)
    wide, y = unit * 0.085, setting.box.top - unit * 0.030
    if setting.lines[0][0] in _STROKES:
        y = setting.box.bottom + unit * 0.030
    left = setting.box.left + setting.style.size * 0.04
    if setting.style.align == "center":
        left = setting.box.center[0] - wide / 2
    return Box(left, y, left + wide, y + thick)


def legible_size(
    text: str, font: Path, layout: Layout, width: int, height: int, marks: Sequence[Part]
) -> float:
    """The em height in which `set_headline` would set ``text``, in pixels; 0 if too small or under a mark.

    Raises:
        GlyphError: the font lacks a character.
    """
    try:
        setting = set_headline(text, font, layout, width, height)
    except TextFitError:
        return 0.0
    unit, size = min(width, height), setting.style.size
    room = 0.0 if setting.vertical else (_LINE - 1) / 2 * size
    ink = setting.box._replace(top=setting.box.top + room, bottom=setting.box.bottom - room)
    for box in (ink, rule_box(setting, unit)):
        if touched((box.left / width, box.top / height, box.right / width, box.bottom / height), marks):
            return 0.0
    return size if size >= SIZES[-1] * unit else 0.0


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
        places.append(Line(line, left, top + order * size * _LINE))
    right = max(place.left + wide for place, wide in zip(places, widths, strict=True))
    box = Box(min(place.left for place in places), top, right, top + tall)
    return Setting(style=style, lines=lines, places=tuple(places), vertical=False, box=box)


def _set_columns(columns: tuple[str, ...], font: Path, area: Box, unit: float) -> Setting:
    longest = max(len(column) for column in columns)
    pitch, across = 1.10, 1.42
    size = min(area.height / (longest * pitch), area.width / (len(columns) * across), SIZES[2] * unit)
    style = TextStyle(font=font, size=size, color="#000000", line_height=pitch)
    places = []
    right = area.right
    top = area.top
    for order, column in enumerate(columns):
        left = right - size - order * across * size
        # Each column starts a little lower than the one before, as couplets are hung.
        drop = (
            order * 0.5 * size if len(columns) > 1 and area.height > (longest + 0.5) * pitch * size else 0.0
        )
        for row, character in enumerate(column):
            places.append(Line(character, left, top + drop + row * pitch * size))
    bottom = max(place.top for place in places) + size * pitch
    box = Box(min(place.left for place in places), top, right, bottom)
    return Setting(style=style, lines=columns, places=tuple(places), vertical=True, box=box)
