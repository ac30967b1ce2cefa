"""People in pictures: whom an audience should see, and whether a written subject is a human being."""

import re
from functools import lru_cache

from campaign.brief import Language

_AUDIENCES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"宝妈|妈妈|母亲|孕|\b(?:mothers?|mums?|moms?)\b", re.IGNORECASE),
        "一位三十岁左右的母亲",
        "a mother in her thirties",
    ),
    (re.compile(r"家长|\bparents?\b", re.IGNORECASE), "一位三十多岁的家长", "a parent of about thirty-five"),
    (
        re.compile(r"爸爸|父亲|\b(?:fathers?|dads?)\b", re.IGNORECASE),
        "一位三十多岁的父亲",
        "a father in his thirties",
    ),
    (
        re.compile(
            r"老人|银发|长辈|中老年|退休|\b(?:seniors?|elderly|retire\w*|grandparents?)\b", re.IGNORECASE
        ),
        "一位银发老人",
        "a silver-haired woman",
    ),
    (
        re.compile(r"学生|大学|校园|\b(?:students?|campus)\b", re.IGNORECASE),
        "一位背双肩包的大学生",
        "a university student with a backpack",
    ),
    (re.compile(r"情侣|恋人|\bcouples?\b", re.IGNORECASE), "一对年轻情侣", "a young couple"),
    (
        re.compile(r"健身|跑者|运动|\b(?:runners?|athletes?|fitness|gym)\b", re.IGNORECASE),
        "一位穿运动服的年轻人",
        "a young athlete in training clothes",
    ),
    (
        re.compile(r"白领|上班族|职场|通勤|\b(?:office|professionals?|commuters?|workers?)\b", re.IGNORECASE),
        "一位穿衬衫的年轻上班族",
        "a young office worker in a shirt",
    ),
    (
        re.compile(r"男士|男性|男生|男人|\b(?:men|male)\b", re.IGNORECASE),
        "一位三十岁左右的男子",
        "a man in his thirties",
    ),
    (
        re.compile(r"女士|女性|女生|女人|女孩|\b(?:women|female|girls)\b", re.IGNORECASE),
        "一位二十多岁的女子",
        "a woman in her twenties",
    ),
)
_PERSON = re.compile(
    r"[一两三几]位|(?<!机器)(?<!无)人(?!参|造|工智能)|女子|女孩|女生|女性|男子|男孩|男生|男性|姑娘|孩子|师傅|模特|妈妈|爸爸|爷爷|奶奶|青年|少年|少女|"
    r"老者|\b(?:wo)?m[ae]n\b|\bgirls?\b|\bboys?\b|\b(?:person|people|child|children|family|couple|barista|chef|"
    r"runner|mother|father|model|farmer|worker|student|traveller|traveler|potter|artisan)s?\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def person_for(audience: str, language: Language) -> str:
    """Whom that audience should see in the picture; empty where it names nobody in particular."""
    for words, zh, en in _AUDIENCES:
        if words.search(audience):
            return zh if language is Language.ZH else en
    return ""


def is_person(subject: str) -> bool:
    """Whether a subject that somebody wrote is a human being."""
    return bool(_PERSON.search(subject))
