"""Text with its disguises taken off, and the way back to the original's positions.

Each character is folded on its own: compatibility form, case, accents, invisibles, look-alike letters of
other alphabets, traditional to simplified Chinese. Pinyin, homophones and split characters stay as they are.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import cache, cached_property
from itertools import accumulate

from opencc import OpenCC

LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕԁһԛԝѵӏαορνικτυχϲɡɑıℓ×",
    "abekmhopctyxijsdhqwvlaopviktuxcgailx",
)
"""Cyrillic, Greek and phonetic letters that are drawn like Latin ones."""
PLUS_SIGNS = frozenset("+＋➕﹢⁺")
"""Written for 加 (add), as in +V."""
SQUARED_A = (0x1F130, 0x1F150, 0x1F170)
"""Where the squared and the negative circled and squared capitals begin; NFKD leaves some of them alone."""
INVISIBLE = frozenset({"Cf", "Cc", "Mn", "Me", "Cs", "Co", "Cn"})

BLANK_BESIDE_HAN = re.compile(r" (?=[㐀-鿿])|(?<=[㐀-鿿]) ")
# Letters that are neither Latin nor Han: two in a row are a word that our word lists do not know.
UNKNOWN_WORD = re.compile(
    r"(?:(?![A-Za-zªºÀ-ɏɐ-ʯʰ-˿Ḁ-ỿ⺀-⿕々-〇㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff])[^\W\d_]){2,}"
)
# Between two letters these hide a word from a filter; in emoji sequences they are honest.
HIDDEN = re.compile(
    r"(?<=\w)[\u00ad\u034f\u061c\u180e\u200b-\u200d\u2060-\u2064\ufeff]+(?=\w)|[\u202a-\u202e]+"
)


class Folded:
    """A text in folded form, ``text``, that knows where its characters come from."""

    def __init__(self, original: str, table: "_Table", dropped: re.Pattern[str] | None = None) -> None:
        self._original = original
        self._table = table
        self._kept: list[int] | None = None
        self.text = original.translate(table)
        if dropped and dropped.search(self.text):
            holes = {match.start() for match in dropped.finditer(self.text)}
            self._kept = [at for at in range(len(self.text)) if at not in holes]
            self.text = "".join(self.text[at] for at in self._kept)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` stands in the original."""
        ends, last = self._ends, end - 1
        if self._kept is not None:
            start, last = self._kept[start], self._kept[last]
        first = bisect_right(ends, start)
        return first, bisect_right(ends, last, first) + 1

    @cached_property
    def _ends(self) -> list[int]:
        """For each character of the original: where its folded form ends."""
        # A translation runs in C; the lengths (18 at most) travel as characters and come back as bytes.
        return list(accumulate(self._original.translate(self._table.lengths).encode("latin-1")))


def fold(text: str) -> Folded:
    """``text`` folded, with its separators; every white space is one blank."""
    return Folded(text, _PLAIN)


def tighten(text: str) -> Folded:
    """Folded without the blanks beside Chinese characters, which people set or leave out as they like."""
    return Folded(text, _PLAIN, dropped=BLANK_BESIDE_HAN)


def join(text: str) -> Folded:
    """``text`` folded, letters and digits only, so that 最 . 佳 reads 最佳."""
    return Folded(text, _JOINED)


def unknown_words(text: str) -> list[str]:
    """Words in writings that the shipped lists do not know (neither Latin nor Han)."""
    # Vowel signs and accents are no letters, but stand between those of a word.
    return UNKNOWN_WORD.findall(unicodedata.normalize("NFKC", text).translate(_MARKS))


def hidden_runs(text: str) -> list[tuple[int, int]]:
    """Where invisible characters stand inside words, and where the direction of writing is overridden."""
    return [match.span() for match in HIDDEN.finditer(text)]


class _Table(dict[int, str]):
    """Folded form by code point, worked out on first sight."""

    def __init__(self, *, joined: bool) -> None:
        super().__init__()
        self.joined = joined
        self.lengths = _Lengths(self)

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if self.joined:
            folded = "".join(c for c in folded if c.isalnum())
        self[code] = folded
        return folded


class _Lengths(dict[int, int]):
    """Length of a character's folded form, by code point."""

    def __init__(self, table: _Table) -> None:
        super().__init__()
        self.table = table

    def __missing__(self, code: int) -> int:
        self[code] = length = len(self.table[code])
        return length


class _Marks(dict[int, int | None]):
    """Leaves out what is written over, under or beside a letter."""

    def __missing__(self, code: int) -> int | None:
        self[code] = kept = None if unicodedata.category(chr(code)).startswith("M") else code
        return kept


_MARKS = _Marks()
_PLAIN = _Table(joined=False)
_JOINED = _Table(joined=True)


def _folded(char: str) -> str:
    if char.isspace():
        return " "
    if char in PLUS_SIGNS:
        return "加"
    if unicodedata.category(char) in INVISIBLE:
        return ""
    for first in SQUARED_A:
        if first <= ord(char) < first + 26:
            return chr(ord("a") + ord(char) - first)
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    kept = "".join(c for c in parts if unicodedata.category(c) not in INVISIBLE)
    simplified: str = _simplifier().convert(kept.translate(LOOKALIKES))
    return simplified


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")
