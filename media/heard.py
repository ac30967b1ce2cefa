"""The loudness of a file as it is heard: decoded and measured, once for the same packets."""

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import av

from campaign.errors import FinishError
from media.loudness import Loudness, measure_loudness
from media.mux import UNDECODED, packets
from media.sound import read_sound


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coded:
    """A sound stream by its packets, and a file that has it."""

    digest: str
    path: Path = field(compare=False)


def loudness_of(path: Path) -> Loudness:
    """Of the first sound stream of ``path``.

    A mix is measured when it is made, and again in each file that carries it: where the packets are the same
    to the bit and come at the same times, they are not decoded anew.

    Raises:
        FinishError: no such file, no sound in it, or it cannot be decoded.
    """
    return _measured(_Coded(digest=_digest(path), path=path))


@lru_cache(maxsize=64)
def _measured(sound: _Coded) -> Loudness:
    return measure_loudness(read_sound(sound.path))


def _digest(path: Path) -> str:
    found = sha256()
    try:
        with av.open(str(path), options=UNDECODED) as container:
            if not container.streams.audio:
                raise FinishError(f"sound of {path.name}", "the file has no sound stream.")
            stream = container.streams.audio[0]
            context = stream.codec_context
            about = [context.name, context.sample_rate, context.channels, context.extradata, stream.time_base]
            found.update(repr(about).encode())
            for packet in packets(container, stream):
                found.update(repr((packet.pts, packet.size)).encode())
                found.update(packet)
    except (av.FFmpegError, OSError) as error:
        raise FinishError(f"sound of {path.name}", str(error)) from error
    return found.hexdigest()
