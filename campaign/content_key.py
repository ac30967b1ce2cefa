"""Content keys: the same inputs, the same key.

A key is the SHA-256 of canonical JSON (sorted keys, no spaces, UTF-8) of everything that decides an
artefact's bytes, with the recipe's version. A file takes part by the digest of its bytes, never by its path.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Self

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Canonical:
    """A part of many recipes, put into canonical form once; it makes no other key than what it stands for."""

    text: str

    @classmethod
    def of(cls, value: object) -> Self:
        return cls(_canonical(value))


def content_key(recipe: object) -> str:
    """64 hex digits for ``recipe``; dataclasses, enums and paths (as file digests) may be in it."""
    return hashlib.sha256(_canonical(recipe).encode()).hexdigest()


def _canonical(value: object) -> str:
    if type(value) is dict and any(type(part) is Canonical for part in value.values()):
        parts = {_ENCODER.encode(str(name)): _canonical(value[name]) for name in sorted(value, key=str)}
        return f"{{{','.join(f'{name}:{text}' for name, text in parts.items())}}}"
    return value.text if type(value) is Canonical else _ENCODER.encode(as_json(value))


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def as_json(value: object) -> Json:
    """``value`` as plain JSON data; a path becomes ``sha256:<digest of the file>``.

    Raises:
        TypeError: a type whose canonical form is not defined.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value  # type: ignore[return-value]  # Just looked.
    # Before the rest, which most parts of most recipes are not.
    if (names := _field_names(kind)) and kind is not Canonical:  # type: ignore[arg-type]  # A type is hashable.
        return {
            name: part if type(part := getattr(value, name)) in _PLAIN else as_json(part) for name in names
        }
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return as_json(value.value)
    if isinstance(value, Canonical):
        plain: Json = json.loads(value.text)
        return plain
    return _rare(value)


_PLAIN = frozenset({type(None), bool, int, float, str})


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _rare(value: object) -> Json:
    if isinstance(value, Path):
        return f"sha256:{file_digest(value)}"
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes; read again only when its size or time of change differs."""
    name = str(path)
    try:
        stat = os.stat(name)  # noqa: PTH116  # Asked dozens of times for every spot; a path's own takes twice as long.
    except FileNotFoundError:
        if promised := _promised.get(name):
            return promised
        raise
    known = _digests.get(name)
    if known and known[:2] == (stat.st_size, stat.st_mtime_ns):
        return known[2]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    know_digest(name, stat, digest)
    return digest


def know_digest(name: str, stat: os.stat_result, digest: str) -> None:
    """Let ``digest`` stand for the file called ``name`` for as long as it has this ``stat``."""
    _digests[name] = (stat.st_size, stat.st_mtime_ns, digest)


def promise_digest(path: Path, digest: str) -> None:
    """Let ``digest`` stand for a file that would lie at ``path`` once somebody needs its bytes."""
    _promised[str(path)] = digest


_digests: dict[str, tuple[int, int, str]] = {}
_promised: dict[str, str] = {}
