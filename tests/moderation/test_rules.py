from pathlib import Path

import pytest
from pydantic import ValidationError

from campaign.errors import PolicyError
from moderation.finding import Category
from moderation.policies import LEXICONS, RULES
from moderation.rules import Rule, WordList, read_rules, read_word_list


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def test_a_text_file_is_one_term_a_line(tmp_path: Path) -> None:
    path = write(tmp_path / "brand.txt", "\ufeff# rivals\n星巴克\n\n Acme Tea \n")
    (rule,) = read_word_list(WordList(file=path, severity=4)).rules
    assert rule.terms == ("星巴克", "Acme Tea")
    assert (rule.category, rule.severity) == (Category.PLATFORM, 4)
    assert "brand.txt" in rule.why


def test_a_csv_has_a_row_per_term_in_either_language(tmp_path: Path) -> None:
    path = write(
        tmp_path / "w.csv", "词,类别,级别,例外,理由\n秒杀,ad_law,3,限时秒杀;周末秒杀,慎用\n内购,,,,\n"
    )
    first, second = read_word_list(WordList(file=path)).rules
    assert (first.terms, first.category, first.severity, first.why) == (("秒杀",), Category.AD_LAW, 3, "慎用")
    assert first.unless == ("限时秒杀", "周末秒杀")
    assert (second.category, second.severity) == (Category.PLATFORM, 5)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "word,why\n茶,x\n", "has the column 'word'"),
        ("a.csv", "why\nx\n", "has no column 'term'"),
        ("a.csv", "term,severity\n茶,high\n", "line 2: severity is 'high'"),
        ("a.csv", "term,severity\n茶,9\n", "line 2: severity"),
        ("a.csv", "term,category\n茶,tea\n", "line 2: category"),
        ("a.csv", "term,why\n茶,a,b\n", "line 2 has 3 cells"),
        ("a.csv", "term,why\n,because\n", "line 2 has no term"),
        ("a.csv", "", "has no column 'term'"),
        ("a.csv", "term\n!!!\n", "has no letter or digit"),
        ("a.txt", "# nothing\n", "has no words"),
        ("a.pdf", "x", "is not a word list"),
        ("a.yaml", "about: x\nlanguages: [zh]\nrules: [{id: a}]\n", "rules.0"),
        ("a.yaml", "about: [", "is not YAML"),
    ],
)
def test_a_wrong_list_is_refused_with_its_place(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = write(tmp_path / name, text)
    with pytest.raises(PolicyError, match=r"a\.") as caught:
        read_word_list(WordList(file=path))
    assert said in str(caught.value)


def test_a_list_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "gbk.txt", "国家级", "gbk")
    with pytest.raises(PolicyError, match="not UTF-8"):
        read_word_list(WordList(file=path))


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"none\.txt"):
        read_word_list(WordList(file=tmp_path / "none.txt"))


def test_a_changed_list_is_read_again(tmp_path: Path) -> None:
    words = WordList(file=write(tmp_path / "a.txt", "茶"))
    assert read_word_list(words).rules[0].terms == ("茶",)
    write(tmp_path / "a.txt", "咖啡豆")
    assert read_word_list(words).rules[0].terms == ("咖啡豆",)


@pytest.mark.parametrize("pattern", ["a+", "a*", "a{2,}", "(", "a?"])
def test_a_pattern_that_could_run_away_or_match_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        Rule(id="r", category=Category.AD_LAW, severity=3, patterns=(pattern,), why="x")


@pytest.mark.parametrize("path", [*sorted(RULES.glob("*.yaml")), *sorted(LEXICONS.glob("*.yaml"))], ids=str)
def test_a_shipped_rule_says_why_and_what_to_write_instead(path: Path) -> None:
    for rule in read_rules(path).rules:
        assert rule.why
        assert rule.suggestion or "lexicon" in rule.id
        assert rule.terms or rule.patterns
        if rule.category is Category.AD_LAW:
            assert rule.legal_basis
