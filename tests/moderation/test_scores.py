from pathlib import Path

import pytest

from campaign.errors import PolicyError
from moderation.policies import RULES
from moderation.rules import Outcome, Rule, read_rules
from moderation.scores import LABELLED, read_lines, scores

LINES = [line for path in sorted(LABELLED.glob("*.csv")) for line in read_lines(path)]
ALL = [rule for path in sorted(RULES.glob("*.yaml")) for rule in read_rules(path).rules]
SCORES = {score.rule_id: score for score in scores(ALL, LINES)}


def test_the_labelled_set_is_large_and_has_clean_lines_in_both_languages() -> None:
    assert len(LINES) >= 400
    for language in {line.language for line in LINES}:
        clean = sum(not line.rules for line in LINES if line.language is language)
        assert clean >= 100
    assert {name for line in LINES for name in line.rules} <= {rule.id for rule in ALL}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_that_is_often_wrong_may_only_ask_for_review(rule: Rule) -> None:
    score = SCORES[rule.id]
    assert score.right + score.missed >= 5
    assert score.precision is not None
    assert score.precision >= 0.9 or rule.outcome is not Outcome.REFUSE


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_finds_what_it_is_for(rule: Rule) -> None:
    recall = SCORES[rule.id].recall
    assert recall is not None
    assert recall >= 0.8


def test_a_rule_s_score_counts_lines(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(
        "language,text,rules\nzh,国家级,zh.absolute.listed\nzh,最佳,\nzh,茶,zh.absolute.listed\n", "utf-8"
    )
    (score,) = scores([r for r in ALL if r.id == "zh.absolute.listed"], read_lines(path))
    assert (score.right, score.wrong, score.missed) == (1, 1, 1)
    assert (score.precision, score.recall) == (0.5, 0.5)


def test_a_line_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("language,text,rules\nfr,thé,\n", "utf-8")
    with pytest.raises(PolicyError, match=r"l\.csv"):
        read_lines(path)
