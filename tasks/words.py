"""Everything that a spot writes over its pictures, and a rehearsal of it before anything is spent on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

from campaign.brief import Brief, Language
from campaign.cue import Cue
from campaign.frames import Aspect, frame_size
from campaign.kit_parts import SafeArea
from finishing.captions import cue_words, make_cues, make_second
from finishing.cover import place_title
from finishing.intro import check_films
from finishing.overlay import Canvas
from finishing.safe_areas import platform_words, safe_area
from finishing.stack import Extras, plan_layers
from finishing.voice import SpokenWord
from tasks.spot import Spot
from tasks.workshop import platform_of

NONE = "none"

_GRID = 50
"""Steps of a frame's side in which the boxes of marks are told."""

Words = tuple[tuple[SpokenWord, ...], ...]


def platforms_of(brief: Brief) -> tuple[str, ...]:
    """The apps that the row names, and the one that its account does."""
    account = platform_words().get(platform_of(brief.account))
    return tuple(dict.fromkeys((*brief.platforms, *((account,) if account else ()))))


def safe_area_of(spot: Spot, aspect: Aspect) -> SafeArea:
    """What the kit and every app of the row leave free."""
    return covered_margins(spot, aspect) or spot.kit.safe_area


def covered_margins(spot: Spot, aspect: Aspect) -> SafeArea | None:
    """The safe area where an app of the row covers part of that aspect; None where none does."""
    return _covered(spot.kit.safe_area, aspect, platforms_of(spot.brief))


@lru_cache(maxsize=64)
def _covered(own: SafeArea, aspect: Aspect, platforms: tuple[str, ...]) -> SafeArea | None:
    margins = safe_area(own, aspect, platforms)
    return None if margins == own else margins


def link_of(spot: Spot) -> str:
    """What the QR code holds, wherever the kit shows it; empty for none."""
    link = spot.brief.qr or spot.kit.qr.link
    return "" if link == NONE else link


def extras_of(spot: Spot) -> Extras:
    """What the row and its kit lay over the pictures, beside captions."""
    brief, kit = spot.brief, spot.kit
    legal = brief.legal or kit.legal.words.of(brief.language)
    return Extras(
        lower_third=brief.lower_third,
        price_tag=brief.price_tag,
        qr=link_of(spot) if kit.qr.shown == "picture" else "",
        legal="" if legal == NONE else legal,
    )


def marks_of(spot: Spot, aspect: Aspect) -> tuple[tuple[float, float, float, float], ...]:
    """Boxes of what stands above the captions in that aspect, as shares of the frame.

    Logo and label too where those or an app's margins crowd the type; it leaves them room by itself else.
    A little too large, in coarse steps: another word in a caption mostly leaves them, and takes, as they are.

    Raises:
        The same as `rehearse`.
    """
    extras = extras_of(spot)
    named = {"price tag": extras.price_tag, "lower third": extras.lower_third, "QR code": extras.qr}
    shown = [name for name, words in named.items() if words]
    if not shown and not covered_margins(spot, aspect):
        return ()
    shown += ["logo", "AI label"]
    width, height = frame_size(aspect, spot.short_side)
    canvas = Canvas(width=width, height=height, margins=safe_area_of(spot, aspect))
    cues, second, _ = captions_of(spot)
    plan = plan_layers(
        spot.kit, canvas, spot.kit.ai_label.words.of(spot.brief.language), extras, cues, second
    )
    boxes = (plan.marks[name].box for name in shown if name in plan.marks)
    return tuple(
        (
            floor(_GRID * box.left / width) / _GRID,
            floor(_GRID * box.top / height) / _GRID,
            ceil(_GRID * box.right / width) / _GRID,
            ceil(_GRID * box.bottom / height) / _GRID,
        )
        for box in boxes
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFree:
    """What type that a backend sets keeps clear of, in all takes of an aspect."""

    margins: SafeArea | None
    marks: tuple[tuple[float, float, float, float], ...]


def kept_free(spot: Spot, aspect: Aspect) -> KeptFree:
    """Raises the same as `rehearse`."""
    return KeptFree(margins=covered_margins(spot, aspect), marks=marks_of(spot, aspect))


def captions_of(spot: Spot) -> tuple[tuple[Cue, ...], tuple[Cue, ...], Words]:
    """Cues, those of the other language, and the spoken words of each cue where the kit lights them."""
    assert spot.storyboard
    assert spot.timeline
    spoken = {shot: voice.line for shot, voice in spot.spoken.items()}
    cues = make_cues(spot.storyboard, spot.timeline, spoken)
    words = cue_words(cues, spot.timeline, spoken) if spot.kit.captions.spoken else ()
    return cues, make_second(spot.storyboard, spot.timeline, cues), words


def rehearse(spot: Spot) -> None:
    """Find a place for every word of the spot on this rung and the last, without drawing captions.

    Raises:
        FinishError: something leaves the safe area or lies over something else, or a film is too short.
        GlyphError: a font of the kit lacks a character.
        TextFitError: words do not fit their lines.
    """
    cues, second, _ = captions_of(spot)
    label = spot.kit.ai_label.words.of(spot.brief.language)
    # What is approved on a lower rung must not fail on the last one for want of room.
    places = {
        *((aspect, spot.size) for aspect in spot.brief.aspects),
        *((a, spot.short_side) for a in spot.aspects),
    }
    for aspect, side in sorted(places):
        check_films(spot.kit, aspect)
        width, height = frame_size(aspect, side)
        canvas = Canvas(width=width, height=height, margins=safe_area_of(spot, aspect))
        plan_layers(spot.kit, canvas, label, extras_of(spot), cues, second)
        if spot.brief.cover_title:
            place_title(spot.kit, spot.brief.cover_title, canvas)


def shown_words(spot: Spot) -> Iterator[tuple[str, str, Language]]:
    """Where each of the row's own words stand that are seen beside the copy, and in which language."""
    brief, extras = spot.brief, extras_of(spot)
    yield "translation", brief.translation, brief.language.other
    for where, words in (
        ("lower third", extras.lower_third),
        ("price tag", extras.price_tag),
        ("legal line", extras.legal),
        ("cover title", brief.cover_title),
    ):
        yield where, words, brief.language
