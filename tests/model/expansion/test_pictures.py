import re
from collections import Counter

import pytest

from campaign.brief import Language
from campaign.camera import Camera
from campaign.storyboard import ShotPrompt
from model.expansion.coverage import COVERAGES, LIGHT
from model.expansion.people import is_person, person_for
from model.expansion.pictures import (
    Category,
    Time,
    categories,
    common_pictures,
    detect_category,
    pictures_of,
)
from model.expansion.selection import time_in
from model.lint import PromptLimits, lint

ABSOLUTES = re.compile(
    r"最(?!后)|第一|唯一|顶级|国家级|极致|完美|100%|\b(?:best|most|first-class|perfect|only)\b"
)
"""What advertising law takes for a claim; no table may say it of a product."""

EVERY = [(c, p) for c in categories().values() for p in c.pictures]
EVERY += [(categories()["generic"], p) for p in common_pictures()]


@pytest.mark.parametrize("category", categories().values(), ids=lambda c: c.name)
def test_every_category_can_tell_the_whole_arc(category: Category) -> None:
    roles = Counter(p.role for p in pictures_of(category) if not p.on_cue)
    assert roles["open"] >= 1
    assert roles["detail"] >= 2
    assert roles["use"] >= 1
    assert roles["hero"] >= 1
    assert sum(p.role == "people" for p in category.pictures) >= 1
    ids = [p.id for p in pictures_of(category)]
    assert len(ids) == len(set(ids))


TIMES: tuple[Time, ...] = ("dawn", "day", "golden", "night")


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("language", Language)
def test_every_picture_passes_the_linter_at_any_hour_and_claims_nothing(
    language: Language, time: Time
) -> None:
    for category, picture in EVERY:
        if picture.time not in (None, time):
            continue
        subject, action, place = (
            part.format(
                product="茶" if language is Language.ZH else "the tea", person=category.person.of(language)
            )
            for part in picture.words(language)
        )
        prompt = ShotPrompt(
            subject=subject,
            action=action,
            environment=f"{place}，{LIGHT[time, picture.setting][language]}",
            camera=Camera(),
            style="，".join(coverage.look[language] for coverage in COVERAGES[:2]),
            negative="",
        )
        notes = [str(note) for note in lint(prompt, language, PromptLimits())]
        assert notes == [], (category.name, picture.id)
        assert not ABSOLUTES.search(f"{subject} {action} {place}"), (category.name, picture.id)


def test_each_language_says_it_in_its_own_script() -> None:
    han = re.compile("[\u4e00-\u9fff]")
    for category, picture in EVERY:
        where = (category.name, picture.id)
        assert all(han.search(part) or "{" in part for part in picture.zh), where
        assert not any(han.search(part) for part in picture.en), where
        for name in ("{product}", "{person}"):
            assert (name in "".join(picture.zh)) == (name in "".join(picture.en)), where


def test_every_time_of_day_has_a_light_for_every_setting() -> None:
    settings = {p.setting for _, p in EVERY}
    times = {time for c in categories().values() for time in c.times} | {
        p.time for p in common_pictures() if p.time
    }
    assert set(LIGHT) == {(time, setting) for time in times for setting in settings}


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (("雨前龙井", "今年春天"), "tea"),
        (("", "清晨上山采茶"), "tea"),
        (("Northlight Coffee", ""), "coffee"),
        (("桂花奶茶", "茶香"), "drink"),
        (("青瓷茶具", ""), "ceramics"),
        (("", "天猫旗舰店同步发售，小红书同款"), "generic"),
        (("Catch-all tray", "Learn more and order now"), "generic"),
        (("", "Drink tea after lunch"), "tea"),
        (("Lark headphones", "Drink in every note"), "electronics"),
        (("流心月饼", "送茶具一套"), "food"),
        (("云栖民宿", "推开窗"), "travel"),
        (("羽绒服", "零下二十度"), "apparel"),
        (("品牌片", "采茶人往下走，炒茶锅亮到天明，新茶上市"), "tea"),
        (("保温杯", "登山路上"), "outdoor"),
        (("稳盈养老金计划", ""), "finance"),
        (("猫粮", ""), "pet"),
        (("橙子便利店", "下班晚了也没关系"), "venue"),
        (("阿婆手工饺子", "皮薄，馅大，水开下锅"), "food"),
        (("晨跑俱乐部", "第一次免费"), "fitness"),
        (("记账小助手APP", "拍一下小票就记好"), "app"),
        (("蜂蜜面膜", ""), "skincare"),
        (("狗狗零食", ""), "pet"),
        (("红木茶桌", ""), "home"),
        (("洗衣液", "阳光的味道"), "household"),
        (("tea towel", ""), "home"),
        (("Corner Book Shop", ""), "venue"),
        (("", "Shop now, our new store is open"), "generic"),
        (("Granola bar", ""), "food"),
    ],
)  # fmt: skip
def test_the_category_is_read_from_product_then_copy(texts: tuple[str, ...], name: str) -> None:
    assert detect_category(*texts).name == name


def test_a_product_that_fits_no_hand_is_not_put_on_a_table() -> None:
    shown = [p.id for p in pictures_of(categories()["travel"]) if p.shows_product]
    assert "table-hero" not in shown
    assert "table-hero" in [p.id for p in pictures_of(categories()["tea"])]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("清晨五点", "dawn"),
        ("After dark, at night", "night"),
        ("黄昏到深夜", None),
        ("炒到傍晚", "golden"),
        ("An afternoon nap", "day"),
        ("一杯好茶", None),
        ("Knight of the round table", None),
    ],
)
def test_a_text_has_the_time_of_day_that_it_alone_names(text: str, time: str | None) -> None:
    assert time_in(text) == time


@pytest.mark.parametrize(
    ("subject", "person"),
    [
        ("一位穿汉服的年轻女子", True),
        ("两位工人", True),
        ("a young woman in red", True),
        ("the potter's hands", True),
        ("一只橘猫", False),
        ("无人机", False),
        ("扫地机器人", False),
        ("人参切片", False),
        ("a manual typewriter", False),
    ],
)
def test_people_are_told_from_things(subject: str, person: bool) -> None:
    assert is_person(subject) is person


def test_an_audience_decides_who_is_seen() -> None:
    assert person_for("25-35岁宝妈", Language.ZH) == "一位三十岁左右的母亲"
    assert person_for("office workers", Language.EN) == "a young office worker in a shirt"
    assert person_for("everybody", Language.EN) == ""


@pytest.mark.parametrize("category", categories().values(), ids=lambda c: c.name)
def test_cues_of_all_pictures_at_once_are_those_of_each_alone(category: Category) -> None:
    pictures = pictures_of(category)
    said = [word for picture in pictures for word in (*picture.cues.zh, *picture.cues.en)]
    for text in ("", "春茶，Slow mornings", "，".join(said), " ".join(said).upper(), "s ".join(said)):
        alone = {p.id: len(p.cues.found(text)) for p in pictures}
        assert category.cues.said_in(text) == {name: count for name, count in alone.items() if count}
