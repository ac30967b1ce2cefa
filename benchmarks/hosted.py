"""1,000 open tasks polled in one process: CPU, memory, requests a second against the vendor's limit.

    python -m benchmarks.hosted [tasks] [seconds] [--vendors …] [--limits …]

A vendor's server in a process of its own answers over real sockets; everything else is as in a batch, ledger
and official SDK included. The pace is Bailian's, 20 looks a second for the account, then ten times it.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from campaign.attempt import AttemptState
from campaign.attempts import Attempts
from model.hosting.gate import Pace
from tests.contract.vendors.cases import CASES, Case


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tasks", type=int, nargs="?", default=1000)
    arguments.add_argument("seconds", type=float, nargs="?", default=60.0)
    arguments.add_argument("--vendors", nargs="+", default=sorted(CASES), choices=sorted(CASES))
    arguments.add_argument("--limits", nargs="+", type=float, default=[20.0, 200.0])
    given = arguments.parse_args()
    print(f"{given.tasks} tasks, each {given.seconds:g} s at the vendor")
    print("vendor         limit/s  asked/s  most/s  CPU s  CPU %  MiB over idle  threads  paid  files  s")
    for name in given.vendors:
        for limit in given.limits:
            # A process each, for its most memory is its own.
            one = multiprocessing.get_context("spawn").Process(
                target=measure, args=(name, given.tasks, given.seconds, limit)
            )
            one.start()
            one.join()
            if one.exitcode:
                sys.exit(f"{name} at {limit:g} a second failed")


def measure(name: str, tasks: int, seconds: float, limit: float) -> None:
    case = CASES[name]
    with away(name, seconds) as (server, line), tempfile.TemporaryDirectory() as folder:
        pace = Pace(open_tasks=tasks, submits_per_second=200.0, polls_per_second=limit, poll_every=15.0)
        backend = case.load(server, Path(folder), pace=pace)  # type: ignore[arg-type]
        wave = [case.request(backend, number) for number in range(tasks)]
        before, clock = usage(), time.monotonic()
        threads = [0]
        (Path(folder) / "out").mkdir()
        files = 0
        for outcome in backend.make(wave, Path(folder) / "out", lambda *_: None):
            files += outcome.path is not None
            threads[0] = max(threads[0], threading.active_count())
        wall, (cpu, peak) = time.monotonic() - clock, usage()
        paid = len(find_paid(folder))
        line.send("counts")
        times, posts = line.recv()
        rates = per_second(times)
        span = max(times) - min(times)
        print(
            f"{name:14} {limit:7.0f} {len(times) / span:8.1f} {max(rates):7d} {cpu - before[0]:6.1f} "
            f"{100 * (cpu - before[0]) / wall:6.1f} {peak - before[1]:14.0f} {threads[0]:8d} "
            f"{paid:5d} {files:6d} {wall:.0f}"
        )
        assert posts == paid == files == tasks
        sys.stdout.flush()


def find_paid(folder: str) -> list[Any]:
    book = Attempts(f"sqlite:///{folder}/ledger.db")
    try:
        return book.find([AttemptState.SUCCEEDED])
    finally:
        book.close()


def usage() -> tuple[float, float]:
    """CPU seconds of this process, and the most memory it had, MiB."""
    now = resource.getrusage(resource.RUSAGE_SELF)
    return now.ru_utime + now.ru_stime, now.ru_maxrss / 1024


def per_second(times: list[float]) -> list[int]:
    """How many fell into each second."""
    counts: dict[int, int] = {}
    for at in times:
        counts[int(at)] = counts.get(int(at), 0) + 1
    return list(counts.values())


class There:
    def __init__(self, key: str, url: str) -> None:
        self.key = key
        self.url = url


@contextmanager
def away(name: str, seconds: float) -> Iterator[tuple[There, Connection]]:
    """The vendor's server in another process, so that only our own side is measured."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(CASES[name], seconds, theirs))
    process.start()
    try:
        yield There(*ours.recv()), ours
    finally:
        ours.send("end")
        process.join()


def serve(case: Case, seconds: float, line: Connection) -> None:
    with case.server(render_seconds=seconds) as server:
        line.send((server.key, server.url))
        while line.recv() != "end":
            line.send((list(server.times), server.counts["posts"]))


if __name__ == "__main__":
    main()
