"""The whole line on the example campaign: planning, a first run, an unchanged second run, and memory.

Run from the repository: ``python -m benchmarks.line``. CPU seconds are of the whole process tree; wall
seconds mean something on a quiet machine only. Memory is the largest sum of resident memory over the tree,
looked at every quarter of a second; pages that processes share are counted once for each.
"""

import json
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
SHEET = ROOT / "examples" / "spring_tea" / "spring_tea.xlsx"
PACKAGES = ("prefect", "av", "numpy", "opencv-python-headless", "pandas")
EVERY = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One command, measured."""

    wall: float
    cpu: float
    memory: float
    """MB."""
    output: str


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first_plan = reelsheet(folder, "plan", "--json")
        first = reelsheet(folder, "make")
        second = reelsheet(folder, "make")
        second_plan = reelsheet(folder, "plan", "--json")
    totals = json.loads(first_plan.output)["totals"]
    left = json.loads(second_plan.output)["totals"]["new"]
    names = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    print(f"Python {platform.python_version()}, {names}; {psutil.cpu_count()} cores")
    print(
        f"{totals['spots']} spots, {totals['seconds']:.0f} s of cut, {totals['renditions']} videos at 720p\n"
    )
    print("| command | wall s | CPU s | peak MB |\n|---|---|---|---|")
    for words, run in (
        ("plan, nothing made yet", first_plan),
        ("make, everything new", first),
        ("make again, nothing changed", second),
        ("plan after it", second_plan),
    ):
        print(f"| {words} | {run.wall:.1f} | {run.cpu:.1f} | {run.memory:.0f} |")
    print(f"\nleft to make after it: {left or 'nothing'}")
    print(f"CPU seconds per video: {first.cpu / totals['renditions']:.1f}")


def reelsheet(folder: Path, *words: str, sheet: Path = SHEET) -> Run:
    """Run one command on a sheet in ``folder``."""
    before, began = _children_cpu(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "reelsheet", words[0], str(sheet), *words[1:]],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak))
    watcher.start()
    output, _ = process.communicate()
    watcher.join()
    return Run(
        wall=time.monotonic() - began, cpu=_children_cpu() - before, memory=peak[0] / 1e6, output=output
    )


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(pid: int, peak: list[float]) -> None:
    while psutil.pid_exists(pid):
        total = 0
        try:
            parent = psutil.Process(pid)
            for process in (parent, *parent.children(recursive=True)):
                total += process.memory_info().rss
        except psutil.Error:
            pass
        peak[0] = max(peak[0], float(total))
        time.sleep(EVERY)


if __name__ == "__main__":
    main()
