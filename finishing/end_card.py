"""The end card: logo, call to action, a line and a QR code, set in the kit's colours and moved by MoviePy.

Made once per kit, language, words and size, then decoded into every rendition that needs it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from moviepy import VideoClip
from PIL import Image, ImageColor, ImageDraw

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.content_key import Json, as_json
from campaign.kit_parts import SafeArea
from finishing.cut import DISSOLVE
from finishing.marks import qr_pixels
from finishing.moving import (
    joined,
    logo_within,
    moved,
    paper,
    picture_at,
    risen,
    words_within,
    write_film,
)
from finishing.overlay import Canvas
from media.planes import Bytes
from media.text import Rgba

RECIPE_VERSION = 5
FILE = "end_card.mp4"

_SETTLED = 1.3
"""Seconds after which nothing moves any more."""
_FINE = 2
"""The arc is drawn this much larger and shrunk, for a smooth edge."""
_HORIZON = 0.54
"""Where the coloured ground begins at the middle, of the height."""
_ARC = 0.075
"""How much lower the ground is at the sides, of the width."""
_LOGO_HEIGHT, _LOGO_WIDTH = 0.2, 0.66
"""The most that the logo takes of the short side and of the width."""
_BESIDE = 0.44
"""Of the width, for a logo with a QR code beside it."""
_CALL_SIZES = ((1, (0.1, 0.094, 0.088, 0.082, 0.076, 0.07)), (2, (0.094, 0.088, 0.08, 0.072, 0.064, 0.056)))
_LINE_SIZES = ((1, (0.042, 0.038, 0.034)), (2, (0.036, 0.032, 0.028)))
"""Numbers of lines and em heights of the short side, the first that fits."""
_TEXT_WIDTH = 0.84
_BETWEEN = 0.045
"""Of the short side, between the rows of words."""
_FILLED = 1.45
"""How much of the ground about its middle the words may take with a QR code under them; 2 is all of it."""
_GROUND_MOVE, _LOGO_MOVE, _CALL_MOVE, _LINE_MOVE = (0.0, 0.55), (0.2, 0.5), (0.4, 0.5), (0.62, 0.5)
"""When each part comes and how long it takes, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCardJob:
    """Everything that decides an end card."""

    kit: BrandKit
    language: Language
    call_to_action: str
    width: int
    height: int
    fps: int
    num_frames: int
    qr: str = ""
    """A link; empty for no code."""
    safe_area: SafeArea | None = None
    """What apps leave free; None sets the card for the whole frame."""

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)


def end_card_recipe(job: EndCardJob) -> dict[str, Json]:
    """Everything that decides the bytes; files by digest."""
    kit = job.kit
    recipe: dict[str, Json] = {
        "end card": RECIPE_VERSION,
        "logo": as_json(kit.logo.file),
        "fonts": [as_json(kit.fonts.display.file), as_json(kit.fonts.text.file)],
        "colors": kit.colors.model_dump(),
        "words": [job.call_to_action, kit.end_card.line.of(job.language)],
        "size": [job.width, job.height, job.fps, job.num_frames],
    }
    if job.qr:
        recipe["qr"] = [job.qr, kit.qr.size]
    if job.safe_area:
        recipe["safe area"] = job.safe_area.model_dump()
    return recipe


def make_end_card(job: EndCardJob, folder: Path) -> Path:
    """Write ``folder/end_card.mp4``: `num_frames` frames, no sound.

    Raises:
        FinishError: the QR code would be too small to be read.
        GlyphError: a font of the kit lacks a character.
        TextFitError: the words do not fit at the smallest size.
    """
    write_film(_film(job), folder / FILE, job.fps, job.num_frames, _SETTLED, DISSOLVE)
    return folder / FILE


def draw_end_card(job: EndCardJob) -> Bytes:
    """The card when everything has come to rest, (height, width, 3) uint8 RGB.

    Raises:
        The same as `make_end_card`.
    """
    film = _film(job)
    still = picture_at(film, min(_SETTLED + 0.1, film.duration - 1 / job.fps))
    film.close()
    return still


def _film(job: EndCardJob) -> VideoClip:
    """All parts on the kit's paper, each with its move."""
    kit, width, height = job.kit, job.width, job.height
    ground_top, words_middle, top = _levels(job)
    parts = [paper(width, height, kit.colors.background)]
    parts.append(risen(_ground(job, ground_top), (0, ground_top), height - ground_top, _GROUND_MOVE))
    code = qr_pixels(job.qr, round(kit.qr.size * job.short_side), kit.colors.ink) if job.qr else None
    rows = _rows(job)
    if code is not None and _height([*rows, (code, 0.03)], job) <= _FILLED * min(
        words_middle - ground_top, height - words_middle
    ):
        rows, code = [*rows, (code, 0.03)], None
    parts += _head(job, code, (top + ground_top) / 2)
    parts += _words(job, rows, words_middle)
    return joined(parts, width, height, job.num_frames / job.fps)


def _levels(job: EndCardJob) -> tuple[int, float, float]:
    """Where the ground begins, the middle of the words, and where the logo's room begins, in pixels."""
    width, height = job.width, job.height
    if job.safe_area is None:
        top = round(height * _HORIZON)
        # A little above the middle of the ground: short-video apps lay their own words over the bottom.
        return top, top + (height - top) * (0.46 if height > width else 0.53), top * 0.06
    safe = Canvas(width=width, height=height, margins=job.safe_area).safe
    top = round(safe.top + safe.height * 0.47)
    return top, top + (safe.bottom - top) * 0.52, safe.top


def _head(job: EndCardJob, code: Rgba | None, middle: float) -> list[VideoClip]:
    """The logo, and the code at its right."""
    short = job.short_side
    logo = logo_within(
        job.kit, (_BESIDE if code is not None else _LOGO_WIDTH) * job.width, _LOGO_HEIGHT * short
    )
    gap = round(short * 0.08)
    whole = logo.shape[1] + (gap + code.shape[1] if code is not None else 0)
    left = (job.width - whole) // 2
    parts = [moved(logo, (left, round(middle - logo.shape[0] / 2)), short * 0.05, _LOGO_MOVE)]
    if code is not None:
        place = (left + logo.shape[1] + gap, round(middle - code.shape[0] / 2))
        parts.append(moved(code, place, short * 0.03, _LINE_MOVE))
    return parts


def _rows(job: EndCardJob) -> list[tuple[Rgba, float]]:
    """Call to action, a bar of the accent and the line, each with how far it rises, of the short side."""
    kit, width, short = job.kit, job.width, job.short_side
    column = Canvas(width=width, height=job.height, margins=job.safe_area or kit.safe_area).column
    room = min(width * _TEXT_WIDTH, column)
    light, display, text = kit.colors.light, kit.fonts.display.file, kit.fonts.text.file
    call = words_within(job.call_to_action, display, _sized(_CALL_SIZES, short), light, room)
    line = words_within(kit.end_card.line.of(job.language), text, _sized(_LINE_SIZES, short), light, room)
    rows = [(call, 0.05)]
    if line.size:
        bar = np.zeros((max(round(short * 0.006), 2), round(short * 0.11), 4), dtype=np.uint8)
        bar[...] = (*ImageColor.getrgb(kit.colors.accent)[:3], 255)
        rows += [(bar, 0.0), (line, 0.03)]
    return [(pixels, rise) for pixels, rise in rows if pixels.size]


def _height(rows: list[tuple[Rgba, float]], job: EndCardJob) -> int:
    gaps = round(job.short_side * _BETWEEN) * (len(rows) - 1)
    return gaps + sum(int(pixels.shape[0]) for pixels, _ in rows)


def _words(job: EndCardJob, rows: list[tuple[Rgba, float]], middle: float) -> list[VideoClip]:
    """The rows one under another about ``middle``."""
    top, parts = round(middle - _height(rows, job) / 2), []
    for number, (pixels, rise) in enumerate(rows):
        move = _CALL_MOVE if number == 0 else _LINE_MOVE
        place = ((job.width - pixels.shape[1]) // 2, top)
        parts.append(moved(pixels, place, job.short_side * rise, move))
        top += pixels.shape[0] + round(job.short_side * _BETWEEN)
    return parts


def _sized(
    sizes: tuple[tuple[int, tuple[float, ...]], ...], short: int
) -> tuple[tuple[int, tuple[float, ...]], ...]:
    return tuple((most, tuple(height * short for height in heights)) for most, heights in sizes)


def _ground(job: EndCardJob, ground_top: int) -> Rgba:
    """The brand's colour below a wide arc, with a thin line of the accent along it."""
    width, height = job.width * _FINE, (job.height - ground_top) * _FINE
    sag, stroke = round(job.width * _ARC * _FINE), max(round(job.short_side * 0.008 * _FINE), 4)
    # The circle through the arc's top and its two ends at the sides.
    radius = (width**2 / 4 + sag**2) / (2 * sag)
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for depth, color in ((0, job.kit.colors.accent), (stroke, job.kit.colors.primary)):
        box = (width / 2 - radius, depth, width / 2 + radius, depth + 2 * radius)
        draw.ellipse(box, fill=(*ImageColor.getrgb(color)[:3], 255))
    return np.array(picture.resize((width // _FINE, height // _FINE), Image.Resampling.BOX))
