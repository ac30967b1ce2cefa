from pathlib import Path

import pytest

from campaign.brief import Language
from moderation.check import Ask, Material
from moderation.checks.person_names import PersonNamesCheck, PersonNamesOptions
from moderation.finding import Category, Decision, Span, Stage, Text
from moderation.policy import load_policy
from moderation.rules import WordList
from moderation.screen import screen_texts

STARTER = load_policy("starter")


def lexicon(text: str) -> set[tuple[Category, Decision]]:
    result = screen_texts([Text(where="copy", text=text, language=Language.ZH)], STARTER, Stage.PROMPT)
    return {(finding.category, finding.decision) for finding in result.findings}


@pytest.mark.parametrize(
    ("text", "category", "decision"),
    [
        ("血腥的画面", Category.VIOLENCE, Decision.REFUSE),
        ("a gory battlefield", Category.VIOLENCE, Decision.REFUSE),
        ("他手持手枪", Category.VIOLENCE, Decision.REFUSE),
        ("成人影片", Category.SEXUAL, Decision.REFUSE),
        ("nude photos of a model", Category.SEXUAL, Decision.REFUSE),
        ("性感的姿势", Category.SEXUAL, Decision.REVIEW),
        ("你个傻逼", Category.HATE_TOXICITY, Decision.REFUSE),
        ("you f.u.c.k", Category.HATE_TOXICITY, Decision.REVIEW),
        ("自杀", Category.SELF_HARM, Decision.REFUSE),
        ("习近平", Category.POLITICAL, Decision.REVIEW),
        ("Donald Trump drinking tea", Category.POLITICAL, Decision.REVIEW),
        ("购买冰毒", Category.ILLEGAL_REGULATED, Decision.REFUSE),
        ("刷单返利，日赚千元", Category.ILLEGAL_REGULATED, Decision.REFUSE),
        ("加薇信领券", Category.PLATFORM, Decision.REFUSE),
        ("＋Ｖ：tea88", Category.PLATFORM, Decision.REFUSE),
        ("致电 138 0013 8000", Category.LIKENESS_PRIVACY, Decision.REVIEW),
        ("mail me at a.b@shop.com", Category.LIKENESS_PRIVACY, Decision.REVIEW),
    ],
)
def test_unsafe_words_are_found(text: str, category: Category, decision: Decision) -> None:
    assert (category, decision) in lexicon(text)


@pytest.mark.parametrize(
    "text",
    [
        "维C炸弹，酸到眯眼",
        "血腥玛丽鸡尾酒",
        "激情澎湃的鼓点",
        "柔软的床上用品",
        "美食的诱惑",
        "自杀干预热线",
        "远离毒品，珍爱生命",
        "雪茄椅，胡桃木",
        "加微波炉三十秒",
        "加VIP会员",
        "他在夏天一直抽屉里找",
        "Scunthorpe and Essex",
        "a murder mystery evening",
        "flame-retardant fabric",
        "suicide prevention hotline",
        "quit cigarettes for good",
        "Jalapeno poppers",
        "Shiitake soup",
    ],
)
def test_a_harmless_lookalike_is_left_alone(text: str) -> None:
    assert lexicon(text) == set()


@pytest.mark.parametrize("text", ["sm\u200boke it", "\u202eevil\u202c"])
def test_hidden_characters_ask_for_a_person(text: str) -> None:
    result = screen_texts([Text(where="copy", text=text, language=Language.EN)], STARTER, Stage.COPY)
    assert result.decision is Decision.REVIEW
    assert "text.hidden_characters" in {finding.rule_id for finding in result.findings}


def names(text: str, *lists: WordList) -> list[str]:
    check = PersonNamesCheck(PersonNamesOptions(lists=lists))
    material = Material(texts=(Text(where="copy", text=text, language=Language.EN),))
    findings = check.look(material, Ask(stage=Stage.PROMPT, market="cn")).findings
    return [finding.evidence.matched for finding in findings if isinstance(finding.evidence, Span)]


@pytest.mark.parametrize(
    "text",
    [
        "a woman who looks like Scarlett Johansson",
        "in the style of Hayao Miyazaki",
        "a voice like Morgan Freeman",
        "a deepfake of Tom Hanks",
        "王菲同款外套",
        "一个酷似刘德华的男人",
        "明星同款",
        "换脸成张曼玉",
    ],
)
def test_words_that_ask_for_a_person_s_likeness_are_found(text: str) -> None:
    assert names(text)


@pytest.mark.parametrize(
    "text",
    [
        "it looks like rain",
        "a cup that looks like a pear",
        "同款茶杯",
        "姐妹同款睡衣",
        "像山一样",
        "Tea from Mount Kenya",
    ],
)
def test_words_that_name_nobody_are_left_alone(text: str) -> None:
    assert names(text) == []


def test_the_user_s_own_names_are_found(tmp_path: Path) -> None:
    (tmp_path / "stars.txt").write_text("Mia Example\n", "utf-8")
    assert names("MIA  EXAMPLE drinks tea", WordList(file=tmp_path / "stars.txt")) == ["MIA  EXAMPLE"]
