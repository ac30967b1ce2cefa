"""How the camera covers a spot: moves, sizes, light and look, different in each variant."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import TypeVar

from campaign.brief import Language
from campaign.camera import Angle, Camera, CameraMove, ShotSize
from model.expansion.pictures import Picture, Role, Setting, Time


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A way to film: for each role the moves in order of preference, and the look of it all."""

    name: str
    moves: dict[Role, tuple[CameraMove, ...]]
    angles: dict[Role, tuple[Angle, ...]]
    look: dict[Language, str]


_T = TypeVar("_T")
_M = CameraMove
COVERAGES = (
    Coverage(
        name="approach",
        moves={
            "open": (_M.CRANE_UP, _M.PUSH_IN, _M.AERIAL),
            "detail": (_M.PUSH_IN, _M.TILT_DOWN, _M.TRUCK_RIGHT),
            "use": (_M.FOLLOW, _M.PUSH_IN, _M.PAN_RIGHT),
            "people": (_M.TRUCK_RIGHT, _M.PUSH_IN),
            "hero": (_M.ORBIT, _M.PUSH_IN),
        },
        angles={
            "open": (Angle.HIGH, Angle.EYE_LEVEL),
            "detail": (Angle.EYE_LEVEL, Angle.HIGH),
            "use": (Angle.EYE_LEVEL,),
            "people": (Angle.EYE_LEVEL,),
            "hero": (Angle.EYE_LEVEL,),
        },
        look={
            Language.ZH: "写实商业广告摄影，柔光，暖色调，浅景深，中心构图",
            Language.EN: "realistic commercial photography, soft lighting, warm colors, "
            "shallow depth of field, center composition",
        },
    ),
    Coverage(
        name="close at hand",
        moves={
            "open": (_M.HANDHELD, _M.FOLLOW, _M.TRUCK_LEFT),
            "detail": (_M.HANDHELD, _M.TRUCK_LEFT, _M.TILT_UP),
            "use": (_M.HANDHELD, _M.FOLLOW, _M.TRUCK_LEFT),
            "people": (_M.HANDHELD, _M.PAN_LEFT),
            "hero": (_M.PULL_OUT, _M.CRANE_UP),
        },
        angles={
            "open": (Angle.EYE_LEVEL,),
            "detail": (Angle.TOP, Angle.HIGH),
            "use": (Angle.EYE_LEVEL, Angle.HIGH),
            "people": (Angle.EYE_LEVEL,),
            "hero": (Angle.HIGH,),
        },
        look={
            Language.ZH: "纪实生活短片，自然肤色，自然色调，细腻胶片颗粒，左侧重构图",
            Language.EN: "documentary lifestyle film, natural skin tones, natural colors, fine film grain, "
            "left-heavy composition",
        },
    ),
    Coverage(
        name="composed",
        moves={
            "open": (_M.STATIC, _M.TILT_UP, _M.PAN_RIGHT),
            "detail": (_M.STATIC, _M.PULL_OUT, _M.ORBIT),
            "use": (_M.STATIC, _M.PAN_LEFT, _M.PULL_OUT),
            "people": (_M.STATIC, _M.PULL_OUT),
            "hero": (_M.STATIC, _M.CRANE_DOWN),
        },
        angles={
            "open": (Angle.LOW, Angle.EYE_LEVEL),
            "detail": (Angle.LOW, Angle.EYE_LEVEL),
            "use": (Angle.EYE_LEVEL,),
            "people": (Angle.EYE_LEVEL, Angle.LOW),
            "hero": (Angle.LOW,),
        },
        look={
            Language.ZH: "电影感广告短片，边缘光，混合色调，低饱和度，高对比度，对称构图",
            Language.EN: "cinematic advertising film, edge lighting, mixed colors, low saturation, "
            "high contrast, symmetrical composition",
        },
    ),
)
"""Dealt to the variants in turn. Words of light and composition are those of Wan2.2's own prompt rewriter."""

NEEDS_OPEN_AIR = {CameraMove.AERIAL}
NEEDS_A_WALKER = {CameraMove.FOLLOW}

LIGHT: dict[tuple[Time, Setting], dict[Language, str]] = {
    ("dawn", "outdoor"): {Language.ZH: "清晨柔和的侧光", Language.EN: "in soft early-morning side light"},
    ("dawn", "indoor"): {
        Language.ZH: "清晨日光从窗边斜照进来",
        Language.EN: "with early daylight slanting in from a window",
    },
    ("day", "outdoor"): {
        Language.ZH: "晴天日光，湛蓝的天空",
        Language.EN: "in clear daylight under a blue sky",
    },
    ("day", "indoor"): {Language.ZH: "明亮柔和的窗边日光", Language.EN: "in bright, soft window light"},
    ("golden", "outdoor"): {Language.ZH: "日落前的暖色侧光", Language.EN: "in warm low sun before sunset"},
    ("golden", "indoor"): {
        Language.ZH: "傍晚暖色日光穿过窗户",
        Language.EN: "with warm late sunlight through the window",
    },
    ("night", "outdoor"): {
        Language.ZH: "夜晚，暖色灯光点缀",
        Language.EN: "at night, dotted with warm lights",
    },
    ("night", "indoor"): {
        Language.ZH: "夜晚，一盏暖色台灯的光",
        Language.EN: "at night by the light of one warm lamp",
    },
    ("dawn", "studio"): {Language.ZH: "柔和的棚拍侧光", Language.EN: "in soft studio side light"},
    ("day", "studio"): {Language.ZH: "均匀柔和的棚拍顶光", Language.EN: "in even, soft studio top light"},
    ("golden", "studio"): {Language.ZH: "暖色的棚拍侧光", Language.EN: "in warm studio side light"},
    ("night", "studio"): {
        Language.ZH: "暗背景中的一束边缘光",
        Language.EN: "in a single edge light out of the dark",
    },
}


def plan_cameras(pictures: list[Picture], coverage: Coverage, rng: Random) -> list[Camera]:
    """One camera per picture: neighbours differ in size and in move wherever the pictures allow.

    ``rng`` decides where in each role's moves this spot begins, so that the rows of a campaign differ.
    """
    cameras: list[Camera] = []
    counts = {role: rng.randrange(len(moves)) for role, moves in coverage.moves.items()}
    for picture in pictures:
        before = cameras[-1] if cameras else None
        turn = counts[picture.role]
        counts[picture.role] = turn + 1
        moves = _suiting(coverage.moves[picture.role], picture.setting, picture.walks)
        move = _next(moves, turn, before.move if before else None)
        size = _next(picture.sizes, 0, before.size if before else None)
        angle = _next(coverage.angles[picture.role], turn, None)
        if size in (ShotSize.WIDE, ShotSize.FULL) and angle is Angle.TOP:
            angle = Angle.HIGH
        cameras.append(Camera(move=move, size=size, angle=angle))
    return cameras


@lru_cache(maxsize=128)
def _suiting(moves: tuple[CameraMove, ...], setting: Setting, walks: bool) -> tuple[CameraMove, ...]:
    return tuple(
        move
        for move in moves
        if (setting == "outdoor" or move not in NEEDS_OPEN_AIR) and (walks or move not in NEEDS_A_WALKER)
    )


def _next(options: tuple[_T, ...], turn: int, not_again: _T | None) -> _T:
    """The one whose turn it is, or the first after it that is not ``not_again``."""
    place = turn % len(options)
    for option in options[place:] + options[:place]:
        if option != not_again:
            return option
    return options[place]
