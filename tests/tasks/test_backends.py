from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from campaign.budget import Caps
from campaign.errors import SettingsError
from campaign.ladder import Rung
from tasks.backends import open_backend
from tasks.setup import Setup


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
