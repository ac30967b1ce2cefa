"""What is built in worker processes: a job in, files in a folder and facts out.

Neither Prefect nor SQLAlchemy is imported here, nor by anything below: a worker that drags them along takes
70 MB more, and there is one worker per core.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from campaign.brief import Language
from campaign.content_key import Json, as_json, file_digest
from campaign.errors import GenerationError, LabelError, ReelsheetError
from campaign.store import Artefact, Store
from finishing.end_card import EndCardJob, make_end_card
from finishing.handover import FILE as PROJECT
from finishing.handover import HandoverJob, write_otio
from finishing.hurry import HurryJob, hurry_line
from finishing.inspect import inspect
from finishing.intro import IntroJob, make_intro
from finishing.labels import KEY, LabelsRead, count_labels, read_labels
from finishing.pace import TrackJob, track_beats
from finishing.picture import make_pictures
from finishing.provenance import (
    NO_INGREDIENTS,
    Credentials,
    Ingredients,
    Signing,
    Source,
    read_credentials,
    sign_video,
)
from finishing.rendition import VIDEO, PictureFacts, RenditionJob, make_rendition, picture_recipe
from finishing.sound import SoundJob, mix_sound
from finishing.verify import verify_rendition
from finishing.visible import PixelBox
from finishing.voice import SpeechOptions, SpokenLine, load_voice
from media.probe import probe
from model.backend import TakeOutcome, TakeRequest
from model.registry import load_backend
from tasks.pool import Wanted, make_together

TAKE, VOICE = "take.mp4", "voice.wav"
"""Names in the folders of a take and of a spoken line."""
UNSIGNED = Credentials(state=None, problems=(), source="")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechJob:
    voice: str
    text: str
    language: Language
    options: SpeechOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeJob:
    backend: str
    request: TakeRequest


def build_take(job: TakeJob, folder: Path) -> Mapping[str, Json]:
    """Make one take in this process."""
    for outcome in load_backend(job.backend).make([job.request], folder, lambda *_: None):
        return kept(outcome, folder)
    raise GenerationError("The backend gave nothing back.")


def kept(outcome: TakeOutcome, folder: Path) -> dict[str, Json]:
    """Move the outcome's file into the artefact's folder; facts to keep with it.

    Raises:
        ReelsheetError: the outcome is one.
    """
    if outcome.error:
        raise outcome.error
    assert outcome.path
    outcome.path.replace(folder / TAKE)
    for name, path in outcome.beside.items():
        path.replace(folder / name)
    request = outcome.request
    return {
        "shot": request.shot.id,
        "seed": request.seed,
        "frames": request.spec.num_frames,
        "fps": request.spec.fps,
        **outcome.facts,
    }


def build_line(job: SpeechJob, folder: Path) -> Mapping[str, Json]:
    line = load_voice(job.voice, job.options).speak(job.text, job.language, folder / VOICE)
    return {"voice": job.voice, **_spoken_facts(line)}


def build_hurried(job: HurryJob, folder: Path) -> Mapping[str, Json]:
    return {"speed": job.speed, **_spoken_facts(hurry_line(job, folder / VOICE))}


def build_beats(job: TrackJob, _folder: Path) -> Mapping[str, Json]:
    beats = asdict(track_beats(job))
    return {**beats, "times": list(beats["times"])}


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


def build_project(job: HandoverJob, folder: Path) -> Mapping[str, Json]:
    write_otio(job, folder / PROJECT)
    return {"media": len(job.media)}


def sign(video: Path, signing: Signing, source: Source, title: str, ingredients: Ingredients) -> Credentials:
    """Put the signed file in the place of ``video``; what its credentials say when they are read back.

    Raises:
        FinishError: the certificate cannot sign.
        LabelError: the credentials do not hold, or lack something that went into the video.
    """
    signed = video.with_name("signed.mp4")
    kept = sign_video(video, signed, signing, source, title, ingredients)
    signed.replace(video)
    credentials = read_credentials(video)
    if credentials.state not in ("Valid", "Trusted") or credentials.source != source:
        found = ", ".join(credentials.problems) or credentials.source or "nothing"
        raise LabelError(video, f"Its C2PA credentials do not hold: {credentials.state} ({found}).")
    if lost := set(kept).difference(credentials.ingredients):
        raise LabelError(video, f"Its C2PA credentials lack what went into it: {', '.join(sorted(lost))}.")
    return credentials


def _spoken_facts(line: SpokenLine) -> dict[str, Json]:
    facts: dict[str, Json] = {"duration": line.duration, "words": [asdict(word) for word in line.words]}
    return {**facts, "estimated": True} if line.estimated else facts
