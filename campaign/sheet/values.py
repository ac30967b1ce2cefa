"""One cell to one value: what people write for names, numbers, lists and choices.

Every function takes a `Cell`, gives the value or raises `CellError` with what would be right and what to do.
Nothing here knows rows, columns or files.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from campaign.sheet.texts import Cell, as_prose, as_text, as_word, has_letter, listed, with_figures

SHORTEST, LONGEST = 3.0, 180.0
"""Seconds of a spot: less cannot be read, more is no short video."""
MOST_VARIANTS = 20
LARGEST_SEED = 2**31 - 1
"""What every backend takes."""
LONGEST_ID = 60
LONGEST_LINK = 300
"""Characters; a QR code of more has modules too small for a phone to read off a screen."""
LONGEST_COPY = 3000
"""Characters. Three minutes of fast speech are under 1,200 Chinese characters or 3,000 letters."""

NOTHING = frozenset({"none", "no", "off", "无", "没有", "不要", "静音", "-", "—"})
"""Words that switch voice or music off."""

_LIST_SEPARATORS = re.compile(r"[\n;,、/|]+")
_PATH_SEPARATORS = re.compile(r"[\n;；，]+|,\s*(?=https?://)")
"""A comma may be part of a file's name; before a web address, as product feeds list them, it is not."""
_ID = re.compile(r"[\w.\-]+")
_NOT_ID = re.compile(r"[^\w.\-]+")
# Names that Windows keeps for devices; a folder of that name cannot be made there.
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")

_FORMULA = re.compile(r"=\s*[\w(\"'+\-@]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class CellError(ValueError):
    """A cell does not say what its column needs. It never leaves the sheet: it becomes a `Problem`."""

    def __init__(self, expected: str, remedy: str) -> None:
        super().__init__(expected, remedy)
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.expected} {self.remedy}"


def nearest(word: str, words: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that ``word`` was most likely meant to be."""
    by_folded = {known.casefold(): known for known in words}
    match = get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[match[0]] if match else None


def choice(cell: Cell, words: Iterable[str], what: str) -> str:
    """One of a closed set, whatever its case."""
    text = as_word(cell)
    by_folded = {known.casefold(): known for known in words}
    if text.casefold() in by_folded:
        return by_folded[text.casefold()]
    near = nearest(text, by_folded.values())
    raise CellError(
        f"There is no {what} of that name; known: {listed(sorted(by_folded.values()))}.",
        f"Did you mean {near}?" if near else "Write one of those.",
    )


def choice_or_none(cell: Cell, words: Iterable[str], what: str) -> str:
    """One of a closed set, or ``none`` in any of its words."""
    if as_word(cell).casefold() in NOTHING:
        return "none"
    return choice(cell, [*words, "none"], what)


def prose(cell: Cell) -> str:
    """Words for people or for a model; a bare number is not words."""
    text = as_prose(cell)
    _refuse_formula(text)
    if not has_letter(text):
        raise CellError("Words are expected here, not only figures or signs.", "Write what it should say.")
    _refuse_control_characters(text)
    return text


def copy_text(cell: Cell) -> str:
    text = prose(cell)
    if len(text) > LONGEST_COPY:
        raise CellError(
            f"The copy has {len(text):,} characters; a spot of {LONGEST:g} s holds at most {LONGEST_COPY:,}.",
            "Shorten it or split it over several rows.",
        )
    return text


def name(cell: Cell) -> str:
    """Words in which figures alone are fine: a product, an account, a title."""
    text = as_prose(cell)
    _refuse_formula(text)
    _refuse_control_characters(text)
    return text


def variants(cell: Cell) -> int:
    return _whole_number(cell, 1, MOST_VARIANTS, "How many different versions to make")


def seed(cell: Cell) -> int:
    return _whole_number(cell, 0, LARGEST_SEED, "The seed")


def hashtags(cell: Cell) -> tuple[str, ...]:
    """Without signs, from ``#tea #spring``, ``#春茶#新品``, ``#话题#`` or a plain list."""
    text = as_text(cell).replace("＃", "#")
    parts = re.split(r"[#\s,，、;；|]+", text)
    return tuple(dict.fromkeys(part for part in parts if part))


def platforms(cell: Cell, known: Mapping[str, str]) -> tuple[str, ...]:
    """Known apps by the names that safe areas are kept under, from ``douyin, reels`` or ``抖音、快手``."""
    asked = [choice(word, known, "platform") for word in words(cell)]
    return tuple(dict.fromkeys(known[word] for word in asked))


def link(cell: Cell) -> str:
    """What a QR code holds, or ``none``."""
    text = as_word(cell)
    if text.casefold() in NOTHING:
        return "none"
    if " " in text or not text.isascii() or not re.search(r"[.:/]", text) or len(text) > LONGEST_LINK:
        raise CellError(
            f"A link of at most {LONGEST_LINK} characters without spaces is expected.",
            "Write it like https://shop.example/tea, or leave the cell empty.",
        )
    return text


def price_tag(cell: Cell) -> str:
    """Words as they are seen; a figure alone says too little."""
    if number(cell) is not None:
        raise CellError(
            "A price tag is shown as it is written; this is a figure without a currency.",
            "Write it like ¥68 or $19.99 | this week.",
        )
    return name(cell)


def name_or_none(cell: Cell) -> str:
    """Words, or ``none`` in any of its words."""
    return "none" if as_word(cell).casefold() in NOTHING else name(cell)


def paths(cell: Cell) -> tuple[str, ...]:
    """File names as written, several parted by line breaks, ``;`` or ``，``; web addresses by ``,`` too."""
    return tuple(part.strip().strip('"') for part in _PATH_SEPARATORS.split(as_text(cell)) if part.strip())


def words(cell: Cell) -> tuple[str, ...]:
    """A plain list of words."""
    return tuple(
        part.strip()
        for part in _LIST_SEPARATORS.split(as_word(as_text(cell).replace("\n", ";")))
        if part.strip()
    )


def row_id(cell: Cell) -> str:
    """A name that is also a folder's name on any system."""
    text = as_word(cell)
    shaped = _ID.fullmatch(text) and len(text) <= LONGEST_ID and text[0] not in ".-" and text[-1] != "."
    if shaped and not _RESERVED.fullmatch(text):
        return text
    suggestion = _NOT_ID.sub("-", text)[:LONGEST_ID].strip(".-")
    if not suggestion or _RESERVED.fullmatch(suggestion):
        suggestion = f"row-{suggestion}".strip("-")
    raise CellError(
        f"An id names a folder: letters, figures, - _ and . inside, at most {LONGEST_ID} characters.",
        f"Write {suggestion}.",
    )


def number(cell: Cell) -> float | None:
    """The figure a cell holds, as a number or as text with thousands marks; None when it is not one."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = with_figures(as_word(cell).replace(" ", ""))
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    return float(text) if re.fullmatch(r"[+-]?\d{1,18}(?:\.\d{1,12})?", text) else None


def _whole_number(cell: Cell, least: int, most: int, what: str) -> int:
    value = number(cell)
    if value is None or not value.is_integer() or not least <= value <= most:
        raise CellError(
            f"{what} is a whole number from {least} to {most}.", "Correct it or leave the cell empty."
        )
    return int(value)


def _refuse_formula(text: str) -> None:
    """A text file holds what a program would have calculated; nobody begins a sentence that way."""
    if _FORMULA.match(text):
        raise CellError(
            "The cell holds a formula and not its result.",
            "Type the value itself, or open the file in a spreadsheet program and save it as .xlsx.",
        )


def _refuse_control_characters(text: str) -> None:
    if found := _CONTROL.search(text):
        raise CellError(
            f"The text holds an invisible control character (U+{ord(found[0]):04X}).",
            "Type the text anew in that cell.",
        )
