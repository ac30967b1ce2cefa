"""What each vendor's models can do, cost and until when: data files in ``model/catalog``, read here."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from campaign.brief import Language
from campaign.errors import InputError
from campaign.money import Money
from campaign.yaml_text import read_yaml

FOLDER = Path(__file__).parent.parent / "catalog"
_SIZE = re.compile(r"(\d+)x(\d+)(?: (\d+:\d+))?")


class CatalogError(InputError):
    """A catalog file is wrong."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = path
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path.name}: {self.problem} {self.remedy}"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Mode(StrEnum):
    """What a model starts from."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"


class Size(_Part):
    """Pixels, and the vendor's own word for the ratio where it has one."""

    width: int
    height: int
    ratio: str = ""


def _size(value: Any) -> Any:
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    return {"width": found[1], "height": found[2], "ratio": found[3] or ""} if found else value


Sizes = dict[str, tuple[Annotated[Size, BeforeValidator(_size)], ...]]
"""By the vendor's tier: ``720p: [1280x720, 720x1280]``."""


class Range(_Part):
    """Whole seconds."""

    least: Annotated[int, Field(ge=1)]
    most: int


class FrameGrid(_Part):
    """Frame counts of ``stride``·k+1, for servers that are asked for frames."""

    stride: int
    most: int


class TextLimit(_Part):
    most: int
    unit: Literal["characters", "utf16"] = "characters"


class Price(_Part):
    """Of a second of video, by tier."""

    currency: str
    per_second: dict[str, Annotated[Decimal, Field(ge=0)]]
    per_second_silent: dict[str, Decimal] = {}
    """Without sound, where that is cheaper; we ask for none."""
    as_of: date
    source: str


class BilledOnFailure(_Part):
    """Whether a task that failed is paid, where the vendor does not say so itself."""

    moderation: bool
    internal: bool


class Model(_Part):
    """One model of one vendor."""

    modes: frozenset[Mode]
    seconds: Range | tuple[int, ...] | None = None
    frames: FrameGrid | None = None
    sizes: Sizes
    image_sizes: Sizes | None = None
    """Where they differ when starting from a picture."""
    fps: int
    seed_most: int | None
    """Largest seed; None for a model that takes none."""
    prompt: TextLimit
    negative: TextLimit | None
    """None for a model that takes no negative prompt."""
    languages: tuple[Language, ...]
    """That the model is said to read, best first."""
    dialects: dict[Language, str]
    """Names in `model.dialect.DIALECTS`."""
    audio: Literal["none", "optional", "always"]
    first_frame: bool
    last_frame: bool
    watermark: Literal["none", "optional", "always"]
    fields: dict[Mode, dict[str, str]]
    """Name on the wire to a pattern of ``{width} {height} {tier} {ratio}``, by mode."""
    fixed: dict[str, bool | str | int] = {}
    """Sent with every request."""
    price: Price | None
    """None where no price is published that we know: a campaign has to name its own."""
    billed_on_failure: BilledOnFailure
    retires_on: date | None
    """None where the vendor has named no day."""
    substitute: str = ""
    """A backend to write instead."""
    unverified: tuple[str, ...] = ()
    """Fields that no document of the vendor states; a wrong one is a refusal, which costs nothing."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.seconds is None) == (self.frames is None):
            raise ValueError("exactly one of seconds and frames is needed")
        if set(self.languages) != set(self.dialects):
            raise ValueError("languages and dialects must name the same")
        if self.price and set(self.sizes) - set(self.price.per_second):
            raise ValueError("every tier needs a price")
        if self.retires_on and not self.substitute:
            raise ValueError("a model that retires needs a substitute")
        if strange := {name.partition(".")[0] for name in self.unverified} - set(type(self).model_fields):
            raise ValueError(f"unverified names {', '.join(sorted(strange))}, which is no field")
        return self

    def sizes_for(self, mode: Mode) -> Sizes:
        return self.image_sizes if mode is Mode.IMAGE and self.image_sizes else self.sizes

    def tier_of(self, width: int, height: int, mode: Mode) -> tuple[str, Size]:
        """The vendor's tier and entry of a size that `sizes_for` lists."""
        for tier, sizes in self.sizes_for(mode).items():
            for size in sizes:
                if (size.width, size.height) == (width, height):
                    return tier, size
        raise KeyError((width, height))

    def cost(self, tier: str, seconds: Decimal, price: Price) -> Money:
        """Of ``seconds`` of video without sound."""
        silent = price.per_second_silent.get(tier) if self.audio == "optional" else None
        return Money((silent or price.per_second[tier]) * seconds, price.currency)


class Retired(_Part):
    """A model that is served no more."""

    retired_on: date
    substitute: str
    """A backend to write instead."""
    source: str


class Account(_Part):
    """How one account may be used, unless its owner says otherwise."""

    open_tasks: int
    """Begun and not over, at once."""
    submits_per_minute: float
    polls_per_second: float
    poll_every: float
    """Seconds between two looks at the same task."""
    deadline_hours: float
    """From intent to file; less than the vendor keeps a result."""
    lists: bool
    """Whether a task whose id was never learnt can be found."""
    cancel: Literal["none", "queued only", "best effort"]
    idempotent: Literal["none"]
    data_uri_most: int
    """Bytes of a picture's data URI."""
    uploads: bool
    """Whether a larger picture is uploaded; else it is refused."""


class Catalog(_Part):
    """One vendor."""

    vendor: str
    checked: date
    package: str
    """Of its SDK."""
    key_variable: str
    """Environment variable in which its own SDK looks for the key."""
    base_url: str
    """Empty where one has to be given."""
    default: str
    account: Account
    models: dict[str, Model]
    retired: dict[str, Retired] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, data: Any) -> Any:
        """``defaults`` of a file hold for every model that does not say otherwise."""
        if not isinstance(data, dict):
            return data
        defaults = data.pop("defaults", {})
        models = {name: {**defaults, **model} for name, model in data.get("models", {}).items()}
        return {**data, "models": models}

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.default not in self.models:
            raise ValueError(f"default {self.default} is not among the models")
        return self


def read_catalog(path: Path) -> Catalog:
    """Read a catalog file.

    Raises:
        CatalogError: it is not there, not YAML, or says something that no field means.
    """
    try:
        return Catalog.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CatalogError(path, f"cannot be read ({error.strerror}).", "Correct the path.") from error
    except yaml.YAMLError as error:
        raise CatalogError(path, f"is not YAML: {error}.", "Correct it.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CatalogError(
            path, f"{where}: {first['msg']}.", "Correct it; docs/hosted.md lists all."
        ) from error


@cache
def shipped_catalog(vendor: str) -> Catalog:
    """The catalog that ships for a vendor: ``runway``, ``bailian`` or ``openai_videos``."""
    return read_catalog(FOLDER / f"{vendor}.yaml")
