"""Camera language: a closed vocabulary with its Chinese and English words."""

import re
from dataclasses import dataclass
from enum import StrEnum


class CameraMove(StrEnum):
    STATIC = "static"
    PUSH_IN = "push in"
    PULL_OUT = "pull out"
    PAN_LEFT = "pan left"
    PAN_RIGHT = "pan right"
    TILT_UP = "tilt up"
    TILT_DOWN = "tilt down"
    TRUCK_LEFT = "truck left"
    TRUCK_RIGHT = "truck right"
    CRANE_UP = "crane up"
    CRANE_DOWN = "crane down"
    FOLLOW = "follow"
    ORBIT = "orbit"
    AERIAL = "aerial"
    HANDHELD = "handheld"


class ShotSize(StrEnum):
    CLOSE_UP = "close-up"
    MEDIUM_CLOSE = "medium close-up"
    MEDIUM = "medium shot"
    FULL = "full shot"
    WIDE = "wide shot"


class Angle(StrEnum):
    EYE_LEVEL = "eye level"
    HIGH = "high angle"
    LOW = "low angle"
    TOP = "top-down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """How the camera sees a shot."""

    move: CameraMove = CameraMove.STATIC
    size: ShotSize = ShotSize.MEDIUM
    angle: Angle = Angle.EYE_LEVEL


WORDS: dict[CameraMove | ShotSize | Angle, tuple[str, ...]] = {
    CameraMove.STATIC: ("固定镜头", "固定", "静止", "静止镜头", "定机位", "static", "locked", "fixed"),
    CameraMove.PUSH_IN: (
        "镜头推进",
        "推进",
        "推近",
        "推镜",
        "推镜头",
        "缓慢推进",
        "推",
        "push in",
        "push",
        "dolly in",
        "zoom in",
    ),
    CameraMove.PULL_OUT: (
        "镜头拉远",
        "拉远",
        "拉镜",
        "拉镜头",
        "后拉",
        "拉",
        "pull out",
        "pull back",
        "pull",
        "dolly out",
        "zoom out",
    ),
    CameraMove.PAN_LEFT: ("镜头左摇", "左摇", "向左摇", "pan left"),
    CameraMove.PAN_RIGHT: ("镜头右摇", "右摇", "向右摇", "摇镜", "摇镜头", "摇", "pan right", "pan"),
    CameraMove.TILT_UP: ("镜头上摇", "上摇", "向上摇", "仰摇", "tilt up", "tilt"),
    CameraMove.TILT_DOWN: ("镜头下摇", "下摇", "向下摇", "俯摇", "tilt down"),
    CameraMove.TRUCK_LEFT: ("镜头左移", "左移", "向左移", "truck left", "slide left"),
    CameraMove.TRUCK_RIGHT: (
        "镜头右移",
        "右移",
        "向右移",
        "平移",
        "移镜",
        "移镜头",
        "横移",
        "移",
        "truck right",
        "truck",
        "slide right",
        "slide",
    ),
    CameraMove.CRANE_UP: ("镜头升起", "升", "上升", "升镜", "升降", "crane up", "crane", "boom up", "rise"),
    CameraMove.CRANE_DOWN: ("镜头下降", "降", "下降", "降镜", "crane down", "boom down"),
    CameraMove.FOLLOW: (
        "镜头跟随",
        "跟",
        "跟拍",
        "跟随",
        "跟镜",
        "跟镜头",
        "follow",
        "tracking",
        "tracking shot",
        "track",
    ),
    CameraMove.ORBIT: ("镜头环绕", "环绕", "环拍", "旋转", "绕拍", "orbit", "arc", "360"),
    CameraMove.AERIAL: ("航拍镜头", "航拍", "无人机", "aerial", "drone", "drone shot"),
    CameraMove.HANDHELD: ("手持镜头", "手持", "手持拍摄", "handheld", "hand-held"),
    ShotSize.CLOSE_UP: ("特写", "近距离特写", "大特写", "close-up", "close up", "closeup", "macro"),
    ShotSize.MEDIUM_CLOSE: ("近景", "medium close-up", "medium close up"),
    ShotSize.MEDIUM: ("中景", "medium shot", "medium", "mid shot"),
    ShotSize.FULL: ("全景", "full shot", "full"),
    ShotSize.WIDE: ("远景", "大远景", "wide shot", "wide", "long shot", "establishing shot"),
    Angle.EYE_LEVEL: ("平视", "平拍", "eye level", "eye-level"),
    Angle.HIGH: ("俯拍", "俯视", "俯角", "高角度", "high angle", "look down", "looking down"),
    Angle.LOW: ("仰拍", "仰视", "仰角", "低角度", "low angle", "look up", "looking up"),
    Angle.TOP: ("顶拍", "正俯拍", "垂直俯拍", "top-down", "top down", "overhead", "bird's eye"),
}
"""Every word a person may write; the first is how a Chinese prompt says it."""

_BY_WORD = {word: term for term, words in WORDS.items() for word in (*words, term.value)}
_SHOTS = re.compile(r"[;；/|\n→]+")
_PARTS = re.compile(r"[,，、+&]|\s+and\s+|\s*和\s*")
_GENTLY = re.compile(
    r"缓慢地?|缓缓地?|慢慢地?|平稳地?|镜头|\b(?:slow(?:ly)?|gentl[ey]|smooth(?:ly)?|the camera|camera)\b|-"
)
"""Said of every move anyway: video models hold only slow ones."""


def parse_cameras(text: str) -> tuple[Camera, ...]:
    """One camera per shot, in order, from "推近，特写；环绕" or "push in, close-up / orbit".

    Raises:
        ValueError: a word is not camera language, or one shot has two moves, sizes or angles; its only
            argument is that word, or all that was written for that shot.
    """
    return tuple(_parse_camera(part) for part in _SHOTS.split(text) if part.strip())


def _parse_camera(text: str) -> Camera:
    terms: dict[type, CameraMove | ShotSize | Angle] = {}
    for word in (part.strip() for part in _PARTS.split(text.casefold()) if part.strip()):
        term = _term(word)
        if term is None:
            raise ValueError(word)
        if terms.setdefault(type(term), term) is not term:
            raise ValueError(text.strip())
    move, size, angle = terms.get(CameraMove), terms.get(ShotSize), terms.get(Angle)
    return Camera(
        move=move if isinstance(move, CameraMove) else CameraMove.STATIC,
        size=size if isinstance(size, ShotSize) else ShotSize.MEDIUM,
        angle=angle if isinstance(angle, Angle) else Angle.EYE_LEVEL,
    )


def _term(word: str) -> CameraMove | ShotSize | Angle | None:
    bare = " ".join(_GENTLY.sub(" ", word).split())
    return _BY_WORD.get(word) or _BY_WORD.get(bare)
