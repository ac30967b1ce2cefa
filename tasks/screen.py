"""Storyboards past the policy, before anything is spent on them."""

from dataclasses import replace
from pathlib import Path

from prefect import task

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import ReelsheetError
from campaign.events import Step, Worked, announce
from campaign.report import RowState
from campaign.store import Artefact
from moderation.finding import Decision, Span, Stage, Text, Verdict
from moderation.policy import Policy
from moderation.screen import screen_recipe, screen_texts
from tasks.policies import NOT_CACHED
from tasks.spot import Chunk, Spot
from tasks.workshop import Workshop

FILE = "verdict.json"


@task(name="screen", cache_policy=NOT_CACHED)
def screen(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Hold every word against the policy; a refusal ends the spot, a doubt waits for a person."""
    return chunk.with_spots(screen_spot(spot, workshop) for spot in chunk.going())


def screen_spot(spot: Spot, workshop: Workshop) -> Spot:
    try:
        made = workshop.store.make(
            "verdict",
            verdict_recipe(spot, workshop.policy),
            lambda folder: _write(spot, workshop.policy, folder),
        )
        verdict = read_verdict(made)
    except ReelsheetError as error:
        return spot.failed(str(error))
    announce(Worked(step=Step.SCREEN, spot_id=spot.id, what=spot.id, reused=made.reused))
    return decided(replace(spot.counting(made), verdict=verdict, verdict_key=made.key), workshop)


def read_verdict(made: Artefact) -> Verdict:
    return Verdict.from_json(made.file(FILE).read_bytes())


def verdict_recipe(spot: Spot, policy: Policy) -> dict[str, Json]:
    return {
        stage.value: screen_recipe(
            texts, policy, stage, evidence=bool(spot.brief.evidence), exceptions=_names(spot)
        )
        for stage, texts in texts_of(spot).items()
    }


def look(spot: Spot, policy: Policy) -> Verdict:
    """The policy's verdict on all words of the spot; nothing is stored."""
    verdicts = [
        screen_texts(texts, policy, stage, evidence=bool(spot.brief.evidence), exceptions=_names(spot))
        for stage, texts in texts_of(spot).items()
    ]
    return Verdict(
        findings=tuple(f for verdict in verdicts for f in verdict.findings),
        reports=tuple(r for verdict in verdicts for r in verdict.reports),
    )


def decided(spot: Spot, workshop: Workshop) -> Spot:
    """The spot, stopped where the policy or a person stops it. A person's word overrides a review only."""
    assert spot.verdict
    person = workshop.ledger.decision(spot.verdict_key)
    if spot.verdict.decision is Decision.REFUSE:
        return spot.failed(_reasons(spot.verdict, Decision.REFUSE), RowState.REFUSED)
    if person and person.decision == "refuse":
        return spot.failed(f"Refused by {person.who}: {person.why}", RowState.REFUSED)
    if spot.verdict.decision is Decision.REVIEW and not person:
        return spot.failed(_reasons(spot.verdict, Decision.REVIEW), RowState.REVIEW)
    return spot


def texts_of(spot: Spot) -> dict[Stage, tuple[Text, ...]]:
    """What the public will read and hear, and what a backend will be asked."""
    assert spot.storyboard
    board, brief = spot.storyboard, spot.brief
    shown = {
        "copy": brief.copy,
        "product": brief.product,
        "title": board.title,
        "call to action": board.call_to_action,
        "hashtags": " ".join(brief.hashtags),
    }
    asked = {
        f"shot {number} {part}": getattr(shot.prompt, part)
        for number, shot in enumerate(board.shots, 1)
        for part in ("subject", "action", "environment", "style")
    }
    return {Stage.COPY: _texts(shown, brief.language), Stage.PROMPT: _texts(asked, brief.language)}


def _names(spot: Spot) -> tuple[str, ...]:
    """The brand's own name makes no claim."""
    return (spot.kit.title.zh, spot.kit.title.en)


def _texts(words: dict[str, str], language: Language) -> tuple[Text, ...]:
    return tuple(Text(where=where, text=text, language=language) for where, text in words.items() if text)


def _reasons(verdict: Verdict, decision: Decision) -> str:
    found = [f for f in verdict.findings if f.decision is decision]
    said = [
        f"“{f.evidence.matched}” ({f.evidence.where}): {f.why} {f.suggestion}".strip()
        for f in found
        if isinstance(f.evidence, Span)
    ]
    said += (
        [f"{report.check}: {report.reason}" for report in verdict.gaps] if decision is Decision.REVIEW else []
    )
    return " ".join(dict.fromkeys(said))


def _write(spot: Spot, policy: Policy, folder: Path) -> dict[str, Json]:
    verdict = look(spot, policy)
    (folder / FILE).write_text(verdict.to_json(), encoding="utf-8")
    return {"decision": verdict.decision.value, "findings": len(verdict.findings)}
