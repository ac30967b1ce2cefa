"""A brief: one validated row of the campaign sheet, and where a row's problems are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from campaign.camera import Camera
from campaign.finish import CutPace, Fitting, Handover, VoiceOverrun
from campaign.frames import Aspect
from campaign.ladder import STRAIGHT, Ladder


class Language(StrEnum):
    ZH = "zh"
    EN = "en"

    @property
    def other(self) -> "Language":
        return Language.EN if self is Language.ZH else Language.ZH


class Severity(StrEnum):
    """What a problem does to its row."""

    ERROR = "error"
    """The row is left out."""
    NOTE = "note"
    """The row goes on; the person is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing about the sheet that a person should know or mend."""

    sheet: str
    """Worksheet name; the file's name for a CSV."""
    cell: str
    """Like ``B7``; a row's number alone ("7") or a column's letter alone ("B") where no one cell is meant."""
    row: int | None = None
    """1-based row number in the file; None for a problem of the whole sheet or a column."""
    value: str
    """As the person wrote it, shortened."""
    expected: str
    """What would be right."""
    remedy: str
    """What to do."""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        between = " " if self.cell.startswith("line ") else "!"
        where = between.join(part for part in (self.sheet, self.cell) if part)
        value = f" {self.value!r}" if self.value else ""
        return f"{where}:{value} {self.expected} {self.remedy}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One row, validated. Empty text means that the row says nothing about it."""

    id: str
    """Stable name of the row; spots are ``<id>-<variant>``."""
    row: int
    """1-based row number in the file. Not part of any content key: sorting a sheet remakes nothing."""
    copy: str
    product: str = ""
    brand: str
    """Name of a brand kit."""
    language: Language
    audience: str = ""
    style: str = ""
    variants: int = 1
    duration: float | None = None
    """Seconds of the whole spot, end card included; None leaves it to the copy."""
    aspects: tuple[Aspect, ...] = (Aspect.TALL,)
    subject: str = ""
    action: str = ""
    environment: str = ""
    cameras: tuple[Camera, ...] = ()
    """One per shot in order, repeated when there are more shots; empty leaves it to the expander."""
    images: tuple[Path, ...] = ()
    """Product pictures, checked to be readable."""
    voice: str = ""
    """Name of a voice, or several with commas, which are tried in order; empty takes the brand kit's,
    ``none`` is silence."""
    voice_overrun: VoiceOverrun | None = None
    """None takes the brand kit's."""
    music: str = ""
    """A track's name in the brand kit, or ``none``; empty takes the kit's first."""
    pace: CutPace = CutPace.FREE
    fit: Fitting = Fitting.CROP
    """For takes of another aspect than the rendition's."""
    transition: float = 0.0
    """Seconds in which a shot gives way to the next; 0 is a hard cut."""
    handover: tuple[Handover, ...] = ()
    ladder: Ladder = STRAIGHT
    """The rungs that it climbs, and who makes its takes on each."""
    refine: float | None = None
    """Share of the final's steps that is made anew from its draft; None makes all of them anew."""
    seed: int
    publish_at: datetime | None = None
    account: str = ""
    title: str = ""
    hashtags: tuple[str, ...] = ()
    """Without the sign."""
    platforms: tuple[str, ...] = ()
    """Apps whose safe areas hold, beside the one that the account names."""
    translation: str = ""
    """The copy in the other language, for a second line of captions."""
    lower_third: str = ""
    """Name and line under it, parted by ``|`` or a line break."""
    price_tag: str = ""
    """Price and a small line under it, parted likewise."""
    qr: str = ""
    """What the QR code holds; empty takes the kit's link, ``none`` is no code."""
    legal: str = ""
    """Empty takes the kit's words, ``none`` is no legal line."""
    cover_title: str = ""
    evidence: str = ""
    """Where the proof of a claim is kept; lets a claim pass that may be made with proof."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Columns that reelsheet does not know, by header, for templates of the expander."""

    @property
    def backend(self) -> str:
        """Who is to make the final, with those who may stand in."""
        return ", ".join(self.ladder[-1].backends)

    @property
    def rungs(self) -> tuple[str, ...]:
        """The ladder in words, as a cell would say it."""
        return tuple(f"{step.rung}: {', '.join(step.backends)}" for step in self.ladder)
