"""Pictures reach each vendor in a form that it takes."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.backend import TakeOutcome
from model.hosting.backend import HostedBackend
from model.hosting.catalog import Price
from tests.contract.vendors.bailian import BailianServer
from tests.contract.vendors.cases import CASES, Case
from tests.contract.vendors.openai_videos import OpenAIVideosServer
from tests.contract.vendors.runway import RunwayServer
from tests.contract.vendors.wire import VendorServer

I2V = {
    "runway": Case("runway:gen4_turbo", RunwayServer, 720, 0.01),
    "bailian": Case("bailian:wan2.7-i2v", BailianServer, 720, 1.0),
    "openai-videos": Case("openai-videos:Wan-AI/Wan2.2-I2V-A14B-Diffusers", OpenAIVideosServer, 480, 0.0),
}
PRICE = Price(
    currency="USD",
    per_second={"720P": Decimal("0.1"), "1080P": Decimal("0.2")},
    as_of=date(2026, 11, 20),
    source="ours",
)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "cup.png"
    noise = np.random.default_rng(1).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    return path


@pytest.fixture
def runway() -> Iterator[RunwayServer]:
    with RunwayServer() as server:
        yield server


def make(case: Case, server: VendorServer, folder: Path, picture: Path) -> tuple[HostedBackend, TakeOutcome]:
    backend = case.load(server, folder, prices={"wan2.7-i2v": PRICE})
    asked = case.request(backend, 1)
    asked = replace(asked, shot=replace(asked.shot, image=picture))
    (folder / "out").mkdir()
    [outcome] = backend.make([asked], folder / "out", lambda *_: None)
    return backend, outcome


@pytest.mark.parametrize("name", sorted(I2V))
def test_a_take_starts_from_its_picture(name: str, tmp_path: Path, picture: Path) -> None:
    with I2V[name].server() as server:
        _, outcome = make(I2V[name], server, tmp_path, picture)
        assert outcome.error is None
        [task] = server.tasks.values()
        sent = str(task.asked)
        assert "data:image/png;base64," in sent or "cup.png" in sent


def test_a_small_picture_goes_inline_and_a_large_one_is_uploaded(
    runway: RunwayServer, tmp_path: Path, picture: Path
) -> None:
    make(I2V["runway"], runway, tmp_path, picture)
    assert runway.counts["uploads"] == 0
    large = tmp_path / "large.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (1170, 2080, 3), dtype=np.uint8)).save(large)
    assert large.stat().st_size > 5 << 20
    (tmp_path / "second").mkdir()
    _, outcome = make(I2V["runway"], runway, tmp_path / "second", large)
    assert outcome.error is None
    assert runway.counts["uploads"] == 1
    assert [t.asked["promptImage"][:9] for t in runway.tasks.values()] == ["data:imag", "runway://"]


def test_an_upload_that_fails_has_cost_nothing_and_is_tried_again_by_the_next_run(
    runway: RunwayServer, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (1170, 2080, 3), dtype=np.uint8)).save(large)
    runway.upload_fails = True
    _, outcome = make(I2V["runway"], runway, tmp_path, large)
    assert outcome.error
    assert runway.counts["posts"] == 0
    runway.upload_fails = False
    (tmp_path / "out").rmdir()
    assert make(I2V["runway"], runway, tmp_path, large)[1].path


@pytest.mark.parametrize("name", sorted(CASES))
def test_balance_and_cancel_are_asked_over_the_same_socket(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    with case.server(render_seconds=60.0, balance=1234.0) as server:
        backend = case.load(server, tmp_path)

        async def begin() -> str:
            assert backend.options
            account = backend.connect(backend.options)
            try:
                return (await account.submit(backend.job(case.request(backend, 1)))).task_id
            finally:
                await account.close()

        task_id = asyncio.run(begin())
        assert task_id in server.tasks
        stopped, balance = backend.cancel(task_id), backend.balance()
        assert stopped
        assert (str(balance) == "11.86 USD") == (name == "runway")
