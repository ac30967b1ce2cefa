"""Takes to renditions: the sound once, an end card per aspect, then each rendition."""

from collections.abc import Mapping
from pathlib import Path

from prefect import task

from campaign.content_key import Json, content_key
from campaign.errors import ReelsheetError
from campaign.events import Step, Worked, announce
from campaign.frames import Aspect, frame_size
from campaign.ladder import Rung
from campaign.store import Artefact
from finishing.delivery import encode_settings, master_settings
from finishing.end_card import FILE as END_CARD
from finishing.end_card import EndCardJob, end_card_recipe
from finishing.intro import FILE as INTRO
from finishing.intro import IntroJob, film_for, intro_recipe
from finishing.labels import AigcLabel
from finishing.rendition import (
    RenditionJob,
    rendition_recipe,
)
from finishing.sound import SoundJob, sound_recipe
from tasks.builds import FinishJob, build_card, build_intro, build_renditions, build_sound
from tasks.hand_over import hand_over
from tasks.lay_out import films_of, placed_lines, track_of
from tasks.policies import NOT_CACHED
from tasks.pool import Made, Wanted, obtain
from tasks.setup import Setup
from tasks.signing import DRAWN_BY_RULES, credentials_recipe, ingredients_of, signing_of, source_of
from tasks.spot import Chunk, Spot
from tasks.words import captions_of, covered_margins, extras_of, link_of, safe_area_of
from tasks.workshop import Workshop

Name = tuple[str, Aspect | None]
"""What a part of a spot is, and its aspect; None for the sound, which all share."""
Part = tuple[str, Name]
"""Spot id, and which of its parts."""
SOUND: Name = ("sound", None)
NOTHING_TO_FOLLOW = "{aspect} shows the middle of {take}: there is nothing in it to follow."


@task(name="finish", cache_policy=NOT_CACHED)
def finish(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Cut, mix, brand, caption, label and encode every rendition of the chunk."""
    spots = {spot.id: spot for spot in chunk.going() if spot.is_shown}
    parts = _parts(spots, workshop)
    wanted: dict[tuple[str, Aspect], Wanted] = {}
    for spot in spots.values():
        if spot.failure is None:
            renditions = wanted_renditions(spot, parts, workshop)
            wanted |= {(spot.id, aspect): want for aspect, want in renditions.items()}
    for (name, aspect), made in obtain(workshop.store, wanted, workshop.finishers):
        spots[name] = _with_rendition(spots[name], aspect, made)
    jobs = {name: want.job.rendition for name, want in wanted.items()}
    return chunk.with_spots(hand_over(spots, jobs, workshop))


def _parts(spots: dict[str, Spot], workshop: Workshop) -> dict[Part, Artefact]:
    """Sounds and end cards of all spots; a spot that lacks one is marked as failed in ``spots``."""
    wanted: dict[Part, Wanted] = {}
    for spot in spots.values():
        wanted |= {(spot.id, part): want for part, want in wanted_parts(spot).items()}
    parts: dict[Part, Artefact] = {}
    for (name, part), made in obtain(workshop.store, wanted, workshop.finishers):
        if isinstance(made, ReelsheetError):
            spots[name] = spots[name].failed_by(made)
        else:
            spots[name] = spots[name].counting(made).degrading(*_missed(made))
            parts[name, part] = made
    return parts


def _missed(made: Artefact) -> list[str]:
    """What of a sound could not be as the row asks."""
    found = made.facts.get("findings", [])
    assert isinstance(found, list)
    return [str(finding) for finding in found]


def wanted_parts(spot: Spot) -> dict[Name, Wanted]:
    """The spot's sound, and in each aspect its end card and its intro, where it has a composed one."""
    wanted = {SOUND: _wanted_sound(spot)}
    assert spot.timeline
    for aspect in spot.aspects:
        if spot.timeline.end_card_frames:
            wanted["end card", aspect] = _wanted_card(spot, aspect)
        if spot.timeline.intro_frames and spot.kit.intro and not spot.kit.intro.clips:
            wanted["intro", aspect] = _wanted_intro(spot, aspect)
    return wanted


def _wanted_sound(spot: Spot) -> Wanted:
    assert spot.storyboard
    assert spot.timeline
    track = track_of(spot)
    job = SoundJob(
        lines=placed_lines(spot),
        music=track.file if track else None,
        music_level=spot.kit.music_level,
        bpm=spot.bpm,
        duration=spot.timeline.duration,
        films=films_of(spot),
    )
    return Wanted(kind="sound", recipe=sound_recipe(job), build=build_sound, job=job)


def _wanted_card(spot: Spot, aspect: Aspect) -> Wanted:
    assert spot.storyboard
    assert spot.timeline
    width, height = frame_size(aspect, spot.short_side)
    job = EndCardJob(
        kit=spot.kit,
        language=spot.storyboard.language,
        call_to_action=spot.storyboard.call_to_action,
        width=width,
        height=height,
        fps=spot.timeline.fps,
        num_frames=spot.timeline.end_card_frames,
        qr=link_of(spot) if spot.kit.qr.shown == "end card" else "",
        safe_area=covered_margins(spot, aspect),
    )
    return Wanted(kind="end card", recipe=end_card_recipe(job), build=build_card, job=job)


def _wanted_intro(spot: Spot, aspect: Aspect) -> Wanted:
    assert spot.storyboard
    assert spot.timeline
    width, height = frame_size(aspect, spot.short_side)
    job = IntroJob(
        kit=spot.kit,
        language=spot.storyboard.language,
        width=width,
        height=height,
        fps=spot.timeline.fps,
        num_frames=spot.timeline.intro_frames,
    )
    return Wanted(kind="intro", recipe=intro_recipe(job), build=build_intro, job=job)


def wanted_renditions(spot: Spot, parts: Mapping[Part, Artefact], workshop: Workshop) -> dict[Aspect, Wanted]:
    """Every rendition of the spot, from takes, sound and end cards that are there."""
    setup = workshop.setup
    signing, source = signing_of(setup), source_of(spot)
    wanted = {}
    for aspect in spot.aspects:
        rendition = _rendition_job(spot, aspect, parts, setup)
        job = FinishJob(
            store=workshop.store,
            rendition=rendition,
            signing=signing,
            source=source,
            ingredients=ingredients_of(spot, rendition.clips, source),
        )
        wanted[aspect] = Wanted(
            kind="rendition",
            recipe=finish_recipe(job),
            build=build_renditions,
            job=job,
            shares=" ".join([spot.id, *map(str, rendition.clips)]),
        )
    return wanted


def finish_recipe(job: FinishJob) -> dict[str, Json]:
    """The rendition's own, and who signs what; without a signature nothing is added, so that keys stay."""
    recipe = rendition_recipe(job.rendition)
    if job.signing is None:
        return recipe
    return {**recipe, "credentials": credentials_recipe(job.signing, job.source, job.ingredients)}


def _rendition_job(spot: Spot, aspect: Aspect, parts: Mapping[Part, Artefact], setup: Setup) -> RenditionJob:
    assert spot.storyboard
    assert spot.timeline
    board, width_height = spot.storyboard, frame_size(aspect, spot.short_side)
    clips = tuple(take_for(spot, aspect, shot.id) for shot in board.shots)
    card, opening = (parts.get((spot.id, (part, aspect))) for part in ("end card", "intro"))
    cues, second, words = captions_of(spot)
    kit = spot.kit
    metadata = None
    if setup.content_producer:
        produced = content_key([spot.id, aspect, clips])[:32]
        metadata = AigcLabel(content_producer=setup.content_producer, produce_id=produced)
    return RenditionJob(
        kit=kit,
        language=board.language,
        timeline=spot.timeline,
        clips=clips,
        aspect=aspect,
        width=width_height[0],
        height=width_height[1],
        cues=cues,
        second=second,
        words=words,
        extras=extras_of(spot),
        sound=parts[spot.id, SOUND].file("sound.m4a"),
        end_card=card.file(END_CARD) if card else None,
        intro=opening.file(INTRO) if opening else film_for(kit.intro, aspect),
        outro=film_for(kit.outro, aspect),
        cover_title=spot.brief.cover_title,
        label_words=kit.ai_label.words.of(board.language),
        metadata=metadata,
        title=board.title,
        fitting=spot.brief.fit,
        reshapes=_reshapes(spot, aspect),
        settings=encode_settings(spot.delivery),
        master=master_settings(spot.delivery) if spot.rung is Rung.FINAL else None,
        retiming=spot.delivery.retiming,
        crossfades=(spot.brief.transition,) * (len(clips) - 1) if spot.brief.transition else (),
        face_model=setup.face_model,
        safe_area=safe_area_of(spot, aspect),
        watermark="" if spot.rung is Rung.FINAL else spot.rung.upper(),
    )


def _reshapes(spot: Spot, aspect: Aspect) -> bool:
    """Whether a clip may have been made for another aspect; what is drawn by rules is made for each."""
    films = [film for film in (spot.kit.intro, spot.kit.outro) if film and film.clips]
    borrowed = any(aspect not in film.clips for film in films)
    return borrowed or not DRAWN_BY_RULES.issuperset(spot.used.values())


def take_for(spot: Spot, aspect: Aspect, shot: str) -> Path:
    """The shot's take in that aspect, or the one that the finisher reframes."""
    return spot.takes.get((aspect, shot)) or spot.takes[spot.aspects[0], shot]


def _with_rendition(spot: Spot, aspect: Aspect, made: Made) -> Spot:
    if isinstance(made, ReelsheetError):
        return spot.failed_by(made, aspect.value)
    part = 1 / len(spot.aspects)
    announce(
        Worked(step=Step.FINISH, spot_id=spot.id, what=f"{spot.id} {aspect}", reused=made.reused, part=part)
    )
    lost = made.facts.get("lost", [])
    assert isinstance(lost, list)
    spot = spot.degrading(*(NOTHING_TO_FOLLOW.format(aspect=aspect, take=name) for name in lost))
    return spot.counting(made).having(renditions={**spot.renditions, aspect: made})
