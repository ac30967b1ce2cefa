"""A spot for an editor: an OpenTimelineIO file over the untouched takes, the sound and the cues.

Premiere, Resolve and other editors read it through OpenTimelineIO's adapters. Written as the JSON that its
schemas define (OpenTimelineIO 0.17, ``Timeline.1`` and what it holds), which needs no package.
"""

import json
from pathlib import Path

from campaign.content_key import Json
from finishing.rendition import RenditionJob
from media.probe import probe

_Item = dict[str, Json]


def write_otio(job: RenditionJob, path: Path) -> None:
    """Write the cut of ``job`` to ``path``, every file by its place relative to it where it lies below.

    Tracks: the takes in order with their cross-fades and the end card, and the mixed sound. Cues are markers.
    """
    fps = job.timeline.fps
    pictures: list[Json] = []
    if job.intro is not None and job.timeline.intro_frames:
        pictures.append(_clip("intro", job.intro, job.timeline.intro_frames, fps, path.parent))
    fades = (0.0, *(job.crossfades or (0.0,) * (len(job.clips) - 1)))
    for shot, clip, fade in zip(job.timeline.shots, job.clips, fades, strict=True):
        if fade:
            pictures.append(_transition(round(fade * fps), fps))
        pictures.append(_clip(shot.shot_id, clip, shot.num_frames, fps, path.parent))
    if job.end_card is not None and job.timeline.end_card_frames:
        pictures.append(_clip("end card", job.end_card, job.timeline.end_card_frames, fps, path.parent))
    if job.outro is not None and job.timeline.outro_frames:
        pictures.append(_clip("outro", job.outro, job.timeline.outro_frames, fps, path.parent))
    sound = _clip("sound", job.sound, job.timeline.num_frames, fps, path.parent)
    video = _track("pictures", "Video", pictures)
    video["markers"] = [
        _marker(cue.text, round(cue.start * fps), round((cue.end - cue.start) * fps), fps) for cue in job.cues
    ]
    timeline = {
        **_named("Timeline.1", job.title or "spot"),
        "global_start_time": None,
        "tracks": {
            **_item("Stack.1", "tracks"),
            "children": [video, _track("sound", "Audio", [sound])],
        },
    }
    path.write_text(json.dumps(timeline, ensure_ascii=False, indent=1), encoding="utf-8")


def _clip(name: str, media: Path, frames: int, fps: int, base: Path) -> Json:
    facts = probe(media)
    available = facts.video.num_frames if facts.video else round(facts.duration * fps)
    rate = float(facts.video.fps) if facts.video else float(fps)
    place = media.relative_to(base) if media.is_relative_to(base) else media
    return {
        **_item("Clip.2", name),
        "source_range": _range(0, frames, fps),
        "media_references": {
            "DEFAULT_MEDIA": {
                **_named("ExternalReference.1", media.name),
                "available_range": _range(0, available, rate),
                "available_image_bounds": None,
                "target_url": place.as_posix(),
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


def _marker(text: str, start: int, frames: int, fps: int) -> Json:
    return {
        **_named("Marker.2", text),
        "color": "WHITE",
        "comment": text,
        "marked_range": _range(start, frames, fps),
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
