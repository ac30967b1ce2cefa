"""What one spot would need: the same stages, asked instead of done."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

from campaign.content_key import content_key
from campaign.errors import ReelsheetError
from campaign.plan import Foreseen, PlannedSpot
from campaign.report import RowState
from campaign.store import Artefact, Store
from campaign.timing import fit
from finishing.hurry import sped_up
from finishing.pace import TrackBeats, TrackJob, track_beats
from finishing.translation import with_translation
from finishing.voice import able_voices
from model.backend import Backend, Estimate, TakeRequest
from model.lint import PromptLimits, lint
from tasks.expand import read_board
from tasks.finish import wanted_parts, wanted_renditions
from tasks.judge import Foresight
from tasks.lay_out import beats_of, laid_out, wanted_beats
from tasks.pool import Wanted
from tasks.screen import materials_of
from tasks.setup import Setup
from tasks.shoot import FILE as TAKE
from tasks.shoot import take_requests, wanted_takes
from tasks.speak import hurried_lines, instead, spoken, wanted_lines
from tasks.spot import Spot
from tasks.tell import decision_on, findings_on
from tasks.words import rehearse
from tasks.workshop import Workshop

FINISH_CPU = 0.42
"""CPU seconds per second of a 720p rendition with x264 veryfast (docs/performance.md)."""
FINISH_BASIS = f"Finishing: {FINISH_CPU} CPU s per second of 720p video (docs/performance.md)."

K = TypeVar("K")


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


@dataclass(slots=True)
class Tally:
    """What a spot needs, as far as it can be foreseen."""

    kinds: frozenset[str]
    """That the store has; of another kind no key needs to be worked out."""
    new: Counter[str] = field(default_factory=Counter)
    reused: Counter[str] = field(default_factory=Counter)
    estimates: list[Estimate] = field(default_factory=list)

    def sought(self, store: Store, wanted: Mapping[K, Wanted]) -> dict[K, Artefact]:
        """What of ``wanted`` is in the store; both what is there and what is not is counted."""
        likely = ((name, want) for name, want in wanted.items() if want.kind in self.kinds)
        found = {name: made for name, want in likely if (made := store.glance(want.kind, want.key))}
        for name, want in wanted.items():
            (self.reused if name in found else self.new)[want.kind] += 1
        return found


def foresee(spot: Spot, workshop: Workshop, foresight: Foresight) -> Foreseen:
    """The spot as far as the store and the rules can tell; what is refused or fails says why."""
    tally = Tally(foresight.kinds)
    try:
        mine = workshop.for_spot(spot)
        rules = foresight if mine is workshop else _narrowed(mine)
        spot = _screened(_boarded(spot, workshop, tally), rules, tally)
        if spot.failure is None:
            spot = _timed(spot, workshop, tally)
            rehearse(spot)
            _count_making(spot, workshop, tally)
    except ReelsheetError as error:
        spot = spot.failed(str(error))
    basis = dict.fromkeys((FINISH_BASIS, *(estimate.basis for estimate in tally.estimates if estimate.basis)))
    return Foreseen(row_id=spot.brief.id, spot=_planned(spot, tally), basis=tuple(basis))


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
    return replace(spot, storyboard=board)


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
    voices = {voice: wanted_lines(spot, voice, workshop.setup.speech) for voice in able}
    # The voice that spoke last time, though another was asked first; a new run asks that one again.
    there = (voice for voice, lines in voices.items() if _all_there(workshop.store, lines))
    voice = next(there, able[0] if able else "")
    spot = spot.degrading(*instead(voice, unable))
    lines = voices.get(voice, {})
    found = tally.sought(workshop.store, lines)
    if len(found) < len(lines):
        return replace(spot, timeline=fit(replace(board, duration=None), {}, spot.fps))
    spot = replace(spot, spoken={shot: spoken(made, voice) for shot, made in found.items()})
    return laid_out(_hurried(spot, workshop.store, tally), _beats(spot, workshop.store, tally))


def _all_there(store: Store, lines: Mapping[str, Wanted]) -> bool:
    return all(store.glance(want.kind, want.key) for want in lines.values())


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
    return replace(spot, spoken=lines)


def _beats(spot: Spot, store: Store, tally: Tally) -> TrackBeats | None:
    """Of the spot's track; listened to here where no batch has yet."""
    want = wanted_beats(spot)
    if want is None:
        return None
    found = tally.sought(store, {spot.id: want})
    return beats_of(found[spot.id]) if found else _heard(want.job)


@lru_cache(maxsize=64)
def _heard(job: TrackJob) -> TrackBeats:
    """Once a plan; every plan is a process of its own."""
    return track_beats(job)


def _count_making(spot: Spot, workshop: Workshop, tally: Tally) -> None:
    """Takes, sound, end cards and renditions; what lies behind something new is new."""
    backend = workshop.backend(spot.brief.backend)
    if tally.new["voice"]:
        requests = take_requests(spot, backend)
        tally.new += Counter(take=len(requests), sound=1, rendition=len(spot.brief.aspects))
        _estimate(spot, backend, requests.values(), len(spot.brief.aspects), tally)
        return
    takes = wanted_takes(spot, backend)
    found = tally.sought(workshop.store, takes)
    wanted = wanted_parts(spot)
    parts = tally.sought(workshop.store, wanted)
    if len(found) < len(takes) or len(parts) < len(wanted):
        missing = len(spot.brief.aspects)
        tally.new["rendition"] += missing
    else:
        shot = replace(spot, takes={place: made.file(TAKE) for place, made in found.items()})
        named = {(spot.id, part): made for part, made in parts.items()}
        renditions = wanted_renditions(shot, named, workshop)
        missing = len(renditions) - len(tally.sought(workshop.store, renditions))
    new = [want.job.request for place, want in takes.items() if place not in found]
    _estimate(spot, backend, new, missing, tally)


def _estimate(
    spot: Spot, backend: Backend, requests: Iterable[TakeRequest], renditions: int, tally: Tally
) -> None:
    assert spot.timeline
    tally.estimates += [backend.estimate(request) for request in requests]
    finishing = FINISH_CPU * (spot.size / 720) ** 2 * spot.timeline.duration * renditions
    tally.estimates.append(Estimate(cpu_seconds=finishing))


def _advice(spot: Spot) -> list[str]:
    """What the linter says of the columns that the row fills in; what the rules write passes it by test."""
    brief, board = spot.brief, spot.storyboard
    written = {"subject": brief.subject, "action": brief.action, "environment": brief.environment}
    fields = {name for name, words in written.items() if words}
    if board is None or not fields:
        return []
    notes = (note for shot in board.shots for note in lint(shot.prompt, board.language, PromptLimits()))
    return list(dict.fromkeys(str(note) for note in notes if note.field in fields))


def _planned(spot: Spot, tally: Tally) -> PlannedSpot:
    board = spot.storyboard
    return PlannedSpot(
        spot_id=spot.id,
        state=spot.failure.state if spot.failure else RowState.DONE,
        reason=spot.failure.reason if spot.failure else "",
        shots=len(board.shots) if board else 0,
        seconds=round(spot.timeline.duration, 2) if spot.timeline else 0.0,
        backend=spot.brief.backend,
        aspects=[aspect.value for aspect in spot.brief.aspects],
        decision=decision_on(spot),
        verdict=spot.judged[-1].subject if spot.judged else "",
        findings=findings_on(spot),
        advice=_advice(spot),
        degraded=list(spot.degraded),
        new={} if spot.failure else dict(+tally.new),
        reused=dict(+tally.reused),
        cpu_seconds=sum(e.cpu_seconds for e in tally.estimates),
        gpu_seconds=sum(e.gpu_seconds for e in tally.estimates),
        money=sum(e.money for e in tally.estimates),
        currency=next((e.currency for e in tally.estimates if e.currency), ""),
    )
