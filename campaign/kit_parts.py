"""The parts of a brand kit: what each key of ``kit.yaml`` may hold. docs/brand_kits.md explains them.

A length without a unit is a share of the frame's short side; a time is seconds.
"""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from campaign.brief import Language
from campaign.finish import VoiceOverrun
from campaign.frames import Aspect

Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Fraction01 = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=60)]
Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """The same words in both languages."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


NO_WORDS = Words(zh="", en="")


class Asset(Part):
    """A file of the kit with the file that says under which licence it may be used."""

    file: Path
    licence: Path
    expires: date | None = None
    """Last day of the licence; None where it does not end."""


class Colors(Part):
    background: Color
    """Paper of composed pictures."""
    ink: Color
    """Type on the background."""
    primary: Color
    """The brand's own."""
    accent: Color
    """Small things that should be seen first."""
    light: Color = "#FFFFFF"
    """Type on the primary colour and on pictures."""


class Fonts(Part):
    display: Asset
    """Headlines and titles."""
    text: Asset
    """Captions, labels and small type; must cover both languages."""


class Timed(Part):
    """When something lies over the pictures."""

    starts: Seconds = 0.0
    """After the first shot begins."""
    seconds: Seconds | None = None
    """None: until the last shot ends."""


class LogoPlace(Part):
    """What may differ from one aspect to another; what is left out is the logo's own."""

    corner: Corner | None = None
    height: Fraction01 | None = None
    margin: Fraction01 | None = None
    opacity: Fraction01 | None = None
    starts: Seconds | None = None
    seconds: Seconds | None = None


class MovingLogo(Asset):
    """GIF, APNG or animated WebP, or a MOV or WebM with transparency."""

    plays: Literal["once", "loop"] = "once"
    """Once: its last picture stays."""


class Logo(Asset, Timed):
    """PNG with transparency, or SVG whose words are outlines."""

    moving: MovingLogo | None = None
    """Lies over the pictures instead of the file; end card and opening show the file."""

    corner: Corner = "top-left"
    height: Fraction01 = 0.075
    margin: Fraction01 = 0.0
    """Room between the safe area's edge and the logo."""
    opacity: Fraction01 = 1.0
    enters: Literal["at once", "fade", "rise"] = "at once"
    aspects: dict[Aspect, LogoPlace] = {}

    def place(self, aspect: Aspect) -> LogoPlace:
        """Where and how it lies in ``aspect``, with nothing left out."""
        usual = tuple(getattr(self, name) for name in LogoPlace.model_fields)
        return _placed(usual, self.aspects.get(aspect))


# Asked for each aspect of each spot of a plan.
@lru_cache(maxsize=64)
def _placed(usual: tuple[Any, ...], own: LogoPlace | None) -> LogoPlace:
    differs = own.model_dump(exclude_none=True) if own else {}
    return LogoPlace(**{**dict(zip(LogoPlace.model_fields, usual, strict=True)), **differs})


class SecondCaptions(Part):
    """The translated line under the captions."""

    size: Fraction01 = 0.036
    color: Color = "#FFFFFF"


class Captions(Part):
    size: Fraction01 = 0.052
    """Em height."""
    color: Color = "#FFFFFF"
    outline: Color = "#000000"
    style: Literal["outline", "box"] = "outline"
    """Type with an outline, or on a box of the colour ``outline``."""
    box_opacity: Fraction01 = 0.62
    spoken: Color | None = None
    """Colour of the word being spoken; None leaves captions still."""
    second: SecondCaptions = SecondCaptions()


class AiLabel(Part):
    """The visible AI-content label (GB 45438-2025, 5.4)."""

    words: Words = Words(zh="AI生成", en="AI-generated")
    corner: Corner = "top-right"


class LowerThird(Timed):
    """A name and a line under it, from the row's column ``lower third``."""

    starts: Seconds = 0.5
    seconds: Seconds | None = 3.5
    corner: Corner = "bottom-left"
    size: Fraction01 = 0.044
    """Em height of the name."""


class PriceTag(Timed):
    """From the row's column ``price tag``."""

    starts: Seconds = 0.3
    corner: Corner = "bottom-right"
    size: Fraction01 = 0.07
    """Em height of the price."""


class QrCode(Timed):
    """From the row's column ``qr``, else the kit's ``link``."""

    link: str = ""
    shown: Literal["end card", "picture"] = "end card"
    corner: Corner = "bottom-right"
    size: Annotated[float, Field(ge=0.12, le=0.5)] = 0.26
    """Side of the code with its quiet zone."""


class LegalLine(Part):
    """Small type at the bottom of every shot, from the row's column ``legal``, else these words."""

    words: Words = NO_WORDS
    size: Annotated[float, Field(ge=0.018, le=0.05)] = 0.024
    """Em height; 0.018 is 19 pixels at 1080p."""


class CoverTitle(Part):
    """From the row's column ``cover title``."""

    size: Fraction01 = 0.12
    """Em height at most; smaller where the words need it."""
    style: Literal["plain", "band"] = "band"
    """Type with an outline, or on a band of the primary colour."""


class EndCard(Part):
    seconds: Annotated[float, Field(ge=0, le=10)] = 2.0
    call_to_action: Words
    line: Words = NO_WORDS
    """Small type below: an address, a shop, a legal line."""


class BrandClip(Part):
    """A moving opening or ending."""

    seconds: Annotated[float, Field(gt=0, le=10)]
    clips: dict[Aspect, Asset] = {}
    """Films by aspect; an aspect without one takes the nearest, cropped."""
    sound: Literal["alone", "over music", "none"] = "alone"
    """Of the film of the spot's first aspect: heard in the music's stead, over it, or not at all."""


class Intro(BrandClip):
    """Before the first shot; without films it is composed from logo, colours and words."""

    seconds: Annotated[float, Field(gt=0, le=10)] = 1.2
    line: Words = NO_WORDS
    """Under the logo of a composed intro."""


class Outro(BrandClip):
    """After the end card."""

    @model_validator(mode="after")
    def _has_films(self) -> Self:
        if not self.clips:
            raise ValueError("an outro needs clips; the composed ending is end_card")
        return self


class Track(Asset):
    bpm: float | None = None
    mood: str = ""


class Voices(Part):
    """Names of voices; several with commas are tried in order."""

    zh: str = "espeak:cmn"
    en: str = "espeak:en-gb"
    overrun: VoiceOverrun = VoiceOverrun.EXTEND
    """What is done about a line that is longer than its shot was planned."""

    def of(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


class SafeArea(Part):
    """Margins, of the frame's width and height, that nothing laid over a picture ever enters."""

    top: Fraction01 = 0.045
    bottom: Fraction01 = 0.07
    left: Fraction01 = 0.045
    right: Fraction01 = 0.045
