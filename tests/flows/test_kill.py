import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from campaign.ledger import Ledger, ReleaseState
from campaign.store import Store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
KILLS = 4
LONGEST = 14.0
"""Seconds; about as long as an undisturbed run takes on two quiet cores."""


def start(campaign: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Its words go to a file: an embedded server left behind by a kill would hold a pipe open."""
    folder.mkdir(exist_ok=True)
    with (folder / "words.txt").open("wb") as words:
        return subprocess.Popen(
            [sys.executable, "-m", "reelsheet", "make", str(campaign)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=words,
            stderr=subprocess.STDOUT,
        )


def finish(campaign: Path, folder: Path) -> None:
    process = start(campaign, folder)
    assert process.wait(timeout=240) == 0, (folder / "words.txt").read_text(encoding="utf-8")


def delivered(folder: Path) -> dict[str, str]:
    out = folder / "out"
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.suffix in (".mp4", ".srt", ".jpg")
    }


def test_a_run_killed_again_and_again_ends_with_the_files_of_an_undisturbed_run(
    campaign: Path, tmp_path: Path
) -> None:
    finish(campaign, tmp_path / "calm")
    draw = random.Random(7)
    for _ in range(KILLS):
        process = start(campaign, tmp_path / "killed")
        time.sleep(draw.uniform(1.0, LONGEST))
        process.kill()
        process.wait()
    finish(campaign, tmp_path / "killed")
    assert delivered(tmp_path / "killed") == delivered(tmp_path / "calm")
    home = tmp_path / "killed" / ".reelsheet"
    assert list(Store(home / "store").damaged()) == []
    assert list((home / "store" / "scratch").iterdir()) == []
    releases = Ledger(f"sqlite:///{home / 'ledger.db'}").releases()
    assert len(releases) == 2
    assert {release.state for release in releases} == {ReleaseState.CONFIRMED}
