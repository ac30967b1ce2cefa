"""What finals would cost, asked of ``reelsheet plan`` in a process of its own: it takes seconds."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock, Thread
from typing import Any

from campaign.plan import APPROVED
from reelsheet.review.shelf import Entry

PATIENCE = 600
"""Seconds; ten thousand rows take twenty."""


class Progress(StrEnum):
    NOT_ASKED = "not asked"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What is still to be made of a spot, up to and with its final."""

    takes: int
    money: str
    """If all goes well; empty for nothing."""
    most: str
    """If every try that is allowed is paid; empty for nothing."""
    gpu_seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """How far the plan of one campaign is."""

    progress: Progress = Progress.NOT_ASKED
    said: str = ""
    """Why it failed, in the words of ``plan``."""
    spots: Mapping[str, Cost] | None = None
    """By spot id, once it is ready."""


class Foresight:
    """Plans campaigns in the background, each once for each report."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Foreseen] = {}
        self._lock = Lock()

    def of(self, entry: Entry) -> Foreseen:
        return self._known.get(_key(entry), Foreseen())

    def begin(self, entry: Entry) -> None:
        """Plan the campaign, unless that is done or under way."""
        with self._lock:
            if self.of(entry).progress in (Progress.WORKING, Progress.READY):
                return
            self._known[_key(entry)] = Foreseen(progress=Progress.WORKING)
        Thread(target=self._plan, args=(entry,), daemon=True).start()

    def _plan(self, entry: Entry) -> None:
        self._known[_key(entry)] = foresee(entry.sheet)


def foresee(sheet: str) -> Foreseen:
    """The plan of the sheet as it is now."""
    command = [sys.executable, "-m", "reelsheet", "plan", "--json", "--", sheet]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        plan = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return Foreseen(progress=Progress.FAILED, said=f"reelsheet plan takes more than {PATIENCE} s.")
    except ValueError:
        return Foreseen(progress=Progress.FAILED, said=_last_line(done.stderr))
    costs = {spot["spot_id"]: _cost(spot) for row in plan["rows"] for spot in row["spots"]}
    return Foreseen(progress=Progress.READY, spots=costs)


def _cost(spot: Mapping[str, Any]) -> Cost:
    rungs = [rung for rung in spot["rungs"] if rung["state"] != APPROVED]
    return Cost(
        takes=sum(rung["takes"] for rung in rungs),
        money=_money(spot["money"]),
        most=_money(spot["most"]),
        gpu_seconds=spot["gpu_seconds"],
        cpu_seconds=spot["cpu_seconds"],
    )


def _money(amounts: Mapping[str, float]) -> str:
    return ", ".join(f"{value:.2f} {currency}" for currency, value in amounts.items() if value)


def _last_line(said: str) -> str:
    lines = said.strip().splitlines()
    return lines[-1] if lines else "reelsheet plan said nothing."


def _key(entry: Entry) -> tuple[str, str]:
    return entry.id, entry.report.started_at if entry.report else ""
