"""Processes are ended by SIGKILL at random moments; the end is that of an undisturbed run."""

import json
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from campaign.ledger import Ledger
from campaign.store import MANIFEST, Store
from model.wan.tiny import save_tiny_checkpoint
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
PATIENCE = 900
"""Seconds for a run that is left alone, on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run leaves behind."""

    made: dict[str, dict[str, str]]
    """Of each thing in the store, by kind and key, its files' digests."""
    released: list[tuple[str, str, str]]
    """Place, rendition and state of every release."""

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
        return cls(made=made, released=sorted(released))


class Killer:
    """Ends processes of runs of one campaign, each run in a folder of its own, until it has ended enough."""

    def __init__(self, fleet: LocalFleet, campaign: Path, seed: int) -> None:
        self.fleet = fleet
        self.campaign = campaign
        self.kills = 0
        self._draw = random.Random(seed)

    def calm(self) -> tuple[Left, float]:
        """What an undisturbed run leaves, and the seconds that it takes."""
        began = time.monotonic()
        door = self._door("calm")
        assert door.wait(PATIENCE) == 0, self.fleet.words("door")
        return Left.under(self.fleet.folder / "calm"), time.monotonic() - began

    def round(self, name: str, longest: float, at_most: int) -> Left:
        """Start the batch again after every kill, until it comes to its end or ``at_most`` were ended."""
        before = self.kills
        while True:
            door = self._door(name)
            while self.kills - before < at_most and self._ended_at_random(door, longest):
                if door.poll() is not None:
                    break
            else:
                assert door.wait(PATIENCE) == 0, self.fleet.words("door")
                return Left.under(self.fleet.folder / name)

    def _ended_at_random(self, door: "subprocess.Popen[bytes]", longest: float) -> bool:
        """End the door, or a worker of it, after a while; False when the run was over before."""
        with suppress(subprocess.TimeoutExpired):
            door.wait(self._draw.uniform(0.2, longest))
            return False
        victim = self._draw.choice([door.pid, *_workers(door.pid)])
        with suppress(ProcessLookupError):
            psutil.Process(victim).send_signal(signal.SIGKILL)
        self.kills += 1
        if victim == door.pid:
            door.wait(PATIENCE)
        return True

    def _door(self, name: str) -> "subprocess.Popen[bytes]":
        folder = self.fleet.folder / name
        places = {"REELSHEET_HOME": str(folder / "home"), "REELSHEET_OUT": str(folder / "out")}
        return self.fleet.start_door("make", str(self.campaign), settings=places)


def _workers(door: int) -> list[int]:
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(door).children(recursive=True)
        return [child.pid for child in children if LIKE_A_WORKER in " ".join(_command(child))]
    return []


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


MakeKiller = Callable[[int], Killer]


@pytest.fixture
def killer(campaign: Path, tmp_path: Path) -> Iterator[MakeKiller]:
    """Its doors make their batches themselves, with a Prefect server beside them."""
    wan = {
        "checkpoint": str(save_tiny_checkpoint(tmp_path / "weights", "t2v-a14b")),
        "device": "cpu",
        "precision": "fp32",
        "steps": 4,
        "sizes": {"9:16": [32, 48]},
    }
    settings = {"REELSHEET_BACKENDS": json.dumps({"wan": wan}), "REELSHEET_DISPATCH": "here"}
    fleet = LocalFleet(tmp_path / "fleet", settings | {"REELSHEET_WORKERS": "2"})
    fleet.start_server()
    yield lambda seed: Killer(fleet, campaign, seed)
    fleet.close()


@pytest.mark.parametrize(
    ("rows", "kills", "in_a_row"), [(ANIMATIC, 22, 8), (WAN, 10, 6)], ids=["animatic", "wan"]
)
def test_a_batch_killed_again_and_again_leaves_what_an_undisturbed_one_does(
    campaign: Path, killer: MakeKiller, rows: str, kills: int, in_a_row: int
) -> None:
    campaign.write_text(HEAD + rows, encoding="utf-8")
    killing = killer(7)
    calm, longest = killing.calm()
    rounds = 0
    while killing.kills < kills:
        rounds += 1
        if rounds == 2:
            _forget_everything(killing.fleet)
        # A run that goes on has less to do, and would be over before most of later moments.
        assert killing.round(f"round{rounds}", 0.6 * longest, in_a_row) == calm


def _forget_everything(fleet: LocalFleet) -> None:
    """End Prefect's server by SIGKILL, take its database away, and start another."""
    fleet.end(fleet.server)
    shutil.rmtree(fleet.folder / "prefect")
    fleet.start_server()
