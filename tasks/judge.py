"""Material before the policy: the stored verdict or a new one, and what a person said of it.

The verdict on words is reached before anything is spent, on pictures before a backend gets them, on takes
before finishing, on renditions before publishing; `screen`, `watch` and `check` hand over the material.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from campaign.content_key import Canonical, Json, content_key
from campaign.errors import ReelsheetError
from campaign.report import RowState
from campaign.store import Artefact
from moderation.check import Material
from moderation.finding import Decision, Finding, Span, Stage, Verdict
from moderation.screen import Screening, material_recipe
from moderation.screen import screen as look
from tasks.spot import Judged, Spot
from tasks.workshop import Workshop

FILE = "verdict.json"
NOTHING_ASKED = Verdict(findings=(), reports=())


class _IncompleteError(Exception):
    """A check could not run, which can be put right, so the verdict is used but not kept."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict


def judge(spot: Spot, stage: Stage, material: Material, workshop: Workshop) -> Spot:
    """The spot with the verdict, stopped where the policy or a person stops it.

    A stage at which the policy asks nothing is passed by.
    """
    if not workshop.policy.asked(stage):
        return spot
    recipe = verdict_recipe(spot, stage, material, workshop)
    try:
        made = workshop.store.make(
            "verdict", recipe, lambda folder: _write(spot, stage, material, workshop, folder)
        )
        spot, verdict = spot.counting(made), read_verdict(made)
    except _IncompleteError as error:
        verdict = error.verdict
    return decided(spot, stage, verdict, material, workshop)


class Foresight:
    """The same without writing anything. Rules, lists and the store are taken as they are when it begins."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.kinds = workshop.store.kinds()
        """That the store has."""
        self._rules: dict[Stage, Canonical] = {}
        self._screenings = {stage: Screening(workshop.policy, stage) for stage in Stage}
        self._last: dict[Stage, tuple[object, Verdict, bool]] = {}
        """What was asked last at each stage, and the answer: a row's variants share their copy."""

    def judge(self, spot: Spot, stage: Stage, material: Material) -> tuple[Spot, bool]:
        """The spot with the verdict, and whether that was in the store."""
        workshop = self._workshop
        if not workshop.policy.asked(stage):
            return spot, True
        asked = (material, bool(spot.brief.evidence), _names(spot))
        before, verdict, found = self._last.get(stage, (None, NOTHING_ASKED, False))
        if before != asked:
            verdict, found = self._verdict(spot, stage, material)
            self._last[stage] = (asked, verdict, found)
        return decided(spot, stage, verdict, material, workshop), found

    def _verdict(self, spot: Spot, stage: Stage, material: Material) -> tuple[Verdict, bool]:
        workshop = self._workshop
        if "verdict" in self.kinds:
            if stage not in self._rules:
                self._rules[stage] = Canonical.of(workshop.policy.recipe(stage))
            recipe = verdict_recipe(spot, stage, material, workshop, self._rules[stage])
            if found := workshop.store.find("verdict", content_key(recipe)):
                return read_verdict(found), True
        evidence, names = bool(spot.brief.evidence), _names(spot)
        return self._screenings[stage].verdict(material, evidence=evidence, exceptions=names), False


def prefetch(asked: Iterable[tuple[Spot, Stage, Material]], workshop: Workshop) -> None:
    """Say which verdicts are asked for next; see `Store.prefetch`."""
    mine = ((spot, stage, material, workshop.for_spot(spot)) for spot, stage, material in asked)
    with suppress(ReelsheetError):  # Said by the spot that it concerns.
        workshop.store.prefetch(
            ("verdict", content_key(verdict_recipe(*one))) for one in mine if one[3].policy.asked(one[1])
        )


def verdict_recipe(
    spot: Spot, stage: Stage, material: Material, workshop: Workshop, known: Canonical | None = None
) -> dict[str, Json | Canonical]:
    return material_recipe(
        material,
        workshop.policy,
        stage,
        evidence=bool(spot.brief.evidence),
        exceptions=_names(spot),
        known=known,
    )


def subject(spot: Spot, stage: Stage, material: Material, workshop: Workshop) -> str:
    """What a person's decision is about: the same tomorrow, although licences are asked for each day."""
    return content_key(verdict_recipe(spot, stage, replace(material, day=None), workshop))


def read_verdict(made: Artefact) -> Verdict:
    return Verdict.from_json(made.file(FILE).read_bytes())


def decided(spot: Spot, stage: Stage, verdict: Verdict, material: Material, workshop: Workshop) -> Spot:
    """A refusal ends the spot; a review waits for a person, whose word overrides a review only."""
    decision = verdict.decision
    about = subject(spot, stage, material, workshop) if decision is Decision.REVIEW else ""
    spot = spot.having(judged=(*spot.judged, Judged(stage=stage, subject=about, verdict=verdict)))
    if decision is Decision.REFUSE:
        return spot.failed(reasons(verdict, Decision.REFUSE), RowState.REFUSED)
    if decision is Decision.ALLOW:
        return spot
    person = workshop.ledger.decision(about)
    if person is None:
        return spot.failed(reasons(verdict, Decision.REVIEW), RowState.REVIEW)
    if person.decision == "refuse":
        return spot.failed(f"Refused by {person.who}: {person.why}", RowState.REFUSED)
    return spot


def reasons(verdict: Verdict, decision: Decision) -> str:
    """Why it was so decided, each reason once with all the words that it is about."""
    words: dict[str, list[str]] = {}
    for finding in verdict.findings:
        if finding.decision is decision:
            about = words.setdefault(f"{finding.why} {finding.suggestion}".strip(), [])
            about.append(_quoted(finding))
    said = [f"{', '.join(dict.fromkeys(about))}: {why}" for why, about in words.items()]
    if decision is Decision.REVIEW:
        said += [f"The check {gap.check} did not run. {gap.reason}" for gap in verdict.gaps]
    return " ".join(said)


def _quoted(finding: Finding) -> str:
    evidence = finding.evidence
    if isinstance(evidence, Span):
        return f"“{evidence.matched}” ({evidence.where})"
    if evidence is None:
        return finding.rule_id
    at = f" at {evidence.time:.1f} s" if evidence.time is not None else ""
    return f"{evidence.where}{at}"


def _names(spot: Spot) -> tuple[str, ...]:
    """The brand's own name makes no claim."""
    return (spot.kit.title.zh, spot.kit.title.en)


def _write(
    spot: Spot, stage: Stage, material: Material, workshop: Workshop, folder: Path
) -> Mapping[str, Json]:
    verdict = look(
        material,
        workshop.policy,
        stage,
        evidence=bool(spot.brief.evidence),
        exceptions=_names(spot),
        stills=workshop.folder / "evidence" / spot.id,
    )
    if not verdict.complete:
        raise _IncompleteError(verdict)
    (folder / FILE).write_text(verdict.to_json(), encoding="utf-8")
    return {"decision": verdict.decision.value, "findings": len(verdict.findings)}
