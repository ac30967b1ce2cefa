"""One delivery of a spot: pictures and sound in one file, captions, cover and film strip beside it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.content_key import Json, as_json
from campaign.cue import Cue
from campaign.finish import Fitting, Retiming
from campaign.frames import Aspect
from campaign.kit_parts import SafeArea
from campaign.timing import Timeline
from finishing.captions import write_srt, write_vtt
from finishing.cover import cover_recipe
from finishing.labels import KEY, AigcLabel
from finishing.stack import Extras, stack_recipe
from finishing.voice import SpokenWord
from media.encode import EncodeSettings
from media.follow import VERSION as FOLLOWING
from media.heard import loudness_of
from media.mux import join
from media.refusals import saying
from media.subject import VERSION as SUBJECT

PICTURE_VERSION = 6
RECIPE_VERSION = 7

PICTURE = "picture.mp4"
"""Name of the encoded pictures in their own folder, which holds the cover and the film strip too."""
MASTERS = {"prores_ks": "master.mov", "libx264": "master.mp4"}
"""Name of the mezzanine, beside the pictures and beside the video, by its codec."""
VIDEO, SRT, VTT = "video.mp4", "captions.srt", "captions.vtt"
COVER, STRIP = "cover.jpg", "frames.jpg"
"""Names of what a rendition's folder holds."""


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
    watermark: str = ""
    """Words across the whole picture, for what is only to be looked at."""
    safe_area: SafeArea | None = None
    """None takes the kit's."""
    settings: EncodeSettings = field(default_factory=EncodeSettings)
    master: EncodeSettings | None = None
    """Of a mezzanine beside the delivery; None: there is none."""
    crossfades: tuple[float, ...] = ()
    """Seconds for each cut between shots, 0 for a hard one; empty makes all of them hard."""
    fitting: Fitting = Fitting.CROP
    """For takes of another aspect."""
    reshapes: bool = True
    """Whether clips may have one; False where all are known to have been made for this."""
    face_model: Path | None = None
    """YuNet's, by which crops and covers look for faces; None: they do not."""
    retiming: Retiming = Retiming.MOTION
    """For takes of another rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """What was drawn and encoded."""

    num_frames: int
    num_copied: int
    """Of them, those that were taken over as they are encoded in a clip."""
    label_box: tuple[int, int, int, int] | None
    """Left, top, right, bottom of the visible label's plate in pixels."""
    cover_time: float
    """Seconds into the spot of the cover picture."""
    encoder: str
    reframed: tuple[str, ...]
    """What decided the crop of each take that had another aspect."""
    lost: tuple[str, ...] = ()
    """Takes with nothing to follow, where that was asked for."""

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        box = facts["label_box"]
        lists = {name: tuple(facts.get(name, ())) for name in ("reframed", "lost")}
        return cls(**{**facts, "label_box": tuple(box) if box else None, **lists})


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionFacts:
    """What was made; `verify_rendition` compares the file with it."""

    duration: float
    """Seconds of picture."""
    num_frames: int
    num_copied: int
    """Of them, those that were taken over as they are encoded in a clip."""
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
    lost: tuple[str, ...]
    """Takes with nothing to follow, where that was asked for."""
    files: tuple[str, ...]
    """Names in the folder."""


def picture_recipe(job: RenditionJob) -> dict[str, Json]:
    """Everything that decides the pictures' bytes; files by digest. Sound and metadata are not in it."""
    recipe: dict[str, Json] = {
        "picture": PICTURE_VERSION,
        "layers": stack_recipe(job),
        "timeline": as_json(job.timeline),
        "clips": as_json(job.clips),
        "size": [job.width, job.height],
        "end card": as_json(job.end_card),
        "settings": as_json(job.settings),
        "crossfades": list(job.crossfades),
        "fitting": job.fitting.value,
        "retiming": job.retiming.value,
    }
    if job.master:
        recipe["master"] = as_json(job.master)
    if job.reshapes and job.fitting is not Fitting.PAD:
        recipe["subject"] = SUBJECT
    if job.fitting is Fitting.FOLLOW:
        recipe["following"] = FOLLOWING
    if job.face_model:
        recipe["face model"] = as_json(job.face_model)
    if job.intro or job.outro:
        recipe["bookends"] = [as_json(job.intro), as_json(job.outro)]
    if job.cover_title:
        recipe["cover"] = cover_recipe(job.kit, job.cover_title)
    return recipe


def rendition_recipe(job: RenditionJob) -> dict[str, Json]:
    """Everything that decides the bytes; files by digest."""
    return {
        "rendition": RECIPE_VERSION,
        "pictures": picture_recipe(job),
        "sound": as_json(job.sound),
        "metadata": as_json(job.metadata),
        "title": job.title,
    }


def make_rendition(job: RenditionJob, pictures: Path, drawn: PictureFacts, folder: Path) -> RenditionFacts:
    """Write the video, its captions as SRT and VTT, a cover and a film strip into ``folder``.

    ``pictures`` is the folder that `finishing.picture.make_pictures` filled for this job, and ``drawn`` what
    it said. The packets are copied, so that another sound or title costs no encode.

    Raises:
        FinishError: a file cannot be read, or the container refused.
    """
    metadata = {KEY: job.metadata.as_metadata()} if job.metadata else {}
    if job.title:
        metadata["title"] = job.title
    join(pictures / PICTURE, job.sound, folder / VIDEO, metadata)
    masters = (MASTERS[job.master.codec],) if job.master else ()
    for name in masters:
        join(pictures / name, job.sound, folder / name, metadata)
    with saying(f"captions, cover and film strip beside {VIDEO}"):
        write_srt(job.cues, folder / SRT)
        write_vtt(job.cues, folder / VTT)
        for write, name in zip((write_srt, write_vtt), second_files(job), strict=False):
            write(job.second, folder / name)
        for name in (COVER, STRIP):
            shutil.copyfile(pictures / name, folder / name)
    loudness = loudness_of(job.sound)
    heard = loudness.integrated > float("-inf")
    return RenditionFacts(
        duration=job.timeline.duration,
        num_frames=drawn.num_frames,
        num_copied=drawn.num_copied,
        fps=job.timeline.fps,
        width=job.width,
        height=job.height,
        size=(folder / VIDEO).stat().st_size,
        integrated=round(loudness.integrated, 2) if heard else None,
        true_peak=round(loudness.true_peak, 2) if heard else None,
        label_box=drawn.label_box,
        cover_time=drawn.cover_time,
        encoder=drawn.encoder,
        reframed=drawn.reframed,
        lost=drawn.lost,
        files=(VIDEO, SRT, VTT, *second_files(job), COVER, STRIP, *masters),
    )


def second_files(job: RenditionJob) -> tuple[str, ...]:
    """Names of the other language's caption files; none where it has no captions."""
    return tuple(f"captions.{job.language.other}.{kind}" for kind in ("srt", "vtt")) if job.second else ()
