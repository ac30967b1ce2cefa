"""A worker's process, asked to end in the middle of a wave."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from campaign.errors import StoreError
from campaign.lease import Leases, holding
from campaign.ledger import Ledger
from campaign.store import Store
from flows.generate import wave
from flows.machine import setup_for
from flows.settings import load_settings
from model.wan.tiny import save_tiny_checkpoint
from tasks.content import keep
from tasks.read import read, spots_of
from tasks.workshop import open_store
from tests.flows.fleet import LocalFleet

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("on_the_machine")]

ROW = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端\nfilm,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,wan\n"
STEPS = 40
WAVE = """
import sys
from campaign.events import Stepped, listening
from flows.generate import wave

def tell(event):
    if isinstance(event, Stepped) and "expert" in event.words:
        print(event.shot, event.done, flush=True)

with listening(tell):
    wave(int(sys.argv[1]), sys.argv[2:], "errand 1")
"""
"""What a worker starts, telling its steps."""


@pytest.fixture
def machine(machine: LocalFleet, tmp_path: Path) -> LocalFleet:
    wan = {
        "checkpoint": str(save_tiny_checkpoint(tmp_path / "weights", "t2v-a14b")),
        "device": "cpu",
        "precision": "fp32",
        "steps": STEPS,
        "sizes": {"9:16": [32, 48]},
    }
    machine.environment["REELSHEET_BACKENDS"] = json.dumps({"wan": wan})
    return machine


def begun(sheet: Path) -> tuple[int, list[str]]:
    """A batch that somebody holds no more, and its spots."""
    setup = setup_for(load_settings(), sheet)
    campaign = read(sheet, setup.kit_folders)
    spots, _ = spots_of(campaign, setup.kit_folders)
    campaign, content = keep(campaign, spots, open_store(setup))
    ledger = Ledger(setup.ledger)
    with holding(setup.ledger, campaign.name, "anna") as held:
        batch = ledger.begin_batch(campaign.name, campaign.path, campaign.digest)
        held.begin(batch, content)
    ledger.close()
    return batch, [spot.id for spot in spots]


def work(machine: LocalFleet, batch: int, spots: list[str], most: int) -> list[str]:
    """The steps of a wave in a process that is asked to end once it has made so many."""
    command = [sys.executable, "-c", WAVE, str(batch), *spots]
    made: list[str] = []
    with (
        (machine.folder / "wave.txt").open("ab") as words,
        subprocess.Popen(
            command, cwd=machine.folder, env=machine.environment, stdout=subprocess.PIPE, stderr=words
        ) as process,
    ):
        assert process.stdout
        for line in process.stdout:
            made.append(line.decode().strip())
            if len(made) == most:
                process.send_signal(signal.SIGTERM)
    assert (process.returncode == 0) == (len(made) < most), machine.words("wave")
    return made


def test_a_wave_whose_worker_is_asked_to_end_goes_on_at_its_very_step(
    campaign: Path, machine: LocalFleet
) -> None:
    campaign.write_text(ROW, encoding="utf-8")
    batch, spots = begun(campaign)
    first = work(machine, batch, spots, 5)
    assert 5 <= len(first) < STEPS
    store, leases = Store(machine.folder / "home" / "store"), Leases(machine.ledger)
    assert not machine.has("take")
    assert list(store.root.glob("wan/parked/*"))
    assert leases.silent(["errand 1"]) == set()
    leases.close()
    then = work(machine, batch, spots, STEPS)
    assert len(first) + len(then) == STEPS
    assert machine.has("take")
    assert not list(store.root.glob("wan/parked/*"))
    assert list(store.damaged()) == []


def test_a_worker_whose_ledger_does_not_know_the_batch_says_so(machine: LocalFleet) -> None:
    with pytest.raises(StoreError, match="knows no batch 99 under way"):
        wave(99, ["leaf-1"], "errand 99")
