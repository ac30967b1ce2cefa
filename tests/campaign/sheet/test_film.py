from datetime import time, timedelta

import pytest

from campaign.brief import Language
from campaign.frames import Aspect
from campaign.sheet import film
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
        ("0:15:00", 15),
        ("1:30:00", 90),
        ("1:30", 90),
        ("1分30秒", 90),
        ("十五秒", 15),
        ("一分二十秒", 80),
        ("一百二十", 120),
        ("一百零五秒", 105),
        ("1 min 30 s", 90),
        ("2分钟", 120),
        (time(0, 15), 15),
        (time(0, 0, 15), 15),
        (time(1, 30), 90),
        (timedelta(seconds=45), 45),
    ],
)
def test_a_duration_is_understood_however_it_is_written(cell: Cell, seconds: float) -> None:
    assert film.duration(cell) == seconds


@pytest.mark.parametrize(
    "cell", [0, 2, 181, 10_000, "0", "10000", -5, "1小时", "soon", "s", time(5, 0), True]
)
def test_a_duration_out_of_range_or_unreadable_is_refused_with_the_range(cell: Cell) -> None:
    with pytest.raises(CellError, match="3 to 180"):
        film.duration(cell)


def test_a_time_cell_with_two_possible_lengths_is_refused_with_both() -> None:
    with pytest.raises(CellError, match="3 s or 180 s"):
        film.duration(time(0, 3))
    with pytest.raises(CellError, match="3 s or 180 s"):
        film.duration("0:03:00")


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
        ("9:16:00", [Aspect.TALL]),
        ("09:16:00, 1:1", [Aspect.TALL, Aspect.SQUARE]),
        (time(9, 16), [Aspect.TALL]),
        (time(16, 9), [Aspect.WIDE]),
        (time(1, 1), [Aspect.SQUARE]),
    ],
)
def test_shapes_are_understood_however_they_are_written(cell: Cell, shapes: list[Aspect]) -> None:
    assert sorted(film.aspects(cell)) == sorted(shapes)


def test_shapes_keep_the_order_in_which_they_are_written() -> None:
    assert film.aspects("竖屏, 1:1, 横屏") == (Aspect.TALL, Aspect.SQUARE, Aspect.WIDE)


@pytest.mark.parametrize(("cell", "meant"), [("9:15", "9:16"), ("4:3", "16:9"), ("sqare", "Write")])
def test_an_unknown_shape_is_refused_with_what_was_probably_meant(cell: str, meant: str) -> None:
    with pytest.raises(CellError) as refusal:
        film.aspects(cell)
    assert meant in refusal.value.remedy
    assert "16:9" in refusal.value.expected


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
    assert film.detect_language(copy) is language


@pytest.mark.parametrize("copy", ["新しいお茶です", "새로운 차", "Новый чай", "شاي"])
def test_copy_in_another_language_is_refused(copy: str) -> None:
    with pytest.raises(CellError, match="neither Chinese nor English"):
        film.detect_language(copy)


def test_an_unknown_camera_word_is_refused_with_the_nearest() -> None:
    with pytest.raises(CellError) as refusal:
        film.cameras("push in; orbbit")
    assert "'orbbit'" in refusal.value.expected
    assert refusal.value.remedy == "Did you mean orbit?"
