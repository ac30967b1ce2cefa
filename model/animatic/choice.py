"""Which stage, arrangement and emblem a shot gets: from its words first, then from its number and seed.

Consecutive shots of a spot take turns through the stages that suit it, and variants begin at different ones.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from campaign.brief import Language
from campaign.camera import Angle, CameraMove, ShotSize
from model.animatic.layout import (
    ALONE,
    LAYOUTS,
    OPEN,
    Layout,
    Part,
    beside,
    clear_of,
    inset,
    lowered,
    shape_of,
    touched,
)
from model.animatic.picture import Picture, filled
from model.animatic.setting import columns_of, legible_size
from model.animatic.words import called_for, emblem_words, stage_words, strength
from model.backend import TakeRequest

DESIGNED = ("studio", "editorial", "garden", "poster", "window", "glow")
"""Stages that suit any subject, in the order in which shots take turns."""
PRINTS = ("editorial", "glow", "flatlay", "poster")
"""Stages for a picture that is not cut out."""
OUTDOORS = frozenset(("ridges", "terraces", "sea", "grove", "skyline"))
COLUMNS = frozenset(("ridges", "grove", "terraces", "window", "garden", "sea"))
"""Stages whose pictures leave room for vertical type."""
DARK = frozenset(("skyline",))
"""Stages that are always dark."""

_LARGE = 0.7
"""Pixels of a picture, of the frame's, from which it may fill the frame."""
_LOOK = 180
"""Short side, in pixels, at which a photograph's detail is looked at."""
_CALM = 0.0125
"""Mean slope of brightness per such pixel up to which type reads well; a wall has 0.004, a table 0.03."""
_EASY = 0.075
"""Em height, of the short side, from which type is large enough for the subject to keep its place."""
_SHOT_ID = re.compile(r"-(\d+)-s(\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where a shot stands among the pictures of its campaign."""

    number: int
    """Goes up by one from shot to shot, and starts elsewhere in each variant."""
    start: int
    """Differs from row to row, so that not every spot has the same second picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was decided before anything is drawn."""

    stage: str
    layout: Layout
    emblem: str
    """Empty where a picture or the place itself is the subject."""
    dark: bool
    follows: bool
    turn: Turn


def turn_of(shot_id: str) -> Turn:
    """The turn that a shot's id gives it."""
    found = _SHOT_ID.search(shot_id)
    if found is None:
        return Turn(number=0, start=0)
    row = shot_id[: found.start()]
    return Turn(number=int(found[2]) - 1 + 2 * (int(found[1]) - 1), start=sha256(row.encode()).digest()[0])


def choose(request: TakeRequest, picture: Picture | None) -> Choice:
    """The stage, arrangement and emblem for the request; the same request always gets the same.

    Raises:
        GlyphError: the display font lacks a character of a headline that has to make room.
    """
    shot, prompt = request.shot, request.shot.prompt
    turn = turn_of(shot.id)
    place = _place_shown(prompt.subject) if picture is None else ""
    stage = place or _stage(request, picture, turn)
    emblem = ""
    if picture is None:
        emblem = next(
            iter(called_for((prompt.subject, prompt.action, shot.headline), emblem_words())), "forms"
        )
    open_place = bool(place) or (
        picture is None and stage in OUTDOORS and prompt.camera.size is ShotSize.WIDE
    )
    return Choice(
        stage=stage,
        layout=_placed(_layout(request, picture, stage, turn, open_place=open_place), request, stage),
        emblem="" if open_place else emblem,
        dark=stage in DARK or (stage not in OUTDOORS and _dice(request, "tone") < 0.42),
        follows=prompt.camera.move is CameraMove.FOLLOW,
        turn=turn,
    )


def _placed(layout: Layout, request: TakeRequest, stage: str) -> Layout:
    """Inside what apps leave free, with type where nothing will lie over it; without type where it would.

    Type goes above or below marks, else to where it can be largest: beside them, or in another arrangement.
    Where it would be small there, the subject gives way to it.
    """
    own, spec, marks = inset(layout, request.margins), request.spec, request.marks
    headline, font = request.shot.headline.strip(), request.kit.fonts.display.file
    if not headline or not touched(own.type_box, marks):
        return own

    def size(one: Layout, marks: Sequence[Part] = marks) -> float:
        return legible_size(headline, font, one, spec.width, spec.height, marks)

    kept = clear_of(own, marks)
    for one in (kept, own):
        if one is not None and size(one):
            return one
    shape = shape_of(spec.width, spec.height)
    all_of_them = [own, *(inset(one, request.margins) for one in _flat(shape, stage) if one.name != own.name)]
    found = []
    for arrangements in (all_of_them, [lowered(one) for one in all_of_them]):
        found += [place for one in arrangements for place in beside(one, marks, spec.width, spec.height)]
        best = max(found, key=size, default=None)
        if best is not None and size(best) >= _EASY * spec.short_side:
            return best
    if best is not None and size(best):
        return best
    # Words that are too long for the place even without marks are an error, and told as one.
    bare = replace(own, type_box=(0.0, 0.0, 0.0, 0.0)) if own.name == "open" else ALONE[shape]
    return inset(bare, request.margins) if size(own, ()) else own


def _flat(shape: str, stage: str) -> list[Layout]:
    """The arrangements of lines that suit the stage."""
    flat = [layout for layout in LAYOUTS[shape] if not layout.vertical]
    # Its page is split across, so type beside the subject would lie on both halves.
    return flat[:1] if stage == "editorial" and shape == "square" else flat


def _place_shown(subject: str) -> str:
    """The outdoor stage that the subject itself is; empty where it is a thing or a person."""
    places = {name: score for name, score in strength((subject,), stage_words()).items() if name in OUTDOORS}
    things = strength((subject,), emblem_words())
    best = max(places, key=lambda name: places[name], default="")
    return best if best and places[best] > max(things.values(), default=0.0) else ""


def _stage(request: TakeRequest, picture: Picture | None, turn: Turn) -> str:
    prompt, size = request.shot.prompt, request.spec
    if picture is not None and not picture.cut_out:
        height, width = picture.alpha.shape
        large = min(width / size.width, height / size.height) >= _LARGE
        large = large and _room_on(picture, request) is not None
        if large and prompt.camera.size in (ShotSize.WIDE, ShotSize.FULL):
            return "photo"
        turns = ("photo", *PRINTS) if large else PRINTS
        return turns[turn.number % len(turns)]
    if prompt.camera.angle is Angle.TOP:
        return "flatlay"
    called = called_for((prompt.environment, prompt.style, prompt.action), stage_words())
    designed = [name for name in DESIGNED if name not in called]
    # The place that was asked for opens the spot and returns; designed sets come between.
    if called and turn.number % 2 == 0:
        return called[(turn.number // 2) % min(len(called), 2)]
    step = turn.number // 2 if called else turn.number
    return designed[(step + turn.start) % len(designed)]


def _layout(
    request: TakeRequest, picture: Picture | None, stage: str, turn: Turn, *, open_place: bool
) -> Layout:
    shape = shape_of(request.spec.width, request.spec.height)
    headline = request.shot.headline.strip()
    if open_place:
        return OPEN[shape]
    if stage == "photo" and picture is not None and (room := _room_on(picture, request)):
        return room
    if not headline:
        return ALONE[shape]
    flat = _flat(shape, stage)
    if request.language is Language.ZH and stage in COLUMNS and columns_of(headline) and turn.number % 2 == 0:
        return next(layout for layout in LAYOUTS[shape] if layout.vertical)
    return flat[int(_dice(request, "layout") * 997 + turn.number) % len(flat)]


def _room_on(picture: Picture, request: TakeRequest) -> Layout | None:
    """The arrangement whose type lies where the picture has the least in it; None where it is full."""
    spec = request.spec
    if not request.shot.headline.strip():
        return ALONE[shape_of(spec.width, spec.height)]
    width, height = (round(side * _LOOK / spec.short_side) for side in (spec.width, spec.height))
    detail = np.hypot(*np.gradient(filled(picture, width, height).mean(axis=2)))

    def busy(layout: Layout) -> float:
        layout = inset(layout, request.margins)
        layout = clear_of(layout, request.marks) or layout
        left, top, right, bottom = (round(v) for v in layout.box(layout.type_box, width, height))
        return float(detail[top:bottom, left:right].mean())

    flat = [layout for layout in LAYOUTS[shape_of(width, height)] if not layout.vertical]
    best = min(flat, key=busy)
    return best if busy(best) <= _CALM else None


def _dice(request: TakeRequest, what: str) -> float:
    """0 to 1, from the shot's words and seed."""
    text = f"{what}/{request.seed}/{request.shot.prompt.environment}/{request.shot.prompt.subject}"
    return int.from_bytes(sha256(text.encode()).digest()[:4]) / 2**32
