"""Fixtures that several folders of tests share."""

import pytest

from campaign.report import BatchReport, FindingResult, RenditionResult, RowResult, RowState, SpotResult


@pytest.fixture
def report() -> BatchReport:
    """One row done, with a finding and words that are dangerous in HTML, and one row with a problem."""
    rendition = RenditionResult(
        aspect="9:16",
        file="tea01-1/tea01-1_9x16.mp4",
        cover="tea01-1/tea01-1_9x16.jpg",
        captions="tea01-1/tea01-1_9x16.srt",
        frames="",
        width=720,
        height=1280,
        duration=12.5,
        size=1_234_567,
        loudness=-14.1,
        true_peak=-1.4,
        labels={"visible": "AI生成"},
        reused=False,
        key="k" * 64,
    )
    finding = FindingResult(
        rule="zh.absolute",
        category="ad_law",
        decision="refuse",
        where="copy",
        text="<国家级>",
        why="广告法第九条",
        suggestion="删除",
    )
    spot = SpotResult(
        spot_id="tea01-1",
        variant=1,
        state=RowState.DONE,
        reason="",
        backend="animatic",
        seed=7,
        shots=1,
        duration=12.5,
        decision="allow",
        verdict="v" * 64,
        voice="espeak:cmn",
        made={"take": 3},
        reused={},
        storyboard=[{"line": "l", "subject": "s", "action": "a", "environment": "e", "camera": "c"}],
        renditions=[rendition],
        findings=[finding],
    )
    rows = [
        RowResult(
            row=2, id="tea01", copy="春茶 & <b>", state=RowState.DONE, reason="", problems=[], spots=[spot]
        ),
        RowResult(
            row=3, id="", copy="", state=RowState.PROBLEM, reason="", problems=["Sheet1!B3: …"], spots=[]
        ),
    ]
    return BatchReport(
        campaign="tea",
        sheet="tea.xlsx",
        digest="d" * 64,
        started_at="2026-11-20T10:00:00+08:00",
        seconds=61.2,
        policy="starter",
        notes=["A loud note."],
        problems=[],
        rows=rows,
        counts={"done": 1, "problem": 1},
    )
