"""Processes are ended by SIGKILL at random moments; the end is that of an undisturbed run."""

import hashlib
import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from campaign.ledger import Ledger
from campaign.store import MANIFEST, Store
from model.wan.tiny import save_tiny_checkpoint
from tests.flows.doors import Doors
from tests.flows.fleet import LocalFleet

pytestmark = pytest.mark.slow

HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端\n"
ANIMATIC = """\
leaf,山里的晨雾，是春天的第一口。,春茶,qinghe_tea,中文,5,9:16,none,animatic
cup,Slow mornings start with a warm cup.,Morning mug,harbor_ceramics,en,6,1:1,none,animatic
"""
WAN = "film,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,wan\n"
LIKE_A_WORKER = "multiprocessing.spawn"
"""In the command line of the processes that draw and encode."""
KILLS, IN_A_ROW = 30, 10
"""In all, and in the life of one batch."""
LONGEST_STEP = 0.5
"""Seconds that a kill waits from one thing made towards the next."""
PATIENCE = 900
"""Seconds for a run that is left alone, on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run leaves behind."""

    made: dict[str, dict[str, str]]
    """Of each thing in the store, by kind and key, its files' digests."""
    released: list[tuple[str, str, str]]
    """Place, rendition and state of every release."""
    delivered: dict[str, str]
    """Digests of the videos."""

    @classmethod
    def under(cls, folder: Path) -> "Left":
        store = folder / "home" / "store"
        assert list(Store(store).damaged()) == []
        # What a worker that was ended alone has left is removed by the next start.
        Store(store).sweep()
        assert not list((store / "scratch").glob("*"))
        made = {}
        for path in store.glob(f"*/??/*/{MANIFEST}"):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            files = {name: entry["sha256"] for name, entry in manifest["files"].items()}
            made[f"{manifest['kind']} {manifest['key']}"] = files
        ledger = Ledger(f"sqlite:///{folder / 'home' / 'ledger.db'}")
        released = [(one.place, one.rendition, one.state.value) for one in ledger.releases()]
        assert {batch.state.value for batch in ledger.batches()} == {"finished"}
        ledger.close()
        videos = (folder / "out").rglob("*.mp4")
        delivered = {video.name: hashlib.sha256(video.read_bytes()).hexdigest() for video in videos}
        return cls(made=made, released=sorted(released), delivered=delivered)


class Killer:
    """Ends processes of runs of one campaign, each run in a folder of its own."""

    def __init__(self, fleet: LocalFleet, doors: Doors, campaign: Path, seed: int) -> None:
        self.fleet = fleet
        self.campaign = campaign
        self.hit: list[int] = []
        """How many files were there at each kill."""
        self._doors = doors
        self._draw = random.Random(seed)

    def calm(self) -> tuple[Left, int]:
        """What an undisturbed run of the command leaves, and how many files that is."""
        door = self.fleet.start_door("make", str(self.campaign), settings=self._places("calm"))
        assert door.wait(PATIENCE) == 0, self.fleet.words("door")
        return Left.under(self.fleet.folder / "calm"), self._files("calm")

    def round(self, name: str, kills: int, files: int) -> Left:
        """Make the batch, and kill at a random moment in each of so many equal parts of its work.

        It is started again after every kill, until it comes to its end.
        """
        door, spared, code = self._open(name), True, None
        for part in range(kills):
            code = self._reached(name, (part + self._draw.random()) * files / kills)
            if code is not None:
                break
            there = self._files(name)
            # A worker ended twice on the same piece of work would have that given up in this run.
            victim = self._draw.choice([door, *(_workers(door) if spared else ())])
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            spared = victim == door
            if victim == door:
                code = self._doors.ended(PATIENCE)
                if code != -signal.SIGKILL:
                    break
                door, code = self._open(name), None
            self.hit.append(there)
        if code is None:
            code = self._doors.ended(PATIENCE)
        assert code == 0, self.fleet.words("doors")
        return Left.under(self.fleet.folder / name)

    def _reached(self, name: str, files: float) -> int | None:
        """Wait until so many files are there, and a little longer; the exit code where it ends before."""
        until = time.monotonic() + PATIENCE
        while self._files(name) < files:
            assert time.monotonic() < until, self.fleet.words("doors")
            if (code := self._doors.ended(0.01)) is not None:
                return code
        return self._doors.ended(self._draw.uniform(0, LONGEST_STEP))

    def _files(self, name: str) -> int:
        """What was made so far: finished or parked in the store, or delivered."""
        folder, count = self.fleet.folder / name, 0
        for top in (folder / "home" / "store", folder / "out"):
            for _, folders, files in os.walk(top):
                folders[:] = [inner for inner in folders if inner != "scratch"]
                count += len(files)
        return count

    def _open(self, name: str) -> int:
        return self._doors.open(self.campaign, self._places(name), PATIENCE)

    def _places(self, name: str) -> dict[str, str]:
        folder = self.fleet.folder / name
        return {"REELSHEET_HOME": str(folder / "home"), "REELSHEET_OUT": str(folder / "out")}


def _workers(door: int) -> list[int]:
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(door).children(recursive=True)
        return [child.pid for child in children if LIKE_A_WORKER in " ".join(_command(child))]
    return []


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


MakeKiller = Callable[[Mapping[str, object]], Killer]


@pytest.fixture
def killer(campaign: Path, tmp_path: Path) -> Iterator[MakeKiller]:
    """Its doors make their batches themselves, with a Prefect server beside them."""
    with ExitStack() as stack:

        def make(backends: Mapping[str, object]) -> Killer:
            settings = {"REELSHEET_BACKENDS": json.dumps(backends), "REELSHEET_DISPATCH": "here"}
            fleet = LocalFleet(tmp_path / "fleet", settings | {"REELSHEET_WORKERS": "2"})
            stack.callback(fleet.close)
            fleet.start_server()
            doors = Doors(fleet.folder, fleet.environment)
            stack.callback(doors.close)
            return Killer(fleet, doors, campaign, seed=7)

        yield make


def test_an_animatic_killed_again_and_again_leaves_what_an_undisturbed_one_does(
    campaign: Path, killer: MakeKiller
) -> None:
    campaign.write_text(HEAD + ANIMATIC, encoding="utf-8")
    kill_thirty_times(killer({}))


def test_a_wave_killed_again_and_again_leaves_what_an_undisturbed_one_does(
    campaign: Path, killer: MakeKiller, tmp_path: Path
) -> None:
    campaign.write_text(HEAD + WAN, encoding="utf-8")
    wan = {
        "checkpoint": str(save_tiny_checkpoint(tmp_path / "weights", "t2v-a14b")),
        "device": "cpu",
        "precision": "fp32",
        "steps": 4,
        "sizes": {"9:16": [32, 48]},
    }
    kill_thirty_times(killer({"wan": wan}))


def kill_thirty_times(killing: Killer) -> None:
    calm, files = killing.calm()
    rounds = 0
    while len(killing.hit) < KILLS:
        rounds += 1
        if rounds == 2:
            _forget_everything(killing.fleet)
        assert killing.round(f"round{rounds}", IN_A_ROW, files) == calm
    # Kills came at the beginning, in the middle and at the end of the work.
    parts = Counter(min(3 * hit // files, 2) for hit in killing.hit)
    assert min(parts[0], parts[1], parts[2]) >= KILLS // 10, killing.hit


def _forget_everything(fleet: LocalFleet) -> None:
    """End Prefect's server by SIGKILL, take its database away, and start another."""
    fleet.end(fleet.server)
    shutil.rmtree(fleet.folder / "prefect")
    fleet.start_server()
