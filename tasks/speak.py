"""Voice lines, and the cut that follows from how long they really are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from prefect import task

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import ReelsheetError
from campaign.events import Step, Worked, announce
from campaign.store import Artefact
from campaign.timing import fit, voice_speed
from finishing.voice import SpokenLine, SpokenWord, load_voice
from tasks.policies import NOT_CACHED
from tasks.pool import Made, Wanted, obtain
from tasks.spot import Chunk, Spoken, Spot
from tasks.words import rehearse
from tasks.workshop import Workshop

FILE = "voice.wav"
SILENCE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechJob:
    voice: str
    text: str
    language: Language
    speed: float


@task(name="speak", cache_policy=NOT_CACHED)
def speak(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Speak every line, faster where the asked duration needs it, and lay out each spot's cut."""
    going = {spot.id: spot for spot in chunk.going()}
    _speak_all(going, dict.fromkeys(going, 1.0), workshop)
    speeds = {}
    for name, spot in going.items():
        if spot.failure is None:
            going[name], speeds[name] = _speed_of(spot)
    hurried = {name: speed for name, speed in speeds.items() if speed > 1.0}
    _speak_all(going, hurried, workshop)
    return chunk.with_spots(_laid_out(spot) for spot in going.values())


def wanted_lines(spot: Spot, speed: float) -> dict[str, Wanted]:
    """Each spoken line of the spot, by shot id.

    Raises:
        FinishError: the voice is not known.
    """
    assert spot.storyboard
    board = spot.storyboard
    if board.voice == SILENCE:
        return {}
    voice = load_voice(board.voice)
    return {
        shot.id: Wanted(
            kind="voice",
            recipe=voice.recipe(shot.line, board.language, speed),
            build=build_line,
            job=SpeechJob(voice=board.voice, text=shot.line, language=board.language, speed=speed),
        )
        for shot in board.shots
        if shot.line
    }


def build_line(job: SpeechJob, folder: Path) -> Mapping[str, Json]:
    line = load_voice(job.voice).speak(job.text, job.language, job.speed, folder / FILE)
    return {"voice": job.voice, "duration": line.duration, "words": [asdict(word) for word in line.words]}


def spoken(made: Artefact) -> Spoken:
    """What `build_line` stored."""
    facts: Mapping[str, Any] = made.facts
    words = tuple(SpokenWord(**word) for word in facts["words"])
    return Spoken(
        path=made.file(FILE), line=SpokenLine(duration=facts["duration"], words=words), voice=facts["voice"]
    )


def _speak_all(spots: dict[str, Spot], speeds: Mapping[str, float], workshop: Workshop) -> None:
    """Fill in the spoken lines of those spots, at those speeds."""
    wanted: dict[tuple[str, str], Wanted] = {}
    for name, speed in speeds.items():
        try:
            lines = wanted_lines(spots[name], speed)
        except ReelsheetError as error:
            spots[name] = spots[name].failed(str(error))
            continue
        wanted |= {(name, shot): want for shot, want in lines.items()}
    for (name, shot), made in obtain(workshop.store, wanted, workshop.pool.build_all):
        spots[name] = _with_line(spots[name], shot, made)


def _with_line(spot: Spot, shot: str, made: Made) -> Spot:
    if isinstance(made, ReelsheetError):
        return spot.failed(str(made))
    assert spot.storyboard
    part = 1 / len(spot.storyboard.shots)
    announce(Worked(step=Step.SPEAK, spot_id=spot.id, what=shot, reused=made.reused, part=part))
    return replace(spot.counting(made), spoken={**spot.spoken, shot: spoken(made)})


def _speed_of(spot: Spot) -> tuple[Spot, float]:
    assert spot.storyboard
    try:
        return spot, voice_speed(spot.storyboard, durations(spot))
    except ReelsheetError as error:
        return spot.failed(str(error)), 1.0


def _laid_out(spot: Spot) -> Spot:
    if spot.failure:
        return spot
    assert spot.storyboard
    try:
        spot = replace(spot, timeline=fit(spot.storyboard, durations(spot), spot.fps))
        rehearse(spot)
        return spot
    except ReelsheetError as error:
        return spot.failed(str(error))


def durations(spot: Spot) -> dict[str, float]:
    """Seconds of voice by shot id."""
    return {shot: spoken.line.duration for shot, spoken in spot.spoken.items()}
