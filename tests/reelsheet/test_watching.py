import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from campaign.ledger import Ledger
from campaign.progress import ProgressBook, SpotProgress
from reelsheet.watching import SILENT, Looker, Sight, line, screen

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    """A ledger with one batch that runs: one spot done, one for a person, one at work, fifty waiting."""
    url = f"sqlite:///{tmp_path / '.reelsheet' / 'ledger.db'}"
    book, opened = ProgressBook(url), Ledger(url)
    batch = opened.begin_batch("tea", Path("tea.csv"), "d" * 64)
    book.begin(batch, {f"r{n:02}-1": f"r{n:02}" for n in range(53)})
    ends = [("done", 1.0, ""), ("needs review", 1.0, "The words <最好> are a claim."), ("finishing", 0.5, "")]
    changed = [
        SpotProgress(spot=f"r{number:02}-1", state=state, share=share, reason=reason)
        for number, (state, share, reason) in enumerate(ends)
    ]
    book.record(batch, changed)
    book.close()
    opened.close()
    return url


@pytest.fixture
def looker(ledger: str) -> Iterator[Looker]:
    opened = Looker(ledger, "")
    yield opened
    opened.close()


def later(sight: Sight, seconds: float) -> Sight:
    return replace(sight, at=sight.at + timedelta(seconds=seconds))


def drawn(sights: list[Sight], height: int = 30, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(screen(sights, height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_screen_shows_counts_who_needs_a_person_and_fits(looker: Looker) -> None:
    shown = drawn([later(sight, 30) for sight in looker.look()])
    assert "2/53 spots" in shown
    assert "1 done" in shown
    assert "50 waiting" in shown
    assert "waiting for a person: 1" in shown
    assert re.search(r"^50 waiting   1 finishing", shown, re.MULTILINE)
    assert "r01-1" in shown
    assert "The words <最好> are a claim." in shown
    assert "spots/min" in shown
    assert len(shown.splitlines()) <= 30


def test_several_batches_share_the_screen(looker: Looker) -> None:
    sight = looker.look()[0]
    shown = drawn([sight, sight, sight], height=40)
    assert shown.count("2/53 spots") == 3
    assert len(shown.splitlines()) <= 40


def test_a_batch_that_nobody_works_on_is_told_with_the_command_that_goes_on(looker: Looker) -> None:
    sight = looker.look()[0]
    assert "goes on with" not in line(later(sight, SILENT / 2))
    assert "reelsheet make tea.csv" in line(later(sight, SILENT + 5))


def test_a_batch_that_ends_while_it_is_watched_stays_in_sight(looker: Looker, ledger: str) -> None:
    first = looker.look()
    opened = Ledger(ledger)
    opened.finish_batch(first[0].batch.id)
    opened.close()
    after = looker.look()
    assert [sight.batch.id for sight in after] == [first[0].batch.id]
    assert "over since" in line(after[0])
    assert not after[0].runs


def test_a_batch_whose_sheet_was_changed_before_its_end_is_not_named_as_running(
    ledger: str, looker: Looker
) -> None:
    left = looker.look()[0].batch
    opened = Ledger(ledger)
    opened.begin_batch(left.campaign, Path(left.sheet), "f" * 64)
    opened.close()
    said = {sight.batch.id: line(sight) for sight in looker.look()}
    assert "its sheet was changed" in said.pop(left.id)
    assert [("reading its sheet" in words) for words in said.values()] == [True]


def test_only_the_asked_campaign_is_watched(ledger: str) -> None:
    other = Looker(ledger, "coffee")
    assert other.look() == []
    other.close()
    assert "No batch has run yet." in drawn([])


def test_a_batch_that_still_reads_its_sheet_is_told(ledger: str, looker: Looker) -> None:
    opened = Ledger(ledger)
    opened.begin_batch("fresh", Path("fresh.csv"), "e" * 64)
    opened.close()
    assert any("reading its sheet" in line(sight) for sight in looker.look())


def watching(folder: Path, **streams: object) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    command = [sys.executable, "-m", "reelsheet", "status", "--watch"]
    return subprocess.Popen(command, cwd=folder, env=environment, **streams)  # type: ignore[call-overload, no-any-return]


def finish(url: str) -> None:
    opened = Ledger(url)
    opened.finish_batch(1)
    opened.close()


def test_without_a_terminal_lines_are_printed_until_the_batch_ends(tmp_path: Path, ledger: str) -> None:
    finish(ledger)
    process = watching(tmp_path, stdout=subprocess.PIPE)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.decode().startswith("batch 1 tea: over since")
    assert len(out.decode().splitlines()) == 1


@pytest.mark.parametrize("way", ["q", "ctrl-c"])
def test_a_terminal_is_left_as_it_was_by_q_and_by_ctrl_c(tmp_path: Path, ledger: str, way: str) -> None:
    near, far = pty.openpty()
    process = watching(tmp_path, stdin=far, stdout=far, stderr=far, start_new_session=True)
    os.close(far)
    seen = read_until(near, b"2/53 spots")
    if way == "q":
        os.write(near, b"q")
    else:
        process.send_signal(signal.SIGINT)
    seen += read_until(near, b"\x1b[?1049l")
    assert process.wait(timeout=30) == 0
    assert b"Traceback" not in seen
    os.close(near)


def read_until(terminal: int, mark: bytes) -> bytes:
    seen, end = b"", time.monotonic() + 60
    while mark not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    assert mark in seen, seen[-2000:]
    return seen
