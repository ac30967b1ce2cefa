"""A PostgreSQL of its own, on loopback."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MISSING = "PostgreSQL is not here: apt-get install -y postgresql (.ci/run does it)"


def programs_of_postgres() -> Path | None:
    """The folder of its programs; None where it is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    found = shutil.which("postgres") or (installed and str(installed[-1]))
    return Path(found).resolve().parent if found else None


@contextmanager
def running_postgres(programs: Path) -> Iterator[str]:
    """A server in a folder of its own, on a free port; its user and address, as in a URL."""
    folder = Path(tempfile.mkdtemp(prefix="reels-postgres-"))
    # The server refuses to run as root.
    account: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []}
    account = account if os.getuid() == 0 else {}
    if account:
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    asked = [
        "--username=reels",
        "--auth=trust",
        "--no-sync",
        "--encoding=UTF8",
        f"--pgdata={folder / 'data'}",
    ]
    subprocess.run(
        [programs / "initdb", *asked], check=True, stdout=subprocess.DEVNULL, cwd=folder, **account
    )
    # What is lost with a power cut does not matter here.
    options = ["-D", folder / "data", "-c", "fsync=off", "-c", "unix_socket_directories=", "-p", port]
    with (folder / "log").open("wb") as log:
        command = [programs / "postgres", "-h", "127.0.0.1", *options]
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **account)
    try:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", port]
        while subprocess.run(ready, check=False).returncode:
            assert server.poll() is None, (folder / "log").read_text(encoding="utf-8")
            time.sleep(0.1)
        yield f"reels@127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(folder)
