"""What the rungs of one spot would need: takes, renditions, money and time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from campaign.errors import ReelsheetError
from campaign.frames import Aspect
from campaign.ladder import Rung
from campaign.plan import APPROVED, LATER, TO_MAKE, WAITS, PlannedRung, added_up
from campaign.store import Artefact
from model.backend import Estimate
from tasks.builds import TAKE
from tasks.climb import above, climb_spot
from tasks.finish import wanted_parts, wanted_renditions
from tasks.spot import Approved, Spot
from tasks.takes import Turn, requests_of, turns
from tasks.tally import Tally
from tasks.workshop import Workshop

FINISH_CPU = 0.42
"""CPU seconds per second of a 720p rendition with x264 veryfast (docs/performance.md)."""
FINISH_BASIS = f"Finishing: {FINISH_CPU} CPU s per second of 720p video (docs/performance.md)."


def foresee_rungs(spot: Spot, workshop: Workshop, tally: Tally) -> tuple[Spot, list[PlannedRung]]:
    """Every rung that is left, each with what it would take; the spot on the last."""
    spot = climb_spot(spot, workshop)
    rungs = [_approved(one, spot) for one in spot.approved]
    state = TO_MAKE
    while spot.failure is None:
        asked = tuple(turns(spot, workshop))
        counted = len(tally.estimates)
        takes = _count_making(spot, asked, workshop, tally)
        if not takes and spot.waits_for:
            state = WAITS
        rungs.append(_rung(spot, state, takes, tally.estimates[counted:], asked, workshop))
        spot = spot.degrading(*(f"{turn.shot_id}: {turn.why_degraded}" for turn in asked if turn.before))
        if spot.rung is Rung.FINAL:
            break
        spot, state = above(spot, asked, workshop), LATER
    return spot, rungs


def _count_making(spot: Spot, asked: Sequence[Turn], workshop: Workshop, tally: Tally) -> int:
    """Takes, sound, end cards and renditions; what lies behind something new is new. How many new takes."""
    requests = {
        (aspect, turn.shot_id): (turn.maker, request)
        for turn in asked
        for aspect, request in turn.requests.items()
    }
    missing = len(spot.aspects) if spot.is_shown else 0
    if tally.new["voice"] or any(draft.path is None for draft in spot.drafts.values()):
        found: Mapping[tuple[Aspect, str], Artefact] = {}
        tally.new += Counter(take=len(requests), sound=not tally.new["sound"], rendition=missing)
    else:
        takes = {(aspect, turn.shot_id): want for turn in asked for aspect, want in turn.wants.items()}
        found = tally.sought(workshop.store, takes)
        if spot.is_shown:
            missing = _missing_renditions(spot, found, asked, workshop, tally)
    tally.estimates += [
        maker.estimate(request) for place, (maker, request) in requests.items() if place not in found
    ]
    assert spot.timeline
    finishing = FINISH_CPU * (spot.short_side / 720) ** 2 * spot.timeline.duration * missing
    tally.estimates.append(Estimate(cpu_seconds=finishing))
    return len(requests) - len(found)


def _missing_renditions(
    spot: Spot,
    found: Mapping[tuple[Aspect, str], Artefact],
    asked: Sequence[Turn],
    workshop: Workshop,
    tally: Tally,
) -> int:
    """How many renditions would be made; their sounds and end cards are counted too."""
    wanted = wanted_parts(spot)
    parts = tally.sought(workshop.store, wanted)
    if len(found) < sum(len(turn.requests) for turn in asked) or len(parts) < len(wanted):
        tally.new["rendition"] += len(spot.aspects)
        return len(spot.aspects)
    shot = spot.having(
        takes={place: made.file(TAKE) for place, made in found.items()},
        used={turn.shot_id: turn.backend for turn in asked},
    )
    named = {(spot.id, part): made for part, made in parts.items()}
    renditions = wanted_renditions(shot, named, workshop)
    return len(renditions) - len(tally.sought(workshop.store, renditions))


def _rung(
    spot: Spot,
    state: str,
    takes: int,
    estimates: Sequence[Estimate],
    asked: Sequence[Turn],
    workshop: Workshop,
) -> PlannedRung:
    most = [{estimate.currency: estimate.most} for estimate in estimates]
    if takes and len(spot.step.backends) > 1:
        most += [{e.currency: e.most} for turn in asked for e in _stand_ins(spot, turn, workshop)]
    return PlannedRung(
        rung=spot.rung.value,
        state=state,
        backends=list(spot.step.backends),
        takes=takes,
        cpu_seconds=sum(estimate.cpu_seconds for estimate in estimates),
        gpu_seconds=sum(estimate.gpu_seconds for estimate in estimates),
        money=added_up({estimate.currency: estimate.money} for estimate in estimates),
        most=added_up(most),
    )


def _stand_ins(spot: Spot, turn: Turn, workshop: Workshop) -> Iterator[Estimate]:
    """What those would cost who may make the shot after the one whose turn it is."""
    names = spot.step.backends
    for name in names[names.index(turn.backend) + 1 :]:
        try:
            maker = workshop.backend(name, spot.rung)
            requests = requests_of(spot, turn.shot_id, maker, turn.free)
        except ReelsheetError:
            # It would be passed over, and cost nothing.
            continue
        yield from map(maker.estimate, requests.values())


def _approved(one: Approved, spot: Spot) -> PlannedRung:
    step = next(step for step in spot.brief.ladder if step.rung is one.rung)
    return PlannedRung(
        rung=one.rung.value,
        state=APPROVED,
        backends=list(step.backends),
        takes=0,
        cpu_seconds=0.0,
        gpu_seconds=0.0,
        money={},
        most={},
    )
