"""What a campaign would make: the same stages, asked instead of done."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from campaign.brief import Severity
from campaign.content_key import content_key
from campaign.errors import ReelsheetError
from campaign.plan import Plan, PlannedRow, PlannedSpot
from campaign.report import RowState
from campaign.sheet.campaign import Campaign, SheetRow
from campaign.store import Artefact, Store
from campaign.timing import fit, voice_speed
from model.backend import Backend, Estimate, TakeRequest
from moderation.policy import load_policy
from tasks.expand import read_board
from tasks.finish import wanted_parts, wanted_renditions
from tasks.judge import Foresight
from tasks.pool import Wanted
from tasks.read import read, spots_of
from tasks.screen import materials_of
from tasks.setup import Setup
from tasks.shoot import FILE as TAKE
from tasks.shoot import take_requests, wanted_takes
from tasks.speak import durations, spoken, wanted_lines
from tasks.spot import Spot
from tasks.tell import WORST_FIRST, decision_on, findings_on, notes_of
from tasks.workshop import Workshop

FINISH_CPU = 0.42
"""CPU seconds per second of a 720p rendition with x264 veryfast (docs/performance.md)."""
FINISH_BASIS = f"Finishing: {FINISH_CPU} CPU s per second of 720p video (docs/performance.md)."

ALONE = 400
"""Spots that one process foresees sooner than several would have started."""
SHARED = 250
"""Spots handed to a process at a time."""

K = TypeVar("K")


@dataclass(slots=True)
class Tally:
    """What a spot needs, as far as it can be foreseen."""

    new: Counter[str] = field(default_factory=Counter)
    reused: Counter[str] = field(default_factory=Counter)
    estimates: list[Estimate] = field(default_factory=list)

    def sought(self, store: Store, wanted: Mapping[K, Wanted]) -> dict[K, Artefact]:
        """What of ``wanted`` is in the store; both what is there and what is not is counted."""
        found = {name: made for name, want in wanted.items() if (made := store.find(want.kind, want.key))}
        for name, want in wanted.items():
            (self.reused if name in found else self.new)[want.kind] += 1
        return found


def plan(sheet: Path, setup: Setup) -> Plan:
    """Foresee the batch. Nothing is made, nothing is written.

    Raises:
        SheetError: the sheet as a whole is not usable.
    """
    campaign = read(sheet, setup.kit_folders)
    spots, broken = spots_of(campaign, setup.kit_folders)
    planned: dict[str, list[PlannedSpot]] = {}
    basis: dict[str, None] = {FINISH_BASIS: None}
    policy = load_policy(campaign.settings.policy)
    for row_id, foreseen, reasons in _foreseen(spots, setup, campaign.name, campaign.settings.policy):
        planned.setdefault(row_id, []).append(foreseen)
        basis |= dict.fromkeys(reasons)
    return Plan(
        campaign=campaign.name,
        sheet=campaign.path.name,
        policy=policy.name,
        workers=setup.workers,
        basis=list(basis),
        notes=notes_of(policy, setup.content_producer),
        problems=[str(p) for p in campaign.problems if p.row is None],
        rows=[_row(row, campaign, planned, broken) for row in campaign.rows],
    )


Foreseen = tuple[str, PlannedSpot, tuple[str, ...]]
"""Row id, what is foreseen, and where its estimates come from."""


def _foreseen(spots: Sequence[Spot], setup: Setup, name: str, policy: str) -> Iterator[Foreseen]:
    """Every spot in order; a large batch is shared out among processes."""
    if len(spots) <= ALONE or setup.workers == 1:
        _open(setup, name, policy)
        yield from _foresee_all(spots)
        _close()
        return
    chunks = [spots[start : start + SHARED] for start in range(0, len(spots), SHARED)]
    with ProcessPoolExecutor(
        setup.workers, get_context("spawn"), initializer=_open, initargs=(setup, name, policy)
    ) as pool:
        for chunk in pool.map(_foresee_all, chunks):
            yield from chunk


_here: list[Workshop] = []
"""The workshop of this process, while it foresees."""


def _open(setup: Setup, name: str, policy: str) -> None:
    _here[:] = [Workshop(setup, name, policy)]


def _close() -> None:
    _here.pop().close()


def _foresee_all(spots: Sequence[Spot]) -> list[Foreseen]:
    foreseen = []
    for spot in spots:
        tally = Tally()
        planned = _planned(_foresee(spot, _here[0], tally), tally)
        reasons = tuple(dict.fromkeys(e.basis for e in tally.estimates if e.basis))
        foreseen.append((spot.brief.id, planned, reasons))
    return foreseen


def _foresee(spot: Spot, workshop: Workshop, tally: Tally) -> Spot:
    """The spot as far as the store and the rules can tell, its needs added to ``tally``."""
    try:
        spot = _screened(_boarded(spot, workshop, tally), workshop, tally)
        if spot.failure is None:
            spot = _timed(spot, workshop.store, tally)
            _count_making(spot, workshop, tally)
    except ReelsheetError as error:
        return spot.failed(str(error))
    return spot


def _boarded(spot: Spot, workshop: Workshop, tally: Tally) -> Spot:
    brief, kit, variant = spot.brief, spot.kit, spot.variant
    found = workshop.store.find("storyboard", content_key(workshop.expander.recipe(brief, kit, variant)))
    (tally.reused if found else tally.new)["storyboard"] += 1
    board = read_board(found, brief) if found else workshop.expander.expand(brief, kit, variant)
    return replace(spot, storyboard=board)


def _screened(spot: Spot, workshop: Workshop, tally: Tally) -> Spot:
    for stage, material in materials_of(spot).items():
        if spot.failure:
            break
        spot, found = foresee(spot, stage, material, workshop)
        if spot.judged and spot.judged[-1].stage is stage:
            (tally.reused if found else tally.new)["verdict"] += 1
    return spot


def _timed(spot: Spot, store: Store, tally: Tally) -> Spot:
    """With the cut: from the voice where all of it is there, else as the storyboard planned it."""
    board = spot.storyboard
    assert board
    lines = wanted_lines(spot, 1.0)
    found = tally.sought(store, lines)
    spot = replace(spot, spoken={shot: spoken(made) for shot, made in found.items()})
    if len(found) == len(lines):
        speed = voice_speed(board, durations(spot))
        if speed > 1.0:
            hurried = wanted_lines(spot, speed)
            found = tally.sought(store, hurried)
            if len(found) == len(hurried):
                spot = replace(spot, spoken={shot: spoken(made) for shot, made in found.items()})
        return replace(spot, timeline=fit(board, durations(spot), spot.fps))
    return replace(spot, spoken={}, timeline=fit(replace(board, duration=None), {}, spot.fps))


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
        named = {(spot.id, aspect): made for aspect, made in parts.items()}
        renditions = wanted_renditions(shot, named, workshop.setup.content_producer)
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
        new={} if spot.failure else dict(+tally.new),
        reused=dict(+tally.reused),
        cpu_seconds=sum(e.cpu_seconds for e in tally.estimates),
        gpu_seconds=sum(e.gpu_seconds for e in tally.estimates),
        money=sum(e.money for e in tally.estimates),
        currency=next((e.currency for e in tally.estimates if e.currency), ""),
    )


def _row(
    row: SheetRow,
    campaign: Campaign,
    planned: Mapping[str, list[PlannedSpot]],
    broken: Mapping[str, str],
) -> PlannedRow:
    mine = [problem for problem in campaign.problems if problem.row == row.number]
    spots = planned.get(row.id or "", [])
    out = any(p.severity is Severity.ERROR for p in mine)
    worst = min(spots, key=lambda spot: WORST_FIRST.index(spot.state), default=None)
    state = RowState.PROBLEM if out else worst.state if worst else RowState.FAILED
    return PlannedRow(
        row=row.number,
        id=row.id or "",
        state=state,
        reason=worst.reason if worst and not out else broken.get(row.id or "", ""),
        problems=[str(problem) for problem in mine],
        sources=dict(campaign.sources.get(row.id or "", {})),
        spots=[] if out else spots,
    )
