"""A first kit for a brand: colours around its own, its logo or its name, fonts and music of another kit.

It can be used at once and is meant to be changed: the keys that a team is likely to touch stand in the file.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from campaign.brand_kit import BrandKit
from campaign.errors import KitError
from campaign.kit_parts import Asset, Colors, Words
from campaign.naming import safe_name
from finishing.kit_check import READABLE
from finishing.marks import plate
from media.color import (
    Rgb,
    color_luminance,
    color_name,
    colorfulness,
    contrast,
    in_hue,
    mix,
    parse_color,
)
from media.picture import VECTOR, read_picture
from media.text import Rgba, TextStyle, draw_text, fit_lines

_READS = READABLE + 0.1
"""Contrast of words to what they stand on, with what rounding a colour takes."""
_INK = 12.0
"""Contrast to white of the primary colour of a brand without a hue."""
_WHITE: Rgb = (1.0, 1.0, 1.0)
_BLACK: Rgb = (0.0, 0.0, 0.0)
_BLACKENED = 0.55
"""Share of black in ink, the rest of which is the primary colour."""
_STEP = 0.01
_GRAY = 0.03
"""Colours that are less colourful than this have no hue to build on."""
_GOLD: Rgb = (0.85, 0.65, 0.25)
_TURN = 50.0
"""Degrees from a brand's hue to that of its accent, towards yellow: near enough to belong to it."""
_ACCENT = 0.84
"""OKLab lightness of an accent: dark words read on it, and it reads on dark pictures."""
_TINT = 0.05
_LOGO_EM = 240
"""Pixels."""
_LOGO_EMS = 9
"""Width of a line of the name, in em; a longer name has two."""
_LOGO_INSET = 0.42
"""Room around the name on its plate, in em."""
_LOOKED_AT = 96
"""Height in pixels at which a logo's colour is looked for."""
_SHADES = 12
_SOLID = 127
"""Alpha above which a pixel counts."""
_LOGO_HEIGHT = 0.075
_CALLS = Words(zh="了解更多", en="Find out more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What is known of a brand that has no kit yet."""

    name: str
    """As sheets write it, and the folder's name."""
    title: Words
    color: str | None
    """``#RRGGBB``; None: the logo's own."""
    logo: Path | None
    """PNG with transparency, or SVG; None: the title on a plate."""


def write_kit(brand: Brand, folder: Path, like: BrandKit) -> Path:
    """Make ``folder/<name>`` with the fonts and the music of ``like``; returns it.

    It appears when it is whole.

    Raises:
        KitError: the name cannot be a folder's, or is taken; the logo is not there or of another kind.
        FinishError: the logo cannot be drawn, or the font lacks a character of the title.
        TextFitError: the title is too long for a plate.
    """
    target = folder / brand.name
    if safe_name(brand.name) != brand.name:
        raise KitError(target, "is no name for a folder.", f"Name the kit {safe_name(brand.name)}.")
    if target.exists():
        raise KitError(target, "is there already.", "Choose another name, or change what is there.")
    if brand.logo and not brand.logo.is_file():
        raise KitError(brand.logo, "is not there.", "Correct the logo's path.")
    if brand.logo and brand.logo.suffix.casefold() not in (".png", VECTOR):
        raise KitError(
            brand.logo, "is no PNG and no SVG.", "Save the logo as one of these, with transparency."
        )
    if brand.color:
        color = parse_color(brand.color)
    elif brand.logo:
        color = logo_color(brand.logo)
    else:
        raise KitError(
            target, "has neither a colour nor a logo.", 'Give the brand\'s colour, like "#C8102E".'
        )
    colors = palette(color)
    unfinished = folder / f".{brand.name}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    logo = f"logo{brand.logo.suffix.casefold()}" if brand.logo else "logo.png"
    if brand.logo:
        shutil.copyfile(brand.logo, unfinished / logo)
    else:
        Image.fromarray(name_plate(brand.title.zh, like.fonts.display.file, colors)).save(unfinished / logo)
    # Of a given logo nobody but its owner can say it; `kit check` asks for it as long as it is empty.
    own = "" if brand.logo else f"{logo} was drawn from the name {brand.title.zh} for this kit.\n"
    (unfinished / "LICENCE.txt").write_text(own, encoding="utf-8")
    (unfinished / "kit.yaml").write_text(_yaml(brand, colors, logo, like, unfinished), encoding="utf-8")
    unfinished.replace(target)
    return target


def palette(color: Rgb) -> Colors:
    """Colours around a brand's own, whose words all read (`READABLE`).

    A colour too light for white words becomes the accent, and a dark one of its hue the primary.
    """
    colored = colorfulness(color) >= _GRAY
    primary = _darkened(color, 1.0, _READS if colored else _INK)
    if colored and primary != color:
        accent = color
    else:
        accent = in_hue(color, _ACCENT, _TURN) if colored else in_hue(_GOLD, _ACCENT, 0.0)
    paper = mix(_WHITE, color, _TINT)
    ink = _darkened(mix(primary, _BLACK, _BLACKENED), color_luminance(accent), _READS)
    return Colors(
        background=color_name(paper),
        ink=color_name(ink),
        primary=color_name(primary),
        accent=color_name(accent),
        light=color_name(_WHITE),
    )


def _darkened(color: Rgb, beside: float, least: float) -> Rgb:
    """The colour with as little black as gives that contrast to a luminance."""
    for black in np.arange(0.0, 1.0, _STEP):
        darker = mix(color, _BLACK, float(black)) if black else color
        if contrast(beside, color_luminance(darker)) >= least:
            return darker
    return _BLACK


def name_plate(title: str, font: Path, colors: Colors) -> Rgba:
    """The title in light type on a plate of the primary colour.

    Raises:
        GlyphError: the font lacks a character of it.
        TextFitError: it is too long.
    """
    sizes = (_LOGO_EM, _LOGO_EM * 0.75, _LOGO_EM * 0.6)
    size, lines = fit_lines(title, font, sizes, _LOGO_EM * _LOGO_EMS, 2)
    words = draw_text(lines, TextStyle(font=font, size=size, color=colors.light, line_height=1.2))
    left, top, right, bottom = Image.fromarray(words).getchannel("A").getbbox() or (0, 0, 1, 1)
    inset = round(size * _LOGO_INSET)
    drawn = plate(right - left + 2 * inset, bottom - top + 2 * inset, colors.primary, 1.0)
    drawn.alpha_composite(Image.fromarray(words[top:bottom, left:right]), (inset, inset))
    return np.array(drawn)


def logo_color(logo: Path) -> Rgb:
    """The colour that most of the logo has; black, white and grey only where it has no other.

    Raises:
        FinishError: it is not a picture, or draws nothing.
    """
    drawn = read_picture(logo, _LOOKED_AT)
    seen = Image.fromarray(drawn[drawn[..., 3] > _SOLID][:, :3].reshape(1, -1, 3))
    few = seen.quantize(_SHADES).convert("RGB").getcolors(_SHADES) or []
    shades = [
        (count, (rgb[0] / 255, rgb[1] / 255, rgb[2] / 255)) for count, rgb in few if isinstance(rgb, tuple)
    ]
    colored = [shade for shade in shades if colorfulness(shade[1]) >= _GRAY]
    return max(colored or shades)[1]


def _yaml(brand: Brand, colors: Colors, logo: str, like: BrandKit, folder: Path) -> str:
    """The kit's file; what it names of the other kit is copied into ``folder``."""
    lines = [
        "# Change what you like, then: reelsheet kit check NAME. docs/brand_kits.md has every key.",
        f"title: {_words(brand.title)}",
        "",
        "colors:",
        *(f'  {name}: "{color}"' for name, color in colors.model_dump().items()),
        "",
        "fonts:",
        f"  display: {_copied(like.fonts.display, 'fonts', folder)}",
        f"  text: {_copied(like.fonts.text, 'fonts', folder)}",
        "",
        f"logo: {{file: {logo}, licence: LICENCE.txt, corner: top-left, height: {_LOGO_HEIGHT}}}",
        f'captions: {{color: "#FFFFFF", outline: "{colors.ink}", spoken: "{colors.accent}"}}',
        "",
        "end_card:",
        f"  call_to_action: {_words(_CALLS)}",
        f"  line: {_words(brand.title)}",
        "",
        f"voices: {{zh: {json.dumps(like.voices.zh)}, en: {json.dumps(like.voices.en)}}}",
    ]
    if like.music:
        lines.append("music:")
    for name, track in like.music.items():
        facts = (
            f"bpm: {track.bpm:g}, mood: {_text(track.mood)}" if track.bpm else f"mood: {_text(track.mood)}"
        )
        lines.append(f"  {name}: {_copied(track, 'music', folder)[:-1]}, {facts}}}")
    return "\n".join(lines) + "\n"


def _copied(asset: Asset, place: str, folder: Path) -> str:
    """The asset in the new kit, as YAML."""
    (folder / place).mkdir(exist_ok=True)
    for path in (asset.file, asset.licence):
        shutil.copyfile(path, folder / place / path.name)
    expires = f", expires: {asset.expires}" if asset.expires else ""
    return f"{{file: {place}/{asset.file.name}, licence: {place}/{asset.licence.name}{expires}}}"


def _words(words: Words) -> str:
    return f"{{zh: {_text(words.zh)}, en: {_text(words.en)}}}"


def _text(text: str) -> str:
    """As YAML reads it whatever is in it: JSON is YAML."""
    return json.dumps(text, ensure_ascii=False)
