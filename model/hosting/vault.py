"""The folder where paid files stay until they are in the store, and a few days longer."""

import hashlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from campaign.attempt import Attempt
from campaign.errors import FinishError
from campaign.hosted_errors import AssetUnreachableError
from media.probe import probe
from model.hosting.download import KEPT

DAYS = 7
"""How long a file stays; the store has it long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """A folder; best on the store's disk, so that handing over is a link."""

    folder: Path

    def file(self, attempt: Attempt) -> Path:
        """Where the attempt's file lies, or will."""
        return self.folder / f"{attempt.fingerprint}-{attempt.number}.mp4"

    def has(self, attempt: Attempt) -> bool:
        """Whether the file is there as it was fetched."""
        path = self.file(attempt)
        return path.is_file() and _digest(path) == attempt.sha256

    def hand_over(self, path: Path, folder: Path) -> Path:
        """The file in the caller's folder: a link, or a copy on another disk."""
        given = folder / path.name
        given.unlink(missing_ok=True)
        try:
            os.link(path, given)
        except OSError:
            shutil.copyfile(path, given)
        return given

    def sweep(self) -> None:
        """Make the folder, and remove what is old."""
        self.folder.mkdir(parents=True, exist_ok=True)
        old = time.time() - DAYS * 86400
        for path in self.folder.iterdir():
            if path.suffix in (".mp4", ".part") and path.stat().st_mtime < old:
                path.unlink(missing_ok=True)


def keep(part: Path, path: Path, backend: str) -> tuple[float, str]:
    """Check a fetched file, sync it, and give it its name; seconds of video and digest.

    Raises:
        AssetUnreachableError: it is no video.
    """
    try:
        facts = probe(part)
    except FinishError as error:
        raise AssetUnreachableError(backend, f"its result is no video ({error.cause}).", KEPT) from error
    if facts.video is None:
        raise AssetUnreachableError(backend, "its result has no picture.", KEPT)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    return facts.video.duration or facts.duration, _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
