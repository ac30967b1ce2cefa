"""Where a line of Chinese, English or both may be broken, and where it had better not be.

Covers the marks of simplified Chinese and English. Where Chinese words end BudouX says, a small model that
looks at neighbouring characters; it errs now and then: a break inside a word is unlikely, not impossible, and
what is known for certain stands below.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import budoux

NO_START = frozenset("、。，．！？：；）》」』】〉〕”’…—·～%‰℃°々ー,.!?:;)]}'\"")
"""Marks that never begin a line (CLREQ 3.1.6)."""
NO_END = frozenset("（《「『【〈〔“‘([{¥￥$€£#@")
"""Marks that never end one."""
CLASSIFIERS = frozenset(
    "年月日号时点分秒元块角克千万亿斤两吨杯包盒袋片支瓶件款个位人次天周岁层寸米升度折倍家种页道口颗粒罐桶箱套双只口碗壶盏泡叶芽公毫厘小"
    "辈顿场份间栋张条头匹朵棵枚句首部本篇章节课门座架辆台艘排组群批回遍趟声步面圈些样类轮届期站整"
)
"""Chinese units and measure words, kept with their number."""
NUMERALS = frozenset("一二三四五六七八九十百千万两几半每")
"""Chinese numerals, kept with the measure word after them."""
LEANS_LEFT = frozenset("的地得了着过们吗呢吧啊呀哦子儿者里")
"""Particles that belong to what stands before them."""
LEANS_RIGHT = frozenset("不很最更太也都就还再又第每这那把被让给在与和或从向老小阿整")
"""Words that belong to what follows."""
WHOLE = frozenset(
    re.findall(
        r"\w+",
        "现在 正在 存在 实在 自在 所在 内在 潜在 外在 温和 柔和 平和 饱和 清和 祥和 "
        "缓和 参与 赠与 方向 风向 走向 首都 成都 成就 一再 服从 供给 "
        "大小 缩小 渺小 古老 年老 养老 完整 调整 平整 "
        "公里 公斤 毫升 毫克 厘米 小时 分钟 续航 助手 上市 新品 直播 包邮 下单 满减 秒杀 优惠 免费 试听 试用",
    )
)
"""Never broken: common words that end in a character which by itself would lean to the right, units, and what
only advertisements say."""
WEAK_WORDS = frozenset(
    re.findall(r"\w+", "a an the of to in on at by for and or with from your our my its is as")
)
"""English words that look lost at a line's end."""
UNITS = frozenset(
    re.findall(
        r"\w+",
        "g kg mg t ml l cl m cm mm km in ft oz lb px s ms min h day days hz khz w kw v mah gb mb tb kcal kj",
    )
)
"""Latin units, kept with the number before them."""

_NUMERAL = "".join(sorted(NUMERALS))
_NUMBER = re.compile(rf"(?<=[\u3400-\u9fff])(?<![{_NUMERAL}])[{_NUMERAL}]{{2,}}")
_TORN = 3.0
"""Cost of a break inside a Chinese word."""
_WITHIN_HAN = re.compile(r"(?<=[\u3400-\u9fff])(?=[\u3400-\u9fff])")
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\U00020000-\U0003ffff"
_PIECES = re.compile(rf"\s+|[^\s{_CJK}“”‘’…—]+|.", re.DOTALL)
_ENDS_IN_NUMBER = re.compile(r"\d[\d.,:/+-]*$")


@dataclass(frozen=True, slots=True)
class Unit:
    """Text that stays on one line."""

    text: str
    space: str
    """What separates it from the next unit; not drawn at a line's end."""
    cost: float
    """How bad a break after it would be: 0 after a pause, 1 anywhere, more where it tears something."""


def units(text: str) -> list[Unit]:
    """The unbreakable units of one paragraph, in order."""
    glued: list[str] = []
    spaces: list[str] = []
    for piece in _PIECES.findall(text.strip()):
        if piece.isspace():
            spaces[-1] += piece
        elif glued and _joins(glued[-1], spaces[-1], piece):
            glued[-1] += (" " if spaces[-1] else "") + piece
            spaces[-1] = ""
        else:
            glued.append(piece)
            spaces.append("")
    ends, read = _word_ends("".join(glued)), 0
    made = []
    for one, space, after in zip(glued, spaces, [*glued[1:], ""][: len(glued)], strict=True):
        read += len(one)
        cost = _cost(one, bool(space), after)
        made.append(Unit(one, " " if space else "", cost if read in ends or space else max(cost, _TORN)))
    return made


def tears(lines: Sequence[str]) -> bool:
    """Whether a Chinese word is parted between two of the lines."""
    ends, read = _word_ends("".join(lines)), 0
    for line in lines[:-1]:
        read += len(line)
        if read not in ends:
            return True
    return False


@lru_cache(maxsize=4096)
def _word_ends(text: str) -> frozenset[int]:
    """Places between characters where no Chinese word is torn."""
    within = {match.start() for match in _WITHIN_HAN.finditer(text)}
    ends, read = set(range(len(text) + 1)) - within, 0
    for word in _parser().parse(text) if within else ():
        read += len(word)
        ends.add(read)
    for number in _NUMBER.finditer(text):
        ends.add(number.start())
    for start in within:
        if text[start - 1 : start + 1] in WHOLE:
            ends = ends - {start} | {start - 1, start + 1}
    return frozenset(ends)


@cache
def _parser() -> Any:
    return budoux.load_default_simplified_chinese_parser()


def _joins(before: str, space: str, piece: str) -> bool:
    if space:
        number = _ENDS_IN_NUMBER.search(before) is not None
        return number and (piece.rstrip(".,;!?").casefold() in UNITS or piece in "%‰℃")
    return (
        piece[0] in NO_START
        or before[-1] in NO_END
        or ((before[-1].isdigit() or before[-1] in NUMERALS) and piece[0] in CLASSIFIERS)
        or (before[-1] in NUMERALS and piece[0] in NUMERALS)
        or (before[-1] in "第约" and piece[0].isdigit())
        or before[-1] + piece[0] in WHOLE
        or _is_mark(piece[0])
        or before[-1] == "\u200d"
    )


def _is_mark(character: str) -> bool:
    return character in "\u200d\ufe0e\ufe0f" or unicodedata.combining(character) > 0


def _cost(text: str, spaced: bool, following: str) -> float:
    if text[-1] in NO_START and text[-1] not in "·%‰℃°":
        return 0.0
    if following and following[0] in LEANS_LEFT:
        return 4.0
    if (text[-1] in LEANS_RIGHT and text[-2:] not in WHOLE) or text.casefold() in WEAK_WORDS:
        return 3.0
    return 0.5 if spaced else 1.0
