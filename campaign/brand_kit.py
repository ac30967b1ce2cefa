"""A brand kit: a folder with ``kit.yaml``, a logo, fonts and music, all licensed."""

from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from campaign.errors import KitError
from campaign.kit_parts import (
    AiLabel,
    Asset,
    Captions,
    Colors,
    CoverTitle,
    EndCard,
    Fonts,
    Intro,
    LegalLine,
    Logo,
    LowerThird,
    Outro,
    Part,
    PriceTag,
    QrCode,
    SafeArea,
    Track,
    Voices,
    Words,
)
from campaign.validation import first_problem


class BrandKit(Part):
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
    lower_third: LowerThird = LowerThird()
    price: PriceTag = PriceTag()
    qr: QrCode = QrCode()
    legal: LegalLine = LegalLine()
    cover: CoverTitle = CoverTitle()
    intro: Intro | None = None
    end_card: EndCard
    outro: Outro | None = None
    music: dict[str, Track] = Field(default_factory=dict)
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
            **({"logo.moving": self.logo.moving} if self.logo.moving else {}),
            "fonts.display": self.fonts.display,
            "fonts.text": self.fonts.text,
            **{f"music.{name}": track for name, track in self.music.items()},
            **{
                f"{where}.clips.{aspect}": clip
                for where, film in (("intro", self.intro), ("outro", self.outro))
                if film
                for aspect, clip in film.clips.items()
            },
        }

    @property
    def bookends(self) -> tuple[float, float]:
        """Seconds of intro and outro; 0 where there is none."""
        return (self.intro.seconds if self.intro else 0.0, self.outro.seconds if self.outro else 0.0)


def find_kit(name: str, folders: tuple[Path, ...]) -> BrandKit:
    """The kit of that name in the first of ``folders`` that has it.

    Raises:
        KitError: no folder has it, or its kit.yaml is wrong.
    """
    for folder in folders:
        if (folder / name / "kit.yaml").is_file():
            return read_kit(folder / name)
    known = ", ".join(kit_names(folders)) or "none"
    raise KitError(Path(name), "is not a brand kit.", f"Kits found: {known}. reelsheet kit new makes one.")


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
