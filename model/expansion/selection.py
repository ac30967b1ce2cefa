"""Which picture answers to which line, and the arc they make."""

import re
from random import Random

from campaign.brief import Brief, Language
from model.expansion.pictures import Category, Picture, Role, Time, common_pictures

TIME_WORDS: tuple[tuple[Time, re.Pattern[str]], ...] = (
    ("dawn", re.compile(r"清晨|早晨|清早|晨光|晨雾|破晓|日出|早上|\b(?:morning|dawn|sunrise|daybreak)\b", re.IGNORECASE)),
    ("golden", re.compile(r"黄昏|傍晚|夕阳|日落|落日|\b(?:sunset|dusk|golden hour|late afternoon)\b", re.IGNORECASE)),
    ("night", re.compile(r"夜晚|深夜|夜里|夜间|今夜|月光|月下|星空|晚上|\b(?:night|midnight|moonlight|evening)\b", re.IGNORECASE)),
    ("day", re.compile(r"白天|正午|午后|中午|\b(?:noon|midday|afternoon|daytime)\b", re.IGNORECASE)),
)

CUE = 5.0
ROLE = 4.0
OWN = 1.0
"""A category's own picture goes before one that fits anything."""
REPEATED = -12.0
_MIDDLE: tuple[Role, ...] = ("detail", "use", "detail", "people")


def time_in(text: str) -> Time | None:
    """The time of day that ``text`` names first, if any."""
    hits = [(match.start(), time) for time, words in TIME_WORDS if (match := words.search(text))]
    return min(hits)[1] if hits else None


def roles_of(lines: tuple[str, ...]) -> tuple[Role, ...]:
    """Arc of a spot: it opens wide, looks close, shows use and people, and ends on the product."""
    if len(lines) == 1:
        return ("hero",)
    middle = tuple(_MIDDLE[index % len(_MIDDLE)] for index in range(len(lines) - 2))
    return ("open", *middle, "hero")


def choose_pictures(
    lines: tuple[str, ...], roles: tuple[Role, ...], category: Category, brief: Brief, rng: Random
) -> list[Picture]:
    """The best picture for each line: what it speaks of, then its place in the arc; none twice in a row."""
    pool = [p for p in (*category.moments, *common_pictures()) if _allowed(p, brief)]
    taste = {picture.id: rng.random() * 1.5 for picture in pool}
    chosen: list[Picture] = []
    for line, role in zip(lines, roles, strict=True):
        candidates = [p for p in pool if (p.role == "hero") == (role == "hero")] or pool

        def score(picture: Picture, line: str = line, role: Role = role) -> float:
            return (
                CUE * min(2, len(picture.cues.found(line)))
                + (ROLE if picture.role == role else 0.0)
                + (OWN if picture in category.moments else 0.0)
                + taste[picture.id]
                + REPEATED * sum(other.id == picture.id for other in chosen)
            )

        chosen.append(max(candidates, key=score))
    return chosen


_PERSON = re.compile(
    r"人|女|男|姑娘|孩|师傅|模特|妈|爸|爷|奶|青年|少年|少女|老者|\b(?:wo)?m[ae]n\b|\bgirl|\bboy|\bperson|\bpeople|"
    r"\bchild|\bfamily|\bcouple|\bbarista|\bchef|\brunner|\bmother|\bfather|\bmodel\b",
    re.IGNORECASE,
)


def is_person(subject: str) -> bool:
    """Whether a subject that somebody wrote is a human being."""
    return bool(_PERSON.search(subject))


def _allowed(picture: Picture, brief: Brief) -> bool:
    """A subject that the row names takes the place of a like one: a person of a person, a thing of the product."""
    if not brief.subject or brief.action:
        return True
    subject = picture.words(Language.ZH)[0]
    return "{person}" in subject if is_person(brief.subject) else subject == "{product}"
