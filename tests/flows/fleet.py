"""A Prefect server, its workers and doors, each a process on this machine, with a home of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import httpx
import psutil

from campaign.store import MANIFEST
from tests.torchless import WITHOUT_TORCH

ROOT = Path(__file__).parent.parent.parent
POOLS = ("cpu", "gpu")
DEPLOY = """
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments.runner import RunnerDeployment

DEPLOYMENTS = {"flows.generate.wave": ("gpu", "cpu"), "flows.finish.spots": ("cpu",)}
with get_client(sync_client=True) as client:
    for pool in ("cpu", "gpu"):
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"), overwrite=True)
for entrypoint, pools in DEPLOYMENTS.items():
    for pool in pools:
        RunnerDeployment.from_entrypoint(entrypoint, name=pool, work_pool_name=pool).apply()
"""
STARTS_WITHIN = 120.0
"""Seconds, on a busy machine."""
PATIENCE = 600
"""Seconds for a run that is left alone, on a busy machine."""

T = TypeVar("T")


class LocalFleet:
    """Everything lies under one folder; whatever runs is ended by `close`."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.port = _free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "DO_NOT_TRACK": "1",
            "REELSHEET_HOME": str(folder / "home"),
            "REELSHEET_OUT": str(folder / "out"),
            "REELSHEET_DISPATCH": "pools",
            "REELSHEET_WORKERS": "1",
            **settings,
        }
        self._running: list[subprocess.Popen[bytes]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def start_server(self) -> None:
        address = ("--host", "127.0.0.1", "--port", str(self.port))
        self.server = self.start("server", "prefect", "server", "start", *address)
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.api}/health").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError(self.words("server"))

    def deploy(self) -> None:
        """Pools and deployments, as far as a batch needs them."""
        command = [sys.executable, "-c", DEPLOY]
        subprocess.run(command, env=self.environment, cwd=self.folder, check=True)

    @property
    def ledger(self) -> str:
        return f"sqlite:///{self.folder / 'home' / 'ledger.db'}"

    def wait_until(self, happened: Callable[[], T], door: subprocess.Popen[bytes]) -> T:
        """What ``happened`` gives as soon as it gives anything; the door goes on meanwhile."""
        until = time.monotonic() + PATIENCE
        while not (given := happened()):
            assert door.poll() is None, self.words("door")
            assert time.monotonic() < until, self.words("door")
            time.sleep(0.02)
        return given

    def has(self, kind: str) -> bool:
        """Whether something of that kind is in the store."""
        return any((self.folder / "home" / "store" / kind).glob(f"??/*/{MANIFEST}"))

    def start_worker(self, pool: str, settings: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        command = ("prefect", "worker", "start", "--pool", pool, "--limit", "1")
        return self.start(f"worker-{pool}", *command, settings=settings)

    def without_torch(self) -> dict[str, str]:
        """Settings of a process on a machine that has neither torch nor what stands on it."""
        folder = self.folder / "without_torch"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(WITHOUT_TORCH, encoding="utf-8")
        return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}

    def start_door(self, *command: str, settings: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        return self.start("door", "reelsheet", *command, settings=settings)

    def start(
        self, name: str, module: str, *command: str, settings: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Its words go to a file. It leads a group of its own, to be ended with all that it started."""
        with (self.folder / f"{name}.txt").open("ab") as words:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *command],
                cwd=self.folder,
                env={**self.environment, **(settings or {})},
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def words(self, name: str) -> str:
        return (self.folder / f"{name}.txt").read_text(encoding="utf-8", errors="replace")

    def end(self, process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGKILL) -> None:
        """The process and all that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        process.wait(timeout=60)

    def lose(self, process: subprocess.Popen[bytes]) -> None:
        """The process and all below it by SIGKILL, as when their machine is lost."""
        for one in (*psutil.Process(process.pid).children(recursive=True), process):
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait(timeout=60)

    def close(self) -> None:
        for process in self._running:
            self.end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
