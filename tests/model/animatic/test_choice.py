from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from campaign.brief import Language
from campaign.camera import Angle, ShotSize
from campaign.frames import Aspect
from campaign.kit_parts import SafeArea
from model.animatic.choice import DESIGNED, PRINTS, choose, turn_of
from model.animatic.composition import compose
from model.animatic.emblems import EMBLEMS
from model.animatic.layout import clear_of, touched
from model.animatic.picture import Picture
from model.animatic.stages import STAGES
from model.animatic.words import called_for, emblem_words, stage_words
from model.backend import TakeRequest

Ask = Callable[..., TakeRequest]


def test_every_word_table_names_something_that_is_drawn() -> None:
    assert set(stage_words()) | set(DESIGNED) | set(PRINTS) == set(STAGES)
    assert set(emblem_words()) | {"forms"} == set(EMBLEMS)


@pytest.mark.parametrize(
    ("environment", "stage"),
    [
        ("清晨的云雾茶园", "terraces"),
        ("江南水墨山水", "ridges"),
        ("海边的日落", "sea"),
        ("a bamboo forest after rain", "grove"),
        ("a wooden table by the window", "window"),
        ("城市夜景，霓虹", "skyline"),
        ("酒店房间", "window"),
        ("上海的街头", "skyline"),
    ],
)
def test_the_environment_opens_the_spot(ask: Ask, environment: str, stage: str) -> None:
    assert choose(ask(environment=environment), None).stage == stage


@pytest.mark.parametrize(
    ("subject", "emblem"),
    [
        ("一杯热咖啡", "cup"),
        ("a serum bottle", "bottle"),
        ("春茶礼盒", "box"),
        ("采茶的姑娘", "figure"),
        ("dreams", "forms"),
        ("一间云栖酒店", "forms"),
        ("看得见的效果", "forms"),
        ("a vase set on a table", "forms"),
        ("酒店里的一瓶酒", "bottle"),
        ("一间橙子便利店", "shop"),
        ("一双跑鞋", "shoe"),
        ("一辆云途电动车", "car"),
        ("一只橘猫", "cat"),
        ("一叠课本与笔记", "book"),
        ("一盘阿婆手工饺子", "bowl"),
        ("一份计划书", "forms"),
        ("一位穿深色卫衣的年轻人", "figure"),
        ("a scarf and a card", "forms"),
    ],
)
def test_the_subject_is_drawn_as_what_it_is(ask: Ask, subject: str, emblem: str) -> None:
    assert choose(ask(subject=subject, environment="", headline=""), None).emblem == emblem


def test_latin_words_are_found_whole() -> None:
    assert called_for(("steam rising in the seasons",), {"cup": ("tea",), "sea": ("sea",)}) == []
    assert called_for(("two cups of tea",), {"cup": ("cup",)}) == ["cup"]


def test_a_place_as_subject_is_shown_without_a_thing_in_it(ask: Ask) -> None:
    choice = choose(ask(subject="层层梯田茶园", environment="云雾环绕的山谷"), None)
    assert (choice.stage, choice.emblem, choice.layout.name) == ("terraces", "", "open")


def test_consecutive_shots_and_variants_stand_in_different_places(ask: Ask) -> None:
    stages = [choose(ask(shot_id=f"tea-1-s{n}"), None).stage for n in range(1, 6)]
    assert all(a != b for a, b in pairwise(stages))
    second = [choose(ask(shot_id=f"tea-2-s{n}"), None).stage for n in range(1, 6)]
    assert second != stages


def test_rows_differ_in_their_second_picture() -> None:
    assert len({turn_of(f"{row}-1-s2").start % len(DESIGNED) for row in ("a", "b", "c", "d", "e", "f")}) > 2


def test_a_camera_straight_above_sees_a_table_top(ask: Ask) -> None:
    assert choose(ask(angle=Angle.TOP), None).stage == "flatlay"


def test_a_photograph_fills_the_frame_or_hangs_as_a_print(ask: Ask) -> None:
    rgb = np.zeros((640, 640, 3), np.float32)
    photo = Picture(rgb, np.ones((640, 640), np.float32), cut_out=False)
    small = Picture(rgb[:100, :100], np.ones((100, 100), np.float32), cut_out=False)
    assert choose(ask(size=ShotSize.WIDE), photo).stage == "photo"
    assert {choose(ask(shot_id=f"tea-1-s{n}"), small).stage for n in range(1, 9)} == set(PRINTS)


def test_chinese_may_stand_in_columns_and_english_does_not(ask: Ask) -> None:
    assert choose(ask(environment="竹林"), None).layout.vertical
    assert not choose(ask(environment="竹林", headline="Listen", language=Language.EN), None).layout.vertical
    assert not choose(ask(environment="竹林", headline="2026新茶"), None).layout.vertical


def test_type_and_subject_stay_clear_of_what_an_app_covers(ask: Ask) -> None:
    margins = SafeArea(top=0.15, bottom=0.35, left=0.05, right=0.18)
    for headline in ("新茶上市", ""):
        request = ask(headline=headline, aspect=Aspect.TALL)
        own, moved = (choose(one, None).layout for one in (request, replace(request, margins=margins)))
        for part in (moved.type_box, moved.product) if headline else (moved.product,):
            assert part[0] >= 0.05
            assert part[1] >= 0.15
            assert part[2] <= 0.82
            assert part[3] <= 0.55
        assert own.name == moved.name
        assert own != moved


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("place", ["竹林", "茶山"])
def test_type_stays_clear_of_what_the_brand_lays_over_the_picture(
    aspect: Aspect, place: str, ask: Ask
) -> None:
    marks = ((0.04, 0.54, 0.3, 0.64), (0.7, 0.52, 0.96, 0.66))
    for shot in range(1, 5):
        request = ask(shot_id=f"tea-1-s{shot}", aspect=aspect, environment=place)
        own, moved = (choose(one, None).layout for one in (request, replace(request, marks=marks)))
        left, top, right, bottom = moved.type_box
        assert bottom <= 0.52 or right <= 0.7
        assert bottom - top >= 0.12
        assert (moved.name, moved.product, left, top) == (own.name, own.product, *own.type_box[:2])


def test_type_goes_below_marks_above_it(ask: Ask) -> None:
    layout = choose(ask(aspect=Aspect.TALL), None).layout
    left, top, right, _ = layout.type_box
    moved = clear_of(layout, ((left, top - 0.1, right, top + 0.02),))
    assert moved is not None
    assert moved.type_box[1] > top + 0.02


PRICE_AND_CODE = ((0.70, 0.16, 0.96, 0.36), (0.70, 0.46, 0.96, 0.78))
"""A price tag of two lines under the label, and a code: between them is too little for type."""
CROWDED = (*PRICE_AND_CODE, (0.04, 0.04, 0.2, 0.14), (0.76, 0.04, 0.96, 0.1))


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("place", ["竹林", "茶山", "a kitchen"])
def test_type_crowded_from_both_sides_stands_beside_the_marks_and_stays_legible(
    aspect: Aspect, language: Language, place: str, ask: Ask
) -> None:
    words = {Language.ZH: "头采鲜爽", Language.EN: "Picked before the rain"}[language]
    for shot in range(1, 6):
        request = ask(
            shot_id=f"tea-1-s{shot}", aspect=aspect, environment=place, headline=words, language=language
        )
        made = compose(replace(request, marks=CROWDED))
        assert made.headline is not None
        spec = request.spec
        sides = (spec.width, spec.height, spec.width, spec.height)
        for box in (made.headline.box, made.headline.rule.box):
            part = tuple(side / whole for side, whole in zip(box, sides, strict=True))
            assert not touched((part[0], part[1], part[2], part[3]), CROWDED)
        assert made.product.height > 0.1 * spec.height


@pytest.mark.parametrize("language", Language)
def test_under_a_label_that_fills_its_place_type_goes_lower_and_the_subject_gives_way(
    language: Language, ask: Ask
) -> None:
    margins = SafeArea(top=0.15, bottom=0.35, left=0.0556, right=0.1778)
    logo, label, third = (0.04, 0.14, 0.34, 0.2), (0.1, 0.2, 0.84, 0.28), (0.04, 0.48, 0.3, 0.56)
    for shot in range(1, 6):
        words = {Language.ZH: "两次烧成", Language.EN: "Fired twice"}[language]
        request = ask(shot_id=f"tea-1-s{shot}", environment="kitchen", headline=words, language=language)
        made = compose(replace(request, margins=margins, marks=(logo, label, third)))
        assert made.headline is not None
        assert made.headline.box.top > label[3] * made.spec.height
        assert made.headline.box.bottom < made.product.top
        assert made.product.height > 0.05 * made.spec.height


def test_type_that_finds_no_legible_place_anywhere_is_left_to_the_captions(ask: Ask) -> None:
    whole = ((0.0, 0.1, 1.0, 0.8),)
    for place in ("竹林", "a kitchen", "层层梯田茶园"):
        for aspect in Aspect:
            request = replace(ask(environment=place, aspect=aspect), marks=whole)
            assert not any(choose(request, None).layout.type_box)
            assert compose(request).headline is None


def test_a_shot_without_words_has_its_subject_in_the_middle(ask: Ask) -> None:
    layout = choose(ask(headline="", aspect=Aspect.WIDE), None).layout
    assert (layout.product[0] + layout.product[2]) / 2 == pytest.approx(0.5)


def test_the_choice_does_not_depend_on_where_a_picture_lies(ask: Ask) -> None:
    assert choose(ask(image=Path("a.png")), None) == choose(ask(image=Path("b.png")), None)
