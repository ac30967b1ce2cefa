"""The prompt linter: what a video model will not draw as it was meant, and what to write instead."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from campaign.brief import Language
from campaign.camera import CameraMove
from campaign.storyboard import ShotPrompt
from model.dialect import Dialect, render
from model.expansion.lines import spoken_units
from model.lint_advice import FIELD_NAMES, MOVE_NAMES, SAID
from model.lint_words import (
    CAMERA_PHRASES,
    CONTRADICTIONS,
    LITTLE_ELSE,
    MOST_CLAUSES,
    NEGATION,
    NEXT_ACTION,
    PERSON,
    PLACEHOLDER,
    TEXT,
    VAGUE,
    LintKind,
)

FIELDS = ("subject", "action", "environment", "style")


@dataclass(frozen=True, slots=True, kw_only=True)
class LintNote:
    """One thing that a person may want to write otherwise. Words are in the row's language."""

    kind: LintKind
    field: str
    """Of ShotPrompt."""
    word: str
    """As it stands in the prompt."""
    problem: str
    advice: str
    """What to write instead."""

    def __str__(self) -> str:
        return f"{self.problem} {self.advice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptLimits:
    """What a backend's model reads and can do. The empty one binds nothing."""

    dialect: Dialect | None = None
    max_length: int | None = None
    """Of the rendered prompt, as ``count`` measures it."""
    count: Callable[[str], int] = len
    moves: frozenset[CameraMove] | None = None
    """Camera moves it carries out; None for all."""
    languages: frozenset[Language] | None = None
    """Languages it reads; None for all."""


def lint(prompt: ShotPrompt, language: Language, limits: PromptLimits) -> tuple[LintNote, ...]:
    """Everything worth a word, in the order of the prompt's fields; empty where there is nothing."""
    notes = [note for field in FIELDS for note in _field_notes(field, getattr(prompt, field), language)]
    return (
        *notes,
        *_camera_notes(prompt, language),
        *_contradictions(prompt, language),
        *_limits(prompt, language, limits),
    )


def _note(kind: LintKind, field: str, word: str, language: Language, **words: str) -> LintNote:
    problem, advice = SAID[language][kind]
    filled = {"word": word, "field": FIELD_NAMES[language].get(field, field), **words}
    return LintNote(
        kind=kind, field=field, word=word, problem=problem.format(**filled), advice=advice.format(**filled)
    )


def _field_notes(field: str, text: str, language: Language) -> Iterator[LintNote]:
    if not text.strip():
        if field == "subject":
            yield _note(LintKind.EMPTY, field, "", language)
        return
    vague = [match.group() for match in VAGUE[language].finditer(text)]
    if vague and spoken_units(VAGUE[language].sub("", text), language) <= LITTLE_ELSE[language]:
        yield _note(LintKind.VAGUE, field, vague[0], language)
    for kind, pattern in ((LintKind.TEXT, TEXT[language]), (LintKind.NEGATION, NEGATION[language])):
        if match := pattern.search(text):
            yield _note(kind, field, match.group(), language)
    if match := PERSON[language].search(text):
        yield _note(LintKind.PERSON, field, next(g for g in match.groups() if g), language)
    if match := PLACEHOLDER.search(text):
        yield _note(LintKind.PLACEHOLDER, field, match.group(), language)
    if field == "action":
        yield from _action_notes(text, language)


def _action_notes(text: str, language: Language) -> Iterator[LintNote]:
    clauses = [
        part
        for part in text.replace("，", ",").replace("、", ",").replace("；", ",").split(",")
        if part.strip()
    ]
    if match := NEXT_ACTION[language].search(text):
        yield _note(LintKind.ACTIONS, "action", match.group(), language)
    elif len(clauses) > MOST_CLAUSES:
        yield _note(LintKind.ACTIONS, "action", clauses[MOST_CLAUSES].strip(), language)


def _camera_notes(prompt: ShotPrompt, language: Language) -> Iterator[LintNote]:
    for field in FIELDS:
        for move, pattern in CAMERA_PHRASES:
            match = pattern.search(getattr(prompt, field))
            if match and move is not prompt.camera.move:
                asked = MOVE_NAMES[language][prompt.camera.move]
                yield _note(LintKind.CONTRADICTION, field, match.group(), language, other=asked)


def _contradictions(prompt: ShotPrompt, language: Language) -> Iterator[LintNote]:
    for one, other in CONTRADICTIONS:
        for field in FIELDS:
            first = one.search(getattr(prompt, field))
            second = next((m for f in FIELDS if (m := other.search(getattr(prompt, f)))), None)
            if first and second:
                yield _note(LintKind.CONTRADICTION, field, first.group(), language, other=second.group())
                break


def _limits(prompt: ShotPrompt, language: Language, limits: PromptLimits) -> Iterator[LintNote]:
    if limits.languages is not None and language not in limits.languages:
        yield _note(
            LintKind.LANGUAGE, "subject", language.value, language, other=", ".join(sorted(limits.languages))
        )
    if limits.moves is not None and prompt.camera.move not in limits.moves:
        can = ", ".join(MOVE_NAMES[language][move] for move in CameraMove if move in limits.moves)
        yield _note(LintKind.MOVE, "camera", MOVE_NAMES[language][prompt.camera.move], language, other=can)
    if limits.dialect is not None and limits.max_length is not None:
        length = limits.count(render(prompt, limits.dialect).prompt)
        if length > limits.max_length:
            longest = max(FIELDS, key=lambda field: len(getattr(prompt, field)))
            yield _note(LintKind.LENGTH, longest, str(length), language, other=str(limits.max_length))
