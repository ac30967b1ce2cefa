"""A spot for an editor: an OpenTimelineIO file over the untouched takes, the sound and the cues.

Premiere, Resolve and other editors read it through OpenTimelineIO's adapters. Written as the JSON that its
schemas define (``Timeline.1`` and what it holds; read back with OpenTimelineIO 0.18), which needs no package.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from campaign.content_key import Json, as_json
from campaign.cue import Cue
from finishing.rendition import RenditionJob
from finishing.sound import PlacedLine
from media.probe import probe

RECIPE_VERSION = 2
FILE = "spot.otio"

_Item = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverJob:
    """A rendition for an editor."""

    rendition: RenditionJob
    lines: tuple[PlacedLine, ...]
    """The voice by itself."""
    place: str
    """How the names of all files begin that lie beside the project."""

    @property
    def media(self) -> dict[str, Path]:
        """Every file that the project refers to, by the ending of its name."""
        job = self.rendition
        parts = {"_sound": job.sound, "_intro": job.intro, "_end_card": job.end_card, "_outro": job.outro}
        parts |= {f"_take{number}": clip for number, clip in enumerate(job.clips, start=1)}
        parts |= {f"_voice{number}": line.path for number, line in enumerate(self.lines, start=1)}
        return {f"{ending}{path.suffix}": path for ending, path in parts.items() if path is not None}


def handover_recipe(job: HandoverJob) -> dict[str, Json]:
    """Everything that decides the project; files by digest."""
    rendition = job.rendition
    return {
        "otio": RECIPE_VERSION,
        "place": job.place,
        "media": as_json(job.media),
        "lines": [line.start for line in job.lines],
        "timeline": as_json(rendition.timeline),
        "size": [rendition.width, rendition.height],
        "crossfades": list(rendition.crossfades),
        "cues": as_json((*rendition.cues, *rendition.second)),
        "title": rendition.title,
        "label": rendition.label_words,
    }


def write_otio(job: HandoverJob, path: Path) -> None:
    """Write the cut of ``job`` to ``path``; it refers to files beside it by name.

    Tracks: the pictures in order with their cross-fades; the mixed sound; the voice by itself, switched off,
    for whoever mixes anew. Cues are markers, those of the other language of another colour. Of a take that is
    reframed the whole picture is given.

    Raises:
        FinishError: a file cannot be read.
    """
    rendition = job.rendition
    timeline = rendition.timeline
    names = {path: f"{job.place}{ending}" for ending, path in job.media.items()}
    video = _track("pictures", "Video", list(_pictures(rendition, names)))
    video["markers"] = [
        _marker(cue, color, timeline.fps)
        for cues, color in ((rendition.cues, "WHITE"), (rendition.second, "CYAN"))
        for cue in cues
    ]
    sound = _clip("sound", rendition.sound, timeline.num_frames, timeline.fps, names)
    tracks: list[Json] = [video, _track("sound", "Audio", [sound])]
    if job.lines:
        voice = _track("voice", "Audio", list(_voice(job, names)))
        tracks.append({**voice, "enabled": False})
    project = {
        **_named("Timeline.1", rendition.title or job.place),
        "metadata": {
            "reelsheet": {
                "width": rendition.width,
                "height": rendition.height,
                "aspect": rendition.aspect.value,
                "ai_generated": True,
                # The takes bear no label: whoever cuts them anew has to put it on.
                "label": rendition.label_words,
            }
        },
        "global_start_time": None,
        "tracks": {**_item("Stack.1", "tracks"), "children": tracks},
    }
    path.write_text(json.dumps(project, ensure_ascii=False, indent=1), encoding="utf-8")


def _pictures(job: RenditionJob, names: Mapping[Path, str]) -> Iterator[Json]:
    timeline, fps = job.timeline, job.timeline.fps
    if job.intro is not None and timeline.intro_frames:
        yield _clip("intro", job.intro, timeline.intro_frames, fps, names)
    fades = (0.0, *(job.crossfades or (0.0,) * (len(job.clips) - 1)))
    for shot, clip, fade in zip(timeline.shots, job.clips, fades, strict=True):
        if fade:
            yield _transition(round(fade * fps), fps)
        yield _clip(shot.shot_id, clip, shot.num_frames, fps, names)
    if job.end_card is not None and timeline.end_card_frames:
        yield _clip("end card", job.end_card, timeline.end_card_frames, fps, names)
    if job.outro is not None and timeline.outro_frames:
        yield _clip("outro", job.outro, timeline.outro_frames, fps, names)


def _voice(job: HandoverJob, names: Mapping[Path, str]) -> Iterator[Json]:
    fps, place = job.rendition.timeline.fps, 0
    for number, line in enumerate(job.lines, start=1):
        first = round(line.start * fps)
        if first > place:
            yield {**_item("Gap.1", ""), "source_range": _range(0, first - place, fps)}
        length = max(round(probe(line.path).duration * fps), 1)
        yield _clip(f"voice {number}", line.path, length, fps, names)
        place = first + length


def _clip(name: str, media: Path, frames: int, fps: int, names: Mapping[Path, str]) -> Json:
    facts = probe(media)
    available = facts.video.num_frames if facts.video else round(facts.duration * fps)
    rate = float(facts.video.fps) if facts.video else float(fps)
    return {
        **_item("Clip.2", name),
        "source_range": _range(0, frames, fps),
        "media_references": {
            "DEFAULT_MEDIA": {
                **_named("ExternalReference.1", names[media]),
                "available_range": _range(0, available, rate),
                "available_image_bounds": None,
                "target_url": quote(names[media]),
            }
        },
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _transition(frames: int, fps: int) -> Json:
    """The clip before goes on under the next, as `finishing.cut` draws it: nothing comes before the cut."""
    return {
        **_named("Transition.1", "cross-fade"),
        "transition_type": "SMPTE_Dissolve",
        "in_offset": _time(0, fps),
        "out_offset": _time(frames, fps),
    }


def _track(name: str, kind: str, children: list[Json]) -> _Item:
    return {**_item("Track.1", name), "kind": kind, "children": children}


def _marker(cue: Cue, color: str, fps: int) -> Json:
    return {
        **_named("Marker.2", cue.text),
        "color": color,
        "comment": cue.text,
        "marked_range": _range(round(cue.start * fps), round((cue.end - cue.start) * fps), fps),
    }


def _item(schema: str, name: str) -> _Item:
    return {
        **_named(schema, name),
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "color": None,
    }


def _named(schema: str, name: str) -> _Item:
    return {"OTIO_SCHEMA": schema, "metadata": {}, "name": name}


def _range(start: int, frames: int, rate: float) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(start, rate),
        "duration": _time(frames, rate),
    }


def _time(frames: int, rate: float) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(frames)}
