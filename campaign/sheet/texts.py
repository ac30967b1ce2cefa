"""Cells as text: what spreadsheet programs store, as the person sees it."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache

Cell = str | int | float | bool | datetime | date | time | timedelta
"""What a spreadsheet cell may hold; blank is the empty string."""

# Zero-width space, word joiner and BOM come along when text is pasted from web pages and chat programs.
# Joiners inside emoji (U+200D) and variation selectors stay.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMERAL = f"[{''.join(_DIGITS)}零〇十百千万]"
_DIGIT = f"[{''.join(_DIGITS)}]"
# The whole run must be one number: digits beside digits (二〇二六) are a year or a code, and stay.
_NUMERALS = re.compile(
    rf"(?<!{_NUMERAL})(?:(?:{_DIGIT}百)?零?(?:{_DIGIT}?十{_DIGIT}?|{_DIGIT})|{_DIGIT}百)(?!{_NUMERAL})"
)
_LONGEST_QUOTE = 60


def as_text(cell: Cell) -> str:
    """The cell as words: whole numbers without a point, dates in ISO order, outer spaces off."""
    match cell:
        case str():
            seen = cell if cell.isascii() else _INVISIBLE.sub("", cell)
            return seen.replace("\r\n", "\n").replace("\r", "\n").strip()
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < 1e18:
            return str(int(cell))
        case datetime():
            return cell.isoformat(sep=" ", timespec="minutes" if cell.second == 0 else "seconds")
        case timedelta():
            return str(cell)
        case time():
            return cell.isoformat(timespec="minutes" if cell.second == 0 else "seconds")
        case _:
            return str(cell)


def as_word(cell: Cell) -> str:
    """The cell as a name or number: full-width forms narrowed, all white space single."""
    return _word(as_text(cell))


# The rows of a campaign name the same brands, languages, shapes and moves, and ask for each several times.
@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def as_prose(cell: Cell) -> str:
    """The cell as copy: punctuation untouched, spaces single, line breaks kept."""
    lines = (_SPACES.sub(" ", line).strip() for line in as_text(cell).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def with_figures(text: str) -> str:
    """Chinese numerals up to 999 as figures: 十五秒 is 15秒, 三月八日 is 3月8日."""
    return _NUMERALS.sub(lambda match: str(_figure(match[0])), text)


def _figure(numerals: str) -> int:
    hundreds, _, rest = numerals.rpartition("百")
    tens, ten, units = rest.rpartition("十")
    value = _DIGITS.get(hundreds, 0) * 100
    value += (_DIGITS.get(tens.strip("零〇"), 1) if ten else 0) * 10
    return value + _DIGITS.get(units.strip("零〇"), 0)


def has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)


def quoted(cell: Cell) -> str:
    """The cell for a message: one line, shortened."""
    text = " ".join(as_text(cell).split())
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"


def listed(words: Iterable[object], longest: int = 12) -> str:
    """``a, b and 3 more`` for a message."""
    names = [str(word) for word in words]
    if not names:
        return "none"
    shown = ", ".join(names[:longest])
    return shown if len(names) <= longest else f"{shown} and {len(names) - longest} more"


@cache
def column_letter(index: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
