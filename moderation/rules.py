"""Rules on words: data files of ours (YAML) and lists that people write (CSV, TXT)."""

import csv
import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from campaign.brief import Language
from campaign.content_key import file_digest
from campaign.errors import PolicyError
from campaign.validation import first_problem
from campaign.yaml_text import read_yaml
from moderation.finding import Category, Decision
from moderation.normalise import fold, join

Severity = Annotated[int, Field(ge=0, le=7)]
HEADERS = {
    "term": "term",
    "词": "term",
    "category": "category",
    "类别": "category",
    "severity": "severity",
    "级别": "severity",
    "unless": "unless",
    "例外": "unless",
    "why": "why",
    "理由": "why",
    "suggestion": "suggestion",
    "建议": "suggestion",
}
"""Columns of a CSV word list."""


# On long text a repetition without end takes time in the square of its length.
UNBOUNDED = re.compile(r"(?<!\\)[+*]|\{\d*,\}")
CLASS = re.compile(r"\[(?:\\.|[^\]])*\]")


class Outcome(StrEnum):
    """The strictest that a rule may ask for."""

    REFUSE = "refuse"
    REVIEW = "review"
    EVIDENCE = "evidence"
    """Review, unless the row names a proof of the claim."""

    @property
    def ceiling(self) -> Decision:
        return Decision.REFUSE if self is Outcome.REFUSE else Decision.REVIEW


class Rule(BaseModel):
    """A condition on words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    category: Category
    severity: Severity
    outcome: Outcome = Outcome.REFUSE
    terms: tuple[str, ...] = ()
    """Words and phrases, found through disguises as well."""
    patterns: tuple[str, ...] = ()
    """Regular expressions on the folded text: lower case, simplified, ASCII punctuation where it exists."""
    unless: tuple[str, ...] = ()
    """Regular expressions on the folded text; what they cover is not a finding."""
    legal_basis: str = ""
    why: str
    suggestion: str = ""

    @field_validator("terms")
    @classmethod
    def _terms_have_letters(cls, terms: tuple[str, ...]) -> tuple[str, ...]:
        for term in terms:
            if not join(term).text:
                raise ValueError(f"the term {term!r} has no letter or digit")
        return terms

    @field_validator("patterns", "unless")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                compiled = re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
            if compiled.match(""):
                raise ValueError(f"{pattern!r} matches empty text")
            if UNBOUNDED.search(CLASS.sub("", pattern)):
                raise ValueError(f"{pattern!r} repeats without end; write {{1,20}} for + and {{0,20}} for *")
        return patterns


class RuleFile(BaseModel):
    """One data file of rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    languages: tuple[Language, ...]
    """The languages of copy that it knows."""
    rules: tuple[Rule, ...]

    @field_validator("rules")
    @classmethod
    def _ids_differ(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        ids = [rule.id for rule in rules]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"the rule id {twice[0]} stands twice")
        return rules


class WordList(BaseModel):
    """How a policy names a list of words, and whose it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path
    """CSV, TXT or YAML, beside the policy file; or the name of a shipped one."""
    brand: str = ""
    """Only for this brand kit; empty for all."""
    platform: str = ""
    """Only for this platform; empty for all."""
    category: Category = Category.PLATFORM
    """For terms that name none of their own."""
    severity: Severity = 5
    """For terms that name none of their own."""


def read_rules(path: Path) -> RuleFile:
    """The rules of a YAML file; read again when its bytes change.

    Raises:
        PolicyError: the file is missing, is not YAML, or breaks the form.
    """
    return _read_rules(path, data_digest(path))


def read_word_list(words: WordList) -> RuleFile:
    """The rules that a list of words stands for.

    Raises:
        PolicyError: the file is missing, not UTF-8, or a line of it is wrong.
    """
    digest = data_digest(words.file)
    match words.file.suffix.lower():
        case ".yaml":
            return _read_rules(words.file, digest)
        case ".csv" | ".txt":
            return _read_words(words, digest)
    raise PolicyError(words.file, "is not a word list.", "Give a .csv, .txt or .yaml file.")


@lru_cache(maxsize=64)
def _read_rules(path: Path, digest: str) -> RuleFile:  # noqa: ARG001  # It is the cache's key.
    try:
        return RuleFile.model_validate(read_yaml(_text_of(path)))
    except yaml.YAMLError as error:
        raise PolicyError(path, f"is not YAML: {error}.", "Correct it.") from error
    except ValidationError as error:
        raise PolicyError(path, f"{first_problem(error, RuleFile)}.", "Correct that key.") from error


@lru_cache(maxsize=64)
def _read_words(words: WordList, digest: str) -> RuleFile:  # noqa: ARG001  # It is the cache's key.
    lines = _text_of(words.file).splitlines()
    rows = _csv_rows(words.file, lines) if words.file.suffix.lower() == ".csv" else _txt_rows(lines)
    rules: dict[tuple[object, ...], Rule] = {}
    terms: dict[tuple[object, ...], list[str]] = {}
    for number, row in rows:
        rule = _rule_of_row(words, number, row)
        key = (rule.category, rule.severity, rule.unless, rule.why, rule.suggestion)
        rules.setdefault(key, rule)
        terms.setdefault(key, []).append(row["term"])
    if not rules:
        raise PolicyError(words.file, "has no words.", "Write one per line, or take it out of the policy.")
    return RuleFile(
        about=f"Words of {words.file.name}.",
        languages=tuple(Language),
        rules=tuple(
            rule.model_copy(update={"id": f"list.{words.file.stem}.{n}", "terms": tuple(terms[key])})
            for n, (key, rule) in enumerate(rules.items(), 1)
        ),
    )


def _txt_rows(lines: list[str]) -> list[tuple[int, dict[str, str]]]:
    rows = ((n, line.strip()) for n, line in enumerate(lines, 1))
    return [(n, {"term": line}) for n, line in rows if line and not line.startswith("#")]


def _csv_rows(path: Path, lines: list[str]) -> list[tuple[int, dict[str, str]]]:
    reader = csv.reader(lines)
    header = [cell.strip() for cell in next(reader, [])]
    unknown = [cell for cell in header if cell.lower() not in HEADERS]
    if unknown or "term" not in (HEADERS[cell.lower()] for cell in header):
        problem = f"has the column {unknown[0]!r}." if unknown else "has no column 'term'."
        raise PolicyError(path, problem, f"Columns are {', '.join(HEADERS)}.")
    names = [HEADERS[cell.lower()] for cell in header]
    rows = []
    for cells in reader:
        if len(cells) > len(names):
            raise PolicyError(
                path,
                f"line {reader.line_num} has {len(cells)} cells for {len(names)} columns.",
                "Put text with a comma in quotes.",
            )
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
        if row:
            rows.append((reader.line_num, row))
    return rows


def _rule_of_row(words: WordList, number: int, row: dict[str, str]) -> Rule:
    if "term" not in row:
        raise PolicyError(words.file, f"line {number} has no term.", "Write the word in the term column.")
    phrases = [phrase for phrase in row.get("unless", "").split(";") if phrase.strip()]
    try:
        return Rule.model_validate(
            {
                "id": "list",
                "category": row.get("category", words.category),
                "severity": int(row["severity"]) if "severity" in row else words.severity,
                "terms": (row["term"],),
                "unless": tuple(re.escape(fold(phrase.strip()).text) for phrase in phrases),
                "why": row.get("why", f"The word is on the list {words.file.name}."),
                "suggestion": row.get("suggestion", ""),
            }
        )
    except ValidationError as error:
        raise PolicyError(
            words.file, f"line {number}: {first_problem(error, Rule)}.", "Correct that line."
        ) from error
    except ValueError:
        raise PolicyError(
            words.file, f"line {number}: severity is {row['severity']!r}.", "Write a number from 0 to 7."
        ) from None


def data_digest(path: Path) -> str:
    """Digest of a rule file or word list.

    Raises:
        PolicyError: it cannot be read.
    """
    try:
        return file_digest(path)
    except OSError as error:
        raise PolicyError(path, "cannot be read.", "Correct the name, or put the file there.") from error


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyError(path, "is not UTF-8.", "Save it as UTF-8 (in Excel: CSV UTF-8).") from error
