"""Which picture answers to which line, and the arc they make."""

import re
from functools import lru_cache
from random import Random

from campaign.brief import Brief
from campaign.camera import ShotSize
from model.expansion.people import is_person
from model.expansion.pictures import Category, Cues, Picture, Role, Time

TIME_WORDS: tuple[tuple[Time, re.Pattern[str]], ...] = (
    (
        "dawn",
        re.compile(
            r"清晨|早晨|清早|晨光|晨雾|破晓|日出|早上|\b(?:morning|dawn|sunrise|daybreak)\b", re.IGNORECASE
        ),
    ),
    (
        "golden",
        re.compile(
            r"黄昏|傍晚|夕阳|日落|落日|\b(?:sunset|dusk|evening|golden hour|late afternoon)\b", re.IGNORECASE
        ),
    ),
    (
        "night",
        re.compile(
            r"夜晚|深夜|夜里|夜间|今夜|月光|月下|星空|晚上|\b(?:night|midnight|moonlight)\b",
            re.IGNORECASE,
        ),
    ),
    ("day", re.compile(r"白天|正午|午后|中午|\b(?:noon|midday|afternoon|daytime)\b", re.IGNORECASE)),
)

CUE = 5.0
"""For each of at most two words of the line that a picture answers to."""
FAINT_CUE = 1.6
"""Where the words are of the whole copy, or the picture would open the spot without being an opening."""
ROLE = 4.0
OWN = 2.0
"""A category's own picture goes before one that fits anything."""
MISFRAMED = -6.0
"""Where the row asks for a shot size far from the picture's: a valley in close-up shows nothing."""
REPEATED = -8.0
"""For each other shot with the same picture, and again where it is the neighbour."""
UNCALLED = -14.0
"""Of a picture that is out of place unless spoken of: worse than showing another one again."""
TASTE = 1.5
"""At most, of a variant's own liking."""
_MIDDLE: tuple[Role, ...] = ("detail", "use", "detail", "people")


@lru_cache(maxsize=256)
def time_in(text: str) -> Time | None:
    """The time of day that ``text`` names; None where it names none, or several."""
    named = [time for time, words in TIME_WORDS if words.search(text)]
    return named[0] if len(named) == 1 else None


def roles_of(lines: tuple[str, ...]) -> tuple[Role, ...]:
    """Arc of a spot: it opens wide, looks close, shows use and people, and ends on the product."""
    if len(lines) == 1:
        return ("hero",)
    middle = tuple(_MIDDLE[index % len(_MIDDLE)] for index in range(len(lines) - 2))
    return ("open", *middle, "hero")


def choose_pictures(
    lines: tuple[str, ...], roles: tuple[Role, ...], category: Category, brief: Brief, salt: str
) -> list[Picture]:
    """The best picture for each line: what it speaks of, then its place in the arc; none twice without need.

    A silent shot answers to the whole copy. ``salt`` decides between pictures that suit alike; each picture
    has its own liking, so that one more in a table moves no other.
    """
    heroes, others = _candidates(category.cues, brief.product, brief.subject, brief.action, brief.environment)
    liking = _Liking(salt)
    asked = [camera.size for camera in brief.cameras]
    hinted = {name: min(1, count) for name, count in category.cues.said_in(brief.product).items()}
    chosen: dict[int, Picture] = {}
    times: dict[str, int] = {}
    # What is spoken of is chosen first: a silent shot can do with what is left.
    for index in sorted(range(len(lines)), key=lambda i: not lines[i]):
        line, role = lines[index], roles[index]
        cued = category.cues.said_in(line or brief.copy)
        beside = [chosen[i].id for i in (index - 1, index + 1) if i in chosen]
        candidates = heroes if role == "hero" else others
        size = asked[index % len(asked)] if asked else None
        scores = candidates.plain(role, size).copy()
        for name in {*cued, *hinted, *times}.intersection(candidates.places):
            place = candidates.places[name]
            picture = candidates.pictures[place]
            cues, hint = min(2, cued.get(name, 0)), hinted.get(name, 0)
            faint = not line or (role == "open" and picture.role != role)
            score = (FAINT_CUE if faint else CUE) * cues + FAINT_CUE * hint
            score += candidates.standing(picture, role, size, called=bool(cues + hint))
            score += REPEATED * times.get(name, 0) + (REPEATED if name in beside else 0.0)
            scores[place] = score
        best = liking.best(candidates.pictures, scores)
        chosen[index] = best
        times[best.id] = times.get(best.id, 0) + 1
    return [chosen[index] for index in range(len(lines))]


class _Candidates:
    """Pictures that may be chosen for a shot."""

    def __init__(self, pictures: list[Picture], own: frozenset[str]) -> None:
        self.pictures = pictures
        self.places = {picture.id: place for place, picture in enumerate(pictures)}
        self._own = own
        self._plain: dict[tuple[Role, ShotSize | None], list[float]] = {}

    def plain(self, role: Role, size: ShotSize | None) -> list[float]:
        """Score of each in a shot that speaks of none of them, none having been shown."""
        if (role, size) not in self._plain:
            scores = [self.standing(picture, role, size, called=False) for picture in self.pictures]
            self._plain[role, size] = scores
        return self._plain[role, size]

    def standing(self, picture: Picture, role: Role, size: ShotSize | None, *, called: bool) -> float:
        """The part of a score that no line decides but by calling for the picture."""
        score = ROLE if picture.role == role else 0.0
        if picture.id in self._own:
            score += OWN
        if size and _far(size, picture.sizes):
            score += MISFRAMED
        if picture.on_cue and not called:
            score += UNCALLED
        return score


class _Liking:
    """A variant's own, from 0 to `TASTE` for each picture."""

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self._known: dict[str, float] = {}

    def best(self, pictures: list[Picture], scores: list[float]) -> Picture:
        """The picture with the highest score and liking together; the first of those that are equal."""
        # Drawing a liking costs more than all the rest of a score: only where it can decide.
        enough = max(scores) - TASTE - 1e-9
        near = [place for place, score in enumerate(scores) if score >= enough]
        if len(near) > 1:
            return pictures[max(near, key=lambda place: scores[place] + self._of(pictures[place].id))]
        return pictures[near[0]]

    def _of(self, name: str) -> float:
        if name not in self._known:
            self._known[name] = Random(f"{self._salt}/{name}").random() * TASTE
        return self._known[name]


@lru_cache(maxsize=1024)
def _far(size: ShotSize, sizes: tuple[ShotSize, ...]) -> bool:
    order = list(ShotSize)
    return min(abs(order.index(size) - order.index(own)) for own in sizes) > 1


_OUTDOORS = re.compile(
    r"桥|街|巷|山|海|湖|江|河|园|田|广场|森林|草地|露台|沙滩|雪地|城墙|码头|"
    r"\b(?:street|bridge|square|beach|garden|park|field|forest|lake|river|mountain|hill|road|coast|rooftop|"
    r"harbou?r|village|market|desert|meadow)\b",
    re.IGNORECASE,
)
_INDOORS = re.compile(
    r"室|厅|房间|厨房|店里|书房|卧|办公|车厢|茶馆|咖啡馆|"
    r"\b(?:room|studio|kitchen|cafe|office|shop|bedroom|indoors?|hall|library|bathroom|workshop)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def _candidates(
    cues: Cues, product: str, subject: str, action: str, environment: str
) -> tuple[_Candidates, _Candidates]:
    """The pictures that go with what the row itself names: those of the hero shot, and all others.

    The place gives way before the subject does.
    """
    every = [picture for picture in cues.pictures if not picture.unless.found(product)]
    fitting = [picture for picture in every if _fits_subject(picture, subject, action)] or every
    pool = [picture for picture in fitting if _fits_place(picture, environment)] or fitting
    heroes = [picture for picture in pool if picture.role == "hero"] or pool
    others = [picture for picture in pool if picture.role != "hero"] or pool
    return _Candidates(heroes, cues.own), _Candidates(others, cues.own)


def _fits_subject(picture: Picture, subject: str, action: str) -> bool:
    """A subject that the row names takes the place of a like one, unless it brings its own action."""
    if not subject or action:
        return True
    return picture.zh[0] == ("{person}" if is_person(subject) else "{product}")


def _fits_place(picture: Picture, environment: str) -> bool:
    """A place that the row names is no studio, and not both outdoors and indoors."""
    if not environment or picture.role == "hero":
        return True
    if _OUTDOORS.search(environment):
        return picture.setting == "outdoor"
    if _INDOORS.search(environment):
        return picture.setting == "indoor"
    return picture.setting != "studio"
