from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import BrandKit
from campaign.cue import Cue
from campaign.errors import FinishError, TextFitError
from campaign.frames import Aspect, frame_size
from campaign.kit_parts import LogoPlace
from campaign.timing import TimedShot, Timeline
from finishing.marks import draw_label
from finishing.overlay import Canvas, Shown, check_layout
from finishing.stack import Extras, Plan, plan_layers, stack
from finishing.voice import SpokenWord
from media.blend import Layer, blend
from media.draw import ink_box
from media.planes import blank_planes
from tests.finishing.conftest import rendition_job

CUES = (
    Cue(start=0, end=1, text="明前龙井，每年只有一次最好的时候，错过再等"),
    Cue(start=1, end=2, text="Hold it once, and every other cup feels (lost)."),
)


def canvas(kit: BrandKit, aspect: Aspect, short: int = 360) -> Canvas:
    width, height = frame_size(aspect, short)
    return Canvas(width=width, height=height, margins=kit.safe_area)


def plan(kit: BrandKit, frame: Canvas, *cues: Cue, **asked: str) -> Plan:
    return plan_layers(kit, frame, "AI生成", Extras(**asked), cues, ())


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("words", ["AI生成", "AI-generated"])
def test_everything_fits_the_safe_area_of_every_aspect(aspect: Aspect, words: str, kit: BrandKit) -> None:
    frame = canvas(kit, aspect)
    full = Extras(
        lower_third="林清｜制茶二十年", price_tag="¥68｜尝鲜价", legal="以实物为准。", qr="https://a.cn/b"
    )
    planned = plan_layers(
        kit, frame, words, full, CUES, (Cue(start=0, end=1, text="Once a year, at its best"),)
    )
    assert set(planned.marks) == {"logo", "AI label", "QR code", "price tag", "lower third", "legal line"}
    check_layout((*planned.marks.values(), *map(planned.captions.place, CUES[:1])), frame)


def test_marks_of_one_corner_stand_one_under_another(kit: BrandKit) -> None:
    crowded = kit.model_copy(update={"ai_label": kit.ai_label.model_copy(update={"corner": "top-left"})})
    marks = plan(crowded, canvas(kit, Aspect.WIDE)).marks
    assert marks["AI label"].box.left == marks["logo"].box.left
    assert marks["AI label"].box.top > marks["logo"].box.bottom


def test_marks_of_the_bottom_corners_stand_above_captions_and_small_print(kit: BrandKit) -> None:
    planned = plan(kit, canvas(kit, Aspect.SQUARE), CUES[0], price_tag="¥68", legal="以实物为准。")
    caption = planned.captions.place(CUES[0]).box
    assert planned.marks["price tag"].box.bottom < caption.top
    assert caption.bottom < planned.marks["legal line"].box.top


def test_the_second_language_hangs_close_under_the_first_with_one_line_or_two(kit: BrandKit) -> None:
    frame = canvas(kit, Aspect.TALL)
    short, long = (
        Cue(start=0, end=1, text=text)
        for text in ("Once a year.", "It is at its best once a year, and after that we wait for spring")
    )
    planned = plan_layers(kit, frame, "AI生成", Extras(), CUES[:1], (short, long))
    gaps = [
        planned.second.place(cue).box.top - planned.captions.place(CUES[0]).box.bottom
        for cue in (short, long)
    ]
    assert len(planned.second.lines(long.text)) == 2
    assert all(0 < gap < 0.06 * 360 for gap in gaps)
    assert planned.second.place(long).box.bottom <= frame.floor + 1


def test_marks_that_leave_no_room_for_captions_are_refused_with_both_boxes(kit: BrandKit) -> None:
    parts = {"qr": (kit.qr, 0.4), "price": (kit.price, 0.27)}
    crowded = kit.model_copy(
        update={
            name: part.model_copy(update={"corner": "top-left", "size": size})
            for name, (part, size) in parts.items()
        }
    )
    with pytest.raises(FinishError, match=r"price tag \(x \d+ to \d+, y \d+ to \d+\) lies over captions \(x"):
        plan(crowded, canvas(kit, Aspect.WIDE), CUES[0], price_tag="¥6", qr="https://a.cn")


def test_a_mark_that_leaves_the_safe_area_is_refused_with_both_boxes(kit: BrandKit) -> None:
    frame = canvas(kit, Aspect.TALL)
    wide = kit.model_copy(update={"logo": kit.logo.model_copy(update={"height": 0.4})})
    with pytest.raises(FinishError, match=r"logo .* leaves the safe area \(x 16 to 344"):
        plan(wide, frame)


def test_a_logo_may_lie_otherwise_in_one_aspect(kit: BrandKit) -> None:
    place = LogoPlace(corner="bottom-right", height=0.12, margin=0.05)
    other = kit.model_copy(update={"logo": kit.logo.model_copy(update={"aspects": {Aspect.SQUARE: place}})})
    wide, square = (canvas(kit, aspect) for aspect in (Aspect.WIDE, Aspect.SQUARE))
    assert plan(other, wide).marks["logo"].box == plan(kit, wide).marks["logo"].box
    box = plan(other, square).marks["logo"].box
    assert box.height == round(0.12 * 360)
    assert (box.right, box.bottom) == (round(square.safe.right - 18), round(square.safe.bottom - 18))


def test_a_caption_that_two_lines_do_not_hold_is_refused(kit: BrandKit) -> None:
    with pytest.raises(TextFitError):
        plan(kit, canvas(kit, Aspect.TALL), Cue(start=0, end=1, text="茶" * 80))


@pytest.mark.parametrize("words", ["AI生成", "AI-generated"])
@pytest.mark.parametrize("short", [360, 720, 1080])
def test_the_labels_letters_are_at_least_five_percent_of_the_short_side(
    words: str, short: int, kit: BrandKit
) -> None:
    label = draw_label(kit, words, canvas(kit, Aspect.TALL, short))
    letters = label.rgba.copy()
    letters[..., 3] = letters[..., 3] * (label.rgba[..., :3].min(axis=2) > 200)
    assert ink_box(letters, 128).height >= 0.05 * short


def test_a_layer_fades_in_and_out_and_is_gone_outside() -> None:
    shown = Shown(layer=None, first=10, last=20, fade_in=1, fade_out=1)  # type: ignore[arg-type]
    assert [shown.opacity(n) for n in (9, 10, 11, 18, 19, 20)] == [0, 0.5, 1, 1, 0.5, 0]


def test_a_layer_slides_to_its_place_slower_and_slower() -> None:
    layer = Layer.from_rgba(np.full((4, 4, 4), 255, np.uint8), 100, 20)
    shown = Shown(layer=layer, first=10, last=30, fade_in=4, comes_from=(-40, 0))
    lefts = [shown.placed(number).left for number in range(10, 16)]
    assert lefts == sorted(lefts)
    assert lefts[0] < 100
    assert lefts[4:] == [100, 100]


def test_a_layer_slides_away_faster_and_faster() -> None:
    layer = Layer.from_rgba(np.full((4, 4, 4), 255, np.uint8), 100, 20)
    shown = Shown(layer=layer, first=10, last=30, fade_out=4, goes_to=(0, 40))
    tops = [shown.placed(number).top for number in range(24, 30)]
    assert tops[:2] == [20, 20]
    steps = np.diff(tops[1:])
    assert (steps[:-1] <= steps[1:]).all()
    assert 40 < tops[-1] < 60


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("明前龙井，每年只有一次，最好的时候", ("龙井", "一次", "时候")),
        ("Hold it once, and every other cup feels unfinished.", ("it", "every", "unfinished")),
    ],
)
@pytest.mark.parametrize("style", ["outline", "box"])
def test_a_spoken_word_lies_exactly_over_itself(
    text: str, words: tuple[str, ...], style: str, kit: BrandKit
) -> None:
    boxed = kit.model_copy(update={"captions": kit.captions.model_copy(update={"style": style})})
    frame = canvas(kit, Aspect.TALL)
    cue = Cue(start=0, end=1, text=text)
    captions = plan(boxed, frame, cue).captions
    still = blank_planes(frame.width, frame.height, (120, 120, 120))
    blend(still, captions.place(cue).layer)
    lefts = []
    for layer in captions.place_words(cue, words, kit.colors.accent):
        assert layer is not None
        lit = still.copy()
        blend(lit, layer)
        # White turns into the accent; the dark of outline and shadow stays as dark as it was.
        assert np.abs(lit.y.astype(int) - still.y).max() > 20
        assert (lit.y[still.y < 60] < 75).all()
        lefts.append((layer.top, layer.left))
    assert lefts == sorted(lefts)


def test_a_word_that_is_not_in_the_cue_is_not_lit(kit: BrandKit) -> None:
    captions = plan(kit, canvas(kit, Aspect.TALL), CUES[0]).captions
    assert list(captions.place_words(CUES[0], ("新茶",), kit.colors.accent)) == [None]


def test_a_spoken_word_is_never_seen_more_than_its_caption(kit: BrandKit, tmp_path: Path) -> None:
    words = tuple(
        SpokenWord(start=0.3 * n, end=0.3 * (n + 1), text=text) for n, text in enumerate("今春新茶")
    )
    shot = TimedShot(shot_id="s1", first_frame=0, num_frames=36, voice_start=0.0, voice_duration=1.2)
    timeline = Timeline(fps=24, shots=(shot,), end_card_frames=0)
    cue = Cue(start=0.1, end=1.2, text="今春新茶")
    job = rendition_job(kit, timeline, (tmp_path,), tmp_path, (cue,))
    _logo, caption, *spoken = stack(replace(job, words=(words,), label_words="")).shown
    assert len(spoken) == 4
    for number in range(36):
        assert all(word.opacity(number) <= caption.opacity(number) for word in spoken)
