"""What a language model may answer, and what is wrong with an answer that has the right shape."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from campaign.brief import Language
from campaign.camera import Angle, Camera, CameraMove, ShotSize
from campaign.storyboard import ShotPrompt
from model.expansion.headline import fits_as_headline
from model.lint import PromptLimits, lint

Phrase = Annotated[str, Field(min_length=2, max_length=240)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class AnsweredShot(_Strict):
    subject: Phrase
    action: Phrase
    environment: Phrase
    move: CameraMove
    size: ShotSize
    angle: Angle
    headline: Annotated[str, Field(max_length=60)]
    shows_product: bool
    shows_people: bool

    @property
    def camera(self) -> Camera:
        return Camera(move=self.move, size=self.size, angle=self.angle)


class Answer(_Strict):
    style: Phrase
    shots: Annotated[tuple[AnsweredShot, ...], Field(min_length=1)]


def problems_of(answer: Answer, lines: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """What breaks the rules, in words that a model can mend; empty where nothing does."""
    if len(answer.shots) != len(lines):
        return (
            f"shots: there are {len(answer.shots)}, but {len(lines)} lines; write one shot for each line",
        )
    found: list[str] = []
    heads: set[str] = set()
    for number, (shot, line) in enumerate(zip(answer.shots, lines, strict=True), start=1):
        prompt = ShotPrompt(
            subject=shot.subject,
            action=shot.action,
            environment=shot.environment,
            camera=shot.camera,
            style=answer.style,
            negative="",
        )
        found += [f"shot {number}: {note}" for note in lint(prompt, language, PromptLimits())]
        found += [
            f"shot {number}: the {field} is not in the row's language ({language.value})"
            for field in ("subject", "action", "environment")
            if not _is_in(getattr(prompt, field), language)
        ]
        found += [
            f"shot {number}: {problem}"
            for problem in _headline_problems(shot.headline, line, language, heads)
        ]
        heads.add(shot.headline)
    return tuple(dict.fromkeys(found))


def _headline_problems(headline: str, line: str, language: Language, used: set[str]) -> list[str]:
    if not headline:
        return []
    problems = []
    if not fits_as_headline(headline, language):
        problems.append(
            f"the headline {headline!r} is not 2 to 8 characters in Chinese, 1 to 4 words in English"
        )
    if headline in used:
        problems.append(f"the headline {headline!r} was used before")
    if _bare(headline) == _bare(line):
        problems.append("the headline is the whole line")
    return problems


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _is_in(text: str, language: Language) -> bool:
    return bool(re.search("[\u4e00-\u9fff]", text)) is (language is Language.ZH)
