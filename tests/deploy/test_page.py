import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
ELSEWHERE = {"docker", "root", "kubernetes"}
"""Blocks that need what a test has not; the other tests of this folder look at their files."""
START = "until curl"
ROWS = """\
编号,文案,产品,品牌,语言,时长,画幅
leaf,山里的晨雾，是春天的第一口。,春茶,qinghe_tea,中文,6,9:16
"""

pytestmark = pytest.mark.slow


def blocks(heading: str) -> list[str]:
    """What is to be run under a heading."""
    section = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section
    return re.findall(r"^```sh run\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder as a checkout is: a campaign, its kit and the deploy folder."""
    (tmp_path / "campaign.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "campaign.yaml").write_text("size: 360\n", encoding="utf-8")
    shutil.copytree(ROOT / "brand_kits" / "qinghe_tea", tmp_path / "brand_kits" / "qinghe_tea")
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    command = tmp_path / "bin" / "reelsheet"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reelsheet "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path


def run(place: Path, steps: list[str]) -> str:
    """All steps in one shell, as an operator types them, with a server's port of the test's own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "REELSHEET_"))
    }
    environment = {
        **kept,
        "HOME": str(place),
        "PATH": f"{place / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PREFECT_HOME": str(place / "prefect"),
        "PREFECT_SERVER_API_PORT": port,
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    # However a step ends, neither server nor worker stays.
    end = 'trap "kill %1 %2 2>/dev/null; wait || true" EXIT'
    script = "\n".join(["set -euo pipefail -m", end, *steps]).replace("4200", port)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
    logs = "".join(log.read_text(encoding="utf-8")[-4000:] for log in place.glob("*.log"))
    assert done.returncode == 0, done.stdout + logs
    return done.stdout


def test_every_block_is_run_or_says_what_it_needs() -> None:
    marks = re.findall(r"^```(.+)$", PAGE, re.MULTILINE)
    assert set(marks) == {"sh run", *(f"sh {need}" for need in ELSEWHERE)}


def test_one_machine_by_hand_makes_a_campaign_through_the_pools(place: Path) -> None:
    said = run(place, blocks("One machine, by hand"))
    assert "work pool gpu: created" in said
    assert "Completed" in said
    assert re.search(r"batch 1 campaign: over since .*1 done", said)
    assert (place / "out" / "campaign" / "leaf-1" / "leaf-1_9x16.mp4").is_file()
    worker = (place / "worker.log").read_text(encoding="utf-8")
    assert "finish-spots" in worker
    assert "generate-wave" in worker


def test_pools_of_kubernetes_are_made_of_the_templates_and_left_as_they_are(place: Path) -> None:
    start = next(block for block in blocks("One machine, by hand") if START in block)
    said = run(place, [start, *blocks("Kubernetes")])
    assert "work pool cpu: as it was, of type kubernetes" in said
    assert "deployment generate-wave/gpu: created" in said
