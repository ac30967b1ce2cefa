import re

import pytest

from moderation.literals import needed_literals
from moderation.policies import RULES
from moderation.rules import read_rules
from moderation.scores import LABELLED, read_lines


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        ("最(低|强)", {"最"}),
        ("(最|第)一名", {"一名"}),
        (r"\b(cures?|treats?) colds\b", {" colds"}),
        (r"(a|bc)d?", {"a", "bc"}),
        (r"[多买]送", {"送"}),
        (r"[多买]", {"多", "买"}),
        (r"(?:绝对){1,3}", {"绝对"}),
        (r"包(?!邮|装)", {"包"}),
        (r"(?<=全)网", {"网"}),
    ],
)
def test_a_match_needs_its_certain_letters(pattern: str, needed: set[str]) -> None:
    assert needed_literals(pattern) == needed


@pytest.mark.parametrize(
    "pattern", [r"\d{1,3}", "a?", "(a|)", "(a|[^b])", ".", "(?i)best", "(?i:best)", "a{0,3}"]
)
def test_where_no_letter_is_certain_none_is_named(pattern: str) -> None:
    assert needed_literals(pattern) == frozenset()


def test_no_match_of_a_shipped_pattern_is_without_its_letters() -> None:
    lines = [line.text for path in sorted(LABELLED.glob("*.csv")) for line in read_lines(path)]
    rules = [
        rule for name in ("ad_law_zh", "ad_claims_en") for rule in read_rules(RULES / f"{name}.yaml").rules
    ]
    matched = 0
    for pattern in (pattern for rule in rules for pattern in rule.patterns):
        compiled, needed = re.compile(pattern), needed_literals(pattern)
        for match in filter(None, map(compiled.search, lines)):
            matched += 1
            assert not needed or any(literal in match.string for literal in needed), pattern
    assert matched > 200
