"""A store whose folder is the working cache of a place that several machines share.

What is wanted is looked for here, then there. What is made here is kept here first and sent at once; what
could not be sent is sent when it is next found. ``sent-<place>`` beside the files says that it was; its time
of change is when the artefact was last used, by which a full cache is emptied.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from campaign.content_key import Json, promise_digest
from campaign.errors import ReelsheetError, StoreBusyError
from campaign.remote import AT_ONCE, Manifest, Remote
from campaign.store import MANIFEST, Artefact, Store, refused

RECENT = 3600.0
"""Seconds for which what was used is never evicted: a spot on its way holds its paths that long."""


class SharedStore(Store):
    """`Store`, with the rest of the house behind it. Can be sent to worker processes."""

    at_once = AT_ONCE

    def __init__(self, root: Path, remote: Remote, most: int = 0) -> None:
        super().__init__(root)
        self.remote = remote
        self._most = most
        """Bytes of the folder that `sweep` leaves; 0: all."""
        self._sent_mark = f"sent-{hashlib.sha256(remote.url.encode()).hexdigest()[:12]}"
        self._absent: set[tuple[str, str]] = set()

    def kinds(self) -> frozenset[str]:
        return super().kinds() | self.remote.kinds()

    def sweep(self) -> int:
        """Also empties a folder that is too full; fails at once where the shared store does not answer."""
        self.remote.kinds()
        swept = super().sweep()
        if self._most:
            self.trim(self._most)
        return swept

    def find(self, kind: str, key: str) -> Artefact | None:
        """The artefact, with its files here.

        Raises:
            StoreError: the shared store refused, does not answer, or has other bytes than it says.
        """
        if here := self._here(kind, key):
            return self._sent(here)
        if (kind, key) in self._absent:
            self._absent.discard((kind, key))
            return None
        manifest = self.remote.manifest(kind, key)
        return self._fetched(manifest) if manifest else None

    def glance(self, kind: str, key: str) -> Artefact | None:
        if here := self._here(kind, key):
            return here
        manifest = self.remote.manifest(kind, key)
        if manifest is None:
            return None
        folder = self._folder(kind, key)
        for name, entry in manifest["files"].items():
            promise_digest(folder / name, entry["sha256"])
        return Artefact(kind=kind, key=key, folder=folder, facts=manifest["facts"], reused=True)

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Find many at once; the `find` that follows for each of them asks nobody, once."""
        pairs = [pair for pair in dict.fromkeys(wanted) if not self._settled(*pair)]
        if not pairs:
            return
        with ThreadPoolExecutor(min(AT_ONCE, len(pairs))) as threads:
            self._absent.update(pair for pair in threads.map(self._absent_there, pairs) if pair)

    def trim(self, most: int) -> int:
        """Evict what was used longest ago until the folder has ``most`` bytes at most; how many went.

        Only what the shared store has, and was not used within the last hour.
        """
        used: list[tuple[float, int, Path]] = []
        total = 0
        for path in self.root.glob(f"*/??/*/{MANIFEST}"):
            try:
                manifest = json.loads(path.read_text(encoding="utf-8"))
                size = sum(entry["size"] for entry in manifest["files"].values())
                total += size
                used.append(((path.parent / self._sent_mark).stat().st_mtime, size, path.parent))
            except (FileNotFoundError, json.JSONDecodeError):
                continue
        gone = 0
        for at, size, folder in sorted(used):
            if total - gone <= most or at > time.time() - RECENT:
                break
            kind, key = folder.parent.parent.name, folder.name
            if self.remote.manifest(kind, key) is not None:
                self._remove(folder)
                gone += size
        return gone

    def _commit(
        self, kind: str, key: str, recipe: object, scratch: Path, facts: Mapping[str, Json]
    ) -> Artefact:
        return self._sent(super()._commit(kind, key, recipe, scratch, facts))

    def _settled(self, kind: str, key: str) -> bool:
        here = self._here(kind, key)
        return here is not None and (here.folder / self._sent_mark).is_file()

    def _absent_there(self, pair: tuple[str, str]) -> tuple[str, str] | None:
        try:
            return None if self.find(*pair) else pair
        except ReelsheetError:
            # Said by the `find` that follows, to whom it concerns.
            return None

    def _sent(self, here: Artefact) -> Artefact:
        """The same artefact once the shared store has it; another maker's where that one was first."""
        mark = here.folder / self._sent_mark
        try:
            os.utime(mark)
            return here
        except FileNotFoundError:
            pass
        mine: Manifest = json.loads((here.folder / MANIFEST).read_text(encoding="utf-8"))
        first = self.remote.send(mine, here.folder)
        if (first["files"], first["facts"]) == (mine["files"], mine["facts"]):
            mark.touch()
            return here
        # Unless another process has just put theirs in place of ours.
        if not mark.is_file():
            self._remove(here.folder)
        theirs = self._here(here.kind, here.key) or self._fetched(first)
        if theirs is None:
            raise StoreBusyError(
                self.remote.name,
                f"{here.kind} {here.key[:12]} of another maker is gone again.",
                "Run the same command again.",
            )
        return theirs

    def _fetched(self, manifest: Manifest) -> Artefact | None:
        try:
            scratch = self.scratch()
        except OSError as error:
            raise refused(self.root, error) from error
        try:
            return self._kept(manifest, scratch) if self.remote.fetch(manifest, scratch) else None
        except OSError as error:
            raise refused(self.root, error) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _kept(self, manifest: Manifest, scratch: Path) -> Artefact:
        kind, key = manifest["kind"], manifest["key"]
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        (scratch / MANIFEST).write_text(text, encoding="utf-8")
        (scratch / self._sent_mark).touch()
        folder = self._rename(scratch, kind, key)
        return Artefact(kind=kind, key=key, folder=folder, facts=manifest["facts"], reused=True)

    def _remove(self, folder: Path) -> None:
        """Out of sight in one step, then bit by bit."""
        gone = self.scratch()
        with suppress(FileNotFoundError):
            folder.rename(gone / folder.name)
        shutil.rmtree(gone, ignore_errors=True)
