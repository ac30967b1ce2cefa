"""How well rules do on labelled lines: precision and recall per rule."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from campaign.brief import Language
from campaign.errors import PolicyError
from moderation.matcher import RuleMatcher
from moderation.rules import Rule

LABELLED = Path(__file__).parent / "labelled"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of copy and the rules that it breaks; none for a clean one."""

    language: Language
    text: str
    rules: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """A rule's hits, counted in lines."""

    rule_id: str
    right: int
    """Lines that it found and that break it."""
    wrong: int
    """Lines that it found although they do not."""
    missed: int

    @property
    def precision(self) -> float | None:
        """None where it found nothing."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """None where no line breaks it."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None


def read_lines(path: Path) -> list[Line]:
    """The labelled lines of a CSV with the columns language, text, rules (ids joined by ``;``).

    Raises:
        PolicyError: a line has another form.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        return [
            Line(Language(row["language"]), row["text"], frozenset(filter(None, row["rules"].split(";"))))
            for row in rows
        ]
    except (KeyError, ValueError, AttributeError) as error:
        raise PolicyError(
            path, f"has a line of another form: {error}.", "Columns: language, text, rules."
        ) from error


def scores(rules: Sequence[Rule], lines: Iterable[Line]) -> list[Score]:
    """The score of every rule, in their order."""
    matcher = RuleMatcher(rules)
    found = [(line.rules, {hit.rule.id for hit in matcher.find(line.text)}) for line in lines]
    return [
        Score(
            rule.id,
            right=sum(rule.id in labels and rule.id in seen for labels, seen in found),
            wrong=sum(rule.id not in labels and rule.id in seen for labels, seen in found),
            missed=sum(rule.id in labels and rule.id not in seen for labels, seen in found),
        )
        for rule in rules
    ]
