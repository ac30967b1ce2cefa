"""A brand kit looked over before a campaign relies on it: what is wrong, and samples of everything."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageColor

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.errors import FinishError, ReelsheetError
from campaign.frames import Aspect
from campaign.kit_parts import Logo, MovingLogo
from finishing.film_sound import PlacedFilm, film_sound
from finishing.intro import check_films
from finishing.kit_sheet import (
    SAMPLES,
    aspect_row,
    beside,
    canvas_of,
    cues_of,
    grounds,
    logo_phases,
    platform_picture,
    sample_plan,
    stacked,
)
from finishing.marks import PLATE_OPACITY, readable
from finishing.safe_areas import read_safe_areas, safe_area
from media.animation import animation_facts, read_animation
from media.beats import find_beats
from media.blend import blend
from media.color import color_luminance, contrast, luminance, mix, parse_color
from media.picture import picture_height
from media.planes import planes_from_rgb, rgb_from_planes
from media.sound import RATE, read_sound
from media.text import draw_text, missing_glyphs

LARGEST = 1080
"""Short side in pixels of the largest delivery."""
READABLE = 4.5
"""Least contrast of text (WCAG 2.2, 1.4.3)."""
SHORTEST_TRACK = 8.0
"""Seconds; a shorter track repeats audibly in an ordinary spot."""
_SAME_TEMPO = 0.02
_LARGEST_LOGO = 0.2
"""Of the short side, on the end card."""
_LARGEST_LOGO_INTRO = 0.28


@dataclass(frozen=True, slots=True, kw_only=True)
class KitCheck:
    """What was found; no findings means that the kit can be used as it is."""

    findings: tuple[str, ...]
    facts: tuple[str, ...]
    """What was measured, good or bad."""
    sheets: tuple[Path, ...]
    """Per language the kit over three grounds with its cover and end card, and under each app."""


def check_kit(kit: BrandKit, folder: Path) -> KitCheck:
    """Check ``kit`` and draw its sample sheets into ``folder``."""
    findings = [*_contrast(kit), *_glyphs(kit), *_logo(kit), *_licences(kit), *_music(kit)]
    facts, sheets = [], []
    phases = None
    if kit.logo.moving:
        findings += _moving_logo(kit.logo, kit.logo.moving)
        try:
            phases = logo_phases(kit)
            facts.append(_moving_facts(kit.logo.moving))
        except FinishError as error:
            findings.append(f"logo.moving: {error}")
    try:
        facts += _heard_films(kit)
    except FinishError as error:
        findings.append(str(error))
    for language in Language:
        try:
            ratio = caption_contrast(kit, language)
            facts.append(f"captions, {language}: {ratio:.1f} : 1 over the worst of three grounds")
            if ratio < READABLE:
                findings.append(f"{facts[-1]}; {READABLE} : 1 is the least.")
        except ReelsheetError as error:
            findings.append(f"captions, {language}: {error}")
        rows, apps = [], []
        for aspect in Aspect:
            try:
                check_films(kit, aspect)
                rows.append(aspect_row(kit, language, aspect))
            except ReelsheetError as error:
                findings.append(f"{aspect}, {language}: {error}")
        for name in read_safe_areas().platforms:
            try:
                apps.append(
                    platform_picture(kit, language, safe_area(kit.safe_area, Aspect.TALL, (name,)), name)
                )
            except ReelsheetError as error:
                findings.append(f"{name}, {language}: {error}")
        for kind, picture in (
            ("", stacked([*rows, *([phases] if phases is not None else [])]) if rows else None),
            ("-apps", beside(apps) if apps else None),
        ):
            if picture is not None:
                sheets.append(folder / f"{kit.name}-{language}{kind}.png")
                Image.fromarray(picture).save(sheets[-1])
    return KitCheck(findings=tuple(dict.fromkeys(findings)), facts=tuple(facts), sheets=tuple(sheets))


def caption_contrast(kit: BrandKit, language: Language) -> float:
    """WCAG ratio of a caption's letters to what touches them, as blended, over the worst of three grounds.

    Raises:
        GlyphError: the kit's text font lacks a character.
        TextFitError: the sample does not fit.
    """
    canvas = canvas_of(Aspect.TALL, kit.safe_area)
    kind = sample_plan(kit, language, canvas, full=False).captions
    [cue] = cues_of(SAMPLES[language].captions[:1])
    placed = kind.place(cue)
    letters = np.zeros((canvas.height, canvas.width), dtype=np.uint8)
    drawn = draw_text(kind.lines(cue.text), kind.style)
    solid = (drawn[..., 3] == 255) & (
        np.abs(drawn[..., :3].astype(int) - ImageColor.getrgb(kind.style.color)[:3]).max(axis=2) < 4
    )
    left, top = kind.origin(drawn)
    letters[top : top + drawn.shape[0], left : left + drawn.shape[1]] = solid
    reach = max(round(kind.style.size * 0.06), 2)
    touching = cv2.dilate(letters, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(bool)
    touching &= ~cv2.dilate(letters, np.ones((3, 3), np.uint8)).astype(bool)
    ratios = []
    for ground in grounds(canvas.width, canvas.height):
        planes = planes_from_rgb(ground)
        blend(planes, placed.layer)
        light = luminance(rgb_from_planes(planes))
        ratios.append(contrast(float(light[letters.astype(bool)].mean()), float(light[touching].mean())))
    return min(ratios)


def _contrast(kit: BrandKit) -> list[str]:
    colors = kit.colors
    pairs = {
        "captions.second.color on captions.outline": (kit.captions.second.color, kit.captions.outline),
        "colors.ink on colors.background": (colors.ink, colors.background),
        "colors.light on colors.primary": (colors.light, colors.primary),
        "words on colors.accent": (readable(colors.accent, colors.ink, colors.light), colors.accent),
    }
    if kit.captions.spoken:
        pairs["captions.spoken on captions.outline"] = (kit.captions.spoken, kit.captions.outline)
    found = []
    ratios = {
        name: contrast(*(color_luminance(parse_color(color)) for color in pair))
        for name, pair in pairs.items()
    }
    plate = mix(parse_color(colors.ink), (1.0, 1.0, 1.0), 1 - PLATE_OPACITY)
    light = color_luminance(parse_color(colors.light))
    ratios["colors.light on the label's plate over white"] = contrast(light, color_luminance(plate))
    for name, ratio in ratios.items():
        if ratio < READABLE:
            found.append(f"{name}: contrast {ratio:.1f} : 1; {READABLE} : 1 is the least for words.")
    return found


def _glyphs(kit: BrandKit) -> Iterator[str]:
    intro = kit.intro.line if kit.intro else kit.legal.words
    words = {
        "display": (kit.end_card.call_to_action, kit.title),
        "text": (kit.end_card.line, kit.ai_label.words, kit.title, kit.legal.words, intro),
    }
    for role, texts in words.items():
        font = (kit.fonts.display if role == "display" else kit.fonts.text).file
        text = "".join(words.zh + words.en for words in texts)
        try:
            missing = missing_glyphs(text, font)
        except FinishError as error:
            yield f"fonts.{role}: {error}"
            continue
        if missing:
            yield f"fonts.{role} ({font.name}) has no glyph for {missing}, which the kit's own words need."


def _logo(kit: BrandKit) -> Iterator[str]:
    try:
        height = picture_height(kit.logo.file)
    except FinishError as error:
        yield f"logo: {error}"
        return
    if height is None:
        return
    places = [kit.logo.place(aspect).height or 0.0 for aspect in Aspect]
    needed = round(max(*places, _LARGEST_LOGO, _LARGEST_LOGO_INTRO if kit.intro else 0.0) * LARGEST)
    if height < needed:
        yield f"logo: {height} pixels high; {needed} are shown at {LARGEST}p."
    with Image.open(kit.logo.file) as picture:
        if picture.mode not in ("RGBA", "LA", "PA"):
            yield "logo: it has no transparency, so its corners cover the picture."


def _moving_logo(logo: Logo, moving: MovingLogo) -> Iterator[str]:
    shown = round(max(logo.place(aspect).height or 0.0 for aspect in Aspect) * LARGEST)
    try:
        facts = animation_facts(moving.file)
        read_animation(moving.file, shown)
    except FinishError as error:
        yield f"logo.moving: {error}"
        return
    height = facts.box[3] - facts.box[1]
    if height < shown:
        yield f"logo.moving: {height} pixels high; {shown} are shown at {LARGEST}p."
    if not facts.clear:
        yield "logo.moving: it has no transparency, so its corners cover the picture."


def _moving_facts(moving: MovingLogo) -> str:
    facts = animation_facts(moving.file)
    plays = "over and over" if moving.plays == "loop" else "once"
    return f"moving logo: {facts.num_pictures} pictures in {facts.seconds:.2f} s, played {plays}"


def _heard_films(kit: BrandKit) -> Iterator[str]:
    for part, film in (("intro", kit.intro), ("outro", kit.outro)):
        if film is None:
            continue
        for aspect, clip in film.clips.items():
            placed = PlacedFilm(path=clip.file, start=0.0, seconds=film.seconds, alone=film.sound == "alone")
            heard = "is not heard" if film.sound == "none" else f"is heard {film.sound}"
            how = "has no sound" if film_sound(placed) is None else heard
            yield f"{part} {aspect}: {clip.file.name} {how}"


def _licences(kit: BrandKit) -> list[str]:
    return [
        f"{where}.licence: {asset.licence.name} is empty. Write into it whose {asset.file.name} is and who "
        "allows its use."
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
            # Led by a tempo that is wrong, beats come out between it and the right one.
            heard = find_beats(samples, heard.bpm) or heard
            found.append(f"music.{name}.bpm is {track.bpm:g}, but {heard.bpm:.1f} is heard.")
    return found
