"""Sheets in folders of this machine or behind any URL that fsspec knows, like ``s3://bucket/campaigns``."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from campaign.errors import SheetError, StoreError

ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv")
STATUS_ENDING = ".status.xlsx"
"""Of the copies that we write ourselves."""
SETTLES = 10.0
"""Seconds in which a file that is being copied has grown."""
MOST_BYTES = 2 * 1024**3
"""Of a folder that is brought here for the sake of one sheet in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A sheet in a watched folder, as it was when it was looked at."""

    address: str
    """Path or URL."""
    stamp: str
    """Changes with the file."""


def sheets_in(folder: str) -> list[Found]:
    """Every sheet in ``folder``, not in those below it.

    Raises:
        StoreError: it is not there, or may not be read.
    """
    files, root = _opened(folder)
    try:
        listed = files.ls(root, detail=True)
    except (OSError, ValueError) as error:
        raise _unreadable(folder, error) from error
    found = [Found(address=_address(files, i["name"]), stamp=_stamp(i)) for i in listed if _is_sheet(i)]
    return sorted(found, key=lambda one: one.address)


def settled(folder: str, pause: float) -> list[Found]:
    """The sheets that nobody is writing: those that are the same after ``pause`` seconds.

    Raises:
        StoreError: the folder is not there, or may not be read.
    """
    before = sheets_in(folder)
    if not before:
        return []
    time.sleep(pause)
    return [found for found in sheets_in(folder) if found in before]


def brought(address: str, home: Path) -> Path:
    """The sheet on this machine: as it lies there, or with the whole of its folder in a copy under ``home``.

    Raises:
        SheetError: it is not there.
        StoreError: its folder may not be read, or is too large.
    """
    if not _is_url(address):
        return Path(address)
    files, path = _opened(address)
    folder = str(PurePosixPath(path).parent)
    target = home / "brought" / hashlib.sha256(address.rpartition("/")[0].encode()).hexdigest()[:16]
    try:
        if not files.exists(path):
            raise SheetError(Path(address), "is not there.", "Correct the address.")
        if (size := files.du(folder)) > MOST_BYTES:
            raise StoreError(
                address,
                f"lies in a folder of {size / 1e9:.1f} GB, all of which would be brought here.",
                "Put the sheet, its pictures and its brand_kits into a folder of their own.",
            )
        files.get(f"{folder}/", f"{target}/", recursive=True)
    except (OSError, ValueError) as error:
        raise _unreadable(address, error) from error
    return target / PurePosixPath(path).name


def digest_of(address: str) -> str:
    """SHA-256 of its bytes.

    Raises:
        StoreError: it may not be read.
    """
    files, path = _opened(address)
    try:
        with files.open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(address, error) from error


def _opened(address: str) -> tuple[Any, str]:
    try:
        files, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise _unreadable(address, error) from error
    return files, path


def _address(files: Any, name: str) -> str:
    return name if "file" in files.protocol else str(files.unstrip_protocol(name))


def _is_url(address: str) -> bool:
    return "://" in address


def _is_sheet(info: Mapping[str, Any]) -> bool:
    name = PurePosixPath(info["name"]).name
    # Office programs put a file "~$name" beside what is open.
    hidden = name.startswith((".", "~"))
    is_ours = name.endswith(STATUS_ENDING)
    return info["type"] == "file" and name.casefold().endswith(ENDINGS) and not hidden and not is_ours


def _stamp(info: Mapping[str, Any]) -> str:
    changed = next((info[name] for name in ("mtime", "ETag", "LastModified", "created") if name in info), "")
    return f"{info['size']} {changed}"


def _unreadable(address: str, error: Exception) -> StoreError:
    return StoreError(address, f"cannot be read ({error}).", "Correct the address, or the rights to it.")
