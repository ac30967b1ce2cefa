"""The stack of layers over a spot's pictures: which are drawn, where, and on which frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from campaign.brand_kit import BrandKit
from campaign.content_key import Json, as_json
from campaign.cue import Cue
from campaign.kit_parts import Timed
from finishing.caption_type import CaptionType, caption_types
from finishing.labels import SECONDS
from finishing.marks import draw_label, draw_legal, draw_logo, draw_lower_third, draw_price, draw_qr
from finishing.overlay import GAP, Canvas, Drawing, Placed, Shown, arrange, check_layout, put
from finishing.voice import SpokenWord
from finishing.watermark import VERSION as WATERMARK_VERSION
from finishing.watermark import watermark
from media.blend import Layer

if TYPE_CHECKING:
    from finishing.rendition import RenditionJob

_LABEL_FADE = 0.3
_MARK_FADE = 0.25
_CAPTION_FADE = 0.08
_ENTRANCE = 0.45
"""Seconds in which a lower third slides in, and a logo that rises does."""
_RISE = 0.05
"""Of the short side, that a logo rises by."""
_SETTLE = 0.14
"""Of its width, that a lower third moves by to its place."""
_SECOND_VERSION = 2
"""Of how the second language is set. Raise it when the same cues would look different."""
_LEAVING_VERSION = 1
"""Of how a lower third goes away; likewise."""
_FILES = {"file", "licence", "expires"}
"""Of an asset; its bytes stand in a recipe by their digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a row asks to be laid over its pictures, beside captions. Empty text: nothing."""

    lower_third: str = ""
    price_tag: str = ""
    qr: str = ""
    """A link."""
    legal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that has a place, before any caption is drawn."""

    canvas: Canvas
    marks: dict[str, Placed]
    """By name, in the order in which they are laid."""
    captions: CaptionType
    second: CaptionType


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Everything that lies over the pictures of one rendition, in the order in which it is laid."""

    shown: tuple[Shown, ...]
    cover: tuple[Layer, ...]
    """What lies over the cover picture: logo and label."""
    label_box: tuple[int, int, int, int] | None
    """Left, top, right, bottom of the visible label's plate in pixels; None where none was asked for."""

    def at(self, number: int) -> list[tuple[Layer, float]]:
        """Layers seen on that frame, each with its opacity."""
        return [(shown.placed(number), opacity) for shown in self.shown if (opacity := shown.opacity(number))]


def stack_recipe(job: "RenditionJob") -> dict[str, Json]:
    """Everything that decides the layers; what is not shown is left out."""
    kit, extras = job.kit, job.extras
    captions: dict[str, Json] = kit.captions.model_dump(exclude={"second", "spoken"}, exclude_defaults=True)
    logo: dict[str, Json] = kit.logo.model_dump(
        mode="json", exclude=_FILES | {"moving"}, exclude_defaults=True
    )
    if kit.logo.moving:
        logo["moving"] = [as_json(kit.logo.moving.file), kit.logo.moving.plays]
    recipe: dict[str, Json] = {
        "logo": [as_json(kit.logo.file), logo],
        "font": as_json(kit.fonts.text.file),
        "captions": captions,
        "label": [job.label_words, SECONDS, kit.ai_label.corner, kit.colors.light, kit.colors.ink],
        "cues": as_json(job.cues),
        "safe area": (job.safe_area or kit.safe_area).model_dump(),
    }
    if job.words:
        recipe["words"] = [as_json(job.words), kit.captions.spoken or kit.colors.accent]
    if job.watermark:
        recipe["watermark"] = [WATERMARK_VERSION, job.watermark, kit.colors.light, kit.colors.ink]
    if job.second:
        recipe["second"] = [_SECOND_VERSION, as_json(job.second), kit.captions.second.model_dump()]
    styles = {
        "lower_third": kit.lower_third, "price_tag": kit.price, "qr": kit.qr, "legal": kit.legal
    }  # fmt: skip
    shown: dict[str, Json] = {
        name: [words, style.model_dump()]
        for name, style in styles.items()
        if (words := getattr(extras, name))
    }
    if extras.lower_third:
        recipe["lower third leaves"] = _LEAVING_VERSION
    if shown:
        recipe |= {
            "extras": shown,
            "display": as_json(kit.fonts.display.file),
            "colors": kit.colors.model_dump(),
        }
    return recipe


def plan_layers(
    kit: BrandKit,
    canvas: Canvas,
    label_words: str,
    extras: Extras,
    cues: Sequence[Cue],
    second: Sequence[Cue],
) -> Plan:
    """A place for everything, checked; captions are measured and not yet drawn.

    From the bottom: small print, the second language, captions, then what stands in the bottom corners.

    Raises:
        FinishError: a part leaves the safe area or lies over another one.
        GlyphError: a font of the kit lacks a character.
        TextFitError: words do not fit their lines.
    """
    gap, bottom = canvas.short_side * GAP, canvas.floor
    print_ = draw_legal(kit, extras.legal, canvas) if extras.legal else None
    if print_ is not None:
        bottom -= print_.shape[0]
        legal = put("legal line", print_, (canvas.width - print_.shape[1]) // 2, round(bottom))
        bottom -= gap
    captions, under = caption_types(kit, canvas, cues, second, bottom)
    words_from = min(captions.top, under.top)
    reached = words_from - gap if words_from < canvas.floor else canvas.safe.bottom
    placed = arrange(tuple(_drawings(kit, canvas, label_words, extras)), canvas, reached)
    marks = {part.name: part for part in placed}
    if print_ is not None:
        marks[legal.name] = legal
    words = (kind.area for kind in (captions, under))
    check_layout((*marks.values(), *(area for area in words if area)), canvas)
    return Plan(canvas=canvas, marks=marks, captions=captions, second=under)


def _drawings(kit: BrandKit, canvas: Canvas, label_words: str, extras: Extras) -> Iterator[Drawing]:
    yield draw_logo(kit, canvas)
    if label_words:
        yield draw_label(kit, label_words, canvas)
    if extras.qr:
        yield draw_qr(kit, extras.qr, canvas)
    if extras.price_tag:
        yield draw_price(kit, extras.price_tag, canvas)
    if extras.lower_third:
        yield draw_lower_third(kit, extras.lower_third, canvas)


def stack(job: "RenditionJob") -> Stack:
    """Every layer of ``job``: marks, then captions.

    Raises:
        FinishError: a part leaves the safe area or lies over another one.
        GlyphError: a font of the kit lacks a character of words that are shown.
        TextFitError: words do not fit their lines.
    """
    kit, margins = job.kit, job.safe_area or job.kit.safe_area
    canvas = Canvas(width=job.width, height=job.height, margins=margins)
    plan = plan_layers(kit, canvas, job.label_words, job.extras, job.cues, job.second)
    label, over = plan.marks.get("AI label"), tuple(_shown_watermark(job, canvas))
    return Stack(
        shown=(*_shown_marks(job, plan), *_shown_captions(job, plan), *over),
        cover=(
            *(plan.marks[name].layer for name in ("logo", "AI label") if name in plan.marks),
            *(mark.layer for mark in over),
        ),
        label_box=label.pixels if label else None,
    )


def _shown_watermark(job: "RenditionJob", canvas: Canvas) -> Iterator[Shown]:
    if job.watermark:
        layer = watermark(job.watermark, job.kit, canvas)
        yield Shown(layer=layer, first=0, last=job.timeline.num_frames)


def _shown_marks(job: "RenditionJob", plan: Plan) -> Iterator[Shown]:
    kit, fps, timeline = job.kit, job.timeline.fps, job.timeline
    fade, entrance = round(_MARK_FADE * fps), round(_ENTRANCE * fps)
    place = kit.logo.place(plan.canvas.aspect)
    timed: dict[str, Timed] = {
        "logo": Timed(starts=place.starts or 0.0, seconds=place.seconds),
        "QR code": kit.qr,
        "price tag": kit.price,
        "lower third": kit.lower_third,
    }
    for name, placed in plan.marks.items():
        if name == "AI label":
            # The seconds that the standard counts are those before the fade.
            last = min(round((SECONDS + _LABEL_FADE) * fps), timeline.num_frames)
            yield Shown(layer=placed.layer, first=0, last=last, fade_out=round(_LABEL_FADE * fps))
        elif name == "legal line":
            yield Shown(layer=placed.layer, first=timeline.intro_frames, last=timeline.pictures_end)
        else:
            first = timeline.intro_frames + round(timed[name].starts * fps)
            length = timed[name].seconds
            last = timeline.pictures_end if length is None else first + round(length * fps)
            moves = _entrance(name, kit, placed, plan.canvas)
            leaves = name == "lower third"
            rising = 0 if name == "logo" and kit.logo.enters == "at once" else entrance if moves else fade
            yield Shown(
                layer=placed.layer,
                first=first,
                last=min(last, timeline.pictures_end),
                fade_in=rising,
                fade_out=entrance if leaves else fade,
                comes_from=moves or (0, 0),
                goes_to=moves if leaves and moves else (0, 0),
                film=placed.film(loops=kit.logo.moving is not None and kit.logo.moving.plays == "loop"),
                fps=fps,
            )


def _entrance(name: str, kit: BrandKit, placed: Placed, canvas: Canvas) -> tuple[int, int] | None:
    """From where a mark slides in, which is inside the safe area; None for one that does not."""
    if name == "logo" and kit.logo.enters == "rise":
        corner = kit.logo.place(canvas.aspect).corner or kit.logo.corner
        return 0, round(_RISE * canvas.short_side) * (1 if corner.startswith("top") else -1)
    if name == "lower third":
        return round(_SETTLE * placed.box.width) * (1 if kit.lower_third.corner.endswith("left") else -1), 0
    return None


def _shown_captions(job: "RenditionJob", plan: Plan) -> Iterator[Shown]:
    fps = job.timeline.fps
    fade = round(_CAPTION_FADE * fps)
    for kind, cues in ((plan.second, job.second), (plan.captions, job.cues)):
        for number, cue in enumerate(cues):
            placed = kind.place(cue)
            first, last = round(cue.start * fps), round(cue.end * fps)
            yield Shown(layer=placed.layer, first=first, last=last, fade_in=fade, fade_out=fade)
            if kind is plan.captions and job.words:
                yield from _spoken_words(job, cue, job.words[number], kind)


def _spoken_words(
    job: "RenditionJob", cue: Cue, words: tuple[SpokenWord, ...], kind: CaptionType
) -> Iterator[Shown]:
    fps, color = job.timeline.fps, job.kit.captions.spoken or job.kit.colors.accent
    fade, begins, ends = round(_CAPTION_FADE * fps), round(cue.start * fps), round(cue.end * fps)
    drawn = kind.place_words(cue, [word.text for word in words], color)
    for word, layer in zip(words, drawn, strict=True):
        first, last = max(round(word.start * fps), begins), min(round(word.end * fps), ends)
        if layer is not None and last > first:
            yield Shown(
                layer=layer,
                first=first,
                last=last,
                fade_in=fade if first == begins else 0,
                fade_out=fade if last == ends else 0,
            )
