"""What the checks on words share: from hits of rules to findings."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from moderation.check import Ask
from moderation.finding import Decision, Finding, Span, Text, mildest
from moderation.matcher import Hit, RuleMatcher
from moderation.normalise import unknown_words
from moderation.rules import Outcome

MOST_PER_RULE = 20
"""Findings of one rule in one text; more say nothing new."""
REMEMBERED = 4096
"""Texts whose hits and whose foreign words are known without looking again."""
EVIDENCE_GIVEN = "The row names a proof of its claims."


def find_words(
    matcher: RuleMatcher, texts: Iterable[Text], ask: Ask, check: str, version: str
) -> list[Finding]:
    """The findings of all rules in all texts."""
    findings: list[Finding] = []
    for text in texts:
        by_rule: dict[str, list[Hit]] = defaultdict(list)
        for hit in _hits(matcher, text.text):
            by_rule[hit.rule.id].append(hit)
        for hits in by_rule.values():
            # Plain before spread: what is cut off must not be the stricter part.
            strictest_first = sorted(hits, key=lambda hit: hit.spread)
            findings += [
                _finding(hit, text, ask, check, version, more=max(len(hits) - MOST_PER_RULE, 0))
                for hit in strictest_first[:MOST_PER_RULE]
            ]
    return findings


# The rows of a campaign and the shots of a spot say much of the same: places, actions, the look.
@lru_cache(maxsize=REMEMBERED)
def _hits(matcher: RuleMatcher, text: str) -> tuple[Hit, ...]:
    return tuple(matcher.find(text))


def _finding(hit: Hit, text: Text, ask: Ask, check: str, version: str, more: int) -> Finding:
    rule = hit.rule
    proven = rule.outcome is Outcome.EVIDENCE and ask.evidence
    decision = mildest(rule.outcome.ceiling, Decision.REVIEW if hit.spread else Decision.REFUSE)
    spread = " Its letters stand apart, which may be chance." if hit.spread else ""
    rest = f" The same rule has {more:,} more findings in this text." if more else ""
    return Finding(
        rule_id=rule.id,
        category=rule.category,
        severity=rule.severity,
        decision=Decision.ALLOW if proven else decision,
        check=check,
        version=version,
        evidence=Span(where=text.where, start=hit.start, end=hit.end, matched=text.text[hit.start : hit.end]),
        legal_basis=rule.legal_basis,
        why=f"{rule.why}{spread}{rest}",
        suggestion=rule.suggestion,
        exception=EVIDENCE_GIVEN if proven else "",
    )


def foreign_words(texts: Iterable[Text]) -> str:
    """A sentence on words in writings that no list knows; empty where there are none."""
    for text in texts:
        if word := _foreign_word(text.text):
            return (
                f"{text.where} has words in a writing that the lists do not know ({word!r}). "
                "A person who reads it must look."
            )
    return ""


@lru_cache(maxsize=REMEMBERED)
def _foreign_word(text: str) -> str:
    """The beginning of the first; empty where there is none."""
    return next((word[:20] for word in unknown_words(text)), "")
