"""The port that looks at things, what it is given and what it answers.

To add a check: write ``moderation/checks/<name>.py`` with a class of this form and its options, add the row
to `moderation.registry.CHECKS`, name it in a policy's stages, and run ``tests/contract/checks``, which takes
every registered check through the same cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Protocol, Self

from pydantic import BaseModel, ConfigDict

from campaign.brief import Language
from campaign.content_key import Json
from moderation.finding import CheckReport, Coverage, Finding, Stage, Text

ABSENT = "missing: "
"""Begins the entry ``weights`` of a recipe where packages or weights are not here; the reason follows."""


class Reads(StrEnum):
    """What a check looks at."""

    TEXTS = "texts"
    PICTURES = "pictures"
    """Images and videos."""
    LABELS = "labels"
    ASSETS = "assets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A take or a rendition."""

    path: Path
    captions: tuple["Caption", ...] = ()
    """What we set over the picture, to be read back."""
    name: str = ""
    """What people know it by; empty: its file's name."""

    @property
    def where(self) -> str:
        return self.name or self.path.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """Words that must be seen between two times, in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsSeen:
    """The AI-content labels of a finished file, as they were read back from it."""

    file: Path
    name: str = ""
    """What people know it by; empty: its file's name."""
    visible: tuple[float, float] | None
    """Seconds from the start between which the visible label was seen; None where it was not."""
    visible_problem: str = ""
    """What is wrong with it, as measured; empty where nothing is."""
    ink_height: float | None = None
    """Least height of its letters that was measured, of the frame's short side."""
    aigc: tuple[str, ...] = ()
    """The values of all keys ``AIGC`` in the file's metadata, as they stand there."""
    c2pa: str | None = None
    """State of the C2PA manifest as its reader gives it: Trusted, Valid, Invalid; None without one."""
    c2pa_problems: tuple[str, ...] = ()
    """Codes of the reader's validation failures."""
    c2pa_source: str = ""
    """Last part of the digitalSourceType of the manifest's first action."""

    @property
    def where(self) -> str:
        return self.name or self.file.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetUsed:
    """A font, a piece of music or a picture in a spot, and what its kit says of the licence."""

    where: str
    """Its place in the kit or the sheet."""
    file: Path
    licence: Path | None
    """The file with the licence; None where the kit names none."""
    expires: date | None = None
    """Last day of the licence; None where it does not end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is to be looked at, at one stage."""

    texts: tuple[Text, ...] = ()
    images: tuple[Path, ...] = ()
    videos: tuple[Video, ...] = ()
    labels: tuple[LabelsSeen, ...] = ()
    assets: tuple[AssetUsed, ...] = ()
    day: date | None = None
    """The day of asking, on which licences and consents must hold. No check reads a clock."""

    def has(self, reads: Reads) -> bool:
        """Whether there is anything of that kind."""
        given: dict[Reads, tuple[object, ...]] = {
            Reads.TEXTS: self.texts,
            Reads.PICTURES: (*self.images, *self.videos),
            Reads.LABELS: self.labels,
            Reads.ASSETS: self.assets,
        }
        return bool(given[reads])


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Everything else that a check may need to know."""

    stage: Stage
    market: str
    evidence: bool = False
    """Whether the row names a proof of its claims."""
    stills: Path | None = None
    """Folder for pictures kept as evidence; None keeps none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one check saw and how far it looked."""

    findings: tuple[Finding, ...] = ()
    report: CheckReport


class CheckOptions(BaseModel):
    """Settings of one check in a policy; a check adds fields of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def within(self, folder: Path) -> Self:  # noqa: ARG002  # For checks that name files.
        """The same, with names of files made absolute from ``folder``."""
        return self

    def narrowed(self, brand: str, platform: str) -> Self:  # noqa: ARG002  # For checks that have lists.
        """The same, with only what concerns this brand and platform."""
        return self

    def read(self) -> None:
        """Read the rules and lists that are named, to be sure that they can be used.

        Raises:
            PolicyError: one cannot.
        """


class Check(Protocol):
    """Looks at one kind of material.

    `look` answers with a report in every case: a missing package or weights file is `Coverage.UNAVAILABLE`
    with a remedy in the reason, unreadable material or an unreadable answer of a model is `Coverage.ERROR`.
    It raises only `PolicyError`. A finding's decision is the strictest that the check may ask for; the policy
    decides. Each text is looked at by itself: what stands beside it changes nothing.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    reads: ClassVar[Reads]
    adds: ClassVar[str]
    """What a campaign gains by it, in a few words."""
    how_to_get: ClassVar[str]
    """What to install or set for it, as a sentence; empty where the base install has it."""
    options_type: ClassVar[type[CheckOptions]]

    def recipe(self) -> Mapping[str, Json]:
        """Everything that decides its findings: version, options, digests of lists and weights."""
        ...

    def covers(self, language: Language) -> bool: ...

    def look(self, material: Material, ask: Ask) -> Outcome: ...


def report(check: "Check", coverage: Coverage, reason: str = "") -> CheckReport:
    return CheckReport(check=check.name, version=check.version, coverage=coverage, reason=reason)
