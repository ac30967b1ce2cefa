import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.context import FlowRunContext
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from pydantic import SecretStr

from campaign.ledger import Ledger
from campaign.progress import ProgressBook
from campaign.report import BatchReport, RowState
from tasks.artifacts import MOST_ROWS, show_end, showing_progress, summary_of, table_of
from tasks.channels import Channel, Kind
from tasks.setup import Setup
from tests.flows.running import make
from tests.tasks.chat import chat_server

MakeSetup = Callable[[], Setup]


def artifacts(prefix: str) -> dict[str, list[object]]:
    """The data of every artifact, by key, oldest first."""
    chosen = ArtifactFilter(key=ArtifactFilterKey(like_=f"{prefix}%"))
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=chosen)
    by_key: dict[str, list[object]] = {}
    for artifact in sorted(found, key=lambda one: str(one.created)):
        by_key.setdefault(str(artifact.key), []).append(artifact.data)
    return by_key


@pytest.mark.slow
def test_a_batch_shows_its_progress_its_rows_and_its_summary_and_tells_the_groups_once(
    campaign: Path, setup: MakeSetup
) -> None:
    with campaign.open("a", encoding="utf-8") as sheet:
        sheet.write("bad,全国销量第一的国家级春茶。,春茶,qinghe_tea,中文,6,9:16,\n")
    with chat_server() as chat:
        team = Channel(kind=Kind.FEISHU, url=SecretStr(chat.url("feishu")), secret=SecretStr("SEC000"))
        given = setup().model_copy(update={"notify": {"team": team}, "out_url": "https://reels.example.com"})
        report = make(campaign, given)
        messages = [json.dumps(body, ensure_ascii=False) for _, body in chat.got]
    assert len(messages) == 1
    assert "https://reels.example.com/tea/report.html" in messages[0]
    ledger = Ledger(given.ledger)
    batch = ledger.batches()[0]
    ledger.close()
    book = ProgressBook(given.ledger)
    progress = book.read(batch.id, 10)
    book.close()
    assert progress
    assert progress.share == pytest.approx(1.0)
    assert progress.states == {"done": 2, report.rows[2].state.value: 1}
    shown = artifacts(f"batch-{batch.id}-")
    assert set(shown) == {f"batch-{batch.id}-{what}" for what in ("progress", "rows", "summary")}
    assert shown[f"batch-{batch.id}-progress"][-1] == 100.0
    assert "https://reels.example.com/tea/leaf-1/leaf-1_9x16.mp4" in str(shown[f"batch-{batch.id}-rows"][-1])
    assert "Cost **0**" in str(shown[f"batch-{batch.id}-summary"][-1])


def test_the_same_batch_shown_again_is_a_new_version_under_the_same_keys(
    report: BatchReport, tmp_path: Path
) -> None:
    @flow
    def twice() -> None:
        for _ in range(2):
            show_end(report, 77, tmp_path, "")

    twice()
    assert {key: len(versions) for key, versions in artifacts("batch-77-").items()} == {
        "batch-77-rows": 2,
        "batch-77-summary": 2,
    }


def test_rows_for_a_person_come_first_and_a_huge_batch_is_cut_with_a_word(
    report: BatchReport, tmp_path: Path
) -> None:
    row = report.rows[0]
    rows = [replace(row, row=n + 2, id=f"r{n}") for n in range(MOST_ROWS + 10)]
    rows[-1] = replace(rows[-1], state=RowState.REVIEW, reason="a claim")
    table = table_of(replace(report, rows=rows), tmp_path, "https://h/out/")
    assert len(table) == MOST_ROWS
    assert table[0]["id"] == f"r{MOST_ROWS + 9}"
    assert table[1]["videos"].startswith("https://h/out/")


def test_words_of_the_sheet_are_not_markdown_in_the_summary(report: BatchReport, tmp_path: Path) -> None:
    sly = replace(report.rows[1], problems=["[click](https://evil.example) <script> *now*"], id="x|y")
    said = summary_of(replace(report, rows=[sly], counts={"problem": 1}), 1, tmp_path, "")
    assert "\\[click\\](https://evil.example) \\<script\\> \\*now\\*" in said
    assert "x\\|y" in said


def test_a_server_that_does_not_answer_stops_nothing(
    report: BatchReport, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"

    nowhere = {PREFECT_API_URL: "http://127.0.0.1:1/api", PREFECT_CLIENT_MAX_RETRIES: 0}
    with temporary_settings(nowhere), FlowRunContext.model_construct(flow_run=None):
        with showing_progress(url, 5, "tea"):
            pass
        show_end(report, 5, tmp_path, "")
    assert caplog.text.count("on Prefect's page") == 2
