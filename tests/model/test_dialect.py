import pickle
from dataclasses import replace

import pytest

from campaign.brief import Language
from campaign.camera import Angle, Camera, CameraMove, ShotSize
from campaign.errors import PromptLengthError
from campaign.storyboard import ShotPrompt
from model.dialect import DIALECTS, WAN_NEGATIVE, RenderedPrompt, check_length, render, utf16_units

CHINESE = ShotPrompt(
    subject="一双手的指尖",
    action="轻轻掐下一芽两叶。",
    environment="青翠的茶树丛中",
    camera=Camera(move=CameraMove.PUSH_IN, size=ShotSize.CLOSE_UP, angle=Angle.HIGH),
    style="写实商业广告摄影，暖色调",
    negative="字幕，产品形状改变",
)
ENGLISH = ShotPrompt(
    subject="a potter",
    action="raises a wall of clay",
    environment="at a bench by the window",
    camera=Camera(move=CameraMove.STATIC, size=ShotSize.MEDIUM),
    style="documentary film",
    negative="extra fingers",
)


def test_wan_reads_subject_scene_motion_camera_style_in_chinese() -> None:
    assert render(CHINESE, DIALECTS["wan-zh"]).prompt == (
        "一双手的指尖，青翠的茶树丛中，轻轻掐下一芽两叶。特写，高角度拍摄，镜头缓慢推进。写实商业广告摄影，暖色调。"
    )


def test_wan_reads_the_same_order_in_english() -> None:
    assert render(ENGLISH, DIALECTS["wan-en"]).prompt == (
        "A potter, at a bench by the window, raises a wall of clay. "
        "Medium shot, the camera is fixed. Documentary film."
    )


def test_other_models_get_the_camera_first_and_one_running_sentence() -> None:
    assert render(ENGLISH, DIALECTS["generic-en"]).prompt == (
        "Medium shot, the camera is fixed. "
        "A potter raises a wall of clay, at a bench by the window. Documentary film."
    )
    assert render(CHINESE, DIALECTS["generic-zh"]).prompt.startswith(
        "特写，高角度拍摄，镜头缓慢推进。一双手的指尖轻轻掐下一芽两叶，"
    )


@pytest.mark.parametrize("name", ["wan-zh", "wan-en"])
def test_wan_always_gets_its_official_negative_prompt_first_and_to_the_letter(name: str) -> None:
    negative = render(CHINESE, DIALECTS[name]).negative_prompt
    assert negative == WAN_NEGATIVE + DIALECTS[name].comma + "产品形状改变"
    assert render(replace(CHINESE, negative=""), DIALECTS[name]).negative_prompt == WAN_NEGATIVE


def test_other_models_get_only_the_shots_own_negative() -> None:
    assert render(ENGLISH, DIALECTS["generic-en"]).negative_prompt == "extra fingers"


def test_every_camera_term_has_words_in_every_dialect() -> None:
    for dialect in DIALECTS.values():
        for move in CameraMove:
            assert dialect.camera[move]
        for size in ShotSize:
            assert dialect.camera[size]
        assert len({dialect.camera[move] for move in CameraMove}) == len(CameraMove)
        assert Angle.EYE_LEVEL not in dialect.camera


def test_an_empty_field_leaves_no_gap() -> None:
    bare = ShotPrompt(subject="茶", action="", environment="", camera=Camera(), style="", negative="")
    assert render(bare, DIALECTS["wan-zh"]).prompt == "茶。中景，固定镜头。"


def test_nothing_is_translated() -> None:
    assert "一双手的指尖" in render(CHINESE, DIALECTS["generic-en"]).prompt


def test_a_prompt_at_the_limit_passes_and_one_over_it_is_refused_whole() -> None:
    rendered = RenderedPrompt(prompt="茶" * 10, negative_prompt="")
    check_length(rendered, 10, len)
    with pytest.raises(PromptLengthError) as caught:
        check_length(rendered, 9, len)
    assert "10 long" in str(caught.value)
    assert "reads 9" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_negative_prompt_has_a_limit_of_its_own() -> None:
    rendered = RenderedPrompt(prompt="茶", negative_prompt="字" * 501)
    check_length(rendered, 800, len)
    with pytest.raises(PromptLengthError, match="negative prompt"):
        check_length(rendered, 800, len, negative_limit=500)


def test_length_is_counted_as_the_model_counts() -> None:
    rendered = RenderedPrompt(prompt="🍵" * 6, negative_prompt="")
    check_length(rendered, 6, len)
    with pytest.raises(PromptLengthError):
        check_length(rendered, 6, utf16_units)
    assert utf16_units("a茶🍵") == 4


def test_a_dialect_exists_for_either_language_of_each_family() -> None:
    assert {(d.name.split("-")[0], d.language) for d in DIALECTS.values()} == {
        (family, language) for family in ("wan", "generic") for language in Language
    }
