"""A small real campaign and a Prefect server of its own, started once."""

import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

# Prefect reads the environment at import.
from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness

from tasks.setup import Setup
from tests.flows.fleet import LocalFleet

ROOT = Path(__file__).parent.parent.parent

ROWS = """\
编号,文案,产品,品牌,语言,时长,画幅,音乐
leaf,山里的晨雾，是春天的第一口。,春茶,qinghe_tea,中文,6,9:16,
cup,Slow mornings start with a warm cup.,Morning mug,harbor_ceramics,en,6,1:1,none
"""


@pytest.fixture(scope="session", autouse=True)
def prefect_server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A folder with a sheet and kits of its own, so that a test may change both."""
    folder = tmp_path / "campaign"
    folder.mkdir()
    (folder / "tea.csv").write_text(ROWS, encoding="utf-8")
    (folder / "tea.yaml").write_text("size: 360\n", encoding="utf-8")
    for kit in ("qinghe_tea", "harbor_ceramics"):
        shutil.copytree(ROOT / "brand_kits" / kit, folder / "brand_kits" / kit)
    return folder / "tea.csv"


@pytest.fixture
def setup(tmp_path: Path, campaign: Path) -> Callable[[], Setup]:
    def build() -> Setup:
        return Setup(
            store=tmp_path / "store",
            ledger=f"sqlite:///{tmp_path / 'ledger.db'}",
            out=tmp_path / "out",
            kit_folders=(campaign.parent / "brand_kits",),
            workers=2,
            chunk=12,
        )

    return build


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[LocalFleet]:
    """Doors that are processes of their own, on the server of all tests, and make batches themselves."""
    api = str(PREFECT_API_URL.value())
    machine = LocalFleet(tmp_path / "machine", {"PREFECT_API_URL": api, "REELSHEET_DISPATCH": "here"})
    yield machine
    machine.close()


@pytest.fixture
def on_the_machine(machine: LocalFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flows of this process find the machine's settings, too."""
    monkeypatch.chdir(machine.folder)
    for name, value in machine.environment.items():
        if name.startswith("REELSHEET_"):
            monkeypatch.setenv(name, value)


@pytest.fixture
def collector() -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    """An OTLP endpoint on loopback, and what it was sent by path."""
    sent: dict[str, list[bytes]] = {}

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            sent.setdefault(self.path, []).append(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()
        thread.join()
