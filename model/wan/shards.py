"""What safetensors files say of themselves, without reading their tensors.

Layout: eight bytes of little-endian header length, the header as JSON, then the data
(https://huggingface.co/docs/safetensors/index#format).
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from campaign.errors import CheckpointError

INDEX = ".safetensors.index.json"
_HEADER_LIMIT = 100_000_000
"""The format's own limit on the header, bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorFacts:
    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        return math.prod(self.shape)


def read_header(path: Path) -> dict[str, TensorFacts]:
    """Every tensor of the file by name.

    Raises:
        CheckpointError: it is not a safetensors file, or its end is missing.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length < _HEADER_LIMIT:
                raise ValueError
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        end = 8 + length + max((entry["data_offsets"][1] for entry in header.values()), default=0)
        facts = {
            name: TensorFacts(dtype=entry["dtype"], shape=tuple(entry["shape"]))
            for name, entry in header.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(str(path), "this is not a safetensors file.", "Fetch it again.") from error
    if (size := path.stat().st_size) < end:
        raise CheckpointError(
            str(path),
            f"the file ends after {size} of {end} bytes.",
            "The download broke off: fetch the checkpoint again, it resumes.",
        )
    return facts


def weight_files(folder: Path) -> list[Path]:
    """The shards of one component, all present.

    Raises:
        CheckpointError: the folder has no safetensors weights, or a shard of its index is not there.
    """
    indexes = sorted(folder.glob(f"*{INDEX}"))
    if indexes:
        listed = json.loads(indexes[0].read_text(encoding="utf-8"))["weight_map"].values()
        files = [folder / name for name in sorted(set(listed))]
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            raise CheckpointError(
                str(folder),
                f"{len(missing)} of {len(files)} shards are missing: {', '.join(missing[:3])}.",
                "The download broke off: fetch the checkpoint again, it resumes.",
            )
        return files
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise CheckpointError(
            str(folder), "there are no weights in it.", "Fetch the whole checkpoint, not only its configs."
        )
    if gone := [file.name for file in files if not file.is_file()]:
        raise CheckpointError(
            str(folder),
            f"{gone[0]} is a link to a file that is not there.",
            "The download broke off, or the cache was cleaned: fetch the checkpoint again.",
        )
    return files


def component_tensors(folder: Path) -> dict[str, TensorFacts]:
    """Every tensor of one component by name, over all its shards."""
    tensors: dict[str, TensorFacts] = {}
    for file in weight_files(folder):
        tensors |= read_header(file)
    return tensors
