"""Which process on which machine, so that another can tell whether it is still there."""

import socket
from contextlib import suppress
from pathlib import Path

import psutil

BOOT, NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
"""Told apart by them on Linux: the machine since it was started, and the container whose process numbers
mean something here."""


def this_machine() -> str:
    """Where process numbers are the same ones as here."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts += [BOOT.read_text(encoding="ascii").strip(), str(NAMESPACE.stat().st_ino)]
    return "/".join(parts)


def this_process() -> str:
    """The process as ``number@time of start``: numbers come back, moments do not."""
    return _mark(psutil.Process())


def is_running(process: str) -> bool:
    """Whether a process that called itself so on this machine is still there."""
    try:
        found = psutil.Process(int(process.split("@")[0]))
        # What was killed stays listed until its parent has asked how it ended.
        return _mark(found) == process and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _mark(process: psutil.Process) -> str:
    return f"{process.pid}@{process.create_time():.2f}"
