"""A voice line sped up, whoever spoke it.

The recording is made shorter, so that nothing is spoken or paid twice.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from campaign.content_key import Json, as_json
from finishing.voice import SpokenLine
from media.sound import read_wav, write_wav
from media.stretch import stretched

RECIPE_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HurryJob:
    """A line as it was spoken, and how much faster it shall be heard."""

    path: Path
    line: SpokenLine
    speed: float


def hurry_recipe(job: HurryJob) -> dict[str, Json]:
    """Everything that decides the sound and its words' times."""
    return {
        "hurried": RECIPE_VERSION,
        "line": as_json(job.path),
        "words": as_json(job.line.words),
        "speed": job.speed,
    }


def hurry_line(job: HurryJob, output: Path) -> SpokenLine:
    """Write the faster line to ``output``, in the same form."""
    write_wav(output, stretched(read_wav(job.path)[:, 0], job.speed))
    return sped_up(job.line, job.speed)


def sped_up(line: SpokenLine, speed: float) -> SpokenLine:
    """The line's times at ``speed``."""
    words = tuple(replace(word, start=word.start / speed, end=word.end / speed) for word in line.words)
    return replace(line, duration=line.duration / speed, words=words)
