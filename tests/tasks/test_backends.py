from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from campaign.budget import Caps
from campaign.errors import SettingsError
from campaign.hosted_errors import InvalidRequestError
from campaign.ladder import Rung
from model.hosting.backend import HostedBackend
from tasks.backends import open_backend
from tasks.setup import Setup
from tests.contract.vendors.cases import CASES

PRICE = {"currency": "USD", "per_second": {"480p": 0.1, "720p": 0.2, "1080p": 0.3}}
PRICE |= {"as_of": date(2026, 11, 20), "source": "our contract"}


def setup_with(tmp_path: Path, backends: dict[str, dict[str, Any]]) -> Setup:
    return Setup(
        store=tmp_path / "store",
        ledger=f"sqlite:///{tmp_path / 'ledger.db'}",
        out=tmp_path / "out",
        kit_folders=(),
        workers=1,
        chunk=1,
        backends=backends,
        vendor_keys={"bailian": SecretStr("a key")},
    )


@pytest.mark.parametrize(
    ("vendor", "options", "key"),
    [
        ("wan", {"fps": 24}, "fps"),
        ("wan", {"few_steps": {"high": "a.safetensors", "lwo": "b.safetensors"}}, "few_steps.lwo"),
        ("wan", {"draft": {"stesp": 4}}, "stesp"),
        ("bailian", {"endpoint_url": "https://example.com"}, "endpoint_url"),
    ],
)
def test_an_option_that_a_backend_does_not_know_is_refused_by_name(
    vendor: str, options: dict[str, Any], key: str, tmp_path: Path
) -> None:
    rung = Rung.DRAFT if Rung.DRAFT in options else Rung.FINAL
    with pytest.raises(SettingsError, match=rf"\[backends.{vendor}\] {key}: Unexpected keyword"):
        open_backend(vendor, setup_with(tmp_path, {vendor: options}), 1, Caps(), rung)


def test_options_of_a_table_become_the_backends_own(tmp_path: Path) -> None:
    table = {"device": "cpu", "devices_per_clip": 2, "sizes": {"9:16": [32, 48]}, "draft": {"steps": 4}}
    setup = setup_with(tmp_path, {"wan": table})
    final = open_backend("wan", setup, 1, Caps())
    draft = open_backend("wan", setup, 1, Caps(), Rung.DRAFT)
    assert final.options.devices_per_clip == 2  # type: ignore[attr-defined]
    assert (final.options.steps, draft.options.steps) == (None, 4)  # type: ignore[attr-defined]


def opened(folder: Path, name: str = "runway:wan3", **table: Any) -> HostedBackend:
    """A hosted backend without a key."""
    setup = setup_with(folder, {name.partition(":")[0]: table}).model_copy(update={"vendor_keys": {}})
    backend = open_backend(name, setup, 1, Caps())
    assert isinstance(backend, HostedBackend)
    return backend


def test_without_a_key_a_plan_still_knows_the_prices_and_the_tier_of_the_settings(tmp_path: Path) -> None:
    backend = opened(tmp_path, prices={"wan3": PRICE}, open_tasks=2)
    asked = CASES["runway"].request(backend, 1)
    assert backend.job(asked).cost(Decimal(10)).amount == Decimal("2.0")
    assert backend.outlook().startswith("runway:wan3: 2 takes at once, 60 begun a minute; without a key")


def test_a_price_that_nobody_names_is_asked_for_by_its_place_in_the_settings(tmp_path: Path) -> None:
    backend = opened(tmp_path)
    with pytest.raises(InvalidRequestError, match=r'reelsheet\.toml as \[backends\.runway\.prices\."wan3"\]'):
        backend.estimate(CASES["runway"].request(backend, 1))


def test_a_server_without_an_address_is_told_of_in_the_plan(tmp_path: Path) -> None:
    assert "a base_url it makes nothing" in opened(tmp_path, "openai-videos").outlook()
    there = opened(tmp_path, "openai-videos", base_url="http://127.0.0.1:1/v1").outlook()
    assert "base_url" not in there


@pytest.mark.parametrize("key", ["key", "ledger", "vault", "batch", "caps"])
def test_what_has_its_own_place_is_not_set_in_a_backends_table(key: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=rf"\[backends\.runway\] {key} is not set there\. Take it out"):
        opened(tmp_path, "runway", **{key: "secret"})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"open_task": 2}, "open_task"),
        ({"open_tasks": 0}, "open_tasks"),
        ({"most_attempts": 0}, "most_attempts"),
        ({"prices": {"wan3": {"currency": "USD"}}}, "prices.wan3.per_second"),
        ({"prices": {"wan3": {**PRICE, "per_second": {"720p": -1}}}}, "prices.wan3.per_second.720p"),
    ],
)
def test_an_option_that_is_wrong_is_named(table: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=said.replace(".", r"\.")):
        opened(tmp_path, "runway", **table)
