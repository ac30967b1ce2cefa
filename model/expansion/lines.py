"""Copy into spoken lines: cut where a speaker would breathe, and nowhere else.

Cuts lie after sentences, then clauses, then before connecting words; in English at last between words.
None lies inside a number with its unit, a book title, a quotation, an address or a hashtag.
"""

import re
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate
from math import inf

from campaign.brief import Language

EMOJI = (
    "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a\u231b\u23e9-\u23fa]"
    "[\ufe0f\U0001f3fb-\U0001f3ff\u200d\u20e3\u2640\u2642]*"
)
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"


class Break(IntEnum):
    """How good a place is for a cut; more is better."""

    WORD = 0
    SOFT = 1
    LIST = 2
    CLAUSE = 3
    SENTENCE = 4


BREAK_COST = {
    Break.WORD: 6.0,
    Break.SOFT: 1.6,
    Break.LIST: 1.0,
    Break.CLAUSE: 0.25,
    Break.SENTENCE: 0.0,
}
"""What a cut costs, against a line of twice the wished length, which costs 1."""
SHORTEST = {Language.ZH: 6.0, Language.EN: 4.0}
"""Characters or words of a line that is worth a shot of its own."""
LONGEST = {Language.ZH: 19.0, Language.EN: 11.0}
"""Characters or words that are spoken, with air, in the 5 s that video models make in one piece."""
_WORDLESS = 100.0
"""What a line without a word costs."""
LONGEST_QUOTATION = 2
"""A quotation of more than this many full lines may be cut between its sentences."""

_ABBREVIATIONS = (
    r"(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|No|Nos|vs|approx|Fig|Vol|Jr|Sr|e\.g|i\.e|cf|Gen|Rev)\.\s+\S"
    r"|(?:etc|Inc|Ltd|Co|Corp|a\.m|p\.m)\.(?=\s+[a-z0-9])"
    r"|(?:[A-Z]\.){2,}(?=\s+[a-z0-9])|[A-Z]\.(?=\s?[A-Z])"
)
_KEPT_WHOLE = re.compile(
    r"https?://[!-~]*[\w/]|www\.[!-~]*[\w/]|[\w.+-]+@[\w-]+\.[\w.-]*\w"
    r"|\b[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|cn|org|net|io|shop|co|uk|eu|de)\b(?:/[!-~]*[\w/])?"
    r"|#[^#\s]{1,30}#|[#@]\w+"
    rf"|\d+(?:[.,:：/]\d+)*(?:\s?[-–~～至]\s?\d+(?:[.,:]\d+)*)?(?:\s?[A-Za-z{HAN}%℃°]+)?"
    rf"|[A-Z][A-Za-z]*\s\d+\b|\b(?:{_ABBREVIATIONS})"
)
_QUOTED = re.compile(
    r"《[^》\n]*》|“[^”\n]*”|(?<!\w)‘[^’\n]*’|「[^」\n]*」|『[^』\n]*』|【[^】\n]*】|（[^）\n]*）|\([^)\n]*\)"
    r'|(?<![\w"])"[^"\n]+"(?!\w)'
)
_CLOSERS = r"[”’」』）)》】\"]*"
_AFTER = rf"{_CLOSERS}(?:\s*{EMOJI})*\s*"
_MARKS = (
    (
        Break.SENTENCE,
        re.compile(rf"(?:[。！？!?；;]+[。！？!?]*|\.(?=\s|$|[”’)\"]))(?!\s*[，,]){_AFTER}|\s*\n\s*"),
    ),
    (
        Break.CLAUSE,
        re.compile(
            rf"(?:，|：|—+|…+|\.{{3}}|[~～]+(?!\d)|,(?=\D)|:(?=\s)|\s[-–]\s|(?:{EMOJI})+(?![，。！？,.!?])){_AFTER}"
        ),
    ),
    (Break.LIST, re.compile(rf"、{_AFTER}")),
)
_SOFT_EN = re.compile(
    r"\s+(?=(?:and|or|but|with|without|for|from|that|which|who|where|when|while|so|because|to|into|in|on|at|by|"
    r"until|after|before|as|than|through|like|if)\b)",
    re.IGNORECASE,
)
_SOFT_ZH = re.compile(
    r"(?<!可以)(?<![能会要想])(?=不仅|不只|而且|并且|同时|以及|因为|所以|只为|为了|从而|让每|让你|让您|让我|让家|让孩|如今|只需|就能|"
    "也能|还能|都能|更能|可以|或者|还是|与其|不如|无论|不管|即使|每一|每天|每个|每次|来自|带来|随时|一边|直到|"
    "陪你|陪伴|送给|献给|换来|留住|唤醒)"
)
_SPACE = re.compile(r"\s+")
_UNIT_ZH = re.compile(rf"[{HAN}]|\d|[A-Za-z]+|[%℃]")
_UNIT_EN = re.compile(rf"[{HAN}]|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’\-][^\W\d_]+)*|[%&]")


@lru_cache(maxsize=4096)
def spoken_units(text: str, language: Language) -> float:
    """Length as it is spoken: characters in Chinese, words in English. Signs and emoji count nothing."""
    if language is Language.ZH:
        return sum([_units_zh(part) for part in _UNIT_ZH.findall(text)])
    return sum([_units_en(part) for part in _UNIT_EN.findall(text)])


def _units_zh(part: str) -> float:
    if part in "%℃":
        return 3.0
    return max(1.0, len(part) / 2) if part.isascii() and part.isalpha() else 1.0


def _units_en(part: str) -> float:
    if part[0].isdigit():
        return max(1.0, sum(c.isdigit() for c in part) * 0.8)
    return 0.6 if not part.isascii() and len(part) == 1 else 1.0


@lru_cache(maxsize=16)
def cut_lines(copy: str, language: Language, target: float) -> tuple[str, ...]:
    """Lines of about ``target`` characters or words; joined they are the copy but for white space.

    A stretch that offers no place to cut stays whole, however long. Empty for a copy without a word.
    """
    pieces, ways = _ways(copy, language)
    if not ways:
        return ()
    wished = max(target, SHORTEST[language])
    cheapest, places = [0.0], [0]
    for last, lines in ways:
        best, place, end = inf, 0, len(cheapest)
        for start, units, short, long, crossing in lines:
            cost = (units / target - 1) ** 2 + short + long + last if units else _WORDLESS + last
            # Beyond the wished length, longer is dearer.
            if units > wished and cost > best and start < end - 1:
                break
            cost = cheapest[start] + (cost + crossing)
            if cost <= best:
                best, place = cost, start
        cheapest.append(best)
        places.append(place)
    found, end = [], len(pieces)
    while end:
        start = places[end]
        found.append("".join(pieces[start:end]).strip())
        end = start
    return tuple(reversed(found))


_Ways = list[tuple[float, list[tuple[int, float, float, float, float]]]]
"""For each place where a line may end: what a cut there costs, and the lines that may end there, the shortest
first; of each its first piece, its length, and what being too short, too long and across sentences costs."""


# A row's variants ask for lines of other lengths from the same copy.
@lru_cache(maxsize=8)
def _ways(copy: str, language: Language) -> tuple[list[str], _Ways]:
    """What lies between the places for a cut, and every line that can be made of it; none without a word."""
    places = _places(copy, language)
    ends = [position for position, _ in places]
    pieces = [copy[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    total = [0.0, *accumulate([spoken_units(piece, language) for piece in pieces])]
    if total[-1] == 0:
        return pieces, []
    least, most = SHORTEST[language], LONGEST[language]
    whole = [kind is Break.SENTENCE for _, kind in places]
    ended = [0, *accumulate(whole)]
    ways: _Ways = []
    for end, (_, kind) in enumerate(places, start=1):
        lines = []
        for start in range(end - 1, -1, -1):
            units = total[end] - total[start]
            if start < end - 1 and units > 3 * most:
                break
            short = 2 * ((least - units) / least) if units < least else 0.0
            long = 8 * ((units - most) / most) if units > most else 0.0
            inner = ended[end - 1] - ended[start]
            halves = (not whole[end - 1]) + (start > 0 and not whole[start - 1])
            lines.append((start, units, short, long, _crossing_cost(inner, halves) if inner else 0.0))
        ways.append((BREAK_COST[kind], lines))
    return pieces, ways


def _crossing_cost(inner: int, halves: int) -> float:
    """A line may hold two whole sentences, but the end of one and the start of the next read badly.

    ``inner`` sentences end within the line, and ``halves`` of its ends lie within a sentence.
    """
    return 0.35 * inner + 0.9 * halves


def _places(copy: str, language: Language) -> list[tuple[int, Break]]:
    """Every place where a cut may lie, in order; the end of the copy is the last."""
    found: dict[int, Break] = {}
    for kind, pattern in _MARKS:
        for match in pattern.finditer(copy):
            if match.end():
                found[match.end()] = max(kind, found.get(match.end(), kind))
    soft = [(Break.SOFT, _SOFT_EN), (Break.WORD, _SPACE)] if language is Language.EN else []
    if language is Language.ZH:
        soft = [(Break.CLAUSE, _SPACE), (Break.SOFT, _SOFT_ZH)]
    for kind, pattern in soft:
        for match in pattern.finditer(copy):
            found.setdefault(match.end(), kind)
    for start, end in _whole_spans(copy, language):
        for position in [p for p in found if start < p < end]:
            del found[position]
    found.pop(0, None)
    found[len(copy)] = Break.SENTENCE
    return sorted(found.items())


def _whole_spans(copy: str, language: Language) -> list[tuple[int, int]]:
    spans = [match.span() for match in _KEPT_WHOLE.finditer(copy)]
    limit = LONGEST_QUOTATION * LONGEST[language]
    spans += [m.span() for m in _QUOTED.finditer(copy) if spoken_units(m.group(), language) <= limit]
    return spans
