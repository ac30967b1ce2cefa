"""A brand kit looked over before a campaign relies on it: what is wrong, and samples in every aspect."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.cue import Cue
from campaign.errors import FinishError, ReelsheetError
from campaign.frames import Aspect, frame_size
from finishing.end_card import EndCardJob, draw_end_card
from finishing.overlay import PLATE_OPACITY, Canvas, check_layout, place_captions, place_label, place_logo
from media.beats import find_beats
from media.blend import blend
from media.color import color_luminance, contrast, mix, parse_color
from media.planes import Bytes, planes_from_rgb, rgb_from_planes
from media.sound import RATE, read_sound
from media.text import missing_glyphs

LARGEST = 1080
"""Short side in pixels of the largest delivery."""
READABLE = 4.5
"""Least contrast of text (WCAG 2.2, 1.4.3)."""
SHORTEST_TRACK = 8.0
"""Seconds; a shorter track repeats audibly in an ordinary spot."""
_SAME_TEMPO = 0.02
_SHEET_SIDE = 540
_GAP = 24
_SAMPLES = {
    Language.ZH: ("清晨第一壶水，八十度，刚刚好", "只要199元，立减50%！"),
    Language.EN: ("Made slowly, by hand, and it shows.", "From $19.99: 50% off!"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KitCheck:
    """What was found; no findings means that the kit can be used as it is."""

    findings: tuple[str, ...]
    sheets: tuple[Path, ...]
    """One picture per language: the kit over a bright, a dark and a busy ground, and its end card."""


def check_kit(kit: BrandKit, folder: Path) -> KitCheck:
    """Check ``kit`` and draw its sample sheets into ``folder``."""
    findings = [*_contrast(kit), *_glyphs(kit), *_logo(kit), *_licences(kit), *_music(kit)]
    sheets = []
    for language in Language:
        rows = []
        for aspect in Aspect:
            try:
                rows.append(_row(kit, language, aspect))
            except ReelsheetError as error:
                findings.append(f"{aspect}, {language}: {error}")
        if rows:
            sheets.append(folder / f"{kit.name}-{language}.png")
            Image.fromarray(_stacked(rows)).save(sheets[-1])
    return KitCheck(findings=tuple(dict.fromkeys(findings)), sheets=tuple(sheets))


def _contrast(kit: BrandKit) -> list[str]:
    pairs = {
        "captions.color on captions.outline": (kit.captions.color, kit.captions.outline),
        "colors.ink on colors.background": (kit.colors.ink, kit.colors.background),
        "colors.light on colors.primary": (kit.colors.light, kit.colors.primary),
    }
    found = []
    ratios = {
        name: contrast(*(color_luminance(parse_color(color)) for color in colors))
        for name, colors in pairs.items()
    }
    plate = mix(parse_color(kit.colors.ink), (1.0, 1.0, 1.0), 1 - PLATE_OPACITY)
    light = color_luminance(parse_color(kit.colors.light))
    ratios["colors.light on the label's plate over white"] = contrast(light, color_luminance(plate))
    for name, ratio in ratios.items():
        if ratio < READABLE:
            found.append(f"{name}: contrast {ratio:.1f} : 1; {READABLE} : 1 is the least for words.")
    return found


def _glyphs(kit: BrandKit) -> list[str]:
    card, label, title = kit.end_card, kit.ai_label.words, kit.title
    words = {"display": (card.call_to_action, title), "text": (card.line, label, title)}
    found = []
    for role, texts in words.items():
        font = (kit.fonts.display if role == "display" else kit.fonts.text).file
        text = "".join(words.zh + words.en for words in texts)
        if missing := missing_glyphs(text, font):
            found.append(
                f"fonts.{role} ({font.name}) has no glyph for {missing}, which the kit's own words need."
            )
    return found


def _logo(kit: BrandKit) -> list[str]:
    found = []
    with Image.open(kit.logo.file) as picture:
        needed = round(kit.logo.height * LARGEST)
        if picture.height < needed:
            found.append(f"logo: {picture.height} pixels high; {needed} are shown at {LARGEST}p.")
        if picture.mode not in ("RGBA", "LA", "PA"):
            found.append("logo: it has no transparency, so its corners cover the picture.")
    return found


def _licences(kit: BrandKit) -> list[str]:
    return [
        f"{where}.licence: {asset.licence.name} is empty."
        for where, asset in kit.assets().items()
        if not asset.licence.read_text(encoding="utf-8", errors="replace").strip()
    ]


def _music(kit: BrandKit) -> list[str]:
    found = []
    for name, track in kit.music.items():
        try:
            samples = read_sound(track.file)
        except FinishError as error:
            found.append(f"music.{name}: {error}")
            continue
        if len(samples) < SHORTEST_TRACK * RATE:
            found.append(
                f"music.{name}: {len(samples) / RATE:.1f} s long; {SHORTEST_TRACK:g} s is the least."
            )
        heard = find_beats(samples, track.bpm)
        if heard and track.bpm and abs(heard.bpm / track.bpm - 1) > _SAME_TEMPO:
            found.append(f"music.{name}.bpm is {track.bpm:g}, but {heard.bpm:.1f} is heard.")
    return found


def _row(kit: BrandKit, language: Language, aspect: Aspect) -> Bytes:
    """Bright, dark and busy ground under everything the kit lays over a picture, then the end card."""
    width, height = frame_size(aspect, _SHEET_SIDE)
    canvas = Canvas(width=width, height=height, margins=kit.safe_area)
    marks = (place_logo(kit, canvas), place_label(kit, kit.ai_label.words.of(language), canvas))
    cues = tuple(Cue(start=0.0, end=1.0, text=text) for text in (*_SAMPLES[language], _SAMPLES[language][0]))
    pictures = []
    for ground, (_, caption) in zip(_grounds(width, height), place_captions(kit, cues, canvas), strict=True):
        check_layout((*marks, caption), canvas)
        planes = planes_from_rgb(ground)
        for placed in (*marks, caption):
            blend(planes, placed.layer)
        pictures.append(rgb_from_planes(planes))
    card = EndCardJob(
        kit=kit,
        language=language,
        call_to_action=kit.end_card.call_to_action.of(language),
        width=width,
        height=height,
        fps=24,
        num_frames=48,
    )
    return _beside([*pictures, draw_end_card(card)])


def _grounds(width: int, height: int) -> tuple[Bytes, Bytes, Bytes]:
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 256, (height // 40 + 1, width // 40 + 1, 3), dtype=np.uint8)
    busy = cells.repeat(40, axis=0).repeat(40, axis=1)[:height, :width]
    bright, dark = (np.full((height, width, 3), value, dtype=np.uint8) for value in (245, 18))
    return bright, dark, busy


def _beside(pictures: list[Bytes]) -> Bytes:
    gap = np.full((pictures[0].shape[0], _GAP, 3), 128, dtype=np.uint8)
    return np.concatenate([part for picture in pictures for part in (picture, gap)][:-1], axis=1)


def _stacked(rows: list[Bytes]) -> Bytes:
    widest = max(row.shape[1] for row in rows)
    padded = [
        np.pad(row, ((0, _GAP), (0, widest - row.shape[1]), (0, 0)), constant_values=128) for row in rows
    ]
    return np.concatenate(padded)
