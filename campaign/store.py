"""The store: what was made, by content key.

An artefact is a folder ``<root>/<kind>/<key[:2]>/<key>/`` that holds its files and ``manifest.json``. It is
made under another name, synced, and renamed into place as a whole, so that whatever is there is complete.
The manifest is written last: a file that is not newer has the bytes that the manifest says, and is not read.
"""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from campaign.content_key import Json, as_json, content_key, file_digest, know_digest
from campaign.errors import StoreError

MANIFEST = "manifest.json"

Build = Callable[[Path], Mapping[str, Json]]
"""Makes the files of an artefact in the folder it is given; returns facts about them for the manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A complete thing in the store."""

    kind: str
    key: str
    folder: Path
    facts: Mapping[str, Any]
    """What its maker said about it, as JSON data."""
    reused: bool = False
    """True when it was there already."""

    def file(self, name: str) -> Path:
        return self.folder / name


class Store:
    """A folder of artefacts."""

    at_once = 1
    """How many may ask it at the same time with profit."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def kinds(self) -> frozenset[str]:
        """The kinds that things in it may be of; of any other nothing was ever made."""
        return frozenset(path.name for path in self.root.glob("*"))

    def find(self, kind: str, key: str) -> Artefact | None:
        """The artefact with that key, or None when it was not made or a file of it is gone."""
        return self._here(kind, key)

    def glance(self, kind: str, key: str) -> Artefact | None:
        """The same for whoever needs its facts and digests only, to foresee: no bytes are fetched."""
        return self._here(kind, key)

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Say which kinds and keys are looked for next; a shared store asks for all of them at once."""

    def _here(self, kind: str, key: str) -> Artefact | None:
        # Nine times for every spot that was made before: names are joined as text, which takes a third of
        # what paths do.
        folder = os.path.join(self.root, kind, key[:2], key)  # noqa: PTH118
        try:
            with open(os.path.join(folder, MANIFEST), "rb") as file:  # noqa: PTH118, PTH123
                written = os.fstat(file.fileno()).st_mtime_ns
                manifest = orjson.loads(file.read())
            for name, entry in manifest["files"].items():
                path = os.path.join(folder, name)  # noqa: PTH118
                stat = os.stat(path)  # noqa: PTH116
                if stat.st_size != entry["size"]:
                    return None
                if stat.st_mtime_ns <= written:
                    know_digest(path, stat, entry["sha256"])
        except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
            return None
        return Artefact(kind=kind, key=key, folder=Path(folder), facts=manifest["facts"], reused=True)

    def make(self, kind: str, recipe: object, build: Build) -> Artefact:
        """The artefact of ``recipe``: found, or built now.

        Raises:
            StoreError: the store's disk refused a write.
        """
        key = content_key(recipe)
        if found := self.find(kind, key):
            return found
        try:
            scratch = self.scratch()
        except OSError as error:
            raise refused(self.root, error) from error
        try:
            facts = build(scratch)
            return self._commit(kind, key, recipe, scratch, facts)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def scratch(self) -> Path:
        """A new empty folder on the store's disk; the caller removes it, or `sweep` does later."""
        folder = self.root / "scratch" / f"{os.getpid()}-{uuid.uuid4().hex}"
        folder.mkdir(parents=True)
        return folder

    def sweep(self) -> int:
        """Remove scratch folders of processes that are gone; returns how many."""
        gone = [f for f in (self.root / "scratch").glob("*-*") if not _alive(int(f.name.split("-")[0]))]
        for folder in gone:
            shutil.rmtree(folder, ignore_errors=True)
        return len(gone)

    def damaged(self) -> Iterator[tuple[str, str, str]]:
        """Kind, key and file name of every file whose bytes are not what its manifest says."""
        for path in sorted(self.root.glob(f"*/??/*/{MANIFEST}")):
            manifest = json.loads(path.read_text(encoding="utf-8"))
            for name, entry in manifest["files"].items():
                file = path.parent / name
                if not file.is_file() or _digest(file) != entry["sha256"]:
                    yield manifest["kind"], manifest["key"], name

    def _folder(self, kind: str, key: str) -> Path:
        return self.root.joinpath(kind, key[:2], key)

    def _commit(
        self, kind: str, key: str, recipe: object, scratch: Path, facts: Mapping[str, Json]
    ) -> Artefact:
        files = {}
        try:
            for path in sorted(p for p in scratch.rglob("*") if p.is_file()):
                _sync(path)
                files[path.relative_to(scratch).as_posix()] = {
                    "size": path.stat().st_size,
                    "sha256": file_digest(path),
                }
            manifest = {
                "kind": kind,
                "key": key,
                "recipe": as_json(recipe),
                "facts": dict(facts),
                "files": files,
            }
            text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
            (scratch / MANIFEST).write_text(text, encoding="utf-8")
            _sync(scratch / MANIFEST)
            target = self._rename(scratch, kind, key)
        except OSError as error:
            raise refused(self.root, error) from error
        return Artefact(kind=kind, key=key, folder=target, facts=facts)

    def _rename(self, scratch: Path, kind: str, key: str) -> Path:
        target = self._folder(kind, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            scratch.rename(target)
        except OSError:
            # Somebody else made it meanwhile, or a damaged one lies there.
            if self._here(kind, key):
                return target
            if not target.exists():
                raise
            shutil.rmtree(target)
            scratch.rename(target)
        return target


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def refused(root: Path, error: OSError) -> StoreError:
    return StoreError(
        str(root),
        f"the disk refused a write ({error.strerror}).",
        "Free space or correct its rights, then run the same command again: what was made is kept.",
    )
