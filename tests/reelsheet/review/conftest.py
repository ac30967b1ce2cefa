"""A campaign as a batch leaves it behind, small, and the page over it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook
from PIL import Image
from starlette.testclient import TestClient

from campaign.ledger import Ledger
from campaign.report import BatchReport, FindingResult, RenditionResult, RowResult, RowState, SpotResult
from flows.settings import load_settings
from reelsheet.review.app import review_app
from reelsheet.review.desk import Desk
from reelsheet.review.guard import Guard

PORT = 8377
TOKEN = "token-of-the-forms"
VIDEO = bytes(range(256)) * 40
HOSTILE = '<script>alert("x")</script>"><img src=x onerror=alert(1)> ‮שלום🫖' + "很长" * 3000
SRT = "1\n00:00:00,200 --> 00:00:01,000\nMorning <b>mist\n\n2\n00:01:02,5 --> 00:01:03,000\nin the hills\n"

Change = Callable[[BatchReport], BatchReport]


def rendition(name: str, aspect: str = "9:16") -> RenditionResult:
    width, height = (270, 480) if aspect == "9:16" else (480, 270)
    stem = f"drafts/{name}_{aspect.replace(':', 'x')}_draft"
    return RenditionResult(
        aspect=aspect,
        file=f"{stem}.mp4",
        cover=f"{stem}.jpg",
        captions=f"{stem}.srt",
        frames=f"{stem}_frames.jpg",
        width=width,
        height=height,
        duration=6.0,
        size=len(VIDEO),
        loudness=-14.0,
        true_peak=-1.5,
        labels={"visible AI label": "6.9% of the short side"},
        reused=False,
        key=name.ljust(64, "0"),
    )


@pytest.fixture
def made(report: BatchReport) -> BatchReport:
    """One row in every state, and one whose words are dangerous in HTML."""
    (done,) = report.rows[0].spots

    def row(number: int, name: str, state: RowState, *spots: SpotResult, **changed: str) -> RowResult:
        plain = RowResult(
            row=number,
            id=name,
            copy=f"Copy of {name}.",
            state=state,
            reason="",
            problems=[],
            spots=list(spots),
        )
        return replace(plain, **changed)

    def spot(name: str, state: RowState, **changed: object) -> SpotResult:
        plain = replace(
            done, spot_id=name, state=state, verdict="", findings=[], renditions=[], decision="allow"
        )
        return replace(plain, **changed)

    seen = FindingResult(
        rule="frames.weapon",
        category="violence",
        decision="review",
        where="leaf.mp4",
        text="",
        why="A knife may be seen.",
        suggestion="Look at it.",
        time=2.5,
        frame=60,
        picture="evidence/b-1/knife.jpg",
    )
    draft = {"rung": "draft", "reason": "The draft is made."}
    rows = [
        row(
            2,
            "a",
            RowState.WAITING,
            spot("a-1", RowState.WAITING, approval="1" * 64, renditions=[rendition("a-1")], **draft),
            spot("a-2", RowState.WAITING, approval="2" * 64, renditions=[rendition("a-2", "16:9")], **draft),
            cost="0.42 USD",
        ),
        row(3, "b", RowState.REVIEW, spot("b-1", RowState.REVIEW, verdict="3" * 64, findings=[seen])),
        row(
            4,
            "c",
            RowState.REFUSED,
            spot("c-1", RowState.REFUSED, decision="refuse", reason="国家级", findings=done.findings),
        ),
        row(5, "d", RowState.FAILED, spot("d-1", RowState.FAILED, reason="The font lacks U+1FAD6.")),
        row(6, "e", RowState.SCHEDULED, spot("e-1", RowState.SCHEDULED, reason="It goes out at 10:00.")),
        row(
            7, "f", RowState.DONE, spot("f-1", RowState.DONE, degraded=["f-1-s1: made by animatic instead."])
        ),
        replace(report.rows[1], row=8),
        row(
            9,
            HOSTILE[:60],
            RowState.WAITING,
            spot(f"{HOSTILE[:60]}-1", RowState.WAITING, approval="4" * 64, **draft),
            copy=HOSTILE,
        ),
    ]
    return replace(report, rows=rows, sheet="tea.csv", counts={})


@pytest.fixture
def folder(made: BatchReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the campaign's output and a ledger."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REELSHEET_DISPATCH", "here")
    out = tmp_path / "out" / "tea"
    (out / "drafts").mkdir(parents=True)
    (out / "evidence" / "b-1").mkdir(parents=True)
    for one in (one for row in made.rows for spot in row.spots for one in spot.renditions):
        (out / one.file).write_bytes(VIDEO)
        (out / one.captions).write_text(SRT, encoding="utf-8")
        for picture in (one.cover, one.frames):
            Image.new("RGB", (one.width, one.height), "#316547").save(out / picture)
    Image.new("RGB", (64, 64), "#b3261e").save(out / "evidence" / "b-1" / "knife.jpg")
    (tmp_path / "out" / "secret.mp4").write_bytes(b"not yours")
    write_cells(out / "tea.status.xlsx")
    made.write(out / "report.json")
    ledger = Ledger(load_settings().ledger_url)
    ledger.finish_batch(ledger.begin_batch("tea", tmp_path / "tea.csv", "d" * 64))
    ledger.close()
    return tmp_path


def write_cells(path: Path) -> None:
    """The annotated copy of the sheet, with a title over its header."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet
    sheet.append(["Spring campaign"])
    sheet.append(["编号", "文案", "时长", "reelsheet: status"])
    for number in range(3, 10):
        sheet.append([f"cell {number}", "<b>bold</b>", 12, "done"])
    workbook.save(path)


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    opened = Desk(load_settings(), ())
    yield opened
    opened.close()


@pytest.fixture
def page(desk: Desk) -> TestClient:
    """A browser on this machine that reads English."""
    return browser(desk, Guard(host="127.0.0.1", port=PORT, token=TOKEN))


def browser(desk: Desk, guard: Guard, **headers: str) -> TestClient:
    return TestClient(
        review_app(desk, guard),
        base_url=f"http://127.0.0.1:{PORT}",
        headers={"Accept-Language": "en", **headers},
        follow_redirects=False,
        raise_server_exceptions=False,
    )
