"""Words that must not be said: shipped lists by category, and the lists of brands and platforms."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self

from campaign.brief import Language
from campaign.content_key import Json
from moderation.check import Ask, CheckOptions, Material, Outcome, Reads, report
from moderation.checks.words import find_words, foreign_words
from moderation.finding import Category, Coverage, Decision, Finding, Span, Text
from moderation.matcher import RuleMatcher
from moderation.normalise import hidden_runs
from moderation.policies import LEXICONS
from moderation.rules import WordList, data_digest, read_word_list


class LexiconOptions(CheckOptions):
    lists: tuple[WordList, ...] = ()
    """All that do not name another brand or platform are used."""

    def within(self, folder: Path) -> Self:
        return self.model_copy(update={"lists": tuple(_placed(words, folder) for words in self.lists)})

    def narrowed(self, brand: str, platform: str) -> Self:
        mine = tuple(w for w in self.lists if w.brand in ("", brand) and w.platform in ("", platform))
        return self.model_copy(update={"lists": mine})

    def read(self) -> None:
        for words in self.lists:
            read_word_list(words)


class LexiconCheck:
    name: ClassVar[str] = "lexicon"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.TEXTS
    adds: ClassVar[str] = "forbidden words in Chinese and English"
    how_to_get: ClassVar[str] = ""
    options_type: ClassVar[type[CheckOptions]] = LexiconOptions

    def __init__(self, options: LexiconOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        lists = [
            {**words.model_dump(mode="json", exclude={"file"}), "file": data_digest(words.file)}
            for words in self.options.lists
        ]
        return {"check": self.name, "version": self.version, "lists": list(lists)}

    def covers(self, language: Language) -> bool:
        return language in Language

    def look(self, material: Material, ask: Ask) -> Outcome:
        matcher = _matcher(self.options, tuple(data_digest(words.file) for words in self.options.lists))
        findings = find_words(matcher, material.texts, ask, self.name, self.version)
        hidden = [finding for text in material.texts for finding in self._hidden(text)]
        foreign = foreign_words(material.texts)
        coverage = Coverage.NOT_COVERED if foreign else Coverage.RAN
        return Outcome(findings=(*findings, *hidden), report=report(self, coverage, foreign))

    def _hidden(self, text: Text) -> list[Finding]:
        runs = hidden_runs(text.text)
        if not runs:
            return []
        start, end = runs[0]
        code = f"U+{ord(text.text[start]):04X}"
        return [
            Finding(
                rule_id="text.hidden_characters",
                category=Category.PLATFORM,
                severity=3,
                decision=Decision.REVIEW,
                check=self.name,
                version=self.version,
                evidence=Span(where=text.where, start=start, end=end, matched=text.text[start:end]),
                why=f"{len(runs)} invisible or direction-changing characters stand inside words, "
                f"first {code} at character {start + 1}.",
                suggestion="Type the words again without them.",
            )
        ]


def _placed(words: WordList, folder: Path) -> WordList:
    shipped = LEXICONS / f"{words.file}.yaml"
    file = shipped if shipped.is_file() and not words.file.suffix else folder / words.file
    return words.model_copy(update={"file": file.resolve()})


@lru_cache(maxsize=16)
def _matcher(options: LexiconOptions, digests: tuple[str, ...]) -> RuleMatcher:  # noqa: ARG001  # The cache's key.
    return RuleMatcher([rule for words in options.lists for rule in read_word_list(words).rules])
