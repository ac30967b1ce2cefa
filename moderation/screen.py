"""From material to a verdict: run the checks that a policy asks at a stage, and decide."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from campaign.brief import Language
from campaign.content_key import Canonical, Json, as_json
from moderation.check import Ask, Check, Material, Outcome, Reads, report
from moderation.finding import (
    CheckReport,
    Coverage,
    Decision,
    Finding,
    Span,
    Stage,
    Text,
    Verdict,
    mildest,
)
from moderation.normalise import join
from moderation.policy import NEVER_EXCEPTED, Excepted, Policy, Required

VERSION = "1"
"""Of the way from findings to a verdict."""
NOTHING_GIVEN = "Nothing of what it looks at was handed over, so it did not look."


def screen_texts(
    texts: Sequence[Text],
    policy: Policy,
    stage: Stage,
    *,
    evidence: bool = False,
    exceptions: Sequence[str] = (),
) -> Verdict:
    """The verdict on copy or prompts.

    ``evidence`` says that the row names a proof of its claims; ``exceptions`` are names (of a brand, a
    product, a registered mark) whose words are no claim.
    """
    return screen(Material(texts=tuple(texts)), policy, stage, evidence=evidence, exceptions=exceptions)


def screen_recipe(
    texts: Sequence[Text],
    policy: Policy,
    stage: Stage,
    *,
    evidence: bool = False,
    exceptions: Sequence[str] = (),
) -> dict[str, Json | Canonical]:
    """Everything that decides the verdict of `screen_texts` on the same arguments, for its content key."""
    return material_recipe(
        Material(texts=tuple(texts)), policy, stage, evidence=evidence, exceptions=exceptions
    )


def screen(
    material: Material,
    policy: Policy,
    stage: Stage,
    *,
    evidence: bool = False,
    exceptions: Sequence[str] = (),
    stills: Path | None = None,
) -> Verdict:
    """The verdict on any material; pictures kept as evidence go to ``stills``."""
    ask = Ask(stage=stage, market=policy.market, evidence=evidence, stills=stills)
    names = tuple(
        Excepted(text=name, reason=f"{name} is a name in this campaign.")
        for name in exceptions
        if len(name) > 1
    )
    findings: list[Finding] = []
    reports: list[CheckReport] = []
    for asked, required in policy.asked(stage):
        outcome = _look(policy.check(asked.check), asked, material, ask)
        if outcome is None:
            continue
        decided = [_decided(f, policy, stage) for f in outcome.findings]
        findings += [_excepted(f, (*policy.exceptions, *names), material) for f in decided]
        reports.append(replace(outcome.report, required=required))
    return Verdict(findings=tuple(findings), reports=tuple(reports))


class Screening:
    """One policy at one stage, for many materials: a text that came out clean is not looked at again.

    Rules, lists and models are taken as they are when it begins. Checks look at each text by itself, so that
    what is left out has nothing to do with what is found in the rest.
    """

    def __init__(self, policy: Policy, stage: Stage) -> None:
        self._policy = policy
        self._stage = stage
        self._clean: dict[Language, _Clean] = {}

    def verdict(self, material: Material, *, evidence: bool, exceptions: Sequence[str]) -> Verdict:
        """What `screen` says of ``material``; no pictures are kept as evidence."""
        language = _language_of_all(material)
        known = self._clean.get(language) if language else None
        if known:
            fresh = tuple(text for text in material.texts if text.text not in known.texts)
            if not fresh:
                return known.verdict
            material = Material(texts=fresh)
        verdict = screen(material, self._policy, self._stage, evidence=evidence, exceptions=exceptions)
        if language and not verdict.findings and all(r.coverage is Coverage.RAN for r in verdict.reports):
            known = self._clean.setdefault(language, _Clean(verdict=verdict))
            known.texts.update(text.text for text in material.texts)
        return verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clean:
    """Texts of one language in which nothing was found, and the verdict that says so."""

    verdict: Verdict
    texts: set[str] = field(default_factory=set)


def _language_of_all(material: Material) -> Language | None:
    """Of a material that is nothing but texts in one language."""
    others = material.images or material.videos or material.labels or material.assets or material.day
    languages = {text.language for text in material.texts}
    return languages.pop() if len(languages) == 1 and not others else None


def material_recipe(
    material: Material,
    policy: Policy,
    stage: Stage,
    *,
    evidence: bool = False,
    exceptions: Sequence[str] = (),
    known: Canonical | None = None,
) -> dict[str, Json | Canonical]:
    """Everything that decides the verdict of `screen` on the same arguments; files count by their bytes.

    ``known`` is ``policy.recipe(stage)``, where that was put into canonical form before.
    """
    return {
        "made": "verdict",
        "version": VERSION,
        "stage": stage.value,
        "material": as_json(material),
        "policy": known or policy.recipe(stage),
        "evidence": evidence,
        "exceptions": list[Json](sorted(exceptions)),
    }


def _look(check: Check, asked: Required, material: Material, ask: Ask) -> Outcome | None:
    """What the check answers; None where the policy does not ask it about this material."""
    if check.reads is Reads.TEXTS:
        mine = tuple(text for text in material.texts if text.language in asked.languages)
        if material.texts and not mine:
            return None
        if len(mine) < len(material.texts):
            material = replace(material, texts=mine)
    if not material.has(check.reads):
        return Outcome(report=report(check, Coverage.ERROR, NOTHING_GIVEN))
    outcome = check.look(material, ask)
    unknown = sorted({t.language.value for t in material.texts if not check.covers(t.language)})
    if check.reads is Reads.TEXTS and unknown and outcome.report.coverage is Coverage.RAN:
        reason = f"It does not know the language {', '.join(unknown)}; a person who does must look."
        return replace(outcome, report=report(check, Coverage.NOT_COVERED, reason))
    return outcome


def _decided(finding: Finding, policy: Policy, stage: Stage) -> Finding:
    decision = policy.decide(stage, finding.category, finding.severity)
    return replace(finding, decision=mildest(decision, finding.decision))


def _excepted(finding: Finding, exceptions: Sequence[Excepted], material: Material) -> Finding:
    """The finding, let pass where an exception's words cover it."""
    evidence = finding.evidence
    if not isinstance(evidence, Span) or finding.category in NEVER_EXCEPTED:
        return finding
    for exception in exceptions:
        if exception.rules and finding.rule_id not in exception.rules:
            continue
        text = next(t.text for t in material.texts if t.where == evidence.where and _holds(t.text, evidence))
        if _covers(exception.text, text, evidence):
            return replace(finding, decision=Decision.ALLOW, exception=exception.reason)
    return finding


def _holds(text: str, span: Span) -> bool:
    return text[span.start : span.end] == span.matched


def _covers(words: str, text: str, span: Span) -> bool:
    joined, wanted = join(text), join(words).text
    if not wanted:
        return False
    at = joined.text.find(wanted)
    while at >= 0:
        start, end = joined.span(at, at + len(wanted))
        if start <= span.start and span.end <= end:
            return True
        at = joined.text.find(wanted, at + 1)
    return False
