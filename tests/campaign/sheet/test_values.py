from datetime import time, timedelta

import pytest

from campaign.brief import Language
from campaign.frames import Aspect
from campaign.sheet import values
from campaign.sheet.texts import Cell
from campaign.sheet.values import CellError


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        (15, 15),
        (12.5, 12.5),
        ("15", 15),
        ("１５", 15),
        ("15s", 15),
        ("15 sec", 15),
        ("15秒", 15),
        ("15 秒钟", 15),
        ("00:15", 15),
        ("0：15", 15),
        ("00:00:15", 15),
        ("1:30", 90),
        ("1分30秒", 90),
        ("1 min 30 s", 90),
        ("2分钟", 120),
        (time(0, 15), 15),
        (time(0, 0, 15), 15),
        (time(1, 30), 90),
        (timedelta(seconds=45), 45),
    ],
)
def test_a_duration_is_understood_however_it_is_written(cell: Cell, seconds: float) -> None:
    assert values.duration(cell) == seconds


@pytest.mark.parametrize(
    "cell", [0, 2, 181, 10_000, "0", "10000", -5, "1小时", "soon", "s", time(5, 0), True]
)
def test_a_duration_out_of_range_or_unreadable_is_refused_with_the_range(cell: Cell) -> None:
    with pytest.raises(CellError, match="3 to 180"):
        values.duration(cell)


def test_a_time_cell_with_two_possible_lengths_is_refused_with_both() -> None:
    with pytest.raises(CellError, match="3 s or 180 s"):
        values.duration(time(0, 3))


@pytest.mark.parametrize(
    ("cell", "shapes"),
    [
        ("9:16", [Aspect.TALL]),
        ("９：１６，16:9", [Aspect.TALL, Aspect.WIDE]),
        ("9x16; 1:1", [Aspect.TALL, Aspect.SQUARE]),
        ("1080x1920", [Aspect.TALL]),
        ("1920*1080", [Aspect.WIDE]),
        ("竖屏、方形", [Aspect.TALL, Aspect.SQUARE]),
        ("Vertical and Square", [Aspect.TALL, Aspect.SQUARE]),
        ("9:16/16:9", [Aspect.TALL, Aspect.WIDE]),
        ("9:16\n4:5", [Aspect.TALL, Aspect.PORTRAIT]),
        ("3：4 3：4", [Aspect.CLASSIC]),
        (time(9, 16), [Aspect.TALL]),
        (time(16, 9), [Aspect.WIDE]),
        (time(1, 1), [Aspect.SQUARE]),
    ],
)
def test_shapes_are_understood_however_they_are_written(cell: Cell, shapes: list[Aspect]) -> None:
    assert sorted(values.aspects(cell)) == sorted(shapes)


def test_shapes_keep_the_order_in_which_they_are_written() -> None:
    assert values.aspects("竖屏, 1:1, 横屏") == (Aspect.TALL, Aspect.SQUARE, Aspect.WIDE)


@pytest.mark.parametrize(("cell", "meant"), [("9:15", "9:16"), ("4:3", "16:9"), ("sqare", "Write")])
def test_an_unknown_shape_is_refused_with_what_was_probably_meant(cell: str, meant: str) -> None:
    with pytest.raises(CellError) as refusal:
        values.aspects(cell)
    assert meant in refusal.value.remedy
    assert "16:9" in refusal.value.expected


def test_a_choice_does_not_mind_case_and_width() -> None:
    assert values.choice("ＬＥＡＦ ", {"leaf"}, "brand kit") == "leaf"


def test_an_unknown_choice_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(CellError) as refusal:
        values.choice("laef", {"leaf", "harbor"}, "brand kit")
    assert "harbor, leaf" in refusal.value.expected
    assert refusal.value.remedy == "Did you mean leaf?"


@pytest.mark.parametrize("word", ["none", "无", "静音", "OFF"])
def test_voice_and_music_are_switched_off_in_words(word: str) -> None:
    assert values.choice_or_none(word, {"dawn"}, "track") == "none"


@pytest.mark.parametrize("cell", [42, "42", "12.5", "!!!", "——"])
def test_figures_alone_are_no_copy(cell: Cell) -> None:
    with pytest.raises(CellError, match="Words are expected"):
        values.prose(cell)


def test_copy_keeps_its_own_punctuation_and_line_breaks() -> None:
    assert values.copy_text("  春天，来了！\r\n第２行  \n") == "春天，来了！\n第２行"


def test_a_control_character_in_copy_is_refused_by_name() -> None:
    with pytest.raises(CellError, match=r"U\+0007"):
        values.copy_text("tea\x07")


def test_copy_longer_than_any_spot_is_refused() -> None:
    with pytest.raises(CellError, match="3,001 characters"):
        values.copy_text("茶" * 3001)


@pytest.mark.parametrize(
    ("copy", "language"),
    [
        ("春天的第一口茶。", Language.ZH),
        ("Taste the spring.", Language.EN),
        ("全新 iPhone 手机壳，轻薄防摔", Language.ZH),
        ("Our new 茶 is here to stay", Language.EN),
    ],
)
def test_the_language_is_found_from_the_copy(copy: str, language: Language) -> None:
    assert values.detect_language(copy) is language


@pytest.mark.parametrize("copy", ["新しいお茶です", "새로운 차", "Новый чай", "شاي"])
def test_copy_in_another_language_is_refused(copy: str) -> None:
    with pytest.raises(CellError, match="neither Chinese nor English"):
        values.detect_language(copy)


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("#tea #spring", ("tea", "spring")),
        ("#春茶#新品", ("春茶", "新品")),
        ("#春茶# #新品#", ("春茶", "新品")),
        ("tea, spring; tea", ("tea", "spring")),
        ("＃春茶、慢生活", ("春茶", "慢生活")),
    ],
)
def test_hashtags_lose_their_signs(cell: str, tags: tuple[str, ...]) -> None:
    assert values.hashtags(cell) == tags


@pytest.mark.parametrize(
    ("cell", "name"), [(1.0, "1"), ("tea-01", "tea-01"), ("茶_1.a", "茶_1.a"), ("Ａ１", "A1")]
)
def test_an_id_of_letters_figures_and_marks_is_taken(cell: Cell, name: str) -> None:
    assert values.row_id(cell) == name


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("tea 01", "tea-01"),
        ("a/b", "a-b"),
        ("../etc", "etc"),
        (".hidden", "hidden"),
        ("x" * 61, "x" * 60),
        ("con", "row-con"),
        ("COM1.txt", "row-COM1.txt"),
        ("???", "row"),
    ],
)
def test_an_id_that_no_folder_can_bear_is_refused_with_one_that_can(cell: str, suggestion: str) -> None:
    with pytest.raises(CellError) as refusal:
        values.row_id(cell)
    assert refusal.value.remedy == f"Write {suggestion}."
    assert values.row_id(suggestion) == suggestion


@pytest.mark.parametrize("cell", [0, 21, 1.5, "two", "", "NaN", "1e3", "inf"])
def test_variants_are_a_whole_number_in_range(cell: Cell) -> None:
    with pytest.raises(CellError, match="from 1 to 20"):
        values.variants(cell)


@pytest.mark.parametrize(
    ("cell", "number"), [("1,234", 1234), ("１２", 12), (" 7 ", 7), ("+3", 3), ("-2.5", -2.5)]
)
def test_numbers_as_text_are_numbers(cell: str, number: float) -> None:
    assert values.number(cell) == number


def test_an_unknown_camera_word_is_refused_with_the_nearest() -> None:
    with pytest.raises(CellError) as refusal:
        values.cameras("push in; orbbit")
    assert "'orbbit'" in refusal.value.expected
    assert refusal.value.remedy == "Did you mean orbit?"
