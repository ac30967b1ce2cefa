"""What one spot would need: the same stages, asked instead of done."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from campaign.content_key import content_key
from campaign.errors import ReelsheetError, TimingError
from campaign.file_cache import cached_by_file
from campaign.plan import Foreseen, PlannedRung, PlannedSpot, added_up
from campaign.report import RowState
from campaign.store import Store
from campaign.storyboard import Storyboard
from campaign.timing import Timeline, fit
from finishing.hurry import sped_up
from finishing.pace import TrackBeats, TrackJob, track_beats
from finishing.translation import with_translation
from finishing.voice import able_voices, load_voice
from model.backend import Estimate
from model.lint import PromptLimits, lint
from tasks.expand import read_board
from tasks.foresee_rungs import FINISH_BASIS, foresee_rungs
from tasks.judge import Foresight
from tasks.lay_out import beats_of, laid_out, wanted_beats
from tasks.screen import materials_of
from tasks.setup import Setup
from tasks.speak import hurried_lines, instead, spoken, wanted_lines
from tasks.spot import Spot
from tasks.tally import Tally
from tasks.tell import decision_on, findings_on
from tasks.words import rehearse
from tasks.workshop import Workshop

SPEECH_BASIS = "Speech by {voice} costs what its service charges, which is not in this estimate."
TIGHT = (
    "The copy takes about {needed:.1f} s to speak, but the duration is {asked:g} s. Shorten it or ask for "
    "more; make tells exactly, once the voice has spoken."
)
ROUNDED = 0.25
"""Seconds by which a planned cut is longer for its shots being rounded to frames one by one."""


class Foreseer:
    """Foresees the spots of one campaign."""

    def __init__(self, setup: Setup, name: str, policy: str) -> None:
        self._workshop = Workshop(setup, name, policy)
        self._foresight = Foresight(self._workshop)

    def close(self) -> None:
        self._workshop.close()

    def foresee_all(self, spots: Sequence[Spot]) -> Iterator[Foreseen]:
        """One after another; several at a time where each would wait for a shared store's answers."""
        at_once = self._workshop.store.at_once
        if at_once == 1:
            yield from map(self._foresee, spots)
            return
        with ThreadPoolExecutor(at_once) as threads:
            yield from threads.map(self._foresee, spots)

    def _foresee(self, spot: Spot) -> Foreseen:
        return foresee(spot, self._workshop, self._foresight)


def foresee(spot: Spot, workshop: Workshop, foresight: Foresight) -> Foreseen:
    """The spot as far as the store and the rules can tell; what is refused or fails says why."""
    tally, rungs = Tally(foresight.kinds), list[PlannedRung]()
    try:
        mine = workshop.for_spot(spot)
        rules = foresight if mine is workshop else _narrowed(mine)
        spot = _screened(_boarded(spot, workshop, tally), rules, tally)
        if spot.failure is None:
            spot = _timed(spot, workshop, tally)
        if spot.failure is None:
            rehearse(spot)
            spot, rungs = foresee_rungs(spot, workshop, tally)
    except ReelsheetError as error:
        spot = spot.failed(str(error))
    basis = dict.fromkeys((FINISH_BASIS, *(estimate.basis for estimate in tally.estimates if estimate.basis)))
    return Foreseen(row_id=spot.brief.id, spot=_planned(spot, rungs, tally), basis=tuple(basis))


@lru_cache(maxsize=64)
def _narrowed(workshop: Workshop) -> Foresight:
    """For the spots of one brand and platform; every plan has workshops of its own."""
    return Foresight(workshop)


def _boarded(spot: Spot, workshop: Workshop, tally: Tally) -> Spot:
    brief, kit, variant = spot.brief, spot.kit, spot.variant
    found = None
    if "storyboard" in tally.kinds:
        recipe = workshop.expander.recipe(brief, kit, variant)
        found = workshop.store.find("storyboard", content_key(recipe))
    (tally.reused if found else tally.new)["storyboard"] += 1
    board = (
        read_board(found, brief)
        if found
        else with_translation(workshop.expander.expand(brief, kit, variant), brief.translation)
    )
    return spot.having(storyboard=board)


def _screened(spot: Spot, foresight: Foresight, tally: Tally) -> Spot:
    for stage, material in materials_of(spot).items():
        if spot.failure:
            break
        spot, found = foresight.judge(spot, stage, material)
        if spot.judged and spot.judged[-1].stage is stage:
            (tally.reused if found else tally.new)["verdict"] += 1
    return spot


def _timed(spot: Spot, workshop: Workshop, tally: Tally) -> Spot:
    """With the cut: from the voice where all of it is there, else as the storyboard planned it."""
    board = spot.storyboard
    assert board
    able, unable = able_voices(board.voice, workshop.setup.speech)
    # Asked first even where another spoke last time.
    voice = able[0] if able else ""
    spot = spot.degrading(*instead(voice, unable))
    lines = wanted_lines(spot, voice, workshop.setup.speech) if voice else {}
    found = tally.sought(workshop.store, lines)
    if len(found) < len(lines):
        if load_voice(voice, workshop.setup.speech).charged:
            tally.estimates.append(Estimate(basis=SPEECH_BASIS.format(voice=voice)))
        return spot.having(timeline=_planned_cut(board, spot.fps))
    spot = spot.having(spoken={shot: spoken(made, voice) for shot, made in found.items()})
    return laid_out(_hurried(spot, workshop.store, tally), _beats(spot, workshop.store, tally))


def _planned_cut(board: Storyboard, fps: int) -> Timeline:
    """The cut before the voice has spoken: as long as the storyboard thinks that it needs.

    Raises:
        TimingError: it does not fit the asked duration whatever the voice: its captions could not be read.
    """
    cut = fit(replace(board, duration=None), {}, fps)
    try:
        fit(board, {}, fps)
    except TimingError as error:
        # The voice takes longer than reading; what is told is to be enough for both.
        raise TimingError(max(error.needed, cut.duration), error.asked, error.characters) from None
    return cut


def _hurried(spot: Spot, store: Store, tally: Tally) -> Spot:
    """With those lines faster that will be; their length is known before they are."""
    wanted = hurried_lines(spot)
    found = tally.sought(store, wanted)
    lines = dict(spot.spoken)
    for shot, want in wanted.items():
        line = lines[shot]
        if shot in found:
            lines[shot] = spoken(found[shot], line.voice)
        else:
            lines[shot] = replace(line, line=sped_up(line.line, want.job.speed))
    return spot.having(spoken=lines)


def _beats(spot: Spot, store: Store, tally: Tally) -> TrackBeats | None:
    """Of the spot's track; listened to here where no batch has yet."""
    want = wanted_beats(spot)
    if want is None:
        return None
    found = tally.sought(store, {spot.id: want})
    return beats_of(found[spot.id]) if found else _heard(want.job.music, want.job)


@cached_by_file(64)
def _heard(_: Path, job: TrackJob) -> TrackBeats:
    return track_beats(job)


def _tight(spot: Spot) -> list[str]:
    """That the voice may not fit the asked duration, where only an estimate can tell."""
    board, cut = spot.storyboard, spot.timeline
    if board is None or board.duration is None or cut is None or cut.duration <= board.duration + ROUNDED:
        return []
    return [TIGHT.format(needed=cut.duration, asked=board.duration)]


def _advice(spot: Spot) -> list[str]:
    """What the linter says of the columns that the row fills in; what the rules write passes it by test."""
    brief, board = spot.brief, spot.storyboard
    written = {"subject": brief.subject, "action": brief.action, "environment": brief.environment}
    fields = {name for name, words in written.items() if words}
    if board is None or not fields:
        return []
    notes = (note for shot in board.shots for note in lint(shot.prompt, board.language, PromptLimits()))
    return list(dict.fromkeys(str(note) for note in notes if note.field in fields))


def _planned(spot: Spot, rungs: list[PlannedRung], tally: Tally) -> PlannedSpot:
    board = spot.storyboard
    return PlannedSpot(
        spot_id=spot.id,
        state=spot.failure.state if spot.failure else RowState.DONE,
        reason=spot.failure.reason if spot.failure else "",
        shots=len(board.shots) if board else 0,
        seconds=round(spot.timeline.duration, 2) if spot.timeline else 0.0,
        backend=", ".join(dict.fromkeys(name for step in spot.brief.ladder for name in step.backends)),
        aspects=[aspect.value for aspect in spot.brief.aspects],
        decision=decision_on(spot),
        verdict=spot.judged[-1].subject if spot.judged else "",
        findings=findings_on(spot),
        advice=[*_tight(spot), *_advice(spot)],
        degraded=list(spot.degraded),
        new={} if spot.failure else dict(+tally.new),
        reused=dict(+tally.reused),
        cpu_seconds=sum(e.cpu_seconds for e in tally.estimates),
        gpu_seconds=sum(e.gpu_seconds for e in tally.estimates),
        money=added_up(rung.money for rung in rungs),
        most=added_up(rung.most for rung in rungs),
        rungs=rungs,
    )
