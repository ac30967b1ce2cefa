"""Backends with what the machine's settings say of them: accounts, caps, checkpoints."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, SecretStr, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as pydantic_dataclass

from campaign.attempts import Attempts
from campaign.budget import Caps
from campaign.costs import CostsBy, costs
from campaign.errors import ReelsheetError, SettingsError
from campaign.ladder import Rung
from campaign.money import Money
from campaign.sheet.campaign import Campaign
from model.backend import Backend
from model.hosting.options import HostedOptions
from model.registry import HOSTED, load_backend
from model.wan.options import WanOptions
from tasks.setup import Dispatch, Setup


def open_backend(name: str, setup: Setup, batch: int, caps: Caps, rung: Rung = Rung.FINAL) -> Backend:
    """The backend of that name for that rung; a paid one without its key plans, but makes nothing.

    Raises:
        BackendMissingError: it is not known or not installed.
        SettingsError: its table in the settings has an option that it does not know, or a wrong one.
    """
    vendor = name.partition(":")[0]
    given = options_for(setup.backends.get(vendor, {}), rung)
    if vendor in HOSTED:
        ours: dict[str, Any] = {"ledger": setup.ledger, "vault": setup.store / "vault"}
        ours |= {"batch": batch, "caps": caps, "key": setup.vendor_keys.get(vendor, SecretStr(""))}
        _refuse(ours.keys() & given.keys(), vendor)
        return load_backend(name, _read(HostedOptions, {**ours, **given}, vendor))
    if vendor == "wan":
        standing: dict[str, Any] = {"folder": setup.store / "wan", "rung": rung.value}
        standing["elsewhere"] = setup.dispatch is Dispatch.POOLS
        return load_backend(name, _read(WanOptions, {**standing, **given}, vendor))
    return load_backend(name)


def name_first(name: str, error: ReelsheetError) -> str:
    """The error's words, beginning with whose they are."""
    words = str(error)
    return words if words.startswith(name) else f"{name}: {words}"


def options_for(given: Mapping[str, Any], rung: Rung) -> dict[str, Any]:
    """A backend's table in the settings, overlaid with the one inside it that bears the rung's name."""
    common = {key: value for key, value in given.items() if key not in list(Rung)}
    return {**common, **given.get(rung.value, {})}


def caps_of(campaign: Campaign, setup: Setup) -> Caps:
    """What the batch, each brand and each day may cost: from the campaign's budget and the settings."""
    budget = campaign.settings.budget
    batch = (Money(Decimal(str(budget.amount)), budget.currency),) if budget else ()
    return Caps(batch=batch, brand=_money(setup.brand_caps), day=_money(setup.day_caps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What hosted backends charged, an amount in each currency; nothing where they charged nothing."""

    batch: tuple[Money, ...] = ()
    rows: Mapping[str, tuple[Money, ...]] = field(default_factory=dict)
    """By row, in all batches of the campaign: a take is paid in one and may be fetched in another."""


def spent_on(campaign: str, batch: int, ledger: str) -> Spent:
    """What the campaign's batch and rows cost until now."""
    attempts = Attempts(ledger)
    try:
        of_batch = costs(attempts, CostsBy.BATCH, batch=batch)
        of_rows = costs(attempts, CostsBy.ROW, campaign=campaign)
    finally:
        attempts.close()
    rows: dict[str, tuple[Money, ...]] = {}
    for line in of_rows:
        if line.actual.amount:
            rows[line.name] = (*rows.get(line.name, ()), line.actual)
    return Spent(batch=tuple(line.actual for line in of_batch if line.actual.amount), rows=rows)


def _money(amounts: Mapping[str, float]) -> tuple[Money, ...]:
    return tuple(Money(Decimal(str(amount)), currency) for currency, amount in amounts.items())


def _refuse(keys: Set[str], vendor: str) -> None:
    """A key in a file would be shown with the settings; the others have settings of their own."""
    for key in sorted(keys):
        problem = f"[backends.{vendor}] {key} is not set there."
        raise SettingsError("reelsheet.toml", problem, f"Take it out; {_PLACES[key]}.")


_PLACES = {
    "batch": "every batch has its own",
    "caps": "caps are the campaign's budget, day_caps and brand_caps",
    "key": "a vendor's key stands in the environment (docs/hosted.md says under which name)",
    "ledger": "the setting is ledger, for all backends",
    "vault": "it lies in the store",
}


def _read(kind: type[Any], values: dict[str, Any], vendor: str) -> Any:
    # A plain dataclass would take an option that it does not know and forget it.
    strict = pydantic_dataclass(kind, frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
    try:
        TypeAdapter(strict).validate_python(values)
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        problem = f"[backends.{vendor}] {key}: {first['msg']}."
        raise SettingsError("reelsheet.toml", problem, "Correct it; docs/settings.md lists all.") from error
