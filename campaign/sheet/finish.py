"""One cell to one value: what people write for voices, cut, fit and delivery. Like `values` and `film`."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from campaign.finish import (
    CROSSFADE,
    Codec,
    CutPace,
    Encoder,
    Fitting,
    Handover,
    MasterForm,
    Retiming,
    VoiceOverrun,
)
from campaign.sheet import values
from campaign.sheet.texts import Cell, as_word, listed
from campaign.sheet.values import CellError, nearest

E = TypeVar("E", bound=StrEnum)

_OVERRUN: Mapping[str, VoiceOverrun] = {
    "延长": VoiceOverrun.EXTEND,
    "延长镜头": VoiceOverrun.EXTEND,
    "加快": VoiceOverrun.FASTER,
    "加速": VoiceOverrun.FASTER,
    "speed up": VoiceOverrun.FASTER,
    "退回": VoiceOverrun.REFUSE,
    "拒绝": VoiceOverrun.REFUSE,
}
_PACE: Mapping[str, CutPace] = {
    "自由": CutPace.FREE,
    "普通": CutPace.FREE,
    "否": CutPace.FREE,
    "不": CutPace.FREE,
    "no": CutPace.FREE,
    "卡点": CutPace.BEAT,
    "踩点": CutPace.BEAT,
    "节拍": CutPace.BEAT,
    "beats": CutPace.BEAT,
    "是": CutPace.BEAT,
    "yes": CutPace.BEAT,
}
"""The column is also called 卡点, to which people answer yes or no."""
_FIT: Mapping[str, Fitting] = {
    "裁切": Fitting.CROP,
    "裁剪": Fitting.CROP,
    "跟随": Fitting.FOLLOW,
    "跟随裁切": Fitting.FOLLOW,
    "跟拍": Fitting.FOLLOW,
    "crop follows": Fitting.FOLLOW,
    "填充": Fitting.PAD,
    "模糊填充": Fitting.PAD,
    "blur": Fitting.PAD,
    "blur pad": Fitting.PAD,
}
_CUT = frozenset({"cut", "hard cut", "硬切", "直切", "切"})
_FADE = re.compile(r"(?:cross[- ]?fade|dissolve|叠化|溶解|淡入淡出)?\s*(\d*\.?\d+)?\s*(?:s|sec|seconds?|秒)?")
SHORTEST_FADE, LONGEST_FADE = 0.1, 1.0
"""Seconds. Shorter reads as a flaw, and shots are as short as `campaign.timing.SHORTEST_SHOT`."""
_RETIMING: Mapping[str, Retiming] = {
    "重复": Retiming.DUPLICATE,
    "混合": Retiming.BLEND,
    "运动补偿": Retiming.MOTION,
    "补帧": Retiming.MOTION,
}
_CODECS: Mapping[str, Codec] = {
    "h.264": Codec.H264,
    "avc": Codec.H264,
    "h.265": Codec.HEVC,
    "h265": Codec.HEVC,
}
_ENCODERS: Mapping[str, Encoder] = {
    "cpu": Encoder.SOFTWARE,
    "软件": Encoder.SOFTWARE,
    "nvidia": Encoder.NVENC,
    "quick sync": Encoder.QSV,
}
_HANDOVER: Mapping[str, Handover] = {"opentimelineio": Handover.OTIO}


def voices(cell: Cell, known: Iterable[str]) -> str:
    """``none``, or one voice or several in the order of trying, joined by ", ".

    A known name that ends with a colon, like ``openai:``, allows any name after it.
    """
    names = values.words(cell)
    if len(names) == 1 and names[0].casefold() in values.NOTHING:
        return "none"
    kinds = {name for name in known if name.endswith(":")}
    said = sorted({name for name in known if name not in kinds} | {f"{kind}NAME" for kind in kinds})
    exact = {name.casefold(): name for name in known if name not in kinds}
    found = []
    for name in names:
        kind, colon, which = name.partition(":")
        if colon and which and f"{kind.casefold()}:" in kinds:
            found.append(f"{kind.casefold()}:{which}")
        elif name.casefold() in exact:
            found.append(exact[name.casefold()])
        else:
            near = nearest(name, exact.values())
            raise CellError(
                f"There is no voice {name!r}; known: {listed(said, 20)}, none.",
                f"Did you mean {near}?" if near else "Write one of those, or several with commas.",
            )
    return ", ".join(dict.fromkeys(found))


def voice_overrun(cell: Cell) -> VoiceOverrun:
    return _chosen(cell, VoiceOverrun, _OVERRUN, "answer to a voice that is too long")


def pace(cell: Cell) -> CutPace:
    return _chosen(cell, CutPace, _PACE, "pace")


def fitting(cell: Cell) -> Fitting:
    return _chosen(cell, Fitting, _FIT, "way to fit a picture")


def transition(cell: Cell) -> float:
    """Seconds in which a shot gives way to the next, from ``cut``, ``crossfade``, ``0.5``, ``叠化 0.5秒``."""
    word = as_word(cell).casefold()
    if word in values.NOTHING or word in _CUT:
        return 0.0
    match = _FADE.fullmatch(word)
    seconds = float(match[1] or CROSSFADE) if match and word else None
    if seconds is None or not SHORTEST_FADE <= seconds <= LONGEST_FADE:
        raise CellError(
            f"Between shots there is a cut, or a crossfade of {SHORTEST_FADE:g} to {LONGEST_FADE:g} seconds.",
            "Write cut, crossfade, or crossfade 0.5.",
        )
    return seconds


def retiming(cell: Cell) -> Retiming:
    return _chosen(cell, Retiming, _RETIMING, "way to another frame rate")


def codec(cell: Cell) -> Codec:
    return _chosen(cell, Codec, _CODECS, "codec")


def encoder(cell: Cell) -> Encoder:
    return _chosen(cell, Encoder, _ENCODERS, "encoder")


def master(cell: Cell) -> MasterForm | None:
    """None for ``none``."""
    if as_word(cell).casefold() in values.NOTHING:
        return None
    return _chosen(cell, MasterForm, {}, "form of master")


def handover(cell: Cell) -> tuple[Handover, ...]:
    """What an editor gets, in the set's order; empty for ``none``."""
    if as_word(cell).casefold() in values.NOTHING:
        return ()
    asked = {_chosen(word, Handover, _HANDOVER, "thing to hand over") for word in values.words(cell)}
    return tuple(one for one in Handover if one in asked)


def _chosen(cell: Cell, choices: type[E], also: Mapping[str, E], what: str) -> E:
    word = as_word(cell).casefold()
    if word in also:
        return also[word]
    return choices(values.choice(cell, [choice.value for choice in choices], what))
