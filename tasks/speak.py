"""Voice lines, and the cut that follows from how long they really are."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect import task

from campaign.errors import ReelsheetError
from campaign.events import Step, Worked, announce
from campaign.finish import VoiceOverrun
from campaign.store import Artefact
from campaign.timing import line_speeds
from finishing.hurry import HurryJob, hurry_recipe
from finishing.voice import SpeechOptions, SpokenLine, SpokenWord, able_voices, load_voice
from tasks.builds import VOICE, SpeechJob, build_hurried, build_line
from tasks.lay_out import lay_out
from tasks.policies import NOT_CACHED
from tasks.pool import Wanted, obtain
from tasks.spot import Chunk, Spoken, Spot
from tasks.workshop import Workshop

Line = tuple[str, str]
"""Spot id and shot id."""


@task(name="speak", cache_policy=NOT_CACHED)
def speak(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Speak every line, faster where the row needs it, and lay out each spot's cut."""
    going = {spot.id: spot for spot in chunk.going()}
    _speak_all(going, workshop)
    _hurry_all(going, workshop)
    return chunk.with_spots(lay_out(going.values(), workshop))


def instead(voice: str, silent: Sequence[str]) -> list[str]:
    """That a spot is spoken by another voice than the first of its list, and why."""
    return [f"Spoken by {voice} instead: {' '.join(silent)}"] if silent else []


def wanted_lines(spot: Spot, voice: str, options: SpeechOptions) -> dict[str, Wanted]:
    """Each spoken line of the spot in that voice, by shot id.

    Raises:
        FinishError: the voice is not known, or cannot speak here.
    """
    assert spot.storyboard
    language, speaker = spot.storyboard.language, load_voice(voice, options)
    return {
        shot.id: Wanted(
            kind="voice",
            recipe=speaker.recipe(shot.line, language),
            build=build_line,
            job=SpeechJob(voice=voice, text=shot.line, language=language, options=options),
        )
        for shot in spot.storyboard.shots
        if shot.line
    }


def hurried_lines(spot: Spot) -> dict[str, Wanted]:
    """The lines that must be heard faster than they were spoken, by shot id.

    Raises:
        TimingError: even the fastest voice does not fit the asked duration.
        OverrunError: a line does not fit its shot, where the cut may not move.
    """
    assert spot.storyboard
    speeds = line_speeds(spot.storyboard, durations(spot), overrun_of(spot))
    return {shot: _hurried(spot.spoken[shot], speed) for shot, speed in speeds.items()}


def _hurried(line: Spoken, speed: float) -> Wanted:
    job = HurryJob(path=line.path, line=line.line, speed=speed)
    return Wanted(kind="voice", recipe=hurry_recipe(job), build=build_hurried, job=job)


def overrun_of(spot: Spot) -> VoiceOverrun:
    return spot.brief.voice_overrun or spot.kit.voices.overrun


def spoken(made: Artefact, voice: str) -> Spoken:
    """What `build_line` or `build_hurried` stored of a line by ``voice``."""
    facts: Mapping[str, Any] = made.facts
    words = tuple(SpokenWord(**word) for word in facts["words"])
    line = SpokenLine(duration=facts["duration"], words=words, estimated=facts.get("estimated", False))
    return Spoken(path=made.file(VOICE), line=line, voice=voice)


def durations(spot: Spot) -> dict[str, float]:
    """Seconds of voice by shot id."""
    return {shot: spoken.line.duration for shot, spoken in spot.spoken.items()}


def _speak_all(spots: dict[str, Spot], workshop: Workshop) -> None:
    """Fill in the spoken lines. One voice speaks a spot: the first of its list that can speak all of it."""
    options = workshop.setup.speech
    left: dict[str, list[str]] = {}
    silent: dict[str, list[str]] = {}
    for name, spot in spots.items():
        assert spot.storyboard
        try:
            able, unable = able_voices(spot.storyboard.voice, options)
        except ReelsheetError as error:
            spots[name] = spot.failed(str(error))
            continue
        if able:
            left[name], silent[name] = list(able), list(unable)
    while left:
        voices = {name: voices.pop(0) for name, voices in left.items()}
        failed = _speak_each(spots, voices, workshop)
        for name, voice in voices.items():
            if name not in failed:
                spots[name] = spots[name].degrading(*instead(voice, silent[name]))
                del left[name]
                continue
            silent[name].append(failed[name])
            spots[name] = spots[name].having(spoken={})
            if not left[name]:
                spots[name] = spots[name].failed(" ".join(silent[name]))
                del left[name]


def _speak_each(spots: dict[str, Spot], voices: Mapping[str, str], workshop: Workshop) -> dict[str, str]:
    """Speak each spot of ``voices`` with its voice; why it did not work, by spot."""
    wanted: dict[Line, Wanted] = {}
    failed: dict[str, str] = {}
    for name, voice in voices.items():
        try:
            lines = wanted_lines(spots[name], voice, workshop.setup.speech)
        except ReelsheetError as error:
            failed[name] = str(error)
            continue
        wanted |= {(name, shot): want for shot, want in lines.items()}
    for (name, shot), made in obtain(workshop.store, wanted, workshop.pool.build_all):
        if isinstance(made, ReelsheetError):
            failed.setdefault(name, str(made))
        else:
            spots[name] = _with_line(spots[name], shot, made, voices[name])
    return failed


def _hurry_all(spots: dict[str, Spot], workshop: Workshop) -> None:
    wanted: dict[Line, Wanted] = {}
    for name, spot in spots.items():
        if spot.failure is None:
            try:
                wanted |= {(name, shot): want for shot, want in hurried_lines(spot).items()}
            except ReelsheetError as error:
                spots[name] = spot.failed(str(error))
    for (name, shot), made in obtain(workshop.store, wanted, workshop.pool.build_all):
        if isinstance(made, ReelsheetError):
            spots[name] = spots[name].failed(str(made))
        else:
            spots[name] = _with_line(spots[name], shot, made, spots[name].spoken[shot].voice)


def _with_line(spot: Spot, shot: str, made: Artefact, voice: str) -> Spot:
    assert spot.storyboard
    part = 1 / len(spot.storyboard.shots)
    announce(Worked(step=Step.SPEAK, spot_id=spot.id, what=shot, reused=made.reused, part=part))
    return spot.counting(made).having(spoken={**spot.spoken, shot: spoken(made, voice)})
