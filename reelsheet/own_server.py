"""A Prefect server of our own for a machine that has none, started before Prefect is imported.

Prefect would start the same by itself, but only when its client is first made, and would import its server
for it: the door's imports and the server's start then come one after the other (docs/decisions/0001).
"""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campaign.fleet_errors import ServerError
from reelsheet.imports import nothing_collected
from reelsheet.orphans import SERVER
from tasks.setup import Dispatch

SERVE = ("-m", SERVER)
ROOM = 50_000_000
"""Bytes on the disk that the server needs for its database; without them it does not come up."""
STARTS_WITHIN = 180.0
"""Seconds; 4 on a quiet machine, 12 under load, and more than 90 where seven processes wanted each core."""
ENDS_WITHIN, ASKED_EVERY = 5.0, 0.05
"""Seconds."""
WHERE = "(the one that make starts)"
FOR_ONE_FLOW = {
    # What Prefect tells a server that it starts by itself (prefect/server/api/server.py).
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    # Else it imports every installed collection to see whether its blocks have changed, and we register none:
    # a second where the package for Kubernetes is installed.
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    # It has neither pages that show events nor automations that wait for them: half of its work.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


@contextmanager
def prefect_ready(dispatch: Dispatch) -> Iterator[None]:
    """Inside the block flows are imported and have a server: the one that is set, else one of our own.

    Raises:
        ServerError: there is none, or it cannot be used.
    """
    alone = dispatch is Dispatch.HERE and not os.environ.get("PREFECT_API_URL")
    own = OwnServer(Path(os.environ["PREFECT_HOME"])) if alone else None
    with nothing_collected():
        # While the server starts; Prefect would import the first of them when the flow begins.
        import fastapi.encoders  # noqa: F401, PLC0415

        import flows.batch  # noqa: F401, PLC0415
        from tasks.server import require_server, server_address, using  # noqa: PLC0415

    if own and server_address():
        # Named by a profile or a file of Prefect's, which only Prefect can tell.
        own.stop()
        own = None
    with using(own.ready() if own else None):
        require_server(dispatch)
        yield


class OwnServer:
    """A process that serves Prefect's API on loopback until this one exits."""

    def __init__(self, home: Path) -> None:
        """Start it; ``home`` is Prefect's.

        Raises:
            ServerError: the disk has no room for its database.
        """
        home.mkdir(parents=True, exist_ok=True)
        _require_room(home)
        self.words = home / "server.log"
        self._port = _free_port()
        self._process = self._begin()
        # Registered before Prefect is imported, so it comes after Prefect has sent its last events.
        atexit.register(self.stop)

    def ready(self) -> str:
        """The address of its API, as soon as it answers.

        Raises:
            ServerError: it ended, or does not answer in time; with its own last words.
        """
        import httpx  # noqa: PLC0415  # A sixth of a second that the server need not wait for.

        url, until = f"http://127.0.0.1:{self._port}/api", time.monotonic() + STARTS_WITHIN
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() < until and self._process.poll() is None:
                try:
                    if client.get(f"{url}/health").is_success:
                        return url
                except httpx.TransportError:
                    time.sleep(ASKED_EVERY)
        code = self._process.poll()
        self.stop()
        what = (
            f"did not answer within {STARTS_WITHIN:.0f} s" if code is None else f"ended with exit code {code}"
        )
        raise ServerError(
            WHERE,
            f"it {what} ({self._last_words()}).",
            f"What it wrote is in {self.words}; where the machine is busy, run the same command again later.",
        )

    def stop(self) -> None:
        """End it; nothing where it has ended."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _begin(self) -> subprocess.Popen[bytes]:
        with self.words.open("wb") as words:
            return subprocess.Popen(
                [sys.executable, *SERVE, str(self._port)],
                env={**FOR_ONE_FLOW, **os.environ},
                stdout=words,
                stderr=subprocess.STDOUT,
            )

    def _last_words(self) -> str:
        lines = self.words.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _require_room(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < ROOM:
        raise ServerError(
            WHERE,
            f"it needs {ROOM / 1e6:.0f} MB on the disk of {home}, which has {free / 1e6:.0f} MB left.",
            "Free space, then run the same command again: what was made is kept.",
        )
