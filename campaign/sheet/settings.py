"""What holds for all rows: the ``campaign`` worksheet, or a YAML file beside the sheet."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from campaign.brief import Language
from campaign.finish import (
    Codec,
    CutPace,
    DeliveryForm,
    Encoder,
    Fitting,
    Handover,
    MasterForm,
    Retiming,
    VoiceOverrun,
)
from campaign.frames import Aspect
from campaign.ladder import Approval, Rung
from campaign.sheet import film, finish, steps, values
from campaign.sheet.dates import time_zone
from campaign.sheet.texts import Cell, as_text, as_word
from campaign.sheet.values import CellError

if TYPE_CHECKING:
    from campaign.sheet.campaign import Known

SIZES = (360, 480, 540, 720, 1080)
RATES = (24, 25, 30)
POLICY_FILES = (".yaml", ".yml")
"""Endings by which a policy is known to be a file and not the name of a shipped one."""
_CURRENCY_WORDS = {
    "CNY": ("cny", "rmb", "¥", "￥", "元", "人民币"),
    "USD": ("usd", "$", "us$", "美元"),
    "EUR": ("eur", "€", "欧元"),
    "GBP": ("gbp", "£", "英镑"),
}
_CURRENCIES = {word: code for code, words in _CURRENCY_WORDS.items() for word in words}
_MONEY = re.compile(r"([^\d\s.,]*)\s*(\d[\d,]*(?:\.\d{1,2})?)\s*([^\d\s.,]*)")
_HOURS = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})\s*(?:-|–|—|~|to|至|到)\s*(\d{1,2}):(\d{2})(?![\d:])")
_DAYS = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\s*(?:-|–|—|~|\.\.|to|至|到)\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most a batch may cost."""

    amount: float
    currency: str
    """ISO 4217."""

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishWindow:
    """When releases may go out: hours of the day, days, or both."""

    opens: time | None = None
    closes: time | None = None
    """Included. Before ``opens`` means the next day."""
    first: date | None = None
    last: date | None = None

    def holds(self, moment: datetime) -> bool:
        if self.first and self.last and not self.first <= moment.date() <= self.last:
            return False
        if self.opens is None or self.closes is None:
            return True
        at = moment.time()
        if self.opens <= self.closes:
            return self.opens <= at <= self.closes
        return at >= self.opens or at <= self.closes

    def __str__(self) -> str:
        days = f"{self.first} to {self.last}" if self.first else ""
        hours = f"{self.opens:%H:%M}-{self.closes:%H:%M}" if self.opens and self.closes else ""
        return " ".join(part for part in (days, hours) if part)


def _from_cell(parse: Callable[[Cell], object]) -> BeforeValidator:
    """A validator that reads what a person wrote and leaves a value that is already right."""
    return BeforeValidator(lambda value: parse(value) if _is_cell(value) else value)


def _from_known(parse: Callable[[Cell, "Known"], object]) -> BeforeValidator:
    def validate(value: object, info: ValidationInfo) -> object:
        known = cast("Known | None", info.context)
        return parse(value, known) if _is_cell(value) and known is not None else value  # type: ignore[arg-type]

    return BeforeValidator(validate)


def _is_cell(value: object) -> Any:  # Narrows for both kinds of validator.
    return isinstance(value, Cell) and not isinstance(value, StrEnum)


def _figure(allowed: tuple[int, ...], what: str) -> Callable[[Cell], int]:
    def parse(cell: Cell) -> int:
        figure = values.number(as_word(cell).casefold().removesuffix("p").removesuffix("fps"))
        if figure not in allowed:
            raise CellError(f"{what} is one of {', '.join(map(str, allowed))}.", "Write one of those.")
        return int(figure)

    return parse


def _policy(cell: Cell, known: "Known") -> str:
    if as_text(cell).endswith(POLICY_FILES):
        return as_text(cell)
    return values.choice(cell, known.policies, "policy") if known.policies else as_word(cell)


def _budget(cell: Cell) -> Budget:
    match = _MONEY.fullmatch(as_word(cell).casefold())
    currency = _CURRENCIES.get((match[1] or match[3]).strip()) if match else None
    if match is None or currency is None:
        raise CellError(
            f"An amount with its currency is expected; currencies: {', '.join(_CURRENCY_WORDS)}.",
            "Write it like 500 CNY.",
        )
    return Budget(amount=float(match[2].replace(",", "")), currency=currency)


def _publish_window(cell: Cell) -> PublishWindow:
    text = as_word(cell).casefold()
    days, hours = _DAYS.search(text), _HOURS.search(text)
    rest = _HOURS.sub("", _DAYS.sub("", text)).strip(" ,;")
    try:
        if rest or not (days or hours):
            raise ValueError
        window = PublishWindow(
            opens=time(int(hours[1]), int(hours[2])) if hours else None,
            closes=time(int(hours[3]), int(hours[4])) if hours else None,
            first=date(int(days[1]), int(days[2]), int(days[3])) if days else None,
            last=date(int(days[4]), int(days[5]), int(days[6])) if days else None,
        )
        if window.first and window.last and window.first > window.last:
            raise ValueError
    except ValueError:
        raise CellError(
            "Hours, days or both are expected, the earlier first.",
            "Write it like 09:00-22:00 or 2026-03-01..2026-03-15 09:00-22:00.",
        ) from None
    return window


class CampaignSettings(BaseModel):
    """Defaults of a campaign; a row overrides those that it has a column for."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    brand: Annotated[str, _from_known(lambda c, k: values.choice(c, k.kits, "brand kit"))] = ""
    policy: Annotated[str, _from_known(_policy)] = "starter"
    """A name, or a .yaml file, relative to the sheet."""
    backend: Annotated[steps.Backends, _from_known(lambda c, k: steps.backends(c, k.backends))] = steps.DRAWN
    aspects: Annotated[tuple[Aspect, ...], _from_cell(film.aspects)] = (Aspect.TALL,)
    language: Annotated[Language | None, _from_cell(film.language)] = None
    """None: each row's is found from its copy."""
    duration: Annotated[float | None, _from_cell(film.duration)] = None
    """Seconds."""
    voice: Annotated[str, _from_known(lambda c, k: finish.voices(c, k.voices))] = ""
    voice_overrun: Annotated[VoiceOverrun | None, _from_cell(finish.voice_overrun)] = None
    """None: the brand kit's."""
    music: Annotated[str, _from_cell(as_word)] = ""
    """Checked against each row's brand kit."""
    pace: Annotated[CutPace, _from_cell(finish.pace)] = CutPace.FREE
    fit: Annotated[Fitting, _from_cell(finish.fitting)] = Fitting.CROP
    transition: Annotated[float, _from_cell(finish.transition)] = 0.0
    """Seconds in which a shot gives way to the next; 0 is a hard cut."""
    handover: Annotated[tuple[Handover, ...], _from_cell(finish.handover)] = ()
    variants: Annotated[int, _from_cell(values.variants)] = 1
    audience: Annotated[str, _from_cell(values.prose)] = ""
    style: Annotated[str, _from_cell(values.prose)] = ""
    account: Annotated[str, _from_cell(values.name)] = ""
    platforms: Annotated[tuple[str, ...], _from_known(lambda c, k: values.platforms(c, k.platforms))] = ()
    """Apps whose safe areas hold for all rows."""
    hashtags: Annotated[tuple[str, ...], _from_cell(values.hashtags)] = ()
    size: Annotated[int, _from_cell(_figure(SIZES, "The short side in pixels"))] = 720
    """Short side of the frame, pixels."""
    fps: Annotated[int, _from_cell(_figure(RATES, "Frames per second"))] = 24
    retiming: Annotated[Retiming, _from_cell(finish.retiming)] = Retiming.MOTION
    """For takes of another frame rate."""
    codec: Annotated[Codec, _from_cell(finish.codec)] = Codec.H264
    encoder: Annotated[Encoder, _from_cell(finish.encoder)] = Encoder.SOFTWARE
    master: Annotated[MasterForm | None, _from_cell(finish.master)] = None
    """A mezzanine beside each delivery."""
    rungs: Annotated[tuple[Rung, ...], _from_cell(steps.rungs)] = ()
    """Empty: those that the backends are named for, else straight to the final."""
    refine: Annotated[float | None, _from_cell(steps.refine)] = None
    """Share of a final's steps that is made anew from its draft; None makes all of them anew."""
    approval: Annotated[Approval, _from_cell(steps.approval)] = Approval.PERSON
    budget: Annotated[Budget | None, _from_cell(_budget)] = None
    publish_window: Annotated[PublishWindow | None, _from_cell(_publish_window)] = None
    time_zone: Annotated[str, _from_cell(lambda c: time_zone(as_word(c)).key)] = ""
    """IANA name for dates without a zone; empty takes this machine's."""
    worksheet: Annotated[str, _from_cell(as_text)] = ""
    """The worksheet with the rows, where several could be meant."""
    images: Annotated[str, _from_cell(as_text)] = ""
    """A folder, relative to the sheet, in which pictures given by a web address are looked for by name."""
    group_by: Annotated[str, _from_cell(as_text)] = ""
    """A column; rows with the same value in it are one product."""
    columns: dict[str, str] = {}
    """A foreign header to one of our columns, or to ``extra`` to keep it apart."""

    @property
    def delivery(self) -> DeliveryForm:
        return DeliveryForm(
            codec=self.codec, encoder=self.encoder, master=self.master, retiming=self.retiming
        )


OVERRIDABLE = (
    "brand", "backend", "aspects", "language", "duration", "voice", "voice_overrun", "music", "pace", "fit",
    "transition", "handover", "variants", "audience", "style", "account", "platforms", "hashtags", "rungs",
    "refine",
)  # fmt: skip
"""Settings that a row's own column overrides. A broken one puts out the rows that rely on it."""
