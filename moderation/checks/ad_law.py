"""Claims that advertising law forbids or wants proven (广告法; FTC and EU practice for English copy)."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self

from campaign.brief import Language
from campaign.content_key import Json
from moderation.check import Ask, CheckOptions, Material, Outcome, Reads, report
from moderation.checks.words import find_words, foreign_words
from moderation.finding import Coverage
from moderation.matcher import RuleMatcher
from moderation.policies import RULES
from moderation.rules import data_digest, read_rules


class AdLawOptions(CheckOptions):
    rules: tuple[Path, ...]
    """Rule files beside the policy file, or names of shipped ones."""

    def within(self, folder: Path) -> Self:
        return self.model_copy(update={"rules": tuple(_placed(name, folder) for name in self.rules)})

    def read(self) -> None:
        for path in self.rules:
            read_rules(path)


class AdLawCheck:
    name: ClassVar[str] = "ad_law"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.TEXTS
    adds: ClassVar[str] = "claims that advertising law forbids or wants proven"
    how_to_get: ClassVar[str] = ""
    options_type: ClassVar[type[CheckOptions]] = AdLawOptions

    def __init__(self, options: AdLawOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        rules: list[Json] = [data_digest(path) for path in self.options.rules]
        return {"check": self.name, "version": self.version, "rules": rules}

    def covers(self, language: Language) -> bool:
        return any(language in read_rules(path).languages for path in self.options.rules)

    def look(self, material: Material, ask: Ask) -> Outcome:
        matcher = _matcher(self.options, tuple(data_digest(path) for path in self.options.rules))
        findings = tuple(find_words(matcher, material.texts, ask, self.name, self.version))
        foreign = foreign_words(material.texts)
        coverage = Coverage.NOT_COVERED if foreign else Coverage.RAN
        return Outcome(findings=findings, report=report(self, coverage, foreign))


def _placed(name: Path, folder: Path) -> Path:
    shipped = RULES / f"{name}.yaml"
    return (shipped if shipped.is_file() and not name.suffix else folder / name).resolve()


@lru_cache(maxsize=16)
def _matcher(options: AdLawOptions, digests: tuple[str, ...]) -> RuleMatcher:  # noqa: ARG001  # The cache's key.
    return RuleMatcher([rule for path in options.rules for rule in read_rules(path).rules])
