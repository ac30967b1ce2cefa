"""Which takes a spot wants on its rung, and whose turn it is to make each shot.

A rung names backends in the order in which they are wanted. The next one's turn comes only after an error
that `model.mix` lets pass on; what a substitute made is kept with the reason, so that the next run does not
ask, and pay, the wanted one again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from campaign.content_key import Json, content_key
from campaign.errors import GenerationError, ReelsheetError
from campaign.frames import Aspect
from campaign.ladder import Ladder, Rung
from model.backend import Backend, TakeRequest
from model.mix import after, passes_on
from tasks.backends import name_first
from tasks.builds import TakeJob, build_take
from tasks.pool import Wanted
from tasks.spot import Spot
from tasks.words import KeptFree, kept_free
from tasks.workshop import Workshop

STAND_IN = "stand-in"
"""Kind of the note that a substitute made a shot."""
STAND_IN_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A backend that was wanted more and could not."""

    backend: str
    why: str
    keys: tuple[str, ...] = ()
    """Of the takes that it failed to make; empty where it refused beforehand, which costs nothing to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A shot, and the backend whose turn it is to make it."""

    spot_id: str
    shot_id: str
    backend: str
    rung: Rung
    maker: Backend
    """The backend of that name, as it is set up for that rung."""
    requests: Mapping[Aspect, TakeRequest]
    """One, or one for each aspect where the backend draws every aspect; it can make each as asked."""
    free: Mapping[Aspect, KeptFree]
    before: tuple[Before, ...] = ()

    @property
    def wants(self) -> dict[Aspect, Wanted]:
        """The takes as the store knows them; worked out on each call."""
        return {
            aspect: Wanted(
                kind="take",
                recipe=self.maker.recipe(request),
                build=build_take,
                job=TakeJob(backend=self.backend, request=request),
            )
            for aspect, request in self.requests.items()
        }

    @property
    def why_degraded(self) -> str:
        """Why it is not the wanted backend's turn; empty where it is."""
        if not self.before:
            return ""
        said = " ".join(one.why for one in self.before)
        return f"made by {self.backend} instead. {said}"


def check_backends(ladder: Ladder, workshop: Workshop) -> None:
    """Let pass a ladder that can be climbed with what is installed here.

    Raises:
        ReelsheetError: nobody on a rung's list can be used; says why.
    """
    for step in ladder:
        name: str | None = step.backends[0]
        while name is not None:
            try:
                workshop.backend(name, step.rung)
                break
            except ReelsheetError as error:
                name = after(step.backends, name, error)
                if name is None:
                    raise


def turns(spot: Spot, workshop: Workshop) -> Iterator[Turn]:
    """Each shot of the spot with its first turn.

    Raises:
        GenerationError: nobody on the rung's list can make one of them as asked.
    """
    assert spot.storyboard
    asking = _Asking(spot, workshop, {aspect: kept_free(spot, aspect) for aspect in spot.aspects})
    for shot in spot.storyboard.shots:
        yield _turn_of(asking, shot.id, spot.step.backends[0], ())


def next_turn(turn: Turn, error: ReelsheetError, spot: Spot, workshop: Workshop) -> Turn:
    """Whose turn it is once ``turn`` has failed with ``error``.

    Raises:
        ReelsheetError: nobody's.
    """
    keys = tuple(want.key for want in turn.wants.values())
    return _after(_Asking(spot, workshop, turn.free), turn.shot_id, turn.backend, error, turn.before, keys)


class _Asking(NamedTuple):
    """Who asks for turns."""

    spot: Spot
    workshop: Workshop
    free: Mapping[Aspect, KeptFree]


def _turn_of(asking: _Asking, shot_id: str, name: str, before: tuple[Before, ...]) -> Turn:
    """The turn of ``name``, or of the first after it who can make the shot as asked.

    Raises:
        ReelsheetError: nobody can.
    """
    spot, workshop, free = asking
    try:
        maker = workshop.backend(name, spot.rung)
        requests = requests_of(spot, shot_id, maker, free)
    except ReelsheetError as error:
        return _after(asking, shot_id, name, error, before, ())
    turn = Turn(
        spot_id=spot.id,
        shot_id=shot_id,
        backend=name,
        rung=spot.rung,
        maker=maker,
        requests=requests,
        free=free,
        before=before,
    )
    if len(spot.step.backends) == 1:
        return turn
    keys = tuple(want.key for want in turn.wants.values())
    note = workshop.store.find(STAND_IN, content_key(_note_recipe(keys, spot)))
    if note is None:
        return turn
    # An earlier run noted why another backend makes these takes, and which.
    facts: Mapping[str, Any] = note.facts
    passed = Before(backend=name, why=facts["why"], keys=keys)
    return _turn_of(asking, shot_id, facts["next"], (*before, passed))


def keep_notes(turn: Turn, spot: Spot, workshop: Workshop) -> None:
    """Once a substitute has made the shot: note who could not, so that nobody asks them again."""
    names = spot.step.backends
    for one in turn.before:
        if one.keys:
            facts: dict[str, Json] = {"why": one.why, "next": names[names.index(one.backend) + 1]}
            workshop.store.make(STAND_IN, _note_recipe(one.keys, spot), partial(_facts, facts))


def _facts(facts: Mapping[str, Json], _: Path) -> Mapping[str, Json]:
    return facts


def _after(
    asking: _Asking,
    shot_id: str,
    name: str,
    error: ReelsheetError,
    before: tuple[Before, ...],
    keys: tuple[str, ...],
) -> Turn:
    following = after(asking.spot.step.backends, name, error)
    if following is None:
        if not before or not passes_on(error):
            raise error
        raise NobodyCanError(tuple(one.why for one in before), str(error)) from error
    passed = Before(backend=name, why=name_first(name, error), keys=keys)
    return _turn_of(asking, shot_id, following, (*before, passed))


class NobodyCanError(GenerationError):
    """No backend of a rung's list could make the shot."""

    def __init__(self, before: tuple[str, ...], last: str) -> None:
        super().__init__(before, last)
        self.before = before
        self.last = last

    def __str__(self) -> str:
        return " ".join((*self.before, self.last))


def _note_recipe(keys: tuple[str, ...], spot: Spot) -> dict[str, Json]:
    """Another list of backends asks anew."""
    return {"version": STAND_IN_VERSION, "takes": list(keys), "backends": list(spot.step.backends)}


def requests_of(
    spot: Spot, shot_id: str, backend: Backend, free: Mapping[Aspect, KeptFree]
) -> dict[Aspect, TakeRequest]:
    """The shot's takes as they are asked of the backend: one, or one for each aspect that it draws.

    Raises:
        GenerationError: it cannot make them as asked.
    """
    assert spot.storyboard
    assert spot.timeline
    board, short_side = spot.storyboard, spot.short_side
    number = next(n for n, shot in enumerate(board.shots) if shot.id == shot_id)
    seconds = spot.timeline.shots[number].num_frames / spot.timeline.fps
    if number + 1 < len(board.shots):
        # Under a cross-fade it goes on moving.
        seconds += spot.brief.transition
    requests = {
        aspect: TakeRequest(
            shot=board.shots[number],
            language=board.language,
            spec=backend.frame_spec(aspect, short_side, seconds),
            seed=board.seed + number,
            kit=spot.kit,
            draft=spot.drafts.get(shot_id),
            margins=free[aspect].margins,
            marks=free[aspect].marks,
        )
        for aspect in (spot.aspects if backend.draws_every_aspect else spot.aspects[:1])
    }
    for request in requests.values():
        backend.check(request)
    return requests
