"""What a batch costs besides its work: every stage does nothing, all around it is real.

Run from the repository: ``python -m benchmarks.orchestration``. Sheet, kept campaign, lease, Prefect's tasks
and events, progress, report and annotated sheet are as in a real batch. CPU seconds are of the flow's process
and of the server's, as the kernel counts them, so a busy machine changes them little. ``BENCH_DATABASE``
names a database for a server of its own (``postgresql+asyncpg://user@host/name``); without it the flow starts
Prefect's embedded one.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parent.parent
SIZES = (100, 1_000, 10_000)
HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐\n"
ROW = "r{n},山里的晨雾，第 {n} 天。,春茶,qinghe_tea,中文,6,9:16,none\n"
SERVER = "prefect.server"
BATCHED = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
}
LAG = 5.0
"""Seconds after a flow's end in which a server writes what it was told."""


def main() -> None:
    print("| rows | wall s | flow CPU s | ms a spot | server CPU s | ms a spot | flow MB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = start_server(folder) if os.environ.get("BENCH_DATABASE") else None
        try:
            for rows in SIZES:
                measure(rows, folder / str(rows), server)
        finally:
            if server:
                server.terminate()
                server.wait()


def measure(rows: int, folder: Path, server: "subprocess.Popen[bytes] | None") -> None:
    """One batch in a process of its own."""
    folder.mkdir()
    sheet = folder / "tea.csv"
    sheet.write_text(HEAD + "".join(ROW.format(n=n) for n in range(rows)), encoding="utf-8")
    before = cpu_of(server.pid) if server else 0.0
    command = [sys.executable, "-m", "benchmarks.orchestration", str(sheet)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "REELSHEET_BRAND_KITS": f'["{ROOT / "brand_kits"}"]',
    }
    if server:
        environment["PREFECT_API_URL"] = address(folder.parent)
    done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    wall, flow, embedded, memory = map(float, done.stdout.split()[-4:])
    if server:
        time.sleep(LAG)
    spent = cpu_of(server.pid) - before if server else embedded
    print(f"| {rows:,} | {wall:.1f} | {flow:.1f} | {flow / rows * 1e3:.2f} | {spent:.1f} ", end="")
    print(f"| {spent / rows * 1e3:.2f} | {memory:.0f} |", flush=True)


def run_batch(sheet: Path) -> None:
    """In the process that is measured: the flow as the door runs it, its line without work."""
    from flows.settings import load_settings  # noqa: PLC0415  # Prefect reads its environment at import.
    from reelsheet.environment import prepare_prefect  # noqa: PLC0415

    settings = load_settings()
    prepare_prefect(settings.home, settings.log, settings.log_lines)
    from flows import batch  # noqa: PLC0415

    batch.down_the_line = lambda chunk, _: chunk  # type: ignore[attr-defined]
    began, clock = time.process_time(), time.monotonic()
    batch.make(str(sheet))
    wall, flow = time.monotonic() - clock, time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    children = [child for child in psutil.Process().children() if SERVER in " ".join(child.cmdline())]
    print(wall, flow, sum(cpu_of(child.pid) for child in children), memory)


def start_server(folder: Path) -> "subprocess.Popen[bytes]":
    """Prefect's server on the given database."""
    environment = {
        **os.environ,
        **BATCHED,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_DATABASE_CONNECTION_URL": os.environ["BENCH_DATABASE"],
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    port = str(4300 + os.getpid() % 1000)
    (folder / "port").write_text(port, encoding="ascii")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
    with (folder / "server.txt").open("wb") as words:
        server = subprocess.Popen(command, env=environment, stdout=words, stderr=subprocess.STDOUT)
    while server.poll() is None:
        try:
            if httpx.get(f"{address(folder)}/health").is_success:
                return server
        except httpx.TransportError:
            time.sleep(0.5)
    raise SystemExit((folder / "server.txt").read_text(encoding="utf-8"))


def address(folder: Path) -> str:
    return f"http://127.0.0.1:{(folder / 'port').read_text(encoding='ascii')}/api"


def cpu_of(pid: int) -> float:
    """Of a process and the living ones that it started."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run_batch(Path(sys.argv[1]))
    else:
        main()
