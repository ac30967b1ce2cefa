"""Warm worker processes that draw and encode, one per core, and what they are asked to build."""

import ctypes
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, TypeVar

from campaign.content_key import Json, content_key
from campaign.errors import ReelsheetError
from campaign.fleet_errors import LeftError
from campaign.store import Artefact, Store

log = logging.getLogger(__name__)

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Of glibc's ``mallopt`` (malloc.h): from how many free bytes at the heap's end it gives them back, and from
how many bytes a piece gets pages of its own."""

K = TypeVar("K")
Made = Artefact | ReelsheetError
"""What became of something wanted: it, or the reason why not."""

Build = Callable[[Any, Path], Mapping[str, Json]]
"""A module-level function: the job and the folder for its files; returns facts."""
BuildTogether = Callable[[Sequence[Any], Sequence[Path]], Sequence[Mapping[str, Json] | ReelsheetError]]
"""A module-level function: jobs and a folder for each; returns the facts or the error of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An artefact that should be in the store, and how it is built when it is not."""

    kind: str
    recipe: Mapping[str, Json]
    build: Build | BuildTogether
    job: Any
    """Picklable."""
    shares: str = ""
    """Things wanted with the same words here read the same files, and are sooner made by one call. Where it
    is not empty, ``build`` is a `BuildTogether`."""

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


def make_together(store: Store, wanted: Sequence[Wanted]) -> list[Made]:
    """Each as it is in the store; what is missing is built by one call of their `BuildTogether`."""
    made: list[Made | None] = [store.find(want.kind, want.key) for want in wanted]
    missing = [place for place, found in enumerate(made) if found is None]
    folders = {place: store.scratch() for place in missing}
    try:
        jobs = [wanted[place].job for place in missing]
        build: Any = wanted[0].build
        results = build(jobs, list(folders.values())) if missing else ()
        for (place, folder), result in zip(folders.items(), results, strict=True):
            try:
                made[place] = _stored(store, wanted[place], folder, result)
            except ReelsheetError as error:
                made[place] = error
    finally:
        for folder in folders.values():
            shutil.rmtree(folder, ignore_errors=True)
    return [one for one in made if one is not None]


def _stored(
    store: Store, want: Wanted, folder: Path, result: Mapping[str, Json] | ReelsheetError
) -> Artefact:
    if isinstance(result, ReelsheetError):
        raise result
    return store.make(want.kind, want.recipe, partial(_moved, folder, result))


def _moved(source: Path, facts: Mapping[str, Json], folder: Path) -> Mapping[str, Json]:
    for path in source.iterdir():
        path.rename(folder / path.name)
    return facts


def bundles(missing: Mapping[str, Wanted], workers: int) -> list[tuple[str, ...]]:
    """Keys of what is built in one go.

    What shares something stays together, but for the last bundles, which are split where some of ``workers``
    would else have nothing to do at the end: sharing saves CPU, and may not cost time.
    """
    sharing: dict[str, list[str]] = {}
    for key, want in missing.items():
        sharing.setdefault(want.shares or key, []).append(key)
    groups = sorted(sharing.values(), key=len, reverse=True)
    odd = len(groups) % workers
    whole, last = groups[: len(groups) - odd], groups[len(groups) - odd :]
    parts = -(-workers // odd) if odd else 1
    split = [tuple(group[part::parts]) for group in last for part in range(min(parts, len(group)))]
    return [*map(tuple, whole), *split]


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
        lost: list[str] = []
        executor = self._started() if missing else None
        futures: dict[Future[list[Made]], tuple[str, ...]] = {}
        for bundle in bundles(missing, self._workers):
            wants = [missing[key] for key in bundle]
            try:
                futures[executor.submit(_build, self.store, wants)] = bundle  # type: ignore[union-attr]
            except BrokenProcessPool:
                lost += bundle
        for future in as_completed(futures):
            bundle = futures[future]
            try:
                yield from zip(bundle, self._outcomes(future, missing[bundle[0]], len(bundle)), strict=True)
            except BrokenProcessPool:
                lost += bundle
        if lost:
            self._drop(executor)
        # One at a time, so that only the piece of work that ends its worker is blamed for it.
        for key in lost:
            try:
                future = self._started().submit(_build, self.store, [missing[key]])
                yield key, self._outcomes(future, missing[key], 1)[0]
            except BrokenProcessPool:
                self._drop(self._executor)
                yield key, WorkerLostError(missing[key].kind)

    def _outcomes(self, future: "Future[list[Made]]", want: Wanted, count: int) -> list[Made]:
        try:
            return future.result()
        except BrokenProcessPool:
            raise
        except ReelsheetError as error:
            return [error] * count
        except Exception as error:
            log.exception("building a %s", want.kind)
            return [UnexpectedError(want.kind, f"{type(error).__name__}: {error}")] * count

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._executor is None:
                self._executor = ProcessPoolExecutor(
                    self._workers, mp_context=get_context("spawn"), initializer=_begin
                )
            return self._executor

    def _drop(self, executor: ProcessPoolExecutor | None) -> None:
        with self._lock:
            if executor and self._executor is executor:
                executor.shutdown(wait=False)
                self._executor = None


def _build(store: Store, wants: Sequence[Wanted]) -> list[Made]:
    if wants[0].shares:
        return make_together(store, wants)
    (want,) = wants
    build: Any = want.build
    return [store.make(want.kind, want.recipe, lambda folder: build(want.job, folder))]


def _begin() -> None:
    """What each worker does first."""
    keep_freed_memory()
    _leave_with_parent()


def keep_freed_memory() -> None:
    """Have glibc hand freed pictures out again instead of giving their pages back to the system.

    The system clears every page that it gives: 3 % of the CPU time of three renditions at 1080p, for 25 MB.
    Another library for memory, or another system, is left as it is.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(_MMAP_THRESHOLD, 32 << 20)
        mallopt(_TRIM_THRESHOLD, 128 << 20)


def _leave_with_parent() -> None:
    """End this worker when its parent is gone, also by kill -9: it would wait for work for ever."""
    parent = parent_process()

    def wait() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
