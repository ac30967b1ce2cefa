from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.finish import (
    CROSSFADE,
    Codec,
    CutPace,
    DeliveryForm,
    Encoder,
    Fitting,
    Handover,
    MasterForm,
    Retiming,
    VoiceOverrun,
)
from campaign.sheet import finish
from campaign.sheet.campaign import Campaign
from campaign.sheet.texts import Cell
from campaign.sheet.values import CellError

VOICES = ("espeak", "espeak:cmn", "openai:", "local:")


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("espeak:CMN", "espeak:cmn"),
        ("openai:alloy, espeak", "openai:alloy, espeak"),
        ("OpenAI:Alloy；espeak；espeak", "openai:Alloy, espeak"),
        ("local:小红\nespeak", "local:小红, espeak"),
        ("无", "none"),
    ],
)
def test_one_voice_or_several_are_named_in_the_order_of_trying(cell: Cell, names: str) -> None:
    assert finish.voices(cell, VOICES) == names


@pytest.mark.parametrize("cell", ["espek", "openai:", "alloy", "espeak, none", "edge:zh-CN-XiaoxiaoNeural"])
def test_an_unknown_voice_is_refused_with_those_that_are_known(cell: Cell) -> None:
    with pytest.raises(CellError, match="espeak, espeak:cmn, local:NAME, openai:NAME, none"):
        finish.voices(cell, VOICES)


def test_choices_are_understood_in_both_languages() -> None:
    assert [finish.pace(cell) for cell in ("Beat", "卡点", "是", "free", "否")] == [
        *[CutPace.BEAT] * 3,
        *[CutPace.FREE] * 2,
    ]
    assert [finish.fitting(cell) for cell in ("crop", "裁切", "follow", "跟随", "PAD", "模糊填充")] == [
        *[Fitting.CROP] * 2,
        *[Fitting.FOLLOW] * 2,
        *[Fitting.PAD] * 2,
    ]
    assert finish.voice_overrun("加快") is VoiceOverrun.FASTER
    assert finish.handover("OTIO") == (Handover.OTIO,)
    assert finish.handover("none") == ()


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("cut", 0.0),
        ("硬切", 0.0),
        ("无", 0.0),
        ("crossfade", CROSSFADE),
        ("叠化", CROSSFADE),
        ("Cross-fade 0.5 s", 0.5),
        ("叠化0.25秒", 0.25),
        (0.3, 0.3),
    ],
)
def test_a_transition_is_a_cut_or_the_seconds_of_a_crossfade(cell: Cell, seconds: float) -> None:
    assert finish.transition(cell) == seconds


@pytest.mark.parametrize("cell", ["star wipe", "crossfade 3", "0.01", "叠化 5秒"])
def test_another_transition_is_refused_with_the_range(cell: Cell) -> None:
    with pytest.raises(CellError, match=r"0\.1 to 1 seconds"):
        finish.transition(cell)


def test_deliveries_are_named_in_both_languages() -> None:
    assert finish.codec("H.265") is Codec.HEVC
    assert finish.encoder("软件") is Encoder.SOFTWARE
    assert finish.retiming("补帧") is Retiming.MOTION
    assert finish.master("prores") is MasterForm.PRORES
    assert finish.master("无") is None
    with pytest.raises(CellError, match="hevc"):
        finish.codec("divx")


def test_another_word_is_refused_with_the_right_ones() -> None:
    with pytest.raises(CellError, match="beat, free"):
        finish.pace("allegro")
    with pytest.raises(CellError, match="extend, faster, refuse"):
        finish.voice_overrun("cut")


def test_a_row_overrides_what_the_campaign_says_of_finishing(
    read: Callable[..., Campaign], xlsx: Callable[..., Path]
) -> None:
    settings = [
        ["brand", "leaf"],
        ["卡点", "是"],
        ["fit", "pad"],
        ["配音超时", "faster"],
        ["handover", "otio"],
        ["转场", "叠化"],
        ["编码", "hevc"],
        ["master", "prores"],
        ["补帧", "混合"],
    ]
    rows = [
        ["编号", "文案", "pace", "画面适配", "transition"],
        ["t1", "春天的茶。", "free", "crop", "cut"],
        ["t2", "来了。", None, None, None],
    ]
    campaign = read(xlsx(rows=rows, campaign=settings))
    first, second = campaign.briefs
    assert campaign.settings.delivery == DeliveryForm(
        codec=Codec.HEVC, master=MasterForm.PRORES, retiming=Retiming.BLEND
    )
    assert (first.transition, second.transition) == (0.0, CROSSFADE)
    assert (first.pace, first.fit) == (CutPace.FREE, Fitting.CROP)
    assert (second.pace, second.fit) == (CutPace.BEAT, Fitting.PAD)
    assert first.voice_overrun is second.voice_overrun is VoiceOverrun.FASTER
    assert first.handover == (Handover.OTIO,)
