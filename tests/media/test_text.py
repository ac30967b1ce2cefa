from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from campaign.errors import GlyphError, TextFitError
from media.draw import ink_box
from media.kinsoku import NO_END, NO_START, tears
from media.text import (
    TextStyle,
    break_lines,
    check_glyphs,
    draw_text,
    fit_lines,
    load_font,
    missing_glyphs,
    text_width,
)

FONT = Path("brand_kits/qinghe_tea/fonts/text.otf").resolve()
SIZE = 40.0
COPY = [
    "明前龙井，一芽一叶，手工炒制，鲜爽回甘。",
    "“头采”只有七天：错过，就要等明年春天！",
    "每天30克，约3杯的量，水温80℃，冲泡15秒即可。",
    "《茶经》说：“茶者，南方之嘉木也。”（卷上）",
    "Hand-picked in the morning, roasted by noon, in your cup within 48 hours.",
    "A tin of 25 g costs $ 12.50; drink it within 90 days.",
]


@pytest.mark.parametrize("text", COPY)
@pytest.mark.parametrize("width", [300, 420, 700])
def test_lines_fit_lose_nothing_and_break_at_allowed_places(text: str, width: int) -> None:
    lines = break_lines(text, FONT, SIZE, width, 9)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(load_font(FONT, SIZE).getlength(line) <= width for line in lines)
    for before, after in pairwise(lines):
        assert before[-1] not in NO_END
        assert after[0] not in NO_START
        assert not (before[-1].isascii() and before[-1].isalnum() and f"{before[-1]}{after[0]}" in text)


def test_a_number_stays_with_its_unit() -> None:
    lines = break_lines("一罐净含量250 g装，每杯3克，冲泡5分钟", FONT, SIZE, 260, 9)
    for kept in ("250 g", "3克", "5分", "一罐"):
        assert any(kept in line for line in lines), lines


def test_two_lines_are_balanced() -> None:
    first, second = break_lines("鲜爽回甘的明前头采春茶今日上新了", FONT, SIZE, 600, 2)
    assert abs(len(first) - len(second)) <= 3


def test_written_line_breaks_are_kept() -> None:
    assert break_lines("先尝\n后买", FONT, SIZE, 600, 2) == ("先尝", "后买")


def test_too_long_a_text_is_refused_with_the_numbers() -> None:
    with pytest.raises(TextFitError, match=r"fills \d+, but there is room for 2 lines of 300 px"):
        break_lines(COPY[0] * 3, FONT, SIZE, 300, 2)


def test_a_word_wider_than_the_line_is_refused_and_named() -> None:
    with pytest.raises(TextFitError, match=r"'Rindfleischetikettierung' alone"):
        break_lines("Rindfleischetikettierung", FONT, SIZE, 200, 2)


def test_the_first_size_that_fits_is_taken() -> None:
    size, lines = fit_lines("明前龙井新茶上市", FONT, (200.0, 100.0, 50.0), 420, 2)
    assert (size, len(lines)) == (100.0, 2)


def test_an_emoji_is_missing_and_its_joiners_are_not_reported() -> None:
    assert missing_glyphs("春茶 👩‍🍳️ ok\n", FONT) == "👩🍳"


def test_missing_glyphs_are_refused_by_name() -> None:
    with pytest.raises(GlyphError, match=r"🍵 \(U\+1F375\)"):
        check_glyphs("喝茶🍵", FONT)
    with pytest.raises(GlyphError):
        draw_text(("喝茶🍵",), TextStyle(font=FONT, size=SIZE, color="#FFFFFF"))


def test_nothing_drawn_is_cut_off_by_the_layer() -> None:
    style = TextStyle(
        font=FONT,
        size=SIZE,
        color="#FFFFFF",
        outline_width=4,
        shadow_opacity=0.8,
        shadow_offset=4,
        shadow_blur=5,
    )
    layer = draw_text(("春茶Agjy（", "fjQ，"), style)
    edge = np.concatenate([layer[0, :, 3], layer[-1, :, 3], layer[:, 0, 3], layer[:, -1, 3]])
    assert edge.max() == 0
    assert layer[..., 3].max() == 255


def test_ideographs_stand_in_the_middle_of_their_line() -> None:
    style = TextStyle(font=FONT, size=100, color="#000000")
    layer = draw_text(("国",), style)
    box = ink_box(layer)
    assert box.center[1] == pytest.approx(layer.shape[0] / 2, abs=5)


def test_letter_spacing_widens_a_line_by_so_much() -> None:
    plain = TextStyle(font=FONT, size=SIZE, color="#000000")
    spaced = TextStyle(font=FONT, size=SIZE, color="#000000", letter_spacing=0.25)
    assert text_width("Spring", spaced) - text_width("Spring", plain) == pytest.approx(5 * 0.25 * SIZE)
    wide, narrow = (ink_box(draw_text(("Spring",), style)) for style in (spaced, plain))
    assert wide.width - narrow.width == pytest.approx(5 * 0.25 * SIZE, abs=2)


def test_type_is_drawn_in_its_colour() -> None:
    layer = draw_text(("茶",), TextStyle(font=FONT, size=90, color="#1E3B2C"))
    assert {tuple(pixel) for pixel in layer[layer[..., 3] == 255][:, :3]} == {(0x1E, 0x3B, 0x2C)}


@pytest.mark.parametrize("width", [210, 300, 390])
def test_order_now_is_broken_between_its_words(width: int) -> None:
    # 在 leans to what follows, but 现在 is one word.
    assert break_lines("现在下单", FONT, 100.0, width, 2) == ("现在", "下单")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("孩子开口说英语", ("孩子开口", "说英语")),
        ("续航能跑六百公里", ("续航能跑", "六百公里")),
        ("热插拔轴体，RGB灯光", ("热插拔", "轴体，", "RGB灯光")),
        ("重新发现家乡的味道", ("重新发现", "家乡的", "味道")),
    ],
)
def test_lines_end_where_words_do(text: str, lines: tuple[str, ...]) -> None:
    assert break_lines(text, FONT, 100, 460, 3) == lines
    assert not tears(lines)


def test_type_shrinks_a_little_so_that_no_word_is_parted_and_no_further() -> None:
    size, lines = fit_lines("极客机械键盘", FONT, (100, 90, 80, 70), 390, 2)
    assert size == 90
    assert not tears(lines)
    size, lines = fit_lines("极客机械键盘", FONT, (100, 70), 390, 2)
    assert size == 100
    assert tears(lines)
