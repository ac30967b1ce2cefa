"""One cell to one value: what people write for the length, the shape, the language and the camera of a spot.

Like `values`: a `Cell` in, the value or a `CellError` out.
"""

import re
from datetime import time, timedelta
from functools import lru_cache

from campaign.brief import Language
from campaign.camera import WORDS, Camera, parse_cameras
from campaign.frames import Aspect
from campaign.sheet.texts import Cell, as_text, as_word, listed, with_figures
from campaign.sheet.values import LONGEST, SHORTEST, CellError, nearest, number

_ASPECT_WORDS: dict[Aspect, tuple[str, ...]] = {
    Aspect.TALL: (
        "竖屏",
        "竖版",
        "竖",
        "vertical",
        "portrait video",
        "tall",
        "story",
        "reel",
        "reels",
        "shorts",
    ),
    Aspect.WIDE: ("横屏", "横版", "横", "宽屏", "horizontal", "landscape", "wide", "widescreen"),
    Aspect.SQUARE: ("方形", "方屏", "方", "正方形", "square"),
    Aspect.PORTRAIT: ("竖图",),
    Aspect.CLASSIC: (),
}
_ASPECT_BY_WORD = {word: aspect for aspect, words in _ASPECT_WORDS.items() for word in words}
_RATIO = re.compile(r"(\d{1,5})\s*[:xX×*/比]\s*(\d{1,5})")
_LANGUAGE_WORDS: dict[Language, frozenset[str]] = {
    Language.ZH: frozenset(
        {
            "zh",
            "cn",
            "zh-cn",
            "zh_cn",
            "zh-hans",
            "chinese",
            "中文",
            "汉语",
            "普通话",
            "简体中文",
            "简体",
            "国语",
        }
    ),
    Language.EN: frozenset({"en", "eng", "en-us", "en-gb", "en_us", "en_gb", "english", "英文", "英语"}),
}
_TIME_OF_DAY = re.compile(r"(?<![\d:])(\d{1,2}:\d{2}):00(?![\d:])")
_SHOTS = re.compile(r"[;；/|\n→]+")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2})")
_MINUTES_SECONDS = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*(?:分钟|分|minutes?|mins?|m|'))?\s*(?:(\d+(?:\.\d+)?)\s*(?:秒钟|秒|seconds?|secs?|s|\")?)?"
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u1100-\u11ff]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’][A-Za-z]+)*")


def duration(cell: Cell) -> float:
    """Seconds, from ``15``, ``15s``, ``15 秒``, ``1分30秒``, ``00:15`` or a time cell."""
    readings = _duration_readings(cell)
    if not readings:
        raise CellError(
            f"A length in seconds is expected, {SHORTEST:g} to {LONGEST:g}.",
            "Write it like 15, 15s or 00:15.",
        )
    fitting = sorted({seconds for seconds in readings if SHORTEST <= seconds <= LONGEST})
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise CellError(
            f"The cell holds a time of day, which could mean {fitting[0]:g} s or {fitting[1]:g} s.",
            f"Write the seconds as a number: {fitting[0]:g} or {fitting[1]:g}.",
        )
    raise CellError(
        f"A spot lasts {SHORTEST:g} to {LONGEST:g} seconds; this is {readings[0]:,g} s.",
        f"Write a number from {SHORTEST:g} to {LONGEST:g}, or leave the cell empty to fit the copy.",
    )


def aspects(cell: Cell) -> tuple[Aspect, ...]:
    """Shapes in the order written, from ``9:16, 16:9``, ``竖屏；方形``, ``1080x1920`` or a time cell.

    Spreadsheet programs turn ``9:16`` into a quarter past nine; it is read back as what was typed.
    """
    if isinstance(cell, time):
        cell = f"{cell.hour}:{cell.minute}"
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        cell = f"{minutes // 60}:{minutes % 60}"
    text = as_word(as_text(cell).replace("\n", ",")).casefold()
    # A time cell as programs write it into a CSV.
    text = _TIME_OF_DAY.sub(r"\1", text)
    found = [
        _ASPECT_BY_WORD.get(word) or _aspect_of(word)
        for word in re.split(r"[\s;,、/|+&和]+|\band\b", _RATIO.sub(r" \1:\2 ", text))
        if word
    ]
    if not found:
        raise _unknown_aspect(text)
    return tuple(dict.fromkeys(found))


def language(cell: Cell) -> Language:
    text = as_word(cell).casefold()
    for language_, words in _LANGUAGE_WORDS.items():
        if text in words:
            return language_
    raise CellError("The languages are zh (中文) and en (English).", "Write zh or en, or leave it empty.")


def detect_language(copy: str) -> Language:
    """The language of ``copy`` by its share of Han characters against Latin words."""
    han, latin = len(_HAN.findall(copy)), len(_LATIN_WORD.findall(copy))
    if _KANA_HANGUL.search(copy) or han + latin == 0:
        raise CellError(
            "The copy is neither Chinese nor English, the two languages that can be made.",
            "Translate it, or write zh or en in the language column to have it taken as that.",
        )
    return Language.ZH if han >= latin else Language.EN


def cameras(*cells: Cell) -> tuple[Camera, ...]:
    """One per shot; several cells (move, size and angle in their own columns) are joined shot by shot."""
    parts = [[part for part in _SHOTS.split(as_text(cell)) if part.strip()] for cell in cells]
    shots = max((len(part) for part in parts), default=0)
    if any(len(part) not in (1, shots) for part in parts):
        raise CellError(
            f"The camera columns name {listed([len(part) for part in parts])} shots.",
            "Name as many in each, or one for all.",
        )
    text = ";".join(", ".join(part[n % len(part)] for part in parts) for n in range(shots))
    try:
        return parse_cameras(text)
    except ValueError as error:
        word = str(error.args[0])
        vocabulary = [term for words in WORDS.values() for term in words]
        near = nearest(word, vocabulary, 0.5)
        moves = listed([words[1] if len(words) > 1 else words[0] for words in WORDS.values()][:9])
        raise CellError(
            f"{word!r} is not camera language; moves are push in, pull out, pan, tilt, truck, follow, crane, "
            f"orbit, aerial, handheld, static ({moves} …).",
            f"Did you mean {near}?" if near else "Write one of those, one per shot, with ; between shots.",
        ) from None


def _duration_readings(cell: Cell) -> tuple[float, ...]:
    """Every number of seconds that the cell may mean, the likelier first."""
    if isinstance(cell, time):
        as_day = cell.hour * 3600.0 + cell.minute * 60 + cell.second
        # Typing 00:15 for fifteen seconds makes a quarter past midnight of it.
        return (cell.hour * 60.0 + cell.minute, as_day) if cell.second == 0 else (as_day,)
    if isinstance(cell, timedelta):
        seconds = cell.total_seconds()
        return (seconds / 60, seconds) if seconds % 60 == 0 else (seconds,)
    plain = number(cell)
    if plain is not None:
        return (plain,)
    text = with_figures(as_word(cell).casefold())
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds_ = (int(part or 0) for part in clock.groups())
        as_said = hours * 3600.0 + minutes * 60 + seconds_
        # 00:15:00 is how a time cell, made of a typed 00:15, comes into a CSV.
        return (hours * 60.0 + minutes, as_said) if clock[1] and not seconds_ else (as_said,)
    spelled = _MINUTES_SECONDS.fullmatch(text)
    if spelled and any(spelled.groups()):
        return (float(spelled[1] or 0) * 60 + float(spelled[2] or 0),)
    return ()


@lru_cache(maxsize=64)
def _aspect_of(word: str) -> Aspect:
    """From a ratio or a size in pixels."""
    ratio = _RATIO.fullmatch(word)
    width, height = (int(ratio[1]), int(ratio[2])) if ratio else (0, 0)
    for aspect in Aspect:
        across, down = aspect.ratio
        if height and width * down == height * across:
            return aspect
    raise _unknown_aspect(word)


def _unknown_aspect(text: str) -> CellError:
    swapped = {"3:2": "16:9", "2:3": "9:16", "4:3": "16:9", "5:4": "1:1", "21:9": "16:9"}
    near = swapped.get(text.replace(" ", "")) or nearest(text, [aspect.value for aspect in Aspect])
    return CellError(
        f"{text!r} is not a shape that is made; shapes are {listed([a.value for a in Aspect])} "
        "(also 竖屏, 横屏, 方形).",
        f"Did you mean {near}?" if near else "Write one or more of those with commas between.",
    )
