"""Takes to renditions: the sound once, an end card per aspect, then each rendition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from prefect import task

from campaign.content_key import Json, as_json, content_key, file_digest
from campaign.errors import LabelError, ReelsheetError
from campaign.events import Step, Worked, announce
from campaign.frames import Aspect, frame_size
from campaign.ladder import Rung
from campaign.store import Artefact, Store
from finishing.delivery import encode_settings, master_settings
from finishing.end_card import FILE as END_CARD
from finishing.end_card import EndCardJob, end_card_recipe, make_end_card
from finishing.inspect import inspect
from finishing.intro import FILE as INTRO
from finishing.intro import IntroJob, film_for, intro_recipe, make_intro
from finishing.labels import KEY, AigcLabel, LabelsRead, count_labels, read_labels
from finishing.picture import make_pictures
from finishing.provenance import NO_INGREDIENTS, Credentials, Ingredients, Signing, Source
from finishing.rendition import (
    VIDEO,
    PictureFacts,
    RenditionJob,
    make_rendition,
    picture_recipe,
    rendition_recipe,
)
from finishing.sound import SoundJob, mix_sound, sound_recipe
from finishing.verify import verify_rendition
from finishing.visible import PixelBox
from media.probe import probe
from tasks.hand_over import hand_over
from tasks.lay_out import placed_lines, track_of
from tasks.policies import NOT_CACHED
from tasks.pool import Made, Wanted, make_together, obtain
from tasks.setup import Setup
from tasks.signing import UNSIGNED, credentials_recipe, ingredients_of, sign, signing_of, source_of
from tasks.spot import Chunk, Spot
from tasks.words import captions_of, covered_margins, extras_of, link_of, safe_area_of
from tasks.workshop import Workshop

Name = tuple[str, Aspect | None]
"""What a part of a spot is, and its aspect; None for the sound, which all share."""
Part = tuple[str, Name]
"""Spot id, and which of its parts."""
SOUND: Name = ("sound", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishJob:
    """A rendition, and the credentials that are signed into it last."""

    store: Store
    """Where its pictures are looked for and kept."""
    rendition: RenditionJob
    signing: Signing | None
    """None: none are."""
    source: Source
    ingredients: Ingredients = NO_INGREDIENTS


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
        settings=encode_settings(spot.delivery),
        master=master_settings(spot.delivery) if spot.rung is Rung.FINAL else None,
        retiming=spot.delivery.retiming,
        crossfades=(spot.brief.transition,) * (len(clips) - 1) if spot.brief.transition else (),
        face_model=setup.face_model,
        safe_area=safe_area_of(spot, aspect),
        watermark="" if spot.rung is Rung.FINAL else spot.rung.upper(),
    )


def take_for(spot: Spot, aspect: Aspect, shot: str) -> Path:
    """The shot's take in that aspect, or the one that the finisher reframes."""
    return spot.takes.get((aspect, shot)) or spot.takes[spot.aspects[0], shot]


def build_sound(job: SoundJob, folder: Path) -> Mapping[str, Json]:
    return _facts(mix_sound(job, folder))


def build_card(job: EndCardJob, folder: Path) -> Mapping[str, Json]:
    make_end_card(job, folder)
    return {"frames": job.num_frames}


def build_intro(job: IntroJob, folder: Path) -> Mapping[str, Json]:
    make_intro(job, folder)
    return {"frames": job.num_frames}


def build_renditions(
    jobs: Sequence[FinishJob], folders: Sequence[Path]
) -> list[Mapping[str, Json] | ReelsheetError]:
    """Make renditions of one spot; a take that several of them show is decoded once.

    Their pictures are kept by themselves: where only sound, title or signature are new, none is encoded.
    """
    results: list[Mapping[str, Json] | ReelsheetError] = []
    pictures = make_together(jobs[0].store, [_wanted_pictures(job) for job in jobs])
    for job, picture, folder in zip(jobs, pictures, folders, strict=True):
        try:
            results.append(
                picture if isinstance(picture, ReelsheetError) else _finished(job, picture, folder)
            )
        except ReelsheetError as error:
            results.append(error)
    return results


def _wanted_pictures(job: FinishJob) -> Wanted:
    recipe = picture_recipe(job.rendition)
    return Wanted(kind="picture", recipe=recipe, build=_draw, job=job.rendition)


def _draw(jobs: Sequence[RenditionJob], folders: Sequence[Path]) -> list[Mapping[str, Json] | ReelsheetError]:
    made = make_pictures(jobs, folders)
    return [facts if isinstance(facts, ReelsheetError) else _facts(facts) for facts in made]


def _finished(job: FinishJob, picture: Artefact, folder: Path) -> Mapping[str, Json]:
    """Join, sign and read the labels back; a rendition that lacks one never enters the store.

    Raises:
        FinishError: the certificate cannot sign.
        LabelError: a label is missing from the finished file, or wrong.
    """
    facts = make_rendition(job.rendition, picture.folder, PictureFacts.from_json(picture.facts), folder)
    video = folder / VIDEO
    credentials = UNSIGNED
    if job.signing:
        credentials = sign(video, job.signing, job.source, job.rendition.title, job.ingredients)
    seen = inspect(video, facts.label_box)
    if problems := verify_rendition(seen, facts, job.rendition.metadata):
        raise LabelError(video, " ".join(problems))
    return {
        **_facts(replace(facts, size=video.stat().st_size)),
        "captions": [as_json(cue) for cue in (*job.rendition.cues, *job.rendition.second)],
        "seen": _labels(video, seen.labels, credentials),
        # Whoever trusts what was seen can tell by this whether the file is still the one that was looked at.
        "sha256": file_digest(video),
    }


def see_labels(video: Path, box: PixelBox | None, credentials: Credentials) -> dict[str, Json]:
    """All labels as they stand in the file, for the policy, the proof and the report.

    Raises:
        FinishError: the file cannot be read.
    """
    return _labels(video, read_labels(video, box), credentials)


def _labels(video: Path, labels: LabelsRead, credentials: Credentials) -> dict[str, Json]:
    metadata = probe(video).metadata
    times = [sight.time for sight in labels.visible if sight.plausible]
    return {
        "visible": [times[0], times[-1]] if times else None,
        "visible_problem": labels.visible_problem,
        "ink_height": min((sight.ink_share for sight in labels.visible), default=None),
        "aigc": [metadata[KEY]] * count_labels(video) if KEY in metadata else [],
        "c2pa": credentials.state,
        "c2pa_problems": list[Json](credentials.problems),
        "c2pa_source": credentials.source,
    }


def _facts(facts: object) -> dict[str, Json]:
    data = as_json(facts)
    assert isinstance(data, dict)
    return data


def _with_rendition(spot: Spot, aspect: Aspect, made: Made) -> Spot:
    if isinstance(made, ReelsheetError):
        return spot.failed_by(made, aspect.value)
    part = 1 / len(spot.aspects)
    announce(
        Worked(step=Step.FINISH, spot_id=spot.id, what=f"{spot.id} {aspect}", reused=made.reused, part=part)
    )
    return replace(spot.counting(made), renditions={**spot.renditions, aspect: made})
