import numpy as np
import pytest

from campaign.brand_kit import BrandKit
from campaign.cue import Cue
from campaign.errors import FinishError, TextFitError
from campaign.frames import Aspect, frame_size
from campaign.kit_parts import SafeArea
from finishing.overlay import (
    Canvas,
    Shown,
    check_layout,
    place_captions,
    place_label,
    place_logo,
    place_words,
)
from media.blend import blend
from media.draw import ink_box
from media.planes import blank_planes

CUES = (
    Cue(start=0, end=1, text="明前龙井，每年只有一次最好的时候，错过再等"),
    Cue(start=1, end=2, text="Hold it once, and every other cup feels (lost)."),
)


def canvas(kit: BrandKit, aspect: Aspect, short: int = 360) -> Canvas:
    width, height = frame_size(aspect, short)
    return Canvas(width=width, height=height, margins=kit.safe_area)


@pytest.mark.parametrize("aspect", list(Aspect))
def test_everything_fits_the_safe_area_of_every_aspect(aspect: Aspect, kit: BrandKit) -> None:
    frame = canvas(kit, aspect)
    for words in ("AI生成", "AI-generated"):
        marks = (place_logo(kit, frame), place_label(kit, words, frame))
        for _, caption in place_captions(kit, CUES, frame):
            check_layout((*marks, caption), frame)


def test_two_marks_in_one_corner_are_refused_with_their_places(kit: BrandKit) -> None:
    frame = canvas(kit, Aspect.WIDE)
    crowded = kit.model_copy(update={"ai_label": kit.ai_label.model_copy(update={"corner": "top-left"})})
    with pytest.raises(FinishError, match=r"logo \(x \d+ to \d+, y \d+ to \d+\) lies over AI label"):
        check_layout((place_logo(kit, frame), place_label(crowded, "AI生成", frame)), frame)


def test_a_mark_that_leaves_the_safe_area_is_refused_with_both_boxes(kit: BrandKit) -> None:
    frame = canvas(kit, Aspect.TALL)
    narrow = Canvas(
        width=frame.width, height=frame.height, margins=SafeArea(top=0.2, bottom=0.2, left=0.1, right=0.1)
    )
    with pytest.raises(FinishError, match=r"logo .* leaves the safe area \(x 36 to 324"):
        check_layout((place_logo(kit, frame),), narrow)


def test_a_caption_that_two_lines_do_not_hold_is_refused(kit: BrandKit) -> None:
    with pytest.raises(TextFitError):
        list(place_captions(kit, (Cue(start=0, end=1, text="茶" * 80),), canvas(kit, Aspect.TALL)))


@pytest.mark.parametrize("words", ["AI生成", "AI-generated"])
@pytest.mark.parametrize("short", [360, 720, 1080])
def test_the_labels_letters_are_at_least_five_percent_of_the_short_side(
    words: str, short: int, kit: BrandKit
) -> None:
    label = place_label(kit, words, canvas(kit, Aspect.TALL, short))
    letters = label.rgba.copy()
    letters[..., 3] = letters[..., 3] * (label.rgba[..., :3].min(axis=2) > 200)
    assert ink_box(letters, 128).height >= 0.05 * short


def test_a_layer_fades_in_and_out_and_is_gone_outside() -> None:
    shown = Shown(layer=None, first=10, last=20, fade_in=1, fade_out=1)  # type: ignore[arg-type]
    assert [shown.opacity(n) for n in (9, 10, 11, 18, 19, 20)] == [0, 0.5, 1, 1, 0.5, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("明前龙井，每年只有一次，最好的时候", ("龙井", "一次", "时候")),
        ("Hold it once, and every other cup feels unfinished.", ("it", "every", "unfinished")),
    ],
)
def test_a_spoken_word_lies_exactly_over_itself(text: str, words: tuple[str, ...], kit: BrandKit) -> None:
    frame = canvas(kit, Aspect.TALL)
    cue = Cue(start=0, end=1, text=text)
    [(_, caption)] = place_captions(kit, (cue,), frame)
    still = blank_planes(frame.width, frame.height, (120, 120, 120))
    blend(still, caption.layer)
    lefts = []
    for layer in place_words(kit, cue, caption, words, frame):
        assert layer is not None
        lit = still.copy()
        blend(lit, layer)
        # White turns into the accent; the dark of outline and shadow stays as dark as it was.
        assert np.abs(lit.y.astype(int) - still.y).max() > 20
        assert (lit.y[still.y < 60] < 75).all()
        lefts.append((layer.top, layer.left))
    assert lefts == sorted(lefts)


def test_a_word_that_is_not_in_the_cue_is_not_lit(kit: BrandKit) -> None:
    frame = canvas(kit, Aspect.TALL)
    [(cue, caption)] = place_captions(kit, (CUES[0],), frame)
    assert list(place_words(kit, cue, caption, ("新茶",), frame)) == [None]
