"""One delivery of a spot: takes, end card, layers and sound in one decode and one encode."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.content_key import Json, as_json
from campaign.cue import Cue
from campaign.errors import FinishError
from campaign.frames import Aspect
from campaign.kit_parts import SafeArea
from campaign.timing import Timeline
from finishing.captions import write_srt, write_vtt
from finishing.cover import CoverPicker, FilmStrip, cover_recipe, place_title
from finishing.cut import Clip, cut_frames
from finishing.labels import KEY, AigcLabel
from finishing.overlay import Canvas
from finishing.stack import Extras, Stack, stack, stack_recipe
from finishing.voice import SpokenWord
from media.blend import Layer, laid_over
from media.decode import Retiming
from media.encode import EncodeSettings, VideoEncoder
from media.fit import MIDDLE, Fitting, crop_window
from media.loudness import Loudness, measure_loudness
from media.planes import planes_of_frame
from media.probe import probe
from media.sound import read_sound
from media.subject import find_window

RECIPE_VERSION = 5

VIDEO, SRT, VTT = "video.mp4", "captions.srt", "captions.vtt"
COVER, STRIP = "cover.jpg", "frames.jpg"
"""Names of what a rendition's folder holds."""

DISSOLVE = 0.25
"""Seconds in which the last picture gives way to the end card."""
_MOSTLY = 0.9
"""A crop that keeps this much of the picture needs no thought about where it lies."""
_REPORT_EVERY = 24

Progress = Callable[[int, int], None]
"""Called with frames done and frames in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionJob:
    """Everything that decides one rendition's bytes."""

    kit: BrandKit
    language: Language
    timeline: Timeline
    clips: tuple[Path, ...]
    """One take per shot, in order."""
    aspect: Aspect
    width: int
    height: int
    cues: tuple[Cue, ...]
    second: tuple[Cue, ...] = ()
    """The other language's, under the captions."""
    extras: Extras = field(default_factory=Extras)
    words: tuple[tuple[SpokenWord, ...], ...] = ()
    """From `cue_words`: each spoken word is shown in the kit's colour for it; empty leaves captions still."""
    sound: Path
    """From `mix_sound`; its packets are copied."""
    end_card: Path | None
    """From `make_end_card`, in the same size; None where the timeline has no end card."""
    intro: Path | None = None
    """A film for the frames before the first shot; None where the timeline has none."""
    outro: Path | None = None
    """Likewise for those after the end card."""
    cover_title: str = ""
    label_words: str
    """Of the visible label; empty leaves it out, which `verify_rendition` then reports."""
    metadata: AigcLabel | None = None
    title: str = ""
    safe_area: SafeArea | None = None
    """None takes the kit's."""
    settings: EncodeSettings = field(default_factory=EncodeSettings)
    crossfades: tuple[float, ...] = ()
    """Seconds for each cut between shots, 0 for a hard one; empty makes all of them hard."""
    fitting: Fitting = Fitting.CROP
    """For takes of another aspect."""
    retiming: Retiming = Retiming.FLOW
    """For takes of another rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionFacts:
    """What was made; `verify_rendition` compares the file with it."""

    duration: float
    """Seconds of picture."""
    num_frames: int
    fps: int
    width: int
    height: int
    size: int
    """Bytes."""
    integrated: float | None
    """LUFS; None for silence."""
    true_peak: float | None
    """dBTP; None for silence."""
    label_box: tuple[int, int, int, int] | None
    """Left, top, right, bottom of the visible label's plate in pixels."""
    cover_time: float
    """Seconds into the spot of the cover picture."""
    encoder: str
    reframed: tuple[str, ...]
    """What decided the crop of each take that had another aspect."""
    files: tuple[str, ...]
    """Names in the folder."""


def rendition_recipe(job: RenditionJob) -> dict[str, Json]:
    """Everything that decides the bytes; files by digest."""
    recipe: dict[str, Json] = {
        "rendition": RECIPE_VERSION,
        "layers": stack_recipe(job),
        "timeline": as_json(job.timeline),
        "clips": as_json(job.clips),
        "size": [job.width, job.height],
        "sound": as_json(job.sound),
        "end card": as_json(job.end_card),
        "metadata": as_json(job.metadata),
        "title": job.title,
        "settings": as_json(job.settings),
        "crossfades": list(job.crossfades),
        "fitting": job.fitting.value,
        "retiming": job.retiming.value,
    }
    if job.intro or job.outro:
        recipe["bookends"] = [as_json(job.intro), as_json(job.outro)]
    if job.cover_title:
        recipe["cover"] = cover_recipe(job.kit, job.cover_title)
    return recipe


def make_rendition(job: RenditionJob, folder: Path, progress: Progress) -> RenditionFacts:
    """Write the video, its captions as SRT and VTT, a cover and a film strip into ``folder``.

    Raises:
        FinishError: a take is too short or cannot be read, the layout does not fit, or the encoder failed.
        GlyphError: the kit's font lacks a character of a caption or the label.
    """
    _check_job(job)
    layers = stack(job)
    clips, reframed = _clips(job)
    metadata = {KEY: job.metadata.as_metadata()} if job.metadata else {}
    if job.title:
        metadata["title"] = job.title
    total = job.timeline.num_frames
    cover, strip = CoverPicker(job.timeline), FilmStrip(total)
    with VideoEncoder(
        folder / VIDEO,
        job.width,
        job.height,
        job.timeline.fps,
        job.settings,
        audio=job.sound,
        metadata=metadata,
    ) as encoder:
        frames = cut_frames(clips, job.width, job.height, job.timeline.fps, job.fitting, job.retiming)
        for number, frame in enumerate(frames):
            cover.consider(number, frame)
            with laid_over(planes_of_frame(frame), layers.at(number)):
                strip.consider(number, frame)
                encoder.write_frame(frame)
            if number % _REPORT_EVERY == 0:
                progress(number, total)
    progress(total, total)
    write_srt(job.cues, folder / SRT)
    write_vtt(job.cues, folder / VTT)
    for write, name in zip((write_srt, write_vtt), second_files(job), strict=False):
        write(job.second, folder / name)
    cover.write(folder / COVER, (*layers.cover, *_cover_title(job)))
    strip.write(folder / STRIP)
    return _facts(job, folder, layers, cover, reframed)


def second_files(job: RenditionJob) -> tuple[str, ...]:
    """Names of the other language's caption files; none where it has no captions."""
    return tuple(f"captions.{job.language.other}.{kind}" for kind in ("srt", "vtt")) if job.second else ()


def _cover_title(job: RenditionJob) -> tuple[Layer, ...]:
    if not job.cover_title:
        return ()
    canvas = Canvas(width=job.width, height=job.height, margins=job.safe_area or job.kit.safe_area)
    return (place_title(job.kit, job.cover_title, canvas).layer,)


def _check_job(job: RenditionJob) -> None:
    if len(job.clips) != len(job.timeline.shots):
        raise FinishError(
            "rendition",
            f"there are {len(job.clips)} takes for {len(job.timeline.shots)} shots. Give one each.",
        )
    if job.crossfades and len(job.crossfades) != len(job.clips) - 1:
        raise FinishError(
            "rendition",
            f"{len(job.crossfades)} cross-fades are named for {len(job.clips) - 1} cuts. Give one each.",
        )
    if job.words and len(job.words) != len(job.cues):
        raise FinishError("rendition", f"words are given for {len(job.words)} of {len(job.cues)} cues.")
    timeline = job.timeline
    for part, frames, film in (
        ("an end card", timeline.end_card_frames, job.end_card),
        ("an intro", timeline.intro_frames, job.intro),
        ("an outro", timeline.outro_frames, job.outro),
    ):
        if frames and film is None:
            raise FinishError("rendition", f"the timeline has {part}, but none was given.")


def _clips(job: RenditionJob) -> tuple[list[Clip], tuple[str, ...]]:
    """The cut, and for each take that loses something to it, what decided what is kept."""
    fps, timeline = job.timeline.fps, job.timeline
    fades = job.crossfades or (0.0,) * (len(job.clips) - 1)
    clips, reframed = [], []
    if job.intro is not None and timeline.intro_frames:
        clips.append(Clip(path=job.intro, num_frames=timeline.intro_frames))
        fades = (DISSOLVE, *fades)
    else:
        fades = (0.0, *fades)
    for path, shot, fade in zip(job.clips, timeline.shots, fades, strict=True):
        focus = MIDDLE
        if job.fitting is Fitting.CROP and _loses_much(path, job):
            found = _window(path, path.stat().st_mtime_ns, job.width, job.height)
            focus = found or MIDDLE
            kept = (
                f"about {focus[0]:.0%}, {focus[1]:.0%}" if found else "in the middle: no subject stands out"
            )
            reframed.append(f"{shot.shot_id}: cropped to {job.aspect} {kept}")
        clips.append(Clip(path=path, num_frames=shot.num_frames, fade_in=round(fade * fps), focus=focus))
    if job.end_card is not None and timeline.end_card_frames:
        length = min(round(DISSOLVE * fps), timeline.end_card_frames)
        clips.append(Clip(path=job.end_card, num_frames=timeline.end_card_frames, fade_in=length))
    if job.outro is not None and timeline.outro_frames:
        clips.append(Clip(path=job.outro, num_frames=timeline.outro_frames))
    return clips, tuple(reframed)


def _loses_much(path: Path, job: RenditionJob) -> bool:
    video = probe(path).video
    if video is None:
        return False
    window = crop_window(video.width, video.height, job.width, job.height)
    return window.width * window.height < _MOSTLY * video.width * video.height


@lru_cache(maxsize=64)
def _window(path: Path, changed: int, width: int, height: int) -> tuple[float, float] | None:  # noqa: ARG001
    return find_window(path, width, height)


def _facts(
    job: RenditionJob, folder: Path, layers: Stack, cover: CoverPicker, reframed: tuple[str, ...]
) -> RenditionFacts:
    loudness = _loudness(job.sound, job.sound.stat().st_mtime_ns)
    heard = loudness.integrated > float("-inf")
    return RenditionFacts(
        duration=job.timeline.duration,
        num_frames=job.timeline.num_frames,
        fps=job.timeline.fps,
        width=job.width,
        height=job.height,
        size=(folder / VIDEO).stat().st_size,
        integrated=round(loudness.integrated, 2) if heard else None,
        true_peak=round(loudness.true_peak, 2) if heard else None,
        label_box=layers.label_box,
        cover_time=round(cover.time, 3),
        encoder=f"{job.settings.codec} {job.settings.preset} crf {job.settings.crf}",
        reframed=reframed,
        files=(VIDEO, SRT, VTT, *second_files(job), COVER, STRIP),
    )


@lru_cache(maxsize=16)
def _loudness(sound: Path, changed: int) -> Loudness:  # noqa: ARG001  # It is the cache's key.
    """Of a mix whose packets every aspect of a spot carries unchanged."""
    return measure_loudness(read_sound(sound))
