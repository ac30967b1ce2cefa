"""What weights are, by the bytes of their files, so that a take's key changes when they do."""

import json
import re
import uuid
from pathlib import Path

from campaign.content_key import content_key, file_digest
from model.wan.checkpoint import SCHEDULER, TOKENIZER, Checkpoint
from model.wan.shards import weight_files

_SHA256 = re.compile(r"[0-9a-f]{64}")


def weights_identity(checkpoint: Checkpoint, notes: Path) -> dict[str, str]:
    """Component to a digest of its configuration and weights.

    The Hub's cache names each blob by its SHA-256. Other files are read once; size, time of change and digest
    are noted in the file ``notes``, since a full model takes minutes to read.
    """
    known = _Notes(notes)
    identity = {
        component: content_key(
            [
                checkpoint.config(component),
                {file.name: known.digest(file) for file in _files(checkpoint, component)},
            ]
        )
        for component in checkpoint.weighted
    }
    for component in (TOKENIZER, SCHEDULER):
        files = sorted((checkpoint.path / component).glob("*"))
        identity[component] = content_key({file.name: file_digest(file) for file in files if file.is_file()})
    known.save()
    return identity


def _files(checkpoint: Checkpoint, component: str) -> list[Path]:
    return weight_files(checkpoint.path / component)


class _Notes:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: dict[str, list[int | str]] = {}
        self._changed = False
        if path.is_file():
            self._noted = json.loads(path.read_text(encoding="utf-8"))

    def digest(self, file: Path) -> str:
        blob = file.resolve()
        if blob.parent.name == "blobs" and _SHA256.fullmatch(blob.name):
            return blob.name
        stat = blob.stat()
        noted = self._noted.get(str(blob))
        if noted is None or noted[:2] != [stat.st_size, stat.st_mtime_ns]:
            noted = [stat.st_size, stat.st_mtime_ns, file_digest(blob)]
            self._noted[str(blob)] = noted
            self._changed = True
        return str(noted[2])

    def save(self) -> None:
        if not self._changed:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_name(f"{self._path.name}.{uuid.uuid4().hex}")
        temporary.write_text(json.dumps(self._noted, indent=1), encoding="utf-8")
        temporary.replace(self._path)
