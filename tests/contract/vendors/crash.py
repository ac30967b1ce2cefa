"""A batch in a process of its own that ends itself, by SIGKILL, at a point that is chosen.

A point is the moment before and after every write of the ledger and every request to the vendor.
"""

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpcore
import httpx
import httpx2

from campaign.attempts import Attempts
from campaign.store import Store
from tests.contract.vendors.cases import CASES, FAST

PRELOAD = [__name__, "runwayml", "openai", "dashscope.v2.client", "av", "model.hosting.backend"]
WRITES = ("intend", "submitted", "unknown", "settle", "take_over")


STEPS = ("write intend", "submit", "write submitted", "ask", "content", "write settle")
"""What every take passes."""
AFTER_A_KILL = tuple(
    f"{when} write {name}" for name in ("take_over", "unknown") for when in ("before", "after")
)
"""What comes only where a process was ended at the right point before."""
MOST = 50
"""Points after which a process ends that waits for one of those in vain."""


class Points:
    """Counts the points, and ends the process at the n-th of a name."""

    def __init__(self, name: str, nth: int, log: Path) -> None:
        self._name = name
        self._nth = nth
        self._log = log.open("a", encoding="utf-8")
        self._counts: Counter[str] = Counter()

    def reached(self, name: str) -> None:
        self._counts[name] += 1
        late = self._name in AFTER_A_KILL and self._counts.total() >= MOST
        if (name == self._name and self._counts[name] == self._nth) or late:
            self._log.write(f"{name}\n")
            self._log.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    def around_writes(self) -> None:
        for name in WRITES:
            setattr(Attempts, name, self._written(name, getattr(Attempts, name)))

    def around_requests(self) -> None:
        """At the lowest seam that all three SDKs and the downloads pass."""
        for client in (httpx.AsyncClient, httpx2.AsyncClient):
            client.send = self._sent(client.send)
        pool = httpcore.AsyncConnectionPool
        pool.handle_async_request = self._fetched(pool.handle_async_request)

    def _written(self, name: str, write: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.reached(f"before write {name}")
            result = write(*args, **kwargs)
            self.reached(f"after write {name}")
            return result

        return wrapped

    def _sent(self, send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(client: Any, request: Any, **kwargs: Any) -> Any:
            name = (
                "submit"
                if request.method == "POST"
                else "content"
                if "/content" in str(request.url)
                else "ask"
            )
            self.reached(f"before {name}")
            response = await send(client, request, **kwargs)
            self.reached(f"after {name}")
            return response

        return wrapped

    def _fetched(self, fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(pool: Any, request: Any) -> Any:
            if b"/results/" not in request.url.target:
                return await fetch(pool, request)
            self.reached("before content")
            response = await fetch(pool, request)
            self.reached("after content")
            return response

        return wrapped


class There:
    """Stands for a server that lives in another process."""

    def __init__(self, key: str, url: str) -> None:
        self.key = key
        self.url = url


def run(case_name: str, key: str, url: str, folder: Path, shots: int, end: tuple[str, int]) -> None:
    """Make what is missing of the batch, as `tasks.shoot` does; no name never ends it."""
    points = Points(*end, folder / "killed.txt")
    points.around_writes()
    points.around_requests()
    case, store = CASES[case_name], Store(folder / "store")
    backend = case.load(There(key, url), folder, pace=replace(FAST, open_tasks=4, poll_every=0.08))  # type: ignore[arg-type]
    wanted = [case.request(backend, number) for number in range(shots)]
    recipes = {request.shot.id: backend.recipe(request) for request in wanted}
    scratch = store.scratch()
    missing = [r for r in wanted if not (folder / "out" / f"{r.shot.id}.mp4").exists()]
    (folder / "out").mkdir(exist_ok=True)
    with (folder / "errors.txt").open("w", encoding="utf-8") as errors:
        for outcome in backend.make(missing, scratch, lambda *_: None):
            shot = outcome.request.shot.id
            if outcome.path:
                made = outcome.path
                artefact = store.make(
                    "take", recipes[shot], lambda f, made=made: _moved(made, f / "take.mp4")
                )
                with contextlib.suppress(FileExistsError):
                    (folder / "out" / f"{shot}.mp4").hardlink_to(artefact.file("take.mp4"))
            else:
                errors.write(f"{shot} {type(outcome.error).__name__}: {outcome.error}\n")
    (folder / "finished").touch()


def _moved(source: Path, target: Path) -> dict[str, str]:
    source.replace(target)
    return {}
