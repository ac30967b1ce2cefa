"""What finishing costs over the plain decode and encode of the same pictures.

Run from the repository: ``python -m benchmarks.finishing``, or only parts of it and with fewer rounds:
``python -m benchmarks.finishing one three batch length 3``. Every variant runs in one warm process, one after
the other in every round, so that a busy machine is busy for all of them; CPU seconds of the process are the
figure, medians over the rounds. What ``batch`` measures is time, which needs a quiet machine.
"""

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from statistics import median

import av
import cv2
import numpy as np
from moviepy import AudioFileClip, CompositeAudioClip, CompositeVideoClip, ImageClip, VideoFileClip

from campaign.brand_kit import read_kit
from campaign.brief import Language
from campaign.cue import Cue
from campaign.frames import Aspect
from campaign.store import Store
from campaign.timing import TimedShot, Timeline
from finishing.overlay import Canvas
from finishing.picture import make_pictures
from finishing.provenance import Source
from finishing.rendition import RenditionJob, make_rendition
from finishing.sound import PlacedLine, SoundJob, mix_sound
from finishing.stack import plan_layers, stack
from finishing.voice import SpeechOptions, load_voice
from media.blend import blend
from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.fit import Fitter
from media.heard import _measured
from media.planes import frame_of, planes_from_rgb, planes_of_frame
from media.probe import _probed
from tasks.builds import FinishJob, build_renditions
from tasks.pool import keep_freed_memory

ROUNDS = 5
FPS = 24
SECONDS = 5
KIT = Path(__file__).parent.parent / "brand_kits" / "qinghe_tea"
LINE = "明前龙井，每年只有一次最好的时候，错过再等一年。"
PACKAGES = ("av", "numpy", "opencv-python-headless", "moviepy", "imageio-ffmpeg")
CUES = ("明前龙井", "每年只有一次最好的时候", "错过再等一年")
THREE = ((Aspect.WIDE, 1920, 1080), (Aspect.TALL, 1080, 1920), (Aspect.SQUARE, 1080, 1080))


def main() -> None:
    rounds = next((int(word) for word in sys.argv[1:] if word.isdigit()), ROUNDS)
    asked = [word for word in sys.argv[1:] if not word.isdigit()] or ["one", "three", "batch", "length"]
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        line = folder / "line.wav"
        load_voice("espeak:cmn", SpeechOptions()).speak(LINE, Language.ZH, line)
        job = rendition_job(make_take(folder / "take.mp4", 1280, 720), folder / "sound.m4a")
        sound = sound_job(line)
        mix_sound(sound, folder)
        parts: dict[str, Callable[[], None]] = {
            "one": lambda: report(
                f"{SECONDS} s of 1280x720 at {FPS} fps", measured(one_rendition(job, sound, folder), rounds)
            ),
            "three": lambda: report(
                "three renditions at 1080p of that take", measured(three_renditions(job, folder), rounds)
            ),
            "batch": lambda: report_batch(job, sound, folder, rounds),
            "length": lambda: report_minute(job, sound, folder),
        }
        for part in asked:
            parts[part]()


def one_rendition(job: RenditionJob, sound: SoundJob, folder: Path) -> dict[str, Callable[[], object]]:
    overlaid = composed(job)
    return {
        "decode + encode, nothing else": lambda: plain(job.clips[0], folder / "plain.mp4"),
        "decode alone": lambda: [frame.pts for frame in decode(job.clips[0])],
        "encode of the finished frames alone": lambda: encode(overlaid, folder / "over.mp4"),
        "finished: logo, 3 captions, label, voice, ducked music, loudness": lambda: unread(
            job, sound, folder
        ),
        "of that, the sound mix": lambda: mix_sound(sound, folder),
        "of that, the pictures": lambda: make_pictures([job], [folder]),
        "as the line makes it: the same, then labels and loudness read back": lambda: (
            mix_sound(sound, folder),
            finish([job], folder),
        ),
        "MoviePy 2: the same layers and sounds, no ducking, no loudness": lambda: in_moviepy(
            job, sound, folder / "moviepy.mp4"
        ),
    }


def three_renditions(job: RenditionJob, folder: Path) -> dict[str, Callable[[], object]]:
    """At 1080p, cropped from one take of 720p; the bare encodes get frames that are fitted already."""
    jobs = [replace(job, aspect=aspect, width=width, height=height) for aspect, width, height in THREE]

    def bare(frames_of: Callable[[RenditionJob], list[av.VideoFrame]]) -> float:
        spent = 0.0
        for one in jobs:
            frames, start = frames_of(one), cpu_seconds()
            encode(frames, folder / "bare.mp4")
            spent += cpu_seconds() - start
        return spent

    return {
        "three bare encodes": lambda: bare(fitted),
        "three bare encodes of the finished frames": lambda: bare(composed),
        "three renditions together": lambda: finish(jobs, folder),
        "three renditions one by one": lambda: [finish([one], folder) for one in jobs],
    }


def measured(variants: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each round of each variant, after one that is not counted; some say what counts."""
    spent: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(rounds + 1):
        for name, run in variants.items():
            forget()
            start = cpu_seconds()
            said = run()
            if turn:
                spent[name].append(said if isinstance(said, float) else cpu_seconds() - start)
    return spent


def forget() -> None:
    """Let nothing be known of files and sounds that were met before: in a batch each is another.

    The music stays decoded: a batch of one brand decodes a track once in each worker.
    """
    for known in (_probed, _measured):
        known.cache_clear()


def cpu_seconds() -> float:
    """Of this process and the children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def report(what: str, spent: dict[str, list[float]]) -> None:
    floor = median(next(iter(spent.values())))
    rounds = len(next(iter(spent.values())))
    print(f"{what}, x264 veryfast crf 20, 1 thread; {rounds} rounds; load {os.getloadavg()[0]:.1f}")
    print("| variant | CPU s (least to most) | of the floor |\n|---|---|---|")
    for name, seconds in spent.items():
        print(f"| {name} | {median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f}) ", end="")
        print(f"| {median(seconds) / floor:.2f} |")
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(f"\nPython {platform.python_version()}, {packages}.\n")


def report_batch(job: RenditionJob, sound: SoundJob, folder: Path, rounds: int) -> None:
    """A batch of 12 with one worker on one core and with two on two, in turn; clips a minute."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    pace: dict[int, list[float]] = {1: [], 2: []}
    spent: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    for turn in range(rounds):
        for workers in pace:
            start, results = _batch(job, sound, folder / f"b{turn}-{workers}", cores[:workers])
            pace[workers].append(12 * 60 / (time.perf_counter() - start))
            spent[workers] += results
    print(f"load {os.getloadavg()[0]:.1f}, {rounds} rounds, workers pinned to cores of their own")
    print("| batch of 12 | clips a minute (least to most) | CPU s per clip | peak MB per worker |")
    print("|---|---|---|---|")
    for workers, clips in pace.items():
        cpu, memory = zip(*spent[workers], strict=True)
        print(f"| {workers} workers | {median(clips):.1f} ({min(clips):.1f} to {max(clips):.1f}) ", end="")
        print(f"| {median(cpu):.2f} | {max(memory):.0f} |")
    twice = [two / one for one, two in zip(pace[1], pace[2], strict=True)]
    print(f"\nTwo workers made {median(twice):.2f} times as many as one.\n")


def _batch(
    job: RenditionJob, sound: SoundJob, folder: Path, cores: list[int]
) -> tuple[float, list[tuple[float, float]]]:
    """When 12 clips were begun in warm workers, and CPU seconds and memory of each."""
    folder.mkdir()
    context = get_context("spawn")
    free = context.Queue()
    for core in cores:
        free.put(core)
    with ProcessPoolExecutor(len(cores), mp_context=context, initializer=_pin, initargs=(free,)) as pool:
        warm = [([job], sound, folder / f"warm{n}") for n in range(len(cores) * 2)]
        list(pool.map(finish_spot, warm))
        start = time.perf_counter()
        return start, list(pool.map(finish_spot, [([job], sound, folder / str(n)) for n in range(12)]))


def _pin(free: "Queue[int]") -> None:
    keep_freed_memory()
    os.sched_setaffinity(0, {free.get()})


def report_minute(job: RenditionJob, sound: SoundJob, folder: Path) -> None:
    """What length and size do to a spot, each in a process of its own."""
    minute, minute_sound = longer(job, 12), replace(sound, duration=12.0 * SECONDS)
    wide = replace(job, width=1920, height=1080)
    works = {
        f"{SECONDS} s at 720p": ([job], sound),
        f"{12 * SECONDS} s at 720p": ([minute], minute_sound),
        f"{SECONDS} s at 1080p": ([wide], sound),
        f"{12 * SECONDS} s at 1080p": ([replace(minute, width=1920, height=1080)], minute_sound),
        f"{SECONDS} s in three aspects at 1080p": (
            [replace(job, aspect=aspect, width=width, height=height) for aspect, width, height in THREE],
            sound,
        ),
    }
    print("\n| spot, in a worker of its own | CPU s | peak MB |\n|---|---|---|")
    for number, (name, (jobs, heard)) in enumerate(works.items()):
        context = get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context, initializer=keep_freed_memory) as pool:
            pool.submit(finish_spot, ([job], sound, folder / f"first{number}")).result()
            cpu, memory = pool.submit(finish_spot, (jobs, heard, folder / f"spot{number}")).result()
        print(f"| {name} | {cpu:.2f} | {memory:.0f} |")


def longer(job: RenditionJob, times: int) -> RenditionJob:
    """The same shot so many times in a row, with its captions."""
    shots = tuple(
        replace(job.timeline.shots[0], shot_id=f"s{n}", first_frame=n * FPS * SECONDS) for n in range(times)
    )
    cues = tuple(
        replace(cue, start=cue.start + n * SECONDS, end=cue.end + n * SECONDS)
        for n in range(times)
        for cue in job.cues
    )
    return replace(job, timeline=replace(job.timeline, shots=shots), clips=job.clips * times, cues=cues)


def finish_spot(work: tuple[list[RenditionJob], SoundJob, Path]) -> tuple[float, float]:
    """CPU seconds, and the most memory in MB that the process has had."""
    jobs, sound, folder = work
    folder.mkdir()
    forget()
    start = cpu_seconds()
    mix_sound(sound, folder)
    finish([replace(job, sound=folder / "sound.m4a") for job in jobs], folder)
    return cpu_seconds() - start, peak_memory()


def peak_memory() -> float:
    """The most MB that this process has had; getrusage would count those of the process that began it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def finish(jobs: list[RenditionJob], folder: Path) -> None:
    """Renditions as the line makes them, in a store of their own."""
    with tempfile.TemporaryDirectory(dir=folder) as root:
        folders = [Path(root) / str(number) for number in range(len(jobs))]
        for target in folders:
            target.mkdir()
        wanted = [
            FinishJob(store=Store(Path(root) / "store"), rendition=job, signing=None, source=Source.GENERATED)
            for job in jobs
        ]
        for result in build_renditions(wanted, folders):
            if isinstance(result, Exception):
                raise result


def unread(job: RenditionJob, sound: SoundJob, folder: Path) -> None:
    """Sound, pictures and both in one file, without looking at it again."""
    mix_sound(sound, folder)
    (drawn,) = make_pictures([job], [folder])
    if isinstance(drawn, Exception):
        raise drawn
    (folder / "out").mkdir(exist_ok=True)
    make_rendition(job, folder, drawn, folder / "out")


def composed(job: RenditionJob) -> list[av.VideoFrame]:
    """Every frame of the spot with what lies over it."""
    over, frames = stack(job), fitted(job)
    for number, frame in enumerate(frames):
        for layer, opacity in over.at(number):
            blend(planes_of_frame(frame), layer, opacity)
    return frames


def fitted(job: RenditionJob) -> list[av.VideoFrame]:
    """Copies of the take's frames in the job's size."""
    fit = Fitter(job.width, job.height)
    return [frame_of(planes_of_frame(fit(frame))) for frame in decode(job.clips[0])]


def encode(frames: list[av.VideoFrame], target: Path) -> None:
    with VideoEncoder(target, frames[0].width, frames[0].height, FPS, EncodeSettings()) as encoder:
        for frame in frames:
            encoder.write_frame(frame)


def in_moviepy(job: RenditionJob, sound: SoundJob, target: Path) -> None:
    """The way of a MoviePy script: clips over clips, the music's level fixed."""
    canvas = Canvas(width=job.width, height=job.height, margins=job.kit.safe_area)
    plan = plan_layers(job.kit, canvas, job.label_words, job.extras, job.cues, job.second)
    assert sound.music is not None
    with VideoFileClip(str(job.clips[0])) as take:
        parts = [take]
        for placed, start, end in (
            (plan.marks["logo"], 0.0, float(SECONDS)),
            (plan.marks["AI label"], 0.0, 3.0),
            *((plan.captions.place(cue), cue.start, cue.end) for cue in job.cues),
        ):
            picture = ImageClip(placed.rgba, transparent=True).with_position(placed.pixels[:2])
            parts.append(picture.with_start(start).with_end(end))
        voice = AudioFileClip(str(sound.lines[0].path)).with_start(sound.lines[0].start)
        music = AudioFileClip(str(sound.music)).subclipped(0, SECONDS).with_volume_scaled(0.3)
        film = CompositeVideoClip(parts, size=(job.width, job.height)).with_duration(SECONDS)
        film.with_audio(CompositeAudioClip([voice, music]).with_duration(SECONDS)).write_videofile(
            str(target),
            fps=FPS,
            codec="libx264",
            preset="veryfast",
            audio_codec="aac",
            threads=1,
            ffmpeg_params=["-crf", "20"],
            logger=None,
        )
        voice.close()
        music.close()


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


if __name__ == "__main__":
    main()
