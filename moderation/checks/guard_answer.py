"""What a Qwen3Guard-Gen model answers, read strictly: what cannot be read is an error, never a pass.

The form, from the model card::

    Safety: Unsafe
    Categories: Violent
    Refusal: No            (only where a reply was judged, not a prompt)
"""

import re
from dataclasses import dataclass

from campaign.errors import CheckFailedError
from moderation.finding import Category

SAFETY = {"Safe": 0, "Controversial": 3, "Unsafe": 6}
"""The model's three levels, as severities."""
CATEGORIES = {
    "Violent": Category.VIOLENCE,
    "Non-violent Illegal Acts": Category.ILLEGAL_REGULATED,
    "Sexual Content or Sexual Acts": Category.SEXUAL,
    "PII": Category.LIKENESS_PRIVACY,
    "Personally Identifiable Information": Category.LIKENESS_PRIVACY,
    "Suicide & Self-Harm": Category.SELF_HARM,
    "Unethical Acts": Category.HATE_TOXICITY,
    "Politically Sensitive Topics": Category.POLITICAL,
    "Copyright Violation": Category.IP,
    "Jailbreak": Category.PLATFORM,
}
_LINE = re.compile(r"(Safety|Categories|Refusal):[ \t]*(.*?)[ \t]*")


@dataclass(frozen=True, slots=True)
class GuardAnswer:
    severity: int
    categories: tuple[str, ...]
    """The model's own names; empty when it is safe."""


def read_answer(text: str) -> GuardAnswer:
    """The answer in ``text``.

    Raises:
        CheckFailedError: it is not of the form, names something unknown, or contradicts itself.
    """
    said: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.strip().splitlines())):
        match = _LINE.fullmatch(line)
        if not match or match[1] in said:
            raise _unreadable(text)
        said[match[1]] = match[2]
    if said.get("Safety") not in SAFETY or "Categories" not in said:
        raise _unreadable(text)
    severity = SAFETY[said["Safety"]]
    names = tuple(name.strip() for name in said["Categories"].split(",") if name.strip() not in ("", "None"))
    if any(name not in CATEGORIES for name in names) or bool(names) != bool(severity):
        raise _unreadable(text)
    return GuardAnswer(severity, names)


def _unreadable(text: str) -> CheckFailedError:
    return CheckFailedError(
        f"The guard model answered {text.strip()[:60]!r}, which is not of its form.",
        "Check that it is a Qwen3Guard-Gen model; a person must look at this text.",
    )
