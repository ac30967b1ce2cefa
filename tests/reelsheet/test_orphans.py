import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from reelsheet.orphans import MARK, SERVER, end_orphans, mark_door

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like Prefect's embedded server and was started by the door given as parameter."""
    environment = {**os.environ, MARK: request.param, "PREFECT_HOME": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", SLEEP, SERVER], env=environment)
    yield process
    process.kill()
    process.wait()


def this_door() -> str:
    mark_door()
    return os.environ.pop(MARK)


@pytest.mark.parametrize("server", ["999999999@1.00"], ids=["gone"], indirect=True)
def test_a_server_whose_door_is_gone_is_ended(server: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert end_orphans(tmp_path) == 1
    assert not psutil.pid_exists(server.pid)


@pytest.mark.parametrize("server", ["999999999@1.00"], ids=["gone"], indirect=True)
def test_a_server_of_another_home_is_left_alone(server: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert end_orphans(tmp_path / "elsewhere") == 0
    assert server.poll() is None


@pytest.mark.parametrize("server", [this_door()], ids=["open"], indirect=True)
def test_a_server_whose_door_is_open_is_left_alone(server: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert end_orphans(tmp_path) == 0
    assert psutil.pid_exists(server.pid)


@pytest.mark.parametrize("server", [f"{os.getpid()}@1.00"], ids=["other"], indirect=True)
def test_a_door_whose_number_another_process_has_now_is_gone(
    server: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    assert end_orphans(tmp_path) == 1
