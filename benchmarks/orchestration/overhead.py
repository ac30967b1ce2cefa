"""What a batch costs besides its work: every stage does nothing, all around it is real.

Sheet, kept campaign, lease, Prefect's tasks and events, progress, report and annotated sheet are as in a real
batch. CPU seconds are of the flow's process and of the server's, as the kernel counts them, so a busy machine
changes them little; a database's own are not counted.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from reelsheet.environment import DEFAULTS
from reelsheet.orphans import SERVER
from tests.flows.fleet import ROOT, LocalFleet
from tests.postgres import MISSING, programs_of_postgres, running_postgres

SIZES = (100, 1_000, 10_000)
HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐\n"
ROW = "r{n},山里的晨雾，第 {n} 天。,春茶,qinghe_tea,中文,6,9:16,none\n"

LAG = 5.0
"""Seconds after a flow's end in which a server writes what it was told."""
TITLES = "| rows | wall s | flow CPU s | ms a spot | server CPU s | ms a spot | flow MB |"


def embedded(folder: Path) -> None:
    """With the server that a flow starts for itself."""
    print(f"{TITLES}\n|{'---:|' * 7}")
    for rows in SIZES:
        measure(rows, folder / str(rows))


def on_postgres(folder: Path) -> None:
    """With a server of its own whose database is PostgreSQL."""
    programs = programs_of_postgres()
    if not programs:
        print(MISSING)
        return
    print(f"{TITLES}\n|{'---:|' * 7}")
    with fleet_on_postgres(programs, folder / "fleet") as fleet:
        for rows in SIZES:
            measure(rows, folder / str(rows), fleet)


@contextmanager
def fleet_on_postgres(programs: Path, folder: Path) -> Iterator[LocalFleet]:
    """A fleet whose server runs, on a PostgreSQL of its own."""
    with running_postgres(programs) as address:
        port = address.rpartition(":")[2]
        made = [programs / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "reels", "prefect"]
        subprocess.run(made, check=True)
        database = {"PREFECT_API_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{address}/prefect"}
        fleet = LocalFleet(folder, {**DEFAULTS, **database})
        try:
            fleet.start_server()
            yield fleet
        finally:
            fleet.close()


def measure(rows: int, folder: Path, fleet: LocalFleet | None = None) -> None:
    """One batch in a process of its own."""
    folder.mkdir()
    sheet = folder / "tea.csv"
    sheet.write_text(HEAD + "".join(ROW.format(n=n) for n in range(rows)), encoding="utf-8")
    before = cpu_of(fleet.server.pid) if fleet else 0.0
    command = [sys.executable, "-m", __name__, str(sheet)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if fleet:
        environment["PREFECT_API_URL"] = fleet.api
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    wall, flow, own, memory = map(float, done.stdout.split()[-4:])
    if fleet:
        time.sleep(LAG)
    spent = cpu_of(fleet.server.pid) - before if fleet else own
    print(f"| {rows:,} | {wall:.1f} | {flow:.1f} | {flow / rows * 1e3:.2f} | {spent:.1f} ", end="")
    print(f"| {spent / rows * 1e3:.2f} | {memory:.0f} |", flush=True)


def run_batch(sheet: Path) -> None:
    """In the process that is measured: the flow as the door runs it, its line without work."""
    from flows.settings import load_settings  # noqa: PLC0415  # Prefect reads its environment at import.
    from reelsheet.environment import prepare_prefect  # noqa: PLC0415
    from reelsheet.own_server import prefect_ready  # noqa: PLC0415

    settings = load_settings()
    prepare_prefect(settings.home, settings.log, settings.log_lines)
    from flows import batch  # noqa: PLC0415

    batch.down_the_line = lambda chunk, *_: chunk  # type: ignore[attr-defined]
    began, clock = time.process_time(), time.monotonic()
    with prefect_ready(settings.dispatch):
        batch.make(str(sheet))
    wall, flow = time.monotonic() - clock, time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = [child for child in psutil.Process().children() if SERVER in " ".join(child.cmdline())]
    print(wall, flow, sum(cpu_of(child.pid) for child in children), memory)


def cpu_of(pid: int) -> float:
    """Of a process and the living ones that it started."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


if __name__ == "__main__":
    run_batch(Path(sys.argv[1]))
