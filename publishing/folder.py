"""Delivers into a folder: ``<out>/<spot>/<spot>_<aspect>.mp4`` with captions and cover beside it."""

import json
import os
import shutil
from pathlib import Path

from campaign.content_key import Json, as_json, file_digest
from campaign.errors import PublishError
from publishing.publisher import Delivery

MANIFEST = "manifest.json"


class FolderPublisher:
    """One folder per spot; its ``manifest.json`` is written last and names every file's digest."""

    name = "folder"

    def __init__(self, out: Path) -> None:
        self._out = out

    def find(self, delivery: Delivery) -> str | None:
        entry = self._manifest(delivery.folder).get(delivery.place)
        if not isinstance(entry, dict) or entry.get("rendition") != delivery.rendition:
            return None
        if entry.get("files") != _digests(delivery):
            return None
        return self._remote_id(delivery) if not self._missing(delivery) else None

    def publish(self, delivery: Delivery) -> str:
        folder = self._out / delivery.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for ending, source in delivery.files.items():
                _copy(source, folder / f"{delivery.place}{ending}")
            entry = {
                "rendition": delivery.rendition,
                "files": _digests(delivery),
                "about": as_json(delivery.about),
            }
            manifest = {**self._manifest(delivery.folder), delivery.place: entry}
            _write(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
        except OSError as error:
            raise PublishError(
                self.name,
                f"{folder} refused a write ({error.strerror}).",
                "Free space or correct its rights, then run the same command again.",
            ) from error
        return self._remote_id(delivery)

    def read_back(self, remote_id: str, delivery: Delivery) -> str:
        for ending, source in delivery.files.items():
            target = self._out / delivery.folder / f"{delivery.place}{ending}"
            if not target.is_file() or file_digest(target) != file_digest(source):
                return f"{target.name} in {remote_id} is not the file that was delivered."
        return ""

    def _remote_id(self, delivery: Delivery) -> str:
        return f"{delivery.folder}/{delivery.place}"

    def _missing(self, delivery: Delivery) -> bool:
        folder = self._out / delivery.folder
        return any(
            not (target := folder / f"{delivery.place}{ending}").is_file()
            or target.stat().st_size != source.stat().st_size
            for ending, source in delivery.files.items()
        )

    def _manifest(self, spot: str) -> dict[str, Json]:
        try:
            data = json.loads((self._out / spot / MANIFEST).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
            return {}
        return data if isinstance(data, dict) else {}


def _digests(delivery: Delivery) -> dict[str, Json]:
    """By name in the folder."""
    return {f"{delivery.place}{ending}": file_digest(source) for ending, source in delivery.files.items()}


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
