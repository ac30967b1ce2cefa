"""Dialects: how a model's own guide wants a ShotPrompt written.

Wan's guide gives: prompt = subject + scene + motion + aesthetic control (light, shot size, angle, camera
move) + stylization
(https://www.alibabacloud.com/blog/model-studio-wan-video-generation-prompts-recipe_602777); the words for
sizes and angles are those of ``wan/utils/system_prompt.py`` in Wan-Video/Wan2.2 at 42bf4cf.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from campaign.brief import Language
from campaign.camera import Angle, Camera, CameraMove, ShotSize
from campaign.errors import PromptLengthError
from campaign.storyboard import ShotPrompt

WAN_NEGATIVE = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，"
    "JPEG压缩残留，丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，"
    "形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，倒着走"
)
"""``sample_neg_prompt`` in ``wan/configs/shared_config.py`` of Wan-Video/Wan2.2 at 42bf4cf."""

_MOVE_ZH = {
    CameraMove.STATIC: "固定镜头",
    CameraMove.PUSH_IN: "镜头缓慢推进",
    CameraMove.PULL_OUT: "镜头缓慢后拉",
    CameraMove.PAN_LEFT: "镜头缓慢左摇",
    CameraMove.PAN_RIGHT: "镜头缓慢右摇",
    CameraMove.TILT_UP: "镜头缓慢上摇",
    CameraMove.TILT_DOWN: "镜头缓慢下摇",
    CameraMove.TRUCK_LEFT: "镜头平稳左移",
    CameraMove.TRUCK_RIGHT: "镜头平稳右移",
    CameraMove.CRANE_UP: "镜头缓慢升起",
    CameraMove.CRANE_DOWN: "镜头缓慢下降",
    CameraMove.FOLLOW: "镜头跟随主体平稳移动",
    CameraMove.ORBIT: "镜头环绕主体拍摄",
    CameraMove.AERIAL: "航拍，镜头缓慢前移",
    CameraMove.HANDHELD: "手持镜头，轻微晃动",
}
_MOVE_EN = {
    CameraMove.STATIC: "the camera is fixed",
    CameraMove.PUSH_IN: "the camera slowly pushes in",
    CameraMove.PULL_OUT: "the camera slowly pulls back",
    CameraMove.PAN_LEFT: "the camera slowly pans left",
    CameraMove.PAN_RIGHT: "the camera slowly pans right",
    CameraMove.TILT_UP: "the camera slowly tilts up",
    CameraMove.TILT_DOWN: "the camera slowly tilts down",
    CameraMove.TRUCK_LEFT: "the camera moves steadily to the left",
    CameraMove.TRUCK_RIGHT: "the camera moves steadily to the right",
    CameraMove.CRANE_UP: "the camera slowly rises",
    CameraMove.CRANE_DOWN: "the camera slowly descends",
    CameraMove.FOLLOW: "the camera follows the subject steadily",
    CameraMove.ORBIT: "the camera orbits around the subject",
    CameraMove.AERIAL: "aerial shot, the camera glides slowly forward",
    CameraMove.HANDHELD: "handheld camera with slight movement",
}
_SIZE_ZH = {
    ShotSize.CLOSE_UP: "特写",
    ShotSize.MEDIUM_CLOSE: "中近景",
    ShotSize.MEDIUM: "中景",
    ShotSize.FULL: "全景",
    ShotSize.WIDE: "远景",
}
_SIZE_EN = {
    ShotSize.CLOSE_UP: "close-up shot",
    ShotSize.MEDIUM_CLOSE: "medium close-up shot",
    ShotSize.MEDIUM: "medium shot",
    ShotSize.FULL: "medium wide shot",
    ShotSize.WIDE: "wide shot",
}
_ANGLE_ZH = {Angle.HIGH: "高角度拍摄", Angle.LOW: "低角度拍摄", Angle.TOP: "俯视角度拍摄"}
_ANGLE_EN = {Angle.HIGH: "high angle shot", Angle.LOW: "low angle shot", Angle.TOP: "overhead shot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Order, glue and camera words of one way to write prompts."""

    name: str
    language: Language
    order: tuple[tuple[tuple[str, ...], ...], ...]
    """Sentences of parts with a comma between; a part is fields of ShotPrompt that run on."""
    camera: MappingProxyType[CameraMove | ShotSize | Angle, str]
    """Eye level is left unsaid: it is what a model does by itself."""
    space: str
    comma: str
    stop: str
    negative: str = ""
    """Always part of the negative prompt, before the shot's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPrompt:
    prompt: str
    negative_prompt: str


_ZH = MappingProxyType({**_MOVE_ZH, **_SIZE_ZH, **_ANGLE_ZH})
_EN = MappingProxyType({**_MOVE_EN, **_SIZE_EN, **_ANGLE_EN})
_GUIDE = ((("subject",), ("environment",), ("action",)), (("camera",),), (("style",),))
_PLAIN = ((("camera",),), (("subject", "action"), ("environment",)), (("style",),))

DIALECTS = {
    "wan-zh": Dialect(
        name="wan-zh",
        language=Language.ZH,
        order=_GUIDE,
        camera=_ZH,
        space="",
        comma="，",
        stop="。",
        negative=WAN_NEGATIVE,
    ),
    "wan-en": Dialect(
        name="wan-en",
        language=Language.EN,
        order=_GUIDE,
        camera=_EN,
        space=" ",
        comma=", ",
        stop=". ",
        negative=WAN_NEGATIVE,
    ),
    "generic-zh": Dialect(
        name="generic-zh", language=Language.ZH, order=_PLAIN, camera=_ZH, space="", comma="，", stop="。"
    ),
    "generic-en": Dialect(
        name="generic-en", language=Language.EN, order=_PLAIN, camera=_EN, space=" ", comma=", ", stop=". "
    ),
}
"""By name."""


def render(prompt: ShotPrompt, dialect: Dialect) -> RenderedPrompt:
    """``prompt`` as ``dialect`` writes it. Words stay as they are: nothing is translated or cut."""
    sentences = []
    for parts in dialect.order:
        said = [_part(prompt, fields, dialect) for fields in parts]
        if any(said):
            sentences.append(_sentence(dialect.comma.join(part for part in said if part), dialect))
    return RenderedPrompt(prompt="".join(sentences).strip(), negative_prompt=_negative(prompt, dialect))


def _part(prompt: ShotPrompt, fields: tuple[str, ...], dialect: Dialect) -> str:
    return dialect.space.join(words for field in fields if (words := _words(prompt, field, dialect)))


def _words(prompt: ShotPrompt, field: str, dialect: Dialect) -> str:
    if field == "camera":
        return dialect.comma.join(camera_words(prompt.camera, dialect))
    text: str = getattr(prompt, field)
    return text.strip().rstrip("。.，, ")


def camera_words(camera: Camera, dialect: Dialect) -> list[str]:
    """Shot size, angle (unless eye level) and move."""
    terms = (camera.size, camera.angle, camera.move)
    return [dialect.camera[term] for term in terms if term in dialect.camera]


def _sentence(text: str, dialect: Dialect) -> str:
    return text[:1].upper() + text[1:] + dialect.stop


def _negative(prompt: ShotPrompt, dialect: Dialect) -> str:
    """The dialect's own, to the letter, since models know it so; then each thing that the shot adds, once."""
    known = _things(dialect.negative)
    added = [thing for thing in dict.fromkeys(_things(prompt.negative)) if thing not in known]
    return dialect.comma.join([dialect.negative, *added] if dialect.negative else added)


def _things(text: str) -> list[str]:
    things = (thing.strip() for thing in text.replace(", ", "，").split("，"))
    return [thing for thing in things if thing]


def utf16_units(text: str) -> int:
    """Length as Runway counts it."""
    return len(text.encode("utf-16-le")) // 2


def check_length(
    rendered: RenderedPrompt, limit: int, count: Callable[[str], int], negative_limit: int | None = None
) -> None:
    """Let pass what the model reads whole.

    ``count`` is the model's own measure: its tokenizer, ``len`` or `utf16_units`. ``negative_limit`` is the
    same as ``limit`` where it is not given.

    Raises:
        PromptLengthError: prompt or negative prompt is over its limit; nothing is ever cut off.
    """
    checks = (
        ("prompt", rendered.prompt, limit),
        ("negative prompt", rendered.negative_prompt, limit if negative_limit is None else negative_limit),
    )
    for field, text, most in checks:
        if (length := count(text)) > most:
            raise PromptLengthError(field, length, most, text)
