import random
import re

import pytest

from moderation.finding import Category
from moderation.matcher import RuleMatcher
from moderation.rules import Rule


def rule(*terms: str, unless: tuple[str, ...] = (), patterns: tuple[str, ...] = (), name: str = "r") -> Rule:
    return Rule(
        id=name,
        category=Category.PLATFORM,
        severity=5,
        terms=terms,
        patterns=patterns,
        unless=unless,
        why="It is on the list.",
    )


def seen(text: str, *rules: Rule) -> list[tuple[str, bool]]:
    return [(text[hit.start : hit.end], hit.spread) for hit in RuleMatcher(rules).find(text)]


def test_a_term_is_found_where_it_stands() -> None:
    (hit,) = RuleMatcher([rule("最佳")]).find("这是最佳的茶")
    assert (hit.start, hit.end, hit.spread) == (2, 4, False)


def test_letters_apart_are_found_and_said_to_be_so() -> None:
    assert seen("最.佳 口感", rule("最佳")) == [("最.佳", True)]
    assert seen("加 - V - 信", rule("加v信")) == [("加 - V - 信", True)]
    assert seen("s.e.x", rule("sex")) == [("s.e.x", True)]


def test_invisible_characters_and_lookalikes_are_no_letters_apart() -> None:
    assert seen("最\u200b佳", rule("最佳"))[0][0] == "最\u200b佳"
    assert seen("ѕех", rule("sex")) == [("ѕех", False)]


@pytest.mark.parametrize("text", ["国家，级别不限", "他来了。加油", "最，佳人"])
def test_a_word_across_a_mark_of_the_sentence_is_chance(text: str) -> None:
    assert seen(text, rule("国家级", "了加", "最佳")) == []


@pytest.mark.parametrize("text", ["Essex", "sextant", "grass hit", "as sex", "u s e x y"])
def test_a_latin_term_is_a_word_of_its_own(text: str) -> None:
    assert [words for words, _ in seen(text, rule("sex", "shit"))] == (["sex"] if text == "as sex" else [])


@pytest.mark.parametrize("text", ["clinically proven", "Clinically-Proven", "clinically\n proven"])
def test_a_phrase_is_found_however_its_words_are_set(text: str) -> None:
    assert seen(text, rule("clinically proven")) == [(text, False)]


def test_an_exception_covers_only_what_it_covers() -> None:
    best = rule("最佳", unless=("最佳(食用|饮用)",))
    assert seen("最佳食用时间，最佳品质", best) == [("最佳", False)]
    assert RuleMatcher([best]).find("最佳食用时间，最佳品质")[0].start == 7


def test_exceptions_of_rules_of_one_name_stay_apart() -> None:
    first, second = rule("最佳", unless=("最佳拍档",)), rule("拍档")
    assert seen("最佳拍档", first, second) == [("拍档", False)]


def test_of_hits_within_one_another_the_longest_stays() -> None:
    assert seen("国家级最佳", rule("国家级", "国家", "家级")) == [("国家级", False)]


def test_a_pattern_reads_numbers_with_blanks_around() -> None:
    assert seen("原价 199 元", rule(patterns=(r"原价\d{1,9}",))) == [("原价 199", False)]


def test_what_is_found_is_what_a_plain_search_finds() -> None:
    rng = random.Random(5)
    for _ in range(300):
        terms = {"".join(rng.choices("茶山水云", k=rng.randint(1, 3))) for _ in range(5)}
        text = "".join(rng.choices("茶山水云雾", k=20))
        matcher = RuleMatcher([rule(term, name=term) for term in terms])
        found = {(hit.rule.id, hit.start) for hit in matcher.find(text)}
        assert {(term, text.find(term)) for term in terms if term in text} <= found
        assert all(text.startswith(term, at) for term, at in found)


def test_patterns_are_found_as_each_alone_would_find_them() -> None:
    rng = random.Random(9)
    patterns = ("茶{1,2}", "[山水]云", "(?<!高)山", "雾?水", ".云.", "(水|)山")
    for _ in range(200):
        text = "".join(rng.choices("茶山水云雾高", k=12))
        rules = [rule(patterns=(pattern,), name=pattern) for pattern in patterns]
        found = {(hit.rule.id, hit.start, hit.end) for hit in RuleMatcher(rules).find(text)}
        alone = {(one.id, hit.start, hit.end) for one in rules for hit in RuleMatcher([one]).find(text)}
        plain = {(p, m.start()) for p in patterns for m in re.finditer(p, text)}
        assert found == alone
        assert {(name, start) for name, start, _ in found} <= plain
        assert {name for name, _, _ in found} == {name for name, _ in plain}
