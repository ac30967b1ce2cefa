"""A brand kit drawn: everything that it lays over a picture, in every aspect and under every app."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from PIL import ImageColor

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.cue import Cue
from campaign.frames import Aspect, frame_size
from campaign.kit_parts import SafeArea
from finishing.cover import place_title
from finishing.end_card import EndCardJob, draw_end_card
from finishing.intro import IntroJob, draw_intro, film_for
from finishing.overlay import Canvas
from finishing.stack import Extras, Plan, plan_layers
from media.animation import read_animation
from media.blend import Layer, blend
from media.decode import decode
from media.fit import Fitter
from media.planes import Bytes, planes_from_rgb, rgb_from_planes, rgb_of_frame
from media.text import TextStyle, draw_text

SIDE = 540
"""Short side of a sample in pixels."""
GAP = 24
_GRAY = 128
LINK = "https://example.com/shop/spring"
_FPS, _FRAMES = 24, 48
_PHASES = 6
"""Of a moving logo that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Words of a usual length, as a row would have them."""

    captions: tuple[str, str]
    second: str
    lower_third: str
    price_tag: str
    legal: str
    title: str


SAMPLES = {
    Language.ZH: Sample(
        captions=("清晨第一壶水，八十度，刚刚好", "只要199元，立减50%！"),
        second="The first water of the morning, at eighty degrees",
        lower_third="林清｜制茶二十年",
        price_tag="¥68｜尝鲜价",
        legal="图片仅供参考，请以实物为准。",
        title="一口山里的凉",
    ),
    Language.EN: Sample(
        captions=("Made slowly, by hand, and it shows.", "From $19.99: 50% off!"),
        second="慢慢做，用手做，看得出来",
        lower_third="Mara Lindqvist | potter for twenty years",
        price_tag="$19.99 | this week",
        legal="Colours and sizes may vary from what is shown.",
        title="Made for long talks",
    ),
}


def canvas_of(aspect: Aspect, margins: SafeArea, side: int = SIDE) -> Canvas:
    width, height = frame_size(aspect, side)
    return Canvas(width=width, height=height, margins=margins)


def sample_plan(kit: BrandKit, language: Language, canvas: Canvas, *, full: bool) -> Plan:
    """A place for everything that the kit can lay over a picture; not ``full``: for logo, label and captions.

    Raises:
        FinishError: something leaves the safe area or lies over something else.
        GlyphError: a font of the kit lacks a character.
        TextFitError: words do not fit their lines.
    """
    sample = SAMPLES[language]
    extras = Extras()
    if full:
        extras = Extras(
            lower_third=sample.lower_third,
            price_tag=sample.price_tag,
            qr=LINK if kit.qr.shown == "picture" else "",
            legal=kit.legal.words.of(language) or sample.legal,
        )
    return plan_layers(
        kit,
        canvas,
        kit.ai_label.words.of(language),
        extras,
        cues_of(sample.captions),
        cues_of(second_of(sample, full)),
    )


def second_of(sample: Sample, full: bool) -> tuple[str, ...]:
    return (sample.second,) if full else ()


def cues_of(texts: Sequence[str]) -> tuple[Cue, ...]:
    return tuple(Cue(start=0.0, end=1.0, text=text) for text in texts)


def aspect_row(kit: BrandKit, language: Language, aspect: Aspect) -> Bytes:
    """Bright, dark and busy ground under what lies over pictures, cover, end card, opening, ending."""
    canvas, sample = canvas_of(aspect, kit.safe_area), SAMPLES[language]
    pictures = [
        _laid(ground, sample_plan(kit, language, canvas, full=full), caption, second_of(sample, full))
        for ground, full, caption in zip(
            grounds(canvas.width, canvas.height),
            (False, True, True),
            (*sample.captions, sample.captions[0]),
            strict=True,
        )
    ]
    pictures.append(_cover(kit, sample.title, pictures[0].shape[:2], canvas))
    card = EndCardJob(
        kit=kit,
        language=language,
        call_to_action=kit.end_card.call_to_action.of(language),
        width=canvas.width,
        height=canvas.height,
        fps=_FPS,
        num_frames=_FRAMES,
        qr=LINK if kit.qr.shown == "end card" else "",
    )
    return beside([*pictures, draw_end_card(card), *_bookends(kit, language, aspect, canvas)])


def _bookends(kit: BrandKit, language: Language, aspect: Aspect, canvas: Canvas) -> Iterator[Bytes]:
    """The opening and the ending, where the kit has them: composed, or a film in its middle."""
    for part in (kit.intro, kit.outro):
        film = film_for(part, aspect)
        if film is not None and part is not None:
            fit = Fitter(canvas.width, canvas.height)
            shown = (frame for frame in decode(film) if frame.time >= part.seconds / 2)
            yield from (rgb_of_frame(fit(frame)) for frame in islice(shown, 1))
    if kit.intro and not kit.intro.clips:
        job = IntroJob(
            kit=kit, language=language, width=canvas.width, height=canvas.height, fps=_FPS, num_frames=_FRAMES
        )
        yield draw_intro(job)


def platform_picture(kit: BrandKit, language: Language, margins: SafeArea, name: str) -> Bytes:
    """The tall picture of one app, with its name: what it covers is shaded."""
    canvas = canvas_of(Aspect.TALL, margins)
    ground = np.full((canvas.height, canvas.width, 3), 226, dtype=np.uint8)
    left, top, right, bottom = (round(side) for side in canvas.safe)
    shaded = np.ones(ground.shape[:2], dtype=bool)
    shaded[top:bottom, left:right] = False
    stripes = (np.add.outer(np.arange(canvas.height), np.arange(canvas.width)) // 12) % 2 == 0
    ground[shaded & stripes] = 196
    sample = SAMPLES[language]
    head = draw_text((name,), TextStyle(font=kit.fonts.text.file, size=SIDE * 0.05, color="#303030"))
    planes = planes_from_rgb(ground)
    blend(planes, Layer.from_rgba(head, (canvas.width - head.shape[1]) // 2, round(SIDE * 0.03)))
    plan = sample_plan(kit, language, canvas, full=True)
    return _laid(rgb_from_planes(planes), plan, sample.captions[0], (sample.second,))


def logo_phases(kit: BrandKit) -> Bytes:
    """Pictures of the moving logo from its first to its last, twice its usual size on the brand's colour.

    Raises:
        FinishError: it cannot be read.
    """
    assert kit.logo.moving
    animation = read_animation(kit.logo.moving.file, round(2 * kit.logo.height * SIDE))
    count = min(_PHASES, len(animation.pictures))
    phases = []
    for number in np.linspace(0, len(animation.pictures) - 1, count).round().astype(int):
        picture = animation.pictures[number]
        size = (picture.shape[0] + 2 * GAP, picture.shape[1] + 2 * GAP, 3)
        color = ImageColor.getrgb(kit.colors.primary)[:3]
        planes = planes_from_rgb(_even(np.full(size, color, dtype=np.uint8)))
        blend(planes, Layer.from_rgba(picture, GAP, GAP))
        phases.append(rgb_from_planes(planes))
    return beside(phases)


def _even(picture: Bytes) -> Bytes:
    """With even sides, as pictures of subsampled colour have."""
    return np.pad(picture, ((0, picture.shape[0] % 2), (0, picture.shape[1] % 2), (0, 0)), mode="edge")


def _laid(ground: Bytes, plan: Plan, caption: str, second: Sequence[str]) -> Bytes:
    planes = planes_from_rgb(ground)
    for placed in plan.marks.values():
        blend(planes, placed.layer)
    for kind, texts in ((plan.captions, (caption,)), (plan.second, second)):
        for cue in cues_of(texts):
            blend(planes, kind.place(cue).layer)
    return rgb_from_planes(planes)


def _cover(kit: BrandKit, title: str, size: tuple[int, int], canvas: Canvas) -> Bytes:
    planes = planes_from_rgb(grounds(size[1], size[0])[2])
    blend(planes, place_title(kit, title, canvas).layer)
    return rgb_from_planes(planes)


def grounds(width: int, height: int) -> tuple[Bytes, Bytes, Bytes]:
    """A bright, a dark and a busy picture."""
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 256, (height // 40 + 1, width // 40 + 1, 3), dtype=np.uint8)
    busy = cells.repeat(40, axis=0).repeat(40, axis=1)[:height, :width]
    bright, dark = (np.full((height, width, 3), value, dtype=np.uint8) for value in (245, 18))
    return bright, dark, busy


def beside(pictures: Sequence[Bytes]) -> Bytes:
    """Pictures of one height in a row."""
    gap = np.full((pictures[0].shape[0], GAP, 3), _GRAY, dtype=np.uint8)
    return np.concatenate([part for picture in pictures for part in (picture, gap)][:-1], axis=1)


def stacked(rows: Sequence[Bytes]) -> Bytes:
    """Rows one under another."""
    widest = max(row.shape[1] for row in rows)
    padded = [
        np.pad(row, ((0, GAP), (0, widest - row.shape[1]), (0, 0)), constant_values=_GRAY) for row in rows
    ]
    return np.concatenate(padded)
