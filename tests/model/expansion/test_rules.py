import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.brand_kit import BrandKit
from campaign.brief import Brief, Language
from campaign.camera import Angle, Camera, CameraMove, ShotSize, parse_cameras
from campaign.content_key import content_key
from campaign.frames import Aspect
from campaign.ladder import Rung, Step
from campaign.storyboard import Storyboard
from campaign.timing import fit
from model.expansion.lines import LONGEST
from model.expansion.pacing import speaking_time
from model.expansion.pictures import detect_category
from model.expansion.rules import RulesExpander, plain_name, product_phrases
from model.lint import PromptLimits, lint
from model.registry import load_expander

ZH, EN = Language.ZH, Language.EN
MakeBrief = Callable[..., Brief]

TEA = (
    "清晨五点，茶农上山采摘第一批嫩芽。手工炒制，三炒三揉，留住一整个春天的鲜。"
    "海拔1200米的高山茶园。送给家人，也送给自己！"
)
COFFEE = (
    "Slow mornings start here. Single-origin beans, roasted in small batches every Tuesday, "
    "ground just before they reach you. Pour, wait, breathe. Your first cup, exactly how you like it."
)
ROWS = [
    (TEA, ZH, "雨前龙井", 25.0),
    (COFFEE, EN, "Northlight Coffee", 20.0),
    ("还在用表格管排班？一键排班，自动同步，全员手机随时查看。试用30天，下单立减。", ZH, "轻排班", 15.0),
    ("Forty hours of music. Nothing between you and the song.", EN, "Lark headphones", None),
    ("推开窗，就是整片竹海。周末，带上家人，来山里住两天。", ZH, "云栖民宿", 20.0),
    ("Cut from one piece of washed linen. It moves when you move.", EN, "Isla linen dress", None),
    ("春茶上新！", ZH, "", None),
    ("A light texture that sinks in. Morning and night, two drops are enough.", EN, "Dew Serum", 15.0),
]  # fmt: skip

expander = RulesExpander()


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def cameras(board: Storyboard) -> list[Camera]:
    return [shot.prompt.camera for shot in board.shots]


def test_the_registry_knows_it() -> None:
    assert load_expander("rules").name == "rules"


@pytest.mark.parametrize(("copy", "language", "product", "duration"), ROWS)
@pytest.mark.parametrize("variant", [1, 2, 3])
def test_every_row_becomes_a_whole_storyboard(
    copy: str,
    language: Language,
    product: str,
    duration: float | None,
    variant: int,
    make_brief: MakeBrief,
    kit: BrandKit,
) -> None:
    brief = make_brief(copy, language, product=product, duration=duration)
    board = expander.expand(brief, kit, variant)
    assert bare("".join(shot.line for shot in board.shots)) == bare(copy)
    assert board.spot_id == f"r1-{variant}"
    assert [shot.id for shot in board.shots] == [f"r1-{variant}-s{i + 1}" for i in range(len(board.shots))]
    if duration is not None:
        assert sum(shot.duration for shot in board.shots) + board.end_card == pytest.approx(
            duration, abs=0.01
        )
    for shot in board.shots:
        parts = (shot.prompt.subject, shot.prompt.action, shot.prompt.environment, shot.prompt.style)
        assert all(parts)
        assert not any("{" in part for part in parts)
        assert bool(re.search("[\u4e00-\u9fff]", " ".join(parts))) is (language is ZH)
    heads = [shot.headline for shot in board.shots if shot.headline]
    assert len(heads) == len(set(heads))
    assert all(bare(shot.headline) != bare(shot.line).strip("，。！.,!") for shot in board.shots if shot.line)


@pytest.mark.parametrize(("copy", "language", "product", "duration"), ROWS)
@pytest.mark.parametrize("variant", [1, 2, 3])
def test_what_the_rules_write_passes_their_own_linter(
    copy: str,
    language: Language,
    product: str,
    duration: float | None,
    variant: int,
    make_brief: MakeBrief,
    kit: BrandKit,
) -> None:
    brief = make_brief(copy, language, product=product, duration=duration)
    for shot in expander.expand(brief, kit, variant).shots:
        assert [str(note) for note in lint(shot.prompt, language, PromptLimits())] == []


@pytest.mark.parametrize(("copy", "language", "product", "duration"), ROWS)
@pytest.mark.parametrize("variant", [1, 2, 3])
def test_the_spot_opens_wide_and_ends_on_the_product(
    copy: str,
    language: Language,
    product: str,
    duration: float | None,
    variant: int,
    make_brief: MakeBrief,
    kit: BrandKit,
) -> None:
    board = expander.expand(make_brief(copy, language, product=product, duration=duration), kit, variant)
    assert len(board.shots) > 1
    assert cameras(board)[0].size in (ShotSize.WIDE, ShotSize.FULL)
    if product and board.row_id and product != "轻排班":
        assert product in board.shots[-1].prompt.subject


@pytest.mark.parametrize(("copy", "language", "product", "duration"), ROWS)
@pytest.mark.parametrize("variant", [1, 2, 3])
def test_neighbouring_shots_never_share_size_and_move(
    copy: str,
    language: Language,
    product: str,
    duration: float | None,
    variant: int,
    make_brief: MakeBrief,
    kit: BrandKit,
) -> None:
    board = expander.expand(make_brief(copy, language, product=product, duration=duration), kit, variant)
    pairs = zip(cameras(board), cameras(board)[1:], strict=False)
    assert all((a.size, a.move) != (b.size, b.move) for a, b in pairs)


def test_same_brief_same_storyboard(make_brief: MakeBrief, kit: BrandKit) -> None:
    brief = make_brief(TEA, product="雨前龙井")
    assert RulesExpander().expand(brief, kit, 2) == RulesExpander().expand(replace(brief), kit, 2)


def test_variants_differ_in_camera_pacing_and_style_and_not_only_in_seed(
    make_brief: MakeBrief, kit: BrandKit
) -> None:
    for copy, language, product, duration in ROWS[:2]:
        brief = make_brief(copy, language, product=product, duration=duration)
        boards = [expander.expand(brief, kit, variant) for variant in (1, 2, 3)]
        moves = [{camera.move for camera in cameras(board)} for board in boards]
        for index, (one, other) in enumerate([(0, 1), (0, 2), (1, 2)]):
            shared = moves[one] & moves[other]
            assert len(shared) / min(len(moves[one]), len(moves[other])) <= 0.5, (index, shared)
        assert len({len(board.shots) for board in boards}) == 3
        lengths = [sum(s.duration for s in board.shots) / len(board.shots) for board in boards]
        assert lengths[1] < lengths[0] < lengths[2]
        assert len({board.shots[0].prompt.style for board in boards}) == 3
        assert len({board.seed for board in boards}) == 3


def test_rows_of_one_campaign_share_their_look_and_not_their_cameras(
    make_brief: MakeBrief, kit: BrandKit
) -> None:
    boards = [expander.expand(make_brief(TEA, seed=seed, product="雨前龙井"), kit, 1) for seed in range(8)]
    assert len({board.shots[0].prompt.style for board in boards}) == 1
    assert len({tuple(cameras(board)) for board in boards}) > 2


def test_columns_win_exactly_as_written(make_brief: MakeBrief, kit: BrandKit, picture: Path) -> None:
    brief = make_brief(
        TEA,
        subject="一位穿 汉服 的女子",
        action="缓步穿过  长廊",
        environment="江南园林，宫灯",
        style="水墨风格",
        cameras=parse_cameras("环绕，特写；推近，近景"),
        title="江南春",
        voice="espeak:cmn",
        music="lively",
        duration=20.0,
        images=(picture,),
        extra=MappingProxyType({"行动号召": "今日下单"}),
    )
    board = expander.expand(brief, kit, 1)
    for shot in board.shots:
        assert shot.prompt.subject == "一位穿 汉服 的女子"
        assert shot.prompt.action == "缓步穿过  长廊"
        assert shot.prompt.environment == "江南园林，宫灯"
        assert shot.prompt.style == "水墨风格"
        assert shot.image == picture
    wanted = [Camera(move=CameraMove.ORBIT, size=ShotSize.CLOSE_UP, angle=Angle.EYE_LEVEL)]
    wanted += [Camera(move=CameraMove.PUSH_IN, size=ShotSize.MEDIUM_CLOSE, angle=Angle.EYE_LEVEL)]
    assert cameras(board) == [wanted[i % 2] for i in range(len(board.shots))]
    assert (board.title, board.voice, board.music, board.call_to_action) == (
        "江南春", "espeak:cmn", "lively", "今日下单",
    )  # fmt: skip


def test_an_asked_shot_size_gets_a_picture_that_is_seen_at_it(make_brief: MakeBrief, kit: BrandKit) -> None:
    brief = make_brief("Deep blue on bare clay. We let it run.", EN, product="Dipped mug")
    wide = expander.expand(replace(brief, cameras=parse_cameras("push in, wide")), kit, 1).shots[0]
    close = expander.expand(replace(brief, cameras=parse_cameras("push in, close-up")), kit, 1).shots[0]
    assert wide.prompt.subject != close.prompt.subject
    assert wide.prompt.subject in ("a pottery studio", "rows of pots on wooden shelves")


def test_a_bar_in_a_column_divides_it_among_the_shots(make_brief: MakeBrief, kit: BrandKit) -> None:
    board = expander.expand(make_brief(TEA, action="采茶 | 炒茶｜泡茶"), kit, 1)
    said = [shot.prompt.action for shot in board.shots]
    assert said == [("采茶", "炒茶", "泡茶")[i % 3] for i in range(len(said))]


def test_a_person_in_the_subject_column_gets_actions_of_people(make_brief: MakeBrief, kit: BrandKit) -> None:
    board = expander.expand(make_brief(TEA, subject="一位穿汉服的年轻女子", product="雨前龙井"), kit, 1)
    objects = {"静置在画面中央", "缓缓转动", "热水落入"}
    assert not any(word in shot.prompt.action for shot in board.shots for word in objects)
    assert all("面部变形" in shot.prompt.negative for shot in board.shots)


@pytest.mark.parametrize(
    ("product", "name"),
    [
        ("春茶 100 克罐装", "春茶"),
        ("原叶茶包 15 袋", "原叶茶包"),
        ("Spring tea, 100 g tin", "Spring tea"),
        ("Lark 2 headphones", "Lark 2 headphones"),
        ("品牌片", ""),
    ],
)
def test_pack_sizes_are_kept_out_of_pictures(product: str, name: str) -> None:
    assert plain_name(product) == name


@pytest.mark.parametrize(
    ("product", "subject"),
    [
        ("春茶 100 克罐装", "一罐春茶"),
        ("冷泡春茶 350 毫升", "一瓶冷泡春茶"),
        ("春茶礼盒", "一份春茶礼盒"),
        ("雨前龙井", "一盏雨前龙井"),
    ],
)
def test_the_last_shot_shows_the_product_in_its_own_form(
    product: str, subject: str, make_brief: MakeBrief, kit: BrandKit
) -> None:
    last = expander.expand(make_brief("春天到了，新茶上市。", product=product), kit, 1).shots[-1].prompt
    assert last.subject == subject
    assert "热气" not in last.action or product == "雨前龙井"


def test_a_time_of_day_in_the_style_holds_for_every_shot(make_brief: MakeBrief, kit: BrandKit) -> None:
    brief = make_brief("清晨上山采茶。傍晚生火炒茶。夜里封罐。", style="辽阔、晨雾")
    for shot in expander.expand(brief, kit, 1).shots:
        assert "傍晚" not in shot.prompt.environment
        assert "夜晚" not in shot.prompt.environment


@pytest.mark.parametrize(
    "product", ["民宿", "轿车", "理财计划", "排班软件", "龙井茶", "猫粮", "钢琴课程", ""]
)
@pytest.mark.parametrize("subject", ["", "一位穿长裙的女子", "一只橘猫"])
@pytest.mark.parametrize("environment", ["", "海边的石板路", "明亮的会议室", "云端"])
def test_any_columns_together_make_a_storyboard(
    product: str, subject: str, environment: str, make_brief: MakeBrief, kit: BrandKit
) -> None:
    brief = make_brief(TEA, product=product, subject=subject, environment=environment, duration=30.0)
    for shot in expander.expand(brief, kit, 1).shots:
        assert shot.prompt.subject == (subject or shot.prompt.subject)
        assert shot.prompt.environment == (environment or shot.prompt.environment)
        assert shot.prompt.action


def test_without_columns_title_voice_music_and_call_come_from_row_and_kit(
    make_brief: MakeBrief, kit: BrandKit
) -> None:
    chinese = expander.expand(make_brief(TEA, product="雨前龙井"), kit, 1)
    english = expander.expand(make_brief(COFFEE, EN), kit, 1)
    assert (chinese.title, chinese.voice, chinese.call_to_action) == ("雨前龙井", "espeak:cmn", "立即选购")
    assert (english.title, english.voice, english.call_to_action) == (
        "Single-origin beans",
        "espeak:en-gb",
        "Shop now",
    )
    assert chinese.music == english.music == "calm"
    assert chinese.end_card == 2.0


def test_pictures_go_to_the_shots_that_show_the_product(
    make_brief: MakeBrief, kit: BrandKit, picture: Path
) -> None:
    board = expander.expand(make_brief(TEA, product="雨前龙井", images=(picture,)), kit, 1)
    assert board.shots[-1].image == picture
    for shot in board.shots:
        assert (shot.image is not None) == ("雨前龙井" in shot.prompt.subject + shot.prompt.action)


def test_planned_time_covers_voice_and_reading(make_brief: MakeBrief, kit: BrandKit) -> None:
    for copy, language, product, duration in ROWS:
        board = expander.expand(make_brief(copy, language, product=product, duration=duration), kit, 1)
        spoken = {s.id: speaking_time(s.line, language) for s in board.shots}
        cut = fit(board, spoken, fps=25)
        if duration is not None:
            assert cut.duration == pytest.approx(duration, abs=0.05)
        else:
            assert cut.duration == pytest.approx(sum(s.duration for s in board.shots) + 2.0, abs=0.3)


def test_copy_too_long_for_its_duration_is_planned_as_long_as_it_needs(
    make_brief: MakeBrief, kit: BrandKit
) -> None:
    board = expander.expand(make_brief(TEA, duration=6.0), kit, 2)
    assert bare("".join(shot.line for shot in board.shots)) == TEA
    assert sum(shot.duration for shot in board.shots) > 6.0


def test_a_long_spot_of_little_copy_gets_silent_shots_of_watchable_length(
    make_brief: MakeBrief, kit: BrandKit
) -> None:
    board = expander.expand(make_brief("春茶上新，等你来品。", product="明前龙井", duration=32.0), kit, 1)
    assert len(board.shots) >= 6
    assert all(1.8 <= shot.duration <= 5.0 for shot in board.shots)
    assert sum(bool(shot.line) for shot in board.shots) == 1
    shown = [(shot.prompt.subject, shot.prompt.action) for shot in board.shots]
    assert len(set(shown)) == len(shown)


def test_a_spot_without_a_voice_is_paced_by_reading(make_brief: MakeBrief, kit: BrandKit) -> None:
    heard = expander.expand(make_brief(TEA), kit, 1)
    read = expander.expand(make_brief(TEA, voice="none"), kit, 1)
    assert read.voice == "none"
    assert sum(s.duration for s in read.shots) < sum(s.duration for s in heard.shots)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"row": 9}, True),
        ({"publish_at": datetime(2026, 5, 1, tzinfo=UTC)}, True),
        ({"account": "shop"}, True),
        ({"aspects": (Aspect.WIDE,)}, True),
        ({"variants": 3}, True),
        ({"ladder": (Step(rung=Rung.FINAL, backends=("wan",)),)}, True),
        ({"copy": TEA + "再来一杯。"}, False),
        ({"product": "碧螺春"}, False),
        ({"seed": 8}, False),
        ({"duration": 30.0}, False),
        ({"extra": MappingProxyType({"cta": "Go"})}, False),
        ({"extra": MappingProxyType({"notes": "ask the shop"})}, True),
        ({"voice": "espeak:cmn"}, True),
        ({"voice": "none"}, False),
    ],
)
def test_the_recipe_holds_what_decides_and_nothing_else(
    change: dict[str, object], same: bool, make_brief: MakeBrief, kit: BrandKit
) -> None:
    brief = make_brief(TEA, product="雨前龙井")
    before = content_key(expander.recipe(brief, kit, 1))
    after = content_key(expander.recipe(replace(brief, **change), kit, 1))  # type: ignore[arg-type]
    assert (before == after) is same


def test_the_recipe_follows_variant_kit_words_and_picture_bytes(
    make_brief: MakeBrief, kit: BrandKit, picture: Path
) -> None:
    brief = make_brief(TEA, images=(picture,))
    before = content_key(expander.recipe(brief, kit, 1))
    assert content_key(expander.recipe(brief, kit, 2)) != before
    end_card = kit.end_card.model_copy(update={"seconds": 3.0})
    assert content_key(expander.recipe(brief, kit.model_copy(update={"end_card": end_card}), 1)) != before
    picture.write_bytes(b"another picture")
    assert content_key(expander.recipe(brief, kit, 1)) != before


@given(
    st.text(alphabet="茶春天山水人家好香的，。、！？ 《》“”0123456789abc\n", min_size=1, max_size=80),
    st.sampled_from([None, 6.0, 15.0, 60.0]),
    st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)
def test_any_copy_makes_a_storyboard_that_loses_no_word(
    kit: BrandKit, copy: str, duration: float | None, variant: int
) -> None:
    brief = Brief(id="x", row=1, copy=copy, brand="green", language=ZH, seed=1, duration=duration)
    board = expander.expand(brief, kit, variant)
    said = bare("".join(shot.line for shot in board.shots))
    assert said in (bare(copy), "")
    assert said or not re.search(r"[\w]", copy)
    assert all(shot.duration > 0 for shot in board.shots)


def test_lines_fit_the_five_seconds_of_a_video_model(make_brief: MakeBrief, kit: BrandKit) -> None:
    for variant in (1, 2, 3):
        board = expander.expand(make_brief(TEA, duration=25.0), kit, variant)
        assert all(shot.duration <= LONGEST[ZH] / 4.2 + 0.6 for shot in board.shots)


@pytest.mark.parametrize(
    ("product", "language", "subject"),
    [
        ("力场健身房", Language.ZH, "一对哑铃"),
        ("Riverside Gym", Language.EN, "a pair of dumbbells"),
        ("橙子便利店", Language.ZH, "一间橙子便利店"),
        ("Joe's Barbershop", Language.EN, "the front of Joe's Barbershop"),
        ("记账小助手APP", Language.ZH, "一部显示应用界面的手机"),
        ("阿婆手工饺子", Language.ZH, "一盘阿婆手工饺子"),
    ],
)
def test_what_is_visited_or_joined_is_shown_by_its_door_or_by_what_stands_for_it(
    make_brief: MakeBrief, kit: BrandKit, product: str, language: Language, subject: str
) -> None:
    copy = "六点见。来吧。" if language is Language.ZH else "See you at six. Come by."
    brief = make_brief(copy=copy, product=product, language=language)
    assert product_phrases(brief, detect_category(product))[0] == subject
