"""Warm worker processes that draw and encode, one per core, and what they are asked to build."""

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, TypeVar

from campaign.content_key import Json, content_key
from campaign.errors import ReelsheetError
from campaign.fleet_errors import LeftError
from campaign.store import Artefact, Store

log = logging.getLogger(__name__)

K = TypeVar("K")
Made = Artefact | ReelsheetError
"""What became of something wanted: it, or the reason why not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An artefact that should be in the store, and how it is built when it is not."""

    kind: str
    recipe: Mapping[str, Json]
    build: Callable[[Any, Path], Mapping[str, Json]]
    """A module-level function: the job and the folder for its files; returns facts."""
    job: Any
    """Picklable."""

    @property
    def key(self) -> str:
        return content_key(self.recipe)


BuildAll = Callable[[Mapping[str, Wanted]], Iterator[tuple[str, Made]]]
"""Builds what is missing, by content key, in any order."""


def obtain(store: Store, wanted: Mapping[K, Wanted], build_all: BuildAll) -> Iterator[tuple[K, Made]]:
    """Each thing wanted as soon as it is there: first what is found, then what had to be built.

    The same content wanted under several names is built once.
    """
    names: dict[str, list[K]] = {}
    missing: dict[str, Wanted] = {}
    keys = {name: want.key for name, want in wanted.items()}
    store.prefetch((want.kind, keys[name]) for name, want in wanted.items())
    for name, want in wanted.items():
        key = keys[name]
        try:
            found = store.find(want.kind, key)
        except ReelsheetError as error:
            yield name, error
            continue
        if found:
            yield name, found
        else:
            names.setdefault(key, []).append(name)
            missing[key] = want
    for key, made in build_all(missing):
        for name in names[key]:
            yield name, made


def left_to_others(missing: Mapping[str, Wanted]) -> Iterator[tuple[str, Made]]:
    """Builds nothing: this machine leaves it to the work pools."""
    for key, want in missing.items():
        yield key, LeftError(want.kind)


class WorkerLostError(ReelsheetError):
    """A worker process died, mostly because memory ran out, twice on the same piece of work."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return (
            f"The worker process of this {self.what} was ended twice, as happens when memory runs out. "
            "Set fewer workers (REELSHEET_WORKERS=1) and run the same command again."
        )


class UnexpectedError(ReelsheetError):
    """A fault of ours; the log has the traceback."""

    def __init__(self, what: str, cause: str) -> None:
        super().__init__(what, cause)
        self.what = what
        self.cause = cause

    def __str__(self) -> str:
        return f"A fault in reelsheet stopped this {self.what}: {self.cause}. The log has the details."


class Pool:
    """Builds what is wanted, in worker processes that are started when first needed and stay warm."""

    def __init__(self, store: Store, workers: int) -> None:
        self.store = store
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        if self._executor:
            self._executor.shutdown(cancel_futures=True)

    def build_all(self, missing: Mapping[str, Wanted]) -> Iterator[tuple[str, Made]]:
        """Build each, in worker processes; one that fails is an error beside its key."""
        lost = []
        executor = self._started() if missing else None
        futures: dict[Future[Artefact], str] = {}
        for key, want in missing.items():
            try:
                futures[executor.submit(_build, self.store, want)] = key  # type: ignore[union-attr]
            except BrokenProcessPool:
                lost.append(key)
        for future in as_completed(futures):
            key = futures[future]
            try:
                yield key, self._outcome(future, missing[key])
            except BrokenProcessPool:
                lost.append(key)
        if lost:
            self._drop(executor)
        # One at a time, so that only the piece of work that ends its worker is blamed for it.
        for key in lost:
            try:
                yield (
                    key,
                    self._outcome(self._started().submit(_build, self.store, missing[key]), missing[key]),
                )
            except BrokenProcessPool:
                self._drop(self._executor)
                yield key, WorkerLostError(missing[key].kind)

    def _outcome(self, future: "Future[Artefact]", want: Wanted) -> Made:
        try:
            return future.result()
        except BrokenProcessPool:
            raise
        except ReelsheetError as error:
            return error
        except Exception as error:
            log.exception("building a %s", want.kind)
            return UnexpectedError(want.kind, f"{type(error).__name__}: {error}")

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._executor is None:
                self._executor = ProcessPoolExecutor(
                    self._workers, mp_context=get_context("spawn"), initializer=_leave_with_parent
                )
            return self._executor

    def _drop(self, executor: ProcessPoolExecutor | None) -> None:
        with self._lock:
            if executor and self._executor is executor:
                executor.shutdown(wait=False)
                self._executor = None


def _build(store: Store, want: Wanted) -> Artefact:
    return store.make(want.kind, want.recipe, lambda folder: want.build(want.job, folder))


def _leave_with_parent() -> None:
    """End this worker when its parent is gone, also by kill -9: it would wait for work for ever."""
    parent = parent_process()

    def wait() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
