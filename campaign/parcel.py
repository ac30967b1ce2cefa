"""What a batch is made from, sent through the store: sheet, row pictures and kits reach another machine.

Each path is an artefact of its own, keyed by the bytes and names in it, so that a picture of many chunks or
batches is kept once. A parcel lists artefacts by the paths that they had where they were packed.
"""

import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from campaign.content_key import Json, file_digest
from campaign.errors import StoreError
from campaign.store import Store

INPUT, PARCEL = "input", "parcel"
VERSION = 1


def pack(store: Store, paths: Iterable[Path]) -> str:
    """Keep files, and folders with all that is in them; the key under which `unpack` gives them back.

    Raises:
        StoreError: one cannot be read, or the store refused it.
    """
    wanted = list(dict.fromkeys(paths))
    with ThreadPoolExecutor(store.at_once) as threads:
        kept = threads.map(partial(_keep, store), wanted)
        keys: dict[str, Json] = {str(path): key for path, key in zip(wanted, kept, strict=True)}
    return store.make(PARCEL, {"version": VERSION, "paths": keys}, lambda _: {"paths": keys}).key


def unpack(store: Store, key: str) -> Mapping[Path, Path]:
    """Where each packed path lies here, by the path that it had; last parts of the names are the same.

    Raises:
        StoreError: the store does not have all of it.
    """
    parcel = store.find(PARCEL, key)
    places: dict[Path, Path] = {}
    keys: Mapping[str, str] = parcel.facts["paths"] if parcel else {}
    store.prefetch((INPUT, name) for name in keys.values())
    for packed, name in keys.items():
        if found := store.find(INPUT, name):
            places[Path(packed)] = found.file(Path(packed).name)
    if parcel is None or len(places) < len(keys):
        raise StoreError(
            str(store.root),
            f"parcel {key[:12]} with a batch's sheet, pictures and kits is not there, or not whole.",
            "Start the batch again where its sheet lies: it is packed anew.",
        )
    return places


def _keep(store: Store, path: Path) -> str:
    try:
        files = {file.relative_to(path.parent).as_posix(): file for file in _files(path)}
        contents = {name: file_digest(file) for name, file in files.items()}
    except OSError as error:
        raise StoreError(
            str(path), f"cannot be read ({error.strerror}).", "Correct its rights, or name another."
        ) from error

    def copy(folder: Path) -> Mapping[str, Json]:
        for name, file in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / name)
            if file_digest(folder / name) != contents[name]:
                raise StoreError(str(file), "has changed while it was packed.", "Run the command again.")
        return {}

    return store.make(INPUT, {"version": VERSION, "files": contents}, copy).key


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
