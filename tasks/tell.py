"""What became of a batch: the report's data, its page, and the annotated copy of the sheet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from campaign.brief import Brief, Problem
from campaign.frames import Aspect, frame_size
from campaign.money import Money
from campaign.naming import rendition_stem
from campaign.report import REPORT as REPORT
from campaign.report import (
    WORST_FIRST,
    BatchReport,
    FindingResult,
    RenditionResult,
    RowResult,
    RowState,
    SpotResult,
)
from campaign.sheet.campaign import Campaign, SheetRow
from campaign.sheet.problems import told_together
from campaign.sheet.status import RowStatus, write_status
from campaign.store import Artefact
from finishing.provenance import IN_WORDS
from moderation.finding import Finding, Span, Still, strictest
from moderation.policy import Policy
from publishing.page.render import write_page
from tasks.backends import Spent
from tasks.climb import DRAFTS, draft_stem
from tasks.doubts import REVIEW, is_doubted
from tasks.hand_over import ENDING
from tasks.marks import marks
from tasks.schedule import ENDINGS, SCHEDULED
from tasks.setup import notes_of
from tasks.spot import Spot


def report_of(
    campaign: Campaign,
    spots: Sequence[Spot],
    broken: Mapping[str, str],
    policy: Policy,
    *,
    spent: Spent,
    content_producer: str,
    started_at: str,
    seconds: float,
) -> BatchReport:
    """The report's data.

    By the brief's id, ``broken`` is why one could not begin.
    """
    by_brief: dict[str, list[Spot]] = {}
    for spot in spots:
        by_brief.setdefault(spot.brief.id, []).append(spot)
    briefs: dict[str | None, Brief] = {brief.id: brief for brief in campaign.briefs}
    problems: dict[int | None, list[Problem]] = {}
    for problem in campaign.problems:
        problems.setdefault(problem.row, []).append(problem)
    rows = [_row(row, briefs.get(row.id), by_brief, broken, problems) for row in campaign.rows]
    return BatchReport(
        campaign=campaign.name,
        sheet=campaign.path.name,
        digest=campaign.digest,
        started_at=started_at,
        seconds=seconds,
        policy=policy.name,
        notes=notes_of(policy, content_producer),
        problems=told_together(problems.get(None, [])),
        rows=[
            replace(row, cost=_sum(spent.rows[row.id])) if row.id in spent.rows and row.spots else row
            for row in rows
        ],
        cost=_sum(spent.batch) or "0",
        counts=dict(Counter(row.state.value for row in rows)),
    )


def _sum(amounts: Sequence[Money]) -> str:
    return ", ".join(map(str, amounts))


def tell(report: BatchReport, campaign: Campaign, folder: Path) -> tuple[Path, Path]:
    """Write report.json, report.html and the annotated sheet; returns the page and the sheet."""
    folder.mkdir(parents=True, exist_ok=True)
    report.write(folder / REPORT)
    page = write_page(report, folder)
    sheet = folder / f"{campaign.path.stem}.status.xlsx"
    write_status(campaign, statuses_of(report, campaign, folder), sheet)
    return page, sheet


def tell_again(spots: Sequence[Spot], campaign: Campaign, folder: Path) -> BatchReport:
    """The last report with what has become of ``spots`` since, written anew.

    Raises:
        FileNotFoundError: there is none.
    """
    before = BatchReport.read(folder / REPORT)
    now = {spot.id: _spot(spot) for spot in spots}
    rows = [_retold(row, now) for row in before.rows]
    counts = dict(Counter(row.state.value for row in rows))
    report = replace(before, rows=rows, counts=counts)
    tell(report, campaign, folder)
    return report


def _retold(row: RowResult, now: Mapping[str, SpotResult]) -> RowResult:
    if not any(spot.spot_id in now for spot in row.spots):
        return row
    spots = [now.get(spot.spot_id, spot) for spot in row.spots]
    worst = min(spots, key=lambda spot: WORST_FIRST.index(spot.state))
    return replace(row, spots=spots, state=worst.state, reason=worst.reason)


def statuses_of(report: BatchReport, campaign: Campaign, folder: Path) -> dict[int, RowStatus]:
    """What the sheet is told of each row, by row number."""
    return {row.row: _status(row, campaign, folder) for row in report.rows}


def _row(
    row: SheetRow,
    brief: Brief | None,
    spots: Mapping[str, list[Spot]],
    broken: Mapping[str, str],
    problems: Mapping[int | None, Sequence[Problem]],
) -> RowResult:
    said = [str(problem) for problem in problems.get(row.number, ())]
    if brief is None:
        return RowResult(
            row=row.number,
            id=row.id or "",
            copy="",
            state=RowState.PROBLEM,
            reason=row.beside,
            problems=said,
            spots=[],
        )
    results = [_spot(spot) for spot in spots.get(brief.id, [])]
    worst = min(results, key=lambda r: WORST_FIRST.index(r.state), default=None)
    return RowResult(
        row=row.number,
        id=brief.id,
        copy=brief.copy,
        state=worst.state if worst else RowState.FAILED,
        reason=row.beside or (worst.reason if worst else broken.get(brief.id, "")),
        problems=said,
        spots=[] if row.beside else results,
    )


def _spot(spot: Spot) -> SpotResult:
    board = spot.storyboard
    return SpotResult(
        spot_id=spot.id,
        variant=spot.variant,
        state=spot.failure.state if spot.failure else RowState.DONE,
        reason=spot.failure.reason if spot.failure else "",
        backend=", ".join(dict.fromkeys(spot.used.values())) or spot.step.backends[0],
        seed=board.seed if board else spot.brief.seed,
        shots=len(board.shots) if board else 0,
        duration=spot.timeline.duration if spot.timeline else 0.0,
        decision=decision_on(spot),
        verdict=spot.judged[-1].subject if spot.judged else "",
        voice=", ".join(voices_of(spot)),
        degraded=[*spot.degraded, *(f"{shot}: {why}" for shot, why in spot.stood_in.items())],
        made=dict(spot.made),
        reused=dict(spot.reused),
        storyboard=_storyboard(spot),
        renditions=_renditions(spot),
        findings=findings_on(spot),
        rung=spot.rung.value,
        gaps=[f"{gap.check}: {gap.reason}" for judged in spot.judged for gap in judged.verdict.gaps],
        approval=spot.waits_for,
        approved=[
            f"{one.rung}: {one.decision.who}, {one.decision.at:%Y-%m-%d %H:%M} UTC. {one.decision.why}"
            for one in spot.approved
        ],
    )


def voices_of(spot: Spot) -> list[str]:
    """Who spoke, and whether the words' times are the voice's own."""
    lines = {(spoken.voice, spoken.line.estimated) for spoken in spot.spoken.values()}
    return [f"{voice} (word times estimated)" if estimated else voice for voice, estimated in sorted(lines)]


def _storyboard(spot: Spot) -> list[dict[str, str]]:
    shots = spot.storyboard.shots if spot.storyboard else ()
    return [
        {
            "line": shot.line,
            "subject": shot.prompt.subject,
            "action": shot.prompt.action,
            "environment": shot.prompt.environment,
            "camera": f"{shot.prompt.camera.move}, {shot.prompt.camera.size}, {shot.prompt.camera.angle}",
        }
        for shot in shots
    ]


def _renditions(spot: Spot) -> list[RenditionResult]:
    """What was delivered, or what a person is shown."""
    if spot.failure and spot.failure.state is RowState.WAITING:
        return [_rendition(spot, a, r, f"{DRAFTS}/{draft_stem(spot, a)}") for a, r in spot.renditions.items()]
    if is_doubted(spot):
        names = {aspect: rendition_stem(spot.id, aspect) for aspect in spot.renditions}
        return [_rendition(spot, a, r, f"{REVIEW}/{names[a]}") for a, r in spot.renditions.items()]
    if spot.failure and spot.failure.state is RowState.SCHEDULED:
        names = {aspect: rendition_stem(spot.id, aspect) for aspect in spot.renditions}
        return [_rendition(spot, a, r, f"{SCHEDULED}/{names[a]}") for a, r in spot.renditions.items()]
    return [
        _rendition(spot, a, spot.renditions[a], f"{spot.id}/{release.place}")
        for a, release in spot.delivered.items()
    ]


def _rendition(spot: Spot, aspect: Aspect, made: Artefact, place: str) -> RenditionResult:
    facts: Mapping[str, Any] = made.facts
    width, height = frame_size(aspect, spot.short_side)
    return RenditionResult(
        aspect=aspect.value,
        file=f"{place}.mp4",
        captions=f"{place}.srt",
        cover=f"{place}.jpg",
        frames=f"{place}{ENDINGS['frames.jpg']}" if made.file("frames.jpg").is_file() else "",
        width=width,
        height=height,
        duration=facts["duration"],
        size=made.file("video.mp4").stat().st_size,
        loudness=facts["integrated"],
        true_peak=facts["true_peak"],
        project=f"{place}{ENDING}" if aspect in spot.handed else "",
        framing=list(facts["reframed"]),
        labels=_labels(facts["seen"]),
        reused=made.reused,
        key=made.key,
    )


def _labels(seen: Mapping[str, Any]) -> dict[str, str]:
    visible = f"{seen['ink_height']:.1%} of the short side" if seen["visible"] else "none"
    return {
        "visible AI label": visible,
        "AIGC metadata": "there" if seen["aigc"] else "left out",
        "C2PA credentials": IN_WORDS.get(seen.get("c2pa"), "left out"),
    }


def decision_on(spot: Spot) -> str:
    """The strictest of the policy's so far; empty before the first."""
    return strictest(judged.verdict.decision for judged in spot.judged).value if spot.judged else ""


def findings_on(spot: Spot) -> list[FindingResult]:
    """Everything that was found at any stage."""
    return [_finding(finding) for judged in spot.judged for finding in judged.verdict.findings]


def _finding(finding: Finding) -> FindingResult:
    evidence = finding.evidence
    still = evidence if isinstance(evidence, Still) else None
    # Stills are saved as evidence/<spot>/<name> in the campaign's output folder.
    picture = "/".join(still.file.parts[-3:]) if still and still.file else ""
    return FindingResult(
        rule=finding.rule_id,
        category=finding.category.value,
        decision=finding.decision.value,
        where=evidence.where if evidence else "",
        text=evidence.matched if isinstance(evidence, Span) else "",
        why=" ".join(part for part in (finding.why, finding.legal_basis, finding.exception) if part),
        suggestion=finding.suggestion,
        time=still.time if still else None,
        frame=still.frame if still else None,
        picture=picture,
    )


def _status(row: RowResult, campaign: Campaign, folder: Path) -> RowStatus:
    files = tuple(folder / r.file for spot in row.spots for r in spot.renditions)
    columns = {"cost": row.cost} if row.cost else {}
    degraded = [f"{spot.spot_id}: {words}" for spot in row.spots for words in spot.degraded]
    reason = "\n".join(part for part in (row.reason, *row.problems, *degraded) if part)
    findings = (finding for spot in row.spots for finding in spot.findings)
    remarks = tuple(marks(findings, campaign.sources.get(row.id, {}), campaign.sheet, row.row))
    return RowStatus(status=row.state.value, reason=reason, files=files, columns=columns, remarks=remarks)
