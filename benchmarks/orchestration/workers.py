"""A CPU-bound batch made by one worker and by two, each worker on a core of its own.

Time is the batch's own, as its report says it: from its beginning to its report, all new, nothing warm.
The process that holds the batch, and the server, run wherever there is room, in both cases.
"""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.orchestration.overhead import HEAD, fleet_on_postgres
from campaign.report import BatchReport
from tests.flows.fleet import ROOT, LocalFleet
from tests.postgres import MISSING, programs_of_postgres

ROWS = 24
ROW = "r{n},山里的晨雾，第 {n} 天。,春茶,qinghe_tea,中文,6,{aspect},none\n"
ASPECTS = ("9:16", "16:9")
"""Takes of one size go out in one wave, so that there are as many waves as workers."""
POOL_WORKER = "--multiprocessing-fork"


def in_a_pool(folder: Path) -> None:
    """Processes of one machine's pool."""
    compare("processes of the pool", [_pool_of(count, _desk(folder / str(count))) for count in (1, 2)])


def of_prefect(folder: Path) -> None:
    """Prefect workers, each with a process of its own that draws and encodes; one machine holds the batch."""
    programs = programs_of_postgres()
    if not programs:
        print(MISSING)
        return
    # On SQLite the server of two workers stands still for a minute now and then ("database is locked").
    seconds = []
    for count in (1, 2):
        sheet = _desk(folder / str(count))
        with fleet_on_postgres(programs, sheet.parent / "fleet") as fleet:
            seconds.append(_fleet_of(count, sheet, fleet))
    compare("Prefect workers", seconds)


def compare(what: str, seconds: list[float]) -> None:
    one, two = seconds
    print(f"| {what} | s | times as fast |\n|---|---:|---:|")
    print(f"| 1 | {one:.1f} | 1.00 |\n| 2 | {two:.1f} | {one / two:.2f} |", flush=True)


def _desk(folder: Path) -> Path:
    folder.mkdir()
    sheet = folder / "tea.csv"
    rows = (ROW.format(n=n, aspect=ASPECTS[n % len(ASPECTS)]) for n in range(ROWS))
    sheet.write_text(HEAD + "".join(rows), encoding="utf-8")
    return sheet


def _pool_of(count: int, sheet: Path) -> float:
    settings = {"PYTHONPATH": str(ROOT), "REELSHEET_WORKERS": str(count)}
    door = subprocess.Popen(
        [sys.executable, "-m", "reelsheet", "make", str(sheet)],
        cwd=sheet.parent,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
    )
    over = threading.Event()
    pinning = threading.Thread(target=_pin, args=(door.pid, over))
    pinning.start()
    door.wait()
    over.set()
    pinning.join()
    return _seconds(sheet.parent / "out")


def _pin(door: int, over: threading.Event) -> None:
    """Each of the pool's processes to a core, as soon as it is there."""
    pinned: list[int] = []
    while not over.wait(0.05):
        with suppress(psutil.Error):
            for process in psutil.Process(door).children():
                if process.pid not in pinned and POOL_WORKER in process.cmdline():
                    process.cpu_affinity([len(pinned) % psutil.cpu_count()])
                    pinned.append(process.pid)


def _fleet_of(count: int, sheet: Path, fleet: LocalFleet) -> float:
    fleet.deploy()
    for number in range(count):
        # What it starts inherits its core.
        psutil.Process(fleet.start_worker("cpu").pid).cpu_affinity([number % psutil.cpu_count()])
    fleet.start_door("make", str(sheet)).wait()
    return _seconds(fleet.folder / "out")


def _seconds(out: Path) -> float:
    report = BatchReport.read(out / "tea" / "report.json")
    assert report.counts == {"done": ROWS}, report.counts
    return report.seconds
