"""A few words of a line that stand alone as designed type.

No word segmenter: only stretches whose both ends are known to be word boundaries are taken, so that no
word is ever halved. Where a line offers none there is no headline.
"""

import re
from functools import lru_cache

from campaign.brief import Language
from model.expansion.lines import EMOJI, HAN, spoken_units

LENGTHS = {Language.ZH: (2, 8), Language.EN: (1, 4)}
"""Fewest and most characters or words."""
LONG_WORD = 8
"""Letters of an English word that may stand alone."""

_EDGES = re.compile(rf"[，。！？；：、,!?;:—…~～\n]+|\.+(?=\s|$)|{EMOJI}|\s[-–]\s|(?<=[{HAN}])\s+(?=[{HAN}])")
_SMALL_PRINT = re.compile(
    r"风险|谨慎|详见|仅供参考|解释权|遵医嘱|\b(?:risk|terms|conditions apply|may vary|see website)\b",
    re.IGNORECASE,
)
"""Duties, not messages."""
_ASIDE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|#\S+")
_QUOTED = re.compile(r"[《“「『]([^》”」』]+)[》”」』]")
_FIGURE_ZH = re.compile(
    r"(?:零下|立减|直降|省|优惠|海拔|昼夜温差|温差|续航|保温|仅需|只需|低至|试用|前)?(?<![\d.])\d+(?:\.\d+)?\s?"
    r"(?:小时|分钟|秒|天|年|米|公里|克|斤|毫升|升|度|层|道|折|元|款|色|%|℃|件|次|杯)"
)
_FIGURE_EN = re.compile(
    r"\b\d+(?:[.,]\d+)?(?:%|-?\s?(?:hours?|minutes?|days?|years?|grams?|ml|g|kg|miles?|layers?|colou?rs?))\b"
)
_OPENERS_ZH = (
    "而", "但", "也", "就", "都", "却", "又", "再", "还", "并", "则", "把", "被", "让", "使", "给", "向",
    "往", "从", "自", "在", "于", "当", "以", "为", "因", "所", "如", "若", "是", "有", "和", "与", "及",
    "或", "的", "了", "着", "过", "地", "得", "吗", "呢", "吧", "啊", "这", "那", "它", "他", "她", "我",
    "你", "您", "咱", "不仅", "每", "更", "最",
)  # fmt: skip
_CLOSERS_ZH = (
    "的", "和", "与", "及", "或", "在", "把", "被", "从", "向", "让", "给", "对", "为", "是", "有", "于",
    "以", "就", "也", "都", "还", "很", "更", "最", "不", "地", "得", "着", "能", "会", "要", "想", "可以",
    "一", "每", "这", "那", "我", "你", "您", "它", "他", "她", "们", "说", "道", "问", "来", "去", "时",
    "开始", "结束", "出发",
)  # fmt: skip
_HEAD_ZH = re.compile(rf"(?<![{HAN}][目标])的(?!确|士|话|时候)([{HAN}A-Za-z0-9]{{2,8}})$")
_FUNCTION_EN = frozenset(
    (
        "a", "an", "the", "this", "that", "these", "those", "my", "your", "our", "his", "her", "its",
        "their", "some", "any", "every", "each", "no", "all", "both", "of", "in", "on", "at", "by",
        "to", "for", "from", "with", "without", "into", "onto", "over", "under", "between", "around",
        "through", "after", "before", "until", "while", "as", "than", "and", "or", "but", "nor", "so",
        "if", "when", "where", "who", "whom", "whose", "which", "what", "why", "how", "because", "is",
        "are", "was", "were", "be", "been", "being", "am", "do", "does", "did", "has", "have", "had",
        "will", "would", "can", "could", "should", "may", "might", "must", "shall", "not", "i", "you",
        "he", "she", "it", "we", "they", "me", "him", "us", "them", "just", "only", "even", "still",
        "also", "too", "very", "more", "most", "then", "there", "here", "now", "let", "lets", "make",
        "makes", "made", "get", "gets", "keep", "keeps", "give", "gives", "take", "takes", "bring",
        "brings", "turn", "turns", "meet", "meets", "come", "comes", "go", "goes", "feel", "feels",
        "taste", "tastes", "nothing", "everything", "something", "anything", "nobody", "everybody",
        "someone", "everyone", "say", "says", "want", "wants", "need", "needs", "like", "one", "start",
        "starts", "begin", "begins", "end", "ends", "stop", "stops", "last", "lasts", "work", "works",
        "reach", "reaches", "arrive", "arrives", "stay", "stays", "move", "moves", "fit", "fits",
        "wait", "waits", "sink", "sinks", "grow", "grows", "wear", "wears",
    )
)  # fmt: skip
_NOUN_GATES_EN = frozenset((
    "a", "an", "the", "this", "these", "those", "my", "your", "our", "his", "her", "its",
    "their", "every", "each", "of", "in", "on", "at", "by", "for", "from", "with", "into",
    "onto", "over", "under", "between", "around", "through", "after", "before", "until", "no",
))  # fmt: skip
_AUXILIARY_EN = re.compile(r"(?:ly|n['’]t|['’](?:ll|re|ve|d|m))$", re.IGNORECASE)
_JOINERS_EN = frozenset(
    (
        "and",
        "or",
        "but",
        "so",
        "then",
        "nor",
        "if",
        "when",
        "because",
        "while",
        "as",
        "until",
        "that",
        "which",
        "who",
    )
)
_SIGNS = re.compile(r"\W+")
_WORD_EN = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*%?")


def headline(line: str, language: Language, used: tuple[str, ...]) -> str:
    """The strongest phrase of ``line`` that is not among ``used``, and never the whole line; may be empty."""
    if _SMALL_PRINT.search(line):
        return ""
    taken = [_bare(phrase) for phrase in used if phrase]
    best, best_score = "", 0.0
    for phrase, score in _candidates(_ASIDE.sub("", line), language):
        if score <= best_score or not fits_as_headline(phrase, language):
            continue
        bare = _bare(phrase)
        if bare != _bare(line) and not any(bare in other or other in bare for other in taken):
            best, best_score = phrase, score
    return best if language is Language.ZH else best[:1].upper() + best[1:]


def fits_as_headline(text: str, language: Language) -> bool:
    """Whether ``text``, a product's name or a title, is short enough to be set as it is."""
    low, high = LENGTHS[language]
    return low <= _length(text, language) <= high


def _length(phrase: str, language: Language) -> float:
    return spoken_units(phrase, language) if language is Language.ZH else len(phrase.split())


@lru_cache(maxsize=256)
def _bare(text: str) -> str:
    return _SIGNS.sub("", text).casefold()


@lru_cache(maxsize=64)
def _candidates(line: str, language: Language) -> list[tuple[str, float]]:
    found = [(m.group(1).strip(" ，。！？,.!?"), 6.0) for m in _QUOTED.finditer(line)]
    plain = _QUOTED.sub("，", line)
    clauses = [c.strip(" \t\"'“”‘’（）()【】") for c in _EDGES.split(plain) if c and c.strip()]
    if language is Language.ZH:
        found += [(m.group().replace(" ", ""), 4.0) for m in _FIGURE_ZH.finditer(plain)]
        return found + [pair for clause in clauses for pair in _from_clause_zh(clause)]
    found += [(m.group(), 4.0) for m in _FIGURE_EN.finditer(plain)]
    return found + [pair for clause in clauses for pair in _from_clause_en(clause)]


def _from_clause_zh(clause: str) -> list[tuple[str, float]]:
    found = []
    if _whole_zh(clause):
        counted = 0.8 if clause.startswith("一") else 0.0
        found.append((clause, 5.0 - counted - abs(spoken_units(clause, Language.ZH) - 4) * 0.4))
    head = _HEAD_ZH.search(clause)
    if head and _whole_zh(head.group(1)):
        found.append((head.group(1), 3.0 - abs(len(head.group(1)) - 4) * 0.3))
    return found


def _whole_zh(phrase: str) -> bool:
    return not phrase.startswith(_OPENERS_ZH) and not phrase.endswith(_CLOSERS_ZH)


def _from_clause_en(clause: str) -> list[tuple[str, float]]:
    words = [m.group() for m in _WORD_EN.finditer(clause)]
    found = []
    if 2 <= len(words) <= 4 and words[0].casefold() not in _JOINERS_EN:
        ends_open = words[-1].casefold() in _FUNCTION_EN
        starts_low = words[0].casefold() in {"to", "for", "from", "by", "of", "with", "in", "on", "at"}
        found.append((clause, 0.0 if ends_open else 3.2 if starts_low else 4.5))
    run: list[str] = []
    gate = True
    for word in [*words, "the"]:
        if word.casefold() in _FUNCTION_EN or _AUXILIARY_EN.search(word):
            if len(run) == 3 and run[-1].endswith("s") and not run[-1].endswith("ss"):
                # "wool duvet breathes in": the third word is as likely its verb.
                run = run[:2]
            if gate and 2 <= len(run) <= 3:
                found.append((" ".join(run), 2.0 + 0.5 * len(run)))
            elif gate and len(run) == 1 and len(run[0]) >= LONG_WORD and not run[0].endswith("ing"):
                found.append((run[0], 1.0))
            run = []
            gate = word.casefold() in _NOUN_GATES_EN
        else:
            run.append(word)
    return found
