"""A brand kit: a folder with ``kit.yaml``, a logo, fonts and music, all licensed."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from campaign.brief import Language
from campaign.errors import KitError
from campaign.validation import first_problem

Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Fraction01 = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """The same words in both languages."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


class Asset(_Part):
    """A file of the kit with the file that says under which licence it may be used."""

    file: Path
    licence: Path
    expires: date | None = None
    """Last day of the licence; None where it does not end."""


class Colors(_Part):
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


class Fonts(_Part):
    display: Asset
    """Headlines and titles."""
    text: Asset
    """Captions, labels and small type; must cover both languages."""


class Logo(Asset):
    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right"] = "top-left"
    height: Fraction01 = 0.075
    """Of the frame's short side."""
    opacity: Fraction01 = 1.0


class Captions(_Part):
    size: Fraction01 = 0.052
    """Em height, of the frame's short side."""
    color: Color = "#FFFFFF"
    outline: Color = "#000000"


class AiLabel(_Part):
    """The visible AI-content label (GB 45438-2025, 5.4)."""

    words: Words = Words(zh="AI生成", en="AI-generated")
    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right"] = "top-right"


class EndCard(_Part):
    seconds: Annotated[float, Field(ge=0, le=10)] = 2.0
    call_to_action: Words
    line: Words = Words(zh="", en="")
    """Small type below: an address, a shop, a legal line."""


class Track(Asset):
    bpm: float | None = None
    mood: str = ""


class Voices(_Part):
    zh: str = "espeak:cmn"
    en: str = "espeak:en-gb"


class SafeArea(_Part):
    """Margins, of the frame's width and height, that logo, captions and label never enter."""

    top: Fraction01 = 0.045
    bottom: Fraction01 = 0.07
    left: Fraction01 = 0.045
    right: Fraction01 = 0.045


class BrandKit(_Part):
    """What a brand looks and sounds like. Paths are absolute after reading."""

    name: str
    """The folder's name, as sheets write it."""
    folder: Path
    title: Words
    colors: Colors
    fonts: Fonts
    logo: Logo
    captions: Captions = Captions()
    ai_label: AiLabel = AiLabel()
    end_card: EndCard
    music: dict[str, Track] = {}
    """By name; the first is the default."""
    music_level: float = -20.0
    """Loudness of the music under no voice relative to full scale, in LUFS, before the master is levelled."""
    voices: Voices = Voices()
    safe_area: SafeArea = SafeArea()

    @model_validator(mode="after")
    def _files_exist(self) -> Self:
        for where, asset in self.assets().items():
            for role in ("file", "licence"):
                path: Path = getattr(asset, role)
                if not path.is_file():
                    raise ValueError(f"{where}.{role} names {path.name}, which is not in {path.parent}")
        return self

    def assets(self) -> dict[str, Asset]:
        """Every licensed file, by its place in kit.yaml."""
        return {
            "logo": self.logo,
            "fonts.display": self.fonts.display,
            "fonts.text": self.fonts.text,
            **{f"music.{name}": track for name, track in self.music.items()},
        }


def find_kit(name: str, folders: tuple[Path, ...]) -> BrandKit:
    """The kit of that name in the first of ``folders`` that has it.

    Raises:
        KitError: no folder has it, or its kit.yaml is wrong.
    """
    for folder in folders:
        if (folder / name / "kit.yaml").is_file():
            return read_kit(folder / name)
    known = ", ".join(kit_names(folders)) or "none"
    raise KitError(Path(name), "is not a brand kit.", f"Kits found: {known}.")


def kit_names(folders: tuple[Path, ...]) -> list[str]:
    """Names of all kits in ``folders``, sorted."""
    return sorted({path.parent.name for folder in folders for path in folder.glob("*/kit.yaml")})


def read_kit(folder: Path) -> BrandKit:
    """Read and check ``folder/kit.yaml``.

    Raises:
        KitError: the file is missing, is not YAML, has an unknown key or names a file that is not there.
    """
    source = folder / "kit.yaml"
    try:
        data = yaml.safe_load(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KitError(source, "is missing.", "A brand kit is a folder with a kit.yaml.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KitError(
            source, f"is not YAML: {error}.", "Correct it; brand_kits/ has working ones."
        ) from error
    if not isinstance(data, dict):
        raise KitError(source, "has no keys.", "Copy one from brand_kits/ and change it.")
    try:
        return BrandKit.model_validate(
            {**_with_folder(data, folder.resolve()), "name": folder.name, "folder": folder.resolve()}
        )
    except ValidationError as error:
        raise KitError(source, f"{first_problem(error, BrandKit)}.", "Correct that key.") from error


def _with_folder(data: Any, folder: Path) -> Any:  # YAML is any shape until validated.
    if isinstance(data, dict):
        return {
            key: folder / value
            if key in ("file", "licence") and isinstance(value, str)
            else _with_folder(value, folder)
            for key, value in data.items()
        }
    return [_with_folder(item, folder) for item in data] if isinstance(data, list) else data
