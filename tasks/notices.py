"""What a message to people says, in the campaign's language or languages."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from campaign.brief import Language
from campaign.content_key import Json
from campaign.report import TO_DECIDE, BatchReport, RowState, SpotResult
from publishing.page.words import STATE_WORDS
from tasks.channels import Occasion

MOST_NAMED = 8
"""Spots that a message names; the report has them all."""
LONGEST_REASON = 160
"""Characters of one spot's reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message, before a channel's format is known."""

    occasion: Occasion
    title: str
    lines: tuple[str, ...]
    """Most important first: where a format is short, the last are left out."""
    link: str
    """Address or path of the report."""
    facts: Mapping[str, Json]
    """The same for machines."""


def notice_of_end(
    report: BatchReport, languages: Collection[Language], batch: int, link: str, unknown: int = 0
) -> Notice:
    """That a batch is over; where a person has to decide, about what and how.

    ``unknown`` is how many paid attempts have an outcome that only a person can tell.
    """
    waiting = [spot for row in report.rows for spot in row.spots if spot.state in TO_DECIDE]
    occasion = Occasion.PERSON if waiting or unknown else Occasion.ENDED
    facts: dict[str, Json] = {
        "event": occasion.value,
        "batch": batch,
        "campaign": report.campaign,
        "sheet": report.sheet,
        "counts": dict[str, Json](report.counts),
        "cost": report.cost,
        "seconds": round(report.seconds, 1),
        "waiting": [spot.spot_id for spot in waiting],
        "unknown_attempts": unknown,
        "report": link,
    }
    return Notice(
        occasion=occasion,
        title=_both(languages, lambda zh: _title(report, occasion, zh)),
        lines=(
            *(_counts(report, zh) for zh in _chosen(languages)),
            *(_cost(report, zh) for zh in _chosen(languages)),
            *_named(waiting, languages),
            *([_both(languages, lambda zh: _unknown(unknown, zh))] if unknown else []),
        ),
        link=link,
        facts=facts,
    )


def notice_of_cap(campaign: str, reason: str, languages: Collection[Language], batch: int) -> Notice:
    """That a cap has stopped a paid attempt; ``reason`` names the cap and what is spent."""
    return Notice(
        occasion=Occasion.BUDGET,
        title=_both(
            languages, lambda zh: f"{campaign}：费用已到上限" if zh else f"{campaign}: a cap is reached"
        ),
        lines=(
            reason,
            _both(
                languages,
                lambda zh: (
                    "新的付费任务已停止，正在进行的会完成。"
                    if zh
                    else "No new paid attempt begins; what runs is finished."
                ),
            ),
        ),
        link="",
        facts={"event": Occasion.BUDGET.value, "batch": batch, "campaign": campaign, "reason": reason},
    )


def _chosen(languages: Collection[Language]) -> tuple[bool, ...]:
    """Whether to say it in Chinese, in English or in both, Chinese first."""
    zh = Language.ZH in languages
    return (zh,) if len(set(languages)) == 1 else (True, False)


def _both(languages: Collection[Language], words: Callable[[bool], str]) -> str:
    return " / ".join(words(zh) for zh in _chosen(languages))


def _title(report: BatchReport, occasion: Occasion, zh: bool) -> str:
    waits = occasion is Occasion.PERSON
    if zh:
        return f"{report.campaign}：{'批次已结束，等待人工处理' if waits else '批次已结束'}"
    return (
        f"{report.campaign}: {'the batch is over and waits for a person' if waits else 'the batch is over'}"
    )


def _counts(report: BatchReport, zh: bool) -> str:
    said = [f"{STATE_WORDS[RowState(state)][zh]} {count}" for state, count in report.counts.items()]
    minutes = report.seconds / 60
    if zh:
        return f"{len(report.rows)} 行：{'，'.join(said)}；用时 {minutes:.1f} 分钟"
    return f"{len(report.rows)} rows: {', '.join(said)}; in {minutes:.1f} min"


def _cost(report: BatchReport, zh: bool) -> str:
    return f"费用 {report.cost}" if zh else f"cost {report.cost}"


def _named(waiting: list[SpotResult], languages: Collection[Language]) -> list[str]:
    if not waiting:
        return []
    said = [f"{spot.spot_id}: {_short(spot.reason)}" for spot in waiting[:MOST_NAMED]]
    if len(waiting) > MOST_NAMED:
        said.append(f"+ {len(waiting) - MOST_NAMED}")
    return [*said, _both(languages, lambda zh: "决定：" if zh else "decide with: ") + "reelsheet decide"]


def _unknown(count: int, zh: bool) -> str:
    if zh:
        return f"{count} 个付费任务结果未知：reelsheet resolve"
    return f"{count} paid attempts with unknown outcome: reelsheet resolve"


def _short(reason: str) -> str:
    line = " ".join(reason.split())
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"
