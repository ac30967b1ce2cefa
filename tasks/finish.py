"""Takes to renditions: the sound once, an end card per aspect, then each rendition."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from prefect import task

from campaign.content_key import Json, as_json, content_key
from campaign.errors import LabelError, ReelsheetError
from campaign.events import Step, Worked, announce
from campaign.frames import Aspect, frame_size
from campaign.store import Artefact
from finishing.captions import make_cues
from finishing.end_card import EndCardJob, end_card_recipe, make_end_card
from finishing.inspect import contact_sheet
from finishing.labels import KEY, AigcLabel, count_labels, read_labels
from finishing.rendition import RenditionFacts, RenditionJob, make_rendition, rendition_recipe
from finishing.sound import PlacedLine, SoundJob, mix_sound, sound_recipe
from finishing.verify import verify_rendition
from media.probe import probe
from tasks.policies import NOT_CACHED
from tasks.pool import Made, Wanted, obtain
from tasks.spot import Chunk, Spot
from tasks.workshop import Workshop

SILENCE = "none"
END_CARD_FILE = "end_card.mp4"
FRAMES_FILE = "frames.jpg"
FRAMES = 8
"""Pictures in the strip of the report."""

Part = tuple[str, Aspect | None]
"""Spot id, and the aspect of an end card or None for the sound."""


@task(name="finish", cache_policy=NOT_CACHED)
def finish(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Cut, mix, brand, caption, label and encode every rendition of the chunk."""
    spots = {spot.id: spot for spot in chunk.going()}
    parts = _parts(spots, workshop)
    wanted: dict[tuple[str, Aspect], Wanted] = {}
    for spot in spots.values():
        if spot.failure is None:
            renditions = wanted_renditions(spot, parts, workshop.setup.content_producer)
            wanted |= {(spot.id, aspect): want for aspect, want in renditions.items()}
    for (name, aspect), made in obtain(workshop.store, wanted, workshop.pool.build_all):
        spots[name] = _with_rendition(spots[name], aspect, made)
    return chunk.with_spots(spots.values())


def _parts(spots: dict[str, Spot], workshop: Workshop) -> dict[Part, Artefact]:
    """Sounds and end cards of all spots; a spot that lacks one is marked as failed in ``spots``."""
    wanted: dict[Part, Wanted] = {}
    for spot in spots.values():
        wanted |= {(spot.id, aspect): want for aspect, want in wanted_parts(spot).items()}
    parts: dict[Part, Artefact] = {}
    for (name, aspect), made in obtain(workshop.store, wanted, workshop.pool.build_all):
        if isinstance(made, ReelsheetError):
            spots[name] = spots[name].failed(str(made))
        else:
            spots[name] = spots[name].counting(made)
            parts[name, aspect] = made
    return parts


def wanted_parts(spot: Spot) -> dict[Aspect | None, Wanted]:
    """The spot's sound under None, and its end card in each aspect."""
    wanted: dict[Aspect | None, Wanted] = {None: _wanted_sound(spot)}
    assert spot.timeline
    if spot.timeline.end_card_frames:
        wanted |= {aspect: _wanted_card(spot, aspect) for aspect in spot.brief.aspects}
    return wanted


def _wanted_sound(spot: Spot) -> Wanted:
    assert spot.storyboard
    assert spot.timeline
    track = None if spot.storyboard.music == SILENCE else spot.kit.music.get(spot.storyboard.music)
    job = SoundJob(
        lines=tuple(
            PlacedLine(path=spot.spoken[timed.shot_id].path, start=timed.voice_start)
            for timed in spot.timeline.shots
            if timed.voice_start is not None
        ),
        music=track.file if track else None,
        music_level=spot.kit.music_level,
        bpm=track.bpm if track else None,
        duration=spot.timeline.duration,
    )
    return Wanted(kind="sound", recipe=sound_recipe(job), build=build_sound, job=job)


def _wanted_card(spot: Spot, aspect: Aspect) -> Wanted:
    assert spot.storyboard
    assert spot.timeline
    width, height = frame_size(aspect, spot.size)
    job = EndCardJob(
        kit=spot.kit,
        language=spot.storyboard.language,
        call_to_action=spot.storyboard.call_to_action,
        width=width,
        height=height,
        fps=spot.timeline.fps,
        num_frames=spot.timeline.end_card_frames,
    )
    return Wanted(kind="end card", recipe=end_card_recipe(job), build=build_card, job=job)


def wanted_renditions(
    spot: Spot, parts: Mapping[Part, Artefact], content_producer: str
) -> dict[Aspect, Wanted]:
    """Every rendition of the spot, from takes, sound and end cards that are there."""
    return {
        aspect: Wanted(kind="rendition", recipe=rendition_recipe(job), build=build_rendition, job=job)
        for aspect in spot.brief.aspects
        for job in (_rendition_job(spot, aspect, parts, content_producer),)
    }


def _rendition_job(
    spot: Spot, aspect: Aspect, parts: Mapping[Part, Artefact], content_producer: str
) -> RenditionJob:
    assert spot.storyboard
    assert spot.timeline
    board, width_height = spot.storyboard, frame_size(aspect, spot.size)
    clips = tuple(_take_for(spot, aspect, shot.id) for shot in board.shots)
    card = parts.get((spot.id, aspect))
    metadata = None
    if content_producer:
        produced = content_key([spot.id, aspect, clips])[:32]
        metadata = AigcLabel(content_producer=content_producer, produce_id=produced)
    return RenditionJob(
        kit=spot.kit,
        language=board.language,
        timeline=spot.timeline,
        clips=clips,
        aspect=aspect,
        width=width_height[0],
        height=width_height[1],
        cues=make_cues(board, spot.timeline, {shot: spoken.line for shot, spoken in spot.spoken.items()}),
        sound=parts[spot.id, None].file("sound.m4a"),
        end_card=card.file(END_CARD_FILE) if card else None,
        label_words=spot.kit.ai_label.words.of(board.language),
        metadata=metadata,
        title=board.title,
    )


def _take_for(spot: Spot, aspect: Aspect, shot: str) -> Path:
    """The shot's take in that aspect, or the one that the finisher reframes."""
    return spot.takes.get((aspect, shot)) or spot.takes[spot.brief.aspects[0], shot]


def build_sound(job: SoundJob, folder: Path) -> Mapping[str, Json]:
    return _facts(mix_sound(job, folder))


def build_card(job: EndCardJob, folder: Path) -> Mapping[str, Json]:
    make_end_card(job, folder)
    return {"frames": job.num_frames}


def build_rendition(job: RenditionJob, folder: Path) -> Mapping[str, Json]:
    """Make the rendition and read its labels back; one that lacks a label never enters the store.

    Raises:
        LabelError: a label is missing from the finished file, or wrong.
    """
    facts = make_rendition(job, folder, lambda *_: None)
    video = folder / "video.mp4"
    if problems := verify_rendition(video, facts, job.metadata):
        raise LabelError(video, " ".join(problems))
    contact_sheet(video, folder / FRAMES_FILE, columns=FRAMES, rows=1)
    return {
        **_facts(facts),
        "captions": [as_json(cue) for cue in job.cues],
        "seen": _labels_seen(video, facts),
    }


def _labels_seen(video: Path, facts: RenditionFacts) -> dict[str, Json]:
    """Both labels as they stand in the file, for the policy and the report."""
    labels, metadata = read_labels(video, facts.label_box), probe(video).metadata
    times = [sight.time for sight in labels.visible if sight.plausible]
    return {
        "visible": [times[0], times[-1]] if times else None,
        "visible_problem": labels.visible_problem,
        "ink_height": min((sight.ink_share for sight in labels.visible), default=None),
        "aigc": [metadata[KEY]] * count_labels(video) if KEY in metadata else [],
    }


def _facts(facts: object) -> dict[str, Json]:
    data = as_json(facts)
    assert isinstance(data, dict)
    return data


def _with_rendition(spot: Spot, aspect: Aspect, made: Made) -> Spot:
    if isinstance(made, ReelsheetError):
        return spot.failed(f"{aspect}: {made}")
    part = 1 / len(spot.brief.aspects)
    announce(
        Worked(step=Step.FINISH, spot_id=spot.id, what=f"{spot.id} {aspect}", reused=made.reused, part=part)
    )
    return replace(spot.counting(made), renditions={**spot.renditions, aspect: made})
