"""A batch on Prefect's pages: its progress, its rows, its summary. The same keys for the same batch.

They are for looking at only. A server that does not take them is a line in the log.
"""

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException
from sqlalchemy.exc import SQLAlchemyError

from campaign.errors import StoreError
from campaign.progress import ProgressBook
from campaign.report import TO_DECIDE, BatchReport, RowResult, RowState
from publishing.page.words import STATE_WORDS

MOST_ROWS = 500
"""Of the table: Prefect's page draws every one. The report has them all."""
EVERY = 5.0
"""Seconds between two looks at the progress."""
TELLING = (*TO_DECIDE, RowState.FAILED, RowState.REFUSED, RowState.PROBLEM, RowState.SCHEDULED, RowState.DONE)
"""States by what a person wants to see first."""
UNREACHABLE = (httpx.HTTPError, PrefectException, RuntimeError)
"""What Prefect's client raises where its server cannot be asked or does not want."""

log = logging.getLogger(__name__)


def key_of(batch: int, what: str) -> str:
    """An artifact's key: Prefect allows lower-case letters, numbers and dashes."""
    return f"batch-{batch}-{what}"


@contextmanager
def showing_progress(ledger: str, batch: int, campaign: str, every: float = EVERY) -> Iterator[None]:
    """Keep a progress artifact at what the ledger says while the block runs; nothing outside a flow run."""
    made = None
    if FlowRunContext.get():
        try:
            made = _create(key_of(batch, "progress"), "progress", 0.0, f"{campaign}, batch {batch}")
        except UNREACHABLE as error:
            log.warning("batch %d: no progress on Prefect's page: %s", batch, error)
    if made is None:
        yield
        return
    over = threading.Event()
    # The address of the server stands in this thread's context.
    keep_shown = partial(copy_context().run, _keep_shown, made, ledger, batch, over, every)
    thread = threading.Thread(target=keep_shown, name="artifacts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def show_end(report: BatchReport, batch: int, folder: Path, out_url: str) -> None:
    """The table of rows and the summary of a batch that is over; nothing outside a flow run."""
    if not FlowRunContext.get():
        return
    table = json.dumps(table_of(report, folder, out_url), ensure_ascii=False)
    summary = summary_of(report, batch, folder, out_url)
    about = f"{report.campaign}, batch {batch}"
    try:
        _create(key_of(batch, "rows"), "table", table, f"{about}: {_shown(report)}")
        _create(key_of(batch, "summary"), "markdown", summary, about)
    except UNREACHABLE as error:
        log.warning("batch %d: no rows or summary on Prefect's page: %s", batch, error)


def table_of(report: BatchReport, folder: Path, out_url: str) -> list[dict[str, Any]]:
    """Rows with state, reason, cost and where their videos lie; those for a person first."""
    rows = sorted(report.rows, key=lambda row: (TELLING.index(row.state), row.row))
    return [_line(row, folder, out_url) for row in rows[:MOST_ROWS]]


def summary_of(report: BatchReport, batch: int, folder: Path, out_url: str) -> str:
    """What the batch came to, in Markdown."""
    counts = [
        f"| {en} · {zh} | {report.counts[state.value]} |"
        for state, (en, zh) in STATE_WORDS.items()
        if state.value in report.counts
    ]
    parts = [
        f"# {_plain(report.campaign)}, batch {batch}",
        f"{len(report.rows)} rows in {report.seconds / 60:.1f} min. Policy {report.policy}. "
        f"Cost **{report.cost}**. Report: {where(folder, 'report.html', out_url)}",
        "\n".join(["| state | rows |", "|---|---|", *counts]),
        *_section("Refused and waiting", report, (*TO_DECIDE, RowState.REFUSED)),
        *_section("Failed", report, (RowState.FAILED, RowState.PROBLEM)),
        *_costs(report),
        *(f"> {_plain(note)}" for note in (*report.problems, *report.notes)),
    ]
    return "\n\n".join(parts)


def where(folder: Path, file: str, out_url: str) -> str:
    """Address of a delivered file where the settings know one, else its path."""
    if not out_url:
        return str(folder / file)
    return "/".join((out_url.rstrip("/"), quote(folder.name), quote(file)))


def _create(key: str, kind: str, data: float | str, about: str) -> UUID:
    """Prefect's own functions for it leave their connection open."""
    run = FlowRunContext.get()
    flow_run = run.flow_run.id if run and run.flow_run else None
    artifact = ArtifactCreate(key=key, type=kind, data=data, description=about, flow_run_id=flow_run)
    with get_client(sync_client=True) as client:
        return client.create_artifact(artifact).id


def _keep_shown(made: UUID, ledger: str, batch: int, over: threading.Event, every: float) -> None:
    book = ProgressBook(ledger)
    shown, last = 0.0, False
    while not last:
        last = over.wait(every)
        try:
            progress = book.read(batch, 0)
            if progress and progress.share != shown:
                shown = progress.share
                change = ArtifactUpdate(data=round(progress.share * 100, 1))
                with get_client(sync_client=True) as client:
                    client.update_artifact(made, change)
        except (*UNREACHABLE, SQLAlchemyError, StoreError) as error:
            log.warning("batch %d: its progress is not shown: %s", batch, error)
    book.close()


def _line(row: RowResult, folder: Path, out_url: str) -> dict[str, Any]:
    videos = [rendition.file for spot in row.spots for rendition in spot.renditions]
    return {
        "row": row.row,
        "id": row.id,
        "state": row.state.value,
        "spots": len(row.spots),
        "videos": "\n".join(where(folder, file, out_url) for file in videos),
        "cost": row.cost,
        "reason": " ".join((row.reason, *row.problems)).strip(),
    }


def _shown(report: BatchReport) -> str:
    if len(report.rows) <= MOST_ROWS:
        return f"{len(report.rows)} rows"
    return f"the {MOST_ROWS} most telling of {len(report.rows)} rows"


def _section(title: str, report: BatchReport, states: Sequence[RowState]) -> list[str]:
    rows = [row for row in report.rows if row.state in states]
    if not rows:
        return []
    lines = [
        f"- **{_plain(row.id or f'row {row.row}')}** {row.state.value}: "
        f"{_plain(' '.join((row.reason, *row.problems)))}"
        for row in rows[:MOST_ROWS]
    ]
    return [f"## {title}", "\n".join(lines)]


def _costs(report: BatchReport) -> list[str]:
    lines = [f"| {_plain(row.id)} | {row.cost} |" for row in report.rows[:MOST_ROWS] if row.cost]
    return ["## Costs", "\n".join(["| row | cost |", "|---|---|", *lines])] if lines else []


def _plain(text: str) -> str:
    """Words of a sheet, which are no Markdown."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#" else character for character in text)
