"""Which stage, arrangement and emblem a shot gets: from its words first, then from its number and seed.

Consecutive shots of a spot take turns through the stages that suit it, and variants begin at different ones.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from campaign.brief import Language
from campaign.camera import Angle, CameraMove, ShotSize
from model.animatic.headline import columns_of
from model.animatic.layout import LAYOUTS, OPEN, Layout, shape_of
from model.animatic.picture import Picture
from model.animatic.words import EMBLEM_WORDS, STAGE_WORDS, called_for
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

_SHOT_ID = re.compile(r"-(\d+)-s(\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was decided before anything is drawn."""

    stage: str
    layout: Layout
    emblem: str
    """Empty where a picture or the place itself is the subject."""
    dark: bool
    follows: bool
    number: int
    """Place among the spot's shots and variants; part of what seeds the drawing."""


def turn_of(shot_id: str) -> int:
    """A number that goes up by one from shot to shot, and starts elsewhere in each variant."""
    found = _SHOT_ID.search(shot_id)
    return int(found[2]) - 1 + 2 * (int(found[1]) - 1) if found else 0


def choose(request: TakeRequest, picture: Picture | None) -> Choice:
    """The stage, arrangement and emblem for the request; the same request always gets the same."""
    shot, prompt = request.shot, request.shot.prompt
    turn = turn_of(shot.id)
    stages = called_for((prompt.environment, prompt.style, prompt.action), STAGE_WORDS)
    stage = _stage(stages, turn, prompt.camera.angle, picture, request)
    emblem = ""
    if picture is None:
        emblem = next(iter(called_for((prompt.subject, prompt.action, shot.headline), EMBLEM_WORDS)), "forms")
    open_place = picture is None and stage in OUTDOORS and prompt.camera.size is ShotSize.WIDE
    return Choice(
        stage=stage,
        layout=_layout(request, stage, turn, open_place=open_place),
        emblem="" if open_place else emblem,
        dark=stage in DARK or (stage not in OUTDOORS and _dice(request, "tone", turn) < 0.42),
        follows=prompt.camera.move is CameraMove.FOLLOW,
        number=turn,
    )


def _stage(called: list[str], turn: int, angle: Angle, picture: Picture | None, request: TakeRequest) -> str:
    if picture is not None and not picture.cut_out:
        size = request.spec
        height, width = picture.alpha.shape
        full = min(width / size.width, height / size.height) >= 0.7
        turns = ("photo", *PRINTS) if full else PRINTS
        return turns[turn % len(turns)]
    if angle is Angle.TOP:
        return "flatlay"
    designed = [name for name in DESIGNED if name not in called]
    if not called:
        return designed[turn % len(designed)]
    # The place that was asked for opens the spot and returns; designed sets come between.
    if turn % 2 == 0:
        return called[(turn // 2) % min(len(called), 2)]
    return designed[(turn // 2) % len(designed)]


def _layout(request: TakeRequest, stage: str, turn: int, *, open_place: bool) -> Layout:
    shape = shape_of(request.spec.width, request.spec.height)
    if open_place:
        return OPEN[shape]
    headline = request.shot.headline.strip()
    flat = [layout for layout in LAYOUTS[shape] if not layout.vertical]
    if request.language is Language.ZH and stage in COLUMNS and columns_of(headline) and turn % 2 == 0:
        return next(layout for layout in LAYOUTS[shape] if layout.vertical)
    return flat[int(_dice(request, "layout", turn) * 997 + turn) % len(flat)]


def _dice(request: TakeRequest, what: str, turn: int) -> float:
    """0 to 1, from the shot's words and seed."""
    text = f"{what}/{request.seed}/{turn}/{request.shot.prompt.environment}/{request.shot.prompt.subject}"
    return int.from_bytes(sha256(text.encode()).digest()[:4]) / 2**32
