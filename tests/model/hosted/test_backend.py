import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

import model.hosting.backend as hosted
from campaign.errors import BackendMissingError
from campaign.hosted_errors import InvalidRequestError, RateLimitedError
from model.hosting.gate import Gate, Pace
from model.hosting.loop import HOLDER, hosted_loop, is_gone
from model.registry import HOSTED, load_backend
from tests.contract.vendors.cases import CASES, FAST


def test_a_vendor_without_its_sdk_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosted, "find_spec", lambda _: None)
    for name in HOSTED:
        with pytest.raises(BackendMissingError, match=r"needs the package .* pip install '\.\[hosted\]'"):
            load_backend(name)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_wave_without_a_key_is_a_result_for_each_take(name: str, tmp_path: Path) -> None:
    with CASES[name].server() as server:
        backend = CASES[name].load(server, tmp_path, key=SecretStr(""))
        wave = [CASES[name].request(backend, number) for number in (1, 2)]
        outcomes = list(backend.make(wave, tmp_path, lambda *_: None))
    assert [outcome.request.shot.id for outcome in outcomes] == ["tea01-1-s1", "tea02-1-s1"]
    assert all(isinstance(outcome.error, BackendMissingError) for outcome in outcomes)
    assert backend.catalog.key_variable in str(outcomes[0].error)


def test_a_server_without_an_address_is_a_result_too(tmp_path: Path) -> None:
    case = CASES["openai-videos"]
    with case.server() as server:
        backend = case.load(server, tmp_path, base_url="")
        [outcome] = backend.make([case.request(backend, 1)], tmp_path, lambda *_: None)
    assert isinstance(outcome.error, InvalidRequestError)
    assert "base_url" in str(outcome.error)


def test_a_holder_is_gone_when_its_process_is() -> None:
    here = socket.gethostname()
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    child = process.pid
    assert is_gone(f"{here}:{child}:x")
    assert is_gone(f"{here}:{os.getpid()}:another")
    assert not is_gone(HOLDER.name)
    assert not is_gone(f"{here}:{os.getppid()}:x")
    assert not is_gone(f"elsewhere:{child}:x")


def test_one_loop_serves_all_waves_and_ends_with_the_last() -> None:
    with hosted_loop() as first:
        with hosted_loop() as second:
            assert first is second
        assert first.loop.is_running()
        assert first.gate(("url", "key"), FAST) is first.gate(("url", "key"), FAST)
        assert first.gate(("url", "other"), FAST) is not first.gate(("url", "key"), FAST)
    assert first.loop.is_closed()


def test_looks_are_spread_over_what_the_account_may_ask() -> None:
    async def times() -> float:
        gate = Gate(Pace(open_tasks=2, submits_per_second=100, polls_per_second=50, poll_every=0.01))
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(gate.may_ask() for _ in range(11)))
        return loop.time() - began

    assert asyncio.run(times()) >= 0.2


def test_no_more_tasks_are_begun_than_may_be_open() -> None:
    async def most() -> int:
        gate, seen = Gate(FAST), 0

        async def task() -> None:
            nonlocal seen
            async with gate.slot():
                seen = max(seen, gate.open)
                await asyncio.sleep(0.01)

        async with gate.following():
            await asyncio.gather(*(task() for _ in range(30)))
        return seen

    assert asyncio.run(most()) == FAST.open_tasks


def test_a_look_into_the_vendors_list_waits_until_nothing_is_on_its_way() -> None:
    async def order() -> list[str]:
        gate, said = Gate(FAST), []

        async def submit(name: str, seconds: float) -> None:
            async with gate.submitting():
                await asyncio.sleep(seconds)
                said.append(name)

        async def look() -> None:
            async with gate.quiet():
                said.append("look")
                await asyncio.sleep(0.02)

        first = asyncio.create_task(submit("before", 0.05))
        await asyncio.sleep(0.01)
        looking = asyncio.create_task(look())
        await asyncio.sleep(0.01)
        await asyncio.gather(first, looking, submit("after", 0.0))
        return said

    assert asyncio.run(order()) == ["before", "look", "after"]


def test_a_vendor_that_wants_no_more_submits_is_still_asked_about_what_it_makes() -> None:
    async def check() -> None:
        gate = Gate(FAST)
        gate.rest_from_submits(RateLimitedError("runway", "gets too many requests.", "Wait.", 19.0))
        await asyncio.wait_for(gate.may_ask(), 10)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(gate.may_submit(), 0.05)

    asyncio.run(check())
