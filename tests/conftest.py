"""Fixtures that several folders of tests share."""

import gc
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from campaign.remote import Remote
from campaign.report import BatchReport, FindingResult, RenditionResult, RowResult, RowState, SpotResult
from tests.postgres import MISSING, programs_of_postgres, running_postgres

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs the tests in its background has them ignore it, and whatever they start too: a worker
    # of Prefect would never end.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first in either half: each of two processes begins with its half, and takes from the other's
    end when it is through. A slow test at the end would keep one of them waiting for minutes."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    rest = [item for item in items if not item.get_closest_marker("slow")]
    middle = max(len(items) // 2 - len(slow[::2]), 0)
    items[:] = [*slow[::2], *rest[:middle], *slow[1::2], *rest[middle:]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Imports leave no garbage worth looking for."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported by now stays: no collection of garbage looks through it again."""
    gc.freeze()
    gc.enable()


@pytest.fixture
def report() -> BatchReport:
    """One row done, with a finding and words that are dangerous in HTML, and one row with a problem."""
    rendition = RenditionResult(
        aspect="9:16",
        file="tea01-1/tea01-1_9x16.mp4",
        cover="tea01-1/tea01-1_9x16.jpg",
        captions="tea01-1/tea01-1_9x16.srt",
        frames="",
        width=720,
        height=1280,
        duration=12.5,
        size=1_234_567,
        loudness=-14.1,
        true_peak=-1.4,
        labels={"visible": "AI生成"},
        reused=False,
        key="k" * 64,
    )
    finding = FindingResult(
        rule="zh.absolute",
        category="ad_law",
        decision="refuse",
        where="copy",
        text="<国家级>",
        why="广告法第九条",
        suggestion="删除",
    )
    spot = SpotResult(
        spot_id="tea01-1",
        variant=1,
        state=RowState.DONE,
        reason="",
        backend="animatic",
        seed=7,
        shots=1,
        duration=12.5,
        decision="allow",
        verdict="v" * 64,
        voice="espeak:cmn",
        made={"take": 3},
        reused={},
        storyboard=[{"line": "l", "subject": "s", "action": "a", "environment": "e", "camera": "c"}],
        renditions=[rendition],
        findings=[finding],
    )
    rows = [
        RowResult(
            row=2, id="tea01", copy="春茶 & <b>", state=RowState.DONE, reason="", problems=[], spots=[spot]
        ),
        RowResult(
            row=3, id="", copy="", state=RowState.PROBLEM, reason="", problems=["Sheet1!B3: …"], spots=[]
        ),
    ]
    return BatchReport(
        campaign="tea",
        sheet="tea.xlsx",
        digest="d" * 64,
        started_at="2026-11-20T10:00:00+08:00",
        seconds=61.2,
        policy="starter",
        notes=["A loud note."],
        problems=[],
        rows=rows,
        counts={"done": 1, "problem": 1},
    )


Fault = Callable[[dict[str, Any]], tuple[str, bytes] | None]
"""Of a WSGI request: the status and body that are answered in the server's place, or None."""


class Bucket:
    """A bucket of an S3 server on loopback, whose weather a test may make."""

    def __init__(self, endpoint: str, faults: list[Fault]) -> None:
        self.url = f"s3://reels-{uuid.uuid4().hex[:12]}/store"
        self.options = {"endpoint_url": endpoint, "key": "test", "secret": "test-secret"}
        self.faults = faults
        self.files.mkdir(self.url.split("/")[2])

    @property
    def remote(self) -> Remote:
        return Remote(url=self.url, options=tuple(sorted(self.options.items())))

    @property
    def files(self) -> Any:
        """Of fsspec, to look into it past the product."""
        import fsspec

        return fsspec.filesystem("s3", use_listings_cache=False, **self.options)

    def names(self) -> list[str]:
        return sorted(self.files.find(self.url.removeprefix("s3://")))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[tuple[str, list[Fault]]]:
    pytest.importorskip("s3fs", reason="S3 needs .venv/bin/pip install -c constraints.txt -e '.[fleet,dev]'")
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    moto, faults = DomainDispatcherApplication(create_backend_app), []

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        for fault in tuple(faults):
            if said := fault(environ):
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                start(said[0], [("Content-Type", "application/xml"), ("Content-Length", str(len(said[1])))])
                return [said[1]]
        return moto(environ, start)

    class Silent(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", faults
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bucket(s3_server: tuple[str, list[Fault]]) -> Iterator[Bucket]:
    endpoint, faults = s3_server
    yield Bucket(endpoint, faults)
    faults.clear()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of its own on a free port of loopback; its address without a database."""
    programs = programs_of_postgres()
    if not programs:
        pytest.skip(MISSING)
    with running_postgres(programs) as address:
        yield f"postgresql+psycopg://{address}"


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    name = f"ledger_{uuid.uuid4().hex[:12]}"
    admin = sqlalchemy.create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield f"{postgres_server}/{name}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty ledger, once on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'home' / 'ledger.db'}"
    return request.getfixturevalue("postgres")
