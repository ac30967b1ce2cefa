"""Where finishing's CPU time goes, picture by picture, on a machine that others use too.

Run from the repository: ``python -m benchmarks.finishing_parts`` (``one`` or ``three``, then the number of
rounds). Of every picture and of every other step the least CPU time of all rounds counts, and these are added
up: what others do to the cache and to the core's other half is left out, and rounds of seconds need no
quiet machine to be compared.
"""

import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import process_time

import av
import cv2

from benchmarks.finishing import (
    FPS,
    LINE,
    THREE,
    composed,
    fitted,
    forget,
    make_take,
    rendition_job,
    sound_job,
)
from campaign.brief import Language
from campaign.content_key import file_digest
from finishing.inspect import inspect
from finishing.picture import _Output
from finishing.reel import SharedClips
from finishing.rendition import VIDEO, RenditionJob, make_rendition
from finishing.sound import SoundJob, mix_sound
from finishing.verify import verify_rendition
from finishing.voice import SpeechOptions, load_voice
from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.subject import _seen
from tasks.pool import keep_freed_memory

ROUNDS = 8
BARE, LAYERED, MADE = "bare", "bare, with the layers in them", "as the line makes it"


def main() -> None:
    rounds = next((int(word) for word in sys.argv[1:] if word.isdigit()), ROUNDS)
    asked = [word for word in sys.argv[1:] if not word.isdigit()] or ["one", "three"]
    keep_freed_memory()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load_voice("espeak:cmn", SpeechOptions()).speak(LINE, Language.ZH, folder / "line.wav")
        job = rendition_job(make_take(folder / "take.mp4", 1280, 720), folder / "sound.m4a")
        sound = sound_job(folder / "line.wav")
        three = [replace(job, aspect=aspect, width=width, height=height) for aspect, width, height in THREE]
        for part in asked:
            measure({"one": [job], "three": three}[part], sound, folder, rounds)


class Least:
    """The least CPU seconds of each step over the rounds, by variant, part and number."""

    def __init__(self) -> None:
        self.steps: dict[tuple[str, str, int], float] = defaultdict(lambda: float("inf"))
        self._since = process_time()

    def start(self) -> None:
        self._since = process_time()

    def lap(self, variant: str, part: str, number: int = 0) -> None:
        """What has been done since the last call, or since `start`."""
        now = process_time()
        step = variant, part, number
        self.steps[step] = min(self.steps[step], now - self._since)
        self._since = process_time()

    def parts(self, variant: str) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        for (of, part, _), seconds in self.steps.items():
            if of == variant:
                found[part] += seconds
        return found


def measure(jobs: list[RenditionJob], sound: SoundJob, folder: Path, rounds: int) -> None:
    least = Least()
    for _ in range(rounds):
        for number, job in enumerate(jobs):
            # One is held against decoding and encoding it, three of another size against encoding alone.
            bare = decode(job.clips[0]) if len(jobs) == 1 else fitted(job)
            _encode(bare, job, folder, least, BARE, number)
            _encode(composed(job), job, folder, least, LAYERED, number)
        forget()
        _seen.cache_clear()
        _make(jobs, sound, folder, least)
    floor = sum(least.parts(BARE).values())
    print(f"{len(jobs)} of {jobs[0].width}x{jobs[0].height}; {rounds} rounds; load {os.getloadavg()[0]:.1f}")
    print("| variant and part | CPU s | of the floor |\n|---|---:|---:|")
    for variant in (BARE, LAYERED, MADE):
        parts = least.parts(variant)
        print(f"| {variant} | {sum(parts.values()):.3f} | {sum(parts.values()) / floor:.3f} |")
        for part, seconds in parts.items():
            print(f"| – {part} | {seconds:.3f} | {seconds / floor:.3f} |")
    print()


def _encode(
    frames: Iterable[av.VideoFrame], job: RenditionJob, folder: Path, least: Least, variant: str, number: int
) -> None:
    encoder = VideoEncoder(folder / "bare.mp4", job.width, job.height, FPS, EncodeSettings())
    least.start()
    encoder.begin()
    least.lap(variant, "encode", number * 1000)
    for place, frame in _numbered(frames, least, variant, number):
        encoder.write_frame(frame)
        least.lap(variant, "encode", place)
    encoder.finish()
    least.lap(variant, "encode", number * 1000 + 999)


def _numbered(
    frames: Iterable[av.VideoFrame], least: Least, variant: str, number: int
) -> Iterator[tuple[int, av.VideoFrame]]:
    for place, frame in enumerate(frames, start=number * 1000 + 1):
        least.lap(variant, "decode, or read what was kept", place)
        yield place, frame


def _make(jobs: Sequence[RenditionJob], sound: SoundJob, folder: Path, least: Least) -> None:
    least.start()
    mix_sound(sound, folder)
    least.lap(MADE, "sound")
    with SharedClips(jobs, folder) as shared:
        for number, job in enumerate(jobs):
            target = folder / f"made{number}"
            finished = target / "finished"
            finished.mkdir(parents=True, exist_ok=True)
            least.start()
            output = _Output(job, target)
            least.lap(MADE, "type and marks drawn, crops found", number)
            [clip] = output.clips
            for place, frame in _numbered(shared.frames(clip), least, MADE, number):
                output.add(0, frame)
                least.lap(MADE, "fit, lay over, encode", place)
            drawn = output.ended()
            least.lap(MADE, "the last pictures, cover and film strip", number)
            facts = make_rendition(job, target, drawn, finished)
            least.lap(MADE, "put together", number)
            seen = inspect(finished / VIDEO, facts.label_box)
            verify_rendition(seen, facts, job.metadata)
            file_digest(finished / VIDEO)
            least.lap(MADE, "read back", number)


if __name__ == "__main__":
    main()
