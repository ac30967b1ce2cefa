"""Picture tables: what a camera can show of each kind of product, in both languages.

One YAML file per category in ``tables/``, so that a director can add to them without touching code.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from ahocorasick_rs import AhoCorasick
from pydantic import BaseModel, ConfigDict, Field

from campaign.brief import Language
from campaign.camera import ShotSize
from campaign.yaml_text import read_yaml

FOLDER = Path(__file__).parent / "tables"
COMMON = "common"
PLATFORMS = re.compile("天猫|小红书|京东|淘宝|抖音|快手|拼多多|微信|视频号", re.IGNORECASE)
"""Names that say where a product is sold, and hold words of other products (猫, 书)."""
GENERIC = "generic"

Role = Literal["open", "detail", "use", "people", "hero"]
Setting = Literal["indoor", "outdoor", "studio"]
Time = Literal["dawn", "day", "golden", "night"]


SIZES: dict[Role, tuple[ShotSize, ...]] = {
    "open": (ShotSize.WIDE, ShotSize.FULL),
    "detail": (ShotSize.CLOSE_UP, ShotSize.MEDIUM_CLOSE),
    "use": (ShotSize.MEDIUM, ShotSize.MEDIUM_CLOSE),
    "people": (ShotSize.MEDIUM, ShotSize.FULL),
    "hero": (ShotSize.MEDIUM_CLOSE, ShotSize.MEDIUM),
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WordLists(_Part):
    """Words to look for in copy: anywhere in Chinese, as a word in any of its usual endings in English."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    def weight(self, text: str) -> int:
        """How much of ``text`` is these words, in letters, each time they are said."""
        chinese = sum([len(word) * text.count(word) for word in self.zh if word in text])
        return chinese + sum(map(len, _english_in(self.en, text)))

    def found(self, text: str) -> tuple[str, ...]:
        """Those of either language that occur in ``text``, the longest first."""
        if not (self.zh or self.en):
            return ()
        chinese = [word for word in self.zh if word in text]
        return tuple(sorted(chinese + sorted(set(_english_in(self.en, text))), key=len, reverse=True))


def _english_in(words: tuple[str, ...], text: str) -> list[str]:
    """Each time that one of ``words`` is said in ``text``."""
    folded = text.casefold()
    return [folded[start:end] for start, end in _english_places(words, folded)]


def _english_places(words: tuple[str, ...], text: str) -> list[tuple[int, int]]:
    """From where to where one of ``words`` is said in ``text``, its ending left out."""
    if not words:
        return []
    folded, (letters, pattern) = text.casefold(), _english(words)
    # Most texts hold none of them at all, which is seen in a tenth of the pattern's time.
    near = [word for word in letters if word in folded]
    return [match.span(1) for match in pattern.finditer(folded)] if near else []


@lru_cache(maxsize=1024)
def _english(words: tuple[str, ...]) -> tuple[tuple[str, ...], re.Pattern[str]]:
    longest_first = sorted((word.casefold() for word in words), key=len, reverse=True)
    choice = "|".join(re.escape(word) for word in longest_first)
    return tuple(longest_first), re.compile(rf"(?<![a-z])({choice})(?:s|es|d|ed|ing|er|ers|y)?(?![a-z])")


class Kind(_Part):
    """A form that a category's product comes in."""

    words: WordLists
    zh: tuple[str, str]
    """Measure and noun."""
    en: tuple[str, str]
    """Article or measure, and noun."""
    symbol: bool = False
    """The noun stands for what cannot be shown, and never bears its name: shoes for a running club."""


class Picture(_Part):
    """One thing to show: who or what, doing what, where."""

    id: str
    role: Role
    setting: Setting
    framing: tuple[ShotSize, ...] = Field(default=(), alias="sizes")
    """Shot sizes that suit it, the best first; empty takes those of its role."""
    time: Time | None = None
    """Where the picture makes sense at one time of day only."""
    walks: bool = False
    """Whether somebody walks, so that a camera can follow."""
    unless: WordLists = WordLists()
    """Words in the product's name with which this picture would be wrong: no steam over a cold brew."""
    on_cue: bool = False
    """Out of place unless the line speaks of it."""
    cues: WordLists = WordLists()
    """Words of a line that this picture answers to."""
    zh: tuple[str, str, str]
    en: tuple[str, str, str]

    def words(self, language: Language) -> tuple[str, str, str]:
        """Subject, action and place, with ``{product}`` and ``{person}`` still open."""
        return self.zh if language is Language.ZH else self.en

    @property
    def sizes(self) -> tuple[ShotSize, ...]:
        return self.framing or SIZES[self.role]

    @property
    def shows_product(self) -> bool:
        return "{product}" in self.zh[0] + self.zh[1]

    @property
    def shows_person(self) -> bool:
        return self.role == "people" or "{person}" in self.zh[0]


class Person(_Part):
    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


class Category(_Part):
    """A kind of product with the pictures that suit it."""

    name: str
    words: WordLists
    hints: WordLists = WordLists()
    """Words too common to decide where another category's own words stand beside them."""
    heads: WordLists = WordLists()
    """Words that tell only where a product's name ends in them: 店, and shop, which copy says of anything."""
    handy: bool = True
    """Small enough for a hand or a table, where the pictures that fit any product put it."""
    abstract: bool = False
    """Nothing to hold: the product's name is not put into a picture, only what stands for it."""
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    """The last is taken where no word of the others is found."""
    person: Person
    times: Annotated[tuple[Time, ...], Field(min_length=1)]
    """Times of day that suit it, the best first."""
    pictures: tuple[Picture, ...]

    def kind(self, *texts: str) -> Kind:
        """The form that the first of ``texts`` to name one names."""
        named = (kind for text in texts for kind in self.kinds if kind.words.found(text))
        return next(named, self.kinds[-1])

    @cached_property
    def cues(self) -> "Cues":
        """Of all pictures that may be shown of it."""
        return Cues(pictures_of(self), frozenset(picture.id for picture in self.pictures))


_T = TypeVar("_T")


class _Scan(Generic[_T]):
    """Words of many owners, looked for in a text all at once: a text holds few of hundreds."""

    def __init__(self, words: Iterable[tuple[str, _T]]) -> None:
        owners: dict[str, list[_T]] = {}
        for word, owner in words:
            owners.setdefault(word, []).append(owner)
        self._owners = list(owners.values())
        self._automaton = AhoCorasick(list(owners))

    def owners(self, text: str) -> list[_T]:
        """Whose each word is that stands anywhere in ``text``; once for each word."""
        found = {index for index, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        return [owner for index in found for owner in self._owners[index]]


class Cues:
    """The cue words of many pictures, looked for in a text all at once."""

    def __init__(self, pictures: tuple[Picture, ...], own: frozenset[str]) -> None:
        self.pictures = pictures
        self.own = own
        """Ids of those that belong to one category alone."""
        self._zh = _Scan((word, p.id) for p in pictures for word in p.cues.zh)
        self._en = _Scan((word.casefold(), p) for p in pictures for word in p.cues.en)
        self.said_in = lru_cache(maxsize=64)(self._said_in)

    def _said_in(self, text: str) -> Mapping[str, int]:
        """How many words of each picture's own occur in ``text``, by picture id; 0 is left out."""
        counts: dict[str, int] = {}
        for name in self._zh.owners(text):
            counts[name] = counts.get(name, 0) + 1
        for picture in {p.id: p for p in self._en.owners(text.casefold())}.values():
            said = len(set(_english_in(picture.cues.en, text)))
            counts[picture.id] = counts.get(picture.id, 0) + said
        return counts


@lru_cache(maxsize=1)
def categories() -> dict[str, Category]:
    """Every category by name."""
    return {
        path.stem: Category.model_validate({"name": path.stem, **_load(path)})
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.stem != COMMON
    }


@lru_cache(maxsize=1)
def common_pictures() -> tuple[Picture, ...]:
    """Pictures that fit every category."""
    return tuple(Picture.model_validate(item) for item in _load(FOLDER / f"{COMMON}.yaml")["pictures"])


def pictures_of(category: Category) -> tuple[Picture, ...]:
    """Its own pictures, then those of ``common.yaml`` that make sense with its product."""
    common = tuple(p for p in common_pictures() if category.handy or not p.shows_product)
    return (*category.pictures, *common)


def _load(path: Path) -> dict[str, Any]:
    data = read_yaml(path.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


@lru_cache(maxsize=64)
def detect_category(product: str, *texts: str) -> Category:
    """The category of the last word that the product's name has of any.

    So names are built in both languages: 橙子便利店 is a shop and no orange, a tea towel no tea. Else the one
    whose words the first of ``texts`` to have any has most of; ``generic`` where none has.
    """
    plain = [PLATFORMS.sub("", text) for text in texts]
    if name := _last_named(PLATFORMS.sub("", product)):
        return categories()[name]
    for strength in _STRENGTHS:
        zh, en = _named(strength)
        for text in plain:
            near = {*zh.owners(text), *en.owners(text.casefold())}
            scores = {
                name: getattr(category, strength).weight(text)
                for name, category in categories().items()
                if name in near
            }
            best = max(scores, key=lambda name: scores[name], default=GENERIC)
            if scores.get(best):
                return categories()[best]
    return categories()[GENERIC]


def _last_named(product: str) -> str | None:
    """The category of the word that stands last in the name, of several that end there the longest one's."""
    ends: list[tuple[int, int, str]] = []
    for name, category in categories().items():
        for words in (category.words, category.hints, category.heads):
            ends += [
                (product.rfind(word) + len(word), len(word), name) for word in words.zh if word in product
            ]
            ends += [(end, end - start, name) for start, end in _english_places(words.en, product)]
    return max(ends)[2] if ends else None


_STRENGTHS = ("words", "hints")


@lru_cache(maxsize=len(_STRENGTHS))
def _named(strength: str) -> tuple[_Scan[str], _Scan[str]]:
    """Which categories' words, Chinese and English, stand in a text."""
    lists = [(name, getattr(category, strength)) for name, category in categories().items()]
    return (
        _Scan((word, name) for name, words in lists for word in words.zh),
        _Scan((word.casefold(), name) for name, words in lists for word in words.en),
    )
