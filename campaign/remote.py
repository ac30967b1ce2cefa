"""A place that several machines' stores share: artefacts under any URL that fsspec knows, like ``s3://bucket/x``.

An artefact is ``<url>/<kind>/<key[:2]>/<key>/``. Its files lie there under their own digests, so that two
makers never write one name with different bytes, and ``manifest.json`` is written last and only where none
is: who sees a manifest sees a whole artefact, and of two makers at once one is believed by all.
"""

import errno
import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from campaign.content_key import file_digest
from campaign.errors import ReelsheetError, StoreBusyError, StoreError
from campaign.store import MANIFEST

BLOCK = 8 * 1024**2
"""Bytes read at a time of what was sent."""
AT_ONCE = 32
"""Questions asked at the same time; each is mostly a round trip of waiting."""
_MORE: Mapping[str, Mapping[str, Any]] = {
    "s3": {"config_kwargs": {"max_pool_connections": AT_ONCE}},
    "file": {"auto_mkdir": True},
}
"""What a kind of file system is told besides, by protocol; botocore would open ten connections."""
_LOCAL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Where, and how to be let in. Credentials that are not given are looked for in the environment."""

    url: str
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """For fsspec's file system, like ``endpoint_url``, ``key`` and ``secret`` of S3; never told anybody."""

    @property
    def name(self) -> str:
        """The URL without a password in it."""
        return re.sub(r"//[^/@]*@", "//", self.url)

    def manifest(self, kind: str, key: str) -> Manifest | None:
        """The manifest of a complete artefact, or None where there is none.

        Raises:
            StoreError: the store refused, or does not answer.
        """
        with self._asked("reading"):
            return self._manifest(kind, key)

    def kinds(self) -> frozenset[str]:
        """The kinds that things in it may be of."""
        with self._asked("listing it"):
            files, root = _opened(self)
            try:
                return frozenset(str(path).rstrip("/").rpartition("/")[2] for path in files.ls(root, False))
            except FileNotFoundError as error:
                self._refuse_no_bucket(error)
                return frozenset()

    def fetch(self, manifest: Manifest, folder: Path) -> bool:
        """Bring the files into ``folder``, each held against its digest; False when one is gone.

        Raises:
            StoreError: a file is not what its manifest says, or the store or this disk refused.
        """
        wanted = {self._path(manifest, name): folder / name for name in manifest["files"]}
        with self._asked("reading"):
            try:
                if wanted:
                    _opened(self)[0].get(list(wanted), [str(path) for path in wanted.values()])
            except FileNotFoundError as error:
                self._refuse_no_bucket(error)
                return False
        for name, entry in manifest["files"].items():
            if file_digest(folder / name) != entry["sha256"]:
                raise self._wrong(manifest, name)
        return True

    def send(self, manifest: Manifest, folder: Path) -> Manifest:
        """Put the artefact in ``folder`` there; the manifest that is there now, which may be another maker's.

        Raises:
            StoreError: the store refused, does not answer, or gives back other bytes than it was given.
        """
        with self._asked("writing"):
            sent = {name: self._path(manifest, name) for name in manifest["files"]}
            if sent:
                _opened(self)[0].put([str(folder / name) for name in sent], list(sent.values()))
            for name, path in sent.items():
                if not self._holds(path, manifest["files"][name]):
                    raise self._wrong(manifest, name)
            text = (folder / MANIFEST).read_bytes()
            self._announce(manifest, text, "create")
            first = self._manifest(manifest["kind"], manifest["key"])
            if first is None or not self._whole(first):
                self._announce(manifest, text, "overwrite")
                return manifest
            return first

    def _manifest(self, kind: str, key: str) -> Manifest | None:
        files, root = _opened(self)
        try:
            path = f"{root}/{kind}/{key[:2]}/{key}/{MANIFEST}"
            # With a range s3fs asks once, without one three times.
            manifest: Manifest = json.loads(files.cat_file(path, start=0))
        except FileNotFoundError as error:
            self._refuse_no_bucket(error)
            return None
        except json.JSONDecodeError:
            # Some file systems show a file while it is written.
            return None
        return manifest

    def _announce(self, manifest: Manifest, text: bytes, mode: str) -> None:
        files, path = _opened(self)[0], self._path(manifest, MANIFEST)
        try:
            if mode == "create" and "file" in files.protocol:
                _link(path, text)
            else:
                files.pipe_file(path, text, mode=mode)
        except OSError as error:
            # Amazon answers as FileExistsError, other servers with the bare code.
            if not isinstance(error, FileExistsError) and _code(error) not in _TAKEN:
                raise

    def _whole(self, manifest: Manifest) -> bool:
        files = _opened(self)[0]
        try:
            return all(
                files.size(self._path(manifest, name)) == entry["size"]
                for name, entry in manifest["files"].items()
            )
        except FileNotFoundError:
            return False

    def _path(self, manifest: Manifest, name: str) -> str:
        key = manifest["key"]
        place = name if name == MANIFEST else f"{manifest['files'][name]['sha256'][:16]}/{name}"
        return f"{_opened(self)[1]}/{manifest['kind']}/{key[:2]}/{key}/{place}"

    def _holds(self, path: str, entry: Mapping[str, Any]) -> bool:
        """Whether what lies there, read back, is what its manifest says, to the byte."""
        files, size, read, digest = _opened(self)[0], entry["size"], 0, hashlib.sha256()
        while read < size:
            # One byte more than there should be, so that a longer file is seen.
            block = files.cat_file(path, start=read, end=min(read + BLOCK, size + 1))
            if not block:
                break
            digest.update(block)
            read += len(block)
        return digest.hexdigest() == str(entry["sha256"])

    def _wrong(self, manifest: Manifest, name: str) -> StoreError:
        return StoreError(
            f"{self.name}/{manifest['kind']}/{manifest['key'][:2]}/{manifest['key']}",
            f"{name} is not what its manifest says: its SHA-256 is another.",
            "Delete that folder in the store and run the same command again: it is made anew.",
        )

    def _refuse_no_bucket(self, error: Exception) -> None:
        if _code(error) == "NoSuchBucket":
            raise StoreError(
                self.name, "there is no such bucket.", "Create it, or correct store_url."
            ) from error

    @contextmanager
    def _asked(self, doing: str) -> Iterator[None]:
        """One sentence for whatever a file system, or the network below it, raises."""
        try:
            yield
        except ReelsheetError:
            raise
        except ImportError as error:
            raise StoreError(
                self.name,
                f"a package that this kind of store needs is missing ({error}).",
                "For S3 run: pip install -c constraints.txt -e '.[fleet]'",
            ) from error
        except PermissionError as error:
            raise StoreError(
                self.name,
                f"{doing} was refused ({_words(error)}).",
                "Its credentials are wrong, expired or lack that right: renew them, then run the same "
                "command again; what was made is kept here and sent then.",
            ) from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _LOCAL_DISK:
                raise StoreError(
                    str(error.filename or "the local store"),
                    f"the disk refused a write ({error.strerror}).",
                    "Free space, or set store_cache lower, then run the same command again.",
                ) from error
            if type(error).__name__ in _NOBODY:
                raise StoreError(
                    self.name,
                    f"{doing} needs credentials, and there are none ({_words(error)}).",
                    "Set them where the vendor's own tools look, like AWS_ACCESS_KEY_ID and "
                    "AWS_SECRET_ACCESS_KEY, or in [store_options]; docs/settings.md says how.",
                ) from error
            # Each file system has errors of its own for what the network did, with no common base.
            raise StoreBusyError(
                self.name,
                f"{doing} failed ({_words(error)}).",
                "Look whether it can be reached from here, then run the same command again; what was made "
                "is kept here and sent then.",
            ) from error


_NOBODY = ("NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError")
"""Of botocore, by name: it is here for S3 only, and may not be."""
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "412")
"""S3's codes for a manifest that somebody else was first to write."""


@lru_cache(maxsize=8)
def _opened(remote: Remote) -> tuple[Any, str]:
    """The file system and the folder in it. Listings are never kept: other machines write there too."""
    from fsspec.core import url_to_fs  # noqa: PLC0415  # Who shares no store waits for no import.

    protocol = remote.url.partition("://")[0]
    options = {**_MORE.get(protocol, {}), **dict(remote.options)}
    files, root = url_to_fs(remote.url, use_listings_cache=False, **options)
    return files, str(root).rstrip("/")


def _link(path: str, text: bytes) -> None:
    """Make a file whole and only where none is, which fsspec does not do in a mounted folder."""
    target = Path(path)
    part = target.with_name(f"{uuid.uuid4().hex}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(text)
    try:
        os.link(part, target)
    finally:
        part.unlink()


def _code(error: BaseException) -> str:
    """The store's own word for what is wrong, where it is of S3's kind."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _words(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
