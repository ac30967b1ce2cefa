"""One delivery of a spot: takes, end card, layers and sound in one decode and one encode."""

from collections.abc import Callable, Iterator
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
from finishing.cover import CoverPicker, FilmStrip
from finishing.cut import Clip, cut_frames
from finishing.labels import KEY, SECONDS, AigcLabel
from finishing.overlay import (
    Canvas,
    Placed,
    Shown,
    check_layout,
    place_captions,
    place_label,
    place_logo,
    place_words,
)
from finishing.voice import SpokenWord
from media.blend import laid_over
from media.decode import Retiming
from media.encode import EncodeSettings, VideoEncoder
from media.fit import MIDDLE, Fitting, crop_window
from media.loudness import Loudness, measure_loudness
from media.planes import planes_of_frame
from media.probe import probe
from media.sound import read_sound
from media.subject import find_window

RECIPE_VERSION = 4

VIDEO, SRT, VTT = "video.mp4", "captions.srt", "captions.vtt"
COVER, STRIP = "cover.jpg", "frames.jpg"
"""Names of what a rendition's folder holds."""

DISSOLVE = 0.25
"""Seconds in which the last picture gives way to the end card."""
_LABEL_FADE = 0.3
_LOGO_FADE = 0.25
_CAPTION_FADE = 0.08
_TALL_FLOOR = 0.16
"""Captions of tall pictures stay above the bottom where every short-video app lays its own words."""
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
    words: tuple[tuple[SpokenWord, ...], ...] = ()
    """From `cue_words`: each spoken word is shown in the kit's accent; empty leaves captions still."""
    sound: Path
    """From `mix_sound`; its packets are copied."""
    end_card: Path | None
    """From `make_end_card`, in the same size; None where the timeline has no end card."""
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
    kit = job.kit
    return {
        "rendition": RECIPE_VERSION,
        "kit": {
            "logo": [as_json(kit.logo.file), kit.logo.corner, kit.logo.height, kit.logo.opacity],
            "font": as_json(kit.fonts.text.file),
            "captions": kit.captions.model_dump(),
            "label": [kit.ai_label.corner, kit.colors.light, kit.colors.ink],
        },
        "timeline": as_json(job.timeline),
        "clips": as_json(job.clips),
        "size": [job.width, job.height],
        "cues": as_json(job.cues),
        "words": as_json(job.words) if job.words else None,
        "accent": kit.colors.accent if job.words else None,
        "sound": as_json(job.sound),
        "end card": as_json(job.end_card),
        "label": [job.label_words, SECONDS],
        "metadata": as_json(job.metadata),
        "title": job.title,
        "safe area": (job.safe_area or kit.safe_area).model_dump(),
        "settings": as_json(job.settings),
        "crossfades": list(job.crossfades),
        "fitting": job.fitting.value,
        "retiming": job.retiming.value,
    }


def make_rendition(job: RenditionJob, folder: Path, progress: Progress) -> RenditionFacts:
    """Write the video, its captions as SRT and VTT, a cover and a film strip into ``folder``.

    Raises:
        FinishError: a take is too short or cannot be read, the layout does not fit, or the encoder failed.
        GlyphError: the kit's font lacks a character of a caption or the label.
    """
    _check_job(job)
    layers, label = _layers(job)
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
            seen = [(shown.layer, opacity) for shown in layers if (opacity := shown.opacity(number))]
            with laid_over(planes_of_frame(frame), seen):
                strip.consider(number, frame)
                encoder.write_frame(frame)
            if number % _REPORT_EVERY == 0:
                progress(number, total)
    progress(total, total)
    write_srt(job.cues, folder / SRT)
    write_vtt(job.cues, folder / VTT)
    cover.write(folder / COVER, [shown.layer for shown in layers[: 1 + (label is not None)]])
    strip.write(folder / STRIP)
    return _facts(job, folder, label, cover, reframed)


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
    if job.timeline.end_card_frames and job.end_card is None:
        raise FinishError("rendition", "the timeline has an end card, but none was given.")


def _layers(job: RenditionJob) -> tuple[list[Shown], Placed | None]:
    """Logo first, then the label, then captions; and the label's place."""
    fps, end = job.timeline.fps, job.timeline.num_frames - job.timeline.end_card_frames
    margins = job.safe_area or job.kit.safe_area
    canvas = Canvas(width=job.width, height=job.height, margins=margins)
    logo = place_logo(job.kit, canvas)
    label = place_label(job.kit, job.label_words, canvas) if job.label_words else None
    floor = _TALL_FLOOR if job.height > job.width else 0.0
    lower = margins.model_copy(update={"bottom": max(margins.bottom, floor)})
    below = Canvas(width=job.width, height=job.height, margins=lower)
    captions = list(place_captions(job.kit, job.cues, below))
    marks = (logo,) if label is None else (logo, label)
    check_layout(marks, canvas)
    for _, placed in captions:
        check_layout((*marks, placed), canvas)
    layers = [Shown(layer=logo.layer, first=0, last=end, fade_out=round(_LOGO_FADE * fps))]
    if label is not None:
        # The seconds that the standard counts are those before the fade.
        last = min(round((SECONDS + _LABEL_FADE) * fps), job.timeline.num_frames)
        layers.append(Shown(layer=label.layer, first=0, last=last, fade_out=round(_LABEL_FADE * fps)))
    fade = round(_CAPTION_FADE * fps)
    for number, (cue, placed) in enumerate(captions):
        first, last = round(cue.start * fps), round(cue.end * fps)
        layers.append(Shown(layer=placed.layer, first=first, last=last, fade_in=fade, fade_out=fade))
        if job.words:
            layers += _spoken_words(job, cue, placed, job.words[number], below)
    return layers, label


def _spoken_words(
    job: RenditionJob, cue: Cue, caption: Placed, words: tuple[SpokenWord, ...], canvas: Canvas
) -> Iterator[Shown]:
    fps = job.timeline.fps
    drawn = place_words(job.kit, cue, caption, [word.text for word in words], canvas)
    for word, layer in zip(words, drawn, strict=True):
        first, last = round(word.start * fps), min(round(word.end * fps), round(cue.end * fps))
        if layer is not None and last > first:
            yield Shown(layer=layer, first=first, last=last)


def _clips(job: RenditionJob) -> tuple[list[Clip], tuple[str, ...]]:
    """The cut, and for each take that loses something to it, what decided what is kept."""
    fps, timeline = job.timeline.fps, job.timeline
    fades = job.crossfades or (0.0,) * (len(job.clips) - 1)
    clips, reframed = [], []
    for path, shot, fade in zip(job.clips, timeline.shots, (0.0, *fades), strict=True):
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
    job: RenditionJob, folder: Path, label: Placed | None, cover: CoverPicker, reframed: tuple[str, ...]
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
        label_box=None if label is None else label.pixels,
        cover_time=round(cover.time, 3),
        encoder=f"{job.settings.codec} {job.settings.preset} crf {job.settings.crf}",
        reframed=reframed,
        files=(VIDEO, SRT, VTT, COVER, STRIP),
    )


@lru_cache(maxsize=16)
def _loudness(sound: Path, changed: int) -> Loudness:  # noqa: ARG001  # It is the cache's key.
    """Of a mix whose packets every aspect of a spot carries unchanged."""
    return measure_loudness(read_sound(sound))
