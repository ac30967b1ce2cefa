"""What a check saw, how far it could look, and the verdict that follows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from campaign.brief import Language
from campaign.errors import CheckFailedError

HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class Stage(StrEnum):
    """When something is looked at."""

    COPY = "copy"
    PROMPT = "prompt"
    IMAGE = "image"
    """A picture of the row, before a backend gets it."""
    TAKE = "take"
    FINAL = "final"
    """A finished rendition, before it is published."""


class Category(StrEnum):
    VIOLENCE = "violence"
    SEXUAL = "sexual"
    HATE_TOXICITY = "hate_toxicity"
    SELF_HARM = "self_harm"
    POLITICAL = "political"
    ILLEGAL_REGULATED = "illegal_regulated"
    LIKENESS_PRIVACY = "likeness_privacy"
    IP = "ip"
    AD_LAW = "ad_law"
    PLATFORM = "platform"
    AIGC_LABEL = "aigc_label"


class Decision(StrEnum):
    """From the mildest to the strictest."""

    ALLOW = "allow"
    REVIEW = "review"
    """A person decides."""
    REFUSE = "refuse"

    @property
    def strictness(self) -> int:
        return list(Decision).index(self)


class Coverage(StrEnum):
    """How far a check could look."""

    RAN = "ran"
    NOT_COVERED = "not_covered"
    """It ran, but part of what it was given is in a language it does not know."""
    UNAVAILABLE = "unavailable"
    """Its packages or weights are not here."""
    ERROR = "error"
    """It was given something it could not read, or answered something that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words to be looked at, and where they stand."""

    where: str
    """For a person: a column, a shot, a cell."""
    text: str
    language: Language

    def __post_init__(self) -> None:
        """Refuse half characters, which no file, model or verdict can hold.

        Raises:
            CheckFailedError: there is one.
        """
        if not self.text.isascii() and (half := HALF_CHARACTER.search(self.text)):
            raise CheckFailedError(
                f"{self.where} has half a character (U+{ord(half[0]):04X}) at {half.start() + 1}.",
                "Type that place again.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Evidence in a text; ``text[start:end] == matched`` of the original, not of a normalised form."""

    where: str
    start: int
    end: int
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """Evidence in a picture."""

    where: str
    """The picture's or the video's file name."""
    frame: int | None = None
    """Number from 0; None for a single picture."""
    time: float | None = None
    """Seconds; None for a single picture."""
    box: tuple[int, int, int, int] | None = None
    """Left, top, width, height in pixels; None for the whole picture."""
    file: Path | None = None
    """The saved picture; None where no folder was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check saw."""

    rule_id: str
    category: Category
    severity: int
    """0 nothing, 1-2 low, 3-4 medium, 5-6 high, 7 zero tolerance."""
    decision: Decision
    """From a check: the strictest it may ask for. In a verdict: what the policy made of it."""
    check: str
    version: str
    weights: str = ""
    """Digest of the model's weights; empty for a check without a model."""
    score: float | None = None
    """The model's own, 0 to 1; None for a rule."""
    evidence: Span | Still | None = None
    legal_basis: str = ""
    why: str
    suggestion: str = ""
    exception: str = ""
    """Why it is let pass although it was seen; empty when it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """How far one check could look."""

    check: str
    version: str
    coverage: Coverage
    reason: str = ""
    """Why it did not run, and what to do."""
    required: bool = True
    """Whether the policy insists on this check at this stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All findings and all reports on one thing."""

    findings: tuple[Finding, ...]
    reports: tuple[CheckReport, ...]

    @property
    def decision(self) -> Decision:
        """The strictest of the findings; at least review while a required check did not run."""
        asked = [finding.decision for finding in self.findings]
        if self.gaps:
            asked.append(Decision.REVIEW)
        return strictest(asked)

    @property
    def gaps(self) -> tuple[CheckReport, ...]:
        """Required checks that did not run, or not on everything."""
        return tuple(r for r in self.reports if r.required and r.coverage is not Coverage.RAN)

    @property
    def complete(self) -> bool:
        """Whether it may be stored: no check was stopped by something that can be put right."""
        passing = (Coverage.UNAVAILABLE, Coverage.ERROR)
        return not any(report.coverage in passing for report in self.reports)

    @property
    def reasons(self) -> tuple[str, ...]:
        """One sentence for everything that keeps it from passing, strictest first."""
        stopping = [f for f in self.findings if f.decision is not Decision.ALLOW]
        stopping.sort(key=lambda finding: -finding.decision.strictness)
        return tuple(
            dict.fromkeys(
                [_sentence(finding) for finding in stopping]
                + [f"{gap.check} {gap.coverage.value.replace('_', ' ')}: {gap.reason}" for gap in self.gaps]
            )
        )

    def to_json(self) -> str:
        return _adapter().dump_json(self).decode()

    @staticmethod
    def from_json(text: str | bytes) -> "Verdict":
        """The verdict that `to_json` wrote.

        Raises:
            ValueError: the text is something else.
        """
        return _adapter().validate_json(text)


def strictest(decisions: Iterable[Decision]) -> Decision:
    """The strictest; allow when there is none."""
    return max(decisions, key=lambda decision: decision.strictness, default=Decision.ALLOW)


def mildest(*decisions: Decision) -> Decision:
    return min(decisions, key=lambda decision: decision.strictness)


def _sentence(finding: Finding) -> str:
    match finding.evidence:
        case Span(where=where, matched=matched):
            place = f"{where}: {_shortened(matched)!r}: "
        case Still(where=where, time=time):
            place = f"{where}: " if time is None else f"{where} at {time:.1f} s: "
        case None:
            place = ""
    basis = f" ({finding.legal_basis})" if finding.legal_basis else ""
    suggestion = f" {finding.suggestion}" if finding.suggestion else ""
    return f"{finding.decision.value}: {place}{finding.why}{basis}{suggestion}"


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


@cache
def _adapter() -> TypeAdapter[Verdict]:
    return TypeAdapter(Verdict)
