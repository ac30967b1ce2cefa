"""Finding many words in a text at once, through disguises, with positions in the original.

One scan of the joined text (letters and digits only) finds every occurrence, plain ones too. A hit whose
letters stand in the original as the term writes them is plain; one with something between its letters is
spread, which may be chance (a word across a comma), so it may at most ask for review.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from moderation.literals import needed_literals
from moderation.normalise import fold, join, tighten
from moderation.rules import Rule

WORDS = re.compile(r"[^\W_]+")
LATIN = re.compile(r"[a-z0-9]+")
SENTENCE_MARK = re.compile(r"[。！？；：，、!?;:,\n]")


class Hit(NamedTuple):
    """A rule's words at ``text[start:end]`` of the original."""

    rule: Rule
    start: int
    end: int
    spread: bool


class _Term:
    """A term of a rule, with what is asked about it at every hit."""

    __slots__ = ("latin", "one_han_word", "rule", "words")

    def __init__(self, rule: Rule, words: tuple[str, ...]) -> None:
        self.rule = rule
        self.words = words
        """As written, split at what is neither letter nor digit."""
        self.latin = all(LATIN.fullmatch(word) for word in words)
        self.one_han_word = len(words) == 1 and not (words[0][0].isascii() or words[0][-1].isascii())
        """No end of it can be in the middle of a word, as one in Latin letters can."""


class RuleMatcher:
    """Terms and patterns of many rules, ready to be looked for."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        terms: dict[str, list[_Term]] = {}
        for rule in rules:
            for term in rule.terms:
                words = tuple(WORDS.findall(fold(term).text))
                terms.setdefault("".join(words), []).append(_Term(rule, words))
        self._terms = list(terms.values())
        self._automaton = AhoCorasick(list(terms))
        self._patterns = _Patterns([rule for rule in rules if rule.patterns])
        # By identity: two lists of the same name may give their rules the same ids.
        self._unless = {id(rule): rule.unless for rule in rules if rule.unless}

    def find(self, text: str) -> list[Hit]:
        """Every hit, in order, but those that a rule's exceptions cover."""
        hits = [*self._find_terms(text), *self._patterns.find(text)]
        if self._unless and any(id(hit.rule) in self._unless for hit in hits):
            hits = self._without_exceptions(text, hits)
        return _longest(hits) if len(hits) > 1 else hits

    def _find_terms(self, text: str) -> list[Hit]:
        joined = join(text)
        hits: list[Hit] = []
        for index, first, after in self._automaton.find_matches_as_indexes(joined.text, overlapping=True):
            start, end = joined.span(first, after)
            for term in self._terms[index]:
                # Nothing stands between the letters: they are the term, as the scan found it.
                plain = term.one_han_word and text[start:end].isalnum()
                spread = False if plain else _reading(text, start, end, term)
                if spread is not None:
                    hits.append(Hit(term.rule, start, end, spread))
        return hits

    def _without_exceptions(self, text: str, hits: list[Hit]) -> list[Hit]:
        folded = tighten(text)
        covered: dict[int, list[tuple[int, int]]] = {}
        for rule in {id(hit.rule) for hit in hits} & self._unless.keys():
            matches = _either(self._unless[rule]).finditer(folded.text)
            covered[rule] = [folded.span(*match.span()) for match in matches]
        return [hit for hit in hits if not _inside(hit, covered.get(id(hit.rule), []))]


class _Patterns:
    """The regular expressions of many rules. One scan tells which of them a text can match at all."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        asks: dict[str, list[int]] = {}
        self._always: list[int] = []
        for number, rule in enumerate(rules):
            needed = [needed_literals(pattern) for pattern in rule.patterns]
            if not all(needed):
                self._always.append(number)
                continue
            for literal in frozenset().union(*needed):
                asks.setdefault(literal, []).append(number)
        self._rules = rules
        self._asks = list(asks.values())
        self._automaton = AhoCorasick(list(asks))

    def find(self, text: str) -> Iterator[Hit]:
        if not self._rules:
            return
        folded = tighten(text)
        seen = {
            index for index, _, _ in self._automaton.find_matches_as_indexes(folded.text, overlapping=True)
        }
        for number in sorted({*self._always, *(number for index in seen for number in self._asks[index])}):
            rule = self._rules[number]
            for match in _either(rule.patterns).finditer(folded.text):
                yield Hit(rule, *folded.span(*match.span()), spread=False)


# Compiling takes longer than looking: most expressions of most campaigns are never needed.
@cache
def _either(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def _inside(hit: Hit, spans: list[tuple[int, int]]) -> bool:
    """Whether one of ``spans`` (in order, not overlapping) covers the hit."""
    at = bisect_right(spans, (hit.start, len(spans) and spans[-1][1])) - 1
    return at >= 0 and spans[at][0] <= hit.start and hit.end <= spans[at][1]


def _longest(hits: list[Hit]) -> list[Hit]:
    """In order; of hits of one rule within one another only the longest, plain before spread."""
    hits.sort(key=_place)
    kept: list[Hit] = []
    last: dict[int, Hit] = {}
    for hit in hits:
        before = last.get(id(hit.rule))
        if before is None or hit.end > before.end or (before.spread and not hit.spread):
            kept.append(hit)
            last[id(hit.rule)] = hit
    return kept


def _place(hit: Hit) -> tuple[int, int, bool]:
    return hit.start, -hit.end, hit.spread


def _reading(text: str, start: int, end: int, term: _Term) -> bool | None:
    """False for a plain hit, True for a spread one, None where it is chance."""
    original = text[start:end]
    if not _stands_alone(text, start, end, term):
        return None
    words = tuple(WORDS.findall(fold(original).text))
    if words == term.words:
        return False
    spelled_out = all(len(word) == 1 for word in words)
    if term.latin:
        alone = len(words) >= 3 and spelled_out and not _spelled_on(text, start, end)
        return True if alone else None
    if SENTENCE_MARK.search(original):
        return True if spelled_out and len(words) >= 3 else None
    return True


def _stands_alone(text: str, start: int, end: int, term: _Term) -> bool:
    """Whether a Latin end of the term is also the end of a word there (sex, but not Essex)."""
    before, after = fold(text[max(start - 1, 0) : start]).text, fold(text[end : end + 1]).text
    return not (_goes_on(before[-1:], term.words[0][0]) or _goes_on(term.words[-1][-1], after[:1]))


def _goes_on(left: str, right: str) -> bool:
    return (
        bool(left and right)
        and left.isascii()
        and right.isascii()
        and ((left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit()))
    )


def _spelled_on(text: str, start: int, end: int) -> bool:
    """Whether the single letters go on before or after, so that the term is only part of what is spelled."""
    before = WORDS.findall(fold(text[max(start - 6, 0) : start]).text)
    after = WORDS.findall(fold(text[end : end + 6]).text)
    return len(before[-1] if before else "..") == 1 or len(after[0] if after else "..") == 1
