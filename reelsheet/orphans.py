"""Our own Prefect server outlives a flow that was ended by kill -9; the next start ends it."""

import os
from pathlib import Path

import psutil

from campaign.process import is_running, this_process

MARK = "REELSHEET_DOOR"
"""In the environment of all that a door starts: the door's process, as ``pid@time of start``."""
SERVER = "reelsheet.serving"
"""In the command line of every server of our own."""


def mark_door() -> None:
    """Let every process that this one starts be known as ours."""
    os.environ[MARK] = this_process()


def end_orphans(home: Path) -> int:
    """End servers of our own for this ``home`` (Prefect's) whose door is gone; returns how many."""
    orphans = [process for process in psutil.process_iter() if _is_orphan(process, home)]
    for process in orphans:
        process.terminate()
    _, stubborn = psutil.wait_procs(orphans, timeout=5)
    for process in stubborn:
        process.kill()
    return len(orphans)


def _is_orphan(process: psutil.Process, home: Path) -> bool:
    try:
        if SERVER not in process.cmdline():
            return False
        environment = process.environ()
    except psutil.Error:
        return False
    door = environment.get(MARK, "")
    return bool(door) and environment.get("PREFECT_HOME") == str(home) and not is_running(door)
