"""Copy as it is said: figures, dates, money and units in Chinese become words; English is left to the voice.

Every character of the result knows which of the copy it stands for, so that its words keep their times.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from campaign.brief import Language

SPEAKABLE_VERSION = 2

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_UNITS = {
    "kg": "千克",
    "g": "克",
    "mg": "毫克",
    "ml": "毫升",
    "mL": "毫升",
    "L": "升",
    "l": "升",
    "km": "公里",
    "cm": "厘米",
    "mm": "毫米",
    "m": "米",
    "m²": "平方米",
    "㎡": "平方米",
    "℃": "摄氏度",
    "°C": "摄氏度",
    "h": "小时",
    "min": "分钟",
    "s": "秒",
    "W": "瓦",
    "mAh": "毫安时",
    "%": "",
}
_SIGNS = {"&": "和", "+": "加", "×": "乘", "=": "等于", "№": "号"}
_COUNTED = "个次天年杯罐盒件只人位份种款步层口瓶包袋条片张双块台部倍斤两小时分秒月周"
"""After these 2 is 两, not 二."""

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True) if unit != "%")
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<!\d)(\d{4})(?=\s*年)"), lambda m: _spelled(m[1])),
    (re.compile(r"(?<!\d)(\d{1,2})[:：](\d{2})(?!\d)"), lambda m: _clock(m[1], m[2])),
    (re.compile(rf"[¥￥]\s*({_NUMBER})元?"), lambda m: _number(m[1]) + "元"),
    (re.compile(rf"\$\s*({_NUMBER})"), lambda m: _number(m[1]) + "美元"),
    (
        re.compile(rf"({_NUMBER})\s*[%％]?\s*[-–~～]\s*({_NUMBER})\s*[%％]"),
        lambda m: f"百分之{_number(m[1])}到百分之{_number(m[2])}",
    ),
    (re.compile(rf"({_NUMBER})\s*[%％]"), lambda m: "百分之" + _number(m[1])),
    (re.compile(rf"({_NUMBER})\s*[-–~～]\s*(?={_NUMBER})"), lambda m: _number(m[1]) + "到"),
    (re.compile(rf"({_NUMBER})\s*({_UNIT})(?![A-Za-z])"), lambda m: _number(m[1]) + _UNITS[m[2]]),
    (re.compile(r"(?<!\d)(0\d+|\d{8,})(?!\d)"), lambda m: _spelled(m[1])),
    (re.compile(rf"(?<![\d.])2(?=[{_COUNTED}])(?!年)"), lambda _: "两"),
    (re.compile(rf"({_NUMBER})"), lambda m: _number(m[1])),
    (re.compile("[" + re.escape("".join(_SIGNS)) + "]"), lambda m: _SIGNS[m[0]]),
)
"""Tried in order at each place; the first that fits is said."""

_LATIN = re.compile(r"[$€£]?(?:[A-Za-z0-9À-ɏ][A-Za-z0-9À-ɏ'’.,\-]*[A-Za-z0-9À-ɏ]|[A-Za-z0-9À-ɏ])%?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speakable:
    """A line as it is said, and where each part of it stands in the line as written."""

    text: str
    written: str
    spans: tuple[tuple[int, int], ...]
    """For each character of ``text``, the characters of ``written`` that it stands for."""

    def written_word(self, position: int, following: int) -> tuple[int, int] | None:
        """The written characters of what is said from ``position`` until ``following``, without punctuation.

        A Latin word is never split, even where the voice says it in parts; None where nothing is written.
        """
        said = [p for p in range(max(position, 0), min(following, len(self.text))) if self.text[p].isalnum()]
        if not said:
            return None
        start, end = self.spans[said[0]][0], self.spans[said[-1]][1]
        for run in _LATIN.finditer(self.written):
            if run.start() <= start < run.end():
                return run.start(), max(run.end(), end)
        return start, end


def speakable(text: str, language: Language) -> Speakable:
    """``text`` as the voice should be given it."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(text):
        said, end = _said(text, place) if language is Language.ZH else (text[place], place + 1)
        pieces.append(said)
        spans.extend([(place, end)] * len(said))
        place = end
    return Speakable(text="".join(pieces), written=text, spans=tuple(spans))


def _said(text: str, place: int) -> tuple[str, int]:
    for pattern, words in _RULES:
        if match := pattern.match(text, place):
            return words(match), match.end()
    return text[place], place + 1


def _number(figures: str) -> str:
    whole, _, part = figures.replace(",", "").partition(".")
    return _integer(int(whole)) + (f"点{_spelled(part)}" if part else "")


def _spelled(figures: str) -> str:
    return "".join(_DIGITS[int(figure)] for figure in figures)


def _clock(hours: str, minutes: str) -> str:
    tail = "整" if minutes == "00" else f"{'零' if minutes < '10' else ''}{_integer(int(minutes))}分"
    return f"{_integer(int(hours))}点{tail}"


def _integer(value: int) -> str:
    if value == 0:
        return _DIGITS[0]
    groups: list[str] = []
    index, gap = 0, False
    while value:
        value, low = divmod(value, 10_000)
        if low:
            groups.append(_below_10_000(low) + _GROUPS[min(index, 3)] + ("零" if gap and groups else ""))
        # 10 0005 is 十万零五: a group that does not fill its four places is led by a zero.
        gap = low < 1000
        index += 1
    said = "".join(reversed(groups))
    return said.removeprefix("一") if said.startswith("一十") else said


def _below_10_000(value: int) -> str:
    said, pending = "", False
    for place in (3, 2, 1, 0):
        figure = value // 10**place % 10
        if figure == 0:
            pending = bool(said)
            continue
        said += ("零" if pending else "") + _DIGITS[figure] + _PLACES[place]
        pending = False
    return said
