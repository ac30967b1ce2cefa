"""A batch whose process is killed again and again ends with one file per shot, each paid once."""

import signal
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import pytest

from campaign.attempt import AttemptState
from campaign.attempts import Attempts
from campaign.resolution import attach, resubmit, waiting
from tests.contract.vendors.cases import CASES
from tests.contract.vendors.crash import AFTER_A_KILL, PRELOAD, STEPS, run
from tests.contract.vendors.wire import VendorServer

SHOTS = 60
KILLS = 40
ALWAYS = [f"{when} {step}" for step in STEPS for when in ("before", "after")]
ENDS = [(point, nth) for nth in (1, 2, 4) for point in (*ALWAYS, *AFTER_A_KILL)]
"""Points at which the process is ended, in this order, each in a process of its own."""
NEVER = ("", 0)


@pytest.fixture(params=sorted(CASES))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.slow  # Half a minute for each vendor, 48 processes.
def test_a_batch_killed_forty_times_pays_each_shot_once_and_ends_with_one_file(
    name: str, tmp_path: Path
) -> None:
    with CASES[name].server(render_seconds=0.03) as server:
        kills = kill_again_and_again(name, server, tmp_path)
        assert kills.total() >= KILLS
        assert set(kills) >= set(ALWAYS)
        finish(name, server, tmp_path)
        made = sorted(path.stem for path in (tmp_path / "out").iterdir())
        assert made == [f"tea{number:02}-1-s1" for number in range(SHOTS)]
        check_books(name, server, tmp_path)


def test_two_processes_with_the_same_batch_pay_each_shot_once(name: str, tmp_path: Path) -> None:
    with CASES[name].server(render_seconds=0.1) as server:
        context = get_context("forkserver")
        context.set_forkserver_preload(PRELOAD)
        (tmp_path / "out").mkdir()
        arguments = (name, server.key, server.url, tmp_path, 12, NEVER)
        both = [context.Process(target=run, args=arguments) for _ in range(2)]
        for process in both:
            process.start()
        for process in both:
            process.join()
        assert [process.exitcode for process in both] == [0, 0]
        assert len(list((tmp_path / "out").iterdir())) == 12
        assert server.counts["posts"] == len(server.tasks) == 12


def kill_again_and_again(name: str, server: VendorServer, folder: Path) -> Counter[str]:
    for end in ENDS:
        if start(name, server, folder, end) == 0:
            # Nothing is left to do but what waits for a person, who does it before the next run.
            answer_as_a_person(name, server, folder)
    return Counter((folder / "killed.txt").read_text().splitlines())


def finish(name: str, server: VendorServer, folder: Path) -> None:
    start(name, server, folder, NEVER)
    answered = answer_as_a_person(name, server, folder)
    # A vendor that lists its tasks leaves nothing to a person.
    assert not (answered and CASES[name].load(server, folder).catalog.account.lists)
    start(name, server, folder, NEVER)


def start(name: str, server: VendorServer, folder: Path, end: tuple[str, int]) -> int:
    """Run the batch in a process of its own; its exit code, negative for a signal."""
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    process = context.Process(target=run, args=(name, server.key, server.url, folder, SHOTS, end))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), (folder / "errors.txt").read_text()
    return process.exitcode


def answer_as_a_person(name: str, server: VendorServer, folder: Path) -> int:
    """Look into the vendor's console: attach what is there, else pay again. How many there were."""
    attempts = Attempts(f"sqlite:///{folder / 'ledger.db'}")
    known = {a.provider_id for a in attempts.find() if a.provider_id}
    strangers = {task.prompt: task.id for task in server.tasks.values() if task.id not in known}
    unsure = waiting(attempts)
    # No task is unknown to the ledger but those that an ambiguous attempt stands for.
    assert len(strangers) <= len(unsure)
    for attempt in unsure:
        assert attempt.state is AttemptState.SUBMIT_UNKNOWN
        found = next((t for prompt, t in strangers.items() if words_of(attempt.shot) in prompt), None)
        if found:
            attach(attempts, attempt.id, found, who="editor", why="seen in the console")
        else:
            resubmit(attempts, attempt.id, who="editor", why="not in the console")
    attempts.close()
    return len(unsure)


def words_of(shot: str) -> str:
    return f"cup{shot[3:5]}"


def check_books(name: str, server: VendorServer, folder: Path) -> None:
    attempts = Attempts(f"sqlite:///{folder / 'ledger.db'}")
    booked = attempts.find()
    attempts.close()
    assert {a.provider_id for a in booked if a.provider_id} == set(server.tasks)
    assert len(server.tasks) == SHOTS
    done = {a.shot: a for a in booked if a.state is AttemptState.SUCCEEDED}
    assert len(done) == SHOTS
    for shot, attempt in done.items():
        film = (folder / "out" / f"{shot}.mp4").read_bytes()
        assert attempt.provider_id
        assert film.endswith(attempt.provider_id.encode())
        assert words_of(shot) in server.tasks[attempt.provider_id].prompt
