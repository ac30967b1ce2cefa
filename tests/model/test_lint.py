from dataclasses import replace

import pytest

from campaign.brief import Language
from campaign.camera import Camera, CameraMove
from campaign.storyboard import ShotPrompt
from model.dialect import DIALECTS, utf16_units
from model.lint import LintNote, PromptLimits, lint
from model.lint_advice import SAID
from model.lint_words import LintKind

ZH, EN = Language.ZH, Language.EN
NO_LIMITS = PromptLimits()
GOOD = {
    ZH: ShotPrompt(
        subject="一位穿米白亚麻衬衫的年轻女子",
        action="双手捧起茶杯，轻轻抿一口",
        environment="临窗的木桌前，清晨的侧光",
        camera=Camera(move=CameraMove.PUSH_IN),
        style="写实商业广告摄影，暖色调，浅景深",
        negative="",
    ),
    EN: ShotPrompt(
        subject="a young woman in a cream linen shirt",
        action="lifts the cup with both hands and takes a sip",
        environment="at a wooden table next to the window in morning side light",
        camera=Camera(move=CameraMove.PUSH_IN),
        style="realistic commercial photography, warm colors, shallow depth of field",
        negative="",
    ),
}


def notes_of(language: Language, field: str, text: str) -> tuple[LintNote, ...]:
    return lint(replace(GOOD[language], **{field: text}), language, NO_LIMITS)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", Language)
def test_a_concrete_prompt_gets_no_note(language: Language) -> None:
    assert lint(GOOD[language], language, NO_LIMITS) == ()


@pytest.mark.parametrize(
    ("language", "field", "text", "kind", "word"),
    [
        (ZH, "subject", "好看的女孩", LintKind.VAGUE, "好看"),
        (ZH, "style", "高端大气上档次", LintKind.VAGUE, "高端"),
        (EN, "subject", "a beautiful woman", LintKind.VAGUE, "beautiful"),
        (EN, "style", "nice, epic", LintKind.VAGUE, "nice"),
        (ZH, "action", "先坐下，然后微笑着起身", LintKind.ACTIONS, "然后"),
        (ZH, "action", "起身，开窗，倒水，喝茶，微笑", LintKind.ACTIONS, "喝茶"),
        (EN, "action", "sits down, then smiles", LintKind.ACTIONS, "then"),
        (ZH, "environment", "墙上写着春茶上市", LintKind.TEXT, "写着"),
        (EN, "environment", "under a sign that says OPEN", LintKind.TEXT, "sign that says"),
        (EN, "subject", "a cup with our logo", LintKind.TEXT, "logo"),
        (ZH, "environment", "没有人的街道", LintKind.NEGATION, "没有"),
        (ZH, "style", "写实摄影，无文字", LintKind.NEGATION, "无"),
        (EN, "environment", "a street with no people", LintKind.NEGATION, "no"),
        (ZH, "subject", "像张三丰一样的老者", LintKind.PERSON, "张三丰"),
        (ZH, "style", "明星同款穿搭", LintKind.PERSON, "明星"),
        (EN, "subject", "a man who looks like John Doe", LintKind.PERSON, "John Doe"),
        (EN, "style", "a portrait in the style of Jane Doe", LintKind.PERSON, "Jane Doe"),
        (ZH, "subject", "【产品名】", LintKind.PLACEHOLDER, "【产品名】"),
        (EN, "subject", "{product} on a table", LintKind.PLACEHOLDER, "{product}"),
        (ZH, "subject", "", LintKind.EMPTY, ""),
        (ZH, "environment", "夜晚的江边，烈日当头", LintKind.CONTRADICTION, "夜晚"),
        (EN, "environment", "at night in bright sunlight", LintKind.CONTRADICTION, "night"),
        (EN, "style", "realistic film, anime", LintKind.CONTRADICTION, "anime"),
    ],
)
def test_each_fault_is_named_with_its_word(
    language: Language, field: str, text: str, kind: LintKind, word: str
) -> None:
    found = notes_of(language, field, text)
    assert (kind, word) in [(note.kind, note.word) for note in found]


@pytest.mark.parametrize(
    ("language", "field", "text"),
    [
        (ZH, "subject", "一位身穿红色丝绸旗袍、头发挽起的美丽女子"),
        (ZH, "subject", "一架无人机和一副无线耳机"),
        (EN, "subject", "a beautiful woman of thirty in a red silk dress"),
        (EN, "style", "realistic photography, cool colors, low saturation"),
        (EN, "environment", "next to window no. 5 of a textile mill"),
        (EN, "subject", "tea leaves like green needles from Mount Emei"),
        (ZH, "environment", "像一面镜子的湖水边"),
    ],
)
def test_what_only_looks_like_a_fault_passes(language: Language, field: str, text: str) -> None:
    assert notes_of(language, field, text) == ()


@pytest.mark.parametrize(
    ("language", "text", "move"),
    [
        (ZH, "跟拍她向前走", CameraMove.STATIC),
        (ZH, "固定镜头，热气升起", CameraMove.ORBIT),
        (EN, "walks on in a tracking shot", CameraMove.STATIC),
        (EN, "turns while the camera orbits", CameraMove.PUSH_IN),
    ],
)
def test_a_move_in_the_words_that_fights_the_camera_column_is_noted(
    language: Language, text: str, move: CameraMove
) -> None:
    prompt = replace(GOOD[language], action=text, camera=Camera(move=move))
    assert LintKind.CONTRADICTION in {note.kind for note in lint(prompt, language, NO_LIMITS)}


def test_a_move_in_the_words_that_agrees_with_the_column_passes() -> None:
    prompt = replace(GOOD[ZH], action="跟拍她向前走", camera=Camera(move=CameraMove.FOLLOW))
    assert lint(prompt, ZH, NO_LIMITS) == ()


def test_what_the_backend_cannot_do_is_said_with_what_it_can() -> None:
    limits = PromptLimits(moves=frozenset({CameraMove.STATIC, CameraMove.ORBIT}))
    (note,) = lint(GOOD[ZH], ZH, limits)
    assert note.kind is LintKind.MOVE
    assert "镜头推进" in note.problem
    assert "固定镜头" in note.advice
    assert "镜头环绕" in note.advice


def test_a_prompt_over_the_limit_is_noted_in_the_models_own_count() -> None:
    def over(count: int) -> tuple[LintNote, ...]:
        limits = PromptLimits(dialect=DIALECTS["wan-zh"], max_length=count, count=utf16_units)
        return lint(GOOD[ZH], ZH, limits)

    assert over(500) == ()
    (note,) = over(20)
    assert note.kind is LintKind.LENGTH
    assert "20" in note.problem


def test_a_language_the_model_does_not_read_is_noted() -> None:
    (note,) = lint(GOOD[ZH], ZH, PromptLimits(languages=frozenset({EN})))
    assert note.kind is LintKind.LANGUAGE
    assert lint(GOOD[EN], EN, PromptLimits(languages=frozenset({EN}))) == ()


def test_notes_are_in_the_rows_language_and_say_what_to_write() -> None:
    (chinese,) = notes_of(ZH, "subject", "好看的女孩")
    (english,) = notes_of(EN, "subject", "a beautiful woman")
    assert "角色" in chinese.problem
    assert "例如" in chinese.advice
    assert english.problem.startswith("'beautiful' in the subject")
    assert "as in" in english.advice


def test_every_kind_has_words_in_both_languages() -> None:
    for language in Language:
        assert set(SAID[language]) == set(LintKind)
