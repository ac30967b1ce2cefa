"""What finishing costs over the plain decode and encode of the same pictures.

Run from the repository: ``python -m benchmarks.finishing``. Every variant runs in one warm process, one after
the other in every round, so that a busy machine is busy for all of them; CPU seconds of the process are the
figure, medians over the rounds.
"""

import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from campaign.brand_kit import read_kit
from campaign.brief import Language
from campaign.cue import Cue
from campaign.frames import Aspect
from campaign.timing import TimedShot, Timeline
from finishing.rendition import RenditionJob, make_rendition
from finishing.sound import PlacedLine, SoundJob, mix_sound
from finishing.voice import load_voice
from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.planes import planes_from_rgb

ROUNDS = 5
FPS = 24
SECONDS = 5
KIT = Path(__file__).parent.parent / "brand_kits" / "qinghe_tea"
LINE = "明前龙井，每年只有一次最好的时候，错过再等一年。"
CUES = ("明前龙井", "每年只有一次最好的时候", "错过再等一年")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        take = make_take(folder / "take.mp4", 1280, 720)
        line = folder / "line.wav"
        load_voice("espeak:cmn").speak(LINE, Language.ZH, 1.0, line)
        sound = sound_job(line)
        mix_sound(sound, folder)
        job = rendition_job(take, folder / "sound.m4a")
        variants: dict[str, Callable[[], object]] = {
            "decode + encode, nothing else": lambda: plain(take, folder / "plain.mp4"),
            "finished: logo, 3 captions, label, voice, ducked music, loudness": lambda: (
                mix_sound(sound, folder),
                make_rendition(job, folder, nothing),
            ),
            "of that, the sound mix": lambda: mix_sound(sound, folder),
            "of that, the rendition": lambda: make_rendition(job, folder, nothing),
        }
        report(measured(variants, rounds))


def measured(variants: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each round of each variant, after one round that is not counted."""
    spent: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(rounds + 1):
        for name, run in variants.items():
            start = time.process_time()
            run()
            if turn:
                spent[name].append(time.process_time() - start)
    return spent


def report(spent: dict[str, list[float]]) -> None:
    floor = median(next(iter(spent.values())))
    print(f"{SECONDS} s of 1280x720 at {FPS} fps, x264 veryfast crf 20, 1 thread; ", end="")
    print(f"{len(next(iter(spent.values())))} rounds")
    print("| variant | CPU s (least to most) | of the floor |\n|---|---|---|")
    for name, seconds in spent.items():
        print(f"| {name} | {median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f}) ", end="")
        print(f"| {median(seconds) / floor:.2f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    packages = ", ".join(f"{name} {version(name)}" for name in ("av", "numpy", "opencv-python-headless"))
    print(f"\nPeak memory {peak:.0f} MB. Python {platform.python_version()}, {packages}.")


def make_take(path: Path, width: int, height: int, seed: int = 7) -> Path:
    """A camera move over a textured ground with soft grain, about 3 Mbit/s: what a generated take is like."""
    rng = np.random.default_rng(seed)
    clouds = rng.integers(0, 256, (height // 20, width // 20, 3), dtype=np.uint8)
    ground = cv2.resize(clouds, (width * 3 // 2, height * 3 // 2), interpolation=cv2.INTER_CUBIC)
    texture = cv2.GaussianBlur(rng.normal(0, 22, ground.shape[:2]).astype(np.float32), (0, 0), 1.6)
    ground = np.clip(ground.astype(np.float32) * 0.7 + texture[..., None], 0, 255)
    grain = [rng.normal(0, 1.2, (height, width, 1)).astype(np.float32) for _ in range(3)]
    with VideoEncoder(path, width, height, FPS, EncodeSettings(crf=17)) as encoder:
        for number in range(FPS * SECONDS):
            shift = number / (FPS * SECONDS)
            move = np.array([[1, 0, -width * 0.4 * shift], [0, 1, -height * 0.3 * shift]], dtype=np.float32)
            picture = cv2.warpAffine(ground, move, (width, height)) + grain[number % 3]
            encoder.write(planes_from_rgb(np.clip(picture, 0, 255).astype(np.uint8)))
    return path


def plain(take: Path, target: Path) -> None:
    with VideoEncoder(target, 1280, 720, FPS, EncodeSettings()) as encoder:
        for frame in decode(take):
            encoder.write_frame(frame)


def sound_job(line: Path) -> SoundJob:
    kit = read_kit(KIT)
    track = next(iter(kit.music.values()))
    return SoundJob(
        lines=(PlacedLine(path=line, start=0.15),),
        music=track.file,
        music_level=kit.music_level,
        bpm=track.bpm,
        duration=float(SECONDS),
    )


def rendition_job(take: Path, sound: Path) -> RenditionJob:
    kit = read_kit(KIT)
    third = SECONDS / len(CUES)
    shot = TimedShot(
        shot_id="s1", first_frame=0, num_frames=FPS * SECONDS, voice_start=0.15, voice_duration=SECONDS - 0.4
    )
    return RenditionJob(
        kit=kit,
        language=Language.ZH,
        timeline=Timeline(fps=FPS, shots=(shot,), end_card_frames=0),
        clips=(take,),
        aspect=Aspect.WIDE,
        width=1280,
        height=720,
        cues=tuple(Cue(start=n * third, end=(n + 1) * third, text=text) for n, text in enumerate(CUES)),
        sound=sound,
        end_card=None,
        label_words=kit.ai_label.words.zh,
    )


def nothing(done: int, total: int) -> None:
    """No progress is shown while the clock runs."""


if __name__ == "__main__":
    main()
