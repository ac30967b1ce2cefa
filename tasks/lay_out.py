"""The cut of each spot: from its voice, and on the beat where the row asks."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from campaign.errors import ReelsheetError
from campaign.finish import CutPace
from campaign.kit_parts import Track
from campaign.store import Artefact
from campaign.timing import Timeline, fit
from finishing.film_sound import PlacedFilm, music_window
from finishing.intro import film_for
from finishing.pace import TrackBeats, TrackJob, beats_recipe, snap_to_beats
from finishing.sound import PlacedLine
from tasks.builds import build_beats
from tasks.pool import Wanted, obtain
from tasks.spot import Spot
from tasks.words import rehearse
from tasks.workshop import Workshop

NO_MUSIC = "Cuts are not on the beat: the spot has no music."
EMPTY_KIT = "There is no music: the brand kit has no track. Add one, or write none in the row's music."
NO_BEATS = "Cuts are not on the beat: no beat was found in {track}. State its bpm in the brand kit."


def lay_out(spots: Iterable[Spot], workshop: Workshop) -> Iterator[Spot]:
    """Each spot with its timeline; one that cannot be laid out says why."""
    waiting = {spot.id: spot for spot in spots}
    beats = {spot.id: wanted_beats(spot) for spot in waiting.values() if spot.failure is None}
    wanted = {name: want for name, want in beats.items() if want}
    found: dict[str, TrackBeats] = {}
    for name, made in obtain(workshop.store, wanted, workshop.pool.build_all):
        if isinstance(made, ReelsheetError):
            waiting[name] = waiting[name].failed(str(made))
        else:
            waiting[name], found[name] = waiting[name].counting(made), beats_of(made)
    for name, spot in waiting.items():
        yield _rehearsed(laid_out(spot, found.get(name))) if spot.failure is None else spot


def _rehearsed(spot: Spot) -> Spot:
    """The spot, stopped where its words find no place over its pictures."""
    if spot.failure is None:
        try:
            rehearse(spot)
        except ReelsheetError as error:
            return spot.failed(str(error))
    return spot


def laid_out(spot: Spot, beats: TrackBeats | None) -> Spot:
    """The spot with its cut; what could not be put on the beat is said."""
    assert spot.storyboard
    heard = {shot: line.line.duration for shot, line in spot.spoken.items()}
    try:
        timeline = fit(spot.storyboard, heard, spot.fps)
    except ReelsheetError as error:
        return spot.failed(str(error))
    track = track_of(spot)
    bpm = beats.bpm if beats else track.bpm if track else None
    spot = spot.having(timeline=timeline, bpm=bpm)
    if not spot.kit.music and not spot.brief.music:
        spot = spot.degrading(EMPTY_KIT)
    if spot.brief.pace is not CutPace.BEAT:
        return spot
    if beats is None:
        return spot.degrading(NO_MUSIC)
    return _on_the_beat(spot, timeline, beats)


def wanted_beats(spot: Spot) -> Wanted | None:
    """The beats of the spot's track: where cuts shall fall on them, or where only they tell its bars."""
    track = track_of(spot)
    if track is None or (spot.brief.pace is not CutPace.BEAT and track.bpm):
        return None
    job = TrackJob(music=track.file, bpm=track.bpm)
    return Wanted(kind="beats", recipe=beats_recipe(job), build=build_beats, job=job)


def placed_lines(spot: Spot) -> tuple[PlacedLine, ...]:
    """The spot's voice lines in their places."""
    assert spot.timeline
    return tuple(
        PlacedLine(path=spot.spoken[timed.shot_id].path, start=timed.voice_start)
        for timed in spot.timeline.shots
        if timed.voice_start is not None
    )


def films_of(spot: Spot) -> tuple[PlacedFilm, ...]:
    """The kit's films whose sound is heard. All aspects of a spot have one sound: that of the first's."""
    assert spot.timeline
    timeline, kit = spot.timeline, spot.kit
    ends = timeline.num_frames - timeline.outro_frames
    placed = []
    for film, first, count in (
        (kit.intro, 0, timeline.intro_frames),
        (kit.outro, ends, timeline.outro_frames),
    ):
        path = film_for(film, spot.aspects[0])
        if film and path and count and film.sound != "none":
            start, seconds = first / timeline.fps, count / timeline.fps
            placed.append(PlacedFilm(path=path, start=start, seconds=seconds, alone=film.sound == "alone"))
    return tuple(placed)


def track_of(spot: Spot) -> Track | None:
    """None for a spot without music."""
    assert spot.storyboard
    return spot.kit.music.get(spot.storyboard.music)


def beats_of(made: Artefact) -> TrackBeats:
    """What `build_beats` stored."""
    facts: Mapping[str, Any] = made.facts
    return TrackBeats(bpm=facts["bpm"], times=tuple(facts["times"]), samples=facts["samples"])


def _on_the_beat(spot: Spot, timeline: Timeline, beats: TrackBeats) -> Spot:
    assert spot.storyboard
    if not beats.times:
        return spot.degrading(NO_BEATS.format(track=spot.storyboard.music))
    try:
        begins, _ = music_window(films_of(spot), timeline.duration)
    except ReelsheetError as error:
        return spot.failed(str(error))
    # A spot that may grow needs the beats after its planned end too.
    times = [begins + time for time in beats.in_bed(2 * timeline.duration + 2)]
    snapped = snap_to_beats(timeline, spot.storyboard, times)
    off = [f"Cut {number} is not on the beat: none was near enough." for number in snapped.off]
    return spot.having(timeline=snapped.timeline).degrading(*off)
